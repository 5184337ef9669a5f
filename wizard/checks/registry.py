"""The one table of checks: id, human name, group, proof, what a check needs, and the function that runs it.

``--only``, checklist, proofs, troubleshooting, rows and reports read it; there is no second list of ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from wizard.model.codes import Check

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Iterable

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
    needs: tuple[str, ...] = ()
    """The answers without which it is skipped."""


def _entry(check: Check, name: str, group: Group, proof: Proof | None, *needs: str, turns: bool = False) -> Entry:
    return Entry(check, name, group, proof, turns, needs)


_C, _D, _S = Group.CONFIG, Group.DNS, Group.SMTP
_HOST: Final = ("server.host", "server.port")
_LOGIN: Final = (*_HOST, "credential.username", "credential.key")

CHECKS: Final[tuple[Entry, ...]] = (
    _entry(Check.EMAIL_URL, "EMAIL_URL", _C, Proof.GLITCHTIP, turns=True),
    _entry(Check.FROM_ADDRESS, "From address", _C, Proof.FROM, "app.from", turns=True),
    _entry(Check.ENVIRONMENT, "Environment", _C, Proof.GLITCHTIP, turns=True),
    _entry(Check.COMPOSE, "Compose file", _C, Proof.GLITCHTIP, turns=True),
    _entry(Check.GIT, "git", _C, None),
    _entry(Check.CONTAINER, "Container", _C, Proof.GLITCHTIP, turns=True),
    _entry(Check.INSIDE, "From inside", Group.FLOW, Proof.GLITCHTIP, "test_mail.recipient"),
    _entry(Check.FLOW, "Password reset", Group.FLOW, Proof.GLITCHTIP, "test_mail.recipient"),
    _entry(Check.DOMAIN, "Domain", _D, Proof.RECEIVERS, "app.from", turns=True),
    _entry(Check.OWNERSHIP, "Domain proof", _D, Proof.FROM, "domain.ownership"),
    _entry(Check.SPF_FROM, "SPF (From)", _D, Proof.RECEIVERS, "domain.sending_ips"),
    _entry(Check.SPF_MAILFROM, "SPF (envelope)", _D, Proof.RECEIVERS, "domain.sending_ips", turns=True),
    _entry(Check.DKIM, "DKIM key", _D, Proof.RECEIVERS, "domain.dkim_selector", "domain.dkim_value"),
    _entry(Check.DMARC, "DMARC", _D, Proof.RECEIVERS),
    _entry(Check.ALIGNMENT, "DMARC result", _D, Proof.RECEIVERS, turns=True),
    _entry(Check.RETURN_PATH, "Return path", _D, Proof.RECEIVERS, "domain.return_path", "domain.return_path_target"),
    _entry(Check.RP_MX, "Bounce address MX", _D, Proof.RECEIVERS, "domain.return_path", turns=True),
    _entry(Check.MX, "MX", _D, Proof.RECEIVERS),
    _entry(Check.PTR, "Reverse name", _D, Proof.RECEIVERS, "domain.sending_ips", "domain.helo", turns=True),
    _entry(Check.POSTAL_VIEW, "Postal's page", _D, Proof.RECEIVERS, "domain.spf_include", "domain.dkim_selector"),
    _entry(Check.RESOLVE, "Address", _S, Proof.KEY, *_HOST, turns=True),
    _entry(Check.CONNECT, "Connection", _S, Proof.KEY, *_HOST, turns=True),
    _entry(Check.GREETING, "Greeting", _S, Proof.KEY, *_HOST, turns=True),
    _entry(Check.TLS, "Encryption", _S, Proof.KEY, *_HOST, turns=True),
    _entry(Check.AUTH, "Login", _S, Proof.KEY, *_LOGIN, turns=True),
    _entry(Check.USERNAME, "User name", _S, Proof.KEY, *_LOGIN),
    _entry(Check.RECIPIENT, "Recipient", _S, Proof.FROM, *_LOGIN, "test_mail.recipient", turns=True),
    _entry(Check.SENDER, "Test mail", _S, Proof.FROM, *_LOGIN, "test_mail.recipient", turns=True),
    _entry(Check.ARRIVAL, "Arrival", Group.ARRIVAL, Proof.ARRIVAL, "server.web_url", turns=True),
    _entry(Check.RECEIVED, "Headers", Group.ARRIVAL, Proof.RECEIVERS),
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


def needs(checks: Iterable[str]) -> tuple[str, ...]:
    """Return the answers that any of *checks* needs, each once."""
    return tuple(dict.fromkeys(key for check in checks for key in BY_ID[Check(check)].needs))


def runs(
    wanted: Collection[Check],
    draft: Draft,
    session: Session,
    on_event: Listener,
    *,
    until: str | None = None,
    replacing: bool = False,
    compare: bool = True,
) -> list[Coroutine[Any, Any, list[Finding]]]:
    """Return the runs that give the findings of *wanted*, not started: one for a group, whatever it holds.

    *replacing*: the settings are about to be replaced (``container.before_writing``); *compare*: whether containers are
    compared with the draft. No mail is sent.
    """
    made: list[Coroutine[Any, Any, list[Finding]]] = []
    asked = set(wanted)
    # Late: a run loads dnspython (76 ms) or smtplib (33 ms), and none may fall before the first paint.
    if asked & (ids(Group.CONFIG) - {Check.CONTAINER}):
        from wizard.checks.config import run as config  # start-up: 58 ms

        made.append(config.check(draft, session, on_event, replacing=replacing))
    if Check.CONTAINER in asked:
        from wizard.checks import container  # start-up: 180 ms

        made.append(container.check(draft, session, on_event, compare=compare))
    if dns_ids := asked & ids(Group.DNS):
        from wizard.checks.dns import run as dns  # start-up: 180 ms

        made.append(dns.check(draft, session, on_event, only=frozenset(map(str, dns_ids))))
    if asked & ids(Group.SMTP):
        from wizard.checks.smtp import run as smtp  # start-up: 80 ms

        made.append(smtp.check(draft, session, on_event, until=until))
    return made
