"""How much the tests do: a lean share of it for every run, the whole for ``.ci/full``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

FULL: Final = bool(os.environ.get("FULL"))
"""Whether this is ``.ci/full``."""
_LEAN_SHARE: Final = 8
"""The lean run tries one in so many examples."""


def examples(whole: int) -> int:
    """Return how many examples hypothesis tries, of *whole* in ``.ci/full``."""
    return whole if FULL else max(20, whole // _LEAN_SHARE)


def rounds(whole: int, lean: int) -> int:
    """Return how many rounds a loop makes: *lean* of them, or the *whole* in ``.ci/full``."""
    return whole if FULL else lean


def one_in(share: int, cases: Iterable[Any]) -> list[Any]:
    """Return *cases* for ``parametrize``: one in *share* of them, and the others in ``.ci/full`` alone."""
    return [case if number % share == 0 else _in_full(case) for number, case in enumerate(cases)]


def each_once(first: Iterable[Any], second: Iterable[Any], share: int = 1) -> list[Any]:
    """Return every pair for ``parametrize``: each *first* with one *second* in turn; the rest in ``.ci/full`` alone.

    *share*: one in so many *first* alone.
    """
    seconds = list(second)
    return [
        (one, other) if number % share == 0 and number // share % len(seconds) == place else _in_full((one, other))
        for number, one in enumerate(first)
        for place, other in enumerate(seconds)
    ]


def _in_full(case: Any) -> Any:
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=pytest.mark.full)
