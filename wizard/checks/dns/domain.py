"""The From domain itself: that it exists, and that it proves its ownership to Postal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import decoded, quoted
from wizard.checks.dns.near_miss import difference, flaw
from wizard.checks.dns.outcomes import lookup_failed, no_value
from wizard.checks.dns.propagation import settle
from wizard.model.codes import Code
from wizard.model.details import Published
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask

VERIFY_PREFIX: Final = "postal-verification"
"""Postal's ``dns.domain_verify_prefix`` (lib/postal/config_schema.rb)."""


async def domain(zone: Zone, ask: Ask) -> Finding:
    """Judge whether the domain exists: its SOA proves it, its name servers are evidence."""
    if zone.problem:
        return _missing(
            zone, Code.DOMAIN_INVALID_NAME, f"is not a domain name: {zone.problem}", ("nothing was asked for it",)
        )
    soa, servers = await asyncio.gather(ask(zone.domain, "SOA"), ask(zone.domain, "NS"))
    return _by_soa(zone, soa, servers.values)


def _missing(zone: Zone, code: Code, is_now: str, evidence: tuple[str, ...]) -> Finding:
    return Finding.fail(
        code,
        zone.domain,
        f"{zone.shown} {is_now}. It should be a registered domain: receivers refuse mail from any other.",
        evidence,
        remedy="Check the spelling of the From address. If it is right, register the domain, or add its zone to the "
        "name servers.",
    )


def _by_soa(zone: Zone, soa: Answer, servers: Sequence[str] = ()) -> Finding:
    if soa.failed:
        return lookup_failed(Code.DOMAIN_LOOKUP_FAILED, zone.domain, soa.words)
    evidence = [f"both forms: {zone.shown}"] if zone.shown != zone.domain else []
    if soa.outcome in {"nxdomain", "loop"}:
        held = (*evidence, f"resolvers hold this answer for up to {soa.ttl} seconds")
        if soa.outcome == "loop":
            return _missing(zone, Code.DOMAIN_CNAME_LOOP, f"cannot be looked up: {soa.words}", held)
        return _missing(zone, Code.DOMAIN_NOT_FOUND, "does not exist (NXDOMAIN)", held)
    holder = zone.domain if soa.found else soa.zone
    if soa.found:
        evidence.append(f"SOA of {holder}: primary {soa.values[0][0]}, serial {soa.values[0][1]}")
    elif holder:
        evidence.append(f"it is part of the zone {holder}")
    if servers:
        evidence.append(f"name servers {', '.join(servers[:13])}")
    return Finding.ok(Code.DOMAIN_EXISTS, zone.domain, f"{zone.shown} exists.", evidence)


async def ownership(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the TXT record by which Postal verifies the domain (app/models/domain.rb)."""
    if not zone.ownership:
        return no_value(Code.OWNERSHIP_NO_VALUE, zone.domain, "domain.ownership")
    own = await ask(zone.domain, "TXT")

    async def one(answer: Answer) -> Finding:
        return await _judge(zone, answer, ask)

    return await settle(
        own,
        versions(zone.domain, "TXT"),
        one,
        stale=Code.OWNERSHIP_STALE,
        split=Code.OWNERSHIP_NOT_EVERYWHERE,
    )


async def _judge(zone: Zone, answer: Answer, ask: Ask) -> Finding:
    expected = zone.ownership
    if answer.failed:
        return lookup_failed(Code.OWNERSHIP_LOOKUP_FAILED, zone.domain, answer.words)
    texts = [decoded(value).strip() for value in answer.values]
    record = zone.record(zone.domain, "TXT", expected)
    press = f'Then press "Verify TXT record" on the domain\'s page in Postal ({zone.setup_path}).'

    def found(verdict: Verdict, code: Code, summary: str, remedy: str = "", *evidence: str) -> Finding:
        return Finding.of(
            verdict, code, zone.domain, summary, evidence, remedy=remedy, record=record, detail=Published()
        )

    should = f"should be {quoted(expected)}"
    if expected in texts:
        return found(
            Verdict.PASS,
            Code.OWNERSHIP_PUBLISHED,
            f"{zone.shown} has {quoted(expected)}: Postal can verify it.",
            "",
            should,
        )
    for text in texts:
        if (typed := flaw(text)) is not None and typed.cleaned == expected:
            return found(
                Verdict.FAIL,
                Code.OWNERSHIP_ALTERED,
                f"The ownership record is there but {typed.words}. It should be {quoted(expected)}: Postal compares it "
                "letter by letter and does not verify the domain.",
                f"Replace the record with the one below, without quotes or backslashes. {press}",
                *difference(text, expected),
            )
    prefix = expected.split()[0] if " " in expected else VERIFY_PREFIX
    others = [text for text in texts if text.lower().startswith(prefix.lower())]
    if others:
        return found(
            Verdict.FAIL,
            Code.OWNERSHIP_ANOTHER,
            f"{zone.domain} has {quoted(others[0])}. It should be {quoted(expected)}: Postal accepts no other text.",
            f"Replace the record with the one below. {press}",
            *difference(others[0], expected),
        )
    return await _elsewhere(zone, ask, prefix) or found(
        Verdict.WARN,
        Code.OWNERSHIP_ABSENT,
        f"{zone.domain} has no ownership record. It should have {quoted(expected)}: Postal refuses mail from it unless "
        "an administrator has verified it.",
        f"Publish the record below. {press} Only a test mail that is accepted proves that Postal has verified it.",
        should,
    )


async def _elsewhere(zone: Zone, ask: Ask, prefix: str) -> Finding | None:
    """Return the finding for a record at a name where panels and people put it by mistake."""
    for name in (zone.doubled(zone.domain), f"{prefix}.{zone.domain}"):
        elsewhere = await ask(name, "TXT")
        if any(prefix in decoded(value) or len(value) == 32 for value in elsewhere.values):
            return Finding.warn(
                Code.OWNERSHIP_MISPLACED,
                zone.domain,
                f"The ownership record is at {name}. It should be at {zone.domain} itself: Postal does not see it "
                "elsewhere.",
                (f"at {name}: {quoted(elsewhere.values[0])}", f"should be {quoted(zone.ownership)}"),
                remedy=f"Move it to {zone.domain}: enter the name as @, or leave it empty.",
                record=zone.record(zone.domain, "TXT", zone.ownership),
                detail=Published(),
            )
    return None
