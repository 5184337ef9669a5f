"""The review: the exact change, masked, as the plan has it; nothing is written before Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import VerticalScroll

from screens.shell.step_screen import StepScreen
from wizard.setup.step import Passage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget


class ReviewScreen(StepScreen):
    """Shows the plan and applies that very plan."""

    KEY = "review"
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS = [Binding("enter", "write", show=False)]

    def body(self) -> Iterator[Widget]:
        """Yield the change."""
        with VerticalScroll(can_focus=True, classes="page"):
            yield self._text
        yield self.status

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        passage = self.step.gate(self.flow).passage
        plan = self.flow.plan
        if self.busy or passage is Passage.CLOSED or plan is None:
            return [*self.offer_keys(), "p report"]
        word = "leave" if plan.changes_nothing else "print and leave" if self.flow.dry_run else "write"
        return [f"Enter {word}", *self.offer_keys(), "r again", "p report"]

    def action_write(self) -> None:
        """Write the plan that is shown."""
        self.advance()
