"""What the start finds in the directory it is run from: settings in force, docker-compose.yml, Infisical's file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard import env_facts, inputs
from wizard.draft import Credential, Draft, EnvTarget, InfisicalTarget
from wizard.foreign import Foreign
from wizard.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.walk import Walk


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
    """Return the draft with all that the file in force tells but the key; a sentence where it tells nothing."""
    told = _from_file(directory, draft)
    return told if isinstance(told, str) else _merged(draft, told.draft)


async def rotating(walk: Walk) -> tuple[Draft, Session] | str:
    """Return draft and session for a rotation: all that is in force, its key too, which a blank one keeps.

    Infisical is read once, and the login serves the writing later. A sentence says why nothing could be told.
    """
    draft, session = walk.draft, walk.session
    if isinstance(draft.target, InfisicalTarget):
        told = await _from_infisical(walk, draft.target)
    else:
        told = _from_file(session.directory, draft)
    if isinstance(told, str):
        return told
    walk.stored = told.key
    return _merged(draft, told.draft), replace(session, key=session.key or told.key)


def _from_file(directory: Path, draft: Draft) -> inputs.FromEnv | str:
    try:
        told = inputs.from_env_file(_env(directory, draft))
    except inputs.UsageError as error:
        if draft.server.host and draft.credential.username:
            return inputs.FromEnv(draft, None, None)
        return str(error)
    return told.problem or told


async def _from_infisical(walk: Walk, target: InfisicalTarget) -> inputs.FromEnv | str:
    from wizard import steps
    from wizard.targets import Refused

    wrong = steps.problems(walk.draft, walk.session, ("target",))
    if wrong:
        return " ".join(problem.sentence for problem in wrong)
    if walk.session.client_secret is None and walk.session.token is None:
        return "Infisical's client secret is missing: start again with --client-secret-fd N, or set it up anew."
    try:
        values = await walk.writer().read(inputs.SETTINGS)
    except Refused as error:
        return str(error)
    if values["EMAIL_URL"] is None:
        place = f"{target.environment}, {target.secret_path}"
        return f"Infisical holds no EMAIL_URL in {Foreign(place, 120)}: set it up from the beginning."
    told = inputs.from_settings({key: value.reveal() if value else None for key, value in values.items()}, target)
    if told.problem is None and values["EMAIL_USE_TLS"] is None:
        # It may stand in docker-compose.yml: what the answers tell of the same server still holds.
        server = replace(told.draft.server, tls=walk.draft.server.tls)
        told = replace(told, draft=replace(told.draft, server=server))
    return told.problem or told


def _merged(draft: Draft, told: Draft) -> Draft:
    return replace(
        draft,
        app=replace(draft.app, from_=told.app.from_ or draft.app.from_),
        server=told.server,
        credential=Credential(told.credential.username),
        target=draft.target or told.target,
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
