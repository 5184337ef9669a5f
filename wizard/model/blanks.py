"""Long runs of blanks, cut for a reader that takes quadratic time for them."""

from __future__ import annotations

import re
from typing import Final

MAX_RUN: Final = 100
"""Blanks left in a row; no setting means more."""
_LONG_RUN: Final = re.compile(rf"[^\S\r\n]{{{MAX_RUN + 1},}}")


def cut_blanks(text: str) -> str:
    r"""Return *text* with at most ``MAX_RUN`` blanks in a row.

    python-dotenv looks for ``\s+#`` in each value (parser.py): a line of 60,000 blanks froze the program for 19 s,
    signals and keys included.
    """
    return _LONG_RUN.sub(lambda run: run[0][:MAX_RUN], text)
