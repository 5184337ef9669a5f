"""What every screen has: one line in place of all where the terminal is too small, and the keys that act now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen

from screens.shell.textual_private import Words
from screens.widgets.footer import Keys
from screens.widgets.header import LOW, REHEARSAL, WIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

SMALLEST: Final = (60, 18)
"""Columns and rows below which nothing can be worked in."""
HINTS: Final = 72
"""Columns from which on there is room for hints beside the fields."""
BESIDE: Final = 36
"""Columns of the side bar (style.tcss)."""
_ENLARGE: Final = "Enlarge the terminal to 60x18, or use postal-wizard --plain."

Result = TypeVar("Result")


def fit(screen: Screen[Result], event: events.Resize) -> None:
    """Say so where the terminal is too small, and mark a low and a wide one for the style sheet."""
    small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
    if small:
        flow = getattr(screen.app, "flow", None)
        rehearsal = flow is not None and bool(flow.session.rehearsal)
        screen.query_one(".too-small", Words).update(Content(f"{_ENLARGE} {REHEARSAL}" if rehearsal else _ENLARGE))
    screen.set_class(small, "-small")
    screen.set_class(event.size.height <= LOW, "-low")
    wide = event.size.width >= WIDE
    screen.set_class(event.size.width - (BESIDE if wide else 0) < HINTS, "-narrow")
    screen.set_class(wide, "-wide")


class Frame(Screen[Result]):
    """A step between its head and its keys."""

    def compose(self) -> ComposeResult:
        """Lay out the frame round the body."""
        yield Words("", classes="too-small")
        yield from self.head()
        with Horizontal(classes="middle"):
            yield from self.side()
            with Vertical(classes="body"):
                yield from self.body()
        yield from self.below()
        yield Keys()

    def head(self) -> Iterator[Widget]:
        """Yield the lines above the body."""
        raise NotImplementedError

    def body(self) -> Iterator[Widget]:
        """Yield the screen's own widgets."""
        raise NotImplementedError

    def side(self) -> Iterator[Widget]:
        """Yield what is beside the body."""
        yield from ()

    def below(self) -> Iterator[Widget]:
        """Yield what is between the body and the keys."""
        yield from ()

    def on_resize(self, event: events.Resize) -> None:
        """Fit into another size."""
        fit(self, event)


class Modal(ModalScreen[Result]):
    """A box in the middle, over the step that stays in sight round it; its keys are its last line."""

    TITLE_LINE = ""
    TALL = False
    """Whether the box is as high as the screen allows, and its content scrolls."""

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        yield Words("", classes="too-small")
        with Vertical(classes="box -tall" if self.TALL else "box") as box:
            box.border_title = Content(self.TITLE_LINE)
            yield from self.body()
            yield Keys()

    def body(self) -> Iterator[Widget]:
        """Yield the box's own widgets."""
        raise NotImplementedError

    def on_resize(self, event: events.Resize) -> None:
        """Fit into another size."""
        fit(self, event)

    def action_close(self) -> None:
        """Go back to the step, with no answer."""
        self.dismiss(None)

    def say(self, text: str) -> None:
        """Show a sentence in the lower border of the box."""
        self.query_one(".box").border_subtitle = Content(text)
