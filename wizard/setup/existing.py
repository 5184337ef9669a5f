"""What comes in beside the answers file: secrets from descriptors and the environment, a set-up from a `.env`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model import validation
from wizard.model.draft import App, Credential, Draft, EnvTarget, Server, Target, Tls
from wizard.model.secret import Secret
from wizard.model.untrusted import Foreign

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LONGEST_SECRET: Final = 65_536
_LARGEST_ENV: Final = 1_048_576
_TRUE: Final = frozenset({"true", "on", "ok", "y", "yes", "1"})
"""What django-environ's ``env.bool`` takes for true (environ.Env.BOOLEAN_TRUE_STRINGS)."""


class UsageError(Exception):
    """The command line, a descriptor or a file it names is wrong; the message is one sentence, the exit code 2."""


def secret_from_descriptor(number: int, flag: str, what: str) -> Secret:
    """Read a secret from the open descriptor *number*. Raises UsageError; the sentence never quotes the secret."""
    try:
        with os.fdopen(number, "rb", closefd=number > 2) as file:
            raw = file.read(_LONGEST_SECRET + 1)
    except OSError as error:
        raise UsageError(f"{flag} {number}: this descriptor cannot be read: {error.strerror}.") from None
    return _secret(raw, what)


def secret_from_stdin(what: str) -> Secret:
    """Read a secret from standard input. Raises UsageError."""
    return _secret(sys.stdin.buffer.read(_LONGEST_SECRET + 1), what)


def _secret(raw: bytes, what: str) -> Secret:
    if len(raw) > _LONGEST_SECRET:
        raise UsageError(f"The {what} is longer than {_LONGEST_SECRET // 1024} KiB: is it the right input?")
    if not raw.isascii():
        raise UsageError(f"The {what} contains a character that is not ASCII, which no mail client can send.")
    text = raw.decode("ascii").removesuffix("\n").removesuffix("\r")
    if not text:
        raise UsageError(f"The {what} is empty: nothing came through the descriptor.")
    problem = validation.problem_with_key(text)
    if problem is not None:
        raise UsageError(problem.replace("The key", f"The {what}", 1))
    return Secret(text)


def secret_from_environment(*names: str) -> tuple[str, Secret] | None:
    """Return the first of *names* that is set in the environment, with its value; None where none is."""
    for name in names:
        value = os.environ.get(name, "").strip()
        if value:
            if not value.isascii() or not value.isprintable():
                raise UsageError(f"{name} in the environment holds a character that is not printable ASCII.")
            return name, Secret(value)
    return None


def resolver(text: str) -> tuple[str, int]:
    """Return address and port of ``IP[:PORT]`` or ``[IP6]:PORT``. Raises UsageError."""
    address, port = text, "53"
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        address, port = text.split(":")
    if not validation.is_address(address):
        raise UsageError("--resolver takes an IP address, with :PORT behind it if need be.")
    if validation.problem_with_port(port) is not None:
        raise UsageError("--resolver: the port must be a number from 1 to 65535.")
    return address, int(port)


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
        raise UsageError(f"{Foreign(path)} holds no EMAIL_URL: run postal-wizard to set one up.")
    if values.get("EMAIL_USE_TLS") is None:
        values["EMAIL_USE_TLS"] = _beside(path, "EMAIL_USE_TLS")
    return from_settings(values, EnvTarget(path=path.name))


def _beside(path: Path, name: str) -> str | None:
    """Return what docker-compose.yml beside *path* gives GlitchTip for *name*: that row rarely stands in the `.env`."""
    from wizard.glitchtip import compose
    from wizard.model.session import Session

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
    from wizard.email_url import url as email_url

    bare = Draft(app=App(from_=values.get("DEFAULT_FROM_EMAIL") or ""), target=target)
    try:
        parts = email_url.parse(values.get("EMAIL_URL") or "")
    except email_url.CredentialError as error:
        return FromEnv(bare, None, str(error))
    said = (values.get("EMAIL_USE_TLS") or "").strip().lower() in _TRUE
    tls: Tls = "starttls" if said or parts.starttls else "none"
    draft = Draft(
        app=bare.app,
        server=Server(parts.host, parts.port, tls),
        credential=Credential(parts.username),
        target=bare.target,
    )
    return FromEnv(draft, parts.key, None)


def env_values(path: Path) -> dict[str, str | None]:
    """Return what python-dotenv reads in *path*, without interpolation. Raises UsageError."""
    import io

    shown = Foreign(path)
    try:
        if not path.is_file():
            reason = "is not a regular file" if path.exists() else "does not exist"
            raise UsageError(f"{shown} {reason}: name the .env file by --env-file FILE.")
        with path.open("rb") as file:
            raw = file.read(_LARGEST_ENV + 1)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from None
    if len(raw) > _LARGEST_ENV:
        raise UsageError(f"{shown} is larger than 1 MiB: is it a .env file?")
    import dotenv

    text = raw.decode("utf-8-sig", "surrogateescape")
    return dict(dotenv.dotenv_values(stream=io.StringIO(text), interpolate=False))
