"""What the start finds in the directory it is run from: settings in force, docker-compose.yml, Infisical's file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model import infisical
from wizard.model.draft import Credential, Draft, EnvTarget, InfisicalTarget
from wizard.model.errors import UsageError
from wizard.model.session import Session
from wizard.model.untrusted import Untrusted
from wizard.setup import existing
from wizard.targets.env_file import facts as env_facts
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.setup.flow import FlowState


def lines(directory: Path, draft: Draft) -> list[str]:
    """Return a line for each thing found, ready to be shown."""
    found = []
    path = _env(directory, draft)
    if path.exists():
        found.append(f"  {Untrusted(path.name, 30):<20} {'; '.join(env_facts.lines(path))}")
    found += _compose(directory, draft)
    found += _conventions(directory)
    return found or ["  nothing yet: no .env, no docker-compose.yml"]


def _env(directory: Path, draft: Draft) -> Path:
    name = draft.target.path if isinstance(draft.target, EnvTarget) else ".env"
    return directory / name


def _compose(directory: Path, draft: Draft) -> list[str]:
    from wizard.glitchtip import compose

    try:
        reading = compose.read(draft, Session(directory=directory))
    except compose.ComposeError as error:
        return [f"  {'docker-compose.yml':<20} {error}"]
    if reading is None:
        return []
    services = ", ".join(reading.services) or "no service of GlitchTip"
    return [f"  {Untrusted(reading.file.name, 30):<20} services {Untrusted(services, 120)}"]


def _conventions(directory: Path) -> list[str]:
    """Return what the official CLI's conventions tell of an Infisical; it only prefills what is asked later."""
    told = cli_settings.found(directory)
    name = cli_settings.NAME
    file = [line.removeprefix(name).lstrip(": ") for line in told.said if line.startswith(name)]
    if told.domain_from_file:
        file.append("you are asked about that domain before anything is sent there")
    if told.above:
        file.insert(0, f"in {told.above}")
    # Of a variable its name will do, but where the client secret would go is shown.
    variables = [
        line.partition(" ")[0] if line.startswith(infisical.DOMAINS) else line.partition("=")[0]
        for line in told.said
        if line.startswith("INFISICAL_")
    ]
    variables = [word.removesuffix(" of the environment is set") for word in variables]
    found = [f"  {name:<20} {', '.join(file)}"] if file else []
    return [*found, *([f"  {'environment':<20} {', '.join(variables)}"] if variables else [])]


def in_force(directory: Path, draft: Draft) -> Draft | str:
    """Return the draft with all that the file in force tells but the key; a sentence where it tells nothing."""
    told = _from_file(directory, draft)
    return told if isinstance(told, str) else _merged(draft, told.draft)


def asks_for_place(flow: FlowState) -> bool:
    """Whether a rotation has to ask first where the settings in force are, or for the client secret."""
    from wizard.setup import order

    draft, session = flow.draft, flow.session
    if isinstance(draft.target, InfisicalTarget):
        return bool(order.problems(draft, session, ("target",))) or not (session.client_secret or session.token)
    # Without a set-up in the file, what the official CLI's conventions tell is the next best guess.
    return isinstance(_from_file(session.directory, draft), str) and cli_settings.found(session.directory).anything


async def with_kept_secret(flow: FlowState) -> str:
    """Take the client secret from the keyring where an earlier run kept it there and this one has none; say so."""
    from wizard.state import client_secret

    target, session = flow.draft.target, flow.session
    if not isinstance(target, InfisicalTarget) or session.client_secret or session.token:
        return ""
    told = await client_secret.recall(target, flow.journal)
    flow.session = replace(session, client_secret=told.secret)
    return told.said


async def rotating(flow: FlowState) -> tuple[Draft, Session] | str:
    """Return draft and session for a rotation: all that is in force, its key too, which a blank one keeps.

    Infisical is read once, and the login serves the writing later. A sentence says why nothing could be told.
    """
    draft, session = flow.draft, flow.session
    if isinstance(draft.target, InfisicalTarget):
        told = await _from_infisical(flow, draft.target)
    else:
        told = _from_file(session.directory, draft)
    if isinstance(told, str):
        return told
    flow.stored = told.key
    return _merged(draft, told.draft), replace(session, key=session.key or told.key)


def _from_file(directory: Path, draft: Draft) -> existing.FromEnv | str:
    try:
        told = existing.from_env_file(_env(directory, draft))
    except UsageError as error:
        if draft.server.host and draft.credential.username:
            return existing.FromEnv(draft, None, None)
        return str(error)
    return told.problem or told


async def _from_infisical(flow: FlowState, target: InfisicalTarget) -> existing.FromEnv | str:
    from wizard.setup import order
    from wizard.targets import Refused

    wrong = order.problems(flow.draft, flow.session, ("target",))
    if wrong:
        return " ".join(problem.sentence for problem in wrong)
    if flow.session.client_secret is None and flow.session.token is None:
        return "Infisical's client secret is missing."
    try:
        values = await flow.writer().read(existing.SETTINGS)
    except Refused as error:
        return str(error)
    if values["EMAIL_URL"].value is None:
        place = f"{target.environment}, {target.secret_path}"
        return f"Infisical holds no EMAIL_URL in {Untrusted(place, 120)}: set it up from the beginning."
    plain = {key: one.value.reveal() if one.value else None for key, one in values.items()}
    told = existing.from_settings(plain, target)
    if told.problem is None and plain["EMAIL_USE_TLS"] is None and told.draft.server.tls == "none":
        # It may stand in docker-compose.yml: what the answers tell of the same server still holds.
        server = replace(told.draft.server, tls=flow.draft.server.tls)
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
        told = existing.from_env_file(_env(session.directory, draft))
    except UsageError:
        return draft, session
    return told.draft, replace(session, key=told.key or session.key)
