"""The flows through the wizard, and the keys of its steps."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Flow(StrEnum):
    """The ways through the wizard that ``start`` offers."""

    SET_UP = "set_up"
    ROTATE = "rotate"
    TROUBLESHOOT = "troubleshoot"
    CHECK = "check"


STEP_KEYS: Final = (
    "start", "server", "credential", "sender", "test_mail", "target", "review", "done", "troubleshoot",
)  # fmt: skip
"""The steps in the order in which they are gone through; the journal refuses any other key."""
