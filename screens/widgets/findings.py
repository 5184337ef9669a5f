"""Findings as rows: mark, verdict, name and a few words each; what is right folds into one line where room is scarce.

Drawn line by line: a finding that comes in repaints its own line and nothing else, which a container of small widgets
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

from screens.shell.textual_private import renew_scroll_bars
from wizard.checks import one_cause, registry
from wizard.checks.briefs import brief
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

OPEN: Final = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN})
_MARKS: Final = {Verdict.PASS: "✓", Verdict.WARN: "!", Verdict.FAIL: "✗", Verdict.UNKNOWN: "?", Verdict.SKIP: "-"}
_URGENCY: Final = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1, Verdict.WARN: 2}
_WORD: Final = 7
"""Columns of mark and verdict, a blank behind."""
_NAME: Final = 19
"""Columns of the name, two blanks behind the longest."""
_LISTS: Final = "Enter here lists them"
"""Ends the line into which rows are folded: Enter elsewhere does something else."""
_LEAST: Final = 3
"""Lines that the list keeps however much room the rest takes."""


def row(finding: Finding) -> str:
    """Return *finding* as one line."""
    head = f"{_MARKS[finding.verdict]} {finding.verdict.word:<{_WORD - 3}} {registry.name(finding.check):<{_NAME}}"
    return head + brief(finding)


def _continued(line: str, columns: int, hang: int) -> list[str]:
    """Return *line* in as many lines as it takes, the further ones *hang* columns in."""
    if cell_len(line) != len(line) or columns < hang + _NAME:
        return [_cut(line, columns)]  # characters of two columns, or next to no room
    return textwrap.wrap(line, columns, subsequent_indent=" " * hang, break_on_hyphens=False) or [""]


def _place(finding: Finding) -> tuple[int, bool]:
    # The From's own SPF comes behind what Postal's mail is judged by.
    return _URGENCY.get(finding.verdict, len(_URGENCY)), finding.verdict in OPEN and finding.check == "spf_from"


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


class Findings(ScrollView, can_focus=True):
    """The rows of one step, in the order in which they were found; a new finding of the same kind replaces the old."""

    COMPONENT_CLASSES = {f"findings--{verdict.value}" for verdict in Verdict}
    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "open", "more"),
    ]

    class Opened(Message):
        """The operator asks for the evidence of a finding."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    class Selected(Message):
        """Another row is under the cursor, or there are other rows."""

    def __init__(self) -> None:
        super().__init__()
        self.settled = False
        """Whether all that is coming has come: until then nothing is folded, so that a new row moves no other."""
        self._found: dict[tuple[str, str], Finding] = {}
        self._rows: dict[tuple[str, str], tuple[Finding, str]] = {}
        """Rows as they were made last."""
        self._skipped: list[Finding] = []
        self._same: dict[tuple[str, str], str] = {}
        """What else is not right for the reason of a row: one cause is one row."""
        self._unfolded = False
        self._room = 100
        """Lines that there is room for."""
        self._lines: list[tuple[str, Finding | None]] = []
        """Each line with its finding; None for the fold, and for what was not checked."""
        self._cursor: tuple[str, str] | None = None
        self._on_fold = False

    @property
    def selected(self) -> Finding | None:
        """The finding under the cursor; else the first that is not right."""
        if self._on_fold:
            return None
        if self._cursor is not None and self._cursor in self._found:
            return self._found[self._cursor]
        return next((finding for finding in self._found.values() if finding.verdict in OPEN), None)

    @property
    def shown(self) -> tuple[Finding, ...]:
        """What is shown or folded, from the top."""
        return tuple(self._found.values())

    @property
    def open(self) -> tuple[Finding, ...]:
        """What is not right."""
        return tuple(finding for finding in self._found.values() if finding.verdict in OPEN)

    @property
    def least(self) -> int:
        """How many lines it takes with everything folded that is right."""
        folds = len(self._found) - len(self.open)
        notes = len(self._notes()) + sum(map(bool, self._same.values()))
        return len(self.open) + notes + (len(self._found) if self._unfolded else min(folds, 1))

    @property
    def has_fold(self) -> bool:
        """Whether some rows are folded into one line."""
        return any(finding is None and _LISTS in line for line, finding in self._lines)

    def clear(self) -> None:
        """Remove every row."""
        self._found.clear()
        self._skipped.clear()
        self._same.clear()
        self._cursor = None
        self.settled = self._unfolded = self._on_fold = False
        self._write()

    def add(self, finding: Finding) -> None:
        """Show *finding*. What does not apply is not worth a row."""
        if finding.verdict is not Verdict.SKIP:
            self._found[finding.check, finding.subject] = finding
            self._write()

    def show(self, findings: Iterable[Finding]) -> None:
        """Show *findings* and nothing else, what is not right first: it must not hide below the fold.

        What has newly become not right gets the cursor from a row that is right.
        """
        open_before = {(one.check, one.subject) for one in self.open}
        given = list(findings)
        self._skipped = [finding for finding in given if finding.verdict is Verdict.SKIP]
        groups = one_cause.grouped(finding for finding in given if finding.verdict is not Verdict.SKIP)
        wanted = {(group[0].check, group[0].subject): group[0] for group in groups}
        self._same = {key: one_cause.others(group) for key, group in zip(wanted, groups, strict=True)}
        kept = {key: wanted[key] for key in self._found if key in wanted} | wanted
        self._found = dict(sorted(kept.items(), key=lambda item: _place(item[1])))
        self.settled = True
        new = next((one for one in self.open if (one.check, one.subject) not in open_before), None)
        if new is not None and (self.selected is None or self.selected.verdict not in OPEN):
            self._cursor, self._on_fold = (new.check, new.subject), False
            self.scroll_to(y=0, animate=False)
            self.post_message(self.Selected())
        if self.has_focus:
            self._put_cursor()
        self._write()

    def fit(self, room: int) -> int:
        """Take at most *room* lines, folding what is right where that is needed; return how many are taken."""
        self._room = max(_LEAST, room)
        self._write()
        return min(len(self._lines), self._room)

    def _write(self) -> None:
        """Put everything into lines, and repaint those that differ."""
        columns = (self.size.width or 79) - 1  # one for a scroll bar, so that its coming moves nothing
        before = self._lines
        self._lines = self._in(columns)
        self.virtual_size = Size(columns, len(self._lines))
        renew_scroll_bars(self)
        for y in range(max(len(before), len(self._lines))):
            if (before[y] if y < len(before) else None) != (self._lines[y] if y < len(self._lines) else None):
                self.refresh_line(y)

    def _in(self, columns: int) -> list[tuple[str, Finding | None]]:
        """Return everything as lines: whole where there is room, else cut to one line each, what is right folded."""
        said: list[tuple[str, Finding | None, int]] = []
        for key, finding in self._found.items():
            said.append((self._row(finding), finding, _WORD + _NAME))
            if same := self._same.get(key):
                said.append((f"-      for the same reason: {same}", None, _WORD))
        said += [(note, None, _WORD) for note in self._notes()]
        whole = [(part, finding) for line, finding, hang in said for part in _continued(line, columns, hang)]
        if len(whole) <= self._room:
            return whole
        lines = [(_cut(line, columns), finding) for line, finding, _ in said]
        right = [y for y, (_, one) in enumerate(lines) if one is not None and one.verdict is Verdict.PASS]
        if not self.settled or self._unfolded or len(lines) <= self._room or len(right) < 2:
            return lines
        kept = max(0, self._room - (len(lines) - len(right)) - 1)
        more = "more are right" if right[0] or kept else "are right"
        fold = f"✓ OK   {len(right) - kept} {more:<{_NAME - 3}}{_LISTS}"
        return [*lines[: right[0] + kept], (_cut(fold, columns), None), *lines[right[-1] + 1 :]]

    def _row(self, finding: Finding) -> str:
        """Return the row of *finding*, made once: every new one writes all of them."""
        key = (finding.check, finding.subject)
        if key not in self._rows or self._rows[key][0] is not finding:
            self._rows[key] = (finding, row(finding))
        return self._rows[key][1]

    def _notes(self) -> list[str]:
        """Return a line for what was not checked: for want of a value, and because something before it fails."""
        notes = []
        for outcomes, before in ((("no_value",), "not checked: "), (("not_reached",), "checked once that is fixed: ")):
            skipped = [one for one in self._skipped if one.code is not None and one.code.outcome in outcomes]
            names = ", ".join(dict.fromkeys(registry.name(one.check) for one in skipped))
            if names:
                why = f" ({brief(skipped[0])})" if outcomes == ("no_value",) else ""
                notes.append(f"-      {before}{names}{why}")
        return notes

    def on_resize(self) -> None:
        """Put everything into lines of another length."""
        self._write()

    def _put_cursor(self) -> None:
        if self._cursor not in self._found and not self._on_fold:
            finding = self.selected or next(iter(self._found.values()), None)
            self._cursor = (finding.check, finding.subject) if finding is not None else None

    def on_focus(self) -> None:
        """Put the cursor on the first row that is not right, else on the first."""
        self._put_cursor()
        self.refresh()
        self.post_message(self.Selected())

    def on_blur(self) -> None:
        """Take the mark away."""
        self.refresh()

    def _stops(self) -> list[int]:
        """Return the lines on which the cursor can be."""
        return [
            y
            for y, (line, finding) in enumerate(self._lines)
            if (finding is not None and not line.startswith(" ")) or _LISTS in line
        ]

    def _at(self) -> int:
        """Return the line of the cursor, -1 without one."""
        for y, (_, finding) in enumerate(self._lines):
            if (finding is None and self._on_fold) or (finding is not None and finding is self.selected):
                return y
        return -1

    def action_move(self, step: int) -> None:
        """Move the cursor; beyond the ends the focus moves to the next widget."""
        stops, at = self._stops(), self._at()
        index = stops.index(at) + step if at in stops else 0
        if not 0 <= index < len(stops):
            self.screen.focus_next() if step > 0 else self.screen.focus_previous()
            return
        self._go(stops[index])

    def _go(self, y: int) -> None:
        finding = self._lines[y][1]
        self._on_fold = finding is None
        if finding is not None:
            self._cursor = (finding.check, finding.subject)
        self.refresh()
        if y < self.scroll_offset.y:
            self.scroll_to(y=y, animate=False)
        elif y >= self.scroll_offset.y + self.size.height:
            self.scroll_to(y=y - self.size.height + 1, animate=False)
        self.post_message(self.Selected())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click opens the row."""
        y = event.y + self.scroll_offset.y
        while 0 < y < len(self._lines) and self._lines[y][1] is not None and self._lines[y][0].startswith(" "):
            y -= 1  # the line continues the one above
        if y in self._stops():
            if event.chain > 1 or y == self._at() == self._fold_line():
                self.action_open()
            else:
                self._go(y)

    def _fold_line(self) -> int:
        return next((y for y, (line, one) in enumerate(self._lines) if one is None and _LISTS in line), -2)

    def action_open(self) -> None:
        """Ask for the evidence of the row under the cursor; unfold the folded ones."""
        if self._on_fold or (self.selected is None and self.has_fold):
            y = self._fold_line()
            self._unfolded, self._on_fold = True, False
            self._write()
            if 0 <= y < len(self._lines):
                self._go(y)
        elif self.selected is not None:
            self.post_message(self.Opened(self.selected))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        y += self.scroll_offset.y
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base)
        line, finding = self._lines[y]
        verdict = finding.verdict if finding is not None else Verdict.PASS if line.startswith("✓") else Verdict.SKIP
        colour = self.get_component_rich_style(f"findings--{verdict.value}", partial=True)
        words = base + colour if verdict is Verdict.SKIP else base
        at = self._at()
        if self.has_focus and (y == at or (0 <= at < y and finding is not None and finding is self._lines[at][1])):
            words += Style(reverse=True)
        strip = Strip([Segment(line[:_WORD], base + colour), Segment(line[_WORD:], words)])
        return strip.adjust_cell_length(self.size.width, base)
