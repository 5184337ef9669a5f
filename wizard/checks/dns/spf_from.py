"""SPF at the From domain: Postal's own check looks there, receivers rarely do, so its faults are mild."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.checks.dns.names import decoded, is_postal_default, quoted
from wizard.checks.dns.near_miss import difference, flaw, named
from wizard.checks.dns.outcomes import lookup_failed, postal_defaults
from wizard.checks.dns.propagation import settle
from wizard.checks.dns.spf_evidence import addresses, evidence_of, failure, ipv6_trap, suggested
from wizard.checks.dns.spf_questions import evaluations, unfit
from wizard.checks.spf.evaluate import MOST_TERMS, MOST_VOIDS
from wizard.checks.spf.record import select
from wizard.checks.spf.survey import open_terms, whole
from wizard.model.codes import Code
from wizard.model.details import Published
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask
    from wizard.checks.spf.types import Whole
    from wizard.model.spf import Evaluation, Node

_Found: TypeAlias = "Callable[..., Finding]"

_VERSION: Final = re.compile(r"v\s*=\s*spf1", re.IGNORECASE)


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the From domain's record. Receivers look at it rarely, so its faults are mild (facts, section 1)."""
    if skip := unfit(Code.SPF_FROM_NO_VALUE, zone.domain, zone):
        return skip
    own = await ask(zone.domain, "TXT")

    async def one(answer: Answer) -> Finding:
        async def with_record(name: str, kind: str, /) -> Answer:
            return answer if (name, kind) == (zone.domain, "TXT") else await ask(name, kind)

        return await _judge_from(zone, answer, with_record)

    return await settle(
        own, versions(zone.domain, "TXT"), one, stale=Code.SPF_FROM_STALE, split=Code.SPF_FROM_NOT_EVERYWHERE
    )


async def _judge_from(zone: Zone, answer: Answer, ask: Ask) -> Finding:
    name = zone.domain
    if answer.failed:
        return lookup_failed(Code.SPF_FROM_LOOKUP_FAILED, name, answer.words)
    judged, replies, asked = await evaluations(ask, name, zone.ips, sender=zone.sender, helo=zone.helo, deep=True)
    present = select(answer.values)
    tree = whole(name, replies)
    evidence = evidence_of(judged, asked)
    if tree.problem and all(one.problem != tree.problem for one in judged):
        evidence.append(f"behind the match: {tree.problem}")
    evidence.append("receivers judge SPF at the envelope sender, not here: see SPF (envelope)")

    def found(
        verdict: Verdict, code: Code, is_now: str, should: str = "", remedy: str = "", texts: Sequence[bytes] = present
    ) -> Finding:
        record, without = suggested(zone, judged, texts, replies)
        return Finding.of(
            verdict,
            code,
            name,
            f"{name} {is_now}.{should and f' {should}.'}",
            evidence,
            remedy=f"{remedy}{without}" if remedy else "",
            record=record,
            detail=Published(spf=judged),
        )

    if broken := [one for one in judged if one.result == "permerror"]:
        several = len(present) > 1
        return found(
            Verdict.FAIL,
            Code.SPF_FROM_SEVERAL if several else Code.SPF_FROM_PERMERROR,
            f"has an SPF record with an error for {addresses(broken)}: {broken[0].problem}",
            f"It should pass for every sending address{ipv6_trap(judged)}. Now receivers ignore it or refuse the mail",
            "Put all terms into one SPF record, as below, and delete the others."
            if several
            else "Correct the record, as below: Postal's include comes first.",
        )
    if opened := open_terms(name, replies):
        return found(
            Verdict.FAIL,
            Code.SPF_FROM_OPEN_TO_ALL,
            f"authorises the whole internet by {' and '.join(opened[:3])}",
            "It should end in ~all or -all and have no such term: anybody may send as you",
            "Replace +all with ~all, and remove a term that covers every address. If it is in an include, "
            "remove that include, or ask its owner.",
        )
    if lost := [one for one in judged if one.result in {"temperror", None}]:
        return lookup_failed(Code.SPF_FROM_LOOKUP_FAILED, name, failure(lost[0], asked), evidence=evidence)
    if not judged[0].record:
        return await _no_record(zone, answer, ask, found, evidence)
    if missed := [one for one in judged if one.result != "pass"]:
        if is_postal_default(zone.spf_include):
            return postal_defaults(Code.SPF_FROM_POSTAL_DEFAULTS, name, zone.spf_include, Verdict.WARN)
        return found(
            Verdict.WARN,
            Code.SPF_FROM_NOT_AUTHORISED,
            f"gives {missed[0].result} for {addresses(missed)}",
            "It should give pass: the record does not authorise Postal",
            f"Put include:{zone.spf_include or 'the host that Postal shows'} into the record, before all.",
        )
    return _limits(judged, tree, found)


