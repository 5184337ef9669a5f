"""A DNS server on loopback for a handful of records: as a resolver, or as their authoritative server."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import dnslib

from wizard.rehearsal.dns.zone import NEGATIVE_TTL, Row

if TYPE_CHECKING:
    from collections.abc import Iterable

_UDP_PAYLOAD: Final = 1232
"""Octets, as the DNS flag day of 2020 has it."""
_PLAIN_UDP: Final = 512
"""Octets without EDNS (RFC 1035 2.3.4)."""
_MOST_HOPS: Final = 8
_ROOT: Final = Row("", "SOA", f"a.root.example. hostmaster.example. 1 3600 600 86400 {NEGATIVE_TTL}")
"""The SOA under every "no" of the resolver about names that no zone of the rehearsal holds."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a server behaves, beside what it knows."""

    recursive: bool
    """A resolver, which answers about every name; else authoritative, and REFUSED for what is not in its zones."""
    delay: float = 0.0
    """Seconds before each answer."""
    drop: bool = False
    """No answer to anything, over UDP and TCP alike."""
    hidden: frozenset[str] = field(default_factory=frozenset)
    """Names remembered as absent for NEGATIVE_TTL seconds after the start."""


class Dns:
    """UDP and TCP on the same free port of 127.0.0.1."""

    def __init__(self, rows: Iterable[Row], manner: Manner) -> None:
        self.hold(rows, manner)
        self._since = 0.0
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def hold(self, rows: Iterable[Row], manner: Manner) -> None:
        """Know *rows* and behave as *manner* from now on."""
        self.manner = manner
        self._rows = list(rows)
        self._names = {row.name for row in self._rows}
        self._zones = {row.name: row for row in self._rows if row.type == "SOA"}

    @property
    def address(self) -> tuple[str, int]:
        """Address and port while it listens."""
        assert self._tcp is not None
        host, port = self._tcp.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def start(self) -> tuple[str, int]:
        """Listen and return address and port. Raises OSError when no port is free for both."""
        self._since = time.monotonic()
        loop = asyncio.get_running_loop()
        for _ in range(20):
            self._tcp = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
            try:
                self._udp, _ = await loop.create_datagram_endpoint(lambda: _Udp(self), self.address)
            except OSError:
                self._tcp.close()
                continue
            return self.address
        raise OSError("no port of 127.0.0.1 is free for both UDP and TCP")

    async def stop(self) -> None:
        """Close both sockets and every connection."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tcp is not None:
            await self._tcp.wait_closed()

    def received(self, packet: bytes, address: Any) -> None:
        """Take one datagram."""
        self._keep(asyncio.ensure_future(self._answer_udp(packet, address)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer_udp(self, packet: bytes, address: Any) -> None:
        reply = await self._reply(packet, over_udp=True)
        if reply is not None and self._udp is not None and not self._udp.is_closing():
            self._udp.sendto(reply, address)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._keep(task)
        try:
            while True:
                packet = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
                reply = await self._reply(packet, over_udp=False)
                if reply is not None:
                    writer.write(len(reply).to_bytes(2, "big") + reply)
                    await writer.drain()
        except (EOFError, OSError):
            pass
        except asyncio.CancelledError:
            # The server stops; see Postal._serve.
            writer.transport.abort()
        finally:
            with contextlib.suppress(OSError):
                writer.close()

    async def _reply(self, packet: bytes, *, over_udp: bool) -> bytes | None:
        if self.manner.drop:
            return None
        if self.manner.delay:
            await asyncio.sleep(self.manner.delay)
        try:
            request = dnslib.DNSRecord.parse(packet)
        except dnslib.DNSError:
            return None
        reply = self.answer(request)
        options = [record for record in request.ar if record.rtype == dnslib.QTYPE.OPT]
        if options:
            reply.add_ar(dnslib.EDNS0(udp_len=_UDP_PAYLOAD))
        packed: bytes = reply.pack()
        largest = max(_PLAIN_UDP, min(options[0].rclass, _UDP_PAYLOAD)) if options else _PLAIN_UDP
        if over_udp and len(packed) > largest:
            reply.header.tc = 1
            reply.rr, reply.auth = [], []
            packed = reply.pack()
        return packed

    def answer(self, request: Any) -> Any:
        """Return the whole reply to the parsed *request*, whatever its size."""
        reply = request.reply(ra=int(self.manner.recursive), aa=int(not self.manner.recursive))
        question = request.q
        name = str(question.qname).rstrip(".").lower()
        kind = dnslib.QTYPE.get(question.qtype)
        if not self.manner.recursive and self._zone(name) is None:
            reply.header.aa, reply.header.rcode = 0, dnslib.RCODE.REFUSED
            return reply
        for _ in range(_MOST_HOPS):
            if self._remaining(name):
                break
            here = [row for row in self._rows if row.name == name and row.type in {kind, "CNAME"}]
            for row in here:
                reply.add_answer(_record(row, NEGATIVE_TTL))
            if not here or here[0].type != "CNAME" or kind == "CNAME":
                break
            name = here[0].value.rstrip(".").lower()
        else:
            reply.header.rcode = dnslib.RCODE.SERVFAIL
            return reply
        if not any(row.name == name and row.type == kind for row in self._rows) or self._remaining(name):
            self._say_no(reply, name)
        return reply

    def _say_no(self, reply: Any, name: str) -> None:
        """Add the SOA that tells for how long the "no" holds (RFC 2308 3), and NXDOMAIN where nothing is below."""
        exists = any(known == name or known.endswith(f".{name}") for known in self._names) or not name
        left = self._remaining(name)
        if not exists or left:
            reply.header.rcode = dnslib.RCODE.NXDOMAIN
        reply.add_auth(_record(self._zone(name) or _ROOT, math.ceil(left) or NEGATIVE_TTL))

    def _remaining(self, name: str) -> float:
        """Return for how many seconds *name* is still remembered as absent."""
        if name not in self.manner.hidden:
            return 0.0
        return max(0.0, self._since + NEGATIVE_TTL - time.monotonic())

    def _zone(self, name: str) -> Row | None:
        labels = name.split(".")
        parents = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self._zones[parent] for parent in parents if parent in self._zones), None)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: Dns) -> None:
        self._server = server

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._server.received(data, addr)


def _record(row: Row, ttl: int) -> Any:
    return dnslib.RR(f"{row.name}.", getattr(dnslib.QTYPE, row.type), ttl=ttl, rdata=_rdata(row))


def _rdata(row: Row) -> Any:
    words = row.value.split()
    match row.type:
        case "TXT":
            text = row.value.encode()
            return dnslib.TXT([text[start : start + 255] for start in range(0, len(text), 255)])
        case "MX":
            return dnslib.MX(words[1], int(words[0]))
        case "SOA":
            return dnslib.SOA(words[0], words[1], tuple(map(int, words[2:])))
        case _:
            return getattr(dnslib, row.type)(row.value)
