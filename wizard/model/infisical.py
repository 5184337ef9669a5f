"""How Infisical and its official CLI spell things: a server's URL, a project's id, variables of the environment.

Source: Infisical/cli of 2026-08 and infisical.md sections 3 and 8. Parsing alone; what is sent where is in targets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAINS: Final = ("INFISICAL_DOMAIN", "INFISICAL_API_URL", "INFISICAL_HOST_URL")
"""The server's URL, in the CLI's order; the last one is the MCP server's, taken as a hint."""
PROJECT: Final = "INFISICAL_PROJECT_ID"
ENVIRONMENT: Final = "INFISICAL_ENVIRONMENT"
FOLDER: Final = "INFISICAL_SECRET_PATH"
CLIENT_IDS: Final = ("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "INFISICAL_MACHINE_IDENTITY_CLIENT_ID")
"""The second is in older guides."""
CLIENT_SECRET: Final = "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"  # noqa: S105  # a variable's name
TOKEN: Final = "INFISICAL_TOKEN"  # noqa: S105  # a variable's name
TOKENS: Final = ("INFISICAL_UNIVERSAL_AUTH_ACCESS_TOKEN", TOKEN)
"""In the CLI's order. Its last one, ``TOKEN``, does not name Infisical, and is not read here."""
SECRETS: Final = (CLIENT_SECRET, *TOKENS)
CUSTOM_HEADERS: Final = "INFISICAL_CUSTOM_HEADERS"
"""``Name=value`` pairs with blanks between, for what is in front of a server (Cloudflare Access and the like)."""

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SLUG: Final = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_CLIENT_SECRET: Final = re.compile(r"[0-9a-fA-F]{64}")


def bare_url(url: str) -> str:
    """Return *url* without blanks, ``/api`` and slashes at its end: the CLI appends ``/api`` where it is missing."""
    return url.strip().rstrip("/").removesuffix("/api").rstrip("/")


def cli_domain(url: str) -> str:
    """Return *url* as the CLI's own help writes ``--domain``: with ``/api``."""
    return f"{bare_url(url)}/api"


def is_project_id(text: str) -> bool:
    """Whether *text* is a project's id and no slug."""
    return _UUID.fullmatch(text) is not None


def is_like_a_slug(text: str) -> bool:
    """Whether *text* could be a project's slug; a display name with blanks or capitals could not."""
    return _SLUG.fullmatch(text) is not None


def is_like_a_client_secret(text: str) -> bool:
    """Whether *text* has the shape of a Universal Auth client secret: 64 hexadecimal digits."""
    return _CLIENT_SECRET.fullmatch(text) is not None


def is_like_a_token(text: str) -> bool:
    """Whether *text* has the shape of an access token (a JWT) or of an old service token."""
    return text.startswith(("eyJ", "st."))


_HEADER: Final = re.compile(r"([A-Za-z0-9-]{1,100})=(\S+)")
_NOT_TAKEN: Final = frozenset({"authorization", "host", "content-length", "content-type", "transfer-encoding"})
"""What the requests set themselves."""


def custom_headers(environ: Mapping[str, str]) -> dict[str, Secret]:
    """Return the headers that INFISICAL_CUSTOM_HEADERS of *environ* asks for, each value a secret.

    A word that is not ``Name=value`` in printable ASCII, and the name of a header of our own, is passed over.
    """
    words = environ.get(CUSTOM_HEADERS, "").split()
    pairs = [match for word in words if word.isascii() and word.isprintable() and (match := _HEADER.fullmatch(word))]
    return {match[1]: Secret(match[2]) for match in pairs if match[1].lower() not in _NOT_TAKEN}
