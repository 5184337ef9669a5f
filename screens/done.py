"""Done: the proofs, what was written and read back, what to restart, and the way back while there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding

from screens.shell.parts_screen import PartsScreen
from wizard.model.session import nobody
from wizard.setup import services

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState

_WAIT = 5.0
"""Seconds between two looks at the containers."""


class DoneScreen(PartsScreen):
    """Shows the receipt."""

    KEY = "done"
    BINDINGS = [Binding("enter", "advance", "finish")]
    copy_word = "the command"

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._command: str | None = None
        """The command to copy, as it is shown; None: to be looked up."""

    @property
    def next_words(self) -> str:
        """What continuing does."""
        return "finish"

    def on_mount(self) -> None:
        """Look at the containers again and again until they run with the new settings."""
        super().on_mount()
        self.set_interval(_WAIT, self.look_again)

    @work(exclusive=True, group="wait", description="wait")
    async def look_again(self) -> None:
        """Look once more; only what has changed is drawn."""
        if self.busy or self.checking or not services.waits(self.flow):
            return
        before = [(one.subject, one.code) for one in services.found(self.flow)]
        await services.look(self.flow, nobody)
        if [(one.subject, one.code) for one in services.found(self.flow)] != before:
            self.refresh_step()

    def refresh_step(self) -> None:
        """Show the step as it is now."""
        self._command = None
        super().refresh_step()

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now."""
        return "check containers" if binding.action == "check_again" else super().describe(binding)

    @property
    def to_copy(self) -> str:
        """The command that makes the settings effective."""
        if self._command is None:
            self._command = (services.command(self.flow) or "") if services.is_something_left(self.flow) else ""
        return self._command

    def action_copy(self) -> None:
        """Copy the command."""
        if self.to_copy:
            self.app.copy_to_clipboard(self.to_copy)
            self.say(f"Sent to the clipboard: {self.to_copy}")
