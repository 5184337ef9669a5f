"""GlitchTip in a compose project, read and never written: its services, and what environment each one gets.

The rules are those of the compose specification: an override over a file, anchors and merge keys, ``extends``,
``include``, ``env_file``, interpolation from the `.env`. Values of this process's own environment do not count, for
the operator's shell is not the one that will start GlitchTip.

Measured against ``docker compose config`` of compose 2.40 (tests/glitchtip/test_genuine_compose.py): same values, same
refusals. That command names no file and line of a row, needs docker, and costs 0.1 to 0.5 s, so it is not run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip import compose_env, compose_files, discovery, interpolation, roles
from wizard.glitchtip import settings as glitchtip
from wizard.glitchtip.compose_yaml import LARGEST, ComposeError
from wizard.model.secret import Secret
from wizard.system.files import once

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from wizard.glitchtip.compose_env import Fault
    from wizard.glitchtip.compose_files import RawService
    from wizard.glitchtip.compose_merge import EnvFileRow, Row
    from wizard.glitchtip.compose_variables import Variable
    from wizard.glitchtip.discovery import Project
    from wizard.glitchtip.interpolation import Known
    from wizard.glitchtip.roles import Role
    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session

__all__ = ["LARGEST", "NAMES", "ComposeError", "ComposeReading", "Service", "Setting", "read"]

NAMES: Final = discovery.NAMES
_KEPT: Final = re.compile(
    r"EMAIL_\w+|DEFAULT_FROM_EMAIL(_FILE)?|SERVER_EMAIL|GLITCHTIP_\w+|APP_URL|ACCOUNT_\w+|SSL_CERT_\w+|SERVER_ROLE"
    r"|ENABLE_USER_REGISTRATION|POSTAL_(API_KEY|API_URL|WEBHOOK_KEY)"
)
"""Variables that matter to mail. No other is kept: a database's password is none of the wizard's business."""
_SECRET: Final = re.compile(r"^EMAIL_URL$|PASSWORD|SECRET|TOKEN|KEY")


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
    """The file that the row is in."""
    line: int = 0
    """Its line there, counted from 1."""
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
    raw: bool = False
    """``format: raw``: quotes stay part of the values."""
    faults: tuple[Fault, ...] = ()
    """Lines for which compose refuses to start."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service of GlitchTip."""

    name: str
    image: str
    tag: str
    environment: dict[str, Setting]
    role: Role
    env_files: tuple[EnvFile, ...] = ()
    command: str = ""
    """Entry point and command as one line; empty for the image's own."""
    network_mode: str = ""
    file: Path | None = None
    line: int = 0
    """Where the service begins."""
    as_list: bool = False
    """Whether its ``environment`` is written as a list."""

    def older(self, since: date) -> bool | None:
        """Whether the image was built before *since*; None where its tag does not tell."""
        return glitchtip.older(self.tag, since)


@dataclass(frozen=True, slots=True)
class ComposeReading:
    """GlitchTip in a compose project."""

    project: Project
    services: dict[str, Service]
    """Those that send mail."""
    silent: dict[str, Service] = field(default_factory=dict)
    """GlitchTip's services that send nothing: beat, migrations. They get no verdict and no restart."""
    absent: tuple[str, ...] = ()
    """Services that the draft names and the project does not have."""
    remote: tuple[str, ...] = ()
    """What compose fetches from elsewhere, so that it was not read. Untrusted."""
    faults: tuple[tuple[Path, Fault], ...] = ()
    """Lines of the `.env` for which compose refuses to start."""
    secrets: dict[str, Path] = field(default_factory=dict)
    """The project's secrets that are files, by name: what ``/run/secrets/NAME`` shows in a container."""
    read: tuple[Path, ...] = ()
    """Every compose file that was read."""
    variables: dict[str, Variable] = field(default_factory=dict, repr=False)
    """Every variable that the project's files name."""

    @property
    def file(self) -> Path:
        """The first compose file."""
        return self.project.files[0]

    @property
    def dotenv(self) -> Path:
        """The file from which compose takes ``${NAME}``."""
        return self.project.dotenv


def read(draft: Draft, session: Session, containers: Sequence[Container] = ()) -> ComposeReading | None:
    """Return GlitchTip as the compose files describe it, None where there is no file. Raises ComposeError.

    *containers*: as the daemon lists them, where it was asked; their labels decide which project and files count.
    """
    # The `.env` is asked for files, for values and for what compose refuses in it: one reading, so that all agree.
    with once():
        project = discovery.find(draft, session, containers)
        return None if project is None else _read(project, draft)


