"""Where Postal listens: each address tried, the greeting read, TLS verified, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.form_screen import FormScreen
from screens.widgets import drawings
from screens.widgets.field import Choice
from screens.widgets.wrap import wrapped
from wizard.model.session import Event, Exchange

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual import events
    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState


class ServerScreen(FormScreen):
    """Asks for host, port and TLS."""

    KEY = "server"
    AUTO_FOCUS = "#server-host"
    WIDTHS = {"server.host": 0, "server.port": 7}
    HINTS = {"server.port": "Postal listens on 25 unless its deployment says otherwise"}
    BINDINGS = [Binding("enter", "advance", show=False)]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._timeline = Static("", classes="block")

    def body(self) -> Iterator[Widget]:
        """Yield the fields, then what was found."""
        yield from self.fields("server.host", "server.port")
        options = (("none", "none"), ("starttls", "STARTTLS"))
        yield Choice("server.tls", "TLS", options, self.draft.server.tls)
        yield self._timeline
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Check what is told already."""
        super().on_mount()
        self.check_by_itself()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Check when a field is left."""
        super().on_descendant_blur(event)
        if isinstance(event.widget, Input) and self.is_current:
            self.check_by_itself()

    @on(Choice.Changed)
    def check_tls(self) -> None:
        """Check with the other choice of TLS."""
        self.check_by_itself()

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        here = ["Space changes it"] if isinstance(self.focused, Choice) else []
        return [*here, *super().keys()]

    def subject(self) -> Any:
        """Return what the checks are about."""
        return self.draft.server

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return True

    def start_checks(self, *, anew: bool = True) -> None:
        """Draw the way anew."""
        self._timeline.update(Content(""))
        super().start_checks(anew=anew)

    def hear(self, event: Event) -> None:
        """Draw the way as it is gone."""
        super().hear(event)
        if isinstance(event, Exchange):
            self._timeline.update(Content("\n".join(wrapped([drawings.timeline(self.exchanges)]))))

    def checks(self, on_event: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Resolve, connect, greeting and TLS; no login."""
        from wizard.checks.smtp import run as smtp

        return smtp.check(self.draft, self.session, on_event, until="tls")
