"""``check``: every check of the table, run side by side; nothing is written."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.registry import UNATTENDED, Group, ids, runs
from wizard.model import exit_codes
from wizard.model.session import Listener, nobody
from wizard.setup import proofs, report
from wizard.system import files

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.exit_codes import Exit
    from wizard.model.finding import Finding
    from wizard.model.session import Session
    from wizard.targets import Plan, Receipt

GROUPS: Final = tuple(group.value for group in UNATTENDED)
"""What ``--only`` takes, in the order in which the findings are shown."""


@dataclass(frozen=True, slots=True)
class Next:
    """What to do now (contract.md, ``next``)."""

    because: str
    command: str = ""
    revoke_old_key: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the contract's object; without a command where there is none."""
        named = {"command": self.command} if self.command else {}
        return {**named, "because": self.because, "revoke_old_key": self.revoke_old_key}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found and did; the command line renders it and exits with its code."""

    findings: tuple[Finding, ...]
    seconds: float
    exit: Exit
    change: dict[str, Any] | None = None
    sentences: tuple[str, ...] = ()
    """For people."""
    plan: Plan[object] | None = None
    receipt: Receipt[object] | None = None
    despite: tuple[str, ...] = ()
    next: Next | None = None
    proofs: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the contract's JSON object."""
        following = self.next.as_json() if self.next is not None else None
        return report.as_json(self.findings, self.seconds, self.proofs, self.change, following)


@dataclass(slots=True)
class Clock:
    """Seconds from the first question to now."""

    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Return the seconds since the first question."""
        return time.monotonic() - self.started


def proofs_of(findings: tuple[Finding, ...]) -> dict[str, str]:
    """Return the contract's ``proofs`` of a run without an operator."""
    return {proof.value: standing.value for proof, standing in proofs.of_findings(findings).items()}


async def check(
    draft: Draft,
    session: Session,
    only: tuple[str, ...] = GROUPS,
    *,
    send: bool = False,
    on_event: Listener = nobody,
) -> Outcome:
    """Run the checks of the groups in *only* side by side; nothing is written anywhere."""
    wanted = {one for name in only for one in ids(Group(name))}
    smtp = wanted & ids(Group.SMTP) if send else frozenset()
    made = runs(wanted - smtp, draft, session, on_event)
    if smtp:
        made.append(_send(draft, session, on_event))
    clock = Clock()
    with files.once():
        groups = await asyncio.gather(*made)
    findings = tuple(finding for group in groups for finding in group)
    return Outcome(findings, clock.seconds(), exit_codes.of_findings(findings), proofs=proofs_of(findings))


async def _send(draft: Draft, session: Session, on_event: Listener) -> list[Finding]:
    from wizard.checks.smtp import run as smtp
    from wizard.checks.smtp.message import new_code

    return await smtp.check(draft, session, on_event, send=True, code=new_code())
