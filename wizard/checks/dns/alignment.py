"""Alignment: which of Postal's two identifiers, DKIM ``d=`` and envelope sender, belongs to the From domain."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wizard.checks.dns.dkim import BadKeyError, key_of
from wizard.checks.dns.dmarc_policy import by_suffix_list, walk
from wizard.checks.dns.propagation import Detail
from wizard.checks.dns.spf import envelope
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.resolver import Ask

State: TypeAlias = Literal["aligned", "not aligned", "unknown", "not told"]


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of the triangle."""

    name: str
    """The domain that it vouches for; empty where that is not known."""
    state: State
    words: str
    key: str = ""
    """For ``not told``: the answer that is missing."""


@dataclass(frozen=True, slots=True)
class Triangle:
    """From, DKIM ``d=`` and envelope sender, and what aligns."""

    from_domain: str
    dkim: Leg
    spf: Leg


async def check(zone: Zone, ask: Ask, dkim: Finding, mailfrom: Finding) -> Finding:
    """Judge both legs as Postal really uses them; *dkim* and *mailfrom* are the findings they rest on."""
    walked = await walk(ask, zone.domain)
    state, policy = walked.applies
    modes = None if state == "failed" else policy
    dkim_leg = await _dkim_leg(zone, ask, dkim, strict=bool(modes and modes.strict_dkim), unsure=state == "failed")
    spf_leg = await _spf_leg(zone, ask, mailfrom, strict=bool(modes and modes.strict_spf), unsure=state == "failed")
    return judge(zone, dkim_leg, spf_leg)


async def _dkim_leg(zone: Zone, ask: Ask, dkim: Finding, *, strict: bool, unsure: bool) -> Leg:
    if dkim.verdict in {Verdict.PASS, Verdict.WARN}:
        return Leg(zone.domain, "aligned", f"Postal signs with d={zone.domain}, once its check was pressed")
    if dkim.verdict is Verdict.UNKNOWN:
        return Leg("", "unknown", "the key could not be looked up")
    if dkim.verdict is Verdict.SKIP:
        key = "domain.dkim_value" if zone.dkim_name else "domain.dkim_selector"
        return Leg("", "not told", f"{key} is not known", key)
    signs = f"without a right key Postal signs with d={zone.rp} s=postal"
    if not zone.rp:
        return Leg("", "not told", "domain.return_path_target is not known", "domain.return_path_target")
    if strict:
        same = zone.rp == zone.domain
        return Leg(zone.rp, "aligned" if same else "not aligned", f"{signs}, and adkim=s wants {zone.domain} itself")
    published, (shares, words) = await asyncio.gather(
        ask(f"postal._domainkey.{zone.rp}", "TXT"), _shares(ask, zone.rp, zone.domain)
    )
    if shares is False:
        return Leg(zone.rp, "not aligned", f"{signs}; {words}")
    if published.found and not _usable(published.values):
        return Leg(zone.rp, "not aligned", f"{signs}, whose key at {published.name} is of no use")
    if not published.found and not published.failed:
        return Leg(zone.rp, "not aligned", f"{signs}, whose key is not published at {published.name}")
    if shares is None or published.failed or unsure:
        return Leg(zone.rp, "unknown", f"{signs}; {published.words or words or 'adkim is not known'}")
    return Leg(zone.rp, "aligned", f"{signs}, published at {published.name}; {words}")


