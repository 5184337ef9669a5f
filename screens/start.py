"""The start: what is found here, and what can be done from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from screens.shell.step_screen import StepScreen
from screens.widgets.menu import Item, Menu
from screens.widgets.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import Binding
    from textual.widget import Widget

    from wizard.setup.flow import FlowState


class StartScreen(StepScreen):
    """Offers the step's choices."""

    KEY = "start"
    AUTO_FOCUS = "Menu"
    HANG = 21

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._menu = Menu(self.items())

    def items(self) -> list[Item]:
        """Return the choices that there are now."""
        return [Item(offer.id, offer.name, offer.note) for offer in self.step.offers(self.flow) if offer.choice]

    def body(self) -> Iterator[Widget]:
        """Yield what is found, then the choices."""
        yield Panel("Found here", self._text, id="found")
        yield Panel("What now", self._menu, id="choices")

    def refresh_step(self) -> None:
        """Show the choices that there are now."""
        super().refresh_step()
        self._menu.show(self.items())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether *action* can be done now: nothing comes before the start, and a choice leads on."""
        return action not in {"back", "advance"} and super().check_action(action, parameters)

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now."""
        return "go" if binding.key == "enter" else super().describe(binding)

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        """Do what was chosen."""
        self.take(next(one for one in self.step.offers(self.flow) if one.id == event.key))
