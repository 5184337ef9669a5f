"""Done: what was written and read back, what to restart, and the way back while there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.shell.dialogs import Confirm, Page
from screens.shell.step_screen import StepScreen
from screens.widgets.wrap import wrapped
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.finding import Verdict
from wizard.model.flow import Flow
from wizard.postal import web_ui
from wizard.rollout import drift, drift_table, restart
from wizard.setup.flow import To, state_of
from wizard.setup.steps import done as done_step
from wizard.targets import Receipt, Refused, UncertainError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.rollout.drift import Row
    from wizard.setup.flow import FlowState


class DoneScreen(StepScreen):
    """Shows the receipt."""

    KEY = "done"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS = [
        Binding("enter", "finish", show=False),
        Binding("b", "roll_back", show=False),
        Binding("g", "guide", show=False),
        Binding("k", "keep", show=False),
        Binding("a", "all_places", show=False),
    ]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._text = Static("", classes="block")
        self._undone: Receipt[object] | None = None
        self._busy = False
        self._said: list[str] = []
        """What became of the keyring."""
        self._beside: list[Row] = []

    def body(self) -> Iterator[Widget]:
        """Yield the receipt, the commands, and the container's findings."""
        with VerticalScroll(can_focus=True, classes="page"):
            yield self._text
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Show what was written, and look into the containers."""
        super().on_mount()
        self.show(self.lines())
        self.findings.display = False
        if self.flow.receipt is not None:
            self.tidy()
            self.look_beside() if self.session.rehearsal else self.start_checks()

    def show(self, lines: list[str]) -> None:
        """Show *lines*."""
        self._text.update(Content("\n".join(wrapped(lines, hang=2))))

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.findings.has_focus and self.findings.shown:
            return ["Enter more", "r container"]
        written = ["c copy", "r container", "b roll back"] if self.flow.receipt is not None else []
        if self.may_keep:
            written.append("k keep")
        return ["Enter finish", *written, "g tests", "p report"]

    @property
    def command(self) -> str:
        """What makes GlitchTip read the settings."""
        return restart.command(self.draft, self.flow.session, self.flow.known) or ""

    def lines(self) -> list[str]:
        """Return the receipt in words."""
        receipt = self.flow.receipt
        if receipt is None:
            return ["Nothing was written."]
        word = "OK    written and read back" if receipt.complete else "WARN  not everything is written"
        lines = [f"{word}: {receipt.place}"]
        lines += [f"      {key} {state.value.replace('_', ' ')}" for key, state in receipt.keys.items()]
        lines += [f"      {fact}" for fact in receipt.facts]
        lines += self._said
        if self._beside:
            lines.append(f"      {drift_table.summary(self._beside)} (a shows all places)")
        lines += ["", *restart.lines(self.draft, self.flow.session, self.flow.known, self.flow.receipt)]
        if self.flow.kind is Flow.ROTATE:
            auth = next((found for found in self.flow.all_findings if found.check == "auth"), None)
            granted = str(getattr(auth.detail, "granted", None) or "") if auth is not None else ""
            place = web_ui.place("credentials", granted or None)
            lines += ["", "Revoke the old key only after the containers have the new value:", f"  {place}"]
        return lines

    def action_all_places(self) -> None:
        """Show the places side by side."""
        if self._beside:
            self.app.push_screen(Page("All places that have the settings", drift_table.lines(self._beside)))

    @property
    def may_keep(self) -> bool:
        """Whether there are values from before that only this run can put back."""
        return done_step.values_to_keep(self.flow) and not self.flow.kept_values

    @work(group="keyring", exit_on_error=False, description="keyring")
    async def tidy(self) -> None:
        """Keep the client secret where that was wanted on its own screen."""
        self.tell(await done_step.after_writing(self.flow))

    def tell(self, said: list[str]) -> None:
        """Add *said* to what is shown."""
        if said and self.flow.receipt is not None:
            self._said += [f"      {line}" for line in said]
            self.show(self.lines())

    @work(exclusive=True, group="drift", exit_on_error=False, description="all places")
    async def look_beside(self) -> None:
        """Compare every place that has the settings; nothing waits for it."""
        try:
            writer = self.flow.writer() if isinstance(self.draft.target, InfisicalTarget) else None
            self._beside = await drift.table(self.draft, self.session, writer)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
            return
        if self.flow.receipt is not None:
            self.show(self.lines())

    def has_checks(self) -> bool:
        """Whether there is a container to look into."""
        return self.flow.receipt is not None

    def checks(self, on_event: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Compare inside the container."""
        from wizard.checks import container

        return container.check(self.draft, self.session, on_event)

    def found(self, found: list[Finding]) -> None:
        """Say so where there is nothing to look into, and when the old key may go; then compare all places."""
        self.look_beside()
        self.findings.display = any(finding.verdict is not Verdict.SKIP for finding in found)
        if self.flow.kind is Flow.ROTATE and found and all(finding.verdict is Verdict.PASS for finding in found):
            self.say("\n".join(wrapped([f"The containers have the new value. {done_step.revoke(self.flow)}"])))
        elif all(finding.verdict.value == "skip" for finding in found):
            self.say("\n".join(wrapped([found[0].summary if found else ""])))

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self.command)
        self.say(f"Sent to the clipboard: {self.command}")

    def action_guide(self) -> None:
        """Show what only a person can test, and the lines for monitoring."""
        from wizard.rollout import next_steps

        self.app.push_screen(Page("What now", next_steps.lines(self.draft, self.session), hang=3))

    def action_keep(self) -> None:
        """Offer to keep the values from before for a later run."""
        if self.may_keep and not self._busy:
            self.app.push_screen(Confirm(done_step.KEEP_VALUES), self.keep)

    def keep(self, yes: bool | None) -> None:
        """Keep the values from before in the keyring."""
        if yes:
            self.say("asking the keyring ...")
            self._busy = True
            self.keep_values()

    @work(group="keyring", exit_on_error=False, description="keyring")
    async def keep_values(self) -> None:
        """Keep the values from before, and say what became of it."""
        said = await done_step.keep_values(self.flow)
        self._busy = False
        self.say("\n".join(wrapped([said])))
        self.show_keys()

    def action_roll_back(self) -> None:
        """Ask, then put the old values back."""
        if self.flow.receipt is not None and not self._busy:
            self.app.push_screen(Confirm("Put the values back that were there before?"), self.roll_back)

    def roll_back(self, yes: bool | None) -> None:
        """Put the old values back."""
        if yes and self.flow.receipt is not None:
            self._busy = True
            self.undo()

    @work(exclusive=True, group="commit", exit_on_error=False, description="undo")
    async def undo(self) -> None:
        """Undo the writing."""
        try:
            undone = await self.flow.writer().roll_back()
            await done_step.put_back(self.flow)
        except (Refused, UncertainError) as error:
            self.show([f"Not rolled back: {error}", "", *self.lines()])
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
        else:
            self.flow.receipt = None
            states = [f"      {key} {state.value.replace('_', ' ')}" for key, state in undone.keys.items()]
            self.show(
                [f"OK    rolled back: {undone.place}", *states, *undone.facts, "", f"Now on the host:   {self.command}"]
            )
        self._busy = False
        self.show_keys()

    def action_finish(self) -> None:
        """Finish; a backup is kept until the operator says that mail arrives."""
        if self._busy:
            return
        if self.flow.receipt is not None and isinstance(self.draft.target, EnvTarget):
            question = "Does mail arrive, so that the backup with the old values may go?\n\ny removes it, n keeps it."
            self.app.push_screen(Confirm(question), self.finish)
        elif self.flow.receipt is not None and self.flow.kept_values:
            self.app.push_screen(Confirm(f"{done_step.LET_GO}\n\ny lets them go, n keeps them."), self.finish)
        else:
            self.end()

    def finish(self, confirmed: bool | None) -> None:
        """Forget the draft, and the backup where the operator confirmed; without an answer stay."""
        if confirmed is None:
            return
        if confirmed and isinstance(self.draft.target, InfisicalTarget):
            self.say("asking the keyring ...")
            self._busy = True
            self.let_go()
            return
        if confirmed:
            self.forget()
        self.end(*([done_step.revoke(self.flow)] if confirmed and self.flow.kind is Flow.ROTATE else []))

    @work(group="keyring", exit_on_error=False, description="keyring")
    async def let_go(self) -> None:
        """Let go of the values from before, and end."""
        said = await done_step.let_go(self.flow)
        self._busy = False
        self.end(said)

    def end(self, *said: str) -> None:
        """Leave, and say what is still to be done."""
        if self.flow.receipt is not None:
            self.flow.farewell = (f"Now on the host: {self.command}", *said)
        self.leave(To.NEXT)

    def forget(self) -> None:
        """Remove the backups of the file that was written."""
        from wizard.targets.env_file.backups import Backups

        target = self.draft.target
        assert isinstance(target, EnvTarget)
        Backups(state_of(target, self.session, self.flow.journal), self.session.path(target.path)).forget()
