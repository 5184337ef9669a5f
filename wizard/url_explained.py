"""What is wrong with an EMAIL_URL, in sentences: where GlitchTip would not start, would read it wrongly, or may."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

from wizard import email_url
from wizard.foreign import Foreign
from wizard.secret import MASK
from wizard.url_readers import GLITCHTIP_SCHEMES, Reading, dj_email_url, glitchtip

if TYPE_CHECKING:
    from collections.abc import Iterator

Severity: TypeAlias = Literal["fail", "warn"]

_DOUBLE: Final = re.compile(r"%25[0-9A-Fa-f]{2}")
_REMOVED: Final = re.compile(r"[\t\r\n]")
_LEFT_ALONE: Final = {"tls", "ssl", "timeout", "_default_from_email", "_server_email"}
"""Query members that dj-email-url honours and django-environ puts aside."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or may be."""

    severity: Severity
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """An EMAIL_URL as both readers understand it."""

    shown: str
    """Masked."""
    glitchtip: Reading
    dj_email_url: Reading
    problems: tuple[Problem, ...]
    torn: bool = False
    """Whether the last @ stands outside what readers take for user name, key and host: any part may be of the key."""

    @property
    def glitchtip_ok(self) -> bool:
        """Whether GlitchTip starts with it and reads what was meant."""
        return all(problem.severity != "fail" for problem in self.problems)


def explain(text: str) -> Explanation:
    """Explain the EMAIL_URL in *text* (alone, or as a line ``EMAIL_URL=...``)."""
    url = email_url.given(text)
    ours, theirs = glitchtip(url), dj_email_url(url)
    found = tuple(_problems(url, ours, theirs))
    rest = url.partition("://")[2]
    torn = "@" in rest and rest.rpartition("@")[0] not in re.split(r"[/?#]", rest, maxsplit=1)[0]
    return Explanation(email_url.masked(url), ours, theirs, found, torn)


_ENCODE: Final = "Encode user name and key: postal-wizard url encode does it."


def _problems(url: str, ours: Reading, theirs: Reading) -> Iterator[Problem]:
    if not url.strip():
        yield _fail(
            "EMAIL_URL is empty: GlitchTip then sends to localhost:25 without a login.",
            "Set it; in docker-compose.yml it must be passed on as ${EMAIL_URL}.",
        )
        return
    yield from _spelling(url)
    if ours.error:
        yield _cannot_start(url, ours)
        return
    if ours.backend != "smtp":
        yield _fail(
            f"With this scheme GlitchTip sends no mail: it goes to the {ours.backend} backend.",
            "Use smtp://USER:KEY@HOST:PORT.",
        )
        return
    yield from _destination(ours)
    yield from _credentials(url, ours)
    yield from _tls(ours)
    yield from _query(url)
    if theirs.error or not _agree(ours, theirs):
        yield _fail(
            "The two readers of EMAIL_URL understand it differently, so what happens depends on the program.",
            "Use smtp://USER:KEY@HOST:PORT without anything behind the port.",
        )


def _fail(sentence: str, remedy: str) -> Problem:
    return Problem("fail", sentence, remedy)


def _warn(sentence: str, remedy: str) -> Problem:
    return Problem("warn", sentence, remedy)


def _spelling(url: str) -> Iterator[Problem]:
    if _REMOVED.search(url):
        yield _fail("It contains a tab or a line break, which every reader removes without a word.", _ENCODE)
    if url != url.strip():
        yield _warn("It has a blank at its beginning or end.", "Remove it.")
    if any(ord(character) < 32 or ord(character) == 127 for character in _REMOVED.sub("", url)):
        yield _fail("It contains an invisible control character.", _ENCODE)
    if _DOUBLE.search(_userinfo(url)):
        yield _fail(
            "It is encoded twice (%25 before two hexadecimal digits): GlitchTip decodes once and sends the rest.",
            "Encode the key as Postal shows it, once: %40 and not %2540.",
        )


def _userinfo(url: str) -> str:
    """Return everything between the scheme and the last @."""
    return url.partition("://")[2].rpartition("@")[0]


def _cannot_start(url: str, ours: Reading) -> Problem:
    scheme = url.partition("://")[0]
    if url.startswith("$"):
        return _fail("It begins with $, which django-environ takes for the name of another variable.", _ENCODE)
    if url[:1] in {"'", '"'}:
        return _fail(
            "The quotes are part of the value: GlitchTip does not start (Invalid email schema).",
            "Leave the quotes out; an encoded URL needs none.",
        )
    if ours.error == "ImproperlyConfigured":
        known = ", ".join(GLITCHTIP_SCHEMES)
        named = Foreign(scheme, 30) if "://" in url else "(none)"
        return _fail(
            f"GlitchTip does not know the scheme {named} and does not start.",
            f"Use smtp://; it knows {known}.",
        )
    lost = next((character for character in "/?#[]" if character in _userinfo(url)), None)
    if lost is not None:
        return _fail(
            f"User name or key holds an unencoded {lost}: GlitchTip does not start (a ValueError at its start).",
            _ENCODE,
        )
    return _fail(
        "Host or port cannot be read: GlitchTip does not start (a ValueError at its start).",
        "The port is a number from 1 to 65535, an IPv6 address stands in brackets, and nothing follows.",
    )


