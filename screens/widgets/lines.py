"""The lines round every step: where one is, what is proven so far, which keys act now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from wizard import checklist, steps

if TYPE_CHECKING:
    from wizard.walk import Walk

REHEARSAL = "REHEARSAL: nothing leaves this machine"


class StepLine(Static):
    """``Set up  1 start [2 server] ...`` and how far the checklist is proven."""

    def __init__(self, walk: Walk) -> None:
        super().__init__("", classes="step-line")
        self._walk = walk

    def on_mount(self) -> None:
        """Show where one is."""
        self.write()

    def on_resize(self) -> None:
        """Show as much as the width allows."""
        self.write()

    def write(self) -> None:
        """Write the line for the present state of the checklist."""
        walk = self._walk
        number, of = steps.place(walk.key, walk.way)
        title = walk.step.title
        proven = checklist.line(walk.checklist)
        text = f"postal-wizard   step {number} of {of}, {title} · {proven}"
        if walk.session.rehearsal:
            text = f"{REHEARSAL} · {number}/{of} {title} · {proven}"
        self.update(Content(text))


class Checklist(Static):
    """The eight items at the side, where the terminal is wide enough."""

    def __init__(self, walk: Walk) -> None:
        super().__init__("", classes="checklist")
        self._walk = walk

    def on_mount(self) -> None:
        """Show the items."""
        self.write()

    def write(self) -> None:
        """Write every item with its verdict."""
        marks = (f"{mark.word:<5} {mark.item.title}" for mark in self._walk.checklist)
        self.update(Content("Postal checklist\n\n" + "\n".join(marks)))


class Keys(Static):
    """The last line: the keys that act now."""

    def __init__(self) -> None:
        super().__init__("", classes="keys")
        self._shown = ""

    def show(self, text: str) -> None:
        """Show *text*; the same text again costs nothing on the wire."""
        if text != self._shown:
            self._shown = text
            self.update(Content(text))
