"""Asks for what Postal's HTTP API wants: its web address and a key of type API, which stays in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.dialogs import Modal
from screens.widgets.field import Field
from screens.widgets.wrap import wrapped
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

_WHAT = (
    "With a key of type API Postal tells what became of this very mail. Nothing is sent and nothing is kept: "
    "the key is forgotten when the wizard ends."
)


class AskPostal(Modal[tuple[str, Secret]]):
    """Address and key; Enter asks, Esc forgets them."""

    TITLE_LINE = "Ask Postal about this mail"
    KEYS: tuple[str, ...] = ("Enter ask", "Tab next field", "Esc back")
    BINDINGS = [Binding("escape", "close", "back", show=False)]
    AUTO_FOCUS = "#postal-api_key"

    def __init__(self, address: str, key: Secret | None) -> None:
        super().__init__()
        self._known = key
        hint = "blank keeps the stored key" if key is not None else "server, Credentials, Type API"
        self._address = Field("postal.web", "Web address", address)
        self._key = Field("postal.api_key", "API key", "", hint, secret=True, width=36)

    def body(self) -> Iterator[Widget]:
        """Yield what it is for, and the two fields."""
        yield Static(Content("\n".join(wrapped([_WHAT, ""]))), classes="prompt")
        yield self._address
        yield self._key

    @on(Input.Submitted)
    def ask(self) -> None:
        """Return both, once there are both."""
        typed = self._key.input.value
        key = Secret(typed) if typed else self._known
        if key is None:
            self._key.show("The key is missing: in Postal, Credentials, with the label API.")
            self._key.input.focus()
            return
        self._key.input.value = ""
        self.dismiss((self._address.input.value.strip(), key))

    def action_close(self) -> None:
        """Return nothing."""
        self._key.input.value = ""
        self.dismiss(None)
