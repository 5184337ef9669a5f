"""One row of a form: label, field, hint, and under it the sentence that says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from screens.widgets.inputs import PlainInput, SecretInput
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Field(Vertical):
    """A labelled text field; its id is the answer's key with the dot made a dash."""

    def __init__(
        self,
        key: str,
        label: str,
        value: str = "",
        hint: str = "",
        *,
        secret: bool = False,
        width: int = 0,
        boxed: bool = False,
    ) -> None:
        super().__init__(id=f"field-{identity(key)}", classes="field")
        self.key = key
        self.is_secret = secret
        self.usual_hint = hint
        self._label = label
        self._boxed = boxed
        self._hint = Static(Content(hint), classes="hint")
        self.input = SecretInput(id=identity(key)) if secret else PlainInput(value, id=identity(key))
        self.input.styles.width = width or "1fr"
        self._hint.display = bool(width)
        self._problem = Static("", classes="problem")
        self._problem.display = False

    def compose(self) -> ComposeResult:
        """Lay out label, field and hint in one row, the problem below."""
        with Horizontal(classes="row"):
            yield Static(Content(self._label), classes="label")
            if self._boxed:
                yield Static("[", classes="edge")
            yield self.input
            if self._boxed:
                yield Static("]", classes="edge")
            yield self._hint
        yield self._problem

    def show(self, sentence: str | None) -> None:
        """Show *sentence* under the field; None clears it."""
        self._problem.update(Content(Untrusted(sentence or "")))
        self._problem.display = bool(sentence)

    def hint(self, text: str) -> None:
        """Show another hint."""
        self._hint.update(Content(text))


class Choice(Static, can_focus=True):
    """Two or three words of which one holds: ``(o) none   ( ) STARTTLS``; Space and the side arrows move it."""

    BINDINGS = [
        Binding("space,right", "turn(1)", show=False),
        Binding("left", "turn(-1)", show=False),
    ]

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """The choice, for handlers that name one."""
            return self.choice

    def __init__(self, key: str, label: str, options: tuple[tuple[str, str], ...], value: str) -> None:
        super().__init__(id=identity(key), classes="choice")
        self.key = key
        self._label = label
        self._options = options
        self._at = next((index for index, (name, _) in enumerate(options) if name == value), 0)

    @property
    def value(self) -> str:
        """The name of what holds."""
        return self._options[self._at][0]

    def render(self) -> Content:
        """Show every option with its mark, and whether the focus is here."""
        marks = (f"({'o' if index == self._at else ' '}) {title}" for index, (_, title) in enumerate(self._options))
        text = f"{self._label:<11} " + "   ".join(marks) + ("   <" if self.has_focus else "")
        return Content(text)

    def action_turn(self, by: int) -> None:
        """Choose the next word."""
        self._at = (self._at + by) % len(self._options)
        self.refresh()
        self.post_message(self.Changed(self))


def identity(key: str) -> str:
    """Return the widget's id for the answer *key*."""
    return key.replace(".", "-").rstrip("_")
