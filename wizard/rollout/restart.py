"""How the written settings take effect: the one command of this compose project, built from what was discovered.

Every remedy, page and report that tells somebody to recreate GlitchTip takes its words from here. A container keeps
the environment that it was created with, so that ``restart`` changes nothing: it takes ``up -d``, for the services
that send mail and for no others. A service that the project lacks would make compose refuse the whole command.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import compose, compose_variables, discovery, roles
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.untrusted import Untrusted
from wizard.rollout import infisical_run
from wizard.targets.infisical.records import InfisicalFacts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.glitchtip.compose import ComposeReading
    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.targets import Receipt

BECAUSE: Final = (
    "A container keeps the environment that it was created with; docker compose restart does not change it."
)
GENERAL: Final = "recreate the services of GlitchTip that send mail (docker compose up -d and their names)"
"""What is said where no project is known, such as about a log from elsewhere. A part of a sentence."""
PLACEHOLDER: Final = "{restart}"
"""Replaced in the remedies of the diagnosis by the command, or by ``GENERAL``."""
_PORTAINER: Final = re.compile(r"/data/compose/\d+")
_COOLIFY: Final = "/data/coolify/"


@dataclass(frozen=True, slots=True)
class Restart:
    """What to do so that GlitchTip reads its new settings."""

    words: tuple[str, ...]
    """``docker compose ... up -d SERVICES``; empty where there is no project to say it of."""
    because: str
    """One sentence: why, or what to do where there is no command."""

    @property
    def command(self) -> str | None:
        """The line for a shell, run in the wizard's directory; None where there is no project."""
        return shlex.join(self.words) if self.words else None

    @property
    def phrase(self) -> str:
        """The part of a sentence that tells somebody to do it: ``run docker compose up -d web``."""
        return f"run {self.command}" if self.words else GENERAL


def find(draft: Draft, session: Session, containers: Sequence[Container] = ()) -> Restart:
    """Look for the project and return its command. *containers*: as the daemon lists them, where it was asked."""
    try:
        reading = compose.read(draft, session, containers)
    except compose.ComposeError as error:
        return Restart((), f"{error} Fix it, then {GENERAL}.")
    if reading is not None and reading.services:
        return of_reading(reading, draft, session)
    return Restart((), _elsewhere(session, containers))


def of_reading(reading: ComposeReading, draft: Draft, session: Session) -> Restart:
    """Return the command of a project that was read already."""
    if not reading.services:
        return Restart((), _elsewhere(session, ()))
    project, base = reading.project, session.directory.absolute()
    words = ["docker", "compose"]
    if project.name_given:
        words += ["-p", project.name]
    named = project.start != base
    if named:
        if project.directory != project.files[0].parent:
            words += ["--project-directory", _word(project.directory, base)]
        words += [word for path in project.files for word in ("-f", _word(path, base))]
    words += [word for path in _env_files(reading, draft, session, named) for word in ("--env-file", _word(path, base))]
    words += ["up", "-d", *reading.services]
    if not all(word.isprintable() for word in words):
        # It could not be typed, and must not reach a terminal.
        directory = Untrusted(project.directory, 120)
        return Restart((), f"The path of the project in {directory} has invisible characters: {GENERAL} there.")
    because = BECAUSE
    if str(project.directory).startswith(_COOLIFY):
        because = f"{BECAUSE} Coolify rewrites its files at each deployment: enter the values in its own pages too."
    return Restart(tuple(words), because)


def _env_files(reading: ComposeReading, draft: Draft, session: Session, named: bool) -> tuple[Path, ...]:
    """Return what has to be given by ``--env-file``: what the project was started with, and a target it would miss.

    *named*: whether files are given by ``-f``; compose then reads the `.env` beside the first of them alone.
    """
    project = reading.project
    implied = (project.directory / ".env",) if named else project.env_files
    present = tuple(path for path in project.env_files if path.is_file())
    given = project.env_files if project.env_files_given else () if project.env_files == implied else present
    written = draft.target.path if isinstance(draft.target, EnvTarget) else ""
    if isinstance(draft.target, InfisicalTarget):
        written = draft.target.env_copy
    if not written:
        return given
    target = session.path(written).absolute()
    if target in project.env_files or any(
        file.path == discovery.resolved(target) for service in reading.services.values() for file in service.env_files
    ):
        return given
    # Given one file, compose no longer reads the .env: both have to be named.
    return (*(given or present), target)


def _word(path: Path, base: Path) -> str:
    """Return *path* as it is typed in the directory *base*."""
    return os.path.relpath(path, base) if path.is_relative_to(base) else str(path)


