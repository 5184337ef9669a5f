"""Runs Django's own SMTP backend against small peers on loopback and prints each traceback, as JSON, by case.

A program of its own: Django's settings are global, and some cases set SSL_CERT_FILE for the whole process.
"""

from __future__ import annotations

import datetime as dt
import json
import linecache
import os
import socket
import ssl
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import django
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

Script: TypeAlias = Callable[[socket.socket], None]

EHLO = b"250-My capabilities are\r\n250 AUTH CRAM-MD5 PLAIN LOGIN\r\n"
EHLO_TLS = b"250-My capabilities are\r\n250-STARTTLS\r\n250 AUTH CRAM-MD5 PLAIN LOGIN\r\n"
BANNER = b"220 smtp.postal.example.com ESMTP Postal/ABCD1234\r\n"
WAIT = 0.4
"""Seconds of EMAIL_TIMEOUT."""


class Peer:
    """One listener; each connection is handed to the script in a thread."""

    def __init__(self, script: Script) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._script = script
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        try:
            self._script(sock)
        except OSError:
            pass
        finally:
            sock.close()


def says(first: bytes, hold: float = 0.0) -> Script:
    def script(sock: socket.socket) -> None:
        sock.sendall(first)
        sock.recv(4096) if first else None
        time.sleep(hold)

    return script


def silent(sock: socket.socket) -> None:
    time.sleep(3)


def postal(
    answers: dict[str, bytes | None], ehlo: bytes = EHLO, tls: ssl.SSLContext | None = None, banner: bytes = BANNER
) -> Script:
    """A Postal whose answers are replaced by verb: None closes, ``b""`` stays silent."""
    usual: dict[str, bytes] = {
        "EHLO": ehlo, "HELO": ehlo, "AUTH": b"235 Granted for acme/glitchtip\r\n", "MAIL": b"250 OK\r\n",
        "RCPT": b"250 OK\r\n", "DATA": b"354 Go ahead\r\n", ".": b"250 OK\r\n", "RSET": b"250 OK\r\n",
        "QUIT": b"221 Closing Connection\r\n", "STARTTLS": b"220 Ready to start TLS\r\n",
    }  # fmt: skip

    def script(sock: socket.socket) -> None:
        sock.sendall(banner)
        stream = sock.makefile("rb")
        in_data = False
        while line := stream.readline():
            verb = line.split()[0].decode("latin-1").upper() if line.split() else ""
            if in_data and verb != ".":
                continue
            in_data = False
            if line.upper().startswith(b"AUTH CRAM-MD5"):
                sock.sendall(b"334 PDEyMzRAcG9zdGFsPg==\r\n")
                stream.readline()
                sock.sendall(b"535 Denied\r\n") if answers.get("AUTH", b"x") != b"" else time.sleep(3)
                continue
            reply = answers.get(verb, usual.get(verb, b"250 OK\r\n"))
            if reply is None:
                return
            if not reply:
                time.sleep(3)
            sock.sendall(reply)
            if verb == "STARTTLS" and tls is not None and reply.startswith(b"220"):
                tls.wrap_socket(sock, server_side=True)
                return
            in_data = verb == "DATA" and reply.startswith(b"354")

    return script


def send(port: int, *, host: str | None = "127.0.0.1", from_: str = "glitchtip@example.com", **options: Any) -> None:
    options = {"username": "glitchtip@app", "password": "canarykey0123456789abcde", "timeout": WAIT, **options}
    backend = EmailBackend(host=host, port=port, use_tls=options.pop("use_tls", False), **options)
    backend.host = host
    EmailMessage("Subject", "Body", from_, ["you@example.net"], connection=backend).send()


def reads(url: str) -> Callable[[], None]:
    """GlitchTip's settings line on *url*, by django-environ."""
    source = 'import environ\nenv = environ.FileAwareEnv()\nvars().update(env.email_url("EMAIL_URL"))\n'
    name = "/code/glitchtip/settings.py"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)

    def run() -> None:
        with LOCK:
            os.environ["EMAIL_URL"] = url
            exec(compile(source, name, "exec"), {"__name__": "settings"})

    return run


LOCK = threading.Lock()


