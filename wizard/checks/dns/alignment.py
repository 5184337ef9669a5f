"""Alignment: which of Postal's two identifiers, DKIM ``d=`` and envelope sender, belongs to the From domain."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from wizard.checks.dns import worlds
from wizard.checks.dns.dkim_key import BadKeyError, key_of
from wizard.checks.dns.dmarc_policy import by_suffix_list, walk
from wizard.checks.dns.names import FALLBACK_SELECTOR, decoded
from wizard.checks.dns.verdict_on_alignment import judge
from wizard.model.details import Leg, Triangle
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wizard.checks.dns.dmarc_policy import Policy, Walk
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.resolver import Ask
    from wizard.checks.dns.worlds import Signing

MailFrom: TypeAlias = "Callable[[str], Awaitable[Finding]]"
"""How to judge SPF at an envelope name: ``spf_mailfrom``'s finding there."""
_Shared: TypeAlias = tuple[bool | None, str]


async def check(zone: Zone, ask: Ask, signed: Signing, dkim: Finding, mailfrom: MailFrom) -> Finding:
    """Judge both legs as Postal really uses them; *dkim* is the finding that the domain's own key rests on."""
    walked = await walk(ask, zone.domain)
    legs = _Legs(zone, ask, walked, dkim, mailfrom)
    triangle = await legs.triangle(signed)
    unpressed = None
    if signed.world == "unknown":
        never = replace(signed, world="never", own_key=False, psrp=False, selector="")
        unpressed = await legs.triangle(never)
    return judge(zone, signed, triangle, unpressed)


