"""What every step's screen has: the lines round it, its draft, its checks, and the moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from screens.modals import Evidence, Help
from screens.widgets.findings import Findings
from screens.widgets.lines import Checklist, Keys, StepLine
from wizard.finding import Finding
from wizard.session import Event, Exchange, Listener, Progress
from wizard.walk import Move, To, Walk

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

WIDE = 110
"""Columns from which on the checklist stands at the side."""


class StepScreen(Screen[Move]):
    """One step. A subclass gives ``body`` and, where it checks something, ``checks``."""

    BINDINGS = [
        Binding("escape", "back", "back", show=False),
        Binding("f1", "help", "help", show=False),
        Binding("r", "check_again", "check again", show=False),
        Binding("c", "copy", "copy", show=False),
        Binding("d", "dialogue", "dialogue", show=False),
    ]
    KEY: ClassVar[str]
    """The step's key."""
    FOOT: ClassVar[str] = "Enter next   Esc back   F1 help   Ctrl+Q quit"
    """The keys while a text field has the focus."""
    FOOT_LETTERS: ClassVar[str] = ""
    """The keys that act besides those while none has."""

    def __init__(self, walk: Walk) -> None:
        super().__init__()
        self.walk = walk
        self.draft = walk.draft
        self.session = walk.session
        self.exchanges: list[Exchange] = []
        self.checked: Any = None
        """What the last checks were about; other answers make them stale."""
        self._keys = Keys()
        self._line = StepLine(walk)
        self.findings = Findings()
        self.status = Static("", classes="status")

    def compose(self) -> ComposeResult:
        """Lay out the lines round the step's own body."""
        yield self._line
        with Horizontal(classes="middle"):
            with Vertical(classes="body"):
                yield from self.body()
            if self.app.size.width > WIDE:
                yield Checklist(self.walk)
        yield self._keys

    def body(self) -> Iterator[Widget]:
        """Yield the step's own widgets."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Show what was found here before, and the keys."""
        known = self.walk.findings.get(self.KEY)
        if known:
            self.findings.show(known)
            self.checked = self.subject()
        self.show_keys()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Show the keys that act with this focus."""
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys that act now: letters only while no text field takes them."""
        typing = isinstance(self.focused, Input)
        self._keys.show(self.FOOT if typing or not self.FOOT_LETTERS else f"{self.FOOT_LETTERS}   {self.FOOT}")

    # Checks

    def subject(self) -> Any:
        """Return what the checks are about, to tell whether they are stale."""
        return (self.draft, self.session.key)

    def checks(self, heard: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Return the checks to run."""
        raise NotImplementedError

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return False

    def start_checks(self) -> None:
        """Run the checks anew; what ran before is cancelled."""
        self.checked = self.subject()
        self.exchanges.clear()
        self.findings.clear()
        self.run_checks()

    @work(exclusive=True, group="checks", exit_on_error=False, description="checks")
    async def run_checks(self) -> None:
        """Run the checks and show each finding as it comes."""
        self.status.update(Content("checking ..."))
        try:
            found = await self.checks(self.hear)
        except Exception as error:
            # A defect of ours: the crash screen without locals, not a silent worker.
            self.app._handle_exception(error)  # noqa: SLF001  # Textual has no public way
            return
        self.walk.found(self.KEY, found)
        self.status.update(Content(""))
        self.findings.show(found)
        self._line.write()
        for side in self.query(Checklist):
            side.write()
        self.found(found)

    def hear(self, event: Event) -> None:
        """Show what a running check tells."""
        if isinstance(event, Finding):
            self.findings.add(event)
        elif isinstance(event, Progress):
            self.status.update(Content(f"{event.done} of {event.of} questions answered"))
        else:
            self.exchanges.append(event)

    def found(self, found: list[Finding]) -> None:
        """React to the end of the checks."""

    # Moves

    def leave(self, to: To, step: str | None = None) -> None:
        """Leave the step; its checks are cancelled with it, and what they found about other answers is dropped."""
        if self.checked != self.subject():
            self.walk.findings.pop(self.KEY, None)
        self.workers.cancel_node(self)
        self.dismiss(Move(to, self.draft, self.session, step))

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
        """Copy the record to paste of the selected finding."""
        finding = self.findings.selected
        if finding is not None and finding.record is not None:
            self.app.copy_to_clipboard(finding.record.value)
            self.app.push_screen(Evidence(finding, self.exchanges))

    def action_dialogue(self) -> None:
        """Show the raw dialogue."""
        if self.exchanges:
            self.app.push_screen(Evidence(None, self.exchanges))

    @on(Findings.Opened)
    def show_evidence(self, event: Findings.Opened) -> None:
        """Show everything about one finding."""
        self.app.push_screen(Evidence(event.finding, self.exchanges))
