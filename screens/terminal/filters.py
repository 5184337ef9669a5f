"""The last line of defence before the terminal: nothing it would act on, and ASCII alone where it knows no more."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.filter import LineFilter

from wizard.system import ascii as ascii_only

if TYPE_CHECKING:
    from textual.color import Color

_INERT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class Inert(LineFilter):
    """Puts ``?`` in place of what a terminal would act on or hide.

    Text from outside comes through ``Untrusted``; this holds for what is pasted into a field, and for mistakes.
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
            Segment(ascii_only.spelled(text, get_character_cell_size), style, control)
            for text, style, control in segments
        ]
