"""Findings as rows: the verdict in a word, one line, the remedy right under what is not right; evidence on Enter.

Drawn line by line: a finding that comes in repaints its own lines and nothing else, which a container of small widgets
cannot do (a new child repaints the whole container).
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wizard.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLOURS: Final = {
    Verdict.PASS: Style(color="green"),
    Verdict.WARN: Style(color="yellow"),
    Verdict.FAIL: Style(color="red", bold=True),
    Verdict.UNKNOWN: Style(color="magenta"),
    Verdict.SKIP: Style(dim=True),
}
_OPEN: Final = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN})
_URGENCY: Final = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1, Verdict.WARN: 2}
_LEAD: Final = 19
"""Columns before the sentence: the verdict, the check, and a blank behind each."""
_WORD: Final = 6
_NARROWEST: Final = 30
_MOST_REMEDY: Final = 4
"""Lines of a remedy in the list; Enter shows all of it."""


def lines(finding: Finding, columns: int) -> list[str]:
    """Return *finding* as lines of at most *columns*; what is right takes one line, what is not all it needs."""
    width = max(_NARROWEST, columns - _LEAD)
    seconds = f"{finding.seconds * 1000:.0f} ms" if finding.seconds >= 0.001 else ""
    room = width - 9
    quiet = finding.verdict not in _OPEN
    words = textwrap.wrap(finding.summary, room if quiet else width, break_on_hyphens=False) or [""]
    if quiet:
        first = words[0] if len(words) == 1 else f"{words[0][: room - 1]}…"
        words = [f"{first:<{room}}{seconds:>9}".rstrip()]
    elif finding.remedy:
        words += textwrap.wrap(finding.remedy, width, break_on_hyphens=False)[:_MOST_REMEDY]
    head = f"{finding.verdict.word:<5} {finding.check[:12]:<12} "
    return [head + words[0], *(" " * _LEAD + line for line in words[1:])]


class Findings(ScrollView, can_focus=True):
    """The rows of one step, in the order in which they were found; a new finding of the same kind replaces the old."""

    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "open", show=False),
    ]

    class Opened(Message):
        """The operator wants the evidence of a finding."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[tuple[str, str], Finding] = {}
        self._lines: list[tuple[str, Finding]] = []
        self._cursor: Finding | None = None
        self.can_focus = False

    @property
    def selected(self) -> Finding | None:
        """The finding under the cursor; else the first that is not right."""
        if self.has_focus and self._cursor is not None:
            return self._cursor
        return next((finding for finding in self._found.values() if finding.verdict in _OPEN), None)

    @property
    def shown(self) -> tuple[Finding, ...]:
        """What stands there, from the top."""
        return tuple(self._found.values())

    def clear(self) -> None:
        """Remove every row."""
        self._found.clear()
        self._cursor = None
        self._write()

    def add(self, finding: Finding) -> None:
        """Show *finding*. What does not apply is not worth a row."""
        if finding.verdict is Verdict.SKIP:
            return
        self._found[finding.check, finding.subject] = finding
        self._write()

    def show(self, findings: Iterable[Finding]) -> None:
        """Show *findings* and nothing else; what stands there already costs nothing on the wire."""
        wanted = {
            (finding.check, finding.subject): finding for finding in findings if finding.verdict is not Verdict.SKIP
        }
        kept = {key: wanted[key] for key in self._found if key in wanted} | wanted
        # What is not right comes to the top: it must not hide below the fold.
        self._found = dict(sorted(kept.items(), key=lambda item: _URGENCY.get(item[1].verdict, len(_URGENCY))))
        self._write()

    def _write(self) -> None:
        """Put everything into lines, and repaint those that differ."""
        columns = (self.size.width or 79) - 1  # one for a scrollbar, so that its coming moves nothing
        before = self._lines
        self._lines = [(line, finding) for finding in self._found.values() for line in lines(finding, columns)]
        if self._cursor not in self._found.values():
            self._cursor = None
        # An empty list would swallow Enter.
        self.can_focus = bool(self._lines)
        self.virtual_size = Size(columns, len(self._lines))
        for y in range(max(len(before), len(self._lines))):
            old = before[y][0] if y < len(before) else None
            new = self._lines[y][0] if y < len(self._lines) else None
            if old != new:
                self.refresh_line(y)

    def on_resize(self) -> None:
        """Put everything into lines of another length."""
        self._write()

    def on_focus(self) -> None:
        """Put the cursor on the first row that is not right, else on the first."""
        if self._cursor is None:
            self._cursor = self.selected or next(iter(self._found.values()), None)
        self._repaint_cursor()

    def on_blur(self) -> None:
        """Take the cursor away."""
        self._repaint_cursor()

    def action_move(self, step: int) -> None:
        """Move the cursor; beyond the ends the focus goes on."""
        found = list(self._found.values())
        at = found.index(self._cursor) + step if self._cursor in found else 0
        if not 0 <= at < len(found):
            if step < 0:
                self.screen.focus_previous()
            return
        self._repaint_cursor()
        self._cursor = found[at]
        self._repaint_cursor()
        top = next(y for y, (_, finding) in enumerate(self._lines) if finding is self._cursor)
        if not self.scroll_offset.y <= top < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(0, top - 1), animate=False)

    def _repaint_cursor(self) -> None:
        for y, (_, finding) in enumerate(self._lines):
            if finding is self._cursor:
                self.refresh_line(y)

    def action_open(self) -> None:
        """Ask for the evidence of the row under the cursor."""
        if self.selected is not None:
            self.post_message(self.Opened(self.selected))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        y += self.scroll_offset.y
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base)
        line, finding = self._lines[y]
        if self.has_focus and finding is self._cursor:
            base += Style(reverse=True)
        colour = base + _COLOURS[finding.verdict]
        strip = Strip([Segment(line[:_WORD], colour), Segment(line[_WORD:], base)])
        return strip.adjust_cell_length(self.size.width, base)
