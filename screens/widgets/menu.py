"""A list to choose from, by the arrows and Enter or by a click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu."""

    key: str
    title: str
    note: str = ""


class Menu(OptionList):
    """Lines of which one is chosen."""

    BINDINGS = [Binding("enter", "select", "choose")]

    class Chosen(Message):
        """A line was chosen."""

        def __init__(self, menu: Menu, key: str) -> None:
            super().__init__()
            self.menu = menu
            self.key = key

        @property
        def control(self) -> Menu:
            """The menu, for handlers that name one."""
            return self.menu

    def __init__(self, items: Sequence[Item], *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, classes="menu", compact=True)
        self._items: tuple[Item, ...] = ()
        self.show(items)

    @property
    def key(self) -> str:
        """The key of the highlighted line, empty without one."""
        return self._items[self.highlighted].key if self.highlighted is not None else ""

    @property
    def title(self) -> str:
        """The title of the highlighted line, empty without one."""
        return self._items[self.highlighted].title if self.highlighted is not None else ""

    def show(self, items: Sequence[Item]) -> None:
        """Show other *items*; the highlight stays at the line of the same key."""
        if tuple(items) == self._items:
            return
        at = self.key if self._items else ""
        self._items = tuple(items)
        longest = max((len(item.title) for item in items), default=0)
        self.set_options(Option(_line(item, longest)) for item in items)
        self.highlighted = next((index for index, item in enumerate(items) if item.key == at), 0 if items else None)

    def choose(self, key: str) -> None:
        """Highlight the line *key*."""
        self.highlighted = next(index for index, item in enumerate(self._items) if item.key == key)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Say which line was chosen."""
        event.stop()
        self.post_message(self.Chosen(self, self._items[event.option_index].key))


def _line(item: Item, longest: int) -> Content:
    title = Untrusted(item.title)
    if not item.note:
        return Content(title)
    return Content.assemble(f"{title:<{longest}}", (f"  {Untrusted(item.note)}", "$foreground-muted"))
