"""A command of this host, run with a deadline and with an end to what it may say.

``docker`` runs another program that runs another in turn: they share a session of their own and are killed together.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEPT: Final = 262_144
"""Bytes kept of each stream, from its end: a traceback's last line and the newest log line stand there."""
_MOST: Final = 33_554_432
"""Bytes read of both streams together; whoever says more is stopped."""
_LAST_WISHES: Final = 0.3
"""Seconds that a killed command has to be gone; a cancelled check is over within half a second."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said."""

    code: int | None
    """None where it could not be started or did not end in time."""
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Both streams as text, for whoever reads tracebacks out of it. Not inert yet."""
        return b"\n".join(part for part in (self.stdout, self.stderr) if part).decode("utf-8", "replace")


async def run(
    words: tuple[str, ...],
    given: bytes = b"",
    *,
    deadline: float,
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Run *words* with *given* on standard input; at the deadline or when cancelled it is killed with its children."""
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.subprocess_exec(
            lambda: _Listening(loop), *words, cwd=directory, env=environment, start_new_session=True
        )
    except (OSError, ValueError):
        return Ran(None, b"", b"")
    try:
        _give(transport, given)
        async with asyncio.timeout(deadline):
            await asyncio.wait({protocol.gone, protocol.flooded}, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        pass
    finally:
        code = transport.get_returncode() if protocol.gone.done() else None
        if not protocol.gone.done():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            await asyncio.wait({protocol.gone}, timeout=_LAST_WISHES)
        transport.close()
    return Ran(code, bytes(protocol.kept[1]), bytes(protocol.kept[2]))


def _give(transport: asyncio.SubprocessTransport, given: bytes) -> None:
    pipe = transport.get_pipe_transport(0)
    assert isinstance(pipe, asyncio.WriteTransport)
    if given:
        pipe.write(given)
    pipe.close()  # after what is still buffered


class _Listening(asyncio.SubprocessProtocol):
    """Keeps the end of what is said. ``gone`` is set when the process has ended and nobody holds its pipes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.gone: asyncio.Future[None] = loop.create_future()
        self.flooded: asyncio.Future[None] = loop.create_future()
        self.kept = {1: bytearray(), 2: bytearray()}
        self._seen = 0

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.kept[fd]
        kept += data
        del kept[:-KEPT]
        self._seen += len(data)
        if self._seen > _MOST and not self.flooded.done():
            self.flooded.set_result(None)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)
