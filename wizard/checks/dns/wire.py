"""One DNS question on the wire: UDP with EDNS 1232, TCP when the answer was cut, a deadline over all of it.

Measured against dnspython 2.9.2, which reads the answers here. ``dns.asyncresolver`` does not connect its sockets, so
a server that does not exist looks like a slow one, it forgets a late answer when it tries again, and its deadline
follows the wall clock. ``dns.asyncquery`` over connected sockets was tried in place of this file, on a good zone at
50 ms in a fresh process, fastest of nine with both cores busy (tests/bench/dns_bench.py): 0.194 s and 36 ms of CPU
where this takes 0.178 s and 30 ms, so 8.2 times as fast as checkdmarc (1.6 s) and not 9.0, which is the bound;
in a warm process 0.173 s and 0.167 s. It makes a transport and a message for each question.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

# dnspython loads these when it meets the first record of each: now, not while answers are waited for.
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.NS
import dns.rdtypes.ANY.OPT
import dns.rdtypes.ANY.PTR
import dns.rdtypes.ANY.SOA
import dns.rdtypes.ANY.TXT
import dns.rdtypes.IN.A
import dns.rdtypes.IN.AAAA

if TYPE_CHECKING:
    from collections.abc import Sequence

Server: TypeAlias = tuple[str, int]
"""Address and port."""
TRY: Final = 2.0
"""Seconds before the question is put again, to the next server if there is one."""
_MOST_BYTES: Final = 65_535
_EDNS: Final = struct.pack("!BHHIH", 0, dns.rdatatype.OPT, 1232, 0, 0)
_ANSWERED: Final = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})


class UnansweredError(Exception):
    """No usable answer came; the message says in words what happened instead."""


class LateError(UnansweredError):
    """Nothing came before the deadline; what comes after it is not waited for."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One datagram, or what the socket reported in place of one."""

    server: Server
    message: dns.message.Message | None
    """None: it could not be read, or the socket reported ``error``."""
    error: OSError | None = None


class _Query:
    """One question as it goes over the wire, and what distinguishes an answer to it from other messages."""

    def __init__(self, name: dns.name.Name, kind: str, *, recursive: bool) -> None:
        self.kind = dns.rdatatype.from_text(kind)
        self._id = secrets.token_bytes(2)
        self._question = name.to_digestable() + struct.pack("!HH", self.kind, 1)
        header = struct.pack("!HHHHH", dns.flags.RD if recursive else 0, 1, 0, 0, 1)
        self.wire = self._id + header + self._question + _EDNS

    def is_answered_by(self, data: bytes) -> bool:
        """Whether *data* is worth reading. A server that could not read the question may leave it out."""
        if data[:2] != self._id or len(data) < 12 or not data[2] & 0x80:
            return False
        repeated = data[12 : 12 + len(self._question)]
        return data[4:6] != b"\0\1" or repeated.lower() == self._question.lower()

    def read(self, data: bytes) -> dns.message.Message | None:
        """Return the message in *data*, None where there is none. What an answer does not need is left unread."""
        if data[2] & 0x78 or data[4:6] > b"\0\1":  # another opcode than QUERY, or several questions
            return None
        # Whatever dnspython stumbles over in hostile bytes is an answer that cannot be read.
        with contextlib.suppress(dns.exception.DNSException, ValueError, IndexError, KeyError, NotImplementedError):
            if data[6:8] != b"\0\0":
                message = dns.message.from_wire(data[:8] + bytes(4) + data[12:], ignore_trailing=True)
                if any(rrset.rdtype == self.kind for rrset in message.answer):
                    return message
            return dns.message.from_wire(data, ignore_trailing=True)
        return None


