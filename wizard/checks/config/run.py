"""The configuration checks: EMAIL_URL, From, GlitchTip's environment in docker-compose.yml, and git.

Nothing is asked of the network, and no value of a secret stands in a finding.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.checks.config import compose as compose_rows
from wizard.checks.config import environment, git
from wizard.email_url import explain, readers
from wizard.email_url import url as email_url
from wizard.email_url.problems import agree
from wizard.glitchtip import compose, compose_env
from wizard.model import addresses
from wizard.model.draft import EnvTarget
from wizard.model.errors import UsageError
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted
from wizard.system.threads import aside
from wizard.targets.env_file.values import env_values

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from wizard.model.draft import Draft
    from wizard.model.session import Session

IDS: Final = ("email_url", "from_address", "environment", "git", "compose")


async def check(
    draft: Draft, session: Session, on_event: Listener = nobody, *, replacing: bool = False
) -> list[Finding]:
    """Judge what will be written and where it will be read. Each id has at least one finding.

    *replacing*: the file's own EMAIL_URL is no fault, for it is about to be replaced.
    """
    started = time.monotonic()

    async def timed(found: Awaitable[list[Finding]]) -> list[Finding]:
        spent = [finding.timed(time.monotonic() - started) for finding in await found]
        for finding in spent:
            on_event(finding)
        return spent

    def values() -> list[Finding]:
        return [_email_url(draft, session, replacing), _from_address(draft)]

    groups = await asyncio.gather(
        timed(aside(values)),
        timed(aside(_compose, draft, session)),
        timed(_git(draft, session)),
    )
    return [finding for group in groups for finding in group]


def _email_url(draft: Draft, session: Session, replacing: bool) -> Finding:
    """Judge the URL that stands in the file where it tells the same set-up, else the one that will be written."""
    standing = None if replacing else _standing(draft, session)
    if standing is not None:
        return _judged(standing, draft, session)
    missing = [
        name
        for name, value in {
            "server.host": draft.server.host,
            "server.port": draft.server.port,
            "credential.username": draft.credential.username,
            "the key": session.key,
        }.items()
        if not value
    ]
    if missing:
        reason = f"No EMAIL_URL can be judged: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
        return Finding("email_url", "EMAIL_URL", Verdict.SKIP, reason)
    assert session.key is not None
    host, port, username, key = draft.server.host, draft.server.port or 0, draft.credential.username, session.key
    try:
        url = email_url.build(username, key.reveal(), host, port)
    except email_url.CredentialError as error:
        return Finding("email_url", "EMAIL_URL", Verdict.FAIL, str(error), remedy=_AGAIN)
    shown = (email_url.masked(url), *email_url.warnings(key.reveal()))
    meant = (username, key, (urlsplit(url).hostname or ""), port)
    for reading in (readers.glitchtip(url), readers.dj_email_url(url)):
        if (reading.username, reading.password, reading.host, reading.port) != meant:
            return Finding(
                "email_url", "EMAIL_URL", Verdict.FAIL, "A reader of EMAIL_URL does not get the parts back.",
                shown, _AGAIN,
            )  # fmt: skip
    return Finding("email_url", "EMAIL_URL", Verdict.PASS, _AGREE, shown)


_AGREE: Final = "Both readers of EMAIL_URL agree with its parts."
_AGAIN: Final = "Copy user name and key again from Postal, Credentials, or make a new credential."


def _judged(url: Secret, draft: Draft, session: Session) -> Finding:
    """Judge a URL as it stands in the target's file."""
    explanation = explain.explain(url.reveal())
    problems = explanation.problems
    shown = (explanation.shown, *(problem.sentence for problem in problems))
    wrong = next((problem for problem in problems if problem.severity == "fail"), None)
    if wrong is not None:
        return Finding("email_url", "EMAIL_URL", Verdict.FAIL, wrong.sentence, shown, wrong.remedy)
    if not agree(explanation.glitchtip, explanation.dj_email_url):
        return Finding(
            "email_url", "EMAIL_URL", Verdict.FAIL, "The two readers of EMAIL_URL understand it differently.", shown,
            "Use smtp://USER:KEY@HOST:PORT without anything behind the port; postal-wizard writes it so.",
        )  # fmt: skip
    assert isinstance(draft.target, EnvTarget)
    composed = compose_env.read(session.path(draft.target.path), {}).entries.get("EMAIL_URL")
    if composed is None or composed.value != url.reveal():
        return Finding(
            "email_url", "EMAIL_URL", Verdict.FAIL,
            "docker compose reads another EMAIL_URL in this file, since it takes a $ for the name of a variable.",
            shown, "Encode user name and key: postal-wizard apply, or postal-wizard url encode, does it.",
        )  # fmt: skip
    return Finding("email_url", "EMAIL_URL", Verdict.PASS, _AGREE, shown)