def _read(project: Project, draft: Draft) -> ComposeReading:
    known = compose_files.env_values(project.env_files, {})
    files = compose_files.read(project.files, project.directory, known)
    compose_files.env_values(project.env_files, {}, files)
    chosen_names = draft.app.services
    chosen = {
        name: _service(name, raw)
        for name, raw in files.services.items()
        if (name in chosen_names if chosen_names else roles.is_glitchtip(_image(raw), _command(raw)))
    }
    sending = {name: service for name, service in chosen.items() if service.role.sends or name in chosen_names}
    return ComposeReading(
        replace(project, name=project.name or discovery.project_name(project, files.name, known)),
        _one_is_both(sending),
        {name: service for name, service in chosen.items() if name not in sending},
        tuple(name for name in chosen_names if name not in files.services),
        tuple(dict.fromkeys(files.remote)),
        tuple(files.env_faults),
        files.secrets,
        tuple(files.documents),
        files.variables,
    )


def email_timeout(draft: Draft, session: Session) -> float | None:
    """Return the least EMAIL_TIMEOUT of GlitchTip's services, in seconds; None where none is set."""
    try:
        reading = read(draft, session)
    except ComposeError:
        return None
    rows = [service.environment.get("EMAIL_TIMEOUT") for service in (reading.services.values() if reading else ())]
    texts = [row.text for row in rows if row is not None and row.text]
    seconds = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 6]
    return float(min(seconds)) if seconds and min(seconds) > 0 else None


def _one_is_both(sending: dict[str, Service]) -> dict[str, Service]:
    """Take a web service without a worker beside it for GlitchTip's minimal set-up, which does both."""
    if len(sending) != 1:
        return sending
    ((name, service),) = sending.items()
    both = service.role is roles.Role.WEB
    return {name: replace(service, role=roles.Role.ALL_IN_ONE) if both else service}


def _image(raw: RawService) -> str:
    return interpolation.interpolated(_word(raw.body.plain.get("image")), raw.known, lenient=True)


def _command(raw: RawService) -> str:
    """Return entry point and command as one line."""
    words = " ".join((_words(raw.body.plain.get("entrypoint")), _words(raw.body.plain.get("command"))))
    return interpolation.interpolated(words.strip(), raw.known, lenient=True)


def _words(value: Any) -> str:
    return " ".join(map(_word, value[:20])) if isinstance(value, list) else _word(value)


def _word(value: Any) -> str:
    """Return a text of the file, cut; anything else counts as none: its ``str()`` could be without end."""
    return value[:2000] if isinstance(value, str) else ""


def _service(name: str, raw: RawService) -> Service:
    image, command, body = _image(raw), _command(raw), raw.body
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    environment: dict[str, Setting] = {}
    files = []
    for named in body.env_files:
        file, text = _env_file(named, raw.known)
        files.append(file)
        for key, entry in text.entries.items():
            if _KEPT.fullmatch(key):
                value = entry.value if entry.value is not None else raw.known.get(key)
                environment[key] = Setting(_kept(key, value), "env_file", entry.value or "", file.path, entry.line)
    for key, row in body.environment.items():
        if _KEPT.fullmatch(key):
            environment[key] = _setting(key, row, raw.known)
    texts = {key: setting.text for key, setting in environment.items()}
    return Service(
        name, image, tag, environment, roles.role(command, texts), tuple(files), command,
        _word(body.plain.get("network_mode")), body.file, body.line, body.as_list,
    )  # fmt: skip


def _setting(key: str, row: Row, known: Known) -> Setting:
    if row.value is None:
        return Setting(_kept(key, known.get(key)), "passed on", f"${{{key}}}", row.file, row.line)
    passed_on = interpolation.passes_on(row.value, key)
    refused = ""
    value: str | None = None
    try:
        value = interpolation.interpolated(row.value, known)
    except ValueError:
        refused = "has a $ that compose cannot read"
    except KeyError:
        # Infisical or the shell may give it.
        refused = "" if passed_on else "needs a variable that is not set"
    if passed_on and not value and known.get(key) is None:
        value = None
    origin = "passed on" if passed_on else "inline"
    return Setting(_kept(key, value), origin, row.value, row.file, row.line, refused)


def _kept(key: str, value: str | None) -> str | Secret | None:
    # An EMAIL_URL without an @ holds no key; as a secret it would black out the word consolemail everywhere.
    secret = value and _SECRET.search(key) and (key != "EMAIL_URL" or "@" in value)
    return Secret(value) if value and secret else value


def _env_file(row: EnvFileRow, known: Known) -> tuple[EnvFile, compose_env.EnvText]:
    path = discovery.resolved(row.base / interpolation.interpolated(row.name, known, lenient=True))
    text = compose_env.read(path, known, raw=row.raw)
    return EnvFile(path, row.required, row.raw, text.faults), text
