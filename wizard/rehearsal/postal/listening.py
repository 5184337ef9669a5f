"""A server on a free port of 127.0.0.1 that can be stopped with all its connections."""

from __future__ import annotations

import asyncio
import contextlib

from wizard.rehearsal.postal.dialogue import DroppedError


class Listening:
    """Answers each connection by ``_talk``."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> tuple[str, int]:
        """Listen, and return address and port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self.address

    @property
    def address(self) -> tuple[str, int]:
        """Address and port while it listens."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._talk(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError, DroppedError):
            # Gone, or to be dropped without a word; ssl.SSLError is an OSError.
            pass
        except asyncio.CancelledError:
            # The server stops. Ending quietly keeps asyncio from logging a connection's end as an error.
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            with contextlib.suppress(OSError):
                writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError
