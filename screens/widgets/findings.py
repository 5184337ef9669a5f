"""Findings as rows: the verdict in a word, one line, the remedy right under what is not right; evidence on Enter."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wizard.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLES: Final = {
    Verdict.PASS: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "red bold",
    Verdict.UNKNOWN: "magenta",
    Verdict.SKIP: "dim",
}
_LEAD: Final = 19
"""Columns before the sentence: the verdict, the check, and the blanks behind each."""
_NARROWEST: Final = 30


class Row(Static, can_focus=True):
    """One finding. Its height is what its words need."""

    BINDINGS = [
        Binding("enter", "open", "evidence", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    class Opened(Message):
        """The operator wants the evidence of a finding."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self, finding: Finding) -> None:
        super().__init__("", classes="finding")
        self.finding = finding

    def on_mount(self) -> None:
        """Write the words for the width there is."""
        self.write()

    def on_resize(self) -> None:
        """Write the words anew for another width."""
        self.write()

    def write(self) -> None:
        """Put the finding into words; what came from outside is inert in it already."""
        finding = self.finding
        width = max(_NARROWEST, (self.size.width or 76) - _LEAD)
        seconds = f"{finding.seconds * 1000:>6.0f} ms" if finding.seconds >= 0.001 else ""
        room = width - (len(seconds) + 1 if seconds else 0)
        words = textwrap.wrap(finding.summary, room, break_on_hyphens=False) or [""]
        quiet = finding.verdict in {Verdict.PASS, Verdict.SKIP}
        if quiet and len(words) > 1:
            words = [words[0][: room - 1] + "…"]
        lines = [f"{words[0]:<{room}}{' ' + seconds if seconds else ''}".rstrip(), *words[1:]]
        if not quiet and finding.remedy:
            lines += textwrap.wrap(finding.remedy, width, break_on_hyphens=False)[:4]
        head = Content.styled(f"{finding.verdict.word:<5} ", _STYLES[finding.verdict])
        indent = " " * _LEAD
        self.update(head + Content(f"{finding.check[:12]:<12} ") + Content(f"\n{indent}".join(lines)))

    def action_open(self) -> None:
        """Ask for the evidence."""
        self.post_message(self.Opened(self.finding))


class Findings(VerticalScroll, can_focus=False):
    """The rows of one step, in the order in which they were found; a new finding of the same kind replaces the old."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[tuple[str, str], Row] = {}

    def clear(self) -> None:
        """Remove every row."""
        self._rows.clear()
        self.remove_children()

    def add(self, finding: Finding) -> None:
        """Show *finding*. What does not apply is not worth a row."""
        if finding.verdict is Verdict.SKIP:
            return
        key = (finding.check, finding.subject)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(finding)
            self.mount(row)
        elif row.finding != finding:
            row.finding = finding
            row.write()

    def show(self, findings: Iterable[Finding]) -> None:
        """Show *findings* and nothing else; what stands there already costs nothing on the wire."""
        wanted = [finding for finding in findings if finding.verdict is not Verdict.SKIP]
        for key in set(self._rows) - {(finding.check, finding.subject) for finding in wanted}:
            self._rows.pop(key).remove()
        for finding in wanted:
            self.add(finding)

    @property
    def selected(self) -> Finding | None:
        """The finding whose row has the focus; else the first that is not right."""
        focused = next((row.finding for row in self._rows.values() if row.has_focus), None)
        open_verdicts = {Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN}
        first = next((row.finding for row in self._rows.values() if row.finding.verdict in open_verdicts), None)
        return focused or first
