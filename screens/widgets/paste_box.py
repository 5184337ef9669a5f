"""A field for a block of text that is pasted: what was pasted is counted and never shown, for it may hold a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.message import Message

from screens.shell.textual_private import Words
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from textual import events

_MOST: Final = 2_000_000
"""Characters taken in; a page of Postal has some 3,000, a log may have more."""


class Block(Words, can_focus=True):
    """Takes pastes of any length and lines that are typed; Backspace takes back a character or a whole paste."""

    class Changed(Message):
        """Something was taken in, or taken back."""

    def __init__(self, *, secret: bool) -> None:
        super().__init__("", classes="block")
        self._secret = secret
        self._pieces: list[tuple[str, bool]] = []
        """Texts, and whether each was pasted."""

    @property
    def text(self) -> str:
        """Everything taken in."""
        return "".join(text for text, _ in self._pieces)

    def clear(self) -> None:
        """Forget everything."""
        self._pieces.clear()
        self._changed()

    def _changed(self) -> None:
        self.refresh(layout=True)
        self.post_message(self.Changed())

    def render(self) -> Content:
        """Show typed text, and of a paste how long it is."""
        lines = [self._shown(text, pasted) for text, pasted in self._pieces]
        return Content("\n".join([*lines, "_"]) if not lines or self._pieces[-1][1] else "\n".join(lines) + "_")

    def _shown(self, text: str, pasted: bool) -> str:
        if pasted:
            return f"[pasted: {len(text.splitlines())} lines, {len(text)} characters, not shown]"
        return "\n".join("*" * len(line) if self._secret else Untrusted(line) for line in text.split("\n"))

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste, its line breaks included."""
        event.stop()
        if event.text and len(self.text) + len(event.text) <= _MOST:
            self._pieces.append((event.text.replace("\r\n", "\n").replace("\r", "\n"), True))
            self._changed()

    def on_key(self, event: events.Key) -> None:
        """Take what is typed."""
        if event.key == "backspace":
            self._take_back()
        elif event.key == "enter":
            self._type("\n")
        elif event.is_printable and event.character is not None:
            self._type(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def _type(self, character: str) -> None:
        if self._pieces and not self._pieces[-1][1]:
            self._pieces[-1] = (self._pieces[-1][0] + character, False)
        elif character != "\n" or not self._pieces:
            self._pieces.append((character, False))
        self._changed()

    def _take_back(self) -> None:
        if self._pieces:
            text, pasted = self._pieces.pop()
            if not pasted and len(text) > 1:
                self._pieces.append((text[:-1], False))
            self._changed()
