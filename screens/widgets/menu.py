"""A list to choose from: the present line is marked by ``>``, never by colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu."""

    key: str
    title: str
    note: str = ""


class Menu(Static, can_focus=True):
    """Lines of which one is chosen by Enter."""

    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Moved(Message):
        """The mark is at another line."""

        def __init__(self, menu: Menu) -> None:
            super().__init__()
            self.menu = menu

        @property
        def control(self) -> Menu:
            """The menu, for handlers that name one."""
            return self.menu

    class Chosen(Message):
        """A line was chosen."""

        def __init__(self, menu: Menu) -> None:
            super().__init__()
            self.menu = menu

        @property
        def control(self) -> Menu:
            """The menu, for handlers that name one."""
            return self.menu

    def __init__(self, items: Sequence[Item], *, at: str = "", id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, classes="menu")
        self._items = tuple(items)
        self._at = next((index for index, item in enumerate(items) if item.key == at), 0)

    @property
    def key(self) -> str:
        """The key of the present line."""
        return self._items[self._at].key

    def show(self, items: Sequence[Item]) -> None:
        """Show other *items*; the mark stays at the line of the same key."""
        at = self.key if self._items else ""
        self._items = tuple(items)
        self._at = next((index for index, item in enumerate(items) if item.key == at), 0)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Show every line, the present one marked."""
        return Content("\n").join(self._line(index, item) for index, item in enumerate(self._items))

    def _line(self, index: int, item: Item) -> Content:
        here = index == self._at
        longest = max(len(each.title) for each in self._items)
        text = f"{'>' if here else ' '} {item.title:<{longest}}  {item.note}".rstrip()
        text = Untrusted(text)
        return Content.styled(text, "bold") if here and self.has_focus else Content(text)

    def action_move(self, by: int) -> None:
        """Move the mark; beyond the ends the focus moves to the next widget."""
        if 0 <= self._at + by < len(self._items):
            self._at += by
            self.refresh()
            self.post_message(self.Moved(self))
        elif by > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def action_choose(self) -> None:
        """Choose the present line."""
        self.post_message(self.Chosen(self))
