"""Reverse video from the style sheet, for widgets that are drawn by what Textual calls a visual style.

Textual (8.2) takes bold, dim, italic, underline and strike into it, and leaves reverse video out: without this the
line of a menu that Enter would choose looks like every other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.style import Style
    from textual.widget import Widget
else:
    Widget = object  # as a widget of its own it would hide the component classes of the other base


class Reversing(Widget):
    """Draws in reverse video what the style sheet says is to be; the first of a widget's bases."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """Return the style with reverse video where one of *component_classes* has it."""
        style = super().get_visual_style(*component_classes, partial=partial)
        if any(self.get_component_styles(name).text_style.reverse for name in component_classes):
            return replace(style, reverse=True)
        return style
