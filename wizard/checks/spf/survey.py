"""The SPF tree walked without evaluating it: which questions to ask now, and what the whole tree holds."""

from __future__ import annotations

import ipaddress
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from wizard.checks.spf import macro as spf_macro
from wizard.checks.spf.record import Record, Term, parse, select
from wizard.checks.spf.types import Reply, Whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wizard.model.spf import Key

MOST_QUESTIONS: Final = 60
"""Questions a survey goes after; what a huge tree needs beyond, the evaluation asks itself."""
_MOST_HOSTS: Final = 10
_MOST_TERMS: Final = 20
"""Terms of one record that are surveyed: the evaluation ends at the 11th that queries DNS."""
_DEEPEST: Final = 20
"""Records below each other that are walked; the evaluation ends after 10 terms anyway."""


def prefetch(
    domain: str, ips: Iterable[str], *, sender: str, helo: str, replies: Mapping[Key, Reply]
) -> frozenset[Key]:
    """Return every question that the evaluation for any of *ips* could need next, and ``whole`` as well.

    Empty when nothing is left to ask, or after ``MOST_QUESTIONS``. Raises ``ValueError`` where one of *ips* is none.
    """
    survey = _Survey(replies, [_Sender(spf_macro.address(ip), sender, helo) for ip in ips])
    survey.walk(spf_macro.plain(domain))
    return frozenset(survey.needed)


class _Sender:
    """One sending IP with the macros' values."""

    def __init__(self, ip: spf_macro.Address, sender: str, helo: str) -> None:
        self.ip = ip
        self.family = "A" if ip.version == 4 else "AAAA"
        self.values = spf_macro.values(sender, helo, ip)


@dataclass(slots=True)
class _Survey:
    replies: Mapping[Key, Reply]
    senders: list[_Sender]
    needed: set[Key] = field(default_factory=set)
    known: set[Key] = field(default_factory=set)

    def ask(self, name: str, kind: str) -> Reply | None:
        key = (name, kind)
        reply = self.replies.get(key)
        if spf_macro.is_name(name) and len(self.needed) + len(self.known) < MOST_QUESTIONS:
            (self.needed if reply is None else self.known).add(key)
        return reply

    @property
    def full(self) -> bool:
        return len(self.needed) + len(self.known) >= MOST_QUESTIONS

    def walk(self, domain: str) -> None:
        """Walk level by level, so that a broad include cannot crowd out its neighbours."""
        queue = deque([domain])
        seen = {domain}
        while queue and not self.full:
            here = queue.popleft()
            reply = self.ask(here, "TXT") if "." in here else None
            records = select(reply.values) if reply else []
            if len(records) != 1:
                continue
            record = parse(records[0])
            if record.problem:
                continue
            for term in islice((term for term in record.reached if term.counts), _MOST_TERMS):
                if term.name in {"include", "redirect"}:
                    fresh = [name for name in self.targets(here, term) if name not in seen]
                    seen.update(fresh)
                    queue.extend(fresh)
                else:
                    self.addresses(here, term)

    def addresses(self, here: str, term: Term) -> None:
        families = {sender.family for sender in self.senders}
        if term.name == "ptr":
            for sender in self.senders:
                self.names(sender)
            return
        for target in self.targets(here, term):
            if term.name == "exists":
                self.ask(target, "A")
            elif term.name == "a":
                for family in sorted(families):
                    self.ask(target, family)
            else:
                reply = self.ask(target, "MX")
                hosts = [spf_macro.plain(str(host)) for _, host in reply.values] if reply else []
                for host in hosts if len(hosts) <= _MOST_HOSTS else ():
                    for family in sorted(families):
                        self.ask(host, family)

    def targets(self, here: str, term: Term) -> list[str]:
        """Return the names *term* speaks of for the senders, as far as they are known now."""
        if not term.spec:
            return [here]
        letters = spf_macro.needs(term.spec)
        if not letters & {"i", "v", "p"}:  # the same for every sender
            return [spf_macro.name_of(term.spec, self.senders[0].values | {"d": here})] if self.senders else []
        return list(dict.fromkeys(self._by_sender(here, term)))

    def _by_sender(self, here: str, term: Term) -> Iterator[str]:
        for sender in self.senders:
            given = sender.values | {"d": here}
            if "p" in spf_macro.needs(term.spec):
                names = self.names(sender)
                if names is None:
                    continue
                given["p"] = spf_macro.best_name(names, here)
            yield spf_macro.name_of(term.spec, given)

    def names(self, sender: _Sender) -> list[str] | None:
        """Ask for the confirmed names of a sending IP; None until all replies are there."""
        pointer = self.ask(sender.ip.reverse_pointer.lower(), "PTR")
        if pointer is None:
            return None
        names = [spf_macro.plain(str(name)) for name in pointer.values[:_MOST_HOSTS]]
        names = [name for name in names if spf_macro.is_name(name)]
        found = [(name, self.ask(name, sender.family)) for name in names]
        if any(reply is None for _, reply in found):
            return None
        return [
            name
            for name, reply in found
            if reply and any(ipaddress.ip_address(value) == sender.ip for value in reply.values)
        ]