def _elsewhere(session: Session, containers: Sequence[Container]) -> str:
    """Say what to do where no file of a project is here."""
    own = [each for each in containers if roles.is_glitchtip_image(each.image) and not each.one_off]
    managed = next((each for each in own if each.config_files), None)
    if managed is not None:
        name = Untrusted(managed.project, 60)
        if _PORTAINER.match(managed.working_dir):
            return f"Portainer keeps the stack {name}: enter the new values there, then press Update the stack."
        files = Untrusted(", ".join(managed.config_files), 200)
        return f"The project {name} was started from {files}, which is not on this host: {GENERAL} where it is."
    if own:
        names = Untrusted(", ".join(each.name for each in own), 120)
        return (
            f"{names} was started without docker compose: remove it and start it again as it was made (docker run, "
            "Unraid's template, another panel), with the new values."
        )
    directory = Untrusted(session.directory, 120)
    return f"No compose project of GlitchTip was found in {directory}: name its file in app.compose_file, or {GENERAL}."


def phrase(reading: ComposeReading, draft: Draft, session: Session) -> str:
    """Return the part of a sentence that tells somebody to make a fix in a project effective."""
    found = of_reading(reading, draft, session)
    if _from_infisical(draft, session, found.command, None) is not None:
        names = Untrusted(" ".join(reading.services), 120)
        return f"recreate {names} through infisical run, by the lines that the wizard shows at its end"
    return found.phrase


def filled(text: str, restart: Restart | None = None) -> str:
    """Return *text* with the command in place of its placeholder; without a project, what to do in general."""
    return text.replace(PLACEHOLDER, restart.phrase if restart is not None else GENERAL)


def command(
    draft: Draft,
    session: Session,
    known: InfisicalFacts | None = None,
    reading: ComposeReading | None = None,
    receipt: Receipt[object] | None = None,
) -> str | None:
    """Return the line to run on the host; None where no project was found.

    *known*: what Infisical said. *reading*: where the project was read already. *receipt*: of the writing, where one
    was: a copy that it could not write must not be started from.
    """
    up = (of_reading(reading, draft, session) if reading is not None else find(draft, session)).command
    hand_over = _from_infisical(draft, session, up, known, receipt)
    return hand_over.command if hand_over is not None else up


def lines(
    draft: Draft,
    session: Session,
    known: InfisicalFacts | None = None,
    receipt: Receipt[object] | None = None,
) -> list[str]:
    """Return what to run, ready to be shown. *receipt*: of the writing, where one was."""
    restart = find(draft, session)
    if receipt is not None and receipt.awaits_approval:
        return [Untrusted(infisical_run.awaiting(restart.command), 600)]
    if restart.command is None:
        return [Untrusted(restart.because, 600)]
    hand_over = _from_infisical(draft, session, restart.command, known, receipt)
    if hand_over is None:
        shown = [f"Now on the host:   {restart.command}", "(restart does not read the environment again)"]
        return [Untrusted(text, 600) for text in shown]
    return hand_over.lines


def notes(
    draft: Draft, session: Session, known: InfisicalFacts | None = None, receipt: Receipt[object] | None = None
) -> list[str]:
    """Return what would go wrong with the lines of ``infisical run``; nothing where another command is shown."""
    if not isinstance(draft.target, InfisicalTarget) or (receipt is not None and receipt.awaits_approval):
        return []  # the compose files are not read a second time for nothing
    hand_over = _from_infisical(draft, session, find(draft, session).command, known, receipt)
    return hand_over.notes if hand_over is not None else []


def _from_infisical(
    draft: Draft,
    session: Session,
    up: str | None,
    known: InfisicalFacts | None,
    receipt: Receipt[object] | None = None,
) -> infisical_run.HandOver | None:
    """Return the hand-over from Infisical, None where GlitchTip reads a file: the target, or a copy that is current."""
    target = draft.target
    if up is None or not isinstance(target, InfisicalTarget):
        return None
    has_copy = bool(target.env_copy) and session.path(target.env_copy).is_file()
    if has_copy and (receipt is None or receipt.complete):
        return None
    known = known or InfisicalFacts()
    return infisical_run.HandOver(target, known, up, _lacking(draft, session, known))


def _lacking(draft: Draft, session: Session, known: InfisicalFacts) -> tuple[str, ...]:
    """Return what compose needs and neither folder, `.env` nor this shell gives; nothing if the folder is not known."""
    if known.names is None:
        return ()
    try:
        reading = compose.read(draft, session)
    except compose.ComposeError:
        return ()
    missing = compose_variables.missing(reading.variables, {*known.names, *os.environ}) if reading is not None else ()
    return tuple(sorted(each.name for each in missing))
