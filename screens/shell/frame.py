"""What every screen has: a head, a body, the mark of a rehearsal, and the keys that act now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from screens.widgets.chrome import LOW, REHEARSAL, Keys, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

SMALLEST: Final = (60, 18)
"""Columns and rows below which nothing can be worked in."""
_ENLARGE: Final = "Enlarge the terminal to 60x18, or use postal-wizard --plain."

Result = TypeVar("Result")


class Frame(Screen[Result]):
    """A screen between its head and its keys; one line in place of all where the terminal is too small."""

    def compose(self) -> ComposeResult:
        """Lay out the frame round the body."""
        yield Static("", classes="too-small")
        yield from self.head()
        with Horizontal(classes="middle"):
            with Vertical(classes="body"):
                yield from self.body()
            yield from self.side()
        bottom = Rule()
        if self.rehearsal:
            bottom.say(REHEARSAL)
        yield bottom
        yield self.foot()

    def head(self) -> Iterator[Widget]:
        """Yield the lines above the body."""
        raise NotImplementedError

    def body(self) -> Iterator[Widget]:
        """Yield the screen's own widgets."""
        raise NotImplementedError

    def side(self) -> Iterator[Widget]:
        """Yield what is beside the body."""
        yield from ()

    def foot(self) -> Keys:
        """Return the line of keys."""
        raise NotImplementedError

    @property
    def rehearsal(self) -> bool:
        """Whether this is a rehearsal."""
        flow = getattr(self.app, "flow", None)
        return flow is not None and bool(flow.session.rehearsal)

    def on_resize(self, event: events.Resize) -> None:
        """Say so where the terminal is too small."""
        small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        if small:
            text = f"{_ENLARGE} {REHEARSAL}" if self.rehearsal else _ENLARGE
            self.query_one(".too-small", Static).update(Content(text))
        self.set_class(small, "-small")
        self.set_class(event.size.height <= LOW, "-low")
