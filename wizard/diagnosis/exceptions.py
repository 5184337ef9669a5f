"""Python's exceptions as GlitchTip's logs show them -> signs (glitchtip.md 6, reproduced with Django 5.2).

A class such as TimeoutError says nothing about mail: it counts only where the frames of its traceback lead through
smtplib or Django's mail, or where nothing but the bare line was given and nothing near it speaks of another service.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wizard.diagnosis.dialogue import AT_AUTH
from wizard.diagnosis.exception_rows import POSTAL, ROWS
from wizard.diagnosis.model import Sign
from wizard.postal.refusals import TEMPORARY, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.diagnosis.exception_rows import About, Row
    from wizard.diagnosis.log_parsing import Chain, Raised
    from wizard.diagnosis.model import Weight

AT_START: Final = frozenset(row.sign for row in ROWS if row.weight == "root")
"""What GlitchTip itself says when it does not start: where the same process fails at a mail later, it did start."""

_MAIL: Final = re.compile(r"(?:^|/)smtplib\.py$|django/core/mail/|anymail/|mail/backends/|allauth/account/adapter\.py$")
_FOREIGN: Final = re.compile(
    r"/(?:psycopg|psycopg2|redis|valkey|urllib3|requests|httpx|httpcore|aiohttp|kombu|amqp|pymemcache"
    r"|django/db|boto3|botocore|sentry_sdk|pymysql|MySQLdb|asyncpg|grpc|websockets?"
    r"|paramiko|ldap3|dns|urllib/request\.py|http/client\.py)\b"
)
_LOW_LEVEL: Final = re.compile(
    r"/(?:socket|ssl|selectors|idna|_?socket|encodings/\w+)\.py$|^<frozen|^<stdin>$|^<string>$"
)
_MENTIONS: Final = re.compile(r"smtp|send_?mail|sendtestemail|EmailMessage|email|mail_", re.IGNORECASE)
_TASK: Final = re.compile(r"\bTask ([\w.]{1,120})\[[^\]\n]{0,60}\] [^\n]{0,80}")
_SENDS: Final = re.compile(r"mail|invit|alert|notif|send|reset|digest|report|message|account", re.IGNORECASE)
"""Names of tasks that may send mail."""
_READERS: Final = re.compile(
    r"settings|/environ/|dj_email_url|urllib/parse\.py$|/ipaddress\.py$|django/conf/|importlib"
)
_SETTINGS: Final = re.compile(r"email_url|EMAIL_|DEFAULT_FROM_EMAIL|dj_email_url|email\(")
_OTHER_SETTINGS: Final = re.compile(
    r"db_url|DATABASE|cache_url|CACHE|REDIS|VALKEY|search_url|channels_url|CELERY|AWS|STORAGE"
)
OTHERS_NEAR: Final = re.compile(
    r"psycopg|postgres|redis|valkey|rabbitmq|amqp|kombu|celery\.backends|requests\.|urllib3|httpx|aiohttp"
    r"|HTTPS?Connection|(?:\bport=?:? ?|['\"], )(?:5432|6379|5672|3306|80|443|8000|9200)\b"
    r"|\bBad Gateway\b|\bdial tcp\b"
    r"|upstream|nginx|traefik|webhook|mysql|mongo|elastic|memcache|OperationalError|sentry_sdk|boto(?:core|3)|minio"
    r"|oauthlib|ldap|grpc|websocket",
    re.IGNORECASE,
)


def signs(chain: Chain, near: str) -> list[Sign]:
    """Return the sign of the exception that reached the log, else of the last one before it that means something.

    *near* is the text around a bare last line, which tells what it is about where no frame does.
    """
    for raised in reversed(chain.links):
        for row in _postal_rows(raised.kind):
            if (found := re.search(row.message, raised.message[:2_000])) is not None:
                return [_made(row.sign, row.weight, raised, found.groupdict())]
        if (said := _by_words(raised)) is not None:
            return [said]
        for row in _rows(raised.kind):
            found = re.search(row.message, raised.message[:2_000])
            if found is None or not _is_about(row.about, raised, near):
                continue
            return [_made(row.sign, row.weight, raised, found.groupdict())]
    return []


@lru_cache(maxsize=256)
def _rows(kind: str) -> tuple[Row, ...]:
    return tuple(row for row in ROWS if re.fullmatch(row.kinds, kind))


@lru_cache(maxsize=256)
def _postal_rows(kind: str) -> tuple[Row, ...]:
    return tuple(row for row in POSTAL if re.fullmatch(row.kinds, kind))


def _made(sign: str, weight: Weight, raised: Raised, groups: Mapping[str, str | None]) -> Sign:
    facts = {name: value for name, value in groups.items() if value}
    facts.update(_facts(raised))
    return Sign(sign, weight, raised.place, raised.service, facts)


_REPLY: Final = re.compile(r"\((?P<code>[45]\d\d), [bu]?['\"](?P<text>.{1,800})")
_SAID: Final = {
    "SMTPRecipientsRefused": "RCPT", "SMTPSenderRefused": "MAIL", "SMTPDataError": "DATA", "SMTPHeloError": "EHLO",
    "SMTPConnectError": "banner", "SMTPAuthenticationError": "AUTH", "SMTPResponseException": "STARTTLS",
    "SMTPReply": "any step", "SMTPException": "any step",
}  # fmt: skip
"""Exceptions that carry a server's reply, and the stage that each means."""


