"""Python's exceptions as GlitchTip's logs show them -> signs (glitchtip.md 6, reproduced with Django 5.2).

A class such as TimeoutError says nothing about mail: it counts only where the frames of its traceback lead through
smtplib or Django's mail, or where nothing but the bare line was given and nothing near it speaks of another service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wizard.diagnosis.model import Sign

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Chain, Raised
    from wizard.diagnosis.model import Weight

About: TypeAlias = Literal["mail", "settings", "any"]
"""What the traceback must be about: smtplib, the reading of EMAIL_*, or whatever (the text alone is enough)."""


@dataclass(frozen=True, slots=True)
class Row:
    """An exception with a meaning."""

    sign: str
    kinds: str
    """Regular expression over the class name."""
    message: str
    """Regular expression searched in the message; its named groups become facts."""
    about: About = "any"
    weight: Weight = "failure"


_NET: Final = "OSError|Connection(?:Refused|Reset|Aborted)?Error|TimeoutError|BrokenPipeError"
_CERT: Final = "SSLCertVerificationError|SSLError|CertificateError"
_TEXT: Final = r"b?['\"](?:\d\.\d{1,3}\.\d{1,3} )?"
"""How a reply's text begins in an exception; Postal sends no enhanced code, and some build of it may."""

ROWS: Final[tuple[Row, ...]] = (
    # --- the settings: nothing starts ---------------------------------------------------------------------------------
    Row("both-tls", "ValueError", r"EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive"),
    Row("scheme-empty", "ImproperlyConfigured", r"^Invalid email schema\s*(?:['\"].*)?$", weight="root"),
    Row(
        "scheme",
        "ImproperlyConfigured",
        r"^Invalid email schema \S",
        weight="root",
    ),
    Row("port-tail", "ValueError", r"^Port could not be cast to integer value as ['\"]\d{1,5}\s", "settings", "root"),
    Row("port-cast", "ValueError", r"^Port could not be cast to integer value as", "settings", "root"),
    Row("port-range", "ValueError", r"^Port out of range 0-65535", "settings", "root"),
    Row("ipv6-url", "ValueError", r"^Invalid IPv6 URL", "settings", "root"),
    Row(
        "ipv6-url", "ValueError",
        r"does not appear to be an IPv4 or IPv6 address|address cannot be in brackets|IPvFuture address is invalid",
        "settings", "root",
    ),
    Row("nfkc", "ValueError", r"contains invalid characters under NFKC normalization", "settings", "root"),
    Row("dollar", "ImproperlyConfigured", r"^Set the .* environment variable", "settings", "root"),
    Row("dollar", "AttributeError", r"object has no attribute", "settings", "root"),
    Row("timeout-word", "ValueError", r"^invalid literal for int\(\) with base 10", "settings", "root"),
    Row("domain-scheme", "ImproperlyConfigured", r"GLITCHTIP_(?:DOMAIN|URL)|APP_URL", weight="root"),
    Row("mailers", "ImproperlyConfigured|InvalidMailer", r"MAILERS|[Mm]ailer", weight="root"),
    # --- the login and what follows -----------------------------------------------------------------------------------
    Row("auth-535-postal", "SMTPAuthenticationError", rf"\((?P<code>535), {_TEXT}Invalid credential"),
    Row("auth-535-cram", "SMTPAuthenticationError", rf"\((?P<code>535), {_TEXT}Denied"),
    Row("auth-535-protocol", "SMTPAuthenticationError", rf"\((?P<code>535), {_TEXT}Authenticated failed - protocol"),
    Row("auth-tls-first", "SMTPAuthenticationError", r"\((?P<code>530|538|523),|\((?P<weak>534), .*(?:TLS|[Ee]ncrypt)"),
    Row("auth-later", "SMTPAuthenticationError", r"\((?P<code>4\d\d),"),
    Row("auth-535-other", "SMTPAuthenticationError", r"\((?P<code>5\d\d),"),
    Row("auth-absent", "SMTPNotSupportedError", r"AUTH extension not supported"),
    Row("auth-mechanism", "SMTPException", r"No suitable authentication method found"),
    Row("starttls-absent", "SMTPNotSupportedError", r"STARTTLS extension not supported"),
    # Postfix says these two only when it has heard MAIL or RCPT (smtpd_delay_reject, smtpd_tls_security_level=encrypt).
    Row("auth-tls-first", "SMTPSenderRefused", r"^\(+(?P<code>530), .*STARTTLS"),
    Row("client-refused", "SMTPRecipientsRefused|SMTPSenderRefused", r"\((?P<code>5\d\d), .*Client host"),
    Row("rcpt-530", "SMTPRecipientsRefused", r"\((?P<code>530),"),
    Row("rcpt-suspended", "SMTPRecipientsRefused", rf"\((?P<code>535), {_TEXT}Mail server has been suspended"),
    Row("rcpt-token", "SMTPRecipientsRefused", rf"\((?P<code>550), {_TEXT}Invalid (?:server|route) token"),
    Row("rcpt-route", "SMTPRecipientsRefused", rf"\((?P<code>550), {_TEXT}Route does not accept"),
    Row("rcpt-malformed", "SMTPRecipientsRefused", r"\((?P<code>501),"),
    Row("rcpt-relay", "SMTPRecipientsRefused", r"\((?P<code>[45]\d\d), .*(?:[Rr]elay|not permitted)"),
    Row("rcpt-later", "SMTPRecipientsRefused", r"\((?P<code>4[2-5]\d),"),
    Row("rcpt-unknown", "SMTPRecipientsRefused", r"\((?P<code>5\d\d),"),
    Row("mail-530", "SMTPSenderRefused", r"^\(+(?P<code>530),"),
    Row("mail-malformed", "SMTPSenderRefused", r"^\(+(?P<code>501|555),"),
    Row("mail-later", "SMTPSenderRefused", r"^\(+(?P<code>4\d\d),"),
    Row("mail-size", "SMTPSenderRefused", r"^\(+(?P<code>552),"),
    Row("mail-refused", "SMTPSenderRefused", r"^\(+(?P<code>5\d\d),"),
    Row("data-from", "SMTPDataError", rf"\((?P<code>530), {_TEXT}From/Sender name is not valid"),
    Row("data-size", "SMTPDataError", r"\((?P<code>552),"),
    Row("data-loop", "SMTPDataError", rf"\((?P<code>55\d), {_TEXT}Loop detected"),
    Row("data-order", "SMTPDataError", r"\((?P<code>503),"),
    Row("data-later", "SMTPDataError", r"\((?P<code>4\d\d),"),
    Row("data-refused", "SMTPDataError", r"\((?P<code>5\d\d),"),
    Row("ehlo", "SMTPHeloError", r"\((?P<code>\d{3}),"),
    # --- the connection -----------------------------------------------------------------------------------------------
    Row("peer-ssh", "SMTPConnectError", r"\(-1, .*OpenSSH|\(-1, .*2\.0-"),
    Row("peer-http", "SMTPConnectError", r"\(-1, .*(?:/1\.[01] |HTTP|<html|DOCTYPE)"),
    Row("peer-proxy", "SMTPConnectError", r"\((?P<code>502), .*Proxy Error"),
    Row("peer-other", "SMTPConnectError", r"\(-1,"),
    Row("banner-later", "SMTPConnectError", r"\((?P<code>4\d\d),"),
    Row("banner-refused", "SMTPConnectError", r"\((?P<code>5\d\d),"),
    Row("peer-other", "SMTPResponseException", r"\(500, .*[Ll]ine too long"),
    Row("starttls-refused", "SMTPResponseException", r"\((?P<code>\d{3}),"),
    Row("no-host", "SMTPServerDisconnected", r"please run connect\(\) first"),
    Row("read-timeout", "SMTPServerDisconnected", r"timed out|[Tt]imeout"),
    Row("reset", "SMTPServerDisconnected", r"\[Errno 104\]|Connection reset|Broken pipe|\[Errno 32\]"),
    Row("closed", "SMTPServerDisconnected", r"unexpectedly closed|not connected"),
    Row("refused", _NET, r"\[Errno 111\]|\b111, |[Cc]onnection refused", "mail"),
    Row(
        "no-route", _NET,
        r"\[Errno (?:101|113|99|97|112)\]|\b(?:101|113|99|97|112), |unreachable|No route to host", "mail",
    ),
    Row("forbidden", "OSError|PermissionError", r"\[Errno (?:1|13)\]", "mail"),
    Row("reset", _NET, r"\[Errno (?:104|103|32)\]|\b104, |Connection reset|Broken pipe", "mail"),
    Row("tls-silent", "TimeoutError|SSLError", r"handshake operation timed out", "mail"),
    Row("read-timeout", "TimeoutError|SSLError", r"(?:read|write) operation timed out", "mail"),
    Row("connect-timeout", _NET, r"timed out|\[Errno 110\]|\b110, ", "mail"),
    Row("connect-timeout", "TimeoutError", r"^(?:\(\))?$", "mail"),
    Row("dns-unknown", "gaierror", r"-2\b|11001\b|Name or service not known|nodename nor servname", "mail"),
    Row("dns-address", "gaierror", r"-5\b|No address associated", "mail"),
    Row("dns-server", "gaierror", r"-3\b|-4\b|Temporary failure|Non-recoverable", "mail"),
    Row("dns-service", "gaierror", r"-8\b|Servname not supported", "mail"),
    Row("bad-host", "UnicodeError|UnicodeEncodeError", r"\bidna\b|^label (?:empty|too long)", "mail"),
    Row("bad-host", "ValueError", r"^server_hostname cannot be", "mail"),
    Row("ascii", "UnicodeEncodeError", r"'ascii' codec can.t encode|^\('ascii', ", "mail"),
    # --- TLS ----------------------------------------------------------------------------------------------------------
    Row("cert-expired", _CERT, r"certificate has expired", "mail"),
    Row("cert-early", _CERT, r"certificate is not yet valid", "mail"),
    Row("cert-name", _CERT, r"[Hh]ostname mismatch|doesn't match", "mail"),
    Row("cert-address", _CERT, r"IP address mismatch", "mail"),
    Row("cert-chain", _CERT, r"self[- ]signed certificate in certificate chain", "mail"),
    Row("cert-self-signed", _CERT, r"self[- ]signed certificate", "mail"),
    Row("cert-issuer", _CERT, r"unable to (?:get (?:local )?issuer|verify the first) certificate", "mail"),
    Row(
        "cert-strict",
        _CERT,
        r"Missing (?:Authority|Subject) Key Identifier|CA cert|Basic Constraints|key usage",
        "mail",
    ),
    Row("cert-other", _CERT, r"CERTIFICATE_VERIFY_FAILED|certificate verify failed", "mail"),
    Row(
        "ssl-on-plain",
        "SSLError",
        r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|PACKET_LENGTH_TOO_LONG"
        r"|HTTP_REQUEST|wrong version number|record layer failure",
        "mail",
    ),
    Row("tls-broken", r"SSLE\w*|SSLZeroReturnError", r"", "mail"),
    # --- what GlitchTip hands over ------------------------------------------------------------------------------------
    Row(
        "from-newline", "BadHeaderError|ValueError",
        r"newlines \(got .* for header ['\"](?P<header>[A-Za-z-]{1,20})"
        r"|^Header values may not contain (?:linefeed|newline)",
        "any",
    ),
    Row("from-empty", "ValueError|IndexError", r"^\W*Invalid address:? (?:\"\"|'')", "any"),
    Row("from-comma", "ValueError", r"^\W*Invalid address; only .* could be parsed from", "any"),
    Row("from-bad", "ValueError", r"^\W*Invalid address\b", "mail"),
    Row("timeout-type", "TypeError", r"'str' object cannot be interpreted as an integer", "mail"),
    Row("timeout-zero", "ValueError", r"Non-blocking socket \(timeout=0\) is not supported"),
)  # fmt: skip
"""The first row that fits counts."""

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
_READERS: Final = re.compile(
    r"settings|/environ/|dj_email_url|urllib/parse\.py$|/ipaddress\.py$|django/conf/|importlib"
)
_SETTINGS: Final = re.compile(r"email_url|EMAIL_|DEFAULT_FROM_EMAIL|dj_email_url|email\(")
_OTHER_SETTINGS: Final = re.compile(
    r"db_url|DATABASE|cache_url|CACHE|REDIS|VALKEY|search_url|channels_url|CELERY|AWS|STORAGE"
)
OTHERS_NEAR: Final = re.compile(
    r"psycopg|postgres|redis|valkey|rabbitmq|amqp|kombu|celery\.backends|requests\.|urllib3|httpx|aiohttp"
    r"|HTTPS?Connection|\bport=?:? ?(?:5432|6379|5672|3306|80|443|8000|9200)\b"
    r"|webhook|mysql|mongo|elastic|memcache|OperationalError",
    re.IGNORECASE,
)


