"""The From domain itself: that it exists, and that it proves its ownership to Postal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import lacks, quoted, unknown
from wizard.checks.dns.propagation import Detail, settle
from wizard.checks.dns.resolver import Answer
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Ask

VERIFY_PREFIX: Final = "postal-verification"
"""Postal's ``dns.domain_verify_prefix`` (lib/postal/config_schema.rb)."""


async def domain(zone: Zone, ask: Ask) -> Finding:
    """Judge whether the domain exists: its SOA proves it, its name servers are evidence."""
    if zone.problem:
        return _by_soa(zone, Answer(zone.domain, "SOA", "nxdomain"))
    soa, servers = await asyncio.gather(ask(zone.domain, "SOA"), ask(zone.domain, "NS"))
    return _by_soa(zone, soa, servers.values)


def _by_soa(zone: Zone, soa: Answer, servers: Sequence[str] = ()) -> Finding:
    if soa.failed:
        return unknown("domain", zone.domain, soa.words)
    evidence = [f"both forms: {zone.shown}"] if zone.shown != zone.domain else []
    if soa.outcome in {"nxdomain", "loop"}:
        reason = "does not exist (NXDOMAIN)" if soa.outcome == "nxdomain" else f"cannot be looked up: {soa.words}"
        return Finding(
            "domain",
            zone.domain,
            Verdict.FAIL,
            f"{zone.shown} {(zone.problem and f'is no domain name: {zone.problem}') or reason}; wanted is a registered "
            "domain: receivers refuse mail from it.",
            (*evidence, f"resolvers hold this answer for up to {soa.ttl} seconds"),
            "Look for a typing error in the From address; otherwise register the domain, or add it at its servers.",
            detail=Detail(),
        )
    holder = zone.domain if soa.found else soa.zone
    if soa.found:
        evidence.append(f"SOA of {holder}: primary {soa.values[0][0]}, serial {soa.values[0][1]}")
    elif holder:
        evidence.append(f"it is no zone of its own: {holder} holds its records")
    if servers:
        evidence.append(f"name servers {', '.join(servers[:13])}")
    return Finding("domain", zone.domain, Verdict.PASS, f"{zone.shown} exists.", tuple(evidence), detail=Detail())


async def ownership(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the TXT record by which Postal verifies the domain (app/models/domain.rb)."""
    if not zone.ownership:
        return lacks("ownership", zone.domain, "domain.ownership", "the text of Postal's Verify page")
    own = await ask(zone.domain, "TXT")

    async def one(answer: Answer) -> Finding:
        return await _judge(zone, answer, ask)

    return await settle(own, versions(zone.domain, "TXT"), one)


async def _judge(zone: Zone, answer: Answer, ask: Ask) -> Finding:
    wanted = zone.ownership
    if answer.failed:
        return unknown("ownership", zone.domain, answer.words)
    texts = [value.decode("utf-8", "surrogateescape").strip() for value in answer.values]
    record = zone.record(zone.domain, "TXT", wanted)
    verify = zone.setup_path.removesuffix("setup") + "verify"

    def found(verdict: Verdict, summary: str, remedy: str = "", *evidence: str) -> Finding:
        lines = (f"should be {quoted(wanted)}", *evidence)
        return Finding("ownership", zone.domain, verdict, summary, lines, remedy, record=record, detail=Detail())

    if wanted in texts:
        return found(Verdict.PASS, f"{zone.shown} has {quoted(wanted)}: Postal can verify it.")
    prefix = wanted.split()[0] if " " in wanted else VERIFY_PREFIX
    others = [text for text in texts if text.lower().startswith(prefix.lower())]
    if others:
        return found(
            Verdict.FAIL,
            f"{zone.domain} has {quoted(others[0])}; wanted is {quoted(wanted)}: Postal does not verify the domain.",
            f"Replace the record by the one below, then press *Verify TXT record* in Postal ({verify}).",
            *(f"is {quoted(text)}" for text in others[:5]),
        )
    probes = ((zone.doubled(zone.domain), "@ or an empty name"), (f"{prefix}.{zone.domain}", "@ or an empty name"))
    for name, enter in probes:
        elsewhere = await ask(name, "TXT")
        if any(prefix in value.decode("utf-8", "replace") or len(value) == 32 for value in elsewhere.values):
            return found(
                Verdict.WARN,
                f"The ownership record stands at {name}; wanted is {zone.domain} itself: Postal does not see it there.",
                f"Move it to {zone.domain}: enter the name as {enter}.",
                f"at {name}: {quoted(elsewhere.values[0])}",
            )
    return found(
        Verdict.WARN,
        f"{zone.domain} has no ownership record; wanted is {quoted(wanted)}: Postal refuses mail from it unless an "
        "administrator verified it.",
        f"Publish the record below, then press *Verify TXT record* in Postal ({verify}); a 250 after DATA proves it.",
    )
