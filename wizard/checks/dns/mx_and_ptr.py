"""Hosts that names lead to: mail exchangers, and the reverse names of the sending addresses."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.dns.names import lacks, unknown
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.resolver import Answer, Ask

_MOST_HOSTS: Final = 20
"""Mail exchangers looked up; nobody has more on purpose."""
_MOST_NAMES: Final = 10
"""Reverse names of one address that are confirmed; RFC 7208 looks at as many."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a host name leads to."""

    name: str
    addresses: tuple[str, ...]
    alias: bool
    failure: str
    """Why it is not known whether there are addresses; empty where it is."""

    def __str__(self) -> str:
        """Return the line of evidence."""
        if self.addresses:
            return f"{self.name} → {', '.join(self.addresses)}{', through a CNAME' if self.alias else ''}"
        if _is_address(self.name):
            return f"{self.name}: an address, where the name of a host is wanted (RFC 1035 3.3.9)"
        return f"{self.name}: {self.failure or 'no address'}"


async def host(ask: Ask, name: str) -> Host:
    """Look a host up: IPv6 only where there is no IPv4, one address is enough to receive mail."""
    if _is_address(name):
        return Host(name, (), alias=False, failure="")
    found = await ask(name, "A")
    failure = found.words if found.failed else ""
    if not found.found:
        six = await ask(name, "AAAA")
        failure = failure or (six.words if six.failed else "")
        found = six if six.found or not found.chain else found
    return Host(name, found.values, bool(found.chain), "" if found.values else failure)


def _is_address(name: str) -> bool:
    """Whether what should be a host's name is an address: there is nothing to look up."""
    labels = name.split(".")
    return ":" in name or (len(labels) == 4 and all(label.isdecimal() for label in labels))


async def mx(zone: Zone, ask: Ask) -> Finding:
    """Judge where mail to the From domain goes: bounces of people's answers, and Postal's routes."""
    answer = await ask(zone.domain, "MX")
    if answer.failed:
        return unknown("mx", zone.domain, answer.words)

    def found(verdict: Verdict, summary: str, remedy: str = "", *evidence: str) -> Finding:
        record = zone.record(zone.domain, "MX", f"10 {zone.mx[0]}.") if zone.mx and remedy else None
        return Finding("mx", zone.domain, verdict, summary, evidence, remedy, record=record)

    if answer.outcome == "loop":
        return found(
            Verdict.FAIL,
            f"The MX of {zone.domain} cannot be looked up: {answer.words}; wanted are hosts with addresses: answers "
            "to this mail are lost.",
            "Take the CNAME at the domain away.",
        )
    if not answer.found:
        return found(
            Verdict.WARN,
            f"{zone.domain} has no MX; wanted is one whose host has an address: answers to this mail come back.",
            "Publish an MX if people should be able to answer; Postal itself does not need one here.",
        )
    names = _by_preference(answer)
    if names == [""]:
        return found(
            Verdict.WARN,
            f"{zone.domain} has a null MX: it says that it takes no mail, and some receivers refuse mail from it.",
            "Publish an MX whose host has an address if people should be able to answer.",
        )
    hosts = await asyncio.gather(*(host(ask, name) for name in names if name))
    evidence = [str(one) for one in hosts]
    if zone.mx and (absent := [name for name in zone.mx if name not in names]):
        evidence.append(f"not among them, and only needed to receive through Postal: {', '.join(absent)}")
    dead = [one.name for one in hosts if not one.addresses and not one.failure]
    unsure = [one for one in hosts if one.failure]
    alive = [one for one in hosts if one.addresses]
    aliases = [one.name for one in alive if one.alias]
    if alive and (dead or aliases):
        faults = [f"{name} has no address" for name in dead] + [f"{name} is a CNAME" for name in aliases]
        return found(
            Verdict.WARN,
            f"The MX of {zone.domain} is partly wrong: {', '.join(faults)}; wanted are hosts with their own addresses "
            "(RFC 5321 5.1): some senders lose or delay their answers.",
            "Give each host an A record of its own, or take it out of the MX.",
            *evidence,
        )
    if unsure:
        return unknown("mx", zone.domain, unsure[0].failure, evidence=tuple(evidence))
    if not alive:
        return found(
            Verdict.FAIL,
            f"No MX host of {zone.domain} has an address ({', '.join(names)}); wanted is at least one: answers to this "
            "mail are lost.",
            "Correct the host names in the MX, or give them A records.",
            *evidence,
        )
    return found(Verdict.PASS, f"{zone.domain} receives mail at {', '.join(one.name for one in alive)}.", "", *evidence)


