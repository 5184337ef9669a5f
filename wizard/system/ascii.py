"""Text for terminals that know no more than ASCII."""

from __future__ import annotations

import locale
import os
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLE: Final = {
    "─": "-", "━": "=", "│": "|", "•": "*", "…": "…", "→": ">", "·": "|", "▔": "-", "╺": "-", "╸": "-",
    "●": "*", "◉": ">", "○": "o", "✗": "x",  # a step: done, here, to come, failed
    "✓": "+", "╭": "+", "╮": "+", "╰": "+", "╯": "+",  # right, and the corners of a panel
    "▁": "_", "▂": "_", "▃": "_", "▄": "_", "▅": "_", "▆": "_", "▇": "_",  # where a scroll bar's handle ends
    "▏": "|", "▎": ":", "▍": ":", "▌": "i", "▋": "l", "▊": "|", "▉": "#", "█": "#", "↑": "^", "↓": "v",
    "▼": "v", "▶": ">",
    "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " ", "├": "+",
    "└": "+", "┌": "+", "┐": "+", "┘": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "\u00d7": "x",
}  # fmt: skip
_CUT: Final = re.compile("[ -~]{0,2}…")
"""A cut, with what its three dots are put over where the width has to stay."""
_COERCED: Final = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python itself puts into LC_CTYPE where the locale is C (PEP 538)."""


def spelled(text: str, width: Callable[[str], int] | None = None) -> str:
    """Put ASCII in place of every other character; with *width* as much as that gives it columns."""
    if text.isascii():
        return text
    size = width or columns
    text = "".join(
        character if character.isascii() else _TABLE.get(character) or "?" * size(character) for character in text
    )
    return text.replace("…", "...") if width is None else _CUT.sub(lambda cut: "." * len(cut[0]), text)


def columns(character: str) -> int:
    """Return how many columns a terminal gives *character*."""
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def is_wanted() -> bool:
    """Whether only ASCII may be drawn: on the Linux console, and where the operator's locale is not UTF-8."""
    if os.environ.get("TERM") == "linux":
        return True
    name = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    if name in _COERCED and not os.environ.get("LC_ALL") and os.environ.get("LANG", "C") in {"", "C", "POSIX"}:
        return True
    if name in {"C", "POSIX"}:
        return True
    return locale.nl_langinfo(locale.CODESET).upper().replace("-", "") != "UTF8"
