"""Where Postal listens: each address tried, the greeting read, TLS verified, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.form_screen import FormScreen
from screens.widgets import drawings
from screens.widgets.field import Choice
from screens.widgets.wrap import wrapped
from wizard.model.session import Event, Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.widget import Widget

    from wizard.setup.flow import FlowState


class ServerScreen(FormScreen):
    """Asks for host, port and TLS."""

    KEY = "server"
    AUTO_FOCUS = "#server-host"
    WIDTHS = {"server.host": 0, "server.port": 7}

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._timeline = Static("", classes="block")

    def body(self) -> Iterator[Widget]:
        """Yield the fields, then what was found."""
        yield from self.widgets(self.fields())
        yield self._timeline
        yield self.status
        yield self.findings

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Check when a field is left."""
        super().on_descendant_blur(event)
        if isinstance(event.widget, Input) and self.is_current:
            self.fill()
            self.check_by_itself()

    @on(Choice.Changed)
    def check_tls(self) -> None:
        """Check with the other choice of TLS."""
        self.check_by_itself()

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        here = ["Space changes it"] if isinstance(self.focused, Choice) else []
        return [*here, *super().keys()]

    def begin(self, *, anew: bool) -> None:
        """Redraw the way."""
        self._timeline.update(Content(""))
        super().begin(anew=anew)

    def listen(self, event: Event) -> None:
        """Draw the way as it goes."""
        super().listen(event)
        if isinstance(event, Exchange):
            self._timeline.update(Content("\n".join(wrapped([drawings.timeline(self.exchanges)]))))
