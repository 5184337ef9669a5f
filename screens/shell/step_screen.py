"""What every step's screen has: its draft, its checks, what they found, and the moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.dialogs import Evidence, Help, Page
from screens.shell.frame import Frame
from screens.widgets.chrome import Checklist, Keys, StepLine, TopRule
from screens.widgets.findings import Findings
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Event, Exchange, Listener, Progress
from wizard.model.untrusted import Untrusted
from wizard.setup import report
from wizard.setup.flow import FlowState, Move, To
from wizard.state.directory import StateError
from wizard.system import files

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual import events
    from textual.widget import Widget

WIDE = 110
"""Columns from which on the checklist stands at the side."""
_OPEN = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN})


class StepScreen(Frame[Move]):
    """One step. A subclass gives ``body`` and, where it checks something, ``checks``."""

    BINDINGS = [
        Binding("escape", "back", "back", show=False),
        Binding("f1", "help", "help", show=False),
        Binding("r", "check_again", "check again", show=False),
        Binding("c", "copy", "copy", show=False),
        Binding("d", "dialogue", "dialogue", show=False),
        Binding("p", "report", "report", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    KEY: ClassVar[str]
    """The step's key."""
    BACK: ClassVar[tuple[str, ...]] = ("Esc back",)
    """How the way back is told; empty where there is none."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__()
        self.flow = flow
        self.draft = flow.draft
        self.session = flow.session
        self.exchanges: list[Exchange] = []
        self.checked: Any = None
        """What the last checks were about; other answers make them stale."""
        self._line = StepLine(flow)
        self._rule = TopRule(flow)
        self._keys = Keys()
        self._checklist = Checklist(flow)
        self.findings = Findings()
        self.status = Static("", classes="status")

    def head(self) -> Iterator[Widget]:
        """Yield where one is, and the checklist as one line."""
        yield self._line
        yield self._rule

    def side(self) -> Iterator[Widget]:
        """Yield the checklist, which is shown where there is room."""
        yield self._checklist

    def foot(self) -> Keys:
        """Return the line of keys."""
        return self._keys

    def on_resize(self, event: events.Resize) -> None:
        """Show the checklist at the side where there is room for it."""
        super().on_resize(event)
        self._checklist.display = event.size.width > WIDE

    def on_mount(self) -> None:
        """Show what was found here before, and the keys."""
        self._rule.write()
        known = self.flow.findings.get(self.KEY)
        if known:
            self.findings.show(self.worth_showing(known))
            self.checked = self.subject()
        self.show_keys()

    # Keys

    def keys(self) -> list[str]:
        """Return the keys that act now, beside those of every step."""
        return []

    @property
    def typing(self) -> bool:
        """Whether a text field takes the letter keys."""
        return isinstance(self.focused, Input)

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Show the keys that act with this focus."""
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys that act now: letters only while no text field takes them."""
        if self.is_mounted:
            self._keys.show([*self.keys(), *self.BACK, "F1 help", "Ctrl+Q quit"])

    def letter_keys(self) -> list[str]:
        """Return the letters that act on what was found."""
        keys = []
        if self.has_checks():
            keys.append("r again")
        if self.findings.selected is not None and self.findings.selected.record is not None:
            keys.append("c copy")
        if self.exchanges:
            keys.append("d dialogue")
        return [*keys, "p report"]

    def say(self, text: str) -> None:
        """Show *text* in the step's own line for that."""
        self.status.update(Content("\n".join(Untrusted(line) for line in text.split("\n"))))
        self.status.display = bool(text)

    # Checks

    def subject(self) -> Any:
        """Return what the checks are about, to tell whether they are stale."""
        return (self.draft, self.session.key)

    def checks(self, on_event: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Return the checks to run."""
        raise NotImplementedError

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return False

    def worth_showing(self, found: Any) -> list[Finding]:
        """Return those of *found* that get a row."""
        return list(found)

    @property
    def checking(self) -> bool:
        """Whether checks are running."""
        return any(
            worker.group == "checks" and not worker.is_finished for worker in self.workers if worker.node is self
        )

    @property
    def is_stale(self) -> bool:
        """Whether there is something to check that was not checked with the present answers."""
        return self.has_checks() and self.checked != self.subject()

    def start_checks(self, *, anew: bool = True) -> None:
        """Run the checks; what ran before is cancelled. Not *anew*: rows stay until they are found again."""
        self.checked = self.subject()
        self.exchanges.clear()
        if anew:
            self.findings.clear()
        self.say("checking ...")
        self.run_checks()

    @work(exclusive=True, group="checks", exit_on_error=False, description="checks")
    async def run_checks(self) -> None:
        """Run the checks and show each finding as it comes."""
        try:
            found = await self.checks(self.hear)
        except Exception as error:
            # A defect of ours: the crash log without locals, not a silent worker.
            self.app._handle_exception(error)  # noqa: SLF001  # Textual has no public way
            return
        self.flow.found(self.KEY, found)
        self.say("")
        self.findings.show(self.worth_showing(found))
        self._rule.write()
        self._checklist.write()
        self.found(found)
        self.show_keys()

    def hear(self, event: Event) -> None:
        """Show what a running check tells."""
        if isinstance(event, Finding):
            if self.worth_showing([event]):
                self.findings.add(event)
        elif isinstance(event, Progress):
            self.say(f"checking ... {event.done} of {event.of} questions answered")
        else:
            self.exchanges.append(event)

    def found(self, found: list[Finding]) -> None:
        """React to the end of the checks."""

    @property
    def open_count(self) -> str:
        """`` (2 open)`` where something that was found here is not right."""
        count = sum(finding.verdict in _OPEN for finding in self.findings.shown)
        return f" ({count} open)" if count else ""

    # Moves

    def leave(self, to: To, step: str | None = None) -> None:
        """Leave the step with its draft and session."""
        self.go(Move(to, self.draft, self.session, step))

    def go(self, move: Move) -> None:
        """Go on; the step's checks are cancelled, and pages over it are closed."""
        self.workers.cancel_node(self)
        while self.app.screen is not self:
            self.app.pop_screen()
        self.dismiss(move)

    def action_back(self) -> None:
        """Go back; nothing is validated and nothing is lost."""
        self.leave(To.BACK)

    def action_check_again(self) -> None:
        """Check again."""
        if self.has_checks():
            self.start_checks()

    def action_help(self) -> None:
        """Show the step's help, at the focused field."""
        self.app.push_screen(Help(self.KEY, self.focused.id if self.focused is not None else None))

    def action_copy(self) -> None:
        """Copy the record to paste of the selected finding, and show it whole."""
        finding = self.findings.selected
        if finding is not None and finding.record is not None:
            self.app.copy_to_clipboard(finding.record.value)
            self.app.push_screen(Evidence(finding, self.exchanges, copied=True))

    def action_dialogue(self) -> None:
        """Show the raw dialogue."""
        if self.exchanges:
            self.app.push_screen(Evidence(None, self.exchanges))

    def action_report(self) -> None:
        """Write the redacted report into the state directory and show it."""
        text = report.text(self.draft, self.flow.all_findings, receipt=self.flow.receipt, despite=self.flow.despite)
        try:
            path = self.flow.journal.ready() / "report.md"
            files.write_private(path, text)
        except (OSError, StateError) as error:
            said = f"It could not be written: {Untrusted(getattr(error, 'strerror', None) or error)}."
        else:
            said = f"Written to {Untrusted(path)}; it holds no key."
        self.app.push_screen(Page("Report", [said, "", *text.splitlines()]))

    @on(Findings.Opened)
    def show_evidence(self, event: Findings.Opened) -> None:
        """Show everything about one finding."""
        self.app.push_screen(Evidence(event.finding, self.exchanges))

    @on(Findings.Selected)
    def show_keys_of_row(self) -> None:
        """Show the keys that act on another row."""
        self.show_keys()
