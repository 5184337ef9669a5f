"""GlitchTip's facts about mail, as data: which variables it reads, since when, and how they should be written.

Source: glitchtip/settings.py, read and executed in six revisions; the dates are those of the commits that changed it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from wizard.model import addresses

Role: TypeAlias = Literal["live", "overridden", "dead", "file", "only without EMAIL_URL"]
"""``file``: names a file whose text takes the place of the variable without ``_FILE``."""

BOOLEANS_SINCE: Final = date(2024, 5, 7)
"""2135b928: EMAIL_USE_TLS and EMAIL_USE_SSL became booleans; before, any text was true, "False" too."""
TIMEOUT_SINCE: Final = date(2024, 1, 19)
"""30ed07a8: EMAIL_TIMEOUT became a number; before, it broke every mail with a TypeError."""
RELEASES: Final[tuple[tuple[tuple[int, int], date], ...]] = (
    ((3, 0), date(2022, 11, 30)),
    ((3, 1), date(2023, 4, 3)),
    ((3, 2), date(2023, 5, 15)),
    ((3, 3), date(2023, 7, 15)),
    ((3, 4), date(2023, 10, 5)),
    ((4, 0), date(2024, 4, 8)),
    ((4, 1), date(2024, 8, 29)),
)
"""When each version was announced (GlitchTip's blog). An image of one was built between its date and the next one's."""
TIMEOUT: Final = 10
"""Seconds that the wizard advises for EMAIL_TIMEOUT; Django's default is none at all."""
DEFAULT_FROM: Final = addresses.DJANGO_DEFAULT
LINK_VARIABLES: Final = ("GLITCHTIP_URL", "APP_URL", "GLITCHTIP_DOMAIN")
"""Where links in mails lead; the first that is set counts."""
DEFAULT_LINK: Final = "http://localhost:8000"
"""Where links lead when none of them is set."""
DEFAULT_EVENT_LIFE_DAYS: Final = 90
LIFE_VARIABLES: Final = ("GLITCHTIP_RETENTION_DAYS", "GLITCHTIP_MAX_EVENT_LIFE_DAYS")
"""For how many days events are kept; the first that is set counts (the newer name since 6)."""
TRUE: Final = frozenset({"true", "on", "ok", "y", "yes", "1"})
"""``environ.Env.BOOLEAN_TRUE_STRINGS``; every other word is false, without a complaint."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the environment."""

    name: str
    role: Role
    note: str


_ANYMAIL: Final = "for EMAIL_BACKEND=anymail...., which needs EMAIL_URL unset"
VARIABLES: Final[tuple[Variable, ...]] = (
    Variable("EMAIL_URL", "live", "decides backend, host, port, user name and key"),
    Variable("DEFAULT_FROM_EMAIL", "live", "the From of every mail"),
    Variable("EMAIL_USE_TLS", "live", "STARTTLS, also beside EMAIL_URL"),
    Variable("EMAIL_USE_SSL", "live", "implicit TLS, which Postal does not have"),
    Variable("EMAIL_TIMEOUT", "live", "seconds; without it a silent server blocks a worker for ever"),
    Variable("EMAIL_BACKEND", "overridden", "its scheme decides the backend"),
    Variable("EMAIL_SUBJECT_PREFIX", "dead", "ACCOUNT_EMAIL_SUBJECT_PREFIX is for account mails"),
    Variable("ACCOUNT_EMAIL_SUBJECT_PREFIX", "live", "put before the subject of account mails only; since 2023-03-03"),
    Variable("EMAIL_SSL_CERTFILE", "dead", "SSL_CERT_FILE names a private CA"),
    Variable("EMAIL_SSL_KEYFILE", "dead", "GlitchTip's settings ignore it"),
    Variable("EMAIL_USE_LOCALTIME", "dead", "GlitchTip's settings ignore it"),
    Variable("SERVER_EMAIL", "dead", "GlitchTip's settings ignore it"),
    *(
        Variable(name, "only without EMAIL_URL", "EMAIL_URL overrides it, also with nothing")
        for name in ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_FILE_PATH")
    ),
    Variable("EMAIL_URL_FILE", "file", "read only where EMAIL_URL is set too, and then overrides it"),
    Variable(
        "DEFAULT_FROM_EMAIL_FILE", "file", "overrides DEFAULT_FROM_EMAIL; a line end in the file breaks every mail"
    ),
    *(
        Variable(name, "only without EMAIL_URL", _ANYMAIL)
        for name in ("POSTAL_API_KEY", "POSTAL_API_URL", "POSTAL_WEBHOOK_KEY")
    ),
    Variable("EMAIL_THROTTLE_COUNT", "live", "invitations; 50 where it is not set"),
    Variable("EMAIL_THROTTLE_INTERVAL", "live", "invitations, seconds; 300 where it is not set"),
    Variable("EMAIL_INVITE_REQUIRE_VERIFICATION", "live", "invitations; false where it is not set"),
    Variable("GLITCHTIP_URL", "live", "where links in mails lead; comes before APP_URL and GLITCHTIP_DOMAIN"),
    Variable("APP_URL", "live", "where links in mails lead; comes before GLITCHTIP_DOMAIN"),
    Variable(
        "GLITCHTIP_DOMAIN", "live", "where links in mails lead, with http:// or https://; the worker needs it too"
    ),
    Variable("ENABLE_USER_REGISTRATION", "live", "whether anybody may register; true where it is not set"),
    Variable("GLITCHTIP_MAX_EVENT_LIFE_DAYS", "live", "days that events are kept; 90 where it is not set"),
    Variable("GLITCHTIP_RETENTION_DAYS", "live", "since 6: comes before GLITCHTIP_MAX_EVENT_LIFE_DAYS"),
    Variable("SERVER_ROLE", "live", "what the image starts: web, worker, beat, migrate or all_in_one"),
    Variable("GLITCHTIP_EMBED_WORKER", "live", "whether the web service runs the tasks too"),
)
"""What glitchtip/settings.py reads of a process's environment for mail, and what people set in vain."""
BY_NAME: Final = {variable.name: variable for variable in VARIABLES}


def is_true(text: str) -> bool:
    """Whether GlitchTip takes *text* for true (environ.Env.parse_value): a number but 0, or one of a few words."""
    try:
        return int(text) != 0
    except ValueError:
        return text.lower().strip() in TRUE


_DATE: Final = re.compile(r"(?<!\d)(20\d\d)[.-]?(\d\d?)[.-]?(\d\d?)(?!\d)")
_VERSION: Final = re.compile(r"v?(\d{1,2})(?:\.(\d{1,3}))?(?:\.\d{1,3})?(?![\d.])")


def version(tag: str) -> tuple[int, int] | None:
    """Return major and minor version that *tag* names; None for ``latest``, a date or anything else."""
    named = None if _DATE.search(tag) else _VERSION.match(tag)
    return (int(named[1]), int(named[2] or 0)) if named is not None else None


def older(tag: str, since: date) -> bool | None:
    """Whether an image with *tag* was built before *since*; None where the tag does not tell.

    A tag is a date or a version; ``latest`` and a bare major version move, and ``v4.0`` spans five months.
    """
    dated = _DATE.search(tag)
    if dated is not None:
        try:
            return date(int(dated[1]), int(dated[2]), int(dated[3])) < since
        except ValueError:
            return None
    named = _VERSION.match(tag)
    if named is None:
        return None
    major = int(named[1])
    first = (major, int(named[2]) if named[2] else 0)
    following = (major, first[1] + 1) if named[2] else (major + 1, 0)
    begun = max((day for version, day in RELEASES if version <= first), default=date.min)
    ended = min((day for version, day in RELEASES if version >= following), default=date.max)
    return False if begun >= since else True if ended < since else None
