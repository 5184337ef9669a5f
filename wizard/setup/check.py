"""``check``: every check of the table, run side by side; nothing is written."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.checks import arrival
from wizard.checks.registry import UNATTENDED, Group, ids, runs
from wizard.checks.smtp.message import accepted, new_code
from wizard.model import exit_codes
from wizard.model.codes import Check, Code
from wizard.model.draft import InfisicalTarget
from wizard.model.finding import Finding
from wizard.model.secret import Secret, plaintext
from wizard.model.session import Listener, nobody
from wizard.setup import existing, proofs, report
from wizard.state import known_values
from wizard.state.directory import StateError
from wizard.system import files
from wizard.targets import Refused
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.exit_codes import Exit
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


def proofs_of(findings: tuple[Finding, ...]) -> dict[str, str]:
    """Return the contract's ``proofs`` of a run without an operator."""
    return {proof.value: standing.value for proof, standing in proofs.of_findings(findings).items()}


async def check(
    draft: Draft,
    session: Session,
    only: tuple[str, ...] = GROUPS,
    *,
    send: bool = False,
    flow: bool = False,
    on_event: Listener = nobody,
) -> Outcome:
    """Run the checks of the groups in *only* side by side; nothing is written anywhere.

    With *send* the test mail goes out, and Postal is asked what became of it where its API key is at hand. With *flow*
    GlitchTip itself sends a password reset and takes a task.
    """
    wanted = {one for name in only for one in ids(Group(name))}
    started = time.monotonic()
    present = await _read_infisical(draft, session)
    if present is not None:
        draft, session = present.draft, present.session
    smtp = wanted & ids(Group.SMTP) if send else frozenset()
    made = runs(wanted - smtp, draft, session, on_event)
    if smtp:
        made.append(_send(draft, session, on_event))
    if flow:
        from wizard.checks import flow as flow_check  # start-up: 180 ms

        made.append(flow_check.check(draft, session, on_event))
    with files.once():
        groups = await asyncio.gather(*made)
    findings = tuple(finding for group in groups for finding in group)
    if present is not None and present.finding is not None:
        in_place = {Check.EMAIL_URL: present.finding}
        findings = tuple(in_place.get(Check(finding.check), finding) for finding in findings)
    return Outcome(findings, time.monotonic() - started, exit_codes.of_findings(findings), proofs=proofs_of(findings))


@dataclass(frozen=True, slots=True)
class _Present:
    """What an Infisical target holds now."""

    draft: Draft
    session: Session
    finding: Finding | None
    """The verdict on its EMAIL_URL; None where there is none to judge."""


async def _read_infisical(draft: Draft, session: Session) -> _Present | None:
    """Read EMAIL_URL from an Infisical target, as ``--env-file`` does from a file; None where nothing lets us in."""
    if not isinstance(draft.target, InfisicalTarget) or not (session.client_secret or session.token):
        return None
    from wizard.checks.config import email_url  # start-up: 11 ms

    writer = Infisical(draft.target, session)
    try:
        values = await writer.read(existing.SETTINGS)
    except Refused as error:
        finding = Finding.unknown(
            Code.EMAIL_URL_UNREADABLE,
            "EMAIL_URL",
            f"EMAIL_URL cannot be read from Infisical: {error}",
            remedy="Check the place, the client secret and the identity's role in the project.",
            proven_from="infisical",
        )
        return _Present(draft, session, finding)
    finally:
        await writer.close()
    url = values["EMAIL_URL"].value
    if url is None:
        finding = Finding.fail(
            Code.EMAIL_URL_ABSENT,
            "EMAIL_URL",
            "Infisical holds no EMAIL_URL in this folder: GlitchTip sends nothing.",
            remedy="Set it up: postal-wizard, or postal-wizard apply.",
            proven_from="infisical",
        )
        return _Present(draft, session, finding)
    judged = email_url.judge_in_infisical(Secret(plaintext(url)), draft, session)
    plain = {key: plaintext(one.value) if one.value is not None else None for key, one in values.items()}
    read = existing.from_settings(plain, draft.target)
    if read.problem is not None:
        return _Present(draft, session, judged)
    tls = read.draft.server.tls if plain["EMAIL_USE_TLS"] is not None else draft.server.tls
    server = replace(read.draft.server, tls=tls, web_url=draft.server.web_url)
    app = replace(draft.app, from_=read.draft.app.from_ or draft.app.from_)
    there = replace(draft, app=app, server=server, credential=read.draft.credential)
    return _Present(there, replace(session, key=session.key or read.key), judged)


async def _send(draft: Draft, session: Session, on_event: Listener) -> list[Finding]:
    from wizard.checks.smtp import run as smtp  # start-up: 80 ms

    findings = await smtp.check(draft, session, on_event, send=True, code=new_code())
    return [*findings, await ask_postal(draft, session, findings, on_event)]


async def ask_postal(draft: Draft, session: Session, findings: list[Finding], on_event: Listener) -> Finding:
    """Ask Postal what became of the mail that *findings* say was accepted; a skip without an API key."""
    mail = accepted(findings)
    finding = await arrival.arrival(draft, session, mail.message_id if mail else "", findings=findings)
    if draft.target is not None and session.message_ids.newest:
        with contextlib.suppress(StateError):  # it spares the next question some calls, and no more
            known_values.keep_newest(draft.target, session.message_ids.newest, directory=session.directory)
    on_event(finding)
    return finding
