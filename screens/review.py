"""The review: the exact change, masked, as the plan has it; nothing is written before Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from screens.shell.parts_screen import PartsScreen
from wizard.setup.step import Passage

if TYPE_CHECKING:
    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Result


class ReviewScreen(PartsScreen):
    """Shows the plan and applies that very plan."""

    KEY = "review"
    BINDINGS = [Binding("enter", "advance", "write")]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._entered = False
        """Whether target and configuration were judged once since the step was entered."""
        self._early: object = None
        """The change that was shown when Enter was pressed too early; None: it was not."""

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
        return not self._entered or self.checking

    def advance(self) -> None:
        """Write, once everything was judged."""
        if self.is_looking:
            self._early = self._change
            self.say("Still checking this project's configuration ...")
        else:
            super().advance()

    @property
    def _change(self) -> object:
        """What is shown as the change."""
        return self.flow.plan.as_json() if self.flow.plan is not None else None

    def resume(self) -> None:
        """Do what Enter asked for while it was still judged, if the change is the one that was shown then."""
        if self._early is not None and not self.is_looking:
            confirmed, self._early = self._early, None
            if confirmed == self._change:
                self.advance()

    def found(self, findings: list[Finding]) -> None:
        """Continue where Enter was pressed before."""
        super().found(findings)
        self.call_after_refresh(self.resume)

    def entered(self, result: Result) -> None:
        """Show what was judged; from now on it can be written."""
        self._entered = True
        super().entered(result)
        self.call_after_refresh(self.resume)

    @property
    def next_words(self) -> str:
        """What continuing does; nothing while it is still judged."""
        if self.is_looking:
            return ""
        if self.flow.plan is not None and self.flow.plan.changes_nothing:
            return "leave"
        return "print and leave" if self.flow.dry_run else "write"
