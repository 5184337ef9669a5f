"""DNS servers that misbehave on purpose, and one that passes questions on after a delay; all on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

Handler: TypeAlias = "Callable[[dns.message.Message, bool], list[bytes] | None]"
"""From a question, and whether it came over TCP, to the datagrams to send; None sends nothing."""


Asked: TypeAlias = "Counter[tuple[tuple[str, int], str, str]]"
"""How often each server was asked for each name and type."""


def question(query: dns.message.Message) -> tuple[str, str]:
    asked = query.question[0]
    return asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)


def reply(
    query: dns.message.Message, *records: tuple[str, str, str], rcode: int = dns.rcode.NOERROR, soa: str = ""
) -> dns.message.Message:
    """Make an answer with (name, type, text) records; *soa* names the zone of a negative one."""
    answer = dns.message.make_response(query, recursion_available=True)
    answer.set_rcode(dns.rcode.Rcode(rcode))
    for name, kind, text in records:
        answer.answer.append(dns.rrset.from_text(f"{name}.", 60, dns.rdataclass.IN, kind, text))
    if soa:
        answer.authority.append(
            dns.rrset.from_text(f"{soa}.", 60, dns.rdataclass.IN, "SOA", "ns1.x. host.x. 1 3600 600 86400 30")
        )
    return answer


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: Fake) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        for answer in self._server.answers(data, tcp=False):
            self._transport.sendto(answer, addr)


class Fake:
    """A server with a handler; counts what it was asked."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.asked: Counter[tuple[str, str]] = Counter()
        self.address = ("127.0.0.1", 0)
        self._came = asyncio.Event()

    def answers(self, data: bytes, *, tcp: bool) -> list[bytes]:
        query = dns.message.from_wire(data)
        self.asked[question(query)] += 1
        self._came.set()
        return self._handler(query, tcp) or []

    async def until_asked(self, questions: int) -> None:
        """Wait until so many different questions came."""
        while len(self.asked) < questions:
            self._came.clear()
            await self._came.wait()

    async def serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            size = int.from_bytes(await reader.readexactly(2), "big")
            for answer in self.answers(await reader.readexactly(size), tcp=True):
                writer.write(len(answer).to_bytes(2, "big") + answer)
            await writer.drain()
            await reader.read()
        writer.close()


@contextlib.asynccontextmanager
async def fake(handler: Handler, *, tcp: bool = True) -> AsyncIterator[Fake]:
    """Serve *handler* on a free port; without *tcp* that is closed to connections."""
    server = Fake(handler)
    loop = asyncio.get_running_loop()
    while True:
        listener = await asyncio.start_server(server.serve_tcp, "127.0.0.1", 0)
        server.address = ("127.0.0.1", listener.sockets[0].getsockname()[1])
        try:
            transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(server), local_addr=server.address)
        except OSError:  # another program has the port of that number for UDP
            listener.close()
            continue
        break
    if not tcp:
        listener.close()
        await listener.wait_closed()
    try:
        yield server
    finally:
        transport.close()
        listener.close()


class _Front(asyncio.DatagramProtocol):
    """Takes questions, counts them, gives each an id of its own and passes it on."""

    def __init__(self, target: tuple[str, int], seconds: float, asked: Asked) -> None:
        self._target = target
        self._seconds = seconds
        self._asked = asked
        self._waiting: dict[bytes, tuple[bytes, Any]] = {}
        self._ids = itertools.count()
        self.back: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._asked[(self._target, *question(dns.message.from_wire(data)))] += 1
        own = (next(self._ids) % 65536).to_bytes(2, "big")
        self._waiting[own] = data[:2], addr
        self.back.sendto(own + data[2:])

    def answered(self, data: bytes) -> None:
        original, addr = self._waiting.pop(data[:2])
        loop = asyncio.get_running_loop()
        loop.call_later(self._seconds, self._transport.sendto, original + data[2:], addr)


class _Back(asyncio.DatagramProtocol):
    def __init__(self, front: _Front) -> None:
        self._front = front

    def datagram_received(self, data: bytes, _addr: Any) -> None:
        self._front.answered(data)


@contextlib.asynccontextmanager
async def delayed(pairs: Sequence[tuple[tuple[str, int], tuple[str, int]]], seconds: float) -> AsyncIterator[Asked]:
    """Listen on each pair's first address, pass on to its second, answers late by *seconds*; count the questions."""
    asked: Asked = Counter()
    loop = asyncio.get_running_loop()
    transports = []
    for listen, target in pairs:
        front = _Front(target, seconds, asked)
        transports.append((await loop.create_datagram_endpoint(lambda front=front: front, local_addr=listen))[0])  # type: ignore[misc]  # a default argument
        front.back, _ = await loop.create_datagram_endpoint(lambda front=front: _Back(front), remote_addr=target)  # type: ignore[misc]  # a default argument
        transports.append(front.back)
    try:
        yield asked
    finally:
        for transport in transports:
            transport.close()
