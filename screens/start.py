"""The start: what is found here, and the ways from here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from screens.shell.dialogs import Confirm, Page
from screens.shell.step_screen import StepScreen
from screens.widgets.menu import Item, Menu
from screens.widgets.wrap import WIDTH, wrapped
from wizard.model import answers
from wizard.model.draft import InfisicalTarget
from wizard.model.flow import Flow
from wizard.rollout import drift_table
from wizard.setup import order, report
from wizard.setup.flow import Move, To
from wizard.setup.steps import done as done_step
from wizard.setup.steps import start as start_step
from wizard.system.threads import aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.rollout.drift import Row
    from wizard.setup.flow import FlowState
    from wizard.state.journal import Saved

_FLOWS = (
    Item(Flow.SET_UP, "Set up from the beginning"),
    Item(Flow.ROTATE, "Rotate the credential", "new key, everything else stays"),
    Item(Flow.TROUBLESHOOT, "Troubleshoot", "mail fails or does not arrive"),
    Item(Flow.CHECK, "Check everything, change nothing"),
)
_DRAFT = "draft"
_LET_GO = "let_go"
_COLUMN = 23
"""Where the facts begin in the lines about what is found here."""
_NEEDS_NO_KEY = frozenset({"start", "server", "credential", "troubleshoot"})


class StartScreen(StepScreen):
    """Offers the ways."""

    KEY = "start"
    AUTO_FOCUS = "Menu"
    BACK = ()
    BINDINGS = [Binding("a", "all_places", show=False)]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._saved = flow.left()
        self._here = Static("", classes="facts")
        self._lines: list[str] = []
        self._beside: list[Row] = []

    def body(self) -> Iterator[Widget]:
        """Yield what is found, then the ways."""
        yield Static(Content("Found here"), classes="heading")
        yield self._here
        items = list(_FLOWS)
        if self._saved is not None:
            items.insert(0, Item(_DRAFT, "Go on with the draft", _place(self._saved)))
        self._items = items
        self._menu = Menu(items)
        yield self._menu
        yield self.status

    def on_mount(self) -> None:
        """Look round; the first paint does not wait for it."""
        super().on_mount()
        self._here.update(Content("  looking ..."))
        self.look_round()
        self.look_beside()

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        places = ["a all places"] if self._beside else []
        return ["up down choose", "Enter go", *places, *(["p report"] if self.flow.all_findings else [])]

    @work(exclusive=True, group="look", exit_on_error=False, description="look round")
    async def look_round(self) -> None:
        """Say what is found here; files alone are read."""
        lines = await aside(start_step.lines, self.session.directory, self.draft)
        if self._saved is not None:
            when = self._saved.when.astimezone()
            lines.append(f"  {'draft':<20} left at {_place(self._saved)}, on {when:%A %Y-%m-%d %H:%M}")
        since = await done_step.kept_since(self.flow)
        if since is not None:
            self._menu.show([*self._items, Item(_LET_GO, done_step.TITLE, f"kept on {since:%Y-%m-%d}")])
        self._lines = lines
        self.show_lines()

    def show_lines(self) -> None:
        """Show what was found here, and in a line whether the places agree."""
        lines = list(self._lines)
        if lines and self._beside:
            lines.append(f"  {'all places':<20} {drift_table.summary(self._beside)}")
        if lines:
            self._here.update(Content("\n".join(row for line in lines for row in wrapped([line], hang=_COLUMN - 2))))

    @work(exclusive=True, group="drift", exit_on_error=False, description="all places")
    async def look_beside(self) -> None:
        """Compare every place that has the settings; nothing waits for it."""
        from wizard.rollout import drift

        try:
            if not await aside(drift.is_worthwhile, self.draft, self.session):
                return
            has_login = self.session.client_secret is not None or self.session.token is not None
            writer = self.flow.writer() if has_login and isinstance(self.draft.target, InfisicalTarget) else None
            self._beside = await drift.table(self.draft, self.session, writer)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
            return
        self.show_lines()
        self.show_keys()

    def action_all_places(self) -> None:
        """Show the places side by side."""
        if self._beside:
            self.app.push_screen(Page("All places that have the settings", drift_table.lines(self._beside)))

    def action_back(self) -> None:
        """Stay: there is nothing before the start."""

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        """Go the chosen way."""
        chosen = event.menu.key
        if chosen == _DRAFT:
            self.resume()
        elif chosen == Flow.CHECK:
            self.check_everything()
        elif chosen == Flow.ROTATE:
            self.rotate()
        elif chosen == _LET_GO:
            self.app.push_screen(Confirm(done_step.LET_GO), self.let_go)
        else:
            self.go(Move(To.NEXT, self.draft, self.session, kind=Flow(chosen)))

    def resume(self) -> None:
        """Go on where the draft was left; without its key nothing after the credential can be proven."""
        saved = self._saved
        assert saved is not None
        self.flow.confirmed = saved.confirmed
        step = saved.step
        if step in {"review", "done"} or (self.session.key is None and step not in _NEEDS_NO_KEY):
            # Nothing was proven in this run yet, and a review without proof misleads.
            step = "credential"
        goal = To.NEXT if step == "start" else To.GOTO
        self.go(Move(goal, saved.draft, self.session, step, saved.kind))

    def rotate(self) -> None:
        """Take everything but the key from the settings in force."""
        self.say("reading what is in force ...")
        self.take_in_force()

    @work(exclusive=True, group="checks", exit_on_error=False, description="in force")
    async def take_in_force(self) -> None:
        """Read the file, or Infisical by the one login of this run; ask where neither tells enough."""
        try:
            self.flow.said = await start_step.with_kept_secret(self.flow)
            self.session = self.flow.session
            asks = start_step.asks_for_place(self.flow)
            told = "" if asks else await start_step.rotating(self.flow)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
            return
        if isinstance(told, str) and (asks or isinstance(self.draft.target, InfisicalTarget)):
            self.ask_for_place(told)
            return
        if isinstance(told, str):
            self.say("\n".join(wrapped([f"There is nothing to rotate: {told}"])))
            return
        self.flow.said = ""
        draft, session = told
        self.go(Move(To.NEXT, draft, session, kind=Flow.ROTATE))

    def ask_for_place(self, why: str) -> None:
        """Let the target's own screen ask where the settings are; *why*: what was wrong with what is known."""
        if why:
            self.flow.said = f"There is nothing to rotate: {why}"
        draft = self.draft
        if not isinstance(draft.target, InfisicalTarget):
            draft = replace(draft, target=InfisicalTarget())
        self.go(Move(To.GOTO, draft, self.session, "target", Flow.ROTATE))

    def let_go(self, yes: bool | None) -> None:
        """Let go of the values that an earlier run kept, where the operator confirms."""
        if yes:
            self.say("asking the keyring ...")
            self.forget()

    @work(exclusive=True, group="keyring", exit_on_error=False, description="keyring")
    async def forget(self) -> None:
        """Let go of the values from before."""
        self.say("\n".join(wrapped([await done_step.let_go(self.flow)])))
        if await done_step.kept_since(self.flow) is None:
            self._menu.show(self._items)

    def check_everything(self) -> None:
        """Check with the settings in force, or with the draft."""
        draft, session = start_step.for_checking(self.session, self.draft)
        missing = answers.missing(draft, for_apply=False)
        if missing:
            self.say("\n".join(["There is nothing to check yet:", *wrapped(missing)]))
            return
        self.draft, self.session = draft, session
        self.say("checking ...")
        self.run_everything()

    @work(exclusive=True, group="checks", exit_on_error=False, description="checks")
    async def run_everything(self) -> None:
        """Run every check and show what was found."""
        from wizard.setup import check_and_apply

        try:
            outcome = await check_and_apply.check(self.draft, self.session, on_event=self.hear)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
            return
        self.flow.found(self.KEY, outcome.findings)
        lines = [report.conclusion(outcome.findings), ""]
        for finding in outcome.findings:
            lines += report.rows(finding, width=WIDTH)
        self.say(lines[0])
        self._rule.write()
        self._checklist.write()
        self.show_keys()
        self.app.push_screen(Page("Check everything, change nothing", lines))


def _place(saved: Saved) -> str:
    number, _ = order.place(saved.step, saved.kind)
    return f"step {number}, {order.step(saved.step).title.lower()}"