def whole(domain: str, replies: Mapping[Key, Reply]) -> Whole:
    """Walk the whole tree at *domain* as far as *replies* reach.

    A target that depends on the sender is counted but not followed: only ``%{d}`` is known here.
    """
    walk = _Whole(replies)
    terms = walk.count((spf_macro.plain(domain),), "")
    return Whole(terms, walk.problem)


def open_terms(domain: str, replies: Mapping[Key, Reply]) -> tuple[str, ...]:
    """Name the terms of the whole tree at *domain* that authorise every address, of one family or of both.

    ``+all``, ``ip4:0.0.0.0/0``, ``ip6:::/0``, ``a/0`` and the like: in the record itself, in what it redirects to, and
    in what it includes with a plain ``include``, also behind a match.
    """
    found: list[str] = []
    seen = {spf_macro.plain(domain)}
    queue = deque(seen)
    while queue and len(seen) <= MOST_QUESTIONS:
        here = queue.popleft()
        reply = replies.get((here, "TXT"))
        records = select(reply.values) if reply else []
        for term in parse(records[0]).reached if len(records) == 1 else ():
            if term.qualifier not in {"+", ""}:
                continue
            if term.name == "all" or 0 in term.prefix:
                found.append(f"{term.shown} at {here}")
            elif term.name in {"include", "redirect"} and not spf_macro.needs(term.spec) - {"d"}:
                target = spf_macro.name_of(term.spec, {"d": here})
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
    return tuple(found)


class _Whole:
    def __init__(self, replies: Mapping[Key, Reply]) -> None:
        self.replies = replies
        self.problem = ""
        self.counted: dict[str, int] = {}
        """Terms below a name: a record included twice is walked once and counted twice."""

    def count(self, trail: tuple[str, ...], cause: str) -> int:
        """Return how many terms at and below the last name of *trail*, to which *cause* led, query DNS."""
        domain = trail[-1]
        if domain in self.counted:
            return self.counted[domain]
        record = self.record(domain, cause)
        total = 0
        for term in record.reached if record else ():
            if term.counts:
                total += 1 + self.below(trail, term)
        self.counted[domain] = total
        return total

    def record(self, domain: str, cause: str) -> Record | None:
        records: list[bytes] = []
        if spf_macro.is_name(domain) and "." in domain:
            reply = self.replies.get((domain, "TXT"))
            if reply is None or reply.status == "error":
                return None
            records = select(reply.values)
        if len(records) > 1:
            self.blame(f"{domain} has {len(records)} SPF records, one is allowed")
            return None
        if not records:
            self.blame(f"{cause} leads to {domain}, which has no SPF record" if cause else "")
            return None
        record = parse(records[0])
        self.blame(f"{domain} has a syntax error: {record.problem}" if record.problem else "")
        return record

    def below(self, trail: tuple[str, ...], term: Term) -> int:
        if term.name not in {"include", "redirect"} or spf_macro.needs(term.spec) - {"d"}:
            return 0
        target = spf_macro.name_of(term.spec, {"d": trail[-1]})
        cause = f"{term.shown} at {trail[-1]}"
        if target in trail:
            self.blame(f"{cause} is a loop: it leads back to {target}")
            return 0
        return self.count((*trail, target), cause) if len(trail) < _DEEPEST else 0

    def blame(self, problem: str) -> None:
        self.problem = self.problem or problem