def at(script: Script, **options: Any) -> Callable[[], None]:
    return lambda: send(Peer(script).port, **options)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def full_backlog() -> int:
    """A port whose queue is full: the kernel drops what comes next, as a firewall would."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port = int(listener.getsockname()[1])
    KEPT.append(listener)
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", port))
        KEPT.append(client)
    return port


KEPT: list[socket.socket] = []


def self_signed() -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(made.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        file.flush()
        context.load_cert_chain(file.name)
    return context


def issued(authority: trustme.CA, name: str, **options: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, **options).configure_cert(context)
    return context


def unknown_host(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def looked_up(error: Callable[..., Any]) -> Callable[[], None]:
    def run() -> None:
        with LOCK:
            kept, socket.getaddrinfo = socket.getaddrinfo, error
            try:
                send(25, host="smtp.postal.example.com")
            finally:
                socket.getaddrinfo = kept

    return run


def main() -> None:
    settings.configure(USE_I18N=False, DEFAULT_FROM_EMAIL="glitchtip@example.com")
    django.setup()
    ours, others = trustme.CA(), trustme.CA()
    bundle = tempfile.NamedTemporaryFile(suffix=".pem")  # noqa: SIM115  # lives as long as the program
    ours.cert_pem.write_to_path(bundle.name)
    os.environ["SSL_CERT_FILE"] = bundle.name
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    tls: dict[str, Any] = {"host": "localhost", "use_tls": True}

    def starttls(context: ssl.SSLContext) -> Script:
        return postal({}, EHLO_TLS, context)

    cases: dict[str, Callable[[], None]] = {
        "refused": lambda: send(free_port()),
        "connect-timeout": lambda: send(full_backlog()),
        "silent": at(silent),
        "closed-at-once": at(says(b"")),
        "ssh": at(says(b"SSH-2.0-OpenSSH_9.6\r\n")),
        "http": at(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        "banner-421": at(says(b"421 4.7.0 Too many connections\r\n")),
        "banner-554": at(says(b"554 5.7.1 Not allowed\r\n")),
        "proxy": at(says(b"502 Proxy Error\r\n")),
        "ehlo-501": at(postal({"EHLO": b"501 Invalid hostname\r\n", "HELO": b"501 Invalid hostname\r\n"})),
        "closed-at-ehlo": at(postal({"EHLO": None})),
        "silent-at-ehlo": at(postal({"EHLO": b""})),
        "starttls-off": at(postal({}), use_tls=True),
        "starttls-454": at(postal({"STARTTLS": b"454 TLS not available\r\n"}, EHLO_TLS), use_tls=True),
        "ssl-on-plain": at(postal({}), use_ssl=True),
        "self-signed": at(starttls(self_signed()), **tls),
        "private-ca": at(starttls(issued(others, "localhost")), **tls),
        "wrong-name": at(starttls(issued(ours, "mail.example.com")), **tls),
        "by-address": at(starttls(issued(ours, "mail.example.com")), use_tls=True),
        "expired": at(starttls(issued(ours, "localhost", not_before=past, not_after=past)), **tls),
        "no-auth": at(postal({}, b"250 OK\r\n")),
        "oauth-only": at(postal({}, b"250-x\r\n250 AUTH XOAUTH2\r\n")),
        "wrong-key": at(postal({"AUTH": b"535 Invalid credential\r\n"})),
        "535-other": at(postal({"AUTH": b"535 5.7.8 Authentication failed\r\n"})),
        "530-at-auth": at(postal({"AUTH": b"530 5.7.0 Must issue a STARTTLS command first\r\n"})),
        "454-at-auth": at(postal({"AUTH": b"454 4.7.0 Temporary authentication failure\r\n"})),
        "closed-at-auth": at(postal({"AUTH": None})),
        "ascii": at(postal({}), password="schlüssel"),
        "mail-530": at(postal({"MAIL": b"530 5.7.0 Authentication required\r\n"}), password=""),
        "mail-553": at(postal({"MAIL": b"553 5.7.1 Sender address rejected\r\n"})),
        "rcpt-530": at(postal({"RCPT": b"530 Authentication required\r\n"}), password=""),
        "suspended": at(postal({"RCPT": b"535 Mail server has been suspended\r\n"})),
        "rcpt-550": at(postal({"RCPT": b"550 5.1.1 User unknown\r\n"})),
        "relay": at(postal({"RCPT": b"554 5.7.1 Relay access denied\r\n"})),
        "greylisted": at(postal({"RCPT": b"450 4.2.0 Greylisted\r\n"})),
        "silent-at-rcpt": at(postal({"RCPT": b""})),
        "slow-354": at(postal({"DATA": b""})),
        "silent-after-dot": at(postal({".": b""})),
        "closed-at-data": at(postal({"DATA": None})),
        "from-unverified": at(postal({".": b"530 From/Sender name is not valid\r\n"})),
        "too-large": at(postal({".": b"552 Message too large (maximum size 14MB)\r\n"})),
        "spam": at(postal({".": b"554 5.7.1 Message rejected as spam\r\n"})),
        "from-newline": at(postal({}), from_="gt@example.com\n"),
        "from-comma": at(postal({}), from_="Glitch, Tip <gt@example.com>"),
        "timeout-text": at(postal({}), timeout="10"),
        "timeout-zero": at(postal({}), timeout=0),
        "both-tls": at(postal({}), use_tls=True, use_ssl=True),
        "no-host": lambda: send(25, host=None),
        "double-dot": lambda: send(25, host="smtp..example"),
        "no-such-name": looked_up(unknown_host),
        "url-slash-in-key": reads("smtp://glitchtip%40app:ca/nary@smtp.postal.example.com:2525"),
        "url-bracket": reads("smtp://glitchtip%40app:ca[nary@smtp.postal.example.com:2525"),
        "url-blank": reads("smtp://glitchtip%40app:canary@smtp.postal.example.com:2525 "),
        "url-wide": reads("smtp://glitchtip%40app:canary\uff20smtp.postal.example.com:2525"),
        "url-port": reads("smtp://glitchtip%40app:canary@smtp.postal.example.com:99999"),
        "url-quoted": reads("'smtp://glitchtip%40app:canary@smtp.postal.example.com:2525'"),
        "url-submission": reads("submission://glitchtip%40app:canary@smtp.postal.example.com:587"),
        "url-dollar": reads("$canary"),
    }
    found: dict[str, str] = {}

    def run(name: str, case: Callable[[], None]) -> None:
        try:
            case()
        except Exception:
            found[name] = traceback.format_exc()
        else:
            found[name] = ""

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda item: run(*item), cases.items()))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
