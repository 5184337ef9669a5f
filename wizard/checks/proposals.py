"""What Postal's pages do not show, proposed from the connection to it: the sending addresses and the HELO name.

Postal greets with ``postal.smtp_hostname`` (app/lib/smtp_server/server.rb) and gives the same name in HELO unless
``dns.helo_hostname`` or an IP pool says otherwise (app/senders, smtp_client/endpoint.rb). It sends from its host, which
is often the host that took the connection. Neither is proven, so the operator confirms what is proposed.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import ascii_name, is_postal_default
from wizard.checks.smtp.addresses import is_private
from wizard.model.session import Exchange
from wizard.model.untrusted import Untrusted
from wizard.model.validation import is_address
from wizard.postal.server import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.session import Event

_MOST: Final = 8
_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,40}[a-z][a-z0-9-]{0,61}[a-z0-9]")
"""A name of two labels or more whose last one is not a number."""
_CODE: Final = re.compile(r"220[ -]")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Values for the operator to confirm; empty where nothing can be proposed."""

    sending_ips: tuple[str, ...] = ()
    helo: str = ""
    reasons: tuple[str, ...] = ()
    """One sentence each: where a value comes from, or why there is none."""


def propose(addresses: Iterable[str], banner: str) -> Proposal:
    """Propose from the *addresses* that were connected to and the *banner*, with its code or without.

    Nothing is proposed from another server than Postal: a relay in front of it is not what sends.
    """
    greeting = _CODE.sub("", banner.strip(), count=1)
    peer = fingerprint(greeting)
    if not peer.is_postal:
        other = f"{peer.name[:1].upper()}{peer.name[1:]}"
        why = f"{other} answered, not Postal: its address and name are not those that Postal sends with."
        return Proposal(reasons=(why,))
    ips, by_address = _sending(addresses)
    helo, by_name = _helo(greeting)
    return Proposal(ips, helo, tuple(filter(None, (by_address, by_name))))


def _sending(addresses: Iterable[str]) -> tuple[tuple[str, ...], str]:
    known = [one for one in dict.fromkeys(one.partition("%")[0] for one in addresses) if is_address(one)]
    public = tuple(str(_plain(one)) for one in known if not is_private(one) and not _special(one))[:_MOST]
    if public:
        at = ", ".join(public)
        return public, f"Postal was reached at {at}. It sends from there unless it uses IP pools or another way out."
    if known:
        at = Untrusted(known[0], 60)
        return (), f"Postal was reached at {at}, which receivers never see: ask for the public address of its host."
    return (), ""


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address as receivers see it: one that is mapped into IPv6 is IPv4."""
    parsed = ipaddress.ip_address(address)
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else parsed


def _special(address: str) -> bool:
    """Whether no mail can come from *address*; documentation addresses count as usual ones."""
    parsed = _plain(address)
    return parsed.is_unspecified or parsed.is_multicast


def _helo(greeting: str) -> tuple[str, str]:
    word = greeting.partition(" ")[0]
    greets = f"Postal greets as {Untrusted(word, 80)}"
    try:
        name = ascii_name(word)
    except ValueError:
        return "", f"{greets}, which is not a host name."
    if is_postal_default(name):
        cure = "its administrator has to set postal.smtp_hostname in postal.yml"
        return "", f"{greets}, a sample name that it ships: {cure}."
    if not _HOST.fullmatch(name):
        return "", f"{greets}, which receivers do not accept as a HELO name."
    return name, f"{greets}. It gives that name in HELO unless dns.helo_hostname or an IP pool says otherwise."


def from_dialogue(events: Iterable[Event]) -> Proposal:
    """Propose from an observed dialogue: the addresses that took the connection, and the first banner."""
    banners = [one for one in events if isinstance(one, Exchange) and one.verb == "banner" and one.reply]
    if not banners:
        return Proposal()
    return propose((_host(one.address) for one in banners), banners[0].reply[0])


def _host(address: str) -> str:
    """Return *address* without its port: ``192.0.2.1:25``, ``[2001:db8::1]:25``, or either without one."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
