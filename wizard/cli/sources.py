"""Where a command takes its set-up from: an answers file, a `.env` or Infisical, with the secrets of this run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.cli.inputs import CLIENT_SECRET, secret_from_descriptor
from wizard.model import answers, infisical
from wizard.model.draft import Draft, EnvTarget, InfisicalTarget
from wizard.model.errors import UsageError
from wizard.model.resolver import parse_resolver
from wizard.model.secret import MASK
from wizard.model.session import Session
from wizard.setup import existing, order
from wizard.setup.flow import FlowState
from wizard.state import answers_file, known_values, strays
from wizard.state.journal import Journal
from wizard.system import files
from wizard.system.environment import secret_from_environment
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from wizard.cli.options import Options
    from wizard.model.secret import Secret
    from wizard.system.output import Out

_FOR_THE_ROLL_BACK = frozenset({"target.client_secret", "target.client_id"})
"""What the keyring may still have."""


def read(options: Options, out: Out) -> tuple[Draft, Session, str | None]:
    """Return draft and session of *options*, and why an EMAIL_URL could not be read, None where it could.

    Raises UsageError and AnswersError.
    """
    if options.answers is not None:
        return (*_from_answers(options, Path(options.answers), out), None)
    path = Path(options.env_file or ".env")
    found = existing.from_env_file(path)
    own = session(options, path.parent, out)
    if own.key is None:
        own = replace(own, key=found.key)
    return (*known_values.completed(found.draft, own), found.problem)


def _from_answers(options: Options, path: Path, out: Out) -> tuple[Draft, Session]:
    with files.once():
        draft, own = _completed(answers_file.load(path), path, out), session(options, path.parent, out)
    rolls_back = options.command == "rollback"
    absent = answers.missing(draft, for_apply=False)
    if absent and not rolls_back:
        raise answers.AnswersError(" ".join(absent))
    # What is put back has its own server and From; the answers name the place alone.
    refuse_problems(draft, own, ("target",) if rolls_back else ("server", "sender", "test_mail"))
    return (draft, own) if rolls_back else known_values.completed(draft, own)


def _completed(draft: Draft, path: Path, out: Out) -> Draft:
    """Fill what an Infisical target in the file at *path* lacks from the official CLI's variables, and say so."""
    if not isinstance(draft.target, InfisicalTarget):
        return draft

    folder_told = "secret_path" in answers_file.text(path)
    target, sentences = cli_settings.completed(draft.target, folder_told=folder_told)
    out.say(*sentences)
    return replace(draft, target=target)


def refuse_problems(draft: Draft, own: Session, keys: tuple[str, ...]) -> None:
    """Raise AnswersError for what is wrong in the steps named by *keys*; a secret that is missing is said elsewhere."""
    state = FlowState(draft, own, Journal.beside(own.directory))
    wrong = [problem for problem in order.problems(state, *keys) if problem.field not in _FOR_THE_ROLL_BACK]
    if wrong:
        raise answers.AnswersError("\n".join(f"{problem.field}: {problem.sentence}" for problem in wrong))


def new_flow(options: Options, out: Out) -> FlowState:
    """Return the state of a wizard that was started here. Raises UsageError and AnswersError."""
    if options.answers is not None:
        path = Path(options.answers)
        draft, directory = answers_file.load(path), path.parent
    else:
        path = Path(options.env_file or ".env")
        draft, directory = Draft(target=EnvTarget(path.name)), path.parent
    own = session(options, directory, out)
    return FlowState(draft, own, journal(draft, own))


def journal(draft: Draft, own: Session) -> Journal:
    """Return the journal of this directory, with what killed runs left removed."""
    entry = Journal.beside(own.directory)
    strays.sweep(entry.home, own.path(draft.target.path) if isinstance(draft.target, EnvTarget) else None)
    return entry


def session(options: Options, directory: Path, out: Out) -> Session:
    """Return the secrets and network settings of *options*. Raises UsageError."""
    if not 1 <= options.authoritative_port <= 65535:
        raise UsageError("--authoritative-port must be a number from 1 to 65535.")
    key = _from_descriptor(options.password_fd, "--password-fd", "key")
    api_key = _from_descriptor(options.postal_api_key_fd, "--postal-api-key-fd", "API key")
    client_secret = _from_descriptor(options.client_secret_fd, "--client-secret-fd", CLIENT_SECRET)
    token = None
    if client_secret is None:
        client_secret = _from_environment((infisical.CLIENT_SECRET,), out)
    if client_secret is None:
        token = _from_environment(infisical.TOKENS, out)
    return Session(
        directory=directory.absolute(),
        key=key,
        client_secret=client_secret,
        token=token,
        resolver=parse_resolver(options.resolver) if options.resolver is not None else None,
        authoritative_port=options.authoritative_port,
        api_key=api_key,
    )


def _from_descriptor(number: int | None, flag: str, what: str) -> Secret | None:
    return None if number is None else secret_from_descriptor(number, flag, what)


def _from_environment(names: tuple[str, ...], out: Out) -> Secret | None:
    found = secret_from_environment(*names)
    if found is None:
        return None
    name, secret = found
    out.say(f"{name} of the environment is used: {MASK}")
    return secret
