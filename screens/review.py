"""The review: the exact change, masked, as the plan has it; nothing is written before Enter."""

from __future__ import annotations

from textual.binding import Binding

from screens.shell.parts_screen import PartsScreen
from wizard.setup.step import Passage


class ReviewScreen(PartsScreen):
    """Shows the plan and applies that very plan."""

    KEY = "review"
    BINDINGS = [Binding("enter", "advance", "write")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether *action* can be done now: what is closed cannot be written."""
        if action == "advance" and self.is_closed:
            return False
        return super().check_action(action, parameters)

    @property
    def is_closed(self) -> bool:
        """Whether there is nothing that could be written now."""
        return self.busy or self.flow.plan is None or self.step.gate(self.flow).passage is Passage.CLOSED

    @property
    def is_looking(self) -> bool:
        """Whether target and configuration are still being judged: what is written is asked about only then."""
        return super().is_looking or self.checking

    def advance(self) -> None:
        """Write, once everything was judged; an early Enter counts for the change that was shown then."""
        if self.is_looking:
            self.once_judged(lambda: self.flow.plan.as_json() if self.flow.plan is not None else None, self.advance)
        else:
            super().advance()

    @property
    def next_words(self) -> str:
        """What continuing does; nothing while it is still judged."""
        if self.is_looking:
            return ""
        if self.flow.plan is not None and self.flow.plan.changes_nothing:
            return "leave"
        return "print and leave" if self.flow.dry_run else "write"
