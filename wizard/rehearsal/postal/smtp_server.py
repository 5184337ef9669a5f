"""Postal's SMTP server on loopback: it answers as Postal does, in the state it is given.

aiosmtpd cannot replace it: Postal's replies, their order and its silences are its own (see ``dialogue``).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

from wizard.rehearsal.postal.dialogue import Dialogue, DroppedError
from wizard.rehearsal.postal.listening import Listening
from wizard.rehearsal.postal.other_server import OtherDialogue
from wizard.rehearsal.postal.sink import Mail, Sink

if TYPE_CHECKING:
    import ssl

    from wizard.rehearsal.postal.certificates import Authority
    from wizard.rehearsal.state import State

_CHUNK: Final = 10_240
"""Bytes read at once, as Postal does."""
_LONGEST_LINE: Final = 1 << 20
"""Postal has no limit at all; the rehearsal does not fill the memory of the machine it runs on."""


class Postal(Listening):
    """One listening server. ``mails`` holds what it accepted."""

    def __init__(self, state: State, sink: Sink | None = None) -> None:
        super().__init__()
        self.state = state
        self.sink = Sink() if sink is None else sink
        self._ca: Authority | None = None
        self._context: ssl.SSLContext | None = None
        # Postal's event loop is single-threaded: while it waits for its resolver, nobody is served.
        self._turn = asyncio.Lock()

    @property
    def mails(self) -> list[Mail]:
        """What was accepted, one for each recipient."""
        return self.sink.mails

    async def start(self) -> tuple[str, int]:
        """Listen on a free port of 127.0.0.1 and return address and port."""
        self.become(self.state)
        return await super().start()

    def become(self, state: State) -> None:
        """Answer every further connection as *state* has it; its CA stays the same."""
        self.state, self._context = state, None
        if state.starttls or state.tls != "off":
            from wizard.rehearsal.postal import certificates  # start-up: 30 ms, cryptography

            self._ca = self._ca or certificates.authority()
            if state.tls != "off":
                self._context = certificates.context(state.tls, state.hostname, self._ca)

    @property
    def ca_pem(self) -> bytes:
        """The CA that signs the server's certificate, from ``start`` on; empty where TLS does not matter."""
        return b"" if self._ca is None else self._ca.pem

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind = OtherDialogue if self.state.greeting in {"busy", "other"} else Dialogue
        dialogue = kind(self.state, self.sink, str(writer.get_extra_info("peername")[0]))
        async with self._turn:
            _write(writer, dialogue.greeting())
        waiting = b""
        while not dialogue.finished:
            chunk = await reader.read(_CHUNK)
            if not chunk:
                return
            *lines, waiting = (waiting + chunk).split(b"\n")
            if len(waiting) > _LONGEST_LINE:
                raise DroppedError
            async with self._turn:
                await self._answer(dialogue, lines, writer)
            await writer.drain()
            if dialogue.wants_tls and self._context is not None:
                # What came in clear after STARTTLS is forgotten, so that nobody can put words into the TLS session.
                waiting = b""
                await writer.start_tls(self._context)
                dialogue.tls_started()

    async def _answer(self, dialogue: Dialogue, lines: list[bytes], writer: asyncio.StreamWriter) -> None:
        for line in lines:
            replies = dialogue.line(line)
            if dialogue.pause:
                await asyncio.sleep(dialogue.pause)
                dialogue.pause = 0.0
            _write(writer, replies)
            if dialogue.finished:
                return


def _write(writer: asyncio.StreamWriter, replies: list[str]) -> None:
    writer.write("".join(f"{reply}\r\n" for reply in replies).encode("latin-1"))