def _destination(ours: Reading) -> Iterator[Problem]:
    if not ours.host:
        yield _fail(
            "It has no host: every mail fails with `please run connect() first`.", "Put HOST:PORT behind the @."
        )
    if ours.port is None:
        yield _warn("It has no port, so 25 is used.", "Write the port that Postal listens on.")
    elif ours.port == 0:
        yield _fail("Port 0 is no port: smtplib uses 25 in its place.", "Write the port that Postal listens on.")


def _credentials(url: str, ours: Reading) -> Iterator[Problem]:
    rest = url.partition("://")[2]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in rest and "@" not in authority:
        lost = next((character for character in rest if character in "/?#"), "/")
        yield _fail(
            f"User name or key holds an unencoded {lost}: GlitchTip takes what stands before it for the host.",
            f"{_ENCODE} {lost} becomes %{ord(lost):02X}.",
        )
        return
    if not ours.username or ours.password is None or not ours.password:
        yield _fail(
            "User name or key is missing: GlitchTip then does not log in, and Postal refuses every recipient (530).",
            "Write smtp://USER:KEY@HOST:PORT.",
        )
        return
    both = ours.username + ours.password.reveal()
    if not both.isascii():
        yield _fail(
            "User name or key is not ASCII: every mail fails with UnicodeEncodeError.", "Make a new credential."
        )
    elif not both.isprintable():
        yield _fail("User name or key holds a control character.", "Copy the key again from Postal, Credentials.")
    elif "@" in _userinfo(url) or ":" in _userinfo(url).partition(":")[2]:
        yield _warn("An @ or : in user name or key is not encoded; both readers still take it right.", _ENCODE)


def _tls(ours: Reading) -> Iterator[Problem]:
    if ours.tls and ours.ssl:
        yield _fail(
            "It turns on STARTTLS and implicit TLS: every mail fails (mutually exclusive).",
            "Use smtp:// and set EMAIL_USE_TLS in docker-compose.yml.",
        )
    elif ours.ssl:
        yield _fail(
            "It asks for implicit TLS, which Postal never speaks: every mail fails with WRONG_VERSION_NUMBER.",
            'Use smtp://, and EMAIL_USE_TLS: "True" where Postal has TLS.',
        )
    elif ours.tls and ours.port == 465:
        yield _fail(
            "GlitchTip speaks STARTTLS for this scheme, also on 465: it hangs until its time-out.",
            "Use smtp:// with Postal's port.",
        )
    elif ours.tls:
        yield _warn(
            "This scheme turns STARTTLS on, whatever EMAIL_USE_TLS says.",
            "Use smtp:// and set EMAIL_USE_TLS in docker-compose.yml, where it is seen.",
        )


def _query(url: str) -> Iterator[Problem]:
    try:
        members = parse_qs(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return
    for name, values in members.items():
        if name.upper() in {"EMAIL_USE_TLS", "EMAIL_USE_SSL"}:
            if values[0].lower() in {"false", "no", "off", "f", "n"}:
                yield _fail(
                    f"?{name.upper()}={Foreign(values[0], 10)} turns it ON: GlitchTip takes any text for true.",
                    "Leave it out; set it in docker-compose.yml.",
                )
        elif name in _LEFT_ALONE:
            yield _fail(
                f"GlitchTip ignores ?{name}.", "Set EMAIL_USE_TLS, EMAIL_TIMEOUT or DEFAULT_FROM_EMAIL as variables."
            )
        else:
            # Not named: behind an unencoded ? it may be part of the key.
            yield _warn("GlitchTip ignores what stands behind the ?.", "Leave it out.")


def _agree(ours: Reading, theirs: Reading) -> bool:
    """Whether both readers would connect to the same place with the same login."""
    if theirs.backend != ours.backend or (theirs.port or 25) != (ours.port or 25):
        return False
    same_login = (ours.username, ours.password) == (theirs.username, theirs.password)
    return same_login and ours.host == theirs.host and (ours.tls, ours.ssl) == (theirs.tls, theirs.ssl)


def explain_text(explanation: Explanation) -> list[str]:
    """Return the explanation as lines for people; no key in them."""
    lines = [f"EMAIL_URL  {explanation.shown or '(empty)'}", ""]
    lines += [f"{'':<10} {'GlitchTip (django-environ)':<32} dj-email-url"]
    for name, ours, theirs in _rows(explanation):
        mark = "" if ours == theirs else "   differs"
        lines.append(f"{name:<10} {ours:<32} {theirs}{mark}")
    lines.append("")
    for problem in explanation.problems:
        lines += [f"{problem.severity.upper():<5} {problem.sentence}", f"      {problem.remedy}"]
    good = explanation.glitchtip_ok
    lines.append("GlitchTip reads it as it is meant." if good else "GlitchTip would fail with it or read it wrongly.")
    return lines


def _rows(explanation: Explanation) -> Iterator[tuple[str, str, str]]:
    ours, theirs = explanation.glitchtip, explanation.dj_email_url
    if ours.error or theirs.error:
        yield "outcome", ours.error or "read", theirs.error or "read"
    for name in ("backend", "host", "port", "username", "key", "tls", "timeout"):
        hidden = explanation.torn and name in {"host", "username"}
        yield name, *((MASK, MASK) if hidden else (_cell(name, ours), _cell(name, theirs)))


def _cell(name: str, reading: Reading) -> str:
    if reading.error:
        return "-"
    if name == "key":
        return "none" if reading.password is None else f"{MASK} ({len(reading.password)} characters)"
    if name == "tls":
        return "implicit TLS" if reading.ssl else "STARTTLS" if reading.tls else "as EMAIL_USE_TLS says"
    value = getattr(reading, name)
    return "none" if value is None else Foreign(value, 60)
