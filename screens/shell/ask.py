"""A dialog that asks for what an offer needs; Enter gives it, Esc forgets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from screens.shell.frame import Modal
from screens.shell.textual_private import Words
from screens.widgets.field import Field
from wizard.model.secret import Secret
from wizard.setup.step import Given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.setup.step import Offer


class Ask(Modal[Given]):
    """One field for each value that the offer asks for."""

    BINDINGS = [
        Binding("enter", "give", "go"),
        Binding("escape", "close", "back"),
        Binding("tab", "app.focus_next", "next field"),
    ]

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self.TITLE_LINE = f"{offer.name[:1].upper()}{offer.name[1:]}"
        self._offer = offer
        self._fields = [
            Field(
                f"ask.{one.key}",
                one.label,
                "" if one.secret else one.default,
                "blank keeps it" if one.secret and one.optional else one.hint,
                secret=one.secret,
                width=30,
            )
            for one in offer.asks
        ]

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does: a field has a binding of its own for Enter."""
        return "go" if binding.key == "enter" else binding.description

    def body(self) -> Iterator[Widget]:
        """Yield what it is for, and the fields."""
        if self._offer.why:
            yield Words(Content(self._offer.why), classes="prompt")
        yield from self._fields

    def on_mount(self) -> None:
        """Put the focus on the first field that lacks something."""
        empty = next((field for field in self._fields if not field.input.value), self._fields[0])
        empty.input.focus()

    @on(Input.Submitted)
    def action_give(self) -> None:
        """Return what was typed, once nothing is missing."""
        given: dict[str, str | Secret] = {}
        for one, field in zip(self._offer.asks, self._fields, strict=True):
            typed = field.input.value.strip()
            if not typed and not one.optional:
                field.show(f"{one.label} is missing.")
                field.input.focus()
                return
            if typed:
                given[one.key] = Secret(typed) if one.secret else typed
        self.forget()
        self.dismiss(given)

    def forget(self) -> None:
        """Leave no secret in a field."""
        for one, field in zip(self._offer.asks, self._fields, strict=True):
            if one.secret:
                field.input.value = ""

    def action_close(self) -> None:
        """Return nothing."""
        self.forget()
        super().action_close()
