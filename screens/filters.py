"""The last line of defence before the terminal: nothing it would act on, and ASCII alone where it knows no more."""

from __future__ import annotations

import locale
import os
import unicodedata
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


_INERT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class Inert(LineFilter):
    """Puts ``?`` in place of what a terminal would act on or hide.

    Text from outside comes through ``Foreign``; this holds for what an operator pastes into a field, and for mistakes.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # the filter's interface
        """Translate every segment."""
        return [
            Segment(text if control or text.isprintable() else "".join(map(_inert, text)), style, control)
            for text, style, control in segments
        ]


def _inert(character: str) -> str:
    if unicodedata.category(character) not in _INERT:
        return character
    return "?" * get_character_cell_size(character)


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


def ascii_is_wanted() -> bool:
    """Whether only ASCII may be drawn: on the Linux console, and where the operator's locale is no UTF-8 one."""
    if os.environ.get("TERM") == "linux":
        return True
    told = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "C"
    if told in _COERCED and not os.environ.get("LC_ALL") and os.environ.get("LANG", "C") in {"", "C", "POSIX"}:
        return True
    if told in {"C", "POSIX"}:
        return True
    return locale.nl_langinfo(locale.CODESET).upper().replace("-", "") != "UTF8"
