"""Done: the proofs, what was written and read back, what to restart, and the way back while there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.containers import VerticalScroll

from screens.shell.step_screen import StepScreen
from wizard.model.finding import Verdict
from wizard.model.session import nobody
from wizard.setup.steps import done

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget


_WAIT = 5.0
"""Seconds between two looks at the containers."""


class DoneScreen(StepScreen):
    """Shows the receipt."""

    KEY = "done"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS = [Binding("enter", "finish", show=False)]

    def body(self) -> Iterator[Widget]:
        """Yield the receipt, the commands, and the containers' findings."""
        with VerticalScroll(can_focus=True, classes="page"):
            yield self._text
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Look at the containers again and again until they run with the new settings."""
        super().on_mount()
        self.set_interval(_WAIT, self.look_again)

    @work(exclusive=True, group="wait", description="wait")
    async def look_again(self) -> None:
        """Look once more; only what has changed is drawn."""
        if self.busy or self.checking or not done.waits(self.flow):
            return
        before = [(one.subject, one.code) for one in done.services(self.flow)]
        await done.look_at_containers(self.flow, nobody)
        if [(one.subject, one.code) for one in done.services(self.flow)] != before:
            self.refresh_step()

    def refresh_step(self) -> None:
        """Show the containers' findings where there is something to see in them."""
        super().refresh_step()
        self.findings.display = any(one.verdict is not Verdict.SKIP for one in self.findings.shown)

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.findings.has_focus and self.findings.shown:
            return ["Enter more", "r container"]
        written = ["c copy", "r container"] if self.flow.receipt is not None else []
        return ["Enter finish", *written, *self.offer_keys(), "p report"]

    def action_copy(self) -> None:
        """Copy the command."""
        if self.flow.receipt is not None:
            command = done.command(self.flow)
            if command is None:
                return
            self.app.copy_to_clipboard(command)
            self.say(f"Sent to the clipboard: {command}")

    def action_finish(self) -> None:
        """Finish."""
        self.advance()
