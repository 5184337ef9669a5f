"""The EMAIL_URL: the one in the target's file where it belongs to this set-up, else the one that will be written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.email_url import explain, readers
from wizard.email_url import url as email_url
from wizard.email_url.problems import agree
from wizard.glitchtip import compose_env
from wizard.model.codes import Code
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.errors import UsageError
from wizard.model.finding import Finding
from wizard.model.secret import Secret, plaintext
from wizard.targets.env_file.values import env_values

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session

_SUBJECT: Final = "EMAIL_URL"
_AGREE: Final = "GlitchTip and dj-email-url both read EMAIL_URL as intended."
_AGAIN: Final = "Copy user name and key again from Postal, Credentials, or make a new credential."


def judge(draft: Draft, session: Session, *, replacing: bool) -> Finding:
    """Judge the URL in the file where it belongs to this set-up, else the one that will be written.

    *replacing*: the one in the file is not judged, because it is about to be replaced.
    """
    present = None if replacing else _present(draft, session)
    if present is not None:
        return _judged(present, draft, session)
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
    if missing or session.key is None:
        return _cannot(missing, draft, session)
    host, port, username, key = draft.server.host, draft.server.port or 0, draft.credential.username, session.key
    try:
        url = email_url.build(username, key.reveal(), host, port)
    except email_url.CredentialError as error:
        return Finding.fail(Code.EMAIL_URL_UNUSABLE_PART, _SUBJECT, str(error), remedy=_AGAIN)
    shown = (email_url.masked(url), *email_url.warnings(key.reveal()))
    meant = (username, key, (urlsplit(url).hostname or ""), port)
    for reading in (readers.glitchtip(url), readers.dj_email_url(url)):
        if (reading.username, reading.password, reading.host, reading.port) != meant:
            return Finding.fail(
                Code.EMAIL_URL_PART_LOST,
                _SUBJECT,
                "GlitchTip or dj-email-url does not read EMAIL_URL as intended.",
                shown,
                remedy=_AGAIN,
            )
    return Finding.ok(Code.EMAIL_URL_AGREES, _SUBJECT, _AGREE, shown)


def judge_in_infisical(url: Secret, draft: Draft, session: Session) -> Finding:
    """Judge the URL that Infisical holds, as it was read from there."""
    return replace(_judged(plaintext(url), draft, session), proven_from="infisical")


def _cannot(missing: list[str], draft: Draft, session: Session) -> Finding:
    """Say why there is no URL to judge."""
    if isinstance(draft.target, InfisicalTarget) and session.client_secret is None and session.token is None:
        return Finding.skip(
            Code.EMAIL_URL_NO_ACCESS, _SUBJECT, "EMAIL_URL is in Infisical, and there is no login for it.",
            remedy="Give the client secret with --client-secret-fd, or an access token in INFISICAL_TOKEN.",
        )  # fmt: skip
    verb = "is" if len(missing) == 1 else "are"
    return Finding.skip(
        Code.EMAIL_URL_NO_VALUE, _SUBJECT, f"EMAIL_URL cannot be checked: {', '.join(missing)} {verb} missing.",
        remedy=f"Give {', '.join(missing)}: Postal shows them on its pages Credentials and Help.",
    )  # fmt: skip


def _judged(url: str, draft: Draft, session: Session) -> Finding:
    """Judge a URL as it is in the target's file."""
    # Known to the redactor while the finding is made; without an @ it has no key, and consolemail is a plain word.
    _secret = Secret(url) if "@" in url else None
    explanation = explain.explain(url)
    problems = explanation.problems
    wrong = next((problem for problem in problems if problem.severity == "fail"), None)
    shown = (explanation.shown, *(problem.sentence for problem in problems if problem is not wrong))
    if wrong is not None:
        return Finding.fail(Code.EMAIL_URL_INVALID, _SUBJECT, wrong.sentence, shown, remedy=wrong.remedy)
    if not agree(explanation.glitchtip, explanation.dj_email_url):
        return Finding.fail(
            Code.EMAIL_URL_READERS_DIFFER, _SUBJECT, "GlitchTip and dj-email-url read EMAIL_URL differently.", shown,
            remedy="Use smtp://USER:KEY@HOST:PORT with nothing after the port, as postal-wizard writes it.",
        )  # fmt: skip
    if not isinstance(draft.target, EnvTarget):
        return Finding.ok(Code.EMAIL_URL_AGREES, _SUBJECT, _AGREE, shown)
    composed = compose_env.read(session.path(draft.target.path), {}).entries.get("EMAIL_URL")
    if composed is None or composed.value != url:
        return Finding.fail(
            Code.EMAIL_URL_COMPOSE_DIFFERS, _SUBJECT,
            "docker compose reads a different EMAIL_URL from this file: it takes a $ for the beginning of a "
            "variable.",
            shown, remedy="Encode user name and key: postal-wizard apply, or postal-wizard url encode, does it.",
        )  # fmt: skip
    return Finding.ok(Code.EMAIL_URL_AGREES, _SUBJECT, _AGREE, shown)


def _present(draft: Draft, session: Session) -> str | None:
    """Return the URL in the target's file where it is what is judged: it belongs to this set-up, or none else does."""
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
        return url if not draft.server.host or session.key is None else None
    same = (parts.host, parts.port, parts.username) == (draft.server.host, draft.server.port, draft.credential.username)
    return url if same and (session.key is None or parts.key == session.key) else None
