"""Where Postal listens: each address tried, the greeting read, TLS verified, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from screens.shell.form_screen import FormScreen
from screens.widgets.choice import Choice
from screens.widgets.panel import Panel
from screens.widgets.timeline import Timeline
from wizard.model.draft import POSTAL_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.widget import Widget

    from wizard.model.session import Event
    from wizard.setup.flow import FlowState


class ServerScreen(FormScreen):
    """Asks for host, port and TLS."""

    KEY = "server"
    AUTO_FOCUS = "#server-host"
    WIDTHS = {"server.host": 0, "server.port": 7}

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._timeline = Timeline()

    def form(self) -> Iterator[Widget]:
        """Yield the fields and the way to the server."""
        yield Panel("Server", *self.widgets(self.fields()), self._timeline, id="form")

    def on_mount(self) -> None:
        """Let what is typed replace the port that is only offered: no server is known yet."""
        super().on_mount()
        self._port.select_on_focus = not self.draft.server.host

    @property
    def _port(self) -> Input:
        return self.query_one("#server-port", Input)

    @on(Input.Changed, "#server-port")
    def keep_port(self, event: Input.Changed) -> None:
        """From now on the port is the operator's own, which one key never replaces."""
        if event.value != str(POSTAL_PORT):
            self._port.select_on_focus = False

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Check when a field is left."""
        super().on_descendant_blur(event)
        if isinstance(event.widget, Input) and self.is_current:
            self.fill()
            self.check_behind()

    @on(Choice.Changed)
    def check_tls(self) -> None:
        """Check with the other choice of TLS."""
        self.check_behind()

    def show_begin(self, *, anew: bool) -> None:
        """Redraw the way."""
        self._timeline.draw([])
        super().show_begin(anew=anew)

    def listen(self, event: Event) -> None:
        """Draw the way as it goes."""
        super().listen(event)
        self._timeline.draw(self.exchanges)
