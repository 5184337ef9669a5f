"""The return path: the CNAME by which bounces and SPF of this domain's mail belong to the From domain."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.checks.dns.names import is_postal_default
from wizard.checks.dns.near_miss import by_wildcard
from wizard.checks.dns.outcomes import lookup_failed, no_value, postal_defaults
from wizard.checks.dns.propagation import settle
from wizard.model.codes import Code
from wizard.model.details import Published
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask

_Found: TypeAlias = "Callable[..., Finding]"

_MOST_HOPS: Final = 9
_PUBLISH: Final = "Publish the CNAME below, and nothing else at that name. Turn off the DNS provider's proxy for it."


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the CNAME by the resolver and by every authoritative server."""
    if not zone.rp:
        return no_value(Code.RETURN_PATH_NO_VALUE, zone.psrp, "domain.return_path_target")
    if is_postal_default(zone.rp):
        return postal_defaults(Code.RETURN_PATH_POSTAL_DEFAULTS, zone.psrp, zone.rp)
    own, target = await asyncio.gather(ask(zone.psrp, "CNAME"), ask(zone.rp, "MX"))

    async def one(answer: Answer) -> Finding:
        return await judge(zone, answer, target, ask)

    return await settle(
        own,
        versions(zone.psrp, "CNAME"),
        one,
        stale=Code.RETURN_PATH_STALE,
        split=Code.RETURN_PATH_NOT_EVERYWHERE,
    )


async def judge(zone: Zone, answer: Answer, target: Answer, ask: Ask) -> Finding:
    """Judge one answer for the CNAME. *target* is any answer for the return-path host: it shows whether that exists."""
    name, expected = zone.psrp, zone.rp
    record = zone.record(name, "CNAME", f"{expected}.")
    if answer.failed:
        return lookup_failed(Code.RETURN_PATH_LOOKUP_FAILED, name, answer.words, record=record)
    hops = [name]

    def found(verdict: Verdict, code: Code, is_now: str, so: str, remedy: str = _PUBLISH) -> Finding:
        return Finding.of(
            verdict,
            code,
            name,
            f"{name} {is_now}. It should be one CNAME to {expected}. Now {so}.",
            (f"is {' → '.join(hops)}", f"should be {name} → {expected}") if len(hops) > 1 else (),
            remedy=remedy,
            record=record,
            detail=Published(),
        )

    if answer.outcome == "loop":
        return found(
            Verdict.FAIL, Code.RETURN_PATH_CNAME_LOOP, f"cannot be looked up: {answer.words}", "bounces are lost"
        )
    if not answer.found:
        return await _instead(zone, ask, answer, found)
    hops.append(answer.values[0])
    if len(answer.values) > 1:
        is_now = f"has {len(answer.values)} CNAMEs"
        return found(Verdict.FAIL, Code.RETURN_PATH_SEVERAL, is_now, "no resolver can use them")
    while hops[-1] != expected and len(hops) < _MOST_HOPS:
        further = await ask(hops[-1], "CNAME")
        if further.failed:
            evidence = (f"is {' → '.join(hops)}",)
            return lookup_failed(Code.RETURN_PATH_LOOKUP_FAILED, name, further.words, record=record, evidence=evidence)
        if not further.found:
            break
        hops.append(further.values[0])
        if hops[-1] in hops[:-1]:
            return found(Verdict.FAIL, Code.RETURN_PATH_CNAME_LOOP, "leads round in a loop", "bounces are lost")
    if hops[-1] != expected:
        return await _elsewhere(zone, ask, answer, hops, found)
    if target.outcome in {"nxdomain", "loop"}:
        return _broken_target(expected, target, found)
    if len(hops) > 2:
        return found(
            Verdict.WARN,
            Code.RETURN_PATH_TWO_HOPS,
            f"reaches it in {len(hops) - 1} hops, {' → '.join(hops)}",
            f"receivers follow it, but Postal's own check does not: {_falls_back(zone)}",
        )
    return Finding.ok(
        Code.RETURN_PATH_PUBLISHED,
        name,
        f"{name} → {expected}: bounces come back to Postal, and SPF aligns with {zone.shown}"
        f"{'' if zone.checked or zone.stored_return_path == 'ok' else ' once Postal has checked this record'}.",
        (f"is {name} → {expected}",),
        record=record,
        detail=Published(),
    )


def _falls_back(zone: Zone) -> str:
    """Return from where Postal sends without a return path that it finds right."""
    aligns = f"from {zone.rp}, where SPF aligns only if that name is of the same organisation"
    if zone.stored_return_path == "ok":
        return f"Postal sends from {zone.psrp} until its next check, and then {aligns}"
    return f"Postal sends {aligns}"


