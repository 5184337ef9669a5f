"""A step's lines in titled panels, one for each part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from screens.shell.textual_private import Words
from screens.widgets.panel import Panel
from screens.widgets.wrap import wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from wizard.setup.step import Section

_STYLES: Final = {
    "OK": "$success",
    "FAIL": "bold $error",
    "WARN": "$warning",
    "?": "$secondary",
    "..": "$foreground-muted",
}
_CHANGES: Final = {"-": "$error", "+": "$success"}
_CHANGE: Final = re.compile(r"([-+]) [A-Z_]+(?==)")
"""How a line of the change begins: the key and whether it is taken away or written."""
_MOST: Final = 6
_BORDERS: Final = 5
"""Columns round the text: borders, padding, scroll bar."""


class Sections(VerticalScroll):
    """The panels; those that are no longer needed are hidden."""

    BINDINGS = [
        Binding("down", "scroll_down", "scroll"),
        Binding("up", "scroll_up", show=False),
    ]

    def __init__(self, *, hang: int) -> None:
        super().__init__(classes="sections", can_focus=True)
        self._hang = hang
        self._sections: tuple[Section, ...] = ()
        self._texts = [Words("") for _ in range(_MOST)]
        self._panels = [Panel("", text) for text in self._texts]

    def compose(self) -> ComposeResult:
        """Lay out a panel for each part that there can be."""
        yield from self._panels

    def show(self, sections: Sequence[Section]) -> None:
        """Show *sections*, at most six."""
        self._sections = tuple(sections[:_MOST])
        self.write()

    def on_mount(self) -> None:
        """Show the key that scrolls where there is more than fits."""
        self.watch(self, "virtual_size", self.screen.refresh_bindings, init=False)

    def on_resize(self) -> None:
        """Wrap the lines to the width that there is."""
        self.write()
        self.screen.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether there is something to scroll to."""
        if action in {"scroll_down", "scroll_up"}:
            return self.max_scroll_y > 0
        return super().check_action(action, parameters)

    def write(self) -> None:
        """Write every panel."""
        width = max(20, self.size.width - _BORDERS)
        for number, (panel, text) in enumerate(zip(self._panels, self._texts, strict=True)):
            panel.display = number < len(self._sections)
            if panel.display:
                section = self._sections[number]
                panel.name_it(section.title)
                lines = wrapped(section.lines, width=width, hang=self._hang)
                text.update(Content("\n").join(coloured(line) for line in lines))


def coloured(line: str) -> Content:
    """Return *line* with its verdict in colour, where it begins with one, or with the key that changes."""
    change = _CHANGE.match(line)
    if change is not None:
        return Content.assemble((change[0], _CHANGES[change[1]]), line[change.end() :])
    word = line.split(" ", 1)[0]
    style = _STYLES.get(word)
    if style is None:
        return Content(line)
    return Content.assemble((word, style), line[len(word) :])