class _Sockets:
    """One connected socket for each server that a question went to; what arrives goes into one queue.

    asyncio's datagram endpoint is a transport, a protocol and three turns of the loop before the first byte is out.
    """

    def __init__(self, query: _Query) -> None:
        self.arrivals: asyncio.Queue[_Arrival] = asyncio.Queue()
        self._query = query
        self._loop = asyncio.get_running_loop()
        self._open: dict[Server, socket.socket] = {}

    def send(self, server: Server) -> None:
        """Put the question to *server*. Raises OSError."""
        if server not in self._open:
            family, kind, protocol, _, address = socket.getaddrinfo(
                *server, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
            )[0]
            opened = self._open[server] = socket.socket(family, kind, protocol)
            opened.setblocking(False)
            opened.connect(address)
            self._loop.add_reader(opened, self._readable, server, opened)
        self._open[server].send(self._query.wire)

    def _readable(self, server: Server, opened: socket.socket) -> None:
        """Take one datagram. A wrong id or another question is as if nothing had come."""
        try:
            data = opened.recv(_MOST_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self.arrivals.put_nowait(_Arrival(server, None, error))
            return
        if self._query.is_answered_by(data):
            self.arrivals.put_nowait(_Arrival(server, self._query.read(data)))

    def close(self) -> None:
        """Close every socket; an answer that comes later is refused by the system."""
        for opened in self._open.values():
            self._loop.remove_reader(opened)
            opened.close()


async def exchange(
    servers: Sequence[Server], name: dns.name.Name, kind: str, *, deadline: float, recursive: bool = True
) -> dns.message.Message:
    """Ask *servers* in turn until one answers NOERROR or NXDOMAIN. *deadline* is the loop's time.

    Raises UnansweredError.
    """
    query = _Query(name, kind, recursive=recursive)
    loop = asyncio.get_running_loop()
    sockets = _Sockets(query)
    left = list(servers)
    why = ""
    turn = 0
    try:
        while left:
            server = left[turn % len(left)]
            turn += 1
            remaining = deadline - loop.time()
            if remaining <= 0:
                raise UnansweredError(why) if why else LateError(f"{_at(server)} did not answer in time")
            try:
                sockets.send(server)
                async with asyncio.timeout(min(TRY, remaining)):
                    one = await sockets.arrivals.get()
            except TimeoutError:
                continue
            except OSError as error:
                one = _Arrival(server, None, error)
            message, problem = one.message, _problem(one)
            if message is not None and not problem and message.flags & dns.flags.TC:
                message, problem = await _over_tcp(one.server, query, deadline)
            if message is not None and not problem:
                return message
            why = problem
            if one.server in left:
                left.remove(one.server)
    finally:
        sockets.close()
    raise UnansweredError(why)


def _problem(one: _Arrival) -> str:
    where = _at(one.server)
    if isinstance(one.error, ConnectionRefusedError):
        return f"nothing answers at {where} (connection refused)"
    if one.error is not None:
        return f"{where} cannot be reached ({one.error.strerror or one.error})"
    if one.message is None:
        return f"{where} sent an answer that cannot be read"
    rcode = one.message.rcode()
    return "" if rcode in _ANSWERED else f"{where} answered {dns.rcode.to_text(rcode)}"


async def _over_tcp(server: Server, query: _Query, deadline: float) -> tuple[dns.message.Message | None, str]:
    """Ask again over TCP. A message has 64 KiB at most, so the memory it takes is bounded."""
    where = _at(server)
    blocked = f"TCP {server[1]} is blocked: the answer of {where} is too long for UDP, and over TCP"
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout_at(deadline):
            reader, writer = await asyncio.open_connection(*server)
            writer.write(len(query.wire).to_bytes(2, "big") + query.wire)
            size = int.from_bytes(await reader.readexactly(2), "big")
            data = await reader.readexactly(size)
    except TimeoutError:
        return None, f"{blocked} it did not come in time"
    except ConnectionRefusedError:
        return None, f"{blocked} the connection was refused"
    except (OSError, asyncio.IncompleteReadError):
        return None, f"{blocked} the connection broke"
    finally:
        if writer is not None:
            writer.transport.abort()
    message = query.read(data) if query.is_answered_by(data) else None
    return message, _problem(_Arrival(server, message))


def _at(server: Server) -> str:
    address, port = server
    if port == 53:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
