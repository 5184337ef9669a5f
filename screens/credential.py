"""The credential: one AUTH at each press, what Postal grants, and the EMAIL_URL that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from screens.shell.form_screen import FormScreen
from screens.widgets.field import Field
from screens.widgets.panel import Panel
from wizard.model.flow import Flow
from wizard.setup.steps.credential import key_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.timer import Timer
    from textual.widget import Widget

_REVEALED = 10.0
"""Seconds for which the key is shown."""


class CredentialScreen(FormScreen):
    """Asks for user name and key."""

    KEY = "credential"
    AUTO_FOCUS = "#credential-username"
    HANG = 12
    _hiding: Timer | None = None

    def form(self) -> Iterator[Widget]:
        """Yield the fields and the URL that comes of them."""
        yield Panel("Credential", *self.widgets(self.fields()), self._text, id="form")

    def commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Yield what the palette has beside the keys."""
        yield ("Reveal the key", "Show the key that was typed for ten seconds", self.action_reveal)
        yield from super().commands()

    def focus_first_lacking(self) -> None:
        """Put the focus on the new key in a rotation, also where one was given: a paste must not land in the open."""
        if self.flow.kind is Flow.ROTATE and not self.step.problems(self.flow):
            self.query_one("#credential-key", Input).focus()
        else:
            super().focus_first_lacking()

    @on(Input.Changed, "#credential-key")
    def show_key_facts(self, event: Input.Changed) -> None:
        """Say how long the key is and what is odd about it; never what it is."""
        hint, warning = key_facts(event.value)
        field = self.query_one("#field-credential-key", Field)
        field.hint(hint or field.usual_hint)
        field.warn(warning)

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
