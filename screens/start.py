"""The start: what is found here, and the ways from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.base import StepScreen
from screens.modals import Page
from wizard import answers, found_here, report
from wizard.steps import Way
from wizard.walk import Move, To

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.walk import Walk

_WAYS = (
    (Way.SET_UP, "Set up from the beginning"),
    (Way.ROTATE, "Rotate the credential            new key, everything else stays"),
    (Way.TROUBLESHOOT, "Troubleshoot                     mail fails or does not arrive"),
    (Way.CHECK, "Check everything, change nothing"),
)


class StartScreen(StepScreen):
    """Offers the ways."""

    KEY = "start"
    AUTO_FOCUS = "OptionList"
    FOOT = "arrows choose   Enter go   F1 help   Ctrl+Q quit"
    BINDINGS = [Binding("escape", "nothing", show=False)]

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self._saved = walk.journal.load()
        self._here = Static("", classes="facts")

    def body(self) -> Iterator[Widget]:
        """Yield what is found, then the ways."""
        yield Static(Content("Found here"), classes="heading")
        yield self._here
        options = [Option(Content(title), id=way.value) for way, title in _WAYS]
        if self._saved is not None:
            when = f"{self._saved.when:%Y-%m-%d %H:%M} UTC"
            options.insert(
                0, Option(Content(f"Go on with the draft             step {self._saved.step}, {when}"), id="draft")
            )
        yield OptionList(*options, compact=True, markup=False)
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Look round after the first paint."""
        super().on_mount()
        self.call_after_refresh(self.look_round)

    @work(exclusive=True, group="checks", exit_on_error=False, description="look round")
    async def look_round(self) -> None:
        """Say what is found here; files alone are read."""
        import asyncio

        lines = await asyncio.to_thread(found_here.lines, self.session.directory, self.draft)
        self._here.update(Content("\n".join(lines)))

    def action_nothing(self) -> None:
        """There is nothing before the start."""

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Go the chosen way."""
        chosen = event.option.id
        if chosen == "draft" and self._saved is not None:
            self.resume()
        elif chosen == Way.CHECK.value:
            self.check_everything()
        elif chosen == Way.ROTATE.value:
            self.rotate()
        else:
            self.workers.cancel_node(self)
            self.dismiss(Move(To.NEXT, self.draft, self.session, way=Way(str(chosen))))

    def resume(self) -> None:
        """Go on where the draft was left; without its key nothing after the credential can be proven."""
        saved = self._saved
        assert saved is not None
        self.walk.confirmed = saved.confirmed
        step = saved.step
        if self.session.key is None and step not in {"start", "server", "troubleshoot"}:
            step = "credential"
        goal = To.NEXT if step == "start" else To.GOTO
        self.dismiss(Move(goal, saved.draft, self.session, step, saved.way))

    def rotate(self) -> None:
        """Take everything but the key from the settings in force."""
        told = found_here.in_force(self.session.directory, self.draft)
        if isinstance(told, str):
            self.status.update(Content(told))
            return
        self.dismiss(Move(To.NEXT, told, self.session, way=Way.ROTATE))

    def check_everything(self) -> None:
        """Check with the settings in force, or with the draft."""
        draft, session = found_here.for_checking(self.session, self.draft)
        missing = answers.missing(draft, for_apply=False)
        if missing:
            self.status.update(Content("\n".join(["There is nothing to check yet:", *missing])))
            return
        self.draft, self.session = draft, session
        self.start_checks_of_everything()

    @work(exclusive=True, group="checks", exit_on_error=False, description="checks")
    async def start_checks_of_everything(self) -> None:
        """Run every check and show the report."""
        from wizard import unattended

        self.status.update(Content("checking ..."))
        try:
            outcome = await unattended.check(self.draft, self.session, heard=self.hear)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash screen without locals
            return
        self.walk.found(self.KEY, outcome.findings)
        lines = [report.conclusion(outcome.findings), ""]
        for finding in outcome.findings:
            lines += report.rows(finding)
        self.status.update(Content(lines[0]))
        self.app.push_screen(Page(lines))
