"""Two or three words of which one holds: the arrows or a click choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import RadioButton, RadioSet

from screens.shell.textual_private import Words
from screens.widgets.field import identity
from screens.widgets.reverse import Reversing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


class Button(Reversing, RadioButton):
    """A button whose shape shows its state: Textual's differs in colour alone."""

    BUTTON_LEFT, BUTTON_RIGHT = "(", ")"

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802  # Textual's name
        """What is between the brackets."""
        return "o" if self.value else " "


class Buttons(RadioSet):
    """The buttons; moving chooses at once, and Enter is left to the screen."""

    BINDINGS = [
        Binding("right", "turn(1)", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("down", "go(1)", show=False),
        Binding("up", "go(-1)", show=False),
        Binding("space", "turn(1)", "change"),
        Binding("enter", "continue", show=False),
    ]

    def action_turn(self, by: int) -> None:
        """Choose the next word, or the one before; beyond the ends comes the other end."""
        buttons = list(self.query(Button))
        at = (self.pressed_index + by) % len(buttons)
        buttons[at].value = True

    def action_go(self, by: int) -> None:
        """Choose where the buttons are one below the other; else go to the field below or above."""
        if self.parent is not None and self.parent.has_class("-tall"):
            self.action_turn(by)
        elif by > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    async def action_continue(self) -> None:
        """Do what Enter does on the screen."""
        await self.screen.run_action("advance")


class Choice(Horizontal):
    """A label and its buttons; the id of the buttons is the answer's key."""

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """The choice, for handlers that name one."""
            return self.choice

    def __init__(
        self, key: str, label: str, options: Sequence[tuple[str, str]], value: str, *, tall: bool = False
    ) -> None:
        super().__init__(id=f"choice-{identity(key)}", classes="choice -tall" if tall else "choice")
        self.key = key
        self._label = label
        self._options = tuple(options)
        self.value = value if value in dict(options) else self._options[0][0]

    def compose(self) -> ComposeResult:
        """Lay out the label and the buttons."""
        if self._label:
            yield Words(self._label, classes="label", markup=False)
        with Buttons(id=identity(self.key), compact=True):
            for name, title in self._options:
                yield Button(title, value=name == self.value, compact=True)

    @on(RadioSet.Changed)
    def changed(self, event: RadioSet.Changed) -> None:
        """Keep what was chosen."""
        event.stop()
        chosen = self._options[event.index][0]
        if chosen != self.value:
            self.value = chosen
            self.post_message(self.Changed(self))

    def choose(self, value: str) -> None:
        """Show that *value* holds, without a message."""
        if value != self.value and value in dict(self._options):
            self.value = value  # so that what the buttons say is nothing new
            at = next(index for index, (name, _) in enumerate(self._options) if name == value)
            list(self.query(Button))[at].value = True
