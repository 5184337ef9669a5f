"""Done: what was written and read back, what to restart, and the way back while there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.base import StepScreen
from screens.modals import Confirm, Page
from screens.words import wrapped
from wizard import handing_over, postal_places
from wizard.draft import EnvTarget
from wizard.steps import Way
from wizard.targets import Receipt, Refused, Uncertain
from wizard.walk import To, state_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.finding import Finding
    from wizard.session import Listener
    from wizard.walk import Walk


class DoneScreen(StepScreen):
    """Shows the receipt."""

    KEY = "done"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS = [
        Binding("enter", "finish", show=False),
        Binding("b", "roll_back", show=False),
        Binding("g", "guide", show=False),
    ]

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        self._text = Static("", classes="block")
        self._undone: Receipt | None = None
        self._busy = False

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
        if self.walk.receipt is not None and not self.session.rehearsal:
            self.start_checks()

    def show(self, lines: list[str]) -> None:
        """Show *lines*."""
        self._text.update(Content("\n".join(wrapped(lines, hang=2))))

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.findings.has_focus and self.findings.shown:
            return ["Enter more", "r container"]
        written = ["c copy", "r container", "b roll back"] if self.walk.receipt is not None else []
        return ["Enter finish", *written, "g tests", "p report"]

    @property
    def command(self) -> str:
        """What makes GlitchTip read the settings."""
        return handing_over.command(self.draft, handing_over.project_id(self.walk))

    def lines(self) -> list[str]:
        """Return the receipt in words."""
        receipt = self.walk.receipt
        if receipt is None:
            return ["Nothing was written."]
        word = "OK    written and read back" if receipt.written else "WARN  not everything is written"
        lines = [f"{word}: {receipt.place}"]
        lines += [f"      {key} {state.value.replace('_', ' ')}" for key, state in receipt.keys.items()]
        lines += [f"      {fact}" for fact in receipt.facts]
        lines += ["", *handing_over.lines(self.draft, handing_over.project_id(self.walk))]
        if self.walk.way is Way.ROTATE:
            auth = next((found for found in self.walk.all_findings if found.check == "auth"), None)
            granted = str(getattr(auth.detail, "granted", None) or "") if auth is not None else ""
            place = postal_places.place("credentials", granted or None)
            lines += ["", "Revoke the old key only after the containers have the new value:", f"  {place}"]
        return lines

    def has_checks(self) -> bool:
        """Whether there is a container to look into."""
        return self.walk.receipt is not None

    def checks(self, heard: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Compare inside the container."""
        from wizard.checks import container

        return container.check(self.draft, self.session, heard)

    def found(self, found: list[Finding]) -> None:
        """Say so where there is nothing to look into."""
        if all(finding.verdict.value == "skip" for finding in found):
            self.say("\n".join(wrapped([found[0].summary if found else ""])))

    def action_copy(self) -> None:
        """Copy the command."""
        self.app.copy_to_clipboard(self.command)
        self.say(f"Sent to the clipboard: {self.command}")

    def action_guide(self) -> None:
        """Show what only a person can test, and the lines for monitoring."""
        from wizard import afterwards

        self.app.push_screen(Page("What now", afterwards.lines(self.draft, self.session), hang=3))

    def action_roll_back(self) -> None:
        """Ask, then put the old values back."""
        if self.walk.receipt is not None and not self._busy:
            self.app.push_screen(Confirm("Put the values back that were there before?"), self.roll_back)

    def roll_back(self, yes: bool | None) -> None:
        """Put the old values back."""
        if yes and self.walk.receipt is not None:
            self._busy = True
            self.undo(self.walk.receipt)

    @work(exclusive=True, group="commit", exit_on_error=False, description="undo")
    async def undo(self, receipt: Receipt) -> None:
        """Undo the writing."""
        try:
            undone = await self.walk.writer().undo(receipt)
        except (Refused, Uncertain) as error:
            self.show([f"Not rolled back: {error}", "", *self.lines()])
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
        else:
            self.walk.receipt = None
            states = [f"      {key} {state.value.replace('_', ' ')}" for key, state in undone.keys.items()]
            self.show([f"OK    rolled back: {undone.place}", *states, "", f"Now on the host:   {self.command}"])
        self._busy = False
        self.show_keys()

    def action_finish(self) -> None:
        """Finish; a backup is kept until the operator says that mail arrives."""
        if self._busy:
            return
        if self.walk.receipt is not None and isinstance(self.draft.target, EnvTarget):
            question = "Does mail arrive, so that the backup with the old values may go?\n\ny removes it, n keeps it."
            self.app.push_screen(Confirm(question), self.finish)
        else:
            self.leave(To.NEXT)

    def finish(self, confirmed: bool | None) -> None:
        """Forget the draft, and the backup where the operator confirmed; without an answer stay."""
        if confirmed is None:
            return
        if confirmed:
            self.forget()
        self.walk.farewell = (f"Now on the host: {self.command}",)
        self.leave(To.NEXT)

    def forget(self) -> None:
        """Remove the backups of the file that was written."""
        from wizard.targets.env_backups import Backups

        target = self.draft.target
        assert isinstance(target, EnvTarget)
        Backups(state_of(target, self.session, self.walk.journal), self.session.path(target.path)).forget()
