"""What each step was answered with, in a few characters: for the list of steps at the side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.finding import Verdict
from wizard.setup.fields import IMPOSSIBLE_PORT
from wizard.setup.flow import ARRIVED, IN_SPAM, SEEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.setup.flow import FlowState


def answer(state: FlowState, key: str) -> str:
    """Return the answer of step *key*, or how much there is to fix; empty where there is neither."""
    failing = sum(one.verdict is Verdict.FAIL for one in state.findings(key))
    if failing:
        return f"{failing} to fix"
    short = _ANSWERS.get(key)
    return short(state) if short is not None else ""


def _server(state: FlowState) -> str:
    server = state.draft.server
    known = server.host and server.port not in {None, IMPOSSIBLE_PORT}
    return f"{server.host}:{server.port}" if known else server.host


def _target(state: FlowState) -> str:
    target = state.draft.target
    if isinstance(target, EnvTarget):
        return target.path
    return f"Infisical {target.secret_path}" if isinstance(target, InfisicalTarget) else ""


def _mail(state: FlowState) -> str:
    if state.confirmed & {ARRIVED, SEEN}:
        return "arrived"
    if IN_SPAM in state.confirmed:
        return "in spam"
    mail = state.draft.test_mail
    return mail.recipient if mail is not None else ""


_ANSWERS: Final[dict[str, Callable[[FlowState], str]]] = {
    "server": _server,
    "credential": lambda state: state.draft.credential.username,
    "sender": lambda state: state.draft.domain_name,
    "target": _target,
    "test_mail": _mail,
}
