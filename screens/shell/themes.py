"""The colours: those of the terminal's own palette, dark or light, or none at all."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

_PARTS: Final = (
    "border", "border-blurred", "scrollbar", "scrollbar-hover", "scrollbar-active", "scrollbar-background",
    "scrollbar-background-hover", "scrollbar-background-active", "scrollbar-corner-color", "block-cursor-foreground",
    "block-cursor-background", "block-hover-background", "input-cursor-background", "input-cursor-foreground",
    "input-selection-background", "input-selection-foreground", "ansi-background", "ansi-foreground",
)  # fmt: skip
MONO: Final = Theme(
    name="mono",
    ansi=True,  # else what is muted becomes black, on a black terminal too
    variables=dict.fromkeys(_PARTS, "ansi_default"),
    primary="ansi_default",
    secondary="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    success="ansi_default",
    accent="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
)
"""Weight and reverse video alone: what colour says is said by marks and words as well."""
THEMES: Final = {"dark": "ansi-dark", "light": "ansi-light", "mono": "mono"}
"""Textual's themes by the words of ``--theme``."""