def _broken_target(expected: str, target: Answer, found: _Found) -> Finding:
    if target.outcome == "loop":
        return found(
            Verdict.FAIL,
            Code.RETURN_PATH_TARGET_LOOP,
            f"leads to {expected}, whose CNAMEs lead round in a loop",
            "bounces are lost",
            f"Correct the CNAMEs at {expected}: it belongs to the Postal installation.",
        )
    return found(
        Verdict.FAIL,
        Code.RETURN_PATH_TARGET_MISSING,
        f"leads to {expected}, which does not exist",
        "bounces are lost and SPF has no record",
        f"Create {expected} first: it belongs to the Postal installation. Or correct domain.return_path_target.",
    )


async def _elsewhere(zone: Zone, ask: Ask, answer: Answer, hops: list[str], found: _Found) -> Finding:
    """Judge a CNAME that ends at another name than Postal's host."""
    if await by_wildcard(ask, answer):
        return found(
            Verdict.FAIL,
            Code.RETURN_PATH_WILDCARD,
            f"leads to {hops[-1]} by a wildcard (*) record and has no record of its own",
            _falls_back(zone),
            f"{_PUBLISH} It overrides the wildcard, which can stay.",
        )
    if hops[-1] == zone.doubled(zone.rp):
        return found(
            Verdict.FAIL,
            Code.RETURN_PATH_DOUBLED_TARGET,
            f"leads to {hops[-1]}: the DNS panel added the domain to the target",
            _falls_back(zone),
            f"Enter the target with a dot at its end: {zone.rp}.",
        )
    end = await ask(hops[-1], "MX")
    if end.outcome == "nxdomain":
        return found(
            Verdict.FAIL, Code.RETURN_PATH_DANGLING, f"leads to {hops[-1]}, which does not exist", _falls_back(zone)
        )
    if end.outcome == "loop" or len(hops) >= _MOST_HOPS:
        return found(
            Verdict.FAIL,
            Code.RETURN_PATH_CNAME_LOOP,
            f"leads through {len(hops) - 1} names or more, or round in a loop",
            "bounces are lost",
        )
    return found(Verdict.FAIL, Code.RETURN_PATH_ELSEWHERE, f"points to {hops[-1]}", _falls_back(zone))


async def _instead(zone: Zone, ask: Ask, answer: Answer, found: _Found) -> Finding:
    """Judge what is at the name in place of a CNAME."""
    name = zone.psrp
    if answer.outcome == "nodata" and (judged := await _own_records(zone, ask, found)) is not None:
        return judged
    enter = f"enter the name as {zone.relative(name)}"
    for code, other, remedy in (
        (Code.RETURN_PATH_DOUBLED_NAME, zone.doubled(name), f"Your DNS panel adds the domain itself: {enter}."),
        (Code.RETURN_PATH_MISPLACED, f"rp.{zone.domain}", f"Postal does not look there: {enter}."),
    ):
        there = await ask(other, "CNAME")
        if there.values == (zone.rp,):
            return found(
                Verdict.WARN, code, f"is absent: the CNAME was published at {other}", _falls_back(zone), remedy
            )
    return found(
        Verdict.WARN,
        Code.RETURN_PATH_ABSENT,
        f"is absent (resolvers hold this answer for up to {answer.ttl} seconds)",
        _falls_back(zone),
    )


async def _own_records(zone: Zone, ask: Ask, found: _Found) -> Finding | None:
    """Judge a name that exists without a CNAME; None where it has nothing that mail would use."""
    name = zone.psrp
    txt, mx, four, six = await asyncio.gather(*(ask(name, kind) for kind in ("TXT", "MX", "A", "AAAA")))
    spf = any(value.lower().startswith(b"v=spf1") for value in txt.values)
    address = four.values + six.values
    there = [kind for kind, has in (("SPF", spf), ("MX", mx.found), ("an address", bool(address))) if has]
    if not there:
        return None
    first = next(one for one in (four, six, mx, txt) if one.found)
    if await by_wildcard(ask, first):
        return found(
            Verdict.WARN,
            Code.RETURN_PATH_WILDCARD,
            f"has no record of its own: the answers ({', '.join(there)}) come from a wildcard (*) record",
            _falls_back(zone),
            f"{_PUBLISH} It overrides the wildcard, which can stay.",
        )
    if address and not spf and not mx.found:
        if txt.failed or mx.failed:
            return lookup_failed(Code.RETURN_PATH_LOOKUP_FAILED, name, txt.words or mx.words)
        return found(
            Verdict.FAIL,
            Code.RETURN_PATH_BARE_ADDRESS,
            f"has the bare address {address[0]}, as a DNS provider's proxy or flattening makes it",
            "bounces go there, and SPF has no record",
        )
    return found(
        Verdict.WARN,
        Code.RETURN_PATH_OWN_RECORDS,
        f"has records of its own ({', '.join(there)}) instead of a CNAME",
        _falls_back(zone),
    )
