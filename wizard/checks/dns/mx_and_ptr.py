"""Hosts that names lead to: mail exchangers, and the reverse names of the sending addresses."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.dns.names import is_postal_default
from wizard.checks.dns.outcomes import lookup_failed, no_value, postal_defaults
from wizard.model.codes import Code
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
            return f"{self.name}: an address, which should be the name of a host (RFC 1035 3.3.9)"
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
        return lookup_failed(Code.MX_LOOKUP_FAILED, zone.domain, answer.words)
    if answer.outcome == "loop":
        return Finding.fail(
            Code.MX_CNAME_LOOP,
            zone.domain,
            f"The MX of {zone.domain} cannot be looked up: {answer.words}. It should lead to hosts with "
            "addresses. Now answers to this mail are lost.",
            remedy="Delete the CNAME at the domain.",
        )
    if not answer.found:
        itself = await host(ask, zone.domain)
        return Finding.warn(
            Code.MX_ABSENT,
            zone.domain,
            f"{zone.domain} has no MX. It should have one, whose host has an address. Now answers to this mail "
            + (f"go to the address of {zone.domain} itself." if itself.addresses else "come back."),
            remedy="Publish an MX if people should be able to answer: of the host that receives the domain's mail. "
            "Postal itself does not need one here, and takes such mail only where it has a route for it.",
        )
    names = _by_preference(answer)
    if names == [""]:
        return Finding.warn(
            Code.MX_NULL_MX,
            zone.domain,
            f"{zone.domain} has a null MX, which declares that it takes no mail: some receivers refuse mail from it.",
            remedy="Publish an MX whose host has an address if people should be able to answer.",
        )
    return _by_hosts(zone, names, await asyncio.gather(*(host(ask, name) for name in names if name)))


def _by_hosts(zone: Zone, names: list[str], hosts: list[Host]) -> Finding:
    """Judge the hosts that the MX leads to.

    A record is offered only where nothing is taken from whoever receives the domain's mail now: Postal takes none
    without a route.
    """
    evidence = [str(one) for one in hosts]
    if zone.mx and (absent := [name for name in zone.mx if name not in names]):
        evidence.append(f"not among them (needed only if Postal should receive mail): {', '.join(absent)}")
    dead = [one.name for one in hosts if not one.addresses and not one.failure]
    ours = {name for name in zone.mx if not is_postal_default(name)}
    doubled = [name for name in dead if name.removesuffix(f".{zone.domain}") in ours - {name}]
    evidence += [f"{name}: the DNS panel added the domain; enter the host with a dot at its end" for name in doubled]
    unsure = [one for one in hosts if one.failure]
    alive = [one for one in hosts if one.addresses]
    aliases = [one.name for one in alive if one.alias]
    if alive and (dead or aliases):
        faults = [f"{name} has no address" for name in dead] + [f"{name} is a CNAME" for name in aliases]
        return Finding.warn(
            Code.MX_PARTLY_WRONG,
            zone.domain,
            f"The MX of {zone.domain} is partly wrong: {', '.join(faults)}. Each should be a host with its own "
            "address (RFC 5321 5.1). Now some senders lose or delay their answers.",
            evidence,
            remedy="Give each host an A record of its own, or remove it from the MX.",
        )
    if unsure:
        return lookup_failed(Code.MX_LOOKUP_FAILED, zone.domain, unsure[0].failure, evidence=evidence)
    if not alive:
        meant = doubled[0].removesuffix(f".{zone.domain}") if doubled else ""
        return Finding.fail(
            Code.MX_DEAD_HOSTS,
            zone.domain,
            f"No MX host of {zone.domain} has an address ({', '.join(names)}). At least one should. Now "
            "answers to this mail are lost.",
            evidence,
            remedy="Correct the host names in the MX, or give them A records.",
            record=zone.record(zone.domain, "MX", f"10 {meant}.") if meant else None,
        )
    receives = f"{zone.domain} receives mail at {', '.join(one.name for one in alive)}."
    return Finding.ok(Code.MX_RECEIVES, zone.domain, receives, evidence)


async def rp_mx(zone: Zone, ask: Ask, envelope: str, holder: str, why: str = "") -> Finding:
    """Judge whether bounces find their way to Postal (RFC 5321 5.1).

    *holder* is the name whose records *envelope* has: itself, or the return-path host by its CNAME. *why* is the line
    that says which envelope Postal uses.
    """
    if is_postal_default(zone.rp):
        return postal_defaults(Code.RP_MX_POSTAL_DEFAULTS, envelope, zone.rp)
    answer = await ask(holder, "MX")
    where = envelope if envelope == holder else f"{envelope} (that is, {holder})"
    lines = [why] if why else []
    if answer.failed:
        return lookup_failed(Code.RP_MX_LOOKUP_FAILED, envelope, answer.words, evidence=lines)

    def found(verdict: Verdict, code: Code, summary: str, *evidence: str) -> Finding:
        good = verdict is Verdict.PASS
        record = None if good else zone.record(zone.rp, "MX", f"10 {zone.mx[0] if zone.mx else zone.rp}.")
        cure = f"Publish the record below at {zone.rp}: it belongs to the Postal installation, not to {zone.domain}."
        return Finding.of(
            verdict, code, envelope, summary, (*lines, *evidence), remedy="" if good else cure, record=record
        )

    if answer.found:
        names = [name for name in _by_preference(answer) if name]
        hosts = await asyncio.gather(*(host(ask, name) for name in names))
        evidence = [str(one) for one in hosts]
        if any(one.addresses for one in hosts):
            return found(Verdict.PASS, Code.RP_MX_REACHABLE, f"Bounces to {where} reach {', '.join(names)}.", *evidence)
        if unsure := [one for one in hosts if one.failure]:
            return lookup_failed(Code.RP_MX_LOOKUP_FAILED, envelope, unsure[0].failure, evidence=[*lines, *evidence])
        is_now = f"leads to {', '.join(names)} without an address" if names else "is a null MX"
        return found(
            Verdict.FAIL,
            Code.RP_MX_DEAD_HOSTS if names else Code.RP_MX_NULL_MX,
            f"The MX of {where} {is_now}. It should lead to a host with an address. Now Postal never learns of "
            "bounces.",
            *evidence,
        )
    itself = await host(ask, holder)
    if itself.addresses:
        return found(
            Verdict.WARN,
            Code.RP_MX_IMPLICIT,
            f"{where} has no MX, only an address. It should have an MX. Now bounces arrive only by the implicit MX.",
            str(itself),
        )
    if itself.failure:
        return lookup_failed(Code.RP_MX_LOOKUP_FAILED, envelope, itself.failure, evidence=lines)
    return found(
        Verdict.FAIL,
        Code.RP_MX_NOWHERE,
        f"{where} has neither MX nor address. It should have an MX. Now Postal never learns of bounces, and "
        "some receivers refuse mail whose sender cannot be answered.",
    )


def _by_preference(answer: Answer) -> list[str]:
    pairs: list[Any] = sorted(answer.values)
    return list(dict.fromkeys(name for _, name in pairs))[:_MOST_HOSTS]


async def ptr(zone: Zone, ask: Ask) -> list[Finding]:
    """Judge the reverse name of each sending address."""
    if not zone.ips:
        return [no_value(Code.PTR_NO_VALUE, zone.domain, "domain.sending_ips")]
    return list(await asyncio.gather(*(_reverse(zone, ask, ip) for ip in zone.ips)))


async def _reverse(zone: Zone, ask: Ask, ip: str) -> Finding:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return no_value(Code.PTR_NO_VALUE, ip, "domain.sending_ips", f"has {ip}, which is not an address")
    if not zone.helo:
        return no_value(Code.PTR_NO_VALUE, ip, "domain.helo")
    answer = await ask(address.reverse_pointer, "PTR")
    if answer.failed:
        return lookup_failed(Code.PTR_LOOKUP_FAILED, ip, answer.words)
    default = is_postal_default(zone.helo)
    record = None if default else zone.record(address.reverse_pointer, "PTR", f"{zone.helo}.")
    cure = (
        f"Set the reverse name of {ip} to {zone.helo} at the provider of the address, and point {zone.helo} back to it."
    )
    if default:
        cure = (
            f"{zone.helo} is a sample name that Postal ships: ask its administrator to set postal.smtp_hostname in "
            f"postal.yml. Then set the reverse name of {ip} to that name, and point that name back to it."
        )

    def found(verdict: Verdict, code: Code, summary: str, *evidence: str) -> Finding:
        good = verdict is Verdict.PASS
        return Finding.of(
            verdict, code, ip, summary, evidence, remedy="" if good else cure, record=None if good else record
        )

    names = list(dict.fromkeys(answer.values))[:_MOST_NAMES]
    if not names:
        why = f" ({answer.words})" if answer.outcome == "loop" else ""
        return found(
            Verdict.FAIL,
            Code.PTR_MISSING,
            f"{ip} has no reverse name{why}. It should be {zone.helo}: large receivers refuse mail from an address "
            "without one.",
        )
    kind = "A" if address.version == 4 else "AAAA"
    forward = await asyncio.gather(*(ask(name, kind) for name in names))
    pairs = list(zip(names, forward, strict=True))
    evidence = [f"{ip} → {name} → {', '.join(back.values) or back.words or 'no such address'}" for name, back in pairs]
    confirmed = [name for name, back in pairs if any(ipaddress.ip_address(value) == address for value in back.values)]
    if zone.helo in confirmed:
        return found(
            Verdict.PASS,
            Code.PTR_CONFIRMED,
            f"{ip} leads to {zone.helo} and back: the name that Postal gives in HELO.",
            *evidence,
        )
    failed = [(name, back.words) for name, back in pairs if back.failed]
    if failed and (not confirmed or zone.helo in dict(failed)):
        return lookup_failed(Code.PTR_LOOKUP_FAILED, ip, failed[0][1], evidence=evidence)
    if confirmed:
        return found(
            Verdict.WARN,
            Code.PTR_OTHER_NAME,
            f"{ip} leads to {confirmed[0]} and back. It should be {zone.helo}, the name that Postal gives in "
            "HELO: some receivers distrust the difference.",
            *evidence,
        )
    return found(
        Verdict.FAIL,
        Code.PTR_UNCONFIRMED,
        f"{ip} has the reverse name {names[0]}, which does not lead back to it. It should be {zone.helo} both ways: "
        "large receivers refuse its mail.",
        *evidence,
    )
