"""Which proxy of the environment is on the way to Infisical, by name: a dead one is not a dead Infisical.

httpx would choose one too, but knows no networks in NO_PROXY, which curl and Go do (infisical.md section 8a).
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLES: Final = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""The lower-case name goes before the other, as in urllib and curl."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that a variable names."""

    variable: str
    url: str = field(repr=False)
    """As it is written there; it may hold a password."""

    @property
    def shown(self) -> str:
        """Its host and port, without a user name or password."""
        return Untrusted(urlsplit(self.url).netloc.rpartition("@")[2] or "an unreadable address", 80)


def proxy_for(base: str, environ: Mapping[str, str] | None = None) -> Proxy | None:
    """Return the proxy for requests to *base*, None where there is none; never one in clear: it would read the token.

    Raises ValueError where the variable holds no URL.
    """
    given = os.environ if environ is None else environ
    parts = urlsplit(base)
    if parts.scheme != "https" or _is_exempt(parts.hostname or "", given):
        return None
    for name in _VARIABLES:
        value = given.get(name, "").strip()
        if value:
            url = value if "://" in value else f"http://{value}"
            if not urlsplit(url).hostname:
                raise ValueError(name)
            return Proxy(name, url)
    return None


def _is_exempt(host: str, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names *host*: itself, a domain above it, or a network that holds it."""
    listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return any(_covers(entry.strip().lower(), host.lower()) for entry in listed.split(",") if entry.strip())


def _covers(entry: str, host: str) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name = entry.strip("[]") if entry.startswith("[") or entry.count(":") > 1 else entry.partition(":")[0]
    name = name.removeprefix("*").removeprefix(".")
    return host == name or host.endswith(f".{name}")
