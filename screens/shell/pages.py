"""Two pages that every step has: the keys that act now, and what is known so far."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from textual.binding import Binding
from textual.content import Content

from screens.shell.dialogs import Page
from screens.shell.frame import Modal
from screens.shell.textual_private import Words
from screens.widgets.footer import Key, acting
from screens.widgets.scrolling import Scrolling
from screens.widgets.side_bar import side_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.screen import Screen
    from textual.widget import Widget

    from wizard.setup.flow import FlowState

_KEY: Final = 10
_MOUSE: Final = (
    "A click chooses a line, a choice, a step that was passed, or a key of the last line.",
    "Shift held down while selecting gives the mouse to the terminal; x shows a record alone.",
)


def key_lines(keys: list[Key], width: int) -> list[str]:
    """Return *keys* in two columns of *width* together, read down the first and then the second; in one if need be."""
    shown = [f"{one.name:<{_KEY}}{one.words}" for one in keys]
    half = (len(shown) + 1) // 2
    left, right = shown[:half], shown[half:]
    column = max(map(len, left), default=0) + 3
    if column + max(map(len, right), default=0) > width:
        return shown
    return [f"{one:<{column}}{other}".rstrip() for one, other in zip_longest(left, right, fillvalue="")]


class KeysPage(Page):
    """Every key that acts on the step below."""

    BINDINGS = [Binding("question_mark", "close", show=False)]
    TALL = False

    def __init__(self, screen: Screen[Any]) -> None:
        also = [Key("ctrl+p", "more, as commands"), Key("ctrl+l", "draw again"), Key("ctrl+z", "suspend")]
        known = acting(screen)
        keys = [*known, *(one for one in also if one.key not in {each.key for each in known})]
        super().__init__("Keys", ())
        self._keys = keys

    def lines(self, width: int) -> list[str]:
        """Return the keys in as many columns as fit, and what the mouse does."""
        return [*key_lines(self._keys, width), "", *_MOUSE]


class Side(Modal[None]):
    """Steps, proofs and checklist, where the terminal is too narrow for a side bar."""

    BINDINGS = [
        Binding("escape", "close", "back"),
        Binding("l,enter,q", "close", show=False),
    ]
    TITLE_LINE = "So far"
    TALL = True
    AUTO_FOCUS = "Scrolling"

    def __init__(self, flow: FlowState) -> None:
        super().__init__()
        self._flow = flow

    def body(self) -> Iterator[Widget]:
        """Yield the lines."""
        with Scrolling(classes="page"):
            yield Words(Content("\n").join(side_lines(self._flow, 66)))
