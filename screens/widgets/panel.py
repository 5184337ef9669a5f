"""A titled box round what belongs together; in the accent colour while the focus is in it (style.tcss)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content

if TYPE_CHECKING:
    from textual.widget import Widget


class Panel(Vertical):
    """A box with a title at its top left and a tally at its top right."""

    def __init__(self, title: str, *children: Widget, id: str | None = None, classes: str = "") -> None:  # noqa: A002  # Textual's name
        super().__init__(*children, id=id, classes=f"panel {classes}".strip())
        self.name_it(title)

    def name_it(self, title: str) -> None:
        """Show another *title*."""
        self.border_title = Content(title)
