"""The configuration checks: EMAIL_URL, From, GlitchTip's environment in docker-compose.yml, and git.

Nothing is asked of the network, and no value of a secret stands in a finding.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from wizard import addresses, email_url, url_explained
from wizard.checks import git, settings
from wizard.draft import EnvTarget
from wizard.finding import Finding, Verdict
from wizard.foreign import Foreign
from wizard.secret import Secret
from wizard.session import Listener, nobody
from wizard.targets import compose

if TYPE_CHECKING:
    from wizard.draft import Draft
    from wizard.session import Session

IDS: Final = ("email_url", "from_address", "environment", "git", "compose")


async def check(draft: Draft, session: Session, heard: Listener = nobody) -> list[Finding]:
    """Judge what will be written and where it will be read. Each id has at least one finding."""
    started = time.monotonic()
    findings = [_email_url(draft, session), _from_address(draft)]
    findings += await asyncio.to_thread(_compose, draft, session)
    findings.append(await _git(draft, session))
    timed = [finding.timed(time.monotonic() - started) for finding in findings]
    for finding in timed:
        heard(finding)
    return timed


def _email_url(draft: Draft, session: Session) -> Finding:
    """Judge the URL that stands in the file where it tells the same set-up, else the one that will be written."""
    text = _in_force(draft, session) or _to_write(draft, session)
    if text is None:
        reason = "no user name and key are known" if session.key is None else "host, port or user name is missing"
        return Finding("email_url", "EMAIL_URL", Verdict.SKIP, f"No EMAIL_URL can be judged: {reason}.")
    explanation = url_explained.explain(text.reveal())
    wrong = [problem for problem in explanation.problems if problem.severity == "fail"]
    shown = (explanation.shown, *(problem.sentence for problem in explanation.problems[1:]))
    if wrong:
        return Finding("email_url", "EMAIL_URL", Verdict.FAIL, wrong[0].sentence, shown, wrong[0].remedy)
    return Finding("email_url", "EMAIL_URL", Verdict.PASS, "Both readers of EMAIL_URL agree with its parts.", shown)


def _in_force(draft: Draft, session: Session) -> Secret | None:
    """Return the target file's EMAIL_URL where it is what is judged: it tells this set-up, or nothing else does."""
    from wizard import inputs

    if not isinstance(draft.target, EnvTarget):
        return None
    try:
        url = inputs.env_values(session.path(draft.target.path)).get("EMAIL_URL")
    except inputs.UsageError:
        return None
    if not url:
        return None
    try:
        parts = email_url.parse(url)
    except email_url.CredentialError:
        return Secret(url) if not draft.server.host else None
    same = (parts.host, parts.port, parts.username) == (draft.server.host, draft.server.port, draft.credential.username)
    return Secret(url) if same and parts.key == session.key else None


def _to_write(draft: Draft, session: Session) -> Secret | None:
    if session.key is None or draft.server.port is None or not draft.server.host:
        return None
    try:
        key = session.key.reveal()
        return Secret(email_url.build(draft.credential.username, key, draft.server.host, draft.server.port))
    except email_url.CredentialError:
        return None


def _from_address(draft: Draft) -> Finding:
    text = draft.app.from_
    subject = str(Foreign(text, 120)) or "DEFAULT_FROM_EMAIL"
    wanted = "Set it to an address of the From domain, such as GlitchTip <glitchtip@example.com>."
    problem = addresses.problem_with_from(text)
    if problem is not None:
        return Finding("from_address", subject, Verdict.FAIL, problem, remedy=wanted)
    address = addresses.parse_from(text)[1]
    if address.lower() == addresses.DJANGO_DEFAULT:
        return Finding(
            "from_address", subject, Verdict.FAIL,
            "webmaster@localhost is Django's default: Postal refuses every mail from it with 530.", remedy=wanted,
        )  # fmt: skip
    problem = addresses.problem_with_sender(text)
    if problem is not None:
        return Finding("from_address", subject, Verdict.FAIL, problem, remedy=wanted)
    domain = address.rpartition("@")[2].lower().rstrip(".")
    if domain != draft.domain_name:
        return Finding(
            "from_address", subject, Verdict.FAIL,
            f"The From is of {domain} and not of {draft.domain_name}: Postal wants the exact domain.",
            remedy=f"Use an address @{draft.domain_name}, or verify {domain} in Postal and name it as the From domain.",
        )  # fmt: skip
    if addresses.needs_quotes(text):
        return Finding(
            "from_address", subject, Verdict.WARN,
            "The display name needs quotes, which some readers of .env files take for part of the value.",
            remedy="Choose a display name of letters, digits and blanks.",
        )  # fmt: skip
    return Finding("from_address", subject, Verdict.PASS, f"The From is an address of {domain}.")


def _compose(draft: Draft, session: Session) -> list[Finding]:
    try:
        reading = compose.read(draft, session)
    except compose.ComposeError as error:
        subject, remedy = (
            draft.app.compose_file or "docker-compose.yml",
            "Mend the file: docker compose config says where.",
        )
        return [
            Finding(check, subject, Verdict.UNKNOWN, f"It cannot be judged: {error}", remedy=remedy)
            for check in ("environment", "compose")
        ]
    if reading is None:
        reason = "There is no compose file beside the settings (app.compose_file names one)."
        return [Finding(check, "docker-compose.yml", Verdict.SKIP, reason) for check in ("environment", "compose")]
    if not reading.services:
        reason = "No service in it is GlitchTip's (app.services names them)."
        return [Finding(check, reading.file.name, Verdict.SKIP, reason) for check in ("environment", "compose")]
    return [
        finding
        for service in reading.services.values()
        for finding in (settings.environment(service, draft), settings.structure(service, reading, draft))
    ]


async def _git(draft: Draft, session: Session) -> Finding:
    if not isinstance(draft.target, EnvTarget):
        return Finding(
            "git", "target", Verdict.SKIP, "The settings go to no file, so there is none for git to publish."
        )
    return await git.judge(session.path(draft.target.path).absolute())
