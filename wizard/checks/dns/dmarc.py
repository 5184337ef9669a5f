"""The DMARC record that applies to the From domain, judged: policy, reports, and what weakens it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.checks.dns.dmarc_policy import (
    STRICTNESS,
    Policy,
    Walk,
    by_suffix_list,
    first_record,
    near_miss,
    parse,
    repaired,
    walk,
)
from wizard.checks.dns.names import decoded, quoted
from wizard.checks.dns.near_miss import by_wildcard, difference, flaw
from wizard.checks.dns.outcomes import lookup_failed
from wizard.checks.dns.propagation import settle
from wizard.model.codes import Code
from wizard.model.details import Published
from wizard.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask


@dataclass(frozen=True, slots=True)
class Weakness:
    """One thing that a record could do better."""

    code: Code
    words: str
    cure: str


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the record by the resolver's tree walk, its first level also by every authoritative server."""
    name = f"_dmarc.{zone.domain}"
    walked = await walk(ask, zone.domain)

    async def one(answer: Answer) -> Finding:
        return await judge(zone, replace(walked, answers=(answer, *walked.answers[1:])), ask)

    return await settle(
        walked.answers[0], versions(name, "TXT"), one, stale=Code.DMARC_STALE, split=Code.DMARC_NOT_EVERYWHERE
    )


async def judge(zone: Zone, walked: Walk, ask: Ask) -> Finding:
    """Judge one outcome of the tree walk."""
    state, policy = walked.applies
    if policy is None:
        if state == "failed":
            words = next((answer.words for answer in walked.answers if answer.failed), "the look-up failed")
            return lookup_failed(Code.DMARC_LOOKUP_FAILED, zone.domain, words)
        return await _none(zone, walked, ask)
    at = f"_dmarc.{policy.domain}"
    inherited = state == "inherited"
    record = zone.record(at, "TXT", repaired(policy, inherited=inherited))
    evidence = [f"is {at} {quoted(policy.text, 150)}", *_ignored(walked)]
    if state == "several":
        return Finding.fail(
            Code.DMARC_SEVERAL,
            zone.domain,
            f"{at} has several DMARC records. It should have one: receivers ignore them all.",
            evidence,
            remedy="Delete all but one of them; the first one is below.",
            record=record,
            detail=Published(),
        )
    if state == "empty":
        return Finding.fail(
            Code.DMARC_UNUSABLE,
            zone.domain,
            f"{at} holds {quoted(policy.text, 60)}, with nothing usable after v=DMARC1. It should have a policy, at "
            "first p=none with an address for reports: receivers ignore the record.",
            evidence,
            remedy="Replace it with the record below.",
            record=record,
            detail=Published(),
        )
    consents = await asyncio.gather(*(_consent(ask, policy, walked.organisation, uri) for uri in policy.rua))
    evidence += [line for _, line in consents]
    if inherited and by_suffix_list(zone.domain) != walked.organisation:
        evidence.append(
            f"receivers of RFC 7489 look at {by_suffix_list(zone.domain)} instead, by the public suffix list"
        )
    weak = [*_weaknesses(policy, inherited=inherited), *_without_consent(consents)]
    if weak:
        refused = [address for address, (consent, _) in zip(policy.rua, consents, strict=True) if consent is False]
        return Finding.warn(
            weak[0].code,
            zone.domain,
            f"{at} has {quoted(policy.text, 60)}: {'; '.join(one.words for one in weak)}.",
            evidence,
            remedy=f"Change the record: {'; '.join(dict.fromkeys(one.cure for one in weak))}.",
            record=zone.record(at, "TXT", repaired(policy, inherited=inherited, refused=refused)),
            detail=Published(),
        )
    if any(consent is None for consent, _ in consents):
        words = next(line for consent, line in consents if consent is None)
        return lookup_failed(Code.DMARC_LOOKUP_FAILED, zone.domain, words, evidence=evidence)
    effect = policy.sp if inherited else policy.p
    where = f", inherited from {policy.domain}" if inherited else ""
    return Finding.ok(
        Code.DMARC_ENFORCED,
        zone.domain,
        f"{at} asks receivers to {effect} mail that fails{where}, and reports go to {policy.rua[0]}.",
        evidence,
        detail=Published(),
    )


def _ignored(walked: Walk) -> Iterator[str]:
    """Name the texts beside a record that were meant as one and are not."""
    for value in walked.answers[0].values:
        if why := near_miss(decoded(value)):
            yield f"receivers ignore another TXT record there, {quoted(value, 60)}: it {why}"


