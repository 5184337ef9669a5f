"""What comes in beside the answers file: secrets from descriptors and the environment, a set-up from a `.env`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.email_url import url as email_url
from wizard.glitchtip import compose
from wizard.glitchtip import settings as glitchtip
from wizard.model.draft import App, Credential, Draft, EnvTarget, Server, Target, Tls
from wizard.model.errors import UsageError
from wizard.model.session import Session
from wizard.model.untrusted import Untrusted
from wizard.targets.env_file.values import env_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.model.secret import Secret


@dataclass(frozen=True, slots=True)
class FromEnv:
    """A set-up as an existing ``.env`` tells it."""

    draft: Draft
    key: Secret | None
    problem: str | None
    """Why no server could be read from it; None where one could."""


def from_env_file(path: Path) -> FromEnv:
    """Take host, port, user name, key and From from the file at *path*. Raises UsageError where it cannot be read."""
    values = env_values(path)
    if not values.get("EMAIL_URL"):
        raise UsageError(f"{Untrusted(path)} holds no EMAIL_URL: run postal-wizard to set one up.")
    if values.get("EMAIL_USE_TLS") is None:
        values["EMAIL_USE_TLS"] = _beside(path, "EMAIL_USE_TLS")
    return from_settings(values, EnvTarget(path=path.name))


def _beside(path: Path, name: str) -> str | None:
    """Return what docker-compose.yml beside *path* gives GlitchTip for *name*: that row is rarely in the `.env`."""
    try:
        reading = compose.read(Draft(), Session(directory=path.absolute().parent))
    except compose.ComposeError:
        return None
    services = reading.services.values() if reading is not None else ()
    rows = [service.environment[name].text for service in services if name in service.environment]
    return next((text for text in rows if text), None)


SETTINGS: Final = ("EMAIL_URL", "DEFAULT_FROM_EMAIL", "EMAIL_USE_TLS")
"""What ``from_settings`` looks at."""


def from_settings(values: Mapping[str, str | None], target: Target) -> FromEnv:
    """Take host, port, user name, key and From from GlitchTip's settings; EMAIL_URL is among them."""
    bare = Draft(app=App(from_=values.get("DEFAULT_FROM_EMAIL") or ""), target=target)
    try:
        parts = email_url.parse(values.get("EMAIL_URL") or "")
    except email_url.CredentialError as error:
        return FromEnv(bare, None, str(error))
    starttls = glitchtip.is_true(values.get("EMAIL_USE_TLS") or "") or parts.starttls
    tls: Tls = "starttls" if starttls else "none"
    draft = Draft(
        app=bare.app,
        server=Server(parts.host, parts.port, tls),
        credential=Credential(parts.username),
        target=bare.target,
    )
    return FromEnv(draft, parts.key, None)
