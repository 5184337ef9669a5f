"""What is wrong with an EMAIL_URL, in sentences: where GlitchTip would not start, would read it wrongly, or may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from wizard.email_url import url as email_url
from wizard.email_url.oddities import oddities
from wizard.email_url.problem import ENCODE, SHAPE, Problem, fail, warn
from wizard.email_url.readers import DEFAULT_PORT, GLITCHTIP_SCHEMES
from wizard.model import validation
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.email_url.readers import Reading

_DOUBLE: Final = re.compile(r"%25(?:2[0-9A-CFa-cf]|3[A-Fa-f]|40|5[B-Eb-e]|60|7[B-Eb-e]|[89A-Fa-f][0-9A-Fa-f])")
"""%25 before the code of a character that encoders do encode. %2541 is not double: it is %41, encoded once."""
_NEEDLESS: Final = re.compile(r"%(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])")
"""A code for a letter or digit: no encoder writes one, so it belongs to the key as Postal shows it."""
_NO_CODE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TAKEN_APART: Final = frozenset("$`\\'\"~ ;&|<>(){}!*^,")
"""What readers of `.env` files, compose and shells treat each in its own way (glitchtip.md section 3)."""
_PASTED_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:/")
"""A host that was pasted with a scheme: http://postal.example.com."""
_REMOVED: Final = re.compile(r"[\t\r\n]")


def _authority(url: str) -> str:
    """Return what readers use as user name, key, host and port: all up to the first / ? or #."""
    return re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]


def torn(url: str) -> bool:
    """Whether the last @ comes after what readers use as the host; any part may be of the key then."""
    return "@" in email_url.without_query(url)[0].partition("://")[2][len(_authority(url)) :]


def problems(url: str, ours: Reading, theirs: Reading) -> Iterator[Problem]:
    """Yield what is wrong with *url* as GlitchTip reads it (*ours*) and as dj-email-url does (*theirs*)."""
    if not url.strip():
        yield fail(
            "EMAIL_URL is empty: GlitchTip then sends to localhost:25 without a login.",
            "Set it, and pass it on in docker-compose.yml as ${EMAIL_URL}.",
        )
        return
    yield from _spelling(url)
    if ours.error:
        yield _cannot_start(url, ours)
        return
    if ours.backend != "smtp":
        yield fail(
            f"With this scheme GlitchTip sends no mail: it goes to the {ours.backend} backend.",
            f"Use {SHAPE}.",
        )
        return
    if torn(url):
        yield _lost(url)
        return
    if _PASTED_ADDRESS.match(_behind_login(url)):
        scheme = _behind_login(url).partition(":")[0]
        yield fail(
            f"The host is '{Untrusted(scheme, 20)}', and GlitchTip ignores what follows: every mail fails.",
            f"Leave {Untrusted(scheme, 20)}:// out: after the @ come only the host name and its port.",
        )
        return
    yield from _credentials(url, ours)
    yield from _destination(ours)
    yield from _tls(ours)
    yield from _query(url)
    yield from oddities(email_url.without_query(url)[0].partition("://")[2][len(_authority(url)) :], ours)
    if theirs.error or not agree(ours, theirs):
        yield warn(
            "dj-email-url reads it differently: a program that uses dj-email-url logs in or connects differently.",
            f"Use {SHAPE} with nothing after the port.",
        )


def _spelling(url: str) -> Iterator[Problem]:
    if _REMOVED.search(url):
        yield fail("It contains a tab or a line break, which every reader removes silently.", ENCODE)
    if url != url.strip():
        yield warn("It has a blank at its beginning or end.", "Remove it.")
    if any(ord(character) < 32 or ord(character) == 127 for character in _REMOVED.sub("", url)):
        yield fail("It contains an invisible control character.", ENCODE)
    if _DOUBLE.search(_userinfo(url)):
        yield fail(
            "It is encoded twice (%25 before two hexadecimal digits): GlitchTip decodes once and sends the rest.",
            "Encode the key as Postal shows it, once: %40 and not %2540.",
        )
    elif _NEEDLESS.search(_userinfo(url)):
        yield fail(
            "User name or key has a % and two hexadecimal digits that mean a letter or digit: no encoder "
            "writes that. GlitchTip decodes it and so changes a key that was not encoded.",
            f"{ENCODE} A % of the key becomes %25.",
        )
    if _NO_CODE.search(_userinfo(url)):
        yield warn("A % in user name or key is not a code; readers leave it as it is.", "Encode it as %25.")
    if _TAKEN_APART & set(url.strip()):
        yield warn(
            "It has a character that .env readers, compose or shells change or drop, such as $ or a blank.", ENCODE
        )


def _userinfo(url: str) -> str:
    """Return everything between the scheme and the last @."""
    return email_url.without_query(url)[0].partition("://")[2].rpartition("@")[0]


def _behind_login(url: str) -> str:
    """Return everything behind the last @, or behind the scheme where there is none."""
    return email_url.without_query(url)[0].partition("://")[2].rpartition("@")[2]


