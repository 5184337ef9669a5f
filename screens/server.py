"""Where Postal listens: each address tried, the greeting read, TLS verified, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from screens.form import FormScreen
from screens.widgets.field import Choice

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.finding import Finding
    from wizard.session import Listener


class ServerScreen(FormScreen):
    """Asks for host, port and TLS."""

    KEY = "server"
    AUTO_FOCUS = "#server-host"
    FOOT = "Enter check, then next   Esc back   F1 help   Ctrl+Q quit"
    FOOT_LETTERS = "r check again   d dialogue   Enter evidence"
    BINDINGS = [Binding("enter", "advance", show=False)]

    def body(self) -> Iterator[Widget]:
        """Yield the fields, then what was found."""
        yield from self.fields("server.host", "server.port")
        options = (("none", "none"), ("starttls", "STARTTLS"))
        yield Choice("server.tls", "TLS", options, self.draft.server.tls)
        yield self.status
        yield self.findings

    def subject(self) -> Any:
        """Return what the checks are about."""
        return self.draft.server

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return True

    def checks(self, heard: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Resolve, connect, greeting and TLS; no login."""
        from wizard.checks import smtp

        return smtp.check(self.draft, self.session, heard, until="tls")

    def action_advance(self) -> None:
        """Go on."""
        self.advance()
