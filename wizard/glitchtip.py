"""GlitchTip's facts about mail, as data: which variables it reads, since when, and how they must stand.

Source: glitchtip/settings.py, read and executed in six revisions; the dates are those of the commits that changed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from wizard.draft import Draft

Role: TypeAlias = Literal["live", "overridden", "dead", "only without EMAIL_URL"]

BOOLEANS_SINCE: Final = date(2024, 5, 7)
"""2135b928: EMAIL_USE_TLS and EMAIL_USE_SSL became booleans; before, any text was true, "False" too."""
TIMEOUT_SINCE: Final = date(2024, 1, 19)
"""30ed07a8: EMAIL_TIMEOUT became a number; before, it broke every mail with a TypeError."""
TIMEOUT: Final = 10
"""Seconds that the wizard advises for EMAIL_TIMEOUT; Django's default is none at all."""
DEFAULT_FROM: Final = "webmaster@localhost"
DEFAULT_EVENT_LIFE_DAYS: Final = 90
IMAGE: Final = "glitchtip/glitchtip"
COMMANDS: Final = ("run-web.sh", "run-celery", "run-worker", "run-all-in-one.sh")
"""Parts of the commands by which GlitchTip's services are known where the image has another name."""
MIGRATION: Final = "run-migrate.sh"
"""Runs once and sends no mail."""
TRUE: Final = frozenset({"true", "on", "ok", "y", "yes", "1"})
"""``environ.Env.BOOLEAN_TRUE_STRINGS``; every other word is false, without a complaint."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the environment."""

    name: str
    role: Role
    note: str


VARIABLES: Final[tuple[Variable, ...]] = (
    Variable("EMAIL_URL", "live", "decides backend, host, port, user name and key"),
    Variable("DEFAULT_FROM_EMAIL", "live", "the From of every mail"),
    Variable("EMAIL_USE_TLS", "live", "STARTTLS, also beside EMAIL_URL"),
    Variable("EMAIL_USE_SSL", "live", "implicit TLS, which Postal never speaks"),
    Variable("EMAIL_TIMEOUT", "live", "seconds; without it a silent server blocks a worker for ever"),
    Variable("EMAIL_BACKEND", "overridden", "EMAIL_URL's scheme decides the backend"),
    Variable(
        "EMAIL_SUBJECT_PREFIX", "dead", "GlitchTip never reads it; ACCOUNT_EMAIL_SUBJECT_PREFIX is for account mails"
    ),
    Variable("EMAIL_SSL_CERTFILE", "dead", "GlitchTip never reads it; SSL_CERT_FILE names a private CA"),
    Variable("EMAIL_SSL_KEYFILE", "dead", "GlitchTip never reads it"),
    Variable("EMAIL_USE_LOCALTIME", "dead", "GlitchTip never reads it"),
    Variable("SERVER_EMAIL", "dead", "GlitchTip never reads it"),
    *(
        Variable(name, "only without EMAIL_URL", "EMAIL_URL overrides it, also with nothing")
        for name in ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_FILE_PATH")
    ),
)
BY_NAME: Final = {variable.name: variable for variable in VARIABLES}


@dataclass(frozen=True, slots=True)
class Row:
    """How one row must stand in docker-compose.yml."""

    name: str
    value: str | None
    """None: the row is left out."""
    sentence: str


def wanted_rows(draft: Draft) -> list[Row]:
    """Return how GlitchTip's mail rows must stand in docker-compose.yml for this draft."""
    starttls = draft.server.tls == "starttls"
    tls = (
        Row("EMAIL_USE_TLS", "True", 'EMAIL_USE_TLS: "True", since STARTTLS was chosen')
        if starttls
        else Row("EMAIL_USE_TLS", None, 'EMAIL_USE_TLS: leave it out (images before 2024-05-07 read "False" as true)')
    )
    return [
        Row("EMAIL_URL", "${EMAIL_URL}", "EMAIL_URL: ${EMAIL_URL}, for web and worker"),
        Row("DEFAULT_FROM_EMAIL", "${DEFAULT_FROM_EMAIL}", "DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}, for both"),
        tls,
        Row("EMAIL_USE_SSL", None, "EMAIL_USE_SSL: leave it out; Postal has no implicit TLS"),
        Row(
            "EMAIL_TIMEOUT", str(TIMEOUT), f'EMAIL_TIMEOUT: "{TIMEOUT}", so that a silent server blocks nobody for ever'
        ),
        Row("EMAIL_BACKEND", None, "EMAIL_BACKEND: no use, EMAIL_URL overrides it"),
        Row("EMAIL_SUBJECT_PREFIX", None, "EMAIL_SUBJECT_PREFIX: no use, GlitchTip never reads it"),
    ]