def signs(chain: Chain, near: str) -> list[Sign]:
    """Return the sign of the exception that reached the log, else of the last one before it that means something.

    *near* is the text around a bare last line, which tells what it is about where no frame does.
    """
    for raised in reversed(chain.links):
        for row in ROWS:
            if not re.fullmatch(row.kinds, raised.kind):
                continue
            found = re.search(row.message, raised.message[:2_000])
            if found is None or not _is_about(row.about, raised, near):
                continue
            facts = {name: value for name, value in found.groupdict().items() if value}
            facts.update(_facts(raised))
            return [Sign(row.sign, row.weight, raised.place, raised.service, facts)]
    return []


def _is_about(about: About, raised: Raised, near: str) -> bool:
    if about == "any":
        return True
    return _is_settings(raised, near) if about == "settings" else _is_mail(raised, near)


def _is_settings(raised: Raised, near: str) -> bool:
    told = "\n".join((*(name for _, name in raised.frames), raised.sources)) if raised.frames else near
    if _SETTINGS.search(told):
        return True
    files = [file for file, _ in raised.frames]
    if any(_MAIL.search(file) for file in files):
        return True
    if _OTHER_SETTINGS.search(told) or any(_FOREIGN.search(file) for file in files) or _vague(raised):
        return False
    return all(_READERS.search(file) or _LOW_LEVEL.search(file) for file in files[-3:])


def _vague(raised: Raised) -> bool:
    """Whether any setting, or any code, could have raised this."""
    return raised.kind in {"AttributeError", "ImproperlyConfigured"} or raised.message.startswith("invalid literal")


def _is_mail(raised: Raised, near: str) -> bool:
    files = [file for file, _ in raised.frames]
    if any(_MAIL.search(file) for file in files):
        return True
    if any(_FOREIGN.search(file) for file in files):
        return False
    if not files:
        return not OTHERS_NEAR.search(near)
    names = " ".join(f"{file} {name}" for file, name in raised.frames)
    if _MENTIONS.search(names) or _MENTIONS.search(raised.sources):
        return True
    return all(_LOW_LEVEL.search(file) for file in files) and not OTHERS_NEAR.search(near)


_STAGES: Final = {
    "data": "DATA", "rcpt": "RCPT", "mail": "MAIL", "starttls": "STARTTLS", "ehlo": "EHLO", "helo": "EHLO",
    "auth": "AUTH", "auth_cram_md5": "AUTH", "auth_plain": "AUTH", "auth_login": "AUTH", "login": "AUTH",
    "connect": "banner", "_get_socket": "connect",
}  # fmt: skip
"""Functions of smtplib and the stage of the dialogue that each stands for."""
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