def _standing(draft: Draft, session: Session) -> Secret | None:
    """Return the target file's EMAIL_URL where it is what is judged: it tells this set-up, or nothing else does."""
    if not isinstance(draft.target, EnvTarget):
        return None
    try:
        url = env_values(session.path(draft.target.path)).get("EMAIL_URL")
    except UsageError:
        return None
    if not url:
        return None
    try:
        parts = email_url.parse(url)
    except email_url.CredentialError:
        return Secret(url) if not draft.server.host or session.key is None else None
    same = (parts.host, parts.port, parts.username) == (draft.server.host, draft.server.port, draft.credential.username)
    return Secret(url) if same and (session.key is None or parts.key == session.key) else None


def _from_address(draft: Draft) -> Finding:
    text = draft.app.from_
    subject = str(Untrusted(text, 120)) or "DEFAULT_FROM_EMAIL"
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
    told = address.rpartition("@")[2]
    domain = addresses.ascii_domain(told)
    if domain != addresses.django_domain(told):
        return Finding(
            "from_address", subject, Verdict.FAIL,
            f"GlitchTip would send from {addresses.django_domain(told)}, since Python's rule for names that are not "
            f"ASCII is older than the one of DNS, which says {domain}.",
            remedy=f"Write the address with {domain}.",
        )  # fmt: skip
    if domain != addresses.ascii_domain(draft.domain_name):
        return Finding(
            "from_address", subject, Verdict.FAIL,
            f"The From is of {domain} and not of {draft.domain_name}: Postal wants the exact domain.",
            remedy=f"Use an address @{draft.domain_name}, or verify {domain} in Postal and name it as the From domain.",
        )  # fmt: skip
    if addresses.needs_quotes(text):
        return Finding(
            "from_address", subject, Verdict.WARN,
            "The display name needs quotes around it, which some readers of .env files take for part of the value.",
            remedy="Choose a display name of letters, digits and blanks.",
        )  # fmt: skip
    return Finding("from_address", subject, Verdict.PASS, f"The From is an address of {domain}.")


def _compose(draft: Draft, session: Session) -> list[Finding]:
    subject = draft.app.compose_file or "docker-compose.yml"
    try:
        reading = compose.read(draft, session)
    except compose.ComposeError as error:
        remedy = "Mend the file: docker compose config says where."
        return [
            Finding(check, subject, Verdict.UNKNOWN, f"It cannot be judged: {error}", remedy=remedy)
            for check in ("environment", "compose")
        ]
    if reading is None:
        reason = "There is no compose file beside the settings (app.compose_file names one)."
        return [Finding(check, subject, Verdict.SKIP, reason) for check in ("environment", "compose")]
    name = reading.file.name
    absent = [
        Finding(
            "compose", service, Verdict.WARN, f"{Untrusted(name, 60)} has no service {Untrusted(service, 60)}.",
            remedy="Name GlitchTip's services in app.services, or leave it out: then they are found by their image.",
        )
        for service in reading.absent
    ]  # fmt: skip
    if not reading.services:
        reason = "No service in it is GlitchTip's (app.services names them)."
        checks = ("environment",) if absent else ("environment", "compose")
        return [Finding(check, name, Verdict.SKIP, reason) for check in checks] + absent
    target = session.path(draft.target.path).resolve() if isinstance(draft.target, EnvTarget) else None
    return absent + [
        finding
        for service in reading.services.values()
        for finding in (
            environment.environment(service, draft, target),
            compose_rows.structure(service, reading, draft, target),
        )
    ]


async def _git(draft: Draft, session: Session) -> list[Finding]:
    if not isinstance(draft.target, EnvTarget):
        reason = "The settings go to no file, so there is none for git to publish."
        return [Finding("git", "target", Verdict.SKIP, reason if draft.target else "No target is known ([target]).")]
    return [await git.judge(session.path(draft.target.path).absolute())]
