"""Findings as rows: the verdict in a word, one line, the remedy right under what is not right; evidence on Enter.

Drawn line by line: a finding that comes in repaints its own lines and nothing else, which a container of small widgets
cannot do (a new child repaints the whole container).
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wizard.checks import registry
from wizard.model.finding import Finding, Verdict

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
_MARK: Final = 2
"""Columns for ``> `` at the row under the cursor."""
_WORD: Final = 6
_NAME: Final = 18
_LEAD: Final = _MARK + _WORD + _NAME
"""Columns before the sentence: mark, verdict and check, a blank behind each."""
_INDENT: Final = _MARK + _WORD
"""Columns before the text under the first line."""
_NARROWEST: Final = 30
_MOST: Final = 3
"""Lines of a sentence or a remedy in the list; Enter shows all of it."""
_LABEL: Final = 11
_COMPARED: Final = ("is ", "should be ", "differs")
"""How the lines of evidence begin that set what is against what should be."""


def lines(finding: Finding, columns: int, *, selected: bool = False, whole: bool = False) -> list[str]:
    """Return *finding* as lines of at most *columns*, without the mark.

    What is right takes one line unless it is shown *whole*; what is not takes what it needs; the *selected* row also
    sets what is against what should be, and names the record to paste.
    """
    width = max(_NARROWEST, columns - _LEAD)
    if finding.verdict not in _OPEN and not whole:
        said = [_cut(finding.summary.rstrip("."), width)]
        below: list[str] = []
    else:
        # What follows the first line begins further left: a remedy needs room.
        first, *rest = textwrap.wrap(finding.summary, width, break_on_hyphens=False) or [""]
        deep = max(_NARROWEST, columns - _INDENT)
        said = [first]
        below = _lines(" ".join(rest), deep) if rest else []
        if selected and finding.verdict in _OPEN:
            below += _to_mend(finding, deep)
        if finding.verdict in _OPEN and finding.remedy:
            below += _lines(finding.remedy, deep)
    head = f"{finding.verdict.word:<{_WORD - 1}} {registry.name(finding.check)[: _NAME - 1]:<{_NAME - 1}} "
    return [head + said[0], *(" " * (_INDENT - _MARK) + line for line in below)]


def _to_mend(finding: Finding, width: int) -> list[str]:
    """Return what is and what should be, and the record to paste."""
    said: list[str] = []
    for line in finding.evidence:
        name = next((word for word in _COMPARED if line.startswith(word)), None)
        if name is not None:
            said += _labelled(name, line.removeprefix(name).lstrip(" :"), width, 2 if name == "differs" else 1)
    if finding.record is not None:
        told = f"name {finding.record.relative}   type {finding.record.type}   c copies it"
        said += _labelled("paste", told, width, 1)
    return said


def _labelled(label: str, text: str, width: int, most: int) -> list[str]:
    words = textwrap.wrap(text, width - _LABEL, break_on_hyphens=False) if most > 1 else [text]
    kept = [*words[: most - 1], _cut(" ".join(words[most - 1 :]), width - _LABEL)]
    return [f"{label if at == 0 else '':<{_LABEL}}{line}" for at, line in enumerate(kept) if line]


def _lines(text: str, width: int) -> list[str]:
    """Wrap *text*; an ellipsis shows that lines were left out."""
    words = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    if len(words) > _MOST:
        words = [*words[: _MOST - 1], _cut(" ".join(words[_MOST - 1 :]), width)]
    return words


def _place(finding: Finding) -> tuple[int, bool]:
    # The From's own SPF comes behind what Postal's mail is judged by.
    return _URGENCY.get(finding.verdict, len(_URGENCY)), finding.verdict in _OPEN and finding.check == "spf_from"


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


class Findings(ScrollView, can_focus=True):
    """The rows of one step, in the order in which they were found; a new finding of the same kind replaces the old."""

    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "open", show=False),
    ]

    class Opened(Message):
        """The operator asks for the evidence of a finding."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    class Selected(Message):
        """Another row is under the cursor."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self._whole = whole
        self._settled = False
        """Whether all that is coming has come: until then one line each, so that a new row moves no other."""
        self._found: dict[tuple[str, str], Finding] = {}
        self._lines: list[tuple[str, Finding]] = []
        self._cursor: tuple[str, str] | None = None

    @property
    def selected(self) -> Finding | None:
        """The finding under the cursor; else the first that is not right."""
        if self._cursor is not None and self._cursor in self._found:
            return self._found[self._cursor]
        return next((finding for finding in self._found.values() if finding.verdict in _OPEN), None)

    @property
    def shown(self) -> tuple[Finding, ...]:
        """What is shown, from the top."""
        return tuple(self._found.values())

    def clear(self) -> None:
        """Remove every row."""
        self._found.clear()
        self._cursor = None
        self._settled = False
        self._write()

    def add(self, finding: Finding) -> None:
        """Show *finding*. What does not apply is not worth a row."""
        if finding.verdict is Verdict.SKIP:
            return
        self._found[finding.check, finding.subject] = finding
        self._write()

    def show(self, findings: Iterable[Finding]) -> None:
        """Show *findings* and nothing else, what is not right first: it must not hide below the fold."""
        wanted = {
            (finding.check, finding.subject): finding for finding in findings if finding.verdict is not Verdict.SKIP
        }
        kept = {key: wanted[key] for key in self._found if key in wanted} | wanted
        self._found = dict(sorted(kept.items(), key=lambda item: _place(item[1])))
        self._settled = True
        self._write()

    def _write(self) -> None:
        """Put everything into lines, and repaint those that differ."""
        columns = (self.size.width or 79) - 1  # one for a scroll bar, so that its coming moves nothing
        before, selected = self._lines, self.selected
        self._lines = self._in(columns, selected, whole=self._whole or self._settled)
        if not self._whole and len(self._lines) > self.size.height:  # cut only where there is no room for all
            self._lines = self._in(columns, selected, whole=False)
        self.virtual_size = Size(columns, len(self._lines))
        for y in range(max(len(before), len(self._lines))):
            old = before[y][0] if y < len(before) else None
            new = self._lines[y][0] if y < len(self._lines) else None
            if old != new:
                self.refresh_line(y)

    def _in(self, columns: int, selected: Finding | None, *, whole: bool) -> list[tuple[str, Finding]]:
        return [
            (line, finding)
            for finding in self._found.values()
            for line in lines(finding, columns, selected=finding is selected, whole=whole)
        ]

    def on_resize(self) -> None:
        """Put everything into lines of another length."""
        self._write()

    def on_focus(self) -> None:
        """Put the cursor on the first row that is not right, else on the first."""
        if self._cursor not in self._found:
            finding = self.selected or next(iter(self._found.values()), None)
            self._cursor = (finding.check, finding.subject) if finding is not None else None
        self._write()
        self.refresh()

    def on_blur(self) -> None:
        """Take the mark away."""
        self.refresh()

    def action_move(self, step: int) -> None:
        """Move the cursor; beyond the ends the focus moves to the next widget."""
        keys = list(self._found)
        at = keys.index(self._cursor) + step if self._cursor in keys else 0
        if not 0 <= at < len(keys):
            self.screen.focus_next() if step > 0 else self.screen.focus_previous()
            return
        self._cursor = keys[at]
        self._write()
        self.refresh()
        places = [y for y, (_, finding) in enumerate(self._lines) if finding is self.selected]
        if places and places[0] < self.scroll_offset.y:
            self.scroll_to(y=places[0], animate=False)
        elif places and places[-1] >= self.scroll_offset.y + self.size.height:
            self.scroll_to(y=places[-1] - self.size.height + 1, animate=False)
        self.post_message(self.Selected())

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
        first = y == 0 or self._lines[y - 1][1] is not finding
        mark = "> " if first and self.has_focus and finding is self.selected else "  "
        colour = base + _COLOURS[finding.verdict] if first else base
        strip = Strip([Segment(mark, base), Segment(line[:_WORD], colour), Segment(line[_WORD:], base)])
        return strip.adjust_cell_length(self.size.width, base)
