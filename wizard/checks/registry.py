"""The one table of checks: id, human name, group, proof, and the function that runs a check.

``--only``, checklist, proofs, troubleshooting, rows and reports read it; there is no second list of ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from wizard.model.codes import Check

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine

    from wizard.model.draft import Draft
    from wizard.model.finding import Finding
    from wizard.model.session import Listener, Session


class Group(StrEnum):
    """What ``--only`` takes, in the order in which the findings are shown; the last two are asked for by name."""

    CONFIG = "config"
    DNS = "dns"
    SMTP = "smtp"
    ARRIVAL = "arrival"
    FLOW = "flow"


class Proof(StrEnum):
    """The five statements that all findings add up to (design.md section 3)."""

    KEY = "key"
    FROM = "from"
    RECEIVERS = "receivers"
    ARRIVAL = "arrival"
    GLITCHTIP = "glitchtip"


@dataclass(frozen=True, slots=True)
class Entry:
    """One check."""

    id: Check
    name: str
    """What people call it; ids are for programs."""
    group: Group
    proof: Proof | None
    """The proof it is listed under; None: none."""
    disproves: bool = False
    """Whether its fail turns the proof to disproven."""


_C, _D, _S = Group.CONFIG, Group.DNS, Group.SMTP

CHECKS: Final[tuple[Entry, ...]] = (
    Entry(Check.EMAIL_URL, "EMAIL_URL", _C, Proof.GLITCHTIP, disproves=True),
    Entry(Check.FROM_ADDRESS, "From address", _C, Proof.FROM, disproves=True),
    Entry(Check.ENVIRONMENT, "Environment", _C, Proof.GLITCHTIP, disproves=True),
    Entry(Check.COMPOSE, "Compose file", _C, Proof.GLITCHTIP, disproves=True),
    Entry(Check.GIT, "git", _C, None),
    Entry(Check.CONTAINER, "Container", _C, Proof.GLITCHTIP, disproves=True),
    Entry(Check.INSIDE, "From inside", Group.FLOW, Proof.GLITCHTIP),
    Entry(Check.FLOW, "Password reset", Group.FLOW, Proof.GLITCHTIP),
    Entry(Check.DOMAIN, "Domain", _D, Proof.RECEIVERS, disproves=True),
    Entry(Check.OWNERSHIP, "Domain proof", _D, Proof.FROM),
    Entry(Check.SPF_FROM, "SPF (From)", _D, Proof.RECEIVERS),
    Entry(Check.SPF_MAILFROM, "SPF (envelope)", _D, Proof.RECEIVERS, disproves=True),
    Entry(Check.DKIM, "DKIM key", _D, Proof.RECEIVERS),
    Entry(Check.DMARC, "DMARC", _D, Proof.RECEIVERS),
    Entry(Check.ALIGNMENT, "DMARC result", _D, Proof.RECEIVERS, disproves=True),
    Entry(Check.RETURN_PATH, "Return path", _D, Proof.RECEIVERS),
    Entry(Check.RP_MX, "Bounce address MX", _D, Proof.RECEIVERS, disproves=True),
    Entry(Check.MX, "MX", _D, Proof.RECEIVERS),
    Entry(Check.PTR, "Reverse name", _D, Proof.RECEIVERS, disproves=True),
    Entry(Check.POSTAL_VIEW, "Postal's page", _D, Proof.RECEIVERS),
    Entry(Check.RESOLVE, "Address", _S, Proof.KEY, disproves=True),
    Entry(Check.CONNECT, "Connection", _S, Proof.KEY, disproves=True),
    Entry(Check.GREETING, "Greeting", _S, Proof.KEY, disproves=True),
    Entry(Check.TLS, "Encryption", _S, Proof.KEY, disproves=True),
    Entry(Check.AUTH, "Login", _S, Proof.KEY, disproves=True),
    Entry(Check.USERNAME, "User name", _S, Proof.KEY),
    Entry(Check.RECIPIENT, "Recipient", _S, Proof.FROM, disproves=True),
    Entry(Check.SENDER, "Test mail", _S, Proof.FROM, disproves=True),
    Entry(Check.ARRIVAL, "Arrival", Group.ARRIVAL, Proof.ARRIVAL, disproves=True),
    Entry(Check.RECEIVED, "Headers", Group.ARRIVAL, Proof.RECEIVERS),
)
BY_ID: Final = {entry.id: entry for entry in CHECKS}
UNATTENDED: Final = (Group.CONFIG, Group.DNS, Group.SMTP)
"""The groups that ``check`` runs and ``--only`` names."""


def ids(group: Group) -> frozenset[Check]:
    """Return the ids of the checks in *group*."""
    return frozenset(entry.id for entry in CHECKS if entry.group is group)


def name(check: str) -> str:
    """Return what people call the check with the id *check*; the id itself where it is not in the table."""
    entry = BY_ID.get(Check(check)) if check in set(Check) else None
    return entry.name if entry is not None else check


def runs(
    wanted: Collection[Check],
    draft: Draft,
    session: Session,
    on_event: Listener,
    *,
    until: str | None = None,
) -> list[Coroutine[Any, Any, list[Finding]]]:
    """Return the runs that give the findings of *wanted*, not started: one for a group, whatever it holds.

    No mail is sent.
    """
    made: list[Coroutine[Any, Any, list[Finding]]] = []
    asked = set(wanted)
    # Late: a run loads dnspython (76 ms) or smtplib (33 ms), and none may fall before the first paint.
    if asked & (ids(Group.CONFIG) - {Check.CONTAINER}):
        from wizard.checks.config import run as config  # start-up: 58 ms

        made.append(config.check(draft, session, on_event))
    if Check.CONTAINER in asked:
        from wizard.checks import container  # start-up: 180 ms

        made.append(container.check(draft, session, on_event))
    if dns_ids := asked & ids(Group.DNS):
        from wizard.checks.dns import run as dns  # start-up: 180 ms

        made.append(dns.check(draft, session, on_event, only=frozenset(map(str, dns_ids))))
    if asked & ids(Group.SMTP):
        from wizard.checks.smtp import run as smtp  # start-up: 80 ms

        made.append(smtp.check(draft, session, on_event, until=until))
    return made
