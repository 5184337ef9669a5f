"""What every authoritative server answers beside the resolver, whose cache may still hold the old answer (RFC 2308)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.model.details import Published
from wizard.model.finding import Finding, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from wizard.checks.dns.resolver import Answer, Questions
    from wizard.checks.dns.wire import Server
    from wizard.model.codes import Code

_MOST_HOSTS: Final = 13
_LATE: Final = (
    "this resolver has no such record, and no name server of the zone answered in time: it may be published by now"
)
_DOUBT: Final = "So says this resolver alone: no name server of the zone answered in time."
_MOST_SERVERS: Final = 16
"""Addresses asked: as many as a root zone has names, so that a hostile NS record set stays bounded."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one authoritative server answers."""

    host: str
    server: Server
    raw: Answer
    """Its own answer; a CNAME out of the zone ends there."""
    answer: Answer
    """The same, such a CNAME followed."""

    @property
    def counts(self) -> bool:
        """Whether it answers with authority for the name: neither silent, lame nor referring to others."""
        return self.raw.authoritative and not self.answer.failed


def doubted(own: Answer, versions: Sequence[Version]) -> Answer:
    """Return the resolver's answer *own*, as a failed one where it says "nothing" and nobody is there to confirm that.

    Its "nothing" may be older than the record (RFC 2308). Where every name server answered too late, whether the
    record is published is not known: it must not count as missing.
    """
    if not own.absent or not versions or any(one.counts or not one.raw.late for one in versions):
        return own
    return replace(own, outcome="failed", words=_LATE, late=True)


Versions: TypeAlias = "Callable[[str, str], Awaitable[tuple[Version, ...]]]"
"""How to ask every authoritative server: name and type."""


class Authorities:
    """The name servers of the zone that holds the From domain; found once, asked directly."""

    def __init__(self, questions: Questions, domain: str, port: int) -> None:
        self._questions = questions
        self._domain = domain
        self._port = port
        self._finding: asyncio.Task[tuple[tuple[str, Server], ...]] | None = None

    async def versions(self, name: str, kind: str) -> tuple[Version, ...]:
        """Ask every authoritative server at once; empty where none is known."""
        if self._finding is None:
            self._finding = asyncio.create_task(self._find())
        servers = await asyncio.shield(self._finding)
        return tuple(await asyncio.gather(*(self._version(host, server, name, kind) for host, server in servers)))

    async def _version(self, host: str, server: Server, name: str, kind: str) -> Version:
        raw = await self._questions.ask_server(server, name, kind)
        if raw.outcome != "nodata" or not raw.chain:
            return Version(host, server, raw, raw)
        # A CNAME out of the zone: what is behind it, only a resolver can say.
        own = await self._questions.ask(name, kind)
        if own.chain[:1] != raw.chain[:1]:
            own = await self._questions.ask(raw.canonical, kind)
        return Version(host, server, raw, replace(own, name=name, chain=raw.chain + own.chain[1:], authoritative=True))

    async def stop(self) -> None:
        """Give up finding the servers."""
        if self._finding is not None:
            self._finding.cancel()
            await asyncio.gather(self._finding, return_exceptions=True)

    async def _find(self) -> tuple[tuple[str, Server], ...]:
        ask = self._questions.ask
        found = await ask(self._domain, "NS")
        if not found.found and found.zone and found.zone != self._domain:
            found = await ask(found.zone, "NS")
        hosts = list(dict.fromkeys(found.values))[:_MOST_HOSTS]
        each = await asyncio.gather(*(self._addresses(host) for host in hosts))
        pairs = [(host, (address, self._port)) for host, some in zip(hosts, each, strict=True) for address in some]
        return tuple({server: (host, server) for host, server in reversed(pairs)}.values())[::-1][:_MOST_SERVERS]

    async def _addresses(self, host: str) -> tuple[str, ...]:
        """Return the IPv4 addresses, else the IPv6 ones: one family reaches the same server."""
        found = await self._questions.ask(host, "A")
        if not found.found:
            found = await self._questions.ask(host, "AAAA")
        return found.values


