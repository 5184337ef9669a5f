"""The way to the server as a line: a bar for each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from screens.widgets import drawings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.session import Exchange


class Timeline(Static):
    """The stages of the present dialogue; not there before the first."""

    def __init__(self) -> None:
        super().__init__("", classes="timeline")
        self.display = False

    def draw(self, exchanges: Sequence[Exchange]) -> None:
        """Draw the stages of *exchanges*."""
        line = drawings.timeline(exchanges)
        self.update(Content(line))
        self.display = bool(line)
