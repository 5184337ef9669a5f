"""The way to the server as a line: a bar for each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content

from screens.shell.textual_private import Words
from screens.widgets import drawings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.session import Exchange


_USUAL: Final = 74
"""Columns of a panel at 80, before anything is laid out."""


class Timeline(Words):
    """The stages of the present dialogue; not there before the first."""

    def __init__(self) -> None:
        super().__init__("", classes="timeline")
        self.display = False
        self._exchanges: tuple[Exchange, ...] = ()

    def draw(self, exchanges: Sequence[Exchange]) -> None:
        """Draw the stages of *exchanges*."""
        self._exchanges = tuple(exchanges)
        self.on_resize()

    def on_resize(self) -> None:
        """Draw bars for which there is room."""
        line = drawings.timeline(self._exchanges, self.size.width or _USUAL)
        self.update(Content(line))
        self.display = bool(line)