def _by_words(raised: Raised) -> Sign | None:
    """Judge the reply that an exception carries by its words; None where they do not say what it is about."""
    stage = _SAID.get(raised.kind)
    match = _REPLY.search(raised.message[:2_000]) if stage else None
    if stage is None or match is None:
        return None
    found = refusal(int(match["code"]), match["text"])
    if found is None or found.suffix == TEMPORARY or (stage == "AUTH" and found.suffix not in AT_AUTH):
        return None
    if stage == "banner" and found.suffix == "spam":
        return _made("intercepted", "failure", raised, {"code": match["code"]})
    sign = _made(f"words-{found.suffix}", "failure", raised, {"code": match["code"]})
    return replace(sign, facts={"stage": stage, **sign.facts})


def _is_about(about: About, raised: Raised, near: str) -> bool:
    if about == "any":
        return True
    if about in {"url", "timeout"}:
        named = _NAMED[about]
        return named.search(raised.sources or near) is not None
    return _is_settings(raised, near) if about == "settings" else _is_mail(raised, near)


_NAMED: Final = {
    "url": re.compile(r"\bemail_url\b|EMAIL_URL|dj_email_url"),
    "timeout": re.compile(r"EMAIL_TIMEOUT"),
}


def _is_settings(raised: Raised, near: str) -> bool:
    shown = "\n".join((*(name for _, name in raised.frames), raised.sources)) if raised.frames else near
    if _SETTINGS.search(shown):
        return True
    files = [file.replace("\\", "/") for file, _ in raised.frames]
    if any(_MAIL.search(file) for file in files):
        return True
    if _OTHER_SETTINGS.search(shown) or any(_FOREIGN.search(file) for file in files) or _vague(raised):
        return False
    return all(_READERS.search(file) or _LOW_LEVEL.search(file) for file in files[-3:])


def _vague(raised: Raised) -> bool:
    """Whether any setting, or any code, could have raised this."""
    return raised.kind in {"AttributeError", "ImproperlyConfigured"} or raised.message.startswith("invalid literal")


def of_another_task(near: str, kind: str = "") -> bool:
    """Whether Celery's line about an exception of *kind*, or of any kind, names a task, and not one that sends mail."""
    found = _TASK.search(near) if not kind else re.search(rf"{_TASK.pattern}\b{re.escape(kind)}\(", near)
    return found is not None and _SENDS.search(found[1]) is None


def _is_mail(raised: Raised, near: str) -> bool:
    files = [file.replace("\\", "/") for file, _ in raised.frames]
    if any(_MAIL.search(file) for file in files):
        return True
    if any(_FOREIGN.search(file) for file in files) or "http://" in raised.message or "https://" in raised.message:
        return False
    if not files:
        return not OTHERS_NEAR.search(near) and not of_another_task(near, raised.kind)
    names = " ".join(f"{file} {name}" for file, name in raised.frames)
    if _MENTIONS.search(names) or _MENTIONS.search(raised.sources):
        return True
    return all(_LOW_LEVEL.search(file) for file in files) and not OTHERS_NEAR.search(near)


_STAGES: Final = {
    "data": "DATA", "rcpt": "RCPT", "mail": "MAIL", "starttls": "STARTTLS", "ehlo": "EHLO", "helo": "EHLO",
    "auth": "AUTH", "auth_cram_md5": "AUTH", "auth_plain": "AUTH", "auth_login": "AUTH", "login": "AUTH",
    "connect": "banner", "_get_socket": "connect",
}  # fmt: skip
"""Functions of smtplib and the stage of the dialogue that each means."""
_SOURCES: Final = {"connection.starttls(": "STARTTLS", "connection.login(": "AUTH"}
"""Lines of django/core/mail/backends/smtp.py and the stage that each begins."""
_AFTER_DOT: Final = "(code, msg) = self.getreply()"
"""smtplib's source line in ``data`` that waits for the answer to the final dot; the other one waits for 354."""
_ADDRESS: Final = re.compile(r"\{['\"]([^'\"\s{}]{1,120}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,9}))['\"]: \(")
_SENDER: Final = re.compile(r", ['\"]([^'\"\s{}]{1,120}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,9}))['\"]\)+$")
_CERT_NAME: Final = re.compile(r"not valid for ['\"]([A-Za-z0-9.:-]{1,100})['\"]")


def _facts(raised: Raised) -> dict[str, str]:
    """Return the stage by the frames, and names by their shape; nothing else of a message is ever kept."""
    facts: dict[str, str] = {}
    functions = [name for file, name in raised.frames if file.endswith("smtplib.py")]
    stage = next((_STAGES[name] for name in reversed(functions) if name in _STAGES), "")
    if not stage:  # a paste without smtplib's own frames still has the line of Django's that led there
        stage = next((stage for source, stage in _SOURCES.items() if source in raised.sources), "")
    if stage == "banner" and "getreply" not in functions:
        stage = "connect"
    if stage == "DATA" and _AFTER_DOT in raised.sources:
        stage = "message"
    if stage:
        facts["stage"] = stage
    for pattern in (_ADDRESS, _SENDER):
        if raised.kind in {"SMTPRecipientsRefused", "SMTPSenderRefused"} and (found := pattern.search(raised.message)):
            facts.update(address=found[1], domain=found[2])
    if (name := _CERT_NAME.search(raised.message)) is not None:
        facts["name"] = name[1]
    return facts
