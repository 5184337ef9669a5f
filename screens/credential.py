"""The credential: one AUTH at each press, what Postal grants, and the EMAIL_URL that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from screens.shell.form_screen import FormScreen
from screens.widgets.field import Field
from wizard.setup.steps.credential import key_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.timer import Timer
    from textual.widget import Widget

_REVEALED = 10.0
"""Seconds for which the key is shown."""


class CredentialScreen(FormScreen):
    """Asks for user name and key."""

    KEY = "credential"
    AUTO_FOCUS = "#credential-username"
    HANG = 12
    BINDINGS = [Binding("v", "reveal", show=False)]
    _hiding: Timer | None = None

    def body(self) -> Iterator[Widget]:
        """Yield the fields, the URL, then what was found."""
        yield from self.widgets(self.fields())
        yield self._text
        yield self.status
        yield self.findings

    def letter_keys(self) -> list[str]:
        """Return the letters that act on what was found."""
        return [] if self.typing else ["v reveal", *super().letter_keys()]

    @on(Input.Changed, "#credential-key")
    def show_key_facts(self, event: Input.Changed) -> None:
        """Say how long the key is and what is odd about it; never what it is."""
        hint, warning = key_facts(event.value)
        field = self.query_one("#field-credential-key", Field)
        field.hint(hint or field.usual_hint)
        field.show(warning or None)

    def action_reveal(self) -> None:
        """Show the key that was typed for ten seconds; the operator asked for it."""
        field = self.query_one("#credential-key", Input)
        if not field.value:
            self.say("The field holds no key: a stored one is never shown.")
            return
        field.password = False
        if self._hiding is not None:
            self._hiding.stop()
        self._hiding = self.set_timer(_REVEALED, self.hide)

    def hide(self) -> None:
        """Mask the key again."""
        self.query_one("#credential-key", Input).password = True
