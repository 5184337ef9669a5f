"""Text fields for a slow line: compact, a still cursor, nothing lost from a paste; and one that gives nothing away."""

from __future__ import annotations

from textual.message import Message

from screens.shell.textual_private import PastedInput


class PlainInput(PastedInput):
    """A compact field whose cursor does not blink and whose content one key never replaces."""

    class ManyLines(Message):
        """Several lines were pasted, and none was taken."""

        def __init__(self, field: PlainInput, count: int) -> None:
            super().__init__()
            self.input = field
            self.count = count

    def __init__(self, value: str = "", *, id: str | None = None, password: bool = False) -> None:  # noqa: A002  # Textual's name
        super().__init__(value, id=id, password=password, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def pasted(self, text: str) -> None:
        """Take a paste of one line, without the line ends round it; several lines belong into no single field."""
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1:
            self.post_message(self.ManyLines(self, len(lines)))
        elif lines:
            start, end = self.selection.start, self.selection.end
            self.replace(lines[0], min(start, end), max(start, end))


class SecretInput(PlainInput):
    """A field for a key: masked, and with no way out by copy or cut, which would send it to the terminal in clear."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__("", id=id, password=True)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""
