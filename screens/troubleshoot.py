"""Troubleshooting: a symptom or pasted log text in, the causes as rows, the proof and the remedy of each beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import OptionList

from screens.shell.step_screen import StepScreen
from screens.shell.textual_private import Words
from screens.widgets.menu import Item, Menu
from screens.widgets.panel import Panel
from screens.widgets.scrolling import Scrolling
from screens.widgets.wrap import wrapped
from wizard.setup.step import offer
from wizard.setup.steps import troubleshoot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import Binding
    from textual.widget import Widget

    from wizard.model.session import Event
    from wizard.setup.flow import FlowState

_REPAIR = "repair"


class TroubleshootScreen(StepScreen):
    """Asks what is seen and names the causes."""

    KEY = "troubleshoot"
    AUTO_FOCUS = "#symptoms"
    SHOWS_LINES = False

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        choices = [Item(one.id, one.name) for one in self.step.offers(flow) if one.choice and one.id != _REPAIR]
        self._symptoms = Menu(choices, id="symptoms")
        self._causes = Menu([], id="causes")
        self._cause = Words("")

    def body(self) -> Iterator[Widget]:
        """Yield the symptoms; in their place what was diagnosed, and the selected cause below it."""
        yield Panel("What you see", self._symptoms, id="choices")
        yield Panel("Causes, the likeliest first", self._causes, id="diagnosed")
        yield Panel("What to do, and why", Scrolling(self._cause), id="cause")

    def show_rows(self) -> None:
        """Show the causes in place of the symptoms, once there are any."""
        found = self.flow.diagnosis
        diagnosed = found is not None
        self.query_one("#choices").display = not diagnosed
        self.query_one("#diagnosed").display = diagnosed and bool(found and found.causes)
        self.query_one("#cause").display = diagnosed
        if found is None:
            return
        causes = [
            Item(one.key, f"{one.state.value:<9} {one.cause}", hang=10) for one in (*found.standing, *found.excluded)
        ]
        is_new = not self._causes.option_count
        self._causes.show(causes)
        if is_new and self._symptoms.has_focus:
            self._causes.focus()  # what had the focus is hidden now
        self.show_cause()

    def show_cause(self) -> None:
        """Show proof and remedy of the highlighted cause."""
        found = self.flow.diagnosis
        if found is None:
            return
        width = max(20, self._cause.size.width or self.size.width - 6)
        if not found.causes:
            self._cause.update(Content("\n".join(wrapped(self.step.lines(self.flow), width=width))))
            return
        one = next((each for each in (*found.standing, *found.excluded) if each.key == self._causes.key), None)
        if one is not None:
            to_do = [Content.styled(line, "bold") for line in wrapped([one.remedy], width=width)]
            why = ["", f"{one.state.value}: {troubleshoot.proof(one)}"]
            if found.aside:
                why += ["", f"Left aside: {found.aside}."]
            self._cause.update(Content("\n").join([*to_do, *map(Content, wrapped(why, width=width))]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether *action* can be done now: a cause or a symptom leads on."""
        return action != "advance" and super().check_action(action, parameters)

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now."""
        if binding.key == "enter" and self._causes.has_focus:
            step = troubleshoot.repair_step(self.flow, self._causes.key)
            return f"fix it: step {step.replace('_', ' ')}" if step else ""
        if binding.key == "enter" and self._symptoms.has_focus:
            return "choose"
        if binding.key == "f4":
            return "paste log lines"
        if binding.key == "escape" and self.flow.diagnosis is not None:
            return "back to what you see"
        return super().describe(binding)

    def action_back(self) -> None:
        """Go back: from the causes to the symptoms, from there to the start."""
        if self.flow.diagnosis is None or self.busy:
            super().action_back()
            return
        self.flow.diagnosis = None
        self._causes.show([])
        self.show_rows()
        self._symptoms.focus()

    def listen(self, event: Event) -> None:
        """Rank the causes again after each finding."""
        super().listen(event)
        self.show_rows()

    @on(OptionList.OptionHighlighted, "#causes")
    def show_highlighted(self) -> None:
        """Show another cause."""
        self.show_cause()
        self.show_keys()

    @on(Menu.Chosen, "#symptoms")
    def choose(self, event: Menu.Chosen) -> None:
        """Do what was chosen; for pasted text ask for it first."""
        chosen = offer(self.step, self.flow, event.key)
        if chosen is not None:
            self.exchanges.clear()
            self.take(chosen)

    @on(Menu.Chosen, "#causes")
    def repair(self, event: Menu.Chosen) -> None:
        """Go to the step that fixes the cause."""
        repair = offer(self.step, self.flow, _REPAIR)
        if repair is not None:
            self.workers.cancel_group(self, "commit")  # what is still being checked is not waited for
            self.busy = False
            self.take(repair, {"cause": event.key})
