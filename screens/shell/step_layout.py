"""How every step is shown: its question, its form, what was found as rows, and the selected row's detail."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.content import Content

from screens.shell.acting import Acting
from screens.widgets.detail import Detail
from screens.widgets.findings import OPEN, Findings
from screens.widgets.header import Question, StepLine
from screens.widgets.panel import Panel, Text
from screens.widgets.side_bar import SideBar
from screens.widgets.wrap import wrapped
from wizard.checks import registry
from wizard.model.finding import Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual import events
    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState

WHOLE: Final = "All that was said"
"""The command that shows all of the step's own words."""
_SAID: Final = 4
"""Lines of them that are shown at once (style.tcss)."""
_SHARE: Final = 0.5
"""How much of the room below the form the rows take at most; the rest is the detail's."""
_BORDER: Final = 2
_LITTLE: Final = 2
"""Lines of the detail below which it is not shown: one of what to do, and how to see the rest."""
_MOMENT: Final = 2.0
"""Seconds for which a row that turned right is named."""


class StepLayout(Acting):
    """One step, laid out; a subclass says what its keys do."""

    SHOWS_LINES: ClassVar[bool] = True
    """Whether the step's lines are shown as text."""
    HANG: ClassVar[int] = 4
    """How much further in a line of the step's continues where it is wrapped."""
    SPARE: ClassVar[int] = 0
    """Columns beside the step's lines that a scroll bar may take."""
    RESULTS: ClassVar[str] = "Checked live"
    """The title of the panel of rows."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._line = StepLine(flow)
        self._question = Question(flow, self.KEY)
        self._side = SideBar(flow)
        self._text = Text("", classes="block")
        self.findings = Findings()
        self._detail = Detail()
        self.results = Panel(self.RESULTS, self.findings, id="results")
        self.detail = Panel("", self._detail, id="detail")
        self.status = Text("", classes="status")
        self._message: tuple[str, ...] = ()
        """What was said last, where not all of it is shown."""
        self._is_outdated = False
        """Whether the rows are about other answers than the present ones."""
        self._before: set[tuple[str, str]] = set()
        """What was not right at the end of the checks before."""

    # Layout

    def head(self) -> Iterator[Widget]:
        """Yield the steps with the proofs, and the question of this step."""
        yield self._line
        yield self._question

    def side(self) -> Iterator[Widget]:
        """Yield steps, proofs and checklist, which are shown where there is room."""
        yield self._side

    def body(self) -> Iterator[Widget]:
        """Yield the form, the rows, and the detail of the selected one."""
        yield from self.form()
        yield self.results
        yield self.detail

    def form(self) -> Iterator[Widget]:
        """Yield what is above the rows."""
        yield from ()

    def below(self) -> Iterator[Widget]:
        """Yield the line of the step's own words."""
        yield self.status

    def on_resize(self, event: events.Resize) -> None:
        """Share out the room again."""
        super().on_resize(event)
        self.show_lines()
        self.call_after_refresh(self.show_lines)  # their own width is another one by then
        self.call_after_refresh(self.share_out)

    def on_mount(self) -> None:
        """Show what was found here before, and let the step look up what it needs."""
        self._line.write()
        known = self.flow.findings(self.KEY)
        if known:
            self.findings.show(self.step.worth_showing(list(known)))
            self._before = {(one.check, one.subject) for one in self.findings.open}
        if self.flow.message:
            self.say_lines([self.flow.message])
            self.flow.message = ""
        self.show_rows()
        self.show_lines()
        self.show_keys()
        self.enter()

    def refresh_step(self) -> None:
        """Show the step as it is now."""
        self.show_lines()
        self.findings.show(self.step.worth_showing(list(self.flow.findings(self.KEY))))
        self.show_rows()
        self._line.write()
        self._question.write()
        self._side.write()
        self.show_keys()

    def show_lines(self) -> None:
        """Show the step's lines."""
        if self.SHOWS_LINES and self.is_mounted:
            width = max(20, (self._text.size.width or self.size.width - 6) - self.SPARE)
            text = "\n".join(wrapped(self.step.lines(self.flow), width=width, hang=self.HANG))
            self._text.update(Content(text))
            self._text.display = bool(text)

    def show_rows(self) -> None:
        """Show the panel of rows where there are any, and the detail of the selected one where one is not right."""
        findings = self.findings
        self.results.display = self.has_rows
        self.results.border_subtitle = Content("")
        self.name_rows()
        finding = findings.selected
        self.detail.display = self._has_detail
        if finding is not None:
            self.detail.name_it(Detail.title(finding))
        self._detail.show(finding)
        self.share_out()

    @property
    def has_rows(self) -> bool:
        """Whether there are rows to show, where there is room for them."""
        return bool(self.findings.shown) or self.checking

    @property
    def _has_detail(self) -> bool:
        """Whether the selected row's detail is worth a panel, where there is room for one."""
        findings = self.findings
        return self.has_rows and findings.settled and bool(findings.open) and findings.selected is not None

    def name_rows(self) -> None:
        """Say above the rows how many are right, and whether they are about other answers than the present ones."""
        findings = self.findings
        self._is_outdated = findings.settled and bool(findings.shown) and self.is_stale
        self.results.border_title = Content.assemble(
            self.RESULTS,
            ", before your change" if self._is_outdated else "",
            "  " if findings.shown else "",
            _tally(findings.shown) if findings.settled else "",
        )

    def note_change(self) -> None:
        """Show what an answer that was just changed makes of the rows and of the proofs."""
        before = self._is_outdated
        self.name_rows()
        if self._is_outdated != before:
            self._line.write()
            self._side.write()

    def share_out(self) -> None:
        """Give the rows what they need, up to their share where the detail is below them."""
        if not self.has_rows or not self.is_attached:
            return
        if not self.query_one(".body").size.height:
            if self.size.height and self.is_current:
                self.call_after_refresh(self.share_out)  # nothing is laid out yet
            return
        taken = sum(
            widget.outer_size.height
            for widget in self.query_one(".body").children
            if widget.display and widget not in {self.results, self.detail}
        )
        room = self.query_one(".body").size.height - taken
        findings = self.findings
        self.results.display = room > _BORDER
        if not self.results.display:
            self.detail.display = False
        elif self._has_detail:
            # What is right folds before the detail is cut; the rows get what the detail does not need.
            spare = room - self._detail.wanted(max(20, findings.size.width)) - 2 * _BORDER
            lines = findings.fit(max(min(findings.least, int(room * _SHARE) - _BORDER), spare))
            self.detail.display = room - lines - 2 * _BORDER >= _LITTLE
            self.results.styles.height = lines + _BORDER
        if not self.detail.display:
            findings.fit(room - _BORDER if findings.settled else 1000)
            self.results.styles.height = "1fr"

    @on(Text.Resized)
    def share_out_again(self) -> None:
        """Share out what there is now: what is above takes its height last."""
        self.share_out()

    def say(self, text: str) -> None:
        """Show *text* in the step's own line for that."""
        self._message = ()
        self.status.update(Content("\n".join(Untrusted(line) for line in text.split("\n"))))

    def say_lines(self, lines: Iterable[str]) -> None:
        """Show sentences, wrapped."""
        told = tuple(lines)
        if not told:
            return
        shown = wrapped(told, width=max(20, self.size.width - 2))
        if len(shown) > _SAID:
            more = len(shown) - _SAID + 1
            shown = [*shown[: _SAID - 1], f"... {more} more lines: Ctrl+P, {WHOLE}"]
            self.say("\n".join(shown))
            self._message = told
        else:
            self.say("\n".join(shown))

    # Checks

    def show_begin(self, *, anew: bool) -> None:
        """Show that checks begin."""
        if anew:
            self.findings.clear()
        self.show_rows()

    def show_found(self, finding: Finding) -> None:
        """Show what a running check has found."""
        self.findings.add(finding)
        if not self.results.display:
            self.show_rows()

    def found(self, findings: list[Finding]) -> None:
        """Name the row that has turned right, and put the focus on what is not where nobody is typing."""
        right = [one for one in findings if one.verdict is Verdict.PASS and (one.check, one.subject) in self._before]
        self._before = {(one.check, one.subject) for one in self.findings.open}
        if right:
            self.say(f"{', '.join(dict.fromkeys(registry.name(one.check) for one in right))}: now right")
            said = str(self.status.content)
            self.set_timer(_MOMENT, lambda: self.say("") if str(self.status.content) == said else None)
        if self.findings.open and not self.was_typed_in:
            self.findings.focus()

    @property
    def was_typed_in(self) -> bool:
        """Whether a field was typed in or pasted into since the checks began."""
        return False

    @property
    def open_count(self) -> int:
        """How many of the findings here are not right."""
        return sum(finding.verdict in OPEN for finding in self.findings.shown)

    @on(Findings.Selected)
    def show_selected(self) -> None:
        """Show the detail of another row, and the keys that act on it."""
        finding = self.findings.selected
        if finding is not None:
            self.detail.name_it(Detail.title(finding))
            self._detail.show(finding)
        self.show_keys()


def _tally(findings: Iterable[Finding]) -> Content:
    """Return ``1 to fix · 1 warning · 10 right``, each in its colour."""
    counts = dict.fromkeys(Verdict, 0)
    for finding in findings:
        counts[finding.verdict] += 1
    shown = [
        Content.styled(f"{counts[verdict]} {word}", style)
        for verdict, word, style in (
            (Verdict.FAIL, "to fix", "bold $error"),
            (Verdict.UNKNOWN, "unknown", "$secondary"),
            (Verdict.WARN, "warnings" if counts[Verdict.WARN] > 1 else "warning", "$warning"),
            (Verdict.PASS, "right", "$success"),
        )
        if counts[verdict]
    ]
    return Content(" · ").join(shown)
