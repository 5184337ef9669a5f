"""The configuration checks: EMAIL_URL, From, GlitchTip's environment in its compose project, and git.

Nothing is asked of the network, and no value of a secret is in a finding.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from wizard.checks.config import compose as compose_rows
from wizard.checks.config import email_url, environment, exported, from_address, git
from wizard.glitchtip import compose, discovery
from wizard.model.codes import Check, Code
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.finding import Finding
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted
from wizard.rollout import restart
from wizard.system.threads import aside

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence
    from pathlib import Path

    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session

IDS: Final = (Check.EMAIL_URL, Check.FROM_ADDRESS, Check.ENVIRONMENT, Check.GIT, Check.COMPOSE)


async def check(
    draft: Draft,
    session: Session,
    on_event: Listener = nobody,
    *,
    replacing: bool = False,
    containers: Sequence[Container] = (),
) -> list[Finding]:
    """Judge what will be written and where it will be read. Each id has at least one finding.

    *replacing*: the file's own EMAIL_URL is not judged: it is about to be replaced. *containers*: as the daemon
    lists them, where it was asked; their labels tell which project is GlitchTip's.
    """
    started = time.monotonic()

    async def timed(findings: Awaitable[list[Finding]]) -> list[Finding]:
        done = [finding.timed(time.monotonic() - started) for finding in await findings]
        for finding in done:
            on_event(finding)
        return done

    def values() -> list[Finding]:
        return [email_url.judge(draft, session, replacing=replacing), from_address.judge(draft)]

    def project() -> list[Finding]:
        copies = exported.judge(draft, session) if replacing else []
        return [*_compose(draft, session, containers, replacing), *copies]

    groups = await asyncio.gather(
        timed(aside(values)),
        timed(aside(project)),
        timed(_git(draft, session)),
    )
    return [finding for group in groups for finding in group]


def _compose(draft: Draft, session: Session, containers: Sequence[Container], replacing: bool) -> list[Finding]:
    subject = draft.app.compose_file or "docker-compose.yml"
    try:
        reading = compose.read(draft, session, containers)
    except compose.ComposeError as error:
        remedy = "Fix the file: docker compose config --quiet says what is wrong."
        return [
            Finding.unknown(code, subject, f"It cannot be checked: {error}", remedy=remedy)
            for code in (Code.ENVIRONMENT_UNREADABLE, Code.COMPOSE_UNREADABLE)
        ]
    if reading is None:
        reason = "There is no compose file next to the settings (app.compose_file can name one)."
        return [
            Finding.skip(code, subject, reason)
            for code in (Code.ENVIRONMENT_NOT_APPLICABLE, Code.COMPOSE_NOT_APPLICABLE)
        ]
    target = _target(draft, session)
    then = restart.phrase(reading, draft, session) if reading.services else ""
    return [
        *_around(reading),
        *(
            finding
            for service in reading.services.values()
            for finding in (
                environment.environment(service, reading, draft, target, then),
                compose_rows.structure(service, reading, draft, target, then, replacing=replacing),
            )
        ),
    ]


def _target(draft: Draft, session: Session) -> Path | None:
    return discovery.resolved(session.path(draft.target.path)) if isinstance(draft.target, EnvTarget) else None


def _around(reading: compose.ComposeReading) -> list[Finding]:
    """Return what is said of the project itself: named services that it lacks, files that were not read."""
    name = Untrusted(reading.file.name, 60)
    findings = [
        Finding.warn(
            Code.COMPOSE_SERVICE_ABSENT, service, f"{name} has no service {Untrusted(service, 60)}.",
            remedy="Name GlitchTip's services in app.services, or remove it: then the wizard finds them by their "
            "image.",
        )
        for service in reading.absent
    ]  # fmt: skip
    if reading.remote:
        fetched = Untrusted(", ".join(reading.remote), 120)
        findings.append(
            Finding.unknown(
                Code.COMPOSE_REMOTE, name, f"compose fetches {fetched}, which the wizard does not read.",
                remedy="Run docker compose config, and check that GlitchTip's services get EMAIL_URL.",
            )
        )  # fmt: skip
    if reading.services:
        return findings
    if reading.silent:
        names = Untrusted(", ".join(reading.silent), 120)
        reason = f"No service in it sends mail for GlitchTip ({names} only queue tasks or run once)."
    else:
        reason = "No service in it is GlitchTip's (app.services can name them)."
    findings.append(Finding.skip(Code.ENVIRONMENT_NOT_APPLICABLE, name, reason))
    if not findings[:-1]:
        findings.append(Finding.skip(Code.COMPOSE_NO_SERVICE, name, reason))
    return findings


async def _git(draft: Draft, session: Session) -> list[Finding]:
    """Judge every file that the settings are written to."""
    target = draft.target
    if target is None:
        return [
            Finding.skip(
                Code.GIT_NO_VALUE, "target", "No target is chosen yet.",
                remedy='Give [target]: kind = "env" with the path of the .env, or kind = "infisical".',
            )
        ]  # fmt: skip
    name = target.env_copy if isinstance(target, InfisicalTarget) else target.path
    if not name:
        return [
            Finding.skip(
                Code.GIT_NOT_APPLICABLE, "target", "The settings are not written to a file, so git cannot publish them."
            )
        ]
    return [await git.judge(session.path(name).absolute())]
