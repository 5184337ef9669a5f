"""SPF at the envelope sender that Postal really uses: the record that receivers judge by."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.checks.dns.names import is_postal_default
from wizard.checks.dns.outcomes import lookup_failed, no_value, postal_defaults
from wizard.checks.dns.spf_evidence import addresses, evidence_of, failure, ipv6_trap, left_out
from wizard.checks.dns.spf_questions import evaluations, unfit
from wizard.checks.spf.record import select
from wizard.checks.spf.repair import repaired
from wizard.checks.spf.survey import open_terms
from wizard.model.codes import Code
from wizard.model.details import Published
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.resolver import Answer, Ask
    from wizard.checks.dns.worlds import Signing


async def early(zone: Zone, ask: Ask) -> None:
    """Ask what SPF at the return-path host needs, before it is known from which name Postal sends."""
    if zone.rp and unfit(Code.SPF_MAILFROM_NO_VALUE, zone.psrp, zone) is None and not is_postal_default(zone.rp):
        await evaluations(ask, zone.rp, zone.ips, sender=f"postal@{zone.rp}", helo=zone.helo)


async def check(zone: Zone, ask: Ask, signed: Signing) -> Finding:
    """Judge the record that receivers look at: at the envelope sender's name, in the world that holds."""
    if not zone.rp:
        return no_value(Code.SPF_MAILFROM_NO_VALUE, zone.psrp, "domain.return_path_target")
    if skip := unfit(Code.SPF_MAILFROM_NO_VALUE, zone.psrp, zone):
        return skip
    if is_postal_default(zone.rp):
        return postal_defaults(Code.SPF_MAILFROM_POSTAL_DEFAULTS, zone.psrp, zone.rp)
    if signed.psrp is None:
        return lookup_failed(Code.SPF_MAILFROM_LOOKUP_FAILED, zone.psrp, signed.path_problem, evidence=[signed.why])
    return await at(zone, ask, zone.psrp if signed.psrp else zone.rp, signed.why)


async def at(zone: Zone, ask: Ask, name: str, why: str) -> Finding:
    """Judge SPF for mail whose envelope sender is at *name*, the return path or the installation's host."""
    holder = await holder_of(zone, ask, name)

    async def at_holder(asked: str, kind: str, /) -> Answer:
        if asked != name or holder == name:
            return await ask(asked, kind)
        return replace(await ask(holder, kind), name=name)

    judged, replies, asked = await evaluations(at_holder, name, zone.ips, sender=f"postal@{name}", helo=zone.helo)
    which = f"the envelope sender is at {name}" + (f", by its CNAME {holder}" if holder != name else "")
    evidence = [which, why, *evidence_of(judged, asked)]
    if opened := open_terms(name, replies):
        evidence.append(f"it authorises the whole internet by {opened[0]}")
    verdicts = {
        one.ip: Verdict.PASS
        if one.result == "pass"
        else Verdict.UNKNOWN
        if one.result in {"temperror", None}
        else Verdict.FAIL
        for one in judged
    }
    bad = [one for one in judged if verdicts[one.ip] is Verdict.FAIL]
    if not bad and Verdict.UNKNOWN in verdicts.values():
        words = failure(next(one for one in judged if verdicts[one.ip] is Verdict.UNKNOWN), asked)
        return lookup_failed(Code.SPF_MAILFROM_LOOKUP_FAILED, name, words, evidence=evidence)
    detail = Published(spf=judged)
    if not bad:
        terms, voids = max(one.terms for one in judged), max(len(one.voids) for one in judged)
        summary = f"{name} authorises {addresses(judged)}, {terms} of 10 terms, {voids} of 2 voids."
        return Finding.ok(Code.SPF_MAILFROM_AUTHORISED, name, summary, evidence, detail=detail)
    code = {"permerror": Code.SPF_MAILFROM_PERMERROR, "none": Code.SPF_MAILFROM_NONE}.get(
        bad[0].result or "", Code.SPF_MAILFROM_NOT_AUTHORISED
    )
    reason = f": {bad[0].problem}" if bad[0].problem else ""
    present = select(replies[name, "TXT"].values)
    one = repaired(present, [f"ip{ipaddress.ip_address(each.ip).version}:{each.ip}" for each in bad])
    what = f"Correct the TXT record at {zone.rp}, as below"
    if len(present) > 1:
        code = Code.SPF_MAILFROM_SEVERAL
        what = f"Put all terms into one SPF record at {zone.rp}, as below, and delete the others"
    elif not present:
        what = f"Publish the record below at {zone.rp}"
    remedy = f"{what}: that name belongs to the Postal installation, not to {zone.domain}.{left_out(one)}"
    record = zone.record(zone.rp, "TXT", one.text)
    if name == zone.psrp and holder == name:
        remedy = f"Publish the CNAME below again: Postal still sends from {name}. SPF is then judged at {zone.rp}."
        record = zone.record(name, "CNAME", f"{zone.rp}.")
    return Finding.fail(
        code,
        name,
        f"{name} gives {bad[0].result} for {addresses(bad)}{reason}. It should give pass{ipv6_trap(judged)}: receivers "
        "see mail that fails SPF.",
        evidence,
        remedy=remedy,
        record=record,
        detail=detail,
    )


async def holder_of(zone: Zone, ask: Ask, name: str) -> str:
    """Return the name whose records *name* has: the return-path host where its CNAME leads there at once."""
    if name == zone.rp:
        return name
    cname = await ask(name, "CNAME")
    return zone.rp if cname.values[:1] == (zone.rp,) else name
