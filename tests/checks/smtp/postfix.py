"""A Postfix of the tests' own: configuration, queue and data in a temporary directory, ports on loopback.

Nothing leaves it: what it accepts it discards, it looks up no name, and it ends by itself after ``LONGEST`` seconds.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pwd
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.checks.smtp.certificates import Fault

MASTER: Final = Path("/usr/lib/postfix/sbin/master")
APT: Final = "apt-get install -y --no-install-recommends postfix"
LONGEST: Final = 300
USER, PASSWORD = "glitchtip", "Postfix0Test0Key00000000"

_MAIN: Final = {
    "compatibility_level": "3.6",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "myhostname": "mail.shop.example",
    "mydestination": "local.example",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "mynetworks": "127.0.0.0/8",
    "default_transport": "discard:silently",
    "relay_transport": "discard:silently",
    "local_transport": "discard:silently",
    "relayhost": "",
    "alias_maps": "",
    "alias_database": "",
    "smtpd_peername_lookup": "no",
    "disable_dns_lookups": "yes",
    "smtpd_sasl_auth_enable": "no",
    "smtpd_tls_loglevel": "0",
}
_SERVICES: Final = """\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
"""


_LOGIN: Final = {"smtpd_sasl_auth_enable": "yes", "smtpd_relay_restrictions": "permit_sasl_authenticated, reject"}
_AT_ONCE: Final = {"smtpd_delay_reject": "no"}

PLAIN: Final[dict[str, dict[str, str]]] = {
    "open": {},
    "login": _LOGIN,
    "login server gone": _LOGIN,
    "closed relay": {"mynetworks": "", "smtpd_relay_restrictions": "reject_unauth_destination"},
    "no client": {"smtpd_client_restrictions": "reject"},
    "no client, at once": {"smtpd_client_restrictions": "reject", **_AT_ONCE},
    "no name": {"smtpd_helo_restrictions": "reject", **_AT_ONCE},
    "no name, at RCPT": {"smtpd_helo_restrictions": "reject"},
    "no sender, at RCPT": {"smtpd_sender_restrictions": "reject"},
    "not the owner": {
        "smtpd_sender_restrictions": "reject_sender_login_mismatch",
        "smtpd_sender_login_maps": "inline:{ glitchtip@example.test=somebody }",
        **_LOGIN,
    },
    "no reverse name": {"smtpd_client_restrictions": "reject_unknown_reverse_client_hostname", "mynetworks": ""},
    "no sender": {"smtpd_sender_restrictions": "reject", **_AT_ONCE},
    "sender later": {"smtpd_sender_restrictions": "defer", **_AT_ONCE},
    "no recipient": {"smtpd_recipient_restrictions": "reject"},
    "recipient later": {"smtpd_recipient_restrictions": "defer"},
    "known users": {"local_recipient_maps": "inline:{ known@local.example=x }"},
    "small": {"message_size_limit": "200"},
    "no message": {"smtpd_end_of_data_restrictions": "reject"},
    "message later": {"smtpd_end_of_data_restrictions": "defer"},
    "one client": {"smtpd_client_event_limit_exceptions": "", "smtpd_client_connection_count_limit": "1"},
    "proxy": {"smtpd_upstream_proxy_protocol": "haproxy"},
    "certificate lost": {"smtpd_tls_security_level": "may", "smtpd_tls_chain_files": "/nonexistent/smtp.pem"},
}
"""Variant by name -> what its smtpd sets otherwise than the others."""


def encrypted(faults: Mapping[Fault, Path]) -> dict[str, dict[str, str]]:
    """Return the variants with a certificate, from *faults*: file with key and certificate of each."""
    offered = {"smtpd_tls_security_level": "may", **_LOGIN}
    good = {"smtpd_tls_chain_files": str(faults["none"])}
    return {
        **{fault: {**offered, "smtpd_tls_chain_files": str(file)} for fault, file in faults.items()},
        "login after TLS": {**offered, **good, "smtpd_tls_auth_only": "yes"},
        "TLS wanted": {"smtpd_tls_security_level": "encrypt", **good},
        "TLS first": {"smtpd_tls_wrappermode": "yes", **good},
    }


def need() -> None:
    """Skip where Postfix is not installed, or its master cannot be run."""
    if not MASTER.exists():
        pytest.skip(APT)
    if os.geteuid() != 0:
        pytest.skip(f"Postfix's master runs as root only ({APT})")


class Postfix:
    """One master; each variant is an smtpd on a port of its own with settings of its own."""

    def __init__(self, variants: Mapping[str, Mapping[str, str]]) -> None:
        self._variants = variants
        self.ports: dict[str, int] = {}
        self.trusted: dict[str, Path] = {}
        """The CA file for SSL_CERT_FILE with which a variant's certificate shows that fault only."""
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            # Not pytest's own temporary directory: that one is closed to the user that smtpd runs as.
            root = Path(tempfile.mkdtemp(prefix="postfix-"))
            stack.callback(shutil.rmtree, root, ignore_errors=True)
            root.chmod(0o755)
            logins = stack.enter_context(_Logins())
            self._write(root, logins.port)
            # -d: stays our child; a session of its own, for at its end it signals its whole process group.
            master = subprocess.Popen(
                [str(MASTER), "-c", str(root), "-d", "-e", str(LONGEST)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            stack.callback(_end, master)
            _wait_for(master, root / "queue/public/postlog")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def _write(self, root: Path, logins: int) -> None:
        owner = pwd.getpwnam("postfix")
        for name in (
            "active",
            "incoming",
            "deferred",
            "defer",
            "bounce",
            "corrupt",
            "hold",
            "trace",
            "private",
            "public",
        ):
            folder = root / "queue" / name
            folder.mkdir(parents=True)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        (root / "queue/pid").mkdir()
        (root / "data").mkdir()
        os.chown(root / "data", owner.pw_uid, owner.pw_gid)
        settings = {
            **_MAIN,
            "queue_directory": str(root / "queue"),
            "data_directory": str(root / "data"),
            "maillog_file": str(root / "log"),
            "maillog_file_prefixes": str(root),
            "smtpd_sasl_type": "dovecot",
            "smtpd_sasl_path": f"inet:127.0.0.1:{logins}",
        }
        (root / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        self.ports = dict(zip(self._variants, _free_ports(len(self._variants)), strict=True))
        rows = [
            f"127.0.0.1:{self.ports[name]} inet n - n - - smtpd\n"
            + "".join(f"  -o {{ {key} = {value} }}\n" for key, value in own.items())
            for name, own in self._variants.items()
        ]
        (root / "master.cf").write_text("".join(rows) + _SERVICES)


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody has; Postfix does not take 0 for one."""
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]


def _wait_for(master: subprocess.Popen[bytes], last: Path) -> None:
    """Wait until the master listens everywhere: it makes the socket of the last service of master.cf last."""
    ends = time.monotonic() + 20
    while not last.exists():
        assert master.poll() is None, "the master ended at once"
        assert time.monotonic() < ends, "the master does not listen"
        time.sleep(0.02)  # a program that tells nobody when it is ready


def _end(master: subprocess.Popen[bytes]) -> None:
    """End the master, which ends its children."""
    master.terminate()
    master.wait(10)


class _Logins(socketserver.ThreadingTCPServer):
    """Says to Postfix who may log in, by Dovecot's authentication protocol 1.1; at ``later`` it is gone."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Login)
        self.port = int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()


class _Login(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("VERSION\t1\t1", "MECH\tPLAIN\tplaintext", "SPID\t1", "CUID\t1")
        self._say("COOKIE\t00000000000000000000000000000000", "DONE")
        for line in self.rfile:
            words = line.decode().rstrip("\n").split("\t")
            if words[0] != "AUTH":
                continue
            # PLAIN with an initial response is all that is offered (RFC 4616).
            told = next((word[5:] for word in words if word.startswith("resp=")), "")
            _, user, password = base64.b64decode(told).decode().split("\0")
            if user == "later":
                return  # the connection lost: Postfix answers 454
            if (user, password) == (USER, PASSWORD):
                self._say(f"OK\t{words[1]}\tuser={user}")
            else:
                self._say(f"FAIL\t{words[1]}\tuser={user}")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\n" for line in lines).encode())
