"""The start: what is found here, and what can be done from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import on

from screens.shell.step_screen import StepScreen
from screens.widgets.menu import Item, Menu
from screens.widgets.panel import Panel
from screens.widgets.scrolling import Scrolling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import Binding
    from textual.widget import Widget

    from wizard.setup.flow import FlowState


_BORDER: Final = 2
_LEAST: Final = 5
"""Lines that what was found keeps, its border included."""
_USUAL: Final = 9
"""Lines that it mostly takes: kept free from the first paint on, or each thing found would move the choices."""


class StartScreen(StepScreen):
    """Offers the step's choices."""

    KEY = "start"
    AUTO_FOCUS = "Menu"
    SPARE = 1

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._menu = Menu(self.items())

    def items(self) -> list[Item]:
        """Return the choices that there are now."""
        return [Item(offer.id, offer.name, offer.note) for offer in self.step.offers(self.flow) if offer.choice]

    def body(self) -> Iterator[Widget]:
        """Yield what is found, then the choices."""
        self._found = Panel("Found here", Scrolling(self._text), id="found")
        self._choices = Panel("What now", self._menu, id="choices")
        yield self._found
        yield self._choices

    def on_mount(self) -> None:
        """Share out the room again when the choices take more lines, or fewer."""
        super().on_mount()
        self.watch(self._menu, "virtual_size", self.share_out, init=False)

    def refresh_step(self) -> None:
        """Show the choices that there are now."""
        self._menu.show(self.items())
        super().refresh_step()

    def share_out(self) -> None:
        """Give the choices the lines they need; what was found scrolls in the rest."""
        room = self.query_one(".body").size.height
        if room:
            wanted = max(self._menu.option_count, self._menu.virtual_size.height) + _BORDER
            self._choices.styles.height = min(wanted, room - _LEAST)
            self._found.styles.max_height = max(_LEAST, room - wanted)
            self._found.styles.min_height = min(_USUAL, max(_LEAST, room - wanted))

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
