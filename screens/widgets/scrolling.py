"""Text that scrolls where there is more of it than room: then it takes the focus, and says how much is below."""

from __future__ import annotations

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content


class Scrolling(VerticalScroll, can_focus=False):
    """Scrolls by the arrows and by the wheel; the panel round it says how many lines are below."""

    BINDINGS = [
        Binding("down", "scroll_down", "scroll"),
        Binding("up", "scroll_up", show=False),
    ]

    def on_mount(self) -> None:
        """Say how much is below, whatever scrolls or grows."""
        self.watch(self, "scroll_y", self.count_below, init=False)
        self.watch(self, "virtual_size", self.count_below, init=False)
        self.watch(self, "has_focus", self.count_below, init=False)

    def on_resize(self) -> None:
        """Say how much is below in another size."""
        self.count_below()

    @property
    def below(self) -> int:
        """How many lines are hidden below."""
        return round(self.max_scroll_y - self.scroll_offset.y)

    def count_below(self) -> None:
        """Say on the border how many lines are below, and take the focus only where some are hidden."""
        if not self.is_attached:
            return
        can = self.max_scroll_y > 0
        if self.can_focus != can:
            self.can_focus = can
            self.screen.refresh_bindings()
            if can and self.screen.focused is None:
                self.focus()  # of a page that has nothing else
        panel = self.parent
        if panel is not None and hasattr(panel, "border_subtitle"):
            way = "Down" if self.has_focus else "Tab, then Down"
            more = f"{self.below} more line{'s' * (self.below > 1)}: {way}"
            panel.border_subtitle = Content(more if self.below > 0 else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether there is something to scroll to."""
        if action in {"scroll_down", "scroll_up"}:
            return self.max_scroll_y > 0
        return super().check_action(action, parameters)
