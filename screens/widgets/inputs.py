"""Text fields for a slow line: compact, a still cursor, nothing lost from a paste; and one that gives nothing away."""

from __future__ import annotations

from screens.shell.textual_private import PastedInput
from wizard.model import validation


class PlainInput(PastedInput):
    """A compact field whose cursor does not blink and whose content one key never replaces."""

    def __init__(self, value: str = "", *, id: str | None = None, password: bool = False) -> None:  # noqa: A002  # Textual's name
        super().__init__(value, id=id, password=password, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def pasted(self, text: str) -> None:
        """Take the whole paste as one line."""
        line = "".join(text.splitlines())
        if line:
            start, end = self.selection.start, self.selection.end
            self.replace(line, min(start, end), max(start, end))


class SecretInput(PlainInput):
    """A field for a key: masked, and with no way out by copy or cut, which would send it to the terminal in clear."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__("", id=id, password=True)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""

    @property
    def warning(self) -> str | None:
        """What is odd about the content, without quoting it."""
        return validation.warning_about_key(self.value) if self.value else None