class _Legs:
    """The two legs of one run, in any world."""

    def __init__(self, zone: Zone, ask: Ask, walked: Walk, dkim: Finding, mailfrom: MailFrom) -> None:
        self._zone = zone
        self._ask = ask
        self._dkim = dkim
        self._mailfrom = mailfrom
        state, policy = walked.applies
        self._unsure = state == "failed"
        modes: Policy | None = None if self._unsure else policy
        self._strict_dkim = bool(modes and modes.strict_dkim)
        self._strict_spf = bool(modes and modes.strict_spf)
        self._policy = "none" if modes is None else modes.sp if state == "inherited" else modes.p

    async def triangle(self, signed: Signing) -> Triangle:
        """Return what aligns where Postal signs and sends like that."""
        dkim, spf = await asyncio.gather(self._dkim_leg(signed), self._spf_leg(signed))
        return Triangle(self._zone.domain, dkim, spf, signed.world, self._policy, press_check=signed.press_check)

    async def _dkim_leg(self, signed: Signing) -> Leg:
        zone = self._zone
        if signed.own_key is None:
            if key := _missing(zone):
                return Leg("", "not given", f"{key} is not known", key=key)
            return Leg("", "unknown", f"how Postal signs is not known: {signed.key_problem}")
        if not signed.own_key:
            return await self._fallback()
        selector = signed.selector or zone.selector
        signs = f"Postal signs with d={zone.domain}, s={selector}"
        match self._dkim.verdict:
            case Verdict.PASS | Verdict.WARN:
                return Leg(zone.domain, "aligned", signs, selector)
            case Verdict.UNKNOWN:
                return Leg(zone.domain, "unknown", f"{signs}, and the key could not be looked up", selector)
            case Verdict.SKIP:
                key = _missing(zone) or "domain.dkim_value"
                return Leg(zone.domain, "not given", f"{signs}, and {key} is not known", selector, key)
        return Leg(zone.domain, "not aligned", f"{signs}, and receivers cannot verify it: see DKIM key", selector)

    async def _fallback(self) -> Leg:
        zone = self._zone
        if not zone.rp:
            key = "domain.return_path_target"
            return Leg("", "not given", f"{key} is not known", FALLBACK_SELECTOR, key)
        signs = f"Postal signs with its fallback key, d={zone.rp}, s={FALLBACK_SELECTOR}"

        def leg(state: Literal["aligned", "not aligned", "unknown"], words: str) -> Leg:
            return Leg(zone.rp, state, words, FALLBACK_SELECTOR)

        if self._strict_dkim:
            state: Literal["aligned", "not aligned"] = "aligned" if zone.rp == zone.domain else "not aligned"
            return leg(state, f"{signs}, and adkim=s requires {zone.domain} itself")
        published, (shares, words) = await asyncio.gather(
            self._ask(f"{FALLBACK_SELECTOR}._domainkey.{zone.rp}", "TXT"), self._shares(zone.rp)
        )
        if shares is False:
            return leg("not aligned", f"{signs}; {words}")
        if published.found and not _usable(published.values):
            return leg("not aligned", f"{signs}, whose key at {published.name} cannot be used")
        if not published.found and not published.failed:
            return leg("not aligned", f"{signs}, whose key is not published at {published.name}")
        if shares is None or published.failed or self._unsure:
            return leg("unknown", f"{signs}; {published.words or words or 'adkim is not known'}")
        return leg("aligned", f"{signs}, published at {published.name}; {words}")

    async def _spf_leg(self, signed: Signing) -> Leg:
        zone = self._zone
        if not zone.rp:
            key = "domain.return_path_target"
            return Leg("", "not given", f"{key} is not known", key=key)
        if signed.psrp is None:
            return Leg("", "unknown", f"which envelope sender Postal uses is not known: {signed.path_problem}")
        name = zone.psrp if signed.psrp else zone.rp
        if self._strict_spf and name != zone.domain:
            # True whatever the look-ups say: neither name is the From domain itself.
            return Leg(name, "not aligned", f"aspf=s requires {zone.domain} itself, and Postal never sends from there")
        mailfrom, (shares, words) = await asyncio.gather(self._mailfrom(name), self._shares(name))
        at = f"the envelope sender is at {name}"
        if mailfrom.verdict is Verdict.SKIP:
            return Leg(name, "not given", "domain.sending_ips is not known", key="domain.sending_ips")
        if mailfrom.verdict is Verdict.FAIL:
            return Leg(name, "not aligned", f"{at}, and SPF does not pass there")
        if shares is False:
            return Leg(name, "not aligned", f"{at}; {words}")
        if shares is None or self._unsure:
            return Leg(name, "unknown", f"{at}; {words if shares is None else 'aspf is not known'}")
        if mailfrom.verdict is Verdict.UNKNOWN:
            return Leg(name, "unknown", f"{at}: {mailfrom.summary}")
        return Leg(name, "aligned", f"{at}, and SPF passes there")

    async def _shares(self, name: str) -> _Shared:
        """Say whether a name has the From domain's organisational domain (RFC 9989 4.10.2); None: not known."""
        domain = self._zone.domain
        if name == domain:
            return True, "it is the From domain"
        if name == self._zone.psrp and name.endswith(f".{domain}"):
            return True, f"it is below {domain}"
        one, other = await asyncio.gather(walk(self._ask, name), walk(self._ask, domain))
        if name.split(".")[-2:] != domain.split(".")[-2:] and not (one.valid and other.valid):
            # No list of public suffixes, which takes a while to load, can put them under one registered domain.
            return False, f"{name} and {domain} have no organisational domain in common"
        same = one.organisation == other.organisation
        by_list = by_suffix_list(name) == by_suffix_list(domain)
        lost = next((answer.words for answer in (*one.answers, *other.answers) if answer.failed), "")
        if lost and same != by_list:
            return None, lost
        words = f"{one.organisation} {'is' if same else 'is not'} the organisational domain of {domain}"
        if same != by_list:
            words += "; receivers of RFC 7489, by the public suffix list, see it the other way"
        return same, words


async def early(zone: Zone, ask: Ask) -> None:
    """Ask what the fallback key's alignment needs, before it is known which key signs."""
    if zone.rp and worlds.may_fall_back(zone):
        await asyncio.gather(ask(f"{FALLBACK_SELECTOR}._domainkey.{zone.rp}", "TXT"), walk(ask, zone.rp))


def _missing(zone: Zone) -> str:
    """Return the answers key without which Postal's status for DKIM cannot be predicted; empty where none is."""
    if not zone.selector:
        return "domain.dkim_selector"
    return "" if zone.dkim_value else "domain.dkim_value"


def _usable(values: tuple[bytes, ...]) -> bool:
    if len(values) != 1:
        return False
    try:
        key_of(decoded(values[0]))
    except BadKeyError:
        return False
    return True
