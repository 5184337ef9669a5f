"""The exit codes of the contract. ``cli.py`` alone ends the process with one."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from wizard.model.finding import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.finding import Finding


class Exit(IntEnum):
    """What monitoring and scripts rely on."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNKNOWN = 3
    UNWRITTEN = 4
    NO_TERMINAL = 5
    LEFT = 10
    INTERNAL = 70


def of_findings(findings: Iterable[Finding]) -> Exit:
    """Return 1 where something fails, 3 where something is unknown and nothing fails, else 0."""
    verdict = worst(findings)
    if verdict is Verdict.FAIL:
        return Exit.FAILED
    return Exit.UNKNOWN if verdict is Verdict.UNKNOWN else Exit.DONE