def _limits(judged: tuple[Evaluation, ...], tree: Whole, found: _Found) -> Finding:
    """Judge a record that passes by how near it is to the limits of RFC 7208 4.6.4, and by how it ends."""
    terms, voids = max(one.terms for one in judged), max(len(one.voids) for one in judged)
    if terms >= MOST_TERMS or tree.terms > MOST_TERMS:
        return found(
            Verdict.WARN,
            Code.SPF_FROM_NEAR_TERM_LIMIT,
            f"passes with {terms} of 10 terms evaluated, {tree.terms} in the whole tree",
            "It should need 9 at most: the next one breaks it",
            "Remove includes that nobody needs.",
        )
    if voids >= MOST_VOIDS:
        most = max(judged, key=lambda one: len(one.voids))
        empty = "; ".join(f"{void.term} ({void.name} {void.type})" for void in most.voids)
        return found(
            Verdict.WARN,
            Code.SPF_FROM_NEAR_VOID_LIMIT,
            f"passes with 2 of 2 look-ups that find nothing: {empty}",
            "It should have 1 at most: the next one breaks it",
            "Put Postal's include first, as below. Remove those terms if nobody sends by them.",
        )
    if any(qualifier == "?" for qualifier in _alls(judged[0].tree)):
        return found(
            Verdict.WARN,
            Code.SPF_FROM_NEUTRAL_ALL,
            "passes but ends in ?all",
            "It should end in ~all: ?all does not refuse anybody",
            "Write ~all.",
        )
    return found(
        Verdict.PASS,
        Code.SPF_FROM_AUTHORISED,
        f"authorises {addresses(judged)}, {terms} of 10 terms, {voids} of 2 voids",
    )


async def _no_record(zone: Zone, answer: Answer, ask: Ask, found: _Found, evidence: list[str]) -> Finding:
    """Judge a name without a record that receivers see: near misses are named before it counts as absent."""
    name = zone.domain
    if is_postal_default(zone.spf_include):
        return postal_defaults(Code.SPF_FROM_POSTAL_DEFAULTS, name, zone.spf_include, Verdict.WARN)
    for text in map(decoded, answer.values):
        if why := near_miss(text):
            typed = flaw(text)
            meant = typed is not None and select([_encoded(typed.cleaned)])
            evidence[:0] = difference(text, typed.cleaned) if typed is not None and meant else [f"is {quoted(text)}"]
            return found(
                Verdict.WARN,
                Code.SPF_FROM_MALFORMED,
                f"has an SPF record, but it {why}",
                "It should begin with v=spf1 and a blank: receivers ignore it",
                "Replace the record with the one below.",
                [_as_meant(text)],
            )
    twice = await ask(zone.doubled(name), "TXT")
    ours = zone.spf_include.lower().encode() or b"v=spf1"
    if any(ours in value.lower() for value in twice.values):
        return found(
            Verdict.WARN,
            Code.SPF_FROM_DOUBLED_NAME,
            f"has no SPF record: it was published at {twice.name}",
            "It should be at the domain itself, or nobody finds it",
            "Your DNS panel adds the domain itself: enter the name as @, or leave it empty.",
            select(twice.values),
        )
    return found(
        Verdict.WARN,
        Code.SPF_FROM_ABSENT,
        "has no SPF record",
        "It should have one that includes Postal's: Postal's own check looks for it here",
        "Publish the record below.",
    )


def near_miss(text: str) -> str:
    """Return why receivers ignore a TXT record that was meant as an SPF record; empty where it was not, or is one."""
    typed = flaw(text)
    if typed is not None and select([_encoded(typed.cleaned)]):
        return "" if select([_encoded(text)]) else typed.words
    if (version := _VERSION.search(text)) is None or select([_encoded(text)]):
        return ""
    if version.start():
        return "does not begin with v=spf1"
    return f"has {named(text[version.end() : version.end() + 1])} after v=spf1 where a blank belongs"


def _as_meant(text: str) -> bytes:
    """Return a near miss as the SPF record that it was meant to be."""
    typed = flaw(text)
    cleaned = typed.cleaned if typed is not None else text
    version = _VERSION.search(cleaned)
    terms = cleaned[version.end() :] if version is not None else ""
    return _encoded("v=spf1 " + terms.lstrip("\"';:,").replace(";", " "))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _alls(node: Node) -> Iterator[str]:
    """Yield the qualifier of every ``all`` that decides: the record's own, and those that it redirects to."""
    for term in node.terms:
        if term.mechanism == "all":
            yield term.qualifier
        elif term.child is not None and term.mechanism == "redirect":
            yield from _alls(term.child)
