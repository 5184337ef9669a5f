"""The start: what is found here, and what can be done from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Static

from screens.shell.step_screen import StepScreen
from screens.widgets.menu import Item, Menu

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.setup.flow import FlowState


class StartScreen(StepScreen):
    """Offers the step's choices."""

    KEY = "start"
    AUTO_FOCUS = "Menu"
    BACK = ()
    HANG = 21

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._menu = Menu(self.items())

    def items(self) -> list[Item]:
        """Return the choices that there are now."""
        return [Item(offer.id, offer.name, offer.note) for offer in self.step.offers(self.flow) if offer.choice]

    def body(self) -> Iterator[Widget]:
        """Yield what is found, then the choices."""
        yield Static(Content("Found here"), classes="heading")
        yield self._text
        yield self._menu
        yield self.status

    def refresh_step(self) -> None:
        """Show the choices that there are now."""
        super().refresh_step()
        self._menu.show(self.items())

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        report = ["p report"] if self.flow.all_findings else []
        return ["up down choose", "Enter go", *self.offer_keys(), *report]

    def action_back(self) -> None:
        """Stay: there is nothing before the start."""

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        """Do what was chosen."""
        self.take(next(one for one in self.step.offers(self.flow) if one.id == event.menu.key))
