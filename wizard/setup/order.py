"""The steps as data: which there are, which part of the draft each fills, when it applies and what is still wrong.

Every front end walks by these, so the screens and the line prompts cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.model import validation
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.flow import Flow

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, in a sentence that says what to do."""

    field: str
    """The answer's key, such as ``server.host``; the field on the screen has the same name."""
    sentence: str


Judge: TypeAlias = Callable[["Draft", "Session"], list[Problem]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a screen, a round of prompts, a section of the answers file."""

    key: str
    title: str
    part: str | None
    """The part of the draft it fills; None where it fills none."""
    kinds: frozenset[Flow]
    """The ways it lies on."""
    problems: Judge

    def applies(self, kind: Flow) -> bool:
        """Whether the step lies on *way*."""
        return kind in self.kinds


def _found(**judged: str | None) -> list[Problem]:
    """Turn ``server__host=sentence or None`` into problems."""
    return [Problem(key.replace("__", "."), sentence) for key, sentence in judged.items() if sentence]


def _nothing(_draft: Draft, _session: Session) -> list[Problem]:
    return []


def _server(draft: Draft, _session: Session) -> list[Problem]:
    return _found(
        server__host=validation.problem_with_host(draft.server.host),
        server__port=validation.problem_with_port(draft.server.port),
    )


def _credential(draft: Draft, session: Session) -> list[Problem]:
    return _found(
        credential__username=validation.problem_with_username(draft.credential.username),
        credential__key=validation.problem_with_key(session.key.reveal() if session.key is not None else ""),
    )


def _sender(draft: Draft, _session: Session) -> list[Problem]:
    from wizard.model import addresses

    domain = draft.domain
    return _found(
        app__from=addresses.problem_with_sender(draft.app.from_),
        domain__name=validation.problem_with_domain(domain.name) if domain.name else None,
        domain__spf_include=_optional(domain.spf_include, "The SPF include"),
        domain__return_path=_optional(domain.return_path, "The return path"),
        domain__return_path_target=_optional(domain.return_path_target, "The return path's target"),
        domain__sending_ips=validation.problem_with_ips(domain.sending_ips),
        domain__helo=_optional(domain.helo, "The HELO name"),
        domain__mx=next((problem for host in domain.mx if (problem := _optional(host, "Each MX host"))), None),
    )


def _optional(name: str, what: str) -> str | None:
    return validation.problem_with_domain(name, what) if name else None


def _test_mail(draft: Draft, _session: Session) -> list[Problem]:
    from wizard.model import addresses

    # No recipient means that no test mail is wanted.
    if draft.test_mail is None or not draft.test_mail.recipient:
        return []
    return _found(test_mail__recipient=addresses.problem_with_address(draft.test_mail.recipient))


def _target(draft: Draft, session: Session) -> list[Problem]:
    target = draft.target
    if target is None:
        return _found(target__kind="Choose where GlitchTip reads its settings from.")
    if isinstance(target, EnvTarget):
        return _found(target__path=None if target.path.strip() else "The path of the .env file is missing.")
    return _infisical(target, session)


def _infisical(target: InfisicalTarget, session: Session) -> list[Problem]:
    from wizard.targets.infisical import location as infisical_location

    return _found(
        target__url=infisical_location.problem_with_url(target.url, allow_http=target.allow_http or session.rehearsal),
        target__project=None if target.project else "The project is missing: its slug or its id.",
        target__environment=None if target.environment else "The environment is missing: its slug, such as prod.",
        target__secret_path=infisical_location.problem_with_path(target.secret_path),
        target__client_id=None
        if target.client_id or session.token
        else "The client id is missing: Identity, Authentication, Universal Auth.",
    )


_ALL: Final = frozenset(Flow)
_WRITING: Final = frozenset({Flow.SET_UP, Flow.ROTATE})
_SET_UP: Final = frozenset({Flow.SET_UP})

STEPS: Final[tuple[Step, ...]] = (
    Step("start", "Start", None, _ALL, _nothing),
    Step("server", "Server", "server", _SET_UP, _server),
    Step("credential", "Credential", "credential", _WRITING, _credential),
    Step("sender", "Sender", "domain", _SET_UP, _sender),
    Step("test_mail", "Test mail", "test_mail", _SET_UP, _test_mail),
    Step("target", "Target", "target", _SET_UP, _target),
    Step("review", "Review", None, _WRITING, _nothing),
    Step("done", "Done", None, _WRITING, _nothing),
    Step("troubleshoot", "Troubleshoot", None, frozenset({Flow.TROUBLESHOOT}), _nothing),
)
"""In the order they are walked."""

_BY_KEY: Final = {step.key: step for step in STEPS}


def step(key: str) -> Step:
    """Return the step named *key*. Raises KeyError."""
    return _BY_KEY[key]


def steps_of(kind: Flow) -> list[Step]:
    """Return the steps of *way* in order."""
    return [step for step in STEPS if step.applies(kind)]


def following(key: str, kind: Flow) -> Step | None:
    """Return the step after *key* on *way*, None at the end."""
    index = [step.key for step in STEPS].index(key)
    return next((step for step in STEPS[index + 1 :] if step.applies(kind)), None)


def previous(key: str, kind: Flow) -> Step | None:
    """Return the step before *key* on *way*, None at the start."""
    index = [step.key for step in STEPS].index(key)
    return next((step for step in reversed(STEPS[:index]) if step.applies(kind)), None)


def place(key: str, kind: Flow) -> tuple[int, int]:
    """Return the number of step *key* on *way*, counted from 1, and how many there are."""
    keys = [step.key for step in steps_of(kind)]
    return (keys.index(key) + 1 if key in keys else 1), len(keys)


def problems(draft: Draft, session: Session, keys: tuple[str, ...]) -> list[Problem]:
    """Return what is wrong in the steps named by *keys*."""
    return [problem for key in keys for problem in step(key).problems(draft, session)]
