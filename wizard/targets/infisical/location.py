"""Where an Infisical target lies: its URL and its folder, judged as they are typed, without a connection."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from wizard.targets.infisical.errors import ApiError

_PATH: Final = re.compile(r"(/[A-Za-z0-9_-]+)+|/")
_HOST: Final = re.compile(r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*|[^\W_]([\w.-]*[^\W_])?\.?")
"""An IPv6 address, or a name of letters (of any script), digits, ``-``, ``_`` and dots."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def normalised(url: str, *, allow_http: bool) -> str:
    """Return scheme and host of *url*, as the official CLI does: with ``/api`` or without, both are taken.

    Raises ApiError with a sentence for anything else.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ApiError("The Infisical URL cannot be read: write it as https://secrets.example.com.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ApiError("The Infisical URL must begin with https:// and a host: such as https://secrets.example.com.")
    if "@" in parts.netloc:
        raise ApiError("The Infisical URL must hold no user name or password.")
    if not _HOST.fullmatch(host):
        raise ApiError("The Infisical URL holds a character that no host name has: type it again.")
    if parts.query or parts.fragment or parts.path.rstrip("/") not in {"", "/api"}:
        raise ApiError("The Infisical URL is only scheme and host: leave out the path after the host.")
    if parts.scheme == "http" and not (allow_http or host in _LOOPBACK):
        raise ApiError("The Infisical URL is plain http: secrets would cross the network unencrypted; use https://.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def problem_with_url(url: str, *, allow_http: bool) -> str | None:
    """Judge a URL as it is typed, without a connection."""
    if not url.strip():
        return "The URL is missing: such as https://secrets.example.com."
    try:
        normalised(url, allow_http=allow_http)
    except ApiError as error:
        return str(error)
    return None


def problem_with_path(path: str) -> str | None:
    """Judge a folder: servers accept other names and then answer nothing or fail (infisical.md section 4)."""
    if _PATH.fullmatch(path):
        return None
    return "The folder must begin with / and hold letters, digits, - and _ between single slashes, none at the end."
