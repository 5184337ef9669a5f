"""One row of a form: label, field, hint, and under it the sentence that says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from screens.widgets.inputs import PlainInput, SecretInput

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class Field(Vertical):
    """A labelled text field; its id is the answer's key with the dot made a dash."""

    def __init__(self, key: str, label: str, value: str = "", hint: str = "", *, secret: bool = False) -> None:
        super().__init__(id=f"field-{_id(key)}", classes="field")
        self.key = key
        self._label = label
        self._hint = hint
        self.input = SecretInput(id=_id(key)) if secret else PlainInput(value, id=_id(key))
        self._problem = Static("", classes="problem")

    def compose(self) -> ComposeResult:
        """Lay out label, field and hint in one row, the problem below."""
        with Horizontal(classes="row"):
            yield Static(Content(self._label), classes="label")
            yield self.input
            if self._hint:
                yield Static(Content(self._hint), classes="hint")
        yield self._problem

    def show(self, sentence: str | None) -> None:
        """Show *sentence* under the field; None clears it."""
        self._problem.update(Content(sentence or ""))
        self._problem.display = bool(sentence)

    def on_mount(self) -> None:
        """Begin without a problem."""
        self._problem.display = False


class Choice(Static, can_focus=True):
    """Two or three words of which one holds: ``(o) none   ( ) STARTTLS``; blank and arrows move it."""

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, key: str, label: str, options: tuple[tuple[str, str], ...], value: str) -> None:
        super().__init__(id=_id(key), classes="choice")
        self.key = key
        self._label = label
        self._options = options
        self._at = next((index for index, (name, _) in enumerate(options) if name == value), 0)

    @property
    def value(self) -> str:
        """The name of what holds."""
        return self._options[self._at][0]

    def render(self) -> Content:
        """Show every option with its mark."""
        marks = (f"({'o' if index == self._at else ' '}) {title}" for index, (_, title) in enumerate(self._options))
        return Content(f"{self._label:<11} " + "   ".join(marks))

    def on_key(self, event: events.Key) -> None:
        """Move the mark."""
        step = {"space": 1, "right": 1, "down": 0, "left": -1}.get(event.key, 0)
        if step:
            self._at = (self._at + step) % len(self._options)
            self.refresh()
            self.post_message(self.Changed(self))
            event.stop()


def _id(key: str) -> str:
    return key.replace(".", "-").rstrip("_")
