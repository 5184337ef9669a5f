"""Drawing with ASCII alone, where the terminal's locale or console has nothing else."""

from __future__ import annotations

import locale
import os
from typing import TYPE_CHECKING, Final

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_TABLE: Final = {
    "─": "-", "━": "=", "│": "|", "•": "*", "…": "~", "→": ">", "·": "|", "●": "o", "▔": "-", "╺": "-", "╸": "-",
    "▁": "_", "▏": ".", "▎": ":", "▍": ":", "▌": "i", "▋": "l", "▊": "|", "▉": "#", "█": "#", "↑": "^", "↓": "v",
    "▼": "v", "▶": ">",
    "\u2013": "-", "\u2014": "-", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " ", "├": "+",
    "└": "+", "┌": "+", "┐": "+", "┘": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "\u00d7": "x",
}  # fmt: skip
_COERCED: Final = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python itself puts into LC_CTYPE where the locale is C (PEP 538)."""


class Ascii(LineFilter):
    """Puts an ASCII character of the same width in place of every other."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # the filter's interface
        """Translate every segment."""
        return [
            Segment(text if text.isascii() else "".join(map(_ascii, text)), style, control)
            for text, style, control in segments
        ]


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    return _TABLE.get(character) or "?" * get_character_cell_size(character)


def wanted() -> bool:
    """Whether only ASCII may be drawn: on the Linux console, and where the operator's locale is no UTF-8 one."""
    if os.environ.get("TERM") == "linux":
        return True
    told = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    if told in _COERCED and not os.environ.get("LC_ALL") and os.environ.get("LANG", "C") in {"", "C", "POSIX"}:
        return True
    if told in {"C", "POSIX"}:
        return True
    return locale.nl_langinfo(locale.CODESET).upper().replace("-", "") != "UTF8"