async def _spf_leg(zone: Zone, ask: Ask, mailfrom: Finding, *, strict: bool, unsure: bool) -> Leg:
    if mailfrom.verdict is Verdict.SKIP:
        key = "domain.return_path_target" if not zone.rp else "domain.sending_ips"
        return Leg("", "not told", f"{key} is not known", key)
    if mailfrom.verdict is Verdict.FAIL:
        return Leg(mailfrom.subject, "not aligned", f"SPF does not pass at {mailfrom.subject}")
    if strict:
        # True whatever the look-ups say: neither name is the From domain itself.
        return Leg(mailfrom.subject, "not aligned", f"aspf=s wants {zone.domain} itself, and Postal never uses that")
    cname = await ask(zone.psrp, "CNAME")
    if cname.failed:
        return Leg("", "unknown", f"the CNAME at {zone.psrp}: {cname.words}")
    name = envelope(zone, cname)
    shares, words = (True, "") if name == zone.psrp else await _shares(ask, name, zone.domain)
    if shares is False:
        return Leg(name, "not aligned", f"the envelope sender is at {name}; {words}")
    if shares is None or mailfrom.verdict is Verdict.UNKNOWN or unsure:
        why = (
            words
            if shares is None
            else mailfrom.summary
            if mailfrom.verdict is Verdict.UNKNOWN
            else "aspf is not known"
        )
        return Leg(name, "unknown", why)
    return Leg(name, "aligned", f"the envelope sender is at {name}, and SPF passes there")


async def _shares(ask: Ask, name: str, domain: str) -> tuple[bool | None, str]:
    """Say whether two names have the same organisational domain (RFC 9989 4.10.2); None where that is not known."""
    if name == domain:
        return True, "it is the From domain"
    one, other = await asyncio.gather(walk(ask, name), walk(ask, domain))
    same = one.organisation == other.organisation
    by_list = by_suffix_list(name) == by_suffix_list(domain)
    lost = next((answer.words for answer in (*one.answers, *other.answers) if answer.failed), "")
    if lost and same != by_list:
        return None, lost
    words = f"{one.organisation} {'is' if same else 'is not'} the organisational domain of {domain}"
    if same != by_list:
        words += "; receivers of RFC 7489, by the public suffix list, see it the other way"
    return same, words


def _usable(values: tuple[bytes, ...]) -> bool:
    if len(values) != 1:
        return False
    try:
        key_of(values[0].decode("utf-8", "surrogateescape"))
    except BadKeyError:
        return False
    return True


def judge(zone: Zone, dkim: Leg, spf: Leg) -> Finding:
    """Judge the triangle."""
    evidence = (f"From {zone.shown}", f"DKIM {dkim.state}: {dkim.words}", f"SPF {spf.state}: {spf.words}")

    def found(verdict: Verdict, summary: str, remedy: str = "") -> Finding:
        detail = Detail(triangle=Triangle(zone.domain, dkim, spf))
        return Finding("alignment", zone.domain, verdict, summary, evidence, remedy, detail=detail)

    if dkim.state == "aligned":
        both = f", and so does SPF at {spf.name}" if spf.state == "aligned" else ""
        return found(Verdict.PASS, f"DKIM carries this mail: d={dkim.name} aligns with {zone.shown}{both}.")
    mend = "Mend the dkim row first, then press *Check my records are correct* in Postal."
    if dkim.state == "not told":
        summary = f"Not judged: {dkim.words}."
        return found(Verdict.SKIP, summary, f"Give {dkim.key}: paste Postal's DNS Setup page.")
    if spf.state == "aligned":
        return found(
            Verdict.WARN,
            f"Only SPF carries this mail (at {spf.name}); wanted is d={zone.domain}: SPF breaks on forwarding.",
            mend,
        )
    if spf.state == "not told" and dkim.state == "not aligned":
        return found(Verdict.SKIP, f"Not judged: {spf.words}.", f"Give {spf.key}: paste Postal's DNS Setup page.")
    if dkim.state == "unknown" or spf.state == "unknown":
        words = dkim.words if dkim.state == "unknown" else spf.words
        return found(
            Verdict.UNKNOWN,
            f"Not known whether anything aligns with {zone.shown}: {words}.",
            "Try again; the rows dkim and spf_mailfrom say what did not answer.",
        )
    return found(
        Verdict.FAIL,
        f"Neither DKIM nor SPF aligns with {zone.shown}; wanted is DKIM with d={zone.domain}: every mail fails DMARC.",
        mend,
    )
