"""The DMARC record that applies to the From domain, judged: policy, reports, and what weakens it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.checks.dns.dmarc_policy import STRICTNESS, Policy, Walk, by_suffix_list, parse, walk
from wizard.checks.dns.names import quoted, unknown
from wizard.checks.dns.propagation import Detail, settle
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Answer, Ask


async def check(zone: Zone, ask: Ask, versions: Versions) -> Finding:
    """Judge the record by the resolver's tree walk, its first level also by every authoritative server."""
    name = f"_dmarc.{zone.domain}"
    walked = await walk(ask, zone.domain)

    async def one(answer: Answer) -> Finding:
        return await judge(zone, replace(walked, answers=(answer, *walked.answers[1:])), ask)

    return await settle(walked.answers[0], versions(name, "TXT"), one)


async def judge(zone: Zone, walked: Walk, ask: Ask) -> Finding:
    """Judge one outcome of the tree walk."""
    state, policy = walked.applies
    if policy is None:
        if state == "failed":
            words = next((answer.words for answer in walked.answers if answer.failed), "the look-up failed")
            return unknown("dmarc", zone.domain, words)
        return await _none(zone, walked, ask)
    at = f"_dmarc.{policy.domain}"
    strict = policy.p if STRICTNESS[policy.p] else "quarantine"
    wanted = zone.record(at, "TXT", f"v=DMARC1; p={strict}; rua=mailto:postmaster@{policy.domain}")
    evidence = [f"is {at} {quoted(policy.text, 150)}"]

    def found(verdict: Verdict, summary: str, remedy: str = "") -> Finding:
        return Finding(
            "dmarc",
            zone.domain,
            verdict,
            summary,
            tuple(evidence),
            remedy,
            record=None if verdict is Verdict.PASS else wanted,
            detail=Detail(),
        )

    if state == "several":
        return found(
            Verdict.FAIL,
            f"{at} has several DMARC records; wanted is one: receivers ignore them all.",
            "Delete all but one of them.",
        )
    if state == "empty":
        return found(
            Verdict.FAIL,
            f"{at} holds {quoted(policy.text, 60)}, with nothing usable after v=DMARC1; wanted is a policy, "
            "such as p=quarantine: receivers ignore the record.",
            "Replace it by the record below.",
        )
    inherited = state == "inherited"
    consents = await asyncio.gather(*(_consent(ask, policy, walked.organisation, uri) for uri in policy.rua))
    evidence += [line for _, line in consents]
    if inherited and by_suffix_list(zone.domain) != walked.organisation:
        evidence.append(
            f"receivers of RFC 7489 look at {by_suffix_list(zone.domain)} instead, by the public suffix list"
        )
    weak = _weaknesses(policy, inherited=inherited)
    weak += [line for consent, line in consents if consent is False]
    if weak:
        return found(
            Verdict.WARN,
            f"{at} says {quoted(policy.text, 60)}: {'; '.join(weak)}.",
            f"Change the record: {'; '.join(_cure(policy, line) for line in weak)}.",
        )
    if any(consent is None for consent, _ in consents):
        words = next(line for consent, line in consents if consent is None)
        return unknown("dmarc", zone.domain, words, evidence=tuple(evidence))
    effect = policy.sp if inherited else policy.p
    where = f", inherited from {policy.domain}" if inherited else ""
    return found(
        Verdict.PASS, f"{at} asks receivers to {effect} mail that fails{where}, and reports go to {policy.rua[0]}."
    )


def _weaknesses(policy: Policy, *, inherited: bool) -> list[str]:
    weak = []
    if not policy.stated:
        weak.append("p= is missing, which counts as p=none: nothing is enforced")
    elif policy.p == "none":
        weak.append("p=none: nothing is enforced")
    if inherited and STRICTNESS[policy.sp] < STRICTNESS[policy.p]:
        weak.append(f"sp={policy.sp} is weaker than p={policy.p} and is what applies to this subdomain")
    if inherited and STRICTNESS[policy.np] < STRICTNESS[policy.p] and policy.np != policy.sp:
        weak.append(f"np={policy.np} is weaker than p={policy.p}")
    if policy.testing:
        weak.append("t=y: receivers are asked to be milder than the policy says")
    if policy.percent < 100:
        weak.append(f"pct={policy.percent}: older receivers apply it to a part of the mail only")
    if not policy.rua:
        weak.append("no rua=mailto: address, so nobody learns what fails")
    return weak


def _cure(policy: Policy, weakness: str) -> str:
    cures = {
        "p=": "p=quarantine once the reports show that your own mail passes",
        "sp": "leave sp out, or as strict as p",
        "np": "leave np out, or as strict as p",
        "t=": "take t=y out",
        "pc": "take pct out",
        "no": f"add rua=mailto:postmaster@{policy.domain}",
    }
    return cures.get(weakness[:2], "use a report address at your own domain, or have its owner publish the consent")


async def _consent(ask: Ask, policy: Policy, organisation: str, address: str) -> tuple[bool | None, str]:
    """Say whether reports may go to *address* (RFC 9990 4: another organisation must agree); None if unknown."""
    host = address.rpartition("@")[2].lower().rstrip(".")
    own = f"rua {address} is at your own domain"
    if _inside(host, organisation):
        return True, own
    name = f"{policy.domain}._report._dmarc.{host}"
    answer = await ask(name, "TXT")
    if by_suffix_list(host) == by_suffix_list(policy.domain):
        return True, own
    if answer.failed:
        return None, f"whether {host} agrees to get reports: {answer.words}"
    texts = (value.decode("utf-8", "surrogateescape") for value in answer.values)
    if any(parse(policy.domain, text) for text in texts):
        return True, f"rua {address} is foreign, and {name} agrees to it"
    return False, f"rua {address} is foreign and {name} does not agree to it, so no reports are sent there"


def _inside(host: str, organisation: str) -> bool:
    return host == organisation or host.endswith(f".{organisation}")


async def _none(zone: Zone, walked: Walk, ask: Ask) -> Finding:
    name = f"_dmarc.{zone.domain}"
    twice = await ask(zone.doubled(name), "TXT")
    elsewhere = any(parse(zone.domain, value.decode("utf-8", "surrogateescape")) for value in twice.values)
    is_now = f"it stands at {twice.name} instead" if elsewhere else "neither does any level above"
    remedy = "Publish the record below; begin with p=none if you do not yet know all who send for you."
    if elsewhere:
        remedy = f"Your DNS panel appends the domain by itself: enter the name as {zone.relative(name)}."
    return Finding(
        "dmarc",
        zone.domain,
        Verdict.WARN,
        f"{name} has no DMARC record, {is_now}; wanted is one: large receivers want it of everybody who sends in bulk.",
        tuple(f"asked {answer.name}: {answer.words or 'none'}" for answer in walked.answers),
        remedy,
        record=zone.record(name, "TXT", f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{zone.domain}"),
        detail=Detail(),
    )
