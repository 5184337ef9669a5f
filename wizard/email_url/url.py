"""EMAIL_URL: from its parts, back to them, and what GlitchTip makes of it.

GlitchTip reads it with django-environ; dj-email-url is the second opinion. Both rest on ``urllib.parse``, whose own
error texts contain the beginning of a raw password and are never shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from wizard.email_url.problem import SHAPE
from wizard.email_url.readers import DEFAULT_PORT, STARTTLS_SCHEMES
from wizard.model import validation
from wizard.model.blanks import cut_blanks
from wizard.model.international import idna_2008
from wizard.model.secret import MASK, Secret
from wizard.model.untrusted import Untrusted

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_ASSIGNMENT: Final = re.compile(r"^\s*(?:export\s+)?EMAIL_URL\s*[=:]\s*", re.IGNORECASE)
_HOST: Final = re.compile(r"\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,19})://")
QUERY: Final = frozenset(
    {"tls", "ssl", "timeout", "_default_from_email", "_server_email", "email_use_tls", "email_use_ssl"}
)
"""Query members that either reader knows; any other text behind a ? may be of a key that was not encoded."""
_STARTTLS: Final = STARTTLS_SCHEMES | {"submission", "submit"}
"""Schemes that turn STARTTLS on, in the one reader or the other: dj-email-url has two more."""


class CredentialError(Exception):
    """A credential or URL that cannot be used; the message is one sentence and never quotes it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an EMAIL_URL says."""

    username: str
    key: Secret
    host: str
    """Without brackets, in lower case."""
    port: int
    """25 where it has none, as smtplib has it."""
    scheme: str = "smtp"
    guessed: str = ""
    """Where the URL was not encoded: a sentence about how it was read, for the operator to confirm."""

    @property
    def starttls(self) -> bool:
        """Whether the scheme asks for STARTTLS, whatever EMAIL_USE_TLS says."""
        return self.scheme in _STARTTLS


def build(username: str, key: str, host: str, port: int) -> str:
    """Return ``smtp://user:key@host:port`` in the one spelling that all readers of URLs and `.env` files read alike.

    Everything but letters, digits and ``_.-`` is percent-encoded, ``~`` too (bash expands it behind a colon). Raises
    CredentialError for what smtplib could not send.
    """
    problem = validation.problem_with_username(username) or validation.problem_with_key(key)
    problem = problem or validation.problem_with_host(host) or validation.problem_with_port(port)
    if problem is not None:
        raise CredentialError(problem)
    name = validation.bare_host(host)
    shown = f"[{name}]" if ":" in name else name if name.isascii() else idna_2008(name) or name
    return f"smtp://{_encoded(username)}:{_encoded(key)}@{shown}:{port}"


def _encoded(text: str) -> str:
    return quote(text, safe="").replace("~", "%7E")


def encoded_characters(text: str) -> list[tuple[str, str]]:
    """Return what became of each special character of *text*, once each, in order: ``("/", "%2F")``."""
    return [(character, _encoded(character)) for character in dict.fromkeys(text) if _encoded(character) != character]


def warnings(key: str) -> list[str]:
    """Return what is odd about a key, though it may be right."""
    odd = [warning for warning in [validation.warning_about_key(key)] if warning]
    if _ESCAPE.search(key):
        odd.append("The key looks percent-encoded already; it is encoded here, so give it as Postal shows it.")
    unlike = validation.unlike_postals_key(key)
    if not odd and unlike:
        odd.append(f"{unlike[:1].upper()}{unlike[1:]}. Was it copied whole?")
    return odd


def masked(url: str) -> str:
    """Return *url* with its key masked, however broken it is: rather too much is masked than too little."""
    text = given(url)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return MASK if text else ""
    rest, query = without_query(text[scheme.end() :])
    userinfo, at, place = rest.rpartition("@")
    if not at:
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        return f"{scheme[0]}{_shown_place(authority)}"
    username, colon, _ = userinfo.partition(":")
    # Without a colon there is one value, and it may be the key.
    who = f"{Untrusted(username, 80)}:{MASK}" if colon else MASK
    return f"{scheme[0]}{who}@{_shown_place(place)}{'…' if query else ''}"


def without_query(rest: str) -> tuple[str, str]:
    """Split what follows ``://`` before a query that people do write: only behind a host, only with known members."""
    before, _, query = rest.partition("?")
    names = {member.partition("=")[0].lower() for member in query.split("&")}
    return (before, query) if "@" in before and names <= QUERY else (rest, "")


def _shown_place(place: str) -> str:
    """Return host and port as they are where they look like such, and nothing else of what follows."""
    if not place:
        return ""
    match = re.fullmatch(rf"({_HOST.pattern})(:\d{{1,5}})?(.*)", place, re.DOTALL)
    if match is None:
        return MASK
    tail = "…" if match[3] else ""
    return Untrusted(f"{match[1]}{match[2] or ''}{tail}", 280)


def given(text: str) -> str:
    """Return the URL in *text*: alone, or on a line ``EMAIL_URL=...`` as `.env` and compose files have it."""
    for line in text.splitlines():
        assigned = _ASSIGNMENT.match(line)
        if assigned:
            return _unquoted(line[assigned.end() :])
    return text.rstrip("\r\n")


def _unquoted(value: str) -> str:
    """Return the value of an assignment as python-dotenv reads it, or as it is where it is broken."""
    import io

    from dotenv.parser import parse_stream

    binding = next(iter(parse_stream(io.StringIO(f"EMAIL_URL={cut_blanks(value)}\n"))), None)
    if binding is None or binding.error:
        return value
    return binding.value or ""


def parse(text: str) -> Parts:
    """Return the parts of the EMAIL_URL in *text*, encoded or not. Raises CredentialError where it has none."""
    url = given(text).strip().strip("'\"")
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise CredentialError("This is not an EMAIL_URL: it begins with smtp://, then user name, key, host and port.")
    userinfo, at, place = without_query(url[scheme.end() :])[0].rpartition("@")
    username, colon, key = userinfo.partition(":")
    if not at or not colon or not username or not key:
        raise CredentialError(f"This EMAIL_URL has no user name and key: it should be {SHAPE}.")
    host, port = _place(place)
    raw = any(character in userinfo for character in "/?#[] ") or not userinfo.isprintable()
    guessed = ""
    if raw:
        who = Untrusted(username, 60)
        guessed = f"The URL was not encoded; it was read as user name {who} and a key of {len(key)} characters."
    else:
        username, key = unquote(username), unquote(key)

    problem = validation.problem_with_username(username) or validation.problem_with_key(key)
    if problem is not None:
        raise CredentialError(problem)
    return Parts(username, Secret(key), host, port, scheme[1].lower(), guessed)


def _place(place: str) -> tuple[str, int]:
    """Return host and port. Raises CredentialError."""
    try:
        parts = urlsplit(f"smtp://{place}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise CredentialError(
            "Host and port of this EMAIL_URL cannot be read: after the @ there should be HOST:PORT."
        ) from None
    problem = validation.problem_with_host(host) or (validation.problem_with_port(port) if port is not None else None)
    if problem is not None:
        raise CredentialError(problem)
    return validation.bare_host(host), port if port is not None else DEFAULT_PORT
