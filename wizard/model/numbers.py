"""Numbers out of JSON that others wrote: Python reads more of them than a float holds, NaN and infinity included."""

from __future__ import annotations

import math


def as_float(value: object) -> float:
    """Return *value* as a float; 0 where it is not a number, not finite, or too large."""
    if not isinstance(value, int | float):
        return 0.0
    try:
        number = float(value)
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) else 0.0