def _weaknesses(policy: Policy, *, inherited: bool) -> Iterator[Weakness]:
    enforce = "p=quarantine once the reports show that your own mail passes"
    if not policy.stated:
        yield Weakness(Code.DMARC_NOT_ENFORCED, "p= is missing, which means p=none: nothing is enforced", enforce)
    elif policy.p == "none":
        yield Weakness(Code.DMARC_NOT_ENFORCED, "p=none: nothing is enforced", enforce)
    if inherited and STRICTNESS[policy.sp] < STRICTNESS[policy.p]:
        yield Weakness(
            Code.DMARC_WEAK_SUBDOMAINS,
            f"sp={policy.sp} is weaker than p={policy.p} and applies to this subdomain",
            "remove sp, or make it as strict as p",
        )
    if inherited and STRICTNESS[policy.np] < STRICTNESS[policy.p] and policy.np != policy.sp:
        yield Weakness(
            Code.DMARC_WEAK_SUBDOMAINS,
            f"np={policy.np} is weaker than p={policy.p}",
            "remove np, or make it as strict as p",
        )
    if policy.testing:
        yield Weakness(Code.DMARC_TESTING, "t=y asks receivers to be milder than the policy", "remove t=y")
    if policy.percent < 100:
        yield Weakness(
            Code.DMARC_PARTIAL,
            f"pct={policy.percent}: older receivers apply it only to a part of the mail",
            "remove pct",
        )
    for tag in policy.twice:
        yield Weakness(
            Code.DMARC_TAG_TWICE,
            f"{tag}= is there twice: receivers read the first one, or reject the whole record",
            f"keep only one {tag}=" + (", its addresses separated by commas" if tag in {"rua", "ruf"} else ""),
        )
    for lost in policy.lost:
        yield Weakness(
            Code.DMARC_LOST_ADDRESS,
            f"{quoted(lost, 60)} is not one mailto: address, so no reports go there",
            "write rua=mailto:one,mailto:other, with commas between them",
        )
    if not policy.rua:
        yield Weakness(
            Code.DMARC_NO_REPORTS,
            "there is no usable rua=mailto: address, so nobody learns what fails",
            f"add rua=mailto:postmaster@{policy.domain}",
        )


def _without_consent(consents: list[tuple[bool | None, str]]) -> Iterator[Weakness]:
    cure = "use a report address at your own domain, or have its owner publish the consent"
    return (Weakness(Code.DMARC_NO_CONSENT, line, cure) for consent, line in consents if consent is False)


async def _consent(ask: Ask, policy: Policy, organisation: str, address: str) -> tuple[bool | None, str]:
    """Say whether reports may go to *address* (RFC 9990 4: another organisation must agree); None: not known."""
    host = address.rpartition("@")[2].lower().rstrip(".")
    own = f"rua {address} is at your own domain"
    if host == organisation or host.endswith(f".{organisation}"):
        return True, own
    name = f"{policy.domain}._report._dmarc.{host}"
    answer = await ask(name, "TXT")
    if by_suffix_list(host) == by_suffix_list(policy.domain):
        return True, own
    if answer.failed:
        return None, f"whether {host} agrees to get reports: {answer.words}"
    if any(parse(policy.domain, decoded(value)) for value in answer.values):
        return True, f"rua {address} is at another domain, and {name} agrees to it"
    return False, f"rua {address} is at another domain and {name} does not agree to it, so no reports are sent there"


async def _none(zone: Zone, walked: Walk, ask: Ask) -> Finding:
    """Judge a domain for which receivers find no record: near misses are named before it counts as absent."""
    name = f"_dmarc.{zone.domain}"
    record = zone.record(name, "TXT", first_record(zone.domain))
    evidence = [f"asked {answer.name}: {answer.words or 'no DMARC record'}" for answer in walked.answers]
    for text in map(decoded, walked.answers[0].values):
        if why := near_miss(text):
            typed = flaw(text)
            meant = typed.cleaned if typed is not None and parse(zone.domain, typed.cleaned) else ""
            return Finding.warn(
                Code.DMARC_MALFORMED,
                zone.domain,
                f"The DMARC record at {name} is there but {why}. It should begin with v=DMARC1: receivers ignore it.",
                [*(difference(text, meant) if meant else [f"is {quoted(text, 150)}"]), *evidence],
                remedy="Replace the record with the one below.",
                record=zone.record(name, "TXT", meant or first_record(zone.domain, text)),
                detail=Published(),
            )
    if await by_wildcard(ask, walked.answers[0]):
        evidence.append(f"the TXT record that {name} answers comes from a wildcard (*) record")
    for code, other, remedy in (
        (Code.DMARC_DOUBLED_NAME, zone.doubled(name), "Your DNS panel adds the domain itself: enter"),
        (Code.DMARC_MISPLACED, zone.domain, "Move it: enter"),
    ):
        there = await ask(other, "TXT")
        if moved := next((text for text in map(decoded, there.values) if parse(zone.domain, text)), ""):
            return Finding.warn(
                code,
                zone.domain,
                f"{name} has no DMARC record: it was published at {other}, where nobody looks. It should be at {name}.",
                evidence,
                remedy=f"{remedy} the name as {zone.relative(name)}.",
                record=zone.record(name, "TXT", moved),
                detail=Published(),
            )
    return Finding.warn(
        Code.DMARC_ABSENT,
        zone.domain,
        f"{name} has no DMARC record, and neither does any level above. There should be one: large receivers require "
        "it of everybody who sends in bulk.",
        evidence,
        remedy="Publish the record below; p=quarantine follows once the reports show that your own mail passes.",
        record=record,
        detail=Published(),
    )
