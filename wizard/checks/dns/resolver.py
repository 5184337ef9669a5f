"""Questions to resolvers and name servers, each asked once a run however many checks need its answer."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, Self, TypeAlias

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from wizard.checks.dns.wire import LateError, Server, UnansweredError, exchange
from wizard.model.session import Listener, Progress, Session, nobody
from wizard.system import files

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from types import TracebackType

RESOLV_CONF: Final = Path("/etc/resolv.conf")
NO_RESOLVER: Final = "no resolver is configured: /etc/resolv.conf has none, and --resolver IP[:PORT] was not given"
_MOST: Final = 400
"""Questions a run may ask: a good zone needs 22, the worst zone that RFC 7208 allows some 200."""
_PATIENCE: Final = 3.0
"""Seconds for an authoritative server: its answer adds to a verdict, so nobody waits 5 s for a silent one."""

_LONGEST_CHAIN: Final = 15
_LOOP: Final = f"its CNAMEs lead round in a loop, or through more than {_LONGEST_CHAIN} names"

Outcome: TypeAlias = Literal["answer", "nodata", "nxdomain", "loop", "failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question."""

    name: str
    """Lower case, without the final dot."""
    type: str
    outcome: Outcome
    """``nodata``: the name exists without such records; ``loop``: its CNAMEs do not end; ``failed``: nobody knows."""
    values: tuple[Any, ...] = ()
    """TXT: bytes, its strings joined. A, AAAA, NS, CNAME, PTR: str. MX: (preference, host). SOA: (primary, serial)."""
    chain: tuple[str, ...] = ()
    """The names that CNAMEs led to, in order."""
    ttl: int = 0
    """Seconds for which the server keeps this answer; for a missing record the negative TTL (RFC 2308)."""
    zone: str = ""
    """The owner of the SOA in a negative answer."""
    words: str = ""
    """For ``failed`` and ``loop``: what happened."""
    authoritative: bool = False
    late: bool = False
    """For ``failed``: nothing came before the deadline."""

    @property
    def found(self) -> bool:
        """Whether there are such records."""
        return self.outcome == "answer"

    @property
    def failed(self) -> bool:
        """Whether it is not known if there are such records."""
        return self.outcome == "failed"

    @property
    def absent(self) -> bool:
        """Whether the server says that there are no such records."""
        return self.outcome in {"nodata", "nxdomain"}

    @property
    def canonical(self) -> str:
        """The name at which the CNAMEs end."""
        return self.chain[-1] if self.chain else self.name


class Ask(Protocol):
    """Whoever answers a question: the resolver, or a test's table."""

    async def __call__(self, name: str, kind: str, /) -> Answer:
        """Return the answer; a failure is an outcome, never an exception."""


class Questions:
    """One run's questions, single-flight; leaving the context cancels what is still out."""

    def __init__(self, session: Session, on_event: Listener = nobody, lifetime: float = 5.0) -> None:
        self.servers: tuple[Server, ...] = (session.resolver,) if session.resolver else system_resolvers()
        self._on_event = on_event
        self._deadline = asyncio.get_running_loop().time() + lifetime
        self._tasks: dict[tuple[Server | None, str, str], asyncio.Task[Answer]] = {}
        self._done = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if kind is None and self._done < len(self._tasks):  # what was asked ahead and is not needed any more
            self._on_event(Progress(self._done, self._done))

    async def ask(self, name: str, kind: str, /) -> Answer:
        """Ask the resolver. Some answer SERVFAIL for CNAMEs without end: that is looked into, for it is a fault."""
        answer = await self._once(None, name, kind)
        if not answer.failed or "SERVFAIL" not in answer.words or kind == "CNAME":
            return answer
        hops = [answer.name]
        while len(hops) <= _LONGEST_CHAIN and hops[-1] not in hops[:-1]:
            further = await self._once(None, hops[-1], "CNAME")
            if not further.found:
                return answer
            hops.append(further.values[0])
        return replace(answer, outcome="loop", chain=tuple(hops[1:]), words=_LOOP)

    async def ask_server(self, server: Server, name: str, kind: str) -> Answer:
        """Ask one authoritative server, without recursion."""
        return await self._once(server, name, kind)

    async def _once(self, server: Server | None, name: str, kind: str) -> Answer:
        key = (server, name.lower().rstrip("."), kind)
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(self._counted(self._answer(*key)))
            self._report()
        return await asyncio.shield(task)  # whoever gives up waiting does not take it from the others

    async def _counted(self, answer: Coroutine[Any, Any, Answer]) -> Answer:
        found = await answer
        self._done += 1
        self._report()
        return found

    def _report(self) -> None:
        self._on_event(Progress(self._done, len(self._tasks)))

    async def _answer(self, server: Server | None, name: str, kind: str) -> Answer:
        servers: Sequence[Server] = self.servers if server is None else (server,)
        if not servers:
            return Answer(name, kind, "failed", words=NO_RESOLVER)
        if len(self._tasks) > _MOST:
            return Answer(name, kind, "failed", words=f"not asked: this zone needs more than {_MOST} questions")
        qname = absolute(name)
        if qname is None:
            return Answer(name, kind, "nxdomain", words="no name in DNS is written like that")
        deadline = (
            self._deadline if server is None else min(self._deadline, asyncio.get_running_loop().time() + _PATIENCE)
        )
        try:
            message = await exchange(servers, qname, kind, deadline=deadline, recursive=server is None)
        except UnansweredError as error:
            late = isinstance(error, LateError)
            return Answer(name, kind, "failed", words=str(error), late=late)
        return read(message, name, kind)


