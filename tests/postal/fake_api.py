"""A Postal's HTTP API on loopback: recorded answers, a million messages, or whatever else may answer there."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

RECORDED: Final[dict[tuple[str, str], str]] = {
    (one["case"], one["method"]): one["body"]
    for one in json.loads(Path(__file__).with_name("api-answers.json").read_text(encoding="utf-8"))
}
"""(case, method) -> the body as Postal 3.3.6 gave it."""

Answer: TypeAlias = "tuple[int, str]"
Respond: TypeAlias = Callable[[str, dict[str, Any]], Answer]


@dataclass
class Served:
    """A listening API and the calls that came."""

    url: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def served(respond: Respond, context: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    """Listen on a free port of 127.0.0.1; *respond* gives status and body for a method and its JSON."""
    running = Served()

    writers: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(EOFError, OSError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next(
                    int(line.partition(":")[2])
                    for line in head.split("\r\n")
                    if line.lower().startswith("content-length")
                )
                asked = json.loads(await reader.readexactly(length))
                method = head.split(" ")[1].rpartition("/")[2]
                running.calls.append((method, asked.get("id")))
                status, body = respond(method, asked)
                raw = body.encode()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    running.url = f"http{'s' if context else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.01)  # the talks end by themselves


def recorded(case: str) -> Respond:
    """Answer every call as Postal answered in *case*; another message than the recorded one is not there."""
    message = json.loads(RECORDED[case, "message"])

    def respond(method: str, asked: dict[str, Any]) -> Answer:
        if message["status"] == "success" and asked["id"] != message["data"]["id"]:
            return 200, RECORDED["not found", "message"]
        return 200, RECORDED[case, method if (case, method) in RECORDED else "message"]

    return respond


@dataclass
class Server:
    """A mail server's messages from *oldest* to *newest*, one second apart; the newest was added at *now*."""

    oldest: int
    newest: int
    now: float = 1_795_786_457.0

    def message_id(self, number: int) -> str:
        """Return the Message-ID of a message."""
        return f"{number}@glitchtip.acme.example"

    def __call__(self, method: str, asked: dict[str, Any]) -> Answer:
        """Answer as the recorded Postal did, for whichever message."""
        number = asked["id"]
        if not self.oldest <= number <= self.newest:
            return 200, RECORDED["not found", "message"].replace("999999", str(number))
        answer = json.loads(RECORDED["sent", method])
        if method == "message":
            answer["data"]["id"] = number
            answer["data"]["details"]["message_id"] = self.message_id(number)
            answer["data"]["details"]["timestamp"] = self.now - (self.newest - number)
        return 200, json.dumps(answer, separators=(",", ":"))
