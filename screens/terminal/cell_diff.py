"""What the terminal shows, cell by cell, so that only what differs is sent.

Textual repaints whole widgets, and a layout three times over; over a slow line that is what an operator waits for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import get_character_cell_size

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H|\x1b\[(?P<style>[\d;]*)m|(?P<line>\r?\n)|(?P<text>[^\x00-\x1f\x7f]+)"
)
_DRAWING: Final = re.compile(r"(?:\x1b\[[\d;]*[Hm]|\r?\n|[^\x00-\x1f\x7f])+")
_MODES: Final = re.compile(r"(?:\x1b\[[?<>=]?[\d;]*\$?[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07)*")
"""Sequences that move nothing on the screen: modes, queries, the clipboard, the bell."""
_POINTER: Final = re.compile(r"\x1b\]22;[^\x07\x1b]*(?:\x07|\x1b\\)")
"""The shape of the mouse pointer: thirteen bytes at every screen that nobody would miss."""
_ALTERNATE: Final = "\x1b[?1049h"
_ERASE: Final = "\x1b[2J"
"""Not every terminal has an alternate screen: there the one that it has must be blank too."""
_WORTH_ERASING: Final = 8
_WORTH_SKIPPING: Final = 5

Cell = tuple[str, str]
"""A character with what combines with it, and its attributes as SGR parameters; empty text behind a wide character."""
_BLANK: Final[Cell] = (" ", "")


@dataclass(slots=True)
class Glass:
    """The screen as the terminal has it. ``None`` in place of a cell: nobody knows what is there."""

    columns: int = 0
    rows: int = 0
    _cells: list[list[Cell | None]] = field(default_factory=list)
    _at: tuple[int, int] | None = None
    """Where the terminal's cursor is."""

    def forget(self, columns: int, rows: int, *, blank: bool = False) -> None:
        """Start again: after a change of size nothing is known, on a fresh alternate screen all is blank."""
        self.columns, self.rows = columns, rows
        self._cells = [[_BLANK if blank else None] * columns for _ in range(rows)]
        self._at = None

    def sent(self, data: str) -> str:
        """Return what has to be sent for *data* to have its effect."""
        data = _POINTER.sub("", data)
        if not _DRAWING.fullmatch(data):
            if _ALTERNATE in data:
                self.forget(self.columns, self.rows, blank=True)
                return data.replace(_ALTERNATE, _ALTERNATE + _ERASE)
            if not _MODES.fullmatch(data):
                self.forget(self.columns, self.rows)
            return data
        wanted, end = self._drawn(data)
        out: list[str] = []
        for row in sorted(wanted):
            out += self._row(row, wanted[row])
        if end is not None and end != self._at:
            out.append(f"\x1b[{end[0] + 1};{end[1] + 1}H")
            self._at = end
        return "".join(out)

    def _drawn(self, data: str) -> tuple[dict[int, list[Cell | None]], tuple[int, int] | None]:
        """Return the rows that *data* draws on, as they should be, and where it leaves the cursor."""
        rows: dict[int, list[Cell | None]] = {}
        row, column, style, told = self._at[0] if self._at else 0, self._at[1] if self._at else 0, "", False
        for match in _TOKEN.finditer(data):
            kind = match.lastgroup
            told = kind in {"column", "line"}
            if kind == "column":
                row, column = int(match["row"]) - 1, int(match["column"]) - 1
            elif kind == "line":
                row, column = row + 1, 0
            elif kind == "style":
                style = _plain(match["style"])
            elif 0 <= row < self.rows:
                line = rows.setdefault(row, self._cells[row].copy())
                column = _put(line, column, match["text"], style)
        return rows, (row, column) if told and row < self.rows and column < self.columns else None

    def _row(self, y: int, line: list[Cell | None]) -> Iterator[str]:
        """Yield what turns row *y* into *line*."""
        old, self._cells[y] = self._cells[y], line
        if old == line:
            return
        # Terminals differ about the width of what is not one cell wide: such a row is drawn whole.
        whole = any(cell is not None and len(cell[0]) != 1 for cell in (*old, *line))
        pen, x = "", 0
        while x < self.columns:
            cell = line[x]
            if cell is None or (not whole and cell == old[x]):
                x += 1
                continue
            yield from self._move(y, x)
            if cell == _BLANK and not whole:
                blanks = _run(line, x)
                if x + blanks == self.columns and blanks > 3:
                    yield ("\x1b[m" if pen else "") + "\x1b[K"
                    return
                if blanks >= _WORTH_ERASING:
                    yield ("\x1b[m" if pen else "") + f"\x1b[{blanks}X"
                    pen, x = "", x + blanks
                    continue
            if cell[1] != pen:
                pen = cell[1]
                yield f"\x1b[0;{pen}m" if pen else "\x1b[m"
            yield cell[0]
            x += 1
            self._at = (y, x) if x < self.columns else None
            x = self._joined(old, line, x, pen) if not whole else x
        if pen:
            yield "\x1b[m"

    def _joined(self, old: list[Cell | None], line: list[Cell | None], x: int, pen: str) -> int:
        """Return *x*; a few cells that stay are cheaper to send again than to step over, so they count as differing."""
        end = x
        while end < self.columns and line[end] == old[end] and end - x < _WORTH_SKIPPING:
            cell = line[end]
            if cell is None or cell[1] != pen:
                return x
            end += 1
        if x < end < self.columns and end - x < _WORTH_SKIPPING:
            for at in range(x, end):
                old[at] = None
        return x

    def _move(self, y: int, x: int) -> Iterator[str]:
        if self._at == (y, x):
            return
        if self._at is not None and self._at[0] == y and self._at[1] < x:
            yield f"\x1b[{x - self._at[1]}C"
        elif self._at is not None and self._at[0] == y - 1 and x == 0:
            yield "\r\n"
        else:
            yield f"\x1b[{y + 1};{x + 1}H"
        self._at = (y, x)


def _put(line: list[Cell | None], column: int, text: str, style: str) -> int:
    """Write *text* into *line* from *column* on; return the column behind it."""
    blank = (" ", "" if _hides_on_blank(style) else style)
    for character in text:
        width = 1 if character < "\u0300" else get_character_cell_size(character)
        if width == 0:
            before = line[column - 1] if 0 < column <= len(line) else None
            if before is not None:
                line[column - 1] = (before[0] + character, before[1])
            continue
        if column + width <= len(line):
            _split(line, column)
            _split(line, column + width)
            line[column] = blank if character == " " else (character, style)
            if width == 2:
                line[column + 1] = ("", style)
        column += width
    return column


def _split(line: list[Cell | None], column: int) -> None:
    """Make two blanks of a wide character whose second half is at *column*: terminals do when one half goes."""
    if 0 < column < len(line) and (cell := line[column]) is not None and not cell[0]:
        line[column - 1] = line[column] = _BLANK


def _run(line: list[Cell | None], start: int) -> int:
    end = start
    while end < len(line) and line[end] == _BLANK:
        end += 1
    return end - start


@lru_cache(maxsize=256)
def _plain(parameters: str) -> str:
    """Return SGR *parameters* without those that only say what holds after a reset."""
    codes = parameters.split(";")
    if "38" in codes or "48" in codes:
        return parameters
    return ";".join(code for code in codes if code not in {"", "0", "39", "49"})


@lru_cache(maxsize=256)
def _hides_on_blank(style: str) -> bool:
    """Whether *style* cannot be seen on a blank: weight, slant and foreground."""
    return all(code in {"1", "2", "3"} or (len(code) == 2 and code[0] in "39") for code in style.split(";") if code)
