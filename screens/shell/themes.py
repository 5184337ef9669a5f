"""The colours: those of the terminal's own palette, dark or light, or none at all."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

MONO: Final = Theme(
    name="mono",
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
