"""A step that shows rather than asks: its parts in panels, one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from screens.shell.step_screen import StepScreen
from screens.widgets.sections import Sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.setup.flow import FlowState


class PartsScreen(StepScreen):
    """Renders the step's ``sections``."""

    AUTO_FOCUS = "Sections"
    SHOWS_LINES = False
    BINDINGS = [Binding("n", "advance", show=False)]
    """Enter does it, and is shown."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._parts = Sections(hang=self.HANG)

    def body(self) -> Iterator[Widget]:
        """Yield the parts."""
        yield self._parts

    def on_mount(self) -> None:
        """Show the parts with the first paint."""
        self.show_parts()
        super().on_mount()

    def show_parts(self) -> None:
        """Show the parts as they are now."""
        if self.step.sections is not None:
            self._parts.show(self.step.sections(self.flow))

    def refresh_step(self) -> None:
        """Show the step as it is now."""
        self.show_parts()
        super().refresh_step()

    def share_out(self) -> None:
        """Leave the room to the parts."""

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now."""
        return self.next_words if binding.key == "enter" else super().describe(binding)
