"""Text fields for a slow line: compact, a still cursor, nothing lost from a paste; and one that gives nothing away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from wizard.model import validation

if TYPE_CHECKING:
    from textual import events


class PlainInput(Input):
    """A compact field whose cursor does not blink and whose content one key never replaces."""

    def __init__(self, value: str = "", *, id: str | None = None, password: bool = False) -> None:  # noqa: A002  # Textual's name
        super().__init__(value, id=id, password=password, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Take the whole paste as one line: Textual keeps its first line alone, which may be empty."""
        text = "".join(event.text.splitlines())
        if text:
            start, end = self.selection.start, self.selection.end
            self.replace(text, min(start, end), max(start, end))
        event.stop()
        event.prevent_default()


class SecretInput(PlainInput):
    """A field for a key: masked, and with no way out by copy or cut, which would send it to the terminal in clear."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__("", id=id, password=True)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""

    def _on_paste(self, event: events.Paste) -> None:
        super()._on_paste(event)

    @property
    def warning(self) -> str | None:
        """What is odd about the content, without quoting it."""
        return validation.warning_about_key(self.value) if self.value else None
