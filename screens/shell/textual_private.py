"""Every private name of Textual that the screens use; pyproject.toml keeps Textual below its next major version.

``NAMES`` lists them, and a test looks for each in the Textual that is installed: a new version that lacks one is found
by that test, and not by an operator. No other file of the screens touches a private name of Textual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.widgets import Input, Static
from textual.worker import WorkerFailed

if TYPE_CHECKING:
    from textual import events
    from textual.binding import Binding
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.widget import Widget

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "textual.app.App": (
        "_close_messages_no_wait", "_driver", "_exception", "_exception_event", "_exit", "_exit_renderables",
        "_fatal_error", "_filters", "_handle_exception", "_print_error_renderables", "_return_code",
    ),
    "textual.dom.DOMNode": ("_bindings",),
    "textual.drivers.linux_driver.LinuxDriver": ("_get_terminal_size",),
    "textual.message_pump.MessagePump": ("_parent",),
    "textual.screen.Screen": ("_compositor",),
    "textual.widget.Widget": ("_box_model_cache", "_refresh_scrollbars"),
    "textual.widgets.Input": ("_on_paste",),
}  # fmt: skip


class CrashingApp(App[int]):
    """An app whose own errors end it without a traceback: Textual's handler prints the locals of every frame."""

    CRASHED: int = 1
    """The exit code then."""

    def is_no_defect(self, error: Exception) -> bool:  # noqa: ARG002  # what an app may override
        """Whether the program can continue after *error*."""
        return False

    def crashed(self, error: Exception) -> None:
        """Record *error*; called once, for the first."""

    @property
    def ends(self) -> bool:
        """Whether the program was asked to end."""
        return self._exit

    @property
    def driver(self) -> Driver | None:
        """What draws on the terminal."""
        return self._driver

    def add_filter(self, line_filter: LineFilter) -> None:
        """Let *line_filter* see every line before it is drawn; Textual takes filters from itself alone."""
        self._filters.append(line_filter)

    def _handle_exception(self, error: Exception) -> None:
        if isinstance(error, WorkerFailed):
            error = error.error if isinstance(error.error, Exception) else error
        if self.is_no_defect(error):
            return
        if self._exception is None:
            self.crashed(error)
            # Textual's own test harness looks for it there.
            self._exception = error
            self._exception_event.set()
        self._fatal_error()

    def _fatal_error(self) -> None:
        """End without rendering a traceback."""
        self._return_code = self.CRASHED
        self._close_messages_no_wait()

    def panic(self, *_renderables: Any) -> None:
        """Show nothing of an error on the way out; the log has it."""
        self._fatal_error()

    def _print_error_renderables(self) -> None:
        """Print nothing: what Textual collected may hold locals."""
        self._exit_renderables.clear()


class SizedDriver(LinuxDriver):
    """A driver that says itself how large its terminal is; Textual asks standard output, which may be a file."""

    def terminal_size(self) -> tuple[int, int]:
        """Return columns and rows."""
        return super()._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.terminal_size()


class Words(Static):
    """Text in as many lines as it needs, measured again whenever it changes.

    Textual keeps the size of a widget together with a count of its changes, and does not count a second change before
    the widget's own task has come to the first. A layout between the two measures the first text, and the second is
    then shown in the height of the first: one of four lines.
    """

    def clear_cached_dimensions(self) -> None:
        """Forget the sizes that were measured."""
        super().clear_cached_dimensions()
        self._box_model_cache.clear()


class PastedInput(Input):
    """A field that takes a paste in its own way: Textual keeps the first line alone, which may be empty."""

    def pasted(self, text: str) -> None:
        """Take *text*, with its line breaks."""

    def _on_paste(self, event: events.Paste) -> None:
        self.pasted(event.text)
        event.stop()
        event.prevent_default()


def parent(pump: MessagePump) -> MessagePump | None:
    """Return whose child *pump* is; there is no public name for the app above a screen."""
    return pump._parent  # noqa: SLF001  # this file is for that


def bindings_of(node: DOMNode) -> list[Binding]:
    """Return the bindings of *node* itself, whatever has the focus."""
    return [binding for _, binding in node._bindings]  # noqa: SLF001  # this file is for that


def renew_scroll_bars(widget: Widget) -> None:
    """Show or hide the scroll bars of *widget*, whose content has another size: Textual looks when its own changes."""
    widget._refresh_scrollbars()  # noqa: SLF001  # this file is for that


def drawn(screen: Screen[Any]) -> list[str]:
    """Return the lines of *screen* as text; Textual itself offers pictures alone."""
    return [strip.text for strip in screen._compositor.render_strips()]  # noqa: SLF001  # this file is for that
