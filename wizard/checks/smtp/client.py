"""smtplib's own client, observed: each step reported, replies capped, and what follows AUTH never recorded."""

from __future__ import annotations

import smtplib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model import untrusted
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

_LINE: Final = 1_000
"""Bytes of a reply's line (RFC 5321 4.5.3.1.5 allows 512)."""
_REPLY: Final = 100_000
"""Bytes of a whole reply."""


class BrokenError(Exception):
    """The dialogue ended out of turn; the message is a clause such as ``the connection was closed``."""


class SilentError(BrokenError):
    """No answer came before the deadline."""


class FloodedError(BrokenError):
    """A reply went over the caps."""


class HandshakeError(BrokenError):
    """There is no TLS; ``error`` is what OpenSSL said."""

    def __init__(self, error: ssl.SSLError) -> None:
        super().__init__(f"the TLS handshake failed ({Untrusted(error.reason or error)})")
        self.error = error


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered."""

    code: int
    """-1: not an SMTP reply."""
    text: str
    """Its lines without their codes, joined by line feeds; not yet inert."""
    first: bytes = b""
    """The first line as it came."""
    seconds: float = 0.0

    @property
    def words(self) -> str:
        """Code and first lines, inert and short enough for a sentence."""
        return (
            Untrusted(f"{self.code} {' '.join(self.text.split())}", 120)
            if self.code >= 0
            else Untrusted(self.first, 120)
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """The reply, line by line and inert."""
        if self.code < 0:
            return tuple(untrusted.lines(self.first))
        return tuple(Untrusted(f"{self.code} {line}") for line in untrusted.lines(self.text) or [Untrusted("")])


class Observed(smtplib.SMTP):
    """smtplib's client on a socket that is connected already; each step is reported as it ends."""

    def __init__(self, sock: socket.socket, host: str, name: str, on_step: Callable[[str, str, Reply], None]) -> None:
        super().__init__(local_hostname=name)
        self._host = host  # what starttls() checks the certificate against
        self._connected = sock
        self._on_step = on_step
        self._step = ("banner", "")
        self._started = time.perf_counter()
        self._login = False
        self.last = Reply(-1, "")
        self.seconds_to_354: float | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002  # smtplib's hook
        return self._connected

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send a command, and remember it for when its answer comes."""
        verb = cmd.upper()
        if verb == "AUTH" or self._login:
            # Whatever follows AUTH carries the key: nothing of it is recorded but the mechanism.
            mechanism = args.split(" ", 1)[0] if verb == "AUTH" else ""
            self._step = ("AUTH", f"AUTH {mechanism} ****" if mechanism else "****")
        else:
            self._step = (verb, f"{verb} {args}".strip())
        self._started = time.perf_counter()
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply and report it. Raises BrokenError."""
        try:
            reply = self._read()
        except BrokenError as error:
            self.close()
            self._on_step(*self._step, Reply(-1, "", str(error).encode(), time.perf_counter() - self._started))
            raise
        self.last = reply
        self._on_step(*self._step, reply)
        if self._step[0] == "DATA" and reply.code == 354:
            self.seconds_to_354 = reply.seconds
            self._step, self._started = ("message", "the message"), time.perf_counter()
        return reply.code, reply.text.encode("utf-8", "surrogateescape")

    def _read(self) -> Reply:
        if self.sock is None:
            raise BrokenError("the connection was closed")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        texts: list[bytes] = []
        size, first = 0, b""
        while True:
            try:
                line = self.file.readline(_LINE + 1)
            except OSError as error:
                raise BrokenError(drop_words(error)) from None
            if not line:
                raise BrokenError("the connection was closed")
            first = first or line
            size += len(line)
            if len(line) > _LINE:
                raise FloodedError(f"a line of its reply is longer than {_LINE:,} bytes")
            if size > _REPLY:
                raise FloodedError(f"its reply did not end within {_REPLY:,} bytes")
            digits = line[:3]
            code = int(digits) if digits.isdigit() and len(digits) == 3 else -1
            texts.append(line[4:].strip(b" \t\r\n"))
            if code < 0 or line[3:4] != b"-":
                text = b"\n".join(texts).decode("utf-8", "surrogateescape")
                return Reply(code, text, first.rstrip(b"\r\n"), time.perf_counter() - self._started)

    def log_in(self, mechanism: str, username: str, key: str) -> None:
        """Send exactly one AUTH command, for *mechanism*."""
        self.user, self.password = username, key
        self._login = True
        try:
            self.auth(mechanism, getattr(self, f"auth_{mechanism.lower().replace('-', '_')}"))
        finally:
            self._login = False
            self.user = self.password = ""


def drop_words(error: OSError) -> str:
    """Return how a connection ended, as a clause."""
    if isinstance(error, TimeoutError):
        return "no answer came"
    return "the connection was reset" if isinstance(error, ConnectionResetError) else "the connection was closed"
