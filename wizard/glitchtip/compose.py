"""docker-compose.yml, read and never written: which services are GlitchTip's and what environment each one gets.

The rules are those of the compose specification: file names in its order, an override file, anchors and merge keys,
``extends``, ``env_file``, interpolation from the ``.env`` beside the file. Variables of this process's own environment
do not count, for the operator's shell is not the one that will start GlitchTip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip import interpolation
from wizard.glitchtip import settings as glitchtip
from wizard.glitchtip.compose_yaml import LARGEST, ComposeError, pairs, services
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from wizard.glitchtip.interpolation import Known
    from wizard.model.draft import Draft
    from wizard.model.session import Session

__all__ = ["LARGEST", "NAMES", "ComposeError", "ComposeReading", "Service", "Setting", "read"]

NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""In compose's own order (compose-go, cli/options.go)."""
OVERRIDES: Final = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
"""The same; the first that is there counts, and only beside a file that compose finds by itself."""
_MOST_FILES: Final = 50
_KEPT: Final = re.compile(
    r"EMAIL_\w+|DEFAULT_FROM_EMAIL(_FILE)?|SERVER_EMAIL|GLITCHTIP_\w+|APP_URL|ACCOUNT_\w+|SSL_CERT_\w+|SERVER_ROLE|ENABLE_USER_REGISTRATION"
)
"""Variables that matter to mail. No other is kept: a database's password is none of the wizard's business."""
_SECRET: Final = re.compile(r"EMAIL_URL|\w*(PASSWORD|SECRET|TOKEN|KEY)\w*")


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of a service."""

    value: str | Secret | None
    """None where the file passes on a variable that is not set."""
    origin: str
    """``inline``, ``passed on`` (``${NAME}`` of the same name, or the bare name), or ``env_file``."""
    raw: str = field(default="", repr=False)
    """As it is written, before interpolation; for secrets too, so never shown."""
    file: Path | None = None
    """Where it stands, for ``env_file``."""
    refused: str = ""
    """Why compose would refuse the file for it, as the end of a sentence; empty where it would not."""

    @property
    def text(self) -> str | None:
        """The value in clear, for judging and never for showing."""
        return self.value.reveal() if isinstance(self.value, Secret) else self.value


@dataclass(frozen=True, slots=True)
class EnvFile:
    """One file that a service names under ``env_file``."""

    path: Path
    required: bool = True
    """Whether compose refuses to start without it."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service of GlitchTip."""

    name: str
    image: str
    tag: str
    environment: dict[str, Setting]
    env_files: tuple[EnvFile, ...] = ()

    def older(self, since: date) -> bool | None:
        """Whether the image was built before *since*; None where its tag does not tell."""
        return glitchtip.older(self.tag, since)


@dataclass(frozen=True, slots=True)
class ComposeReading:
    """GlitchTip in a compose file."""

    file: Path
    services: dict[str, Service]
    absent: tuple[str, ...] = ()
    """Services that the draft names and the file does not have."""
    overrides: tuple[Path, ...] = ()
    """What compose merges over the file by itself, as long as it finds the file by itself."""

    @property
    def dotenv(self) -> Path:
        """The file from which compose takes ``${NAME}``."""
        return self.file.parent / ".env"


def read(draft: Draft, session: Session) -> ComposeReading | None:
    """Return GlitchTip's services as the compose file tells them, None where there is no file. Raises ComposeError."""
    path = _path(draft, session)
    if path is None:
        return None
    overrides = _overrides(path)
    found = services(path, overrides)
    known = interpolation.env_file(path.parent / ".env", {})
    wanted = draft.app.services
    chosen = {name: body for name, body in found.items() if (name in wanted if wanted else _is_glitchtip(body, known))}
    return ComposeReading(
        path,
        {name: _service(name, body, known, path.parent) for name, body in chosen.items()},
        tuple(name for name in wanted if name not in found),
        tuple(overrides),
    )


def email_timeout(draft: Draft, session: Session) -> float | None:
    """Return the least EMAIL_TIMEOUT of GlitchTip's services, in seconds; None where none is told."""
    try:
        reading = read(draft, session)
    except ComposeError:
        return None
    rows = [service.environment.get("EMAIL_TIMEOUT") for service in (reading.services.values() if reading else ())]
    told = [row.text for row in rows if row is not None and row.text]
    seconds = [int(text) for text in told if text.isascii() and text.isdigit() and len(text) < 6]
    return float(min(seconds)) if seconds and min(seconds) > 0 else None


def _path(draft: Draft, session: Session) -> Path | None:
    if draft.app.compose_file is not None:
        path = session.path(draft.app.compose_file)
        return path if path.exists() else None
    return next((path for name in NAMES if (path := session.directory / name).is_file()), None)


def _overrides(path: Path) -> list[Path]:
    first = next((name for name in NAMES if path.with_name(name).is_file()), None)
    if path.name != first:
        return []  # compose is told this file by -f, and then looks for no other
    return [found for name in OVERRIDES if (found := path.with_name(name)).is_file()][:1]


def _is_glitchtip(body: dict[str, Any], known: Known) -> bool:
    words = " ".join((_words(body.get("entrypoint")), _words(body.get("command"))))
    if glitchtip.MIGRATION in words:
        return False
    image = interpolation.interpolated(_word(body.get("image")), known, lenient=True)
    return glitchtip.IMAGE.search(image) is not None or any(part in words for part in glitchtip.COMMANDS)


def _words(value: Any) -> str:
    return " ".join(map(_word, value[:20])) if isinstance(value, list) else _word(value)


def _word(value: Any) -> str:
    """Return a text of the file, cut; anything else counts as none: its ``str()`` could be without end."""
    return value[:2000] if isinstance(value, str) else ""


def _service(name: str, body: dict[str, Any], known: Known, directory: Path) -> Service:
    image = interpolation.interpolated(_word(body.get("image")), known, lenient=True)
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    environment: dict[str, Setting] = {}
    files = _env_files(body.get("env_file"), known, directory)
    for file in files:
        for key, value in interpolation.env_file(file.path, known).items():
            if _KEPT.fullmatch(key):
                environment[key] = Setting(_kept(key, value), "env_file", value or "", file.path)
    for key, raw in pairs(body.get("environment")).items():
        if _KEPT.fullmatch(key):
            environment[key] = _setting(key, raw, known)
    return Service(name, image, tag, environment, files)


def _setting(key: str, raw: str | None, known: Known) -> Setting:
    if raw is None:
        return Setting(_kept(key, known.get(key)), "passed on", f"${{{key}}}")
    passed_on = interpolation.passes_on(raw, key)
    refused = ""
    value: str | None = None
    try:
        value = interpolation.interpolated(raw, known)
    except ValueError:
        refused = "holds a $ that compose cannot read"
    except KeyError:
        # Infisical or the shell may give it.
        refused = "" if passed_on else "wants a variable that is not set"
    if passed_on and not value and known.get(key) is None:
        value = None
    return Setting(_kept(key, value), "passed on" if passed_on else "inline", raw, refused=refused)


def _kept(key: str, value: str | None) -> str | Secret | None:
    # An EMAIL_URL without an @ holds no key; as a secret it would black out the word consolemail everywhere.
    secret = value and _SECRET.fullmatch(key) and (key != "EMAIL_URL" or "@" in value)
    return Secret(value) if value and secret else value


def _env_files(told: Any, known: Known, directory: Path) -> tuple[EnvFile, ...]:
    found = []
    for item in (told if isinstance(told, list) else [told])[:_MOST_FILES]:
        name = item.get("path") if isinstance(item, dict) else item
        if isinstance(name, str) and name and "\0" not in name:
            required = not (isinstance(item, dict) and item.get("required") is False)
            path = directory / interpolation.interpolated(name[:4000], known, lenient=True)
            found.append(EnvFile(_resolved(path), required))
    return tuple(found)


def _resolved(path: Path) -> Path:
    """Return *path* comparable with the target's; as it is where links run in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path
