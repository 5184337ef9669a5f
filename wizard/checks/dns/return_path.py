"""The return path: the CNAME by which bounces and SPF of this domain's mail belong to the From domain."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import lacks, unknown
from wizard.checks.dns.propagation import Detail, settle
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask

_MOST_HOPS: Final = 9


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the CNAME by the resolver and by every authoritative server."""
    if not zone.rp:
        return lacks("return_path", zone.psrp, "domain.return_path_target", "Postal's return-path host")
    own, target = await asyncio.gather(ask(zone.psrp, "CNAME"), ask(zone.rp, "MX"))

    async def one(answer: Answer) -> Finding:
        return await judge(zone, answer, target, ask)

    return await settle(own, versions(zone.psrp, "CNAME"), one)


async def judge(zone: Zone, answer: Answer, target: Answer, ask: Ask) -> Finding:
    """Judge one answer for the CNAME. *target* is any answer for the return-path host: it tells whether that exists."""
    name, wanted = zone.psrp, zone.rp
    record = zone.record(name, "CNAME", f"{wanted}.")
    if answer.failed:
        return unknown("return_path", name, answer.words, record=record)
    falls_back = "Postal then uses the installation's own name as envelope sender, and SPF does not align"
    hops = [name]

    def found(verdict: Verdict, is_now: str, so: str, remedy: str = "") -> Finding:
        return Finding(
            "return_path",
            name,
            verdict,
            f"{name} {is_now}; wanted is one CNAME to {wanted}; {so}.",
            (f"is {' → '.join(hops)}", f"should be {name} → {wanted}") if len(hops) > 1 else (),
            remedy or "Publish the CNAME below, and nothing else at that name; proxies of a DNS provider must be off.",
            record=record,
            detail=Detail(),
        )

    if answer.outcome == "loop":
        return found(Verdict.FAIL, f"cannot be looked up: {answer.words}", "bounces are lost")
    if not answer.found:
        return await _instead(zone, ask, answer, found, falls_back)
    hops.append(answer.values[0])
    if len(answer.values) > 1:
        return found(Verdict.FAIL, f"has {len(answer.values)} CNAMEs", "no resolver can use them")
    while hops[-1] != wanted and len(hops) < _MOST_HOPS:
        further = await ask(hops[-1], "CNAME")
        if further.failed:
            return unknown("return_path", name, further.words, record=record, evidence=(f"is {' → '.join(hops)}",))
        if not further.found:
            break
        if further.values[0] in hops:
            hops.append(further.values[0])
            return found(Verdict.FAIL, "goes round in a loop", "bounces are lost")
        hops.append(further.values[0])
    if hops[-1] != wanted:
        end = await ask(hops[-1], "MX")
        if end.outcome == "nxdomain":
            return found(Verdict.FAIL, f"leads to {hops[-1]}, which does not exist", f"it helps nobody: {falls_back}")
        if end.outcome == "loop" or len(hops) >= _MOST_HOPS:
            return found(Verdict.FAIL, "leads on and on, or in a loop", "bounces are lost")
        return found(Verdict.FAIL, f"points to {hops[-1]}", falls_back)
    if target.outcome == "nxdomain":
        return found(
            Verdict.FAIL,
            f"leads to {wanted}, which does not exist",
            "bounces are lost and SPF has no record",
            f"Create {wanted} first: it belongs to the Postal installation. Or correct domain.return_path_target.",
        )
    if target.outcome == "loop":
        return found(
            Verdict.FAIL,
            f"leads to {wanted}, whose CNAMEs go round",
            "bounces are lost",
            f"Mend the CNAMEs at {wanted}.",
        )
    if len(hops) > 2:
        return found(
            Verdict.WARN,
            f"reaches it in {len(hops) - 1} hops, {' → '.join(hops)}",
            f"receivers follow it, Postal's own check does not: {falls_back}",
        )
    return Finding(
        "return_path",
        name,
        Verdict.PASS,
        f"{name} → {wanted}: bounces come back to Postal, and SPF aligns with {zone.shown}.",
        (f"is {name} → {wanted}",),
        record=record,
        detail=Detail(),
    )


async def _instead(zone: Zone, ask: Ask, answer: Answer, found: Callable[..., Finding], falls_back: str) -> Finding:
    """Judge what stands at the name in place of a CNAME."""
    name = zone.psrp
    if answer.outcome == "nodata":
        txt, mx, four, six = await asyncio.gather(*(ask(name, kind) for kind in ("TXT", "MX", "A", "AAAA")))
        spf = any(value.lower().startswith(b"v=spf1") for value in txt.values)
        address = four.values + six.values
        if address and not spf and not mx.found:
            if txt.failed or mx.failed:
                return unknown("return_path", name, txt.words or mx.words)
            return found(
                Verdict.FAIL,
                f"has the bare address {address[0]}",
                "bounces go there and SPF has no record; a DNS provider's proxy or flattening does that",
            )
        if spf or mx.found:
            kinds = [kind for kind, there in (("SPF", spf), ("MX", mx.found), ("address", bool(address))) if there]
            return found(Verdict.WARN, f"has records of its own ({', '.join(kinds)}) in place of a CNAME", falls_back)
    twice = await ask(zone.doubled(name), "CNAME")
    if twice.values == (zone.rp,):
        return found(
            Verdict.WARN,
            f"is absent, the CNAME stands at {twice.name} instead",
            falls_back,
            f"Your DNS panel appends the domain by itself: enter the name as {zone.relative(name)}.",
        )
    return found(
        Verdict.WARN,
        f"is absent (resolvers hold this answer for up to {answer.ttl} seconds)",
        falls_back,
    )