def _cannot_start(url: str, ours: Reading) -> Problem:
    scheme = url.partition("://")[0]
    if url.startswith("$"):
        return fail("It begins with $, which django-environ reads as the name of another variable.", ENCODE)
    if url[:1] in {"'", '"'}:
        return fail(
            "The quotes are part of the value: GlitchTip does not start (Invalid email schema).",
            "Leave the quotes out; an encoded URL needs none.",
        )
    if ours.error == "ImproperlyConfigured":
        known = ", ".join(GLITCHTIP_SCHEMES)
        named = Untrusted(scheme, 30) if "://" in url else "(none)"
        return fail(
            f"GlitchTip does not know the scheme {named} and does not start.",
            f"Use smtp://; it knows {known}.",
        )
    lost = next((character for character in "/?#[]" if character in _userinfo(url)), None)
    if lost is not None:
        return fail(
            f"User name or key has an unencoded {lost}: GlitchTip does not start (a ValueError at its start).",
            ENCODE,
        )
    return fail(
        "Host or port cannot be read: GlitchTip does not start (a ValueError at its start).",
        "The port is a number from 1 to 65535, an IPv6 address goes in brackets, and nothing follows.",
    )


def _destination(ours: Reading) -> Iterator[Problem]:
    if not ours.host:
        yield fail('It has no host: every mail fails with "please run connect() first".', "Put HOST:PORT after the @.")
    elif validation.problem_with_host(ours.host) is not None:
        yield fail("Its host is not a valid name or address: every mail fails.", "Put HOST:PORT after the @.")
    elif not ours.host.isascii():
        yield warn(
            "Its host is not ASCII, and Python writes such names by an older rule than DNS.",
            "Write the name in its ASCII form (xn--...).",
        )
    if ours.port is None:
        yield warn("It has no port, so 25 is used.", "Write the port that Postal listens on.")
    elif ours.port == 0:
        yield fail("Port 0 is not a valid port: smtplib uses 25 instead.", "Write the port that Postal listens on.")


def _lost(url: str) -> Problem:
    lost = next((character for character in url.partition("://")[2] if character in "/?#"), "/")
    return fail(
        f"User name or key has an unencoded {lost}: GlitchTip reads host and login from what comes before it.",
        f"{ENCODE} {lost} becomes %{ord(lost):02X}.",
    )


def _credentials(url: str, ours: Reading) -> Iterator[Problem]:
    if not ours.username or ours.password is None or not ours.password:
        yield fail(
            "User name or key is missing: GlitchTip then does not log in, and Postal refuses every recipient (530).",
            f"Write {SHAPE}.",
        )
        return
    both = ours.username + ours.password.reveal()
    if not both.isascii():
        yield fail("User name or key is not ASCII: every mail fails with UnicodeEncodeError.", "Make a new credential.")
    elif not both.isprintable():
        yield fail("User name or key has a control character.", "Copy the key again from Postal, Credentials.")
    elif "@" in _userinfo(_plain(url)) or ":" in _userinfo(_plain(url)).partition(":")[2]:
        yield warn("An @ or : in user name or key is not encoded; both readers still read it right.", ENCODE)
    blank = validation.warning_about_key(ours.password.reveal())
    if blank is not None:
        yield warn(blank, "Copy the key again from Postal, Credentials.")


def _plain(url: str) -> str:
    """Return *url* without path, query and fragment."""
    return f"x://{_authority(url)}"


def _tls(ours: Reading) -> Iterator[Problem]:
    if ours.tls and ours.ssl:
        yield fail(
            "It turns on STARTTLS and implicit TLS: every mail fails (mutually exclusive).",
            "Use smtp:// and set EMAIL_USE_TLS in docker-compose.yml.",
        )
    elif ours.ssl:
        yield fail(
            "It asks for implicit TLS, which Postal does not have: every mail fails with WRONG_VERSION_NUMBER.",
            'Use smtp://, and EMAIL_USE_TLS: "True" if Postal has TLS.',
        )
    elif ours.tls and ours.port == 465:
        yield fail(
            "GlitchTip uses STARTTLS for this scheme, also on 465: it hangs until its time-out.",
            "Use smtp:// with Postal's port.",
        )
    elif ours.tls:
        yield warn(
            "The URL turns STARTTLS on, whatever EMAIL_USE_TLS says.",
            "Use smtp://, and set EMAIL_USE_TLS in docker-compose.yml, where people see it.",
        )


def _query(url: str) -> Iterator[Problem]:
    try:
        members = parse_qs(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return
    for name, values in members.items():
        if name.upper() in {"EMAIL_USE_TLS", "EMAIL_USE_SSL"}:
            if values[0].lower() in {"false", "no", "off", "f", "n"}:
                yield fail(
                    f"?{name.upper()}={Untrusted(values[0], 10)} turns it ON: GlitchTip reads any text as true.",
                    "Leave it out; set it in docker-compose.yml.",
                )
        elif name in email_url.QUERY:
            yield fail(
                f"GlitchTip ignores ?{name}.", "Set EMAIL_USE_TLS, EMAIL_TIMEOUT or DEFAULT_FROM_EMAIL as variables."
            )
        else:
            # Not named: behind an unencoded ? it may be part of the key.
            yield warn("GlitchTip ignores what follows the ?.", "Leave it out.")


def agree(ours: Reading, theirs: Reading) -> bool:
    """Whether both readers would connect to the same place with the same login."""
    if theirs.backend != ours.backend or (theirs.port or DEFAULT_PORT) != (ours.port or DEFAULT_PORT):
        return False
    same_login = (ours.username, ours.password) == (theirs.username, theirs.password)
    return same_login and ours.host == theirs.host and (ours.tls, ours.ssl) == (theirs.tls, theirs.ssl)
