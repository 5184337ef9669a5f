"""The flows through the wizard, and the steps that lie on each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Flow(StrEnum):
    """What ``start`` offers to do."""

    SET_UP = "set_up"
    ROTATE = "rotate"
    TROUBLESHOOT = "troubleshoot"
    CHECK = "check"


STEP_KEYS: Final = (
    "start", "server", "credential", "sender", "target", "test_mail", "review", "done", "troubleshoot",
)  # fmt: skip
"""Every step, in the order in which reports show them; the journal refuses any other key."""

STEPS_OF: Final[dict[Flow, tuple[str, ...]]] = {
    Flow.SET_UP: ("start", "server", "credential", "sender", "target", "test_mail", "review", "done"),
    Flow.ROTATE: ("start", "credential", "review", "done"),
    Flow.TROUBLESHOOT: ("start", "troubleshoot"),
    Flow.CHECK: ("start",),
}
"""The steps of each flow in order (design.md section 6): the target is known before a mail is sent."""


def following(key: str, flow: Flow) -> str | None:
    """Return the key of the step after *key* on *flow*, None at the end."""
    later = STEP_KEYS[STEP_KEYS.index(key) + 1 :]
    return next((step for step in later if step in STEPS_OF[flow]), None)


def previous(key: str, flow: Flow) -> str | None:
    """Return the key of the step before *key* on *flow*, None at the start."""
    earlier = STEP_KEYS[: STEP_KEYS.index(key)]
    return next((step for step in reversed(earlier) if step in STEPS_OF[flow]), None)


def position(key: str, flow: Flow) -> tuple[int, int]:
    """Return the number of step *key* on *flow*, counted from 1, and how many there are."""
    keys = STEPS_OF[flow]
    return (keys.index(key) + 1 if key in keys else 1), len(keys)


class To(StrEnum):
    """Where a step leads."""

    NEXT = "next"
    BACK = "back"
    GOTO = "goto"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Move:
    """Where to go from a step."""

    to: To
    step: str | None = None
    """For GOTO: the step's key."""
    flow: Flow | None = None
    """From ``start``, and from a step that asked for what ``start`` lacked: the flow chosen."""
