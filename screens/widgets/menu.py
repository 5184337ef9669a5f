"""A list to choose from, by the arrows and Enter or by a click."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.widgets.reverse import Reversing
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Sequence


_USUAL: Final = 76
"""Columns of a panel at 80, before anything is laid out."""
_PADDING: Final = 3
"""Columns at both sides, and for a scroll bar."""
_NARROW: Final = 16
"""Columns below which a note has no column of its own."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu."""

    key: str
    title: str
    note: str = ""
    hang: int = 0
    """Where the title continues when it is wrapped."""


class Menu(Reversing, OptionList):
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
        self._written: list[Content] = []
        self.show(items)

    @property
    def key(self) -> str:
        """The key of the highlighted line, empty without one."""
        return self._items[self.highlighted].key if self.highlighted is not None else ""

    def show(self, items: Sequence[Item]) -> None:
        """Show other *items*; the highlight stays at the line of the same key."""
        if tuple(items) == self._items:
            return
        at = self.key if self._items else ""
        self._items = tuple(items)
        self._write(next((index for index, item in enumerate(items) if item.key == at), 0 if items else None))

    def on_resize(self) -> None:
        """Wrap the lines to the width that there is."""
        self._write(self.highlighted)

    def _write(self, highlighted: int | None) -> None:
        longest = max((len(item.title) for item in self._items), default=0)
        width = max(20, (self.size.width or _USUAL) - _PADDING)
        lines = [_line(item, longest, width) for item in self._items]
        if lines != self._written:
            self._written = lines
            self.set_options(Option(line) for line in lines)
        self.highlighted = highlighted

    def choose(self, key: str) -> None:
        """Highlight the line *key*."""
        self.highlighted = next(index for index, item in enumerate(self._items) if item.key == key)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        """Say which line was chosen."""
        event.stop()
        self.post_message(self.Chosen(self, self._items[event.option_index].key))

    def action_page_up(self) -> None:
        """Go up by a page; where the terminal leaves no room for a line, there is none."""
        if self.scrollable_content_region.area:
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual gives it no types

    def action_page_down(self) -> None:
        """Go down by a page, likewise."""
        if self.scrollable_content_region.area:
            super().action_page_down()  # type: ignore[no-untyped-call]  # the same


def _line(item: Item, longest: int, width: int) -> Content:
    """Return *item* in as many lines of *width* as it takes, its note in a column of its own."""
    title, note = Untrusted(item.title), Untrusted(item.note)
    column = longest + 2
    if not note or width - column < _NARROW:
        text = f"{title:<{longest}}  {note}".rstrip()
        return Content("\n".join(textwrap.wrap(text, width, subsequent_indent=" " * item.hang) or [""]))
    first, *rest = textwrap.wrap(note, width - column)
    further = "".join(f"\n{'':<{column}}{line}" for line in rest)
    return Content.assemble(f"{title:<{longest}}", (f"  {first}{further}", "$foreground-muted"))
