"""Troubleshooting: a symptom or pasted log text in, one named cause and its remedy out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.shell.step_screen import StepScreen
from screens.widgets.menu import Item, Menu
from wizard.setup.step import offer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.model.session import Event
    from wizard.setup.flow import FlowState

_REPAIR = "repair"


class TroubleshootScreen(StepScreen):
    """Asks what is seen and names the cause."""

    KEY = "troubleshoot"
    AUTO_FOCUS = "#symptoms"
    HANG = 3

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        choices = [Item(one.id, one.name) for one in self.step.offers(flow) if one.choice]
        self._symptoms = Menu(choices, id="symptoms")
        self._way_out = Menu([Item(_REPAIR, "")], id="repair")

    def body(self) -> Iterator[Widget]:
        """Yield the symptoms, then what was diagnosed, then the step that repairs it."""
        yield self._symptoms
        yield self.status
        yield Static("")
        with VerticalScroll(can_focus=True, classes="page"):
            yield self._text
        self._way_out.display = False
        yield self._way_out

    def refresh_step(self) -> None:
        """Show the causes, and the way to the step that repairs the first."""
        super().refresh_step()
        repair = offer(self.step, self.flow, _REPAIR)
        is_new = repair is not None and not self._way_out.display
        self._way_out.display = repair is not None
        if repair is not None:
            self._way_out.show([Item(_REPAIR, repair.name.capitalize())])
        if is_new and (self._symptoms.has_focus or self.focused is None):
            self._way_out.focus()  # the next Enter leads to the repair, not to the same question again

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        first = "Enter go to the step" if self._way_out.has_focus else "Enter choose"
        dialogue = ["d dialogue"] if self.exchanges else []
        return [first, "F4 paste log lines", *dialogue, "p report"]

    def listen(self, event: Event) -> None:
        """Rank the causes again after each finding."""
        super().listen(event)
        self.show_lines()

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        """Do what was chosen; for pasted text ask for it first."""
        chosen = offer(self.step, self.flow, event.menu.key)
        if chosen is not None:
            self.exchanges.clear()
            self.take(chosen)
