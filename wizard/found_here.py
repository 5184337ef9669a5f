"""What the start finds in the directory it is run from: settings in force, docker-compose.yml, Infisical's file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard import env_facts, inputs
from wizard.draft import Credential, Draft, EnvTarget
from wizard.foreign import Foreign
from wizard.session import Session

if TYPE_CHECKING:
    from pathlib import Path


def lines(directory: Path, draft: Draft) -> list[str]:
    """Return a line for each thing found, ready to be shown."""
    found = []
    path = _env(directory, draft)
    if path.exists():
        found.append(f"  {Foreign(path.name, 30):<20} {'; '.join(env_facts.lines(path))}")
    found += _compose(directory, draft)
    if (directory / ".infisical.json").is_file():
        found.append(f"  {'.infisical.json':<20} Infisical's own project file")
    return found or ["  nothing yet: no .env, no docker-compose.yml"]


def _env(directory: Path, draft: Draft) -> Path:
    name = draft.target.path if isinstance(draft.target, EnvTarget) else ".env"
    return directory / name


def _compose(directory: Path, draft: Draft) -> list[str]:
    from wizard.targets import compose

    try:
        reading = compose.read(draft, Session(directory=directory))
    except compose.ComposeError as error:
        return [f"  {'docker-compose.yml':<20} {error}"]
    if reading is None:
        return []
    services = ", ".join(reading.services) or "no service of GlitchTip"
    return [f"  {Foreign(reading.file.name, 30):<20} services {Foreign(services, 120)}"]


def in_force(directory: Path, draft: Draft) -> Draft | str:
    """Return the draft with all that the settings in force tell but the key; a sentence where they tell nothing."""
    path = _env(directory, draft)
    try:
        told = inputs.from_env_file(path)
    except inputs.UsageError as error:
        return draft if draft.server.host and draft.credential.username else str(error)
    if told.problem is not None:
        return told.problem
    return replace(
        draft,
        app=replace(draft.app, from_=told.draft.app.from_ or draft.app.from_),
        server=told.draft.server,
        credential=Credential(told.draft.credential.username),
        target=draft.target or EnvTarget(path.name),
    )


def for_checking(session: Session, draft: Draft) -> tuple[Draft, Session]:
    """Return draft and session for checking what is in force; the draft's own where it tells a server."""
    if draft.server.host:
        return draft, session
    try:
        told = inputs.from_env_file(_env(session.directory, draft))
    except inputs.UsageError:
        return draft, session
    return told.draft, replace(session, key=told.key or session.key)
