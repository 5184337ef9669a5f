"""Wrapping text so that what belongs together stays under itself."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from wizard.model.untrusted import Untrusted
from wizard.setup import report

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 4096
"""Characters of a line: a record to paste is shown whole."""
WIDTH: Final = 77
"""80 columns without a margin at each side and the scroll bar."""


def wrapped(lines: Iterable[str], *, width: int = WIDTH, hang: int = 0) -> list[str]:
    """Return *lines* at most *width* long; what is wrapped keeps the line's own indent, *hang* further in."""
    out: list[str] = []
    for told in lines:
        line = Untrusted(told, _LONGEST)
        text = line.lstrip(" ")
        indent = " " * (len(line) - len(text))
        further = " " * report.hang(line) or indent + " " * hang
        out += textwrap.wrap(
            line, width, subsequent_indent=further, break_on_hyphens=False, drop_whitespace=True,
            replace_whitespace=False, initial_indent="",
        ) or [""]  # fmt: skip
    return out
