"""A resolver on loopback for a table of addresses: a list answers, ``SERVFAIL`` fails, ``silent`` never answers."""

from __future__ import annotations

import asyncio
from typing import Literal, Self, TypeAlias

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Answer: TypeAlias = list[str] | Literal["SERVFAIL", "NXDOMAIN", "silent"]


class Names(asyncio.DatagramProtocol):
    """Knows the A and AAAA answers for every name alike."""

    def __init__(self, a: Answer, aaaa: Answer) -> None:
        self._answers = {dns.rdatatype.A: a, dns.rdatatype.AAAA: aaaa}

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.address: tuple[str, int] = self._transport.get_extra_info("sockname")[:2]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        answer = self._answers.get(question.rdtype, "SERVFAIL")
        if answer == "silent":
            return
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if isinstance(answer, str):
            reply.set_rcode(dns.rcode.from_text(answer))
        elif answer:
            reply.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", question.rdtype, answer))
        self._transport.sendto(reply.to_wire(), addr)
