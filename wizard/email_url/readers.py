"""The two readers of an EMAIL_URL: django-environ's rule, which is GlitchTip's, as a model; dj-email-url as installed.

The model is held equal to the real django-environ by tests (environ/environ.py, ``email_url_config``, 0.11 to 0.14).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlparse

from wizard.model.secret import Secret

GLITCHTIP_SCHEMES: Final = {
    "smtp": "smtp",
    "smtps": "smtp",
    "smtp+tls": "smtp",
    "smtp+ssl": "smtp",
    "consolemail": "console",
    "filemail": "filebased",
    "memorymail": "locmem",
    "dummymail": "dummy",
}
"""``Env.EMAIL_SCHEMES``: scheme to backend."""
DEFAULT_PORT: Final = 25
"""What smtplib and Django use where a URL has no port."""
_BASE_OPTIONS: Final = ("EMAIL_USE_TLS", "EMAIL_USE_SSL")
"""``Env._EMAIL_BASE_OPTIONS``: the only query members that become settings; all others go to an unused OPTIONS."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader makes of a URL."""

    error: str = ""
    """The class of the exception it raises; everything else is empty then."""
    backend: str | None = None
    """smtp, console, filebased, locmem, dummy; None where the reader names none."""
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: Secret | None = None
    tls: bool = False
    """Whether the URL alone turns STARTTLS on."""
    ssl: bool = False
    """Whether the URL alone turns implicit TLS on."""
    timeout: int | None = None


STARTTLS_SCHEMES: Final = frozenset({"smtps", "smtp+tls"})
"""Schemes by which GlitchTip turns STARTTLS on, on any port; ``smtp+ssl`` alone is implicit TLS."""
UNSET: Final = Reading(backend="smtp", host="localhost", port=DEFAULT_PORT)
"""Django's defaults: ``if os.getenv("EMAIL_URL")`` in glitchtip/settings.py asks no reader about an empty one."""


def glitchtip(url: str) -> Reading:
    """Read *url* as GlitchTip does: ``env.email_url("EMAIL_URL")``."""
    if url.startswith("$"):
        # A reference to another variable (environ.py, get_value): there is none of that name, or it is not a URL.
        return Reading(error="ImproperlyConfigured")
    try:
        parts = urlparse(url)
        host, port, username, password = parts.hostname, parts.port, parts.username, parts.password
    except ValueError:
        return Reading(error="ValueError")
    backend = GLITCHTIP_SCHEMES.get(parts.scheme)
    if backend is None:
        return Reading(error="ImproperlyConfigured")
    settings: dict[str, Any] = {"EMAIL_USE_TLS": parts.scheme in STARTTLS_SCHEMES}
    settings["EMAIL_USE_SSL"] = parts.scheme == "smtp+ssl"
    for key, values in parse_qs(parts.query).items():
        try:
            value = int(values[0]) if values[0].isdigit() else values[0]
        except ValueError:  # a digit that is not a decimal one, such as a superscript, or thousands of digits
            return Reading(error="ValueError")
        if key.upper() in _BASE_OPTIONS:
            # "False" stays a text, and a text is true: ?EMAIL_USE_TLS=False turns TLS on.
            settings[key.upper()] = value
    return Reading(
        backend=backend,
        host=host,
        port=port,
        username=None if username is None else unquote(username),
        password=None if password is None else Secret(unquote(password)),
        tls=bool(settings["EMAIL_USE_TLS"]),
        ssl=bool(settings["EMAIL_USE_SSL"]),
    )


def dj_email_url(url: str) -> Reading:
    """Read *url* with the installed dj-email-url."""
    import dj_email_url as library

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = library.parse(url)
    except ValueError:
        return Reading(error="ValueError")
    backend = str(read["EMAIL_BACKEND"]).split(".")[-2] if "EMAIL_BACKEND" in read else None
    password = read["EMAIL_HOST_PASSWORD"]
    return Reading(
        backend=backend,
        host=read["EMAIL_HOST"],
        port=read["EMAIL_PORT"],
        username=read["EMAIL_HOST_USER"],
        password=None if password is None else Secret(password),
        tls=bool(read["EMAIL_USE_TLS"]),
        ssl=bool(read["EMAIL_USE_SSL"]),
        timeout=read["EMAIL_TIMEOUT"],
    )
