"""SPF as RFC 7208 has it, sans-IO: name the questions that are needed, take the replies, evaluate.

No socket is opened here. ``survey.prefetch`` names every question worth asking now, ``evaluate`` judges one sending IP
with the replies known so far. A caller asks, adds the replies and calls again.

Where the RFC leaves a choice, pyspf's is taken: look-ups that find nothing are counted each time they are needed, every
host of an ``mx`` and every name of a ``ptr`` is looked up before any is compared.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from wizard.checks.spf import macro as spf_macro
from wizard.checks.spf.record import Record, Term, parse, select
from wizard.model.spf import Evaluation, Key, Node, Result, State, TermNode, Void

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.checks.spf.types import Reply

MOST_TERMS: Final = 10
"""Terms that may query DNS in one evaluation (RFC 7208 4.6.4), as are the hosts of an ``mx`` and the names of a PTR."""
MOST_VOIDS: Final = 2

_RESULTS: Final[dict[str, Result]] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}

_Outcome: TypeAlias = tuple[Result, tuple[str, ...], str]
"""The result, the path walked to it, the term that matched."""


def evaluate(domain: str, ip: str, *, sender: str, helo: str, replies: Mapping[Key, Reply]) -> Evaluation:
    """Judge mail of the envelope sender *sender* from *ip* by the SPF record of *domain*.

    An empty *sender* means ``postmaster@`` the HELO name (RFC 7208 2.4). Raises ``ValueError`` where *ip* is none.
    """
    return _Run(domain, ip, sender, helo, replies).judge()


class _StopError(Exception):
    """The evaluation ends here with an error."""

    def __init__(self, result: Literal["permerror", "temperror"], problem: str) -> None:
        super().__init__(problem)
        self.result: Result = result
        self.problem = problem


class _UnansweredError(Exception):
    """Replies are missing."""

    def __init__(self, keys: frozenset[Key]) -> None:
        super().__init__()
        self.keys = keys


@dataclass(slots=True)
class _Branch:
    """A node of the tree while it grows."""

    domain: str
    record: str = ""
    terms: tuple[Term, ...] = ()
    states: dict[int, State] = field(default_factory=dict)
    children: dict[int, _Branch] = field(default_factory=dict)

    def node(self) -> Node:
        nodes: list[TermNode] = []
        for index, term in enumerate(self.terms):
            child = self.children.get(index)
            state = self.states.get(index, "not reached")
            below = child.node() if child else None
            nodes.append(TermNode(term.text, term.name, term.qualifier, term.counts, state, below))
        return Node(self.domain, tuple(nodes))


class _Run:
    """One evaluation; a new one for every call, so that nothing is counted twice."""

    def __init__(self, domain: str, ip: str, sender: str, helo: str, replies: Mapping[Key, Reply]) -> None:
        self.domain = domain.removesuffix(".").lower()
        self.given_ip = ip
        self.ip = spf_macro.address(ip)
        self.family = "A" if self.ip.version == 4 else "AAAA"
        self.values = spf_macro.values(sender, helo, self.ip)
        self.replies = replies
        self.terms = 0
        self.voids: list[Void] = []
        self.validated: tuple[str, ...] | None = None
        self.trail: list[str] = []

    def judge(self) -> Evaluation:
        root = _Branch(self.domain)
        result: Result | None = None
        needed: frozenset[Key] = frozenset()
        path: tuple[str, ...] = ()
        match = problem = ""
        try:
            record = self.record(self.domain, None)
            result, path, match = self.host(root, record) if record else ("none", (), "")
        except _StopError as stop:
            result, problem = stop.result, stop.problem
        except _UnansweredError as unanswered:
            needed = unanswered.keys
        return Evaluation(
            result=result,
            needed=needed,
            domain=self.domain,
            ip=self.given_ip,
            record=root.record,
            match=match,
            path=path,
            terms=self.terms,
            voids=tuple(self.voids),
            problem=problem,
            tree=root.node(),
        )

    def record(self, domain: str, term: Term | None) -> Record | None:
        """Return the record at *domain*; None is the RFC's ``none`` (RFC 7208 4.3 to 4.5)."""
        if not spf_macro.is_name(domain) or "." not in domain:
            return None
        reply = self.need((domain, "TXT"))[0]
        where = f"{term.shown} at {self.trail[-1]}" if term else domain
        if reply.status == "error":
            raise _StopError("temperror", f"{where}: the TXT look-up of {domain} got no usable answer")
        if reply.void and term:
            self.voids.append(Void(term.text, domain, "TXT"))
        records = select(reply.values)
        if len(records) > 1:
            raise _StopError("permerror", f"{domain} has {len(records)} SPF records, one is allowed")
        return parse(records[0]) if records else None

    def host(self, branch: _Branch, record: Record) -> _Outcome:
        """Evaluate *record*, which is published at the branch's domain (RFC 7208 4.6 to 4.7)."""
        branch.record, branch.terms = record.text, record.terms
        if record.problem:
            branch.states.update((at, "error") for at, term in enumerate(record.terms) if term.problem)
            raise _StopError("permerror", f"{branch.domain} has a syntax error: {record.problem}")
        self.trail.append(branch.domain)
        try:
            for at, term in enumerate(record.terms):
                outcome = self.step(branch, at, term)
                if outcome:
                    return outcome
        finally:
            self.trail.pop()
        return "neutral", (), ""

    def step(self, branch: _Branch, at: int, term: Term) -> _Outcome | None:
        """Evaluate one term; None: the next one decides."""
        if not term.qualifier and term.name != "redirect":
            return None
        voids = len(self.voids)
        outcome: _Outcome | None = None
        try:
            self.charge(term)
            if term.name in {"include", "redirect"}:
                outcome = self.other(branch, at, term)
            elif self.matches(branch.domain, term):
                outcome = _RESULTS[term.qualifier], (term.text,), term.text
        except _StopError:
            branch.states[at] = "error"
            raise
        if outcome and (outcome[2] or term.qualifier):
            branch.states[at] = "matched"
        else:
            branch.states[at] = "void" if len(self.voids) > voids and at not in branch.children else "no match"
        return outcome

    def charge(self, term: Term) -> None:
        """Count a term that queries DNS, and end at the 11th (RFC 7208 4.6.4)."""
        if not term.counts:
            return
        self.terms += 1
        if self.terms > MOST_TERMS:
            where = f"{term.shown} at {self.trail[-1]}"
            raise _StopError("permerror", f"{where} is the 11th term that queries DNS, 10 are allowed")

    def other(self, branch: _Branch, at: int, term: Term) -> _Outcome | None:
        """Evaluate ``include`` and ``redirect`` (RFC 7208 5.2 and 6.1)."""
        target = self.target(branch.domain, term)
        if target in self.trail:
            problem = f"{term.shown} at {branch.domain} is a loop: it leads back to {target}"
            raise _StopError("permerror", problem)
        child = branch.children[at] = _Branch(target)
        record = self.record(target, term)
        if record is None:
            raise _StopError("permerror", f"{term.shown} at {branch.domain} leads to {target}, which has no SPF record")
        result, path, match = self.host(child, record)
        if term.name == "redirect":
            return result, (term.text, *path), match
        if result == "pass":
            return _RESULTS[term.qualifier], (term.text, *path), match
        return None

    def matches(self, domain: str, term: Term) -> bool:
        """Whether a mechanism other than ``include`` matches (RFC 7208 5)."""
        if term.name == "all":
            return True
        if term.network:
            return self.within(term.network, term)
        target = self.target(domain, term)
        if term.name == "exists":
            return bool(self.look_up(target, "A", term))
        if term.name == "ptr":
            return any(name == target or name.endswith("." + target) for name in self.names(term))
        hosts = [target] if term.name == "a" else self.exchanges(target, term)
        self.need(*((host, self.family) for host in hosts if spf_macro.is_name(host)))
        addresses = [address for host in hosts for address in self.look_up(host, self.family, term)]
        return any(self.within(ipaddress.ip_address(address), term) for address in addresses)

    def exchanges(self, target: str, term: Term) -> list[str]:
        """Return the MX hosts of *target*, the best first."""
        found = sorted((int(preference), str(host)) for preference, host in self.look_up(target, "MX", term))
        if len(found) > MOST_TERMS:
            where = f"{term.shown} at {self.trail[-1]}"
            raise _StopError("permerror", f"{where}: {target} has {len(found)} MX records, 10 are allowed")
        return [spf_macro.plain(host) for _, host in found]

    def names(self, term: Term) -> tuple[str, ...]:
        """Return the sending IP's names that lead back to it (RFC 7208 5.5); after an error none matches."""
        pointer = self.ip.reverse_pointer.lower()
        if self.need((pointer, "PTR"))[0].status == "error":
            return ()
        names = [spf_macro.plain(name) for name in self.look_up(pointer, "PTR", term)[:MOST_TERMS]]
        names = [name for name in names if spf_macro.is_name(name)]
        found = self.need(*((name, self.family) for name in names))
        confirmed: list[str] = []
        for name, reply in zip(names, found, strict=True):
            addresses = () if reply.status == "error" else self.look_up(name, self.family, term)
            if any(ipaddress.ip_address(address) == self.ip for address in addresses):
                confirmed.append(name)
        return tuple(confirmed)

    def target(self, domain: str, term: Term) -> str:
        """Return the name a term speaks of."""
        if not term.spec:
            return domain
        given = self.values | {"d": domain}
        if "p" in spf_macro.needs(term.spec):
            if self.validated is None:
                self.validated = self.names(term)
            given["p"] = spf_macro.best_name(self.validated, domain)
        return spf_macro.name_of(term.spec, given)

    def within(self, address: spf_macro.Address, term: Term) -> bool:
        """Whether the sending IP lies in the term's network around *address*."""
        if address.version != self.ip.version:
            return False
        length = term.prefix[address.version == 6]
        return (int(address) ^ int(self.ip)) >> (address.max_prefixlen - length) == 0

    def look_up(self, name: str, kind: str, term: Term) -> tuple[Any, ...]:
        """Return the records of *name*; nothing found is counted, and the third time ends it (RFC 7208 4.6.4)."""
        if not spf_macro.is_name(name):
            return ()
        reply = self.need((name, kind))[0]
        where = f"{term.shown} at {self.trail[-1]}"
        if reply.status == "error":
            raise _StopError("temperror", f"{where}: the {kind} look-up of {name} got no usable answer")
        if reply.void:
            self.voids.append(Void(term.text, name, kind))
            if len(self.voids) > MOST_VOIDS:
                problem = f"{where}: {name} has no {kind} record, and that is the third look-up to find nothing"
                raise _StopError("permerror", f"{problem}, 2 are allowed")
            return ()
        return reply.values

    def need(self, *keys: Key) -> list[Reply]:
        missing = frozenset(key for key in keys if key not in self.replies)
        if missing:
            raise _UnansweredError(missing)
        return [self.replies[key] for key in keys]
