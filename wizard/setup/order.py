"""The steps by their keys, and what is wrong in several of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.flow import STEP_KEYS
from wizard.setup.steps import credential, done, review, sender, server, start, target, test_mail, troubleshoot

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Problem, Step

_MODULES: Final = (start, server, credential, sender, target, test_mail, review, done, troubleshoot)
STEPS: Final[dict[str, Step]] = {module.STEP.key: module.STEP for module in _MODULES}
"""In the order of ``STEP_KEYS``."""
if tuple(STEPS) != STEP_KEYS:
    raise AssertionError("the steps and their keys disagree")


def step(key: str) -> Step:
    """Return the step named *key*. Raises KeyError."""
    return STEPS[key]


def problems(state: FlowState, *keys: str) -> list[Problem]:
    """Return what is wrong in the steps named by *keys*."""
    return [problem for key in keys for problem in step(key).problems(state)]


def step_of(problem: Problem) -> str:
    """Return the key of the step that has the field of *problem*."""
    part = problem.field.partition(".")[0]
    return {"app": "sender", "domain": "sender"}.get(part, part)
