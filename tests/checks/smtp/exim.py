"""Debian's Exim, speaking for real: each connection is an ``exim4 -bh``, which judges with ACLs and keeps nothing.

Exim and Postfix exclude each other as packages, so where Exim is not installed its packages are unpacked into a
temporary directory; nothing of the system is changed. ``libnss-wrapper`` gives it the user that its package would make.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import subprocess
from typing import TYPE_CHECKING, Final, Self

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES: Final = ("exim4-daemon-light", "exim4-base", "libidn12", "libnss-wrapper")
APT: Final = f"apt-get download {' '.join(PACKAGES)}"
LONGEST: Final = 90

_CONFIG: Final = """\
primary_hostname = mail.shop.example
spool_directory = {root}/spool
log_file_path = {root}/log/%slog
domainlist local_domains = local.example
acl_smtp_rcpt = check_rcpt
{main}
begin acl
check_rcpt:
{rcpt}
begin routers
begin transports
begin retry
begin rewrite
begin authenticators
"""
_RELAYS_FOR_NOBODY: Final = """\
  accept domains = +local_domains
         endpass
         verify = recipient
  deny   message = relay not permitted"""
_NOT_YET: Final = "$sender_host_address is not yet authorized to deliver mail. Please try later."
VARIANTS: Final[dict[str, tuple[str, str]]] = {
    "closed relay": ("", _RELAYS_FOR_NOBODY),
    "sender verified": ("", "  require verify = sender\n  accept"),
    "small": ("message_size_limit = 50", "  accept"),
    "no client": ("host_reject_connection = *", "  accept"),
    "unsure": ("", "  defer"),
    "greylistd": (
        "",
        f"  defer message = {_NOT_YET}",
    ),
    "open": ("", "  accept"),
}
"""Variant by name: its main settings, and its ACL for RCPT."""


class Exim:
    """The program, unpacked or installed, with a configuration for each variant."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.chmod(0o755)  # Exim gives up root
        self._environment = {"PATH": os.defpath}
        installed = shutil.which("exim4", path="/usr/sbin")
        self._program = installed or str(root / "unpacked/usr/sbin/exim4")
        if installed is None:
            self._unpack()
        for folder in ("spool", "log"):
            (root / folder).mkdir()
            (root / folder).chmod(0o777)
        for number, (main, rcpt) in enumerate(VARIANTS.values()):
            text = _CONFIG.format(root=root, main=main, rcpt=rcpt)
            path = root / f"{number}.conf"
            path.write_text(text)
            path.chmod(0o644)
        if not self._works():
            pytest.skip(f"{APT}: Exim does not start here")

    def _unpack(self) -> None:
        try:
            subprocess.run(APT.split(), cwd=self.root, capture_output=True, timeout=LONGEST, check=True)
            for package in self.root.glob("*.deb"):
                subprocess.run(["dpkg", "-x", str(package), "unpacked"], cwd=self.root, timeout=LONGEST, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"{APT}: {type(error).__name__}")
        libraries = next((self.root / "unpacked/usr/lib").glob("*-linux-gnu"))
        nobody = pwd.getpwnam("nobody")
        user = f"Debian-exim:x:{nobody.pw_uid}:{nobody.pw_gid}::/:/bin/false"
        (self.root / "passwd").write_text(f"root:x:0:0::/root:/bin/sh\n{user}\n")
        (self.root / "group").write_text(f"root:x:0:\nDebian-exim:x:{nobody.pw_gid}:\n")
        self._environment |= {
            "LD_LIBRARY_PATH": str(libraries),
            "LD_PRELOAD": str(libraries / "libnss_wrapper.so"),
            "NSS_WRAPPER_PASSWD": str(self.root / "passwd"),
            "NSS_WRAPPER_GROUP": str(self.root / "group"),
        }

    def _works(self) -> bool:
        words = [self._program, "-C", str(self.root / "0.conf"), "-bV"]
        done = subprocess.run(words, env=self._environment, capture_output=True, check=False)
        return done.returncode == 0

    def serving(self, variant: str) -> Serving:
        """Return a server on loopback that answers as *variant*."""
        config = self.root / f"{list(VARIANTS).index(variant)}.conf"
        # -bh ADDRESS: a session as if from there; nothing is delivered and no callback is made.
        words = (self._program, "-C", str(config), "-bh", "203.0.113.5")
        return Serving(words, self._environment)


class Serving:
    """One variant on a port."""

    def __init__(self, words: tuple[str, ...], environment: dict[str, str]) -> None:
        self._words = words
        self._environment = environment
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        # The client has left, so each Exim is about to end.
        await asyncio.wait_for(asyncio.gather(*self._tasks, return_exceptions=True), 10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        exim = await asyncio.create_subprocess_exec(
            *self._words,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert exim.stdin is not None
        assert exim.stdout is not None
        listening = asyncio.create_task(_pump(reader, exim.stdin))
        with contextlib.suppress(OSError):
            while line := await exim.stdout.readline():
                if line.strip() and not line.startswith(b"*"):  # it says now and then that this is a test session
                    writer.write(line)
                    await writer.drain()
        writer.close()
        await listening
        await exim.wait()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while given := await reader.read(65_536):
            writer.write(given)
            await writer.drain()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
