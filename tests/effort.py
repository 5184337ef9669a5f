"""How much the tests do: a lean share of it for every run, the whole for ``.ci/full``."""

from __future__ import annotations

import os
from typing import Final

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
