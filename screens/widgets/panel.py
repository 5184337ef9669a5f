"""A titled box round what belongs together; in the accent colour while the focus is in it (style.tcss)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from screens.shell.textual_private import Words

if TYPE_CHECKING:
    from textual.widget import Widget


class Text(Words):
    """Text that may take another number of lines: then there is more room for what is around it, or less."""

    class Resized(Message):
        """It has another size."""

    def on_resize(self) -> None:
        """Let the room be shared out again."""
        self.post_message(self.Resized())


class Panel(Vertical):
    """A box with a title at its top left and a tally at its top right."""

    def __init__(self, title: str, *children: Widget, id: str | None = None, classes: str = "") -> None:  # noqa: A002  # Textual's name
        super().__init__(*children, id=id, classes=f"panel {classes}".strip())
        self.name_it(title)

    def name_it(self, title: str) -> None:
        """Show another *title*."""
        self.border_title = Content(title)