async def rp_mx(zone: Zone, ask: Ask, envelope: str) -> Finding:
    """Judge whether bounces find their way to Postal (RFC 5321 5.1)."""
    answer = await ask(zone.rp, "MX")
    where = envelope if envelope == zone.rp else f"{envelope} (that is, {zone.rp})"
    if answer.failed:
        return unknown("rp_mx", envelope, answer.words)

    def found(verdict: Verdict, summary: str, remedy: str = "", *evidence: str) -> Finding:
        record = zone.record(zone.rp, "MX", f"10 {zone.mx[0] if zone.mx else zone.rp}.") if remedy else None
        return Finding("rp_mx", envelope, verdict, summary, evidence, remedy, record=record)

    cure = f"Publish the record below at {zone.rp}: it belongs to the Postal installation, not to {zone.domain}."
    if answer.found:
        names = [name for name in _by_preference(answer) if name]
        hosts = await asyncio.gather(*(host(ask, name) for name in names))
        evidence = [str(one) for one in hosts]
        if any(one.addresses for one in hosts):
            return found(Verdict.PASS, f"Bounces to {where} reach {', '.join(names)}.", "", *evidence)
        if unsure := [one for one in hosts if one.failure]:
            return unknown("rp_mx", envelope, unsure[0].failure, evidence=tuple(evidence))
        is_now = f"leads to {', '.join(names)} without an address" if names else "is a null MX"
        return found(
            Verdict.FAIL,
            f"The MX of {where} {is_now}; wanted is a host with an address: Postal never learns of bounces.",
            cure,
            *evidence,
        )
    itself = await host(ask, zone.rp)
    if itself.addresses:
        return found(
            Verdict.WARN,
            f"{where} has no MX, only an address; wanted is an MX: bounces arrive by the implicit MX alone.",
            cure,
            str(itself),
        )
    if itself.failure:
        return unknown("rp_mx", envelope, itself.failure)
    return found(
        Verdict.FAIL,
        f"{where} has neither MX nor address; wanted is an MX: Postal never learns of bounces, and some receivers "
        "refuse mail whose sender cannot be answered.",
        cure,
    )


def _by_preference(answer: Answer) -> list[str]:
    pairs: list[Any] = sorted(answer.values)
    return list(dict.fromkeys(name for _, name in pairs))[:_MOST_HOSTS]


async def ptr(zone: Zone, ask: Ask) -> list[Finding]:
    """Judge the reverse name of each sending address."""
    if not zone.ips:
        return [lacks("ptr", zone.domain, "domain.sending_ips", "from which addresses Postal sends")]
    return list(await asyncio.gather(*(_reverse(zone, ask, ip) for ip in zone.ips)))


async def _reverse(zone: Zone, ask: Ask, ip: str) -> Finding:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return lacks("ptr", ip, "domain.sending_ips", f"an address ({ip} is none)")
    if not zone.helo:
        return lacks("ptr", ip, "domain.helo", "the name Postal says in HELO")
    answer = await ask(address.reverse_pointer, "PTR")
    if answer.failed:
        return unknown("ptr", ip, answer.words)
    record = zone.record(address.reverse_pointer, "PTR", f"{zone.helo}.")

    def found(verdict: Verdict, summary: str, remedy: str = "", *evidence: str) -> Finding:
        return Finding("ptr", ip, verdict, summary, evidence, remedy, record=record if remedy else None)

    cure = f"Set the reverse name of {ip} to {zone.helo} where you rent the address, and point {zone.helo} back to it."
    names = list(dict.fromkeys(answer.values))[:_MOST_NAMES]
    if not names:
        why = answer.words if answer.outcome == "loop" else "none"
        return found(
            Verdict.FAIL,
            f"{ip} has no reverse name ({why}); wanted is {zone.helo}: large receivers refuse its mail.",
            cure,
        )
    kind = "A" if address.version == 4 else "AAAA"
    forward = await asyncio.gather(*(ask(name, kind) for name in names))
    evidence = [
        f"{ip} → {name} → {', '.join(back.values) or back.words or 'no such address'}"
        for name, back in zip(names, forward, strict=True)
    ]
    confirmed = [
        name
        for name, back in zip(names, forward, strict=True)
        if any(ipaddress.ip_address(value) == address for value in back.values)
    ]
    if zone.helo in confirmed:
        return found(Verdict.PASS, f"{ip} is {zone.helo} and back, the name Postal says in HELO.", "", *evidence)
    failed = [(name, back.words) for name, back in zip(names, forward, strict=True) if back.failed]
    if failed and (not confirmed or zone.helo in dict(failed)):
        return unknown("ptr", ip, failed[0][1], evidence=tuple(evidence))
    if confirmed:
        return found(
            Verdict.WARN,
            f"{ip} is {confirmed[0]} and back; wanted is {zone.helo}, the name Postal says in HELO: some receivers "
            "distrust the difference.",
            cure,
            *evidence,
        )
    return found(
        Verdict.FAIL,
        f"{ip} has the reverse name {names[0]}, which does not lead back to it; wanted is {zone.helo} both ways: large "
        "receivers refuse its mail.",
        cure,
        *evidence,
    )