def absolute(name: str) -> dns.name.Name | None:
    """Return *name* as dnspython has it, None where no such name can exist (a label over 63, the whole over 255).

    A backslash is not taken for an escape: nobody types one, and a name from an answer that needs one is not a host's.
    """
    if "\\" in name or name == "@":  # dnspython would take one for an escape, the other for the root
        return None
    try:
        return dns.name.from_text(name.encode("ascii").decode("ascii"), origin=dns.name.root)
    except (dns.exception.DNSException, UnicodeError):
        return None


def read(message: dns.message.Message, name: str, kind: str) -> Answer:
    """Take an answer message with rcode NOERROR or NXDOMAIN apart; whatever contradicts itself is a failed look-up."""
    if not isinstance(message, dns.message.QueryMessage):  # an opcode other than QUERY: an update, a notification
        return Answer(name, kind, "failed", words=f"the answer is not one to a query ({type(message).__name__})")
    authoritative = bool(message.flags & dns.flags.AA)
    try:
        result = message.resolve_chaining()
    except dns.message.ChainTooLong:
        return Answer(name, kind, "loop", words=_LOOP, authoritative=authoritative)
    except dns.exception.DNSException as error:
        return Answer(name, kind, "failed", words=f"the answer contradicts itself ({type(error).__name__})")
    outcome: Outcome = "answer" if result.answer is not None else "nodata"
    if message.rcode() == dns.rcode.NXDOMAIN:
        outcome = "nxdomain"
    soa = next((rrset.name for rrset in message.authority if rrset.rdtype == dns.rdatatype.SOA), None)
    return Answer(
        name,
        kind,
        outcome,
        values=tuple(_value(rdata) for rdata in result.answer or ()),
        chain=tuple(text(rdata.target) for rrset in result.cnames for rdata in list(rrset)[:1]),
        ttl=result.minimum_ttl,
        zone="" if soa is None else text(soa),
        authoritative=authoritative,
    )


def text(name: dns.name.Name) -> str:
    """Return a name from an answer: lower case, without the final dot, odd bytes escaped; the root is empty."""
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()


def _value(rdata: Any) -> Any:
    match rdata.rdtype:
        case dns.rdatatype.TXT:
            return b"".join(rdata.strings)
        case dns.rdatatype.A | dns.rdatatype.AAAA:
            return str(rdata.address)
        case dns.rdatatype.MX:
            return (int(rdata.preference), text(rdata.exchange))
        case dns.rdatatype.SOA:
            return (text(rdata.mname), int(rdata.serial))
        case _:
            return text(rdata.target)


def system_resolvers(path: Path = RESOLV_CONF) -> tuple[Server, ...]:
    """Return the first three name servers of resolv.conf (as libc does); none where it is missing or names none."""
    try:
        lines = files.read(path, 65_536).decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    found: list[Server] = []
    for line in lines:
        words = line.split()
        if len(words) < 2 or words[0] != "nameserver":
            continue
        try:
            ipaddress.ip_address(words[1])  # takes a scope such as fe80::1%eth0 as well
        except ValueError:
            continue
        found.append((words[1], 53))
    return tuple(found[:3])
