"""A mail server that behaves until a stage of the dialogue and then plays a trick."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TypeAlias

from wizard.model.draft import App, Credential, Draft, Server, TestMail, Tls
from wizard.model.secret import Secret
from wizard.model.session import Session

if TYPE_CHECKING:
    import trustme

    from wizard.model.finding import Finding

Trick: TypeAlias = Callable[["Peer", asyncio.StreamWriter, str], Awaitable[None]]
"""Plays on the connection in place of the reply it is given; returns for the dialogue to go on."""

KEY = "Hostile0Test0Key00000000"
STAGES = ("banner", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "message")
TLS_STAGES = ("STARTTLS", "tls", "EHLO again")
CHECK_OF = {
    "banner": "greeting",
    "EHLO": "greeting",
    "STARTTLS": "tls",
    "tls": "tls",
    "EHLO again": "auth",
    "AUTH": "auth",
    "MAIL": "recipient",
    "RCPT": "recipient",
    "DATA": "sender",
    "message": "sender",
}
"""The check whose verdict a trick at a stage decides."""

REPLIES = {
    "banner": "220 smtp.postal.example.test ESMTP Postal/TRACE001",
    "EHLO": "250-My capabilities are\r\n250 AUTH CRAM-MD5 PLAIN LOGIN",
    "EHLO again": "250-My capabilities are\r\n250 AUTH CRAM-MD5 PLAIN LOGIN",
    "STARTTLS": "220 Ready to start TLS",
    "AUTH": "235 Granted for acme/app",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 Go ahead",
    "message": "250 OK",
    "RSET": "250 OK",
    "QUIT": "221 Closing Connection",
}


class GoneError(Exception):
    """The trick ended the connection."""


class Peer:
    """``received`` holds what came in clear, ``auths`` how many AUTH commands came at all."""

    def __init__(
        self,
        at: str = "never",
        trick: Trick | None = None,
        *,
        context: ssl.SSLContext | None = None,
        advertise: bool = True,
        replies: dict[str, str] | None = None,
        tls_first: bool = False,
    ) -> None:
        self.received = b""
        self.verbs: list[str] = []
        self.auths = 0
        self.connections = 0
        self.reached = asyncio.Event()
        """Set when the trick begins."""
        self.left = asyncio.Event()
        """Set when QUIT came."""
        self._at = at
        self._trick = trick
        self._context = context
        self._advertise = advertise
        self._replies = {**REPLIES, **(replies or {})}
        self._tls_first = tls_first
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        tls = self._context if self._tls_first else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with contextlib.suppress(OSError, GoneError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted = self._tls_first
        await self._say(writer, "banner")
        while True:
            line = await reader.readuntil(b"\n")
            if not encrypted:
                self.received += line
            verb = line.split()[0].decode("latin-1").upper() if line.split() else ""
            self.verbs.append(verb)
            match verb:
                case "EHLO":
                    await self._say(writer, "EHLO again" if encrypted else "EHLO")
                case "STARTTLS" if self._context is not None:
                    await self._say(writer, "STARTTLS")
                    if self._at == "tls":
                        await self._say(writer, "tls")
                    await writer.start_tls(self._context)
                    encrypted = True
                case "AUTH":
                    self.auths += 1
                    await self._say(writer, "AUTH")
                case "DATA":
                    await self._say(writer, "DATA")
                    text = await reader.readuntil(b"\r\n.\r\n")
                    if not encrypted:
                        self.received += text
                    await self._say(writer, "message")
                case "QUIT":
                    self.left.set()
                    await self._say(writer, "QUIT")
                    return
                case _:
                    await self._say(writer, verb)

    async def _say(self, writer: asyncio.StreamWriter, stage: str) -> None:
        reply = self._replies.get(stage, "502 Invalid/unsupported command")
        if stage == "EHLO" and self._context is not None and self._advertise and not self._tls_first:
            reply = reply.replace("\r\n", "\r\n250-STARTTLS\r\n", 1)
        if stage == self._at and self._trick is not None:
            self.reached.set()
            await self._trick(self, writer, reply)
            return
        writer.write(f"{reply}\r\n".encode("latin-1"))
        await writer.drain()


# --- tricks -----------------------------------------------------------------------------------------------------------


async def silence(_peer: Peer, _writer: asyncio.StreamWriter, _reply: str) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def drip(_peer: Peer, writer: asyncio.StreamWriter, reply: str) -> None:
    """Give one byte at a time, and never the end of the line."""
    for byte in (reply[:3] + "-" + "x" * 100_000).encode():
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def close(_peer: Peer, _writer: asyncio.StreamWriter, _reply: str) -> None:
    """Close without a word."""
    raise GoneError


async def reset(_peer: Peer, writer: asyncio.StreamWriter, _reply: str) -> None:
    """Reset the connection."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise GoneError


async def endless(_peer: Peer, writer: asyncio.StreamWriter, reply: str) -> None:
    """Never come to the last line of the reply: 200 MB if it is read on."""
    lines = f"{reply[:3]}-and so on\r\n".encode() * 4_000
    for _ in range(200_000_000 // len(lines)):
        writer.write(lines)
        await writer.drain()


async def long_line(_peer: Peer, writer: asyncio.StreamWriter, reply: str) -> None:
    """Send a line of 10 MB."""
    writer.write(reply[:3].encode() + b"-")
    for _ in range(160):
        writer.write(b"x" * 65_536)
        await writer.drain()
    writer.write(b"\r\n")


def saying(text: str) -> Trick:
    """Answer with *text* instead, and go on."""

    async def say(_peer: Peer, writer: asyncio.StreamWriter, _reply: str) -> None:
        writer.write(text.encode("latin-1"))
        await writer.drain()

    return say


# --- what is checked --------------------------------------------------------------------------------------------------


def draft(port: int, tls: Tls = "none", host: str = "", **parts: object) -> Draft:
    """Return a draft whose server is the peer; TLS wants a name, so it is localhost there."""
    told = Draft(
        app=App(from_="GlitchTip <glitchtip@example.test>"),
        server=Server(host or ("localhost" if tls == "starttls" else "127.0.0.1"), port, tls),
        credential=Credential("acme/app"),
        test_mail=TestMail("you@example.net"),
    )
    return replace(told, **parts)  # type: ignore[arg-type]  # the callers name parts of the draft


def session() -> Session:
    """Return a session with the test key."""
    return Session(key=Secret(KEY))


def verdicts(findings: list[Finding]) -> dict[str, str]:
    """Return the verdict of each check id."""
    return {finding.check: finding.verdict.value for finding in findings}


def one(findings: list[Finding], check: str) -> Finding:
    """Return the only finding of a check."""
    (finding,) = [finding for finding in findings if finding.check == check]
    return finding


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return a server's context with *certificate*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
