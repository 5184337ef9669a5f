"""One thing that is wrong with an EMAIL_URL, or may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Severity: TypeAlias = Literal["fail", "warn"]
"""``fail``: GlitchTip would not start, or would read it wrongly."""

SHAPE: Final = "smtp://USER:KEY@HOST:PORT"
"""The one form that both readers understand alike."""
ENCODE: Final = "Encode user name and key: postal-wizard url encode does it."


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or may be. It never contains the key."""

    severity: Severity
    sentence: str
    remedy: str


def fail(sentence: str, remedy: str) -> Problem:
    """Return what GlitchTip fails with or reads wrongly."""
    return Problem("fail", sentence, remedy)


def warn(sentence: str, remedy: str) -> Problem:
    """Return what GlitchTip reads as it is written, and what is odd all the same."""
    return Problem("warn", sentence, remedy)
