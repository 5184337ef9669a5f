"""What GlitchTip reads now, for a rotation and for checks without a draft; a rotation begins by proving the old key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.model.draft import Credential, Draft, EnvTarget, InfisicalTarget
from wizard.model.errors import UsageError
from wizard.model.finding import KEY_UNKNOWN, Verdict
from wizard.model.flow import Flow, Move, To
from wizard.model.untrusted import Untrusted
from wizard.setup import existing, place
from wizard.setup.step import Result
from wizard.state import client_secret, kept_proofs, known_values
from wizard.targets import Refused
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.session import Session
    from wizard.setup.flow import FlowState

_START: Final = "start"


def fill_known(state: FlowState) -> None:
    """Fill what the draft lacks of Postal's values from what an earlier set-up has kept for its target."""
    state.draft, state.session = known_values.completed(state.draft, state.session, state.journal.home)


def asks_for_place(state: FlowState) -> bool:
    """Whether a rotation has to ask first where the settings are, or for the client secret."""
    draft, session = state.draft, state.session
    if isinstance(draft.target, InfisicalTarget):
        return bool(place.problems(state)) or not (session.client_secret or session.token)
    # Without a set-up in the file, what the official CLI's settings say is the next best guess.
    return isinstance(_from_file(session.directory, draft), str) and cli_settings.discover(session.directory).anything


async def with_kept_secret(state: FlowState) -> str:
    """Take the client secret from the keyring where an earlier run kept it there and this one has none; say so."""
    folder, session = state.draft.target, state.session
    if not isinstance(folder, InfisicalTarget) or session.client_secret or session.token:
        return ""
    recalled = await client_secret.recall(folder, state.journal)
    state.session = replace(session, client_secret=recalled.secret)
    return recalled.message


async def rotating(state: FlowState) -> tuple[Draft, Session] | str:
    """Return draft and session for a rotation, and keep the present key as ``stored``; the new one is still to come.

    Infisical is read once, and the login serves the writing later. A sentence says why nothing could be read.
    """
    draft, session = state.draft, state.session
    if isinstance(draft.target, InfisicalTarget):
        read = await _from_infisical(state, draft.target)
    else:
        read = _from_file(session.directory, draft)
    if isinstance(read, str):
        return read
    state.stored = read.key
    return _merged(draft, read.draft), session


def _from_file(directory: Path, draft: Draft) -> existing.FromEnv | str:
    try:
        told = existing.from_env_file(env_path(directory, draft))
    except UsageError as error:
        if draft.server.host and draft.credential.username:
            return existing.FromEnv(draft, None, None)
        return str(error)
    return told.problem or told


async def _from_infisical(state: FlowState, folder: InfisicalTarget) -> existing.FromEnv | str:
    wrong = place.problems(state)
    if wrong:
        return " ".join(problem.sentence for problem in wrong)
    if state.session.client_secret is None and state.session.token is None:
        return "Infisical's client secret is missing."
    try:
        values = await state.writer().read(existing.SETTINGS)
    except Refused as error:
        return str(error)
    if values["EMAIL_URL"].value is None:
        where = f"{folder.environment}, {folder.secret_path}"
        return f"Infisical holds no EMAIL_URL in {Untrusted(where, 120)}: set it up from the beginning."
    plain = {key: one.value.reveal() if one.value else None for key, one in values.items()}
    read = existing.from_settings(plain, folder)
    if read.problem is None and plain["EMAIL_USE_TLS"] is None and read.draft.server.tls == "none":
        # It may be in docker-compose.yml: what the answers say of the same server still holds.
        server = replace(read.draft.server, tls=state.draft.server.tls)
        read = replace(read, draft=replace(read.draft, server=server))
    return read.problem or read


def _merged(draft: Draft, told: Draft) -> Draft:
    return replace(
        draft,
        app=replace(draft.app, from_=told.app.from_ or draft.app.from_),
        server=told.server,
        credential=Credential(told.credential.username),
        target=draft.target or told.target,
    )


def for_checking(session: Session, draft: Draft) -> tuple[Draft, Session]:
    """Return draft and session for checking the present settings; the draft's own where it names a server."""
    if draft.server.host:
        return draft, session
    try:
        told = existing.from_env_file(env_path(session.directory, draft))
    except UsageError:
        return draft, session
    return told.draft, replace(session, key=told.key or session.key)


async def begin(state: FlowState) -> Result:
    """Read the present settings, prove the old key once, and continue with the new one."""
    read = await rotating(state)
    if isinstance(read, str):
        sentence = f"There is nothing to rotate: {read}"
        if isinstance(state.draft.target, InfisicalTarget) and state.key == _START:
            return ask_for_place(state, sentence)
        return Result(sentences=(sentence,))
    state.draft, state.session = read
    fill_known(state)
    state.kept_proofs = kept_proofs.recall(state.journal)
    state.message = await _judge_old_key(state)
    return Result(move=Move(To.GOTO, "credential", Flow.ROTATE))


async def _judge_old_key(state: FlowState) -> str:
    """Log in once with the key that GlitchTip has; return what to say where Postal refuses it."""
    from wizard.checks.smtp import run as smtp  # start-up: 80 ms

    state.old_key_refused = ""
    if state.stored is None:
        return ""
    findings = await smtp.check(replace(state.draft, test_mail=None), replace(state.session, key=state.stored))
    auth = next((one for one in findings if one.check == "auth" and one.verdict is Verdict.FAIL), None)
    if auth is None:
        return ""
    if auth.code not in KEY_UNKNOWN:
        return f"GlitchTip's present login fails, and its mail with it: {auth.summary}"
    state.old_key_refused = auth.summary
    return "Postal refuses the key that GlitchTip has: its mail is down until the new key runs."


def ask_for_place(state: FlowState, sentence: str) -> Result:
    """Let the target's own step ask where the settings are; *sentence*: what was wrong with what is known."""
    state.message = sentence
    if not isinstance(state.draft.target, InfisicalTarget):
        state.draft = replace(state.draft, target=InfisicalTarget())
    return Result(move=Move(To.GOTO, place.KEY, Flow.ROTATE))


def env_path(directory: Path, draft: Draft) -> Path:
    """Return the path of the `.env` of *draft*."""
    name = draft.target.path if isinstance(draft.target, EnvTarget) else ".env"
    return directory / name
