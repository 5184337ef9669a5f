"""The steps by their keys, and what is wrong in several of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from wizard.model.flow import STEP_KEYS
from wizard.setup.pretending import with_world

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Problem, Step


def step(key: str) -> Step:
    """Return the step named *key*. Raises KeyError.

    Its module is loaded when it is first asked for: all nine at once take as long as Textual itself.
    """
    if key not in STEP_KEYS:
        raise KeyError(key)
    found: Step = import_module(f"wizard.setup.steps.{key}").STEP
    return with_world(found)


def problems(state: FlowState, *keys: str) -> list[Problem]:
    """Return what is wrong in the steps named by *keys*."""
    return [problem for key in keys for problem in step(key).problems(state)]
