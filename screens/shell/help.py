"""What does this step ask, and where is the answer found? The help pages of ``assets/help``, and the glossary."""

from __future__ import annotations

from textual.binding import Binding

from screens.shell.dialogs import Page
from wizard.setup import help_pages


class Help(Page):
    """The step's page, the part of the focused field first; F1 again opens the glossary."""

    BINDINGS = [Binding("f1", "glossary", "glossary")]

    def __init__(self, key: str, field: str | None, granted: str | None = None) -> None:
        super().__init__("Help", help_lines(key, field, granted))

    def action_glossary(self) -> None:
        """Show what the words of mail mean; leaving it comes back to this page."""
        self.app.push_screen(Page("Glossary", glossary_lines()))


def help_lines(key: str, field: str | None, granted: str | None = None) -> list[str]:
    """Return the help of step *key*; the part of the focused *field* (its widget's id) comes first."""
    words = ", ".join(title for title, _text in help_pages.glossary())
    page = help_pages.lines(key, (field or "").replace("-", ".", 1), granted)
    return [*page, f"F1 opens the glossary: {words}."]


def glossary_lines() -> list[str]:
    """Return each word with its two lines."""
    return [
        line
        for title, text in help_pages.glossary()
        for line in (title, *(f"  {each}" for each in text.splitlines()), "")
    ]
