"""One row of a form: label, field, hint, and under it the sentence that says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content

from screens.shell.textual_private import Words
from screens.widgets.inputs import PlainInput, SecretInput
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Field(Vertical):
    """A labelled text field; its id is the answer's key with the dot made a dash."""

    def __init__(
        self, key: str, label: str, value: str = "", hint: str = "", *, secret: bool = False, width: int = 0
    ) -> None:
        super().__init__(id=f"field-{identity(key)}", classes="field")
        self.key = key
        self.is_secret = secret
        self.usual_hint = hint
        self._label = label
        self._hint = Words(Content(hint), classes="hint")
        self.input = SecretInput(id=identity(key)) if secret else PlainInput(value, id=identity(key))
        self.input.styles.width = width or "1fr"
        if not width:
            self._hint.display = False
        self._problem = Words("", classes="problem")
        self._problem.display = False
        self.problem = ""
        """The sentence that says what is wrong, empty where nothing is."""
        self._warning = ""

    def compose(self) -> ComposeResult:
        """Lay out label, field and hint in one row, the problem below."""
        with Horizontal(classes="row"):
            yield Words(Content(self._label), classes="label")
            yield Words("▏", classes="edge")
            yield self.input
            yield self._hint
        yield self._problem

    def show(self, sentence: str | None) -> None:
        """Show the problem *sentence* under the field; None clears it, and a warning is there again."""
        self.problem = sentence or ""
        self._write()

    def warn(self, sentence: str) -> None:
        """Show *sentence* under the field as a warning, until there is a problem; empty clears it."""
        self._warning = sentence
        self._write()

    def _write(self) -> None:
        sentence = self.problem or self._warning
        self._problem.update(Content(Untrusted(sentence)))
        self._problem.display = bool(sentence)

    def hint(self, text: str) -> None:
        """Show another hint."""
        self._hint.update(Content(text))


def identity(key: str) -> str:
    """Return the widget's id for the answer *key*."""
    return key.replace(".", "-").rstrip("_")