async def settle(
    own: Answer,
    asked: Awaitable[tuple[Version, ...]],
    judge: Callable[[Answer], Awaitable[Finding]],
    *,
    stale: Code,
    split: Code,
    right: frozenset[Verdict] = frozenset({Verdict.PASS}),
) -> Finding:
    """Judge one record by everybody's answer.

    All servers agree with the resolver: its verdict. All agree against it: theirs, and a right one is a warning
    (*stale*) for as long as the resolver holds its old answer. They disagree: a warning (*split*) if any has the record
    right, else the worst. A failed look-up at the resolver stays unknown. Silent or lame servers change nothing, but
    that a record which the resolver lacks is a fault only where a server of the zone answered (``doubted``); where its
    lack is a mere weakness, the finding says whose word that is.
    """
    mine, versions = await asyncio.gather(judge(own), asked)  # most of the judging is done while they answer
    counting = [version for version in versions if version.counts]
    notes = [
        f"{_who(version)}: {version.answer.words or 'does not answer for this zone'}"
        for version in versions
        if not version.counts
    ]
    if own.absent and (doubtful := doubted(own, versions)).failed:
        if mine.verdict is Verdict.FAIL:
            return _with(await judge(doubtful), [f"by this resolver: {mine.summary}", *notes])
        # A weakness stops nothing: it is enough to say whose word it is.
        return _with(replace(mine, summary=f"{mine.summary} {_DOUBT}"), notes)
    if own.failed or not counting:
        return _with(mine, notes)
    theirs = {content(version.answer) for version in counting}
    if theirs == {content(own)}:
        return _with(mine, [f"{len(counting)} of {len(versions)} name servers asked directly answer the same", *notes])
    if len(theirs) == 1:
        new = await judge(counting[0].answer)
        held = f"this resolver still holds the old answer for {_left(own)} seconds: {mine.summary}"
        new = _with(new, [f"all {len(counting)} name servers have what is judged here; {held}", *notes])
        return _stale(own, new, stale if new.verdict in right else None)
    return await _split(mine, counting, judge, split, right, notes)


def _left(own: Answer) -> int:
    return max(own.ttl, 1)  # an answer given away with 0 is held for less than a second


def _stale(own: Answer, new: Finding, code: Code | None) -> Finding:
    """Return what the servers have, with the seconds to wait; *code*: it is right, and only the cache is behind."""
    left = _left(own)
    detail = replace(new.detail if isinstance(new.detail, Published) else Published(), stale=float(left))
    if code is None:
        return replace(new, detail=detail)
    return replace(
        new,
        code=code,
        verdict=Verdict.WARN,
        summary=f"{new.subject} is published, but this resolver still holds the old answer for {left} seconds; other "
        "resolvers may hold it too.",
        remedy=f"Change nothing: wait {left} seconds and check again (the watch does it for you).",
        detail=detail,
    )


async def _split(
    mine: Finding,
    counting: list[Version],
    judge: Callable[[Answer], Awaitable[Finding]],
    code: Code,
    right: frozenset[Verdict],
    notes: list[str],
) -> Finding:
    distinct = {content(version.answer): version.answer for version in counting}
    judged = {key: await judge(answer) for key, answer in distinct.items()}
    by_server = [(version, judged[content(version.answer)]) for version in counting]
    lines = [f"{_who(version)}: {finding.verdict.word} {finding.summary}" for version, finding in by_server]
    good = [version for version, finding in by_server if finding.verdict in right]
    if not good:
        worse = worst(finding for _, finding in by_server)
        chosen = next(finding for _, finding in by_server if finding.verdict is worse)
        return _with(chosen, ["the name servers disagree", *lines, *notes])
    bad = [version for version, finding in by_server if finding.verdict not in right]
    base = next(finding for _, finding in by_server if finding.verdict in right)
    if not bad:  # all serve something right, and not the same
        return _with(mine if mine.verdict in right else base, ["the name servers disagree", *lines, *notes])
    return replace(
        _with(base, [*lines, *notes, f"this resolver: {mine.summary}"]),
        code=code,
        verdict=Verdict.WARN,
        summary=f"{base.subject} is not yet on every name server: {', '.join(map(_who, bad))} "
        f"{'does' if len(bad) == 1 else 'do'} not have it right, so some receivers see the old answer.",
        remedy="Wait until every name server has the zone's new version. If one stays behind, its zone transfer fails.",
    )


def content(answer: Answer) -> object:
    """Return what is compared: TTLs and the order of records are not part of it."""
    if answer.outcome == "answer":
        return frozenset(answer.values)
    return "none" if answer.outcome in {"nodata", "nxdomain"} else answer.outcome


def _who(version: Version) -> str:
    return f"{version.host} ({version.server[0]})"


def _with(finding: Finding, lines: list[str]) -> Finding:
    return replace(finding, evidence=(*finding.evidence, *lines))
