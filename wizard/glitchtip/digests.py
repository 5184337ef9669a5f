"""GlitchTip's mail settings as keyed hashes: equal settings are recognised, and no value is held or shown.

The parts are those that ``probe_script.py`` hashes inside a container, spelled alike, so that both can be compared.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from wizard.glitchtip.probe import FROM, PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.glitchtip.probe import Probed

SCHEME: Final = "scheme"
"""Given beside the hashes as it is: ``smtp``, ``consolemail``, ``unknown``."""
_SCHEMES: Final = frozenset(
    {"smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail"}
)


def of_text(once: bytes, text: str) -> str:
    """Return the HMAC-SHA256 of *text* under *once*, in hexadecimal."""
    return hmac.new(once, text.encode("utf-8", "surrogateescape"), "sha256").hexdigest()


def of_url(once: bytes, url: str) -> dict[str, str]:
    """Return the scheme and the hashes of EMAIL_URL's parts. Raises ValueError for a URL that cannot be taken apart.

    The error's text is empty: urllib's own holds the beginning of the key.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 25
    except ValueError:
        raise ValueError from None
    values = (unquote(parts.username or ""), unquote(parts.password or ""), (parts.hostname or "").rstrip("."), port)
    scheme = parts.scheme if parts.scheme in _SCHEMES else "unknown"
    return {SCHEME: scheme, **{part: of_text(once, str(value)) for part, value in zip(PARTS, values, strict=True)}}


def probed_url(probed: Probed) -> dict[str, str] | None:
    """Return the same of what a container has, None where its EMAIL_URL cannot be taken apart."""
    if probed.scheme == "unreadable" or not set(PARTS) <= set(probed.digests):
        return None
    return {SCHEME: probed.scheme, **{part: probed.digests[part] for part in PARTS}}


def probed_from(probed: Probed) -> str | None:
    """Return the hash of the container's DEFAULT_FROM_EMAIL, None where it is not set."""
    return probed.digests.get(FROM)


def same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether both have the same parts with the same values, compared in constant time."""
    return one.keys() == other.keys() and all(equal(one[part], other[part]) for part in one)


def equal(one: str, other: str) -> bool:
    """Compare two hashes in constant time; as bytes, for a container may say anything and ASCII is asked for."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
