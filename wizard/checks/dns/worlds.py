"""By which status does Postal sign? It signs by what it has stored, which need not be what the DNS holds.

Sources: app/lib/dkim_header.rb and app/senders/smtp_sender.rb of Postal 3.3.6, and what 72 delivered mails became.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from wizard.checks.dns.names import FALLBACK_SELECTOR
from wizard.checks.dns.postal_view import Predicted, predicted_dkim, predicted_return_path

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Ask
    from wizard.model.details import World

_CURRENT: Final = timedelta(hours=2)
"""Postal checks a checked domain again every hour (check_all_dns_scheduled_task.rb)."""
_NOT_GIVEN: Final = Predicted((), problem="the values that Postal shows are not known")


@dataclass(frozen=True, slots=True)
class Signing:
    """How Postal signs and from where it sends, in the world that holds; where that is not known, in ``checked``."""

    world: World
    own_key: bool | None
    """Whether it signs with the domain's own key and not with the installation's. None: see ``key_problem``."""
    psrp: bool | None
    """Whether the envelope sender is at the domain's own return path. None: see ``path_problem``."""
    why: str
    """A line of evidence: which world is assumed, and why."""
    key_problem: str = ""
    """Why it is not known which key signs."""
    path_problem: str = ""
    """Why it is not known from where it sends."""
    split: bool = False
    """The name servers disagree on a record that Postal compares."""
    press_signs: bool = False
    """The key is right as Postal compares it, and Postal does not sign with it, or is not known to."""
    press_check: bool = False
    """The same for key or return path: pressing Check is what is left to do."""
    selector: str = ""
    """Of the received mail's signature; empty where none was handed in."""

    @property
    def proven_from(self) -> str:
        """Where the world was learned from, as a finding has it."""
        return {"received": "mail", "stored": "postal"}.get(self.world, "dns")


async def signing(zone: Zone, ask: Ask, versions: Versions) -> Signing:
    """Derive how Postal signs from the headers, the stored status, ``checked_in_postal``, or the records alone."""
    dkim, path = await asyncio.gather(
        predicted_dkim(zone, ask, versions) if zone.selector and zone.dkim_value else _nothing(),
        predicted_return_path(zone, ask, versions) if zone.rp else _nothing(),
    )
    world = world_of(zone)
    own_key = _known(zone, world, _signed(zone), zone.stored_dkim, dkim)
    psrp = _known(zone, world, _sent(zone), zone.stored_return_path, path)
    press_signs, press_sends = (
        bool(predicted.ok) and (used is False or world == "unknown")
        for predicted, used in ((dkim, own_key), (path, psrp))
    )
    return Signing(
        world,
        own_key,
        psrp,
        why(zone),
        key_problem=dkim.problem if own_key is None else "",
        path_problem=path.problem if psrp is None else "",
        split=world != "never" and (dkim.split or path.split),
        press_signs=press_signs,
        press_check=press_signs or (press_sends and bool(dkim.ok)),
        selector=zone.signature.selector if zone.signature is not None and _signed(zone) is not None else "",
    )


async def _nothing() -> Predicted:
    return _NOT_GIVEN


def _known(zone: Zone, world: World, received: bool | None, stored: str, predicted: Predicted) -> bool | None:
    """Return what holds for one of the two, by the best source there is for it."""
    if received is not None:
        return received
    if stored:
        return stored == "ok"
    if world == "never" or (zone.checked is False and not zone.has_stored):
        return False
    return predicted.ok


def _signed(zone: Zone) -> bool | None:
    """Whether the received mail was signed with the domain's own key; None where Postal's signature is not known."""
    if zone.signature is None or not zone.signature.domain:
        return None
    domain = zone.signature.domain.lower().rstrip(".")
    if domain == zone.domain:
        return zone.signature.selector.lower() != FALLBACK_SELECTOR or zone.rp != zone.domain
    return False if domain == zone.rp or zone.signature.selector == FALLBACK_SELECTOR else None


def _sent(zone: Zone) -> bool | None:
    """Whether the received mail was sent from the domain's own return path; None where that is not known."""
    envelope = zone.signature.envelope.lower().rstrip(".") if zone.signature is not None else ""
    return {zone.psrp: True, zone.rp: False}.get(envelope) if envelope else None


def world_of(zone: Zone) -> World:
    """Return which world holds, by the best source there is: headers, stored status, what the operator knows."""
    if _signed(zone) is not None:
        return "received"
    if zone.has_stored:
        return "stored"
    if zone.checked is None:
        return "unknown"
    return "checked" if zone.checked else "never"


def may_fall_back(zone: Zone) -> bool:
    """Whether Postal signs with its fallback key for all that is known before any question is asked."""
    world = world_of(zone)
    if world == "stored":
        return zone.stored_dkim in {"missing", "invalid"}
    return world in {"never", "unknown"} or (world == "received" and not _signed(zone))


def why(zone: Zone) -> str:
    """Return the line of evidence that says which world is assumed, and why."""
    match world_of(zone):
        case "received":
            key = f"d={zone.signature.domain}, s={zone.signature.selector}" if zone.signature else ""
            return f"assumed: Postal signs as in the received mail ({key})"
        case "stored":
            status = f"DKIM {zone.stored_dkim or 'not shown'}, return path {zone.stored_return_path or 'not shown'}"
            return f"assumed: Postal signs by the status on its page ({status}; domain.stored_*){_age(zone)}"
        case "checked":
            return "assumed: Postal has checked the records as they are now (domain.checked_in_postal = true)"
        case "never":
            return "assumed: nobody has pressed Check in Postal yet (domain.checked_in_postal = false)"
        case _:
            return "not known whether Check was pressed in Postal (domain.checked_in_postal): both cases are judged"


def _age(zone: Zone) -> str:
    """Return how old the stored status is, where Postal has checked again since: it does once an hour."""
    if zone.status_age is None or zone.status_age < _CURRENT:
        return ""
    hours = int(zone.status_age.total_seconds() // 3600)
    old = f"{hours} hours" if hours < 48 else f"{hours // 24} days"
    return f"; that page is {old} old, and Postal has checked again since: copy it again"
