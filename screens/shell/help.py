"""What does this step ask, and where is the answer found? The help pages of ``assets/help``, and the glossary."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from textual.binding import Binding

from screens.shell.dialogs import Page
from wizard.model.untrusted import Untrusted
from wizard.postal.web_ui import TABS, place
from wizard.setup.help_labels import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

_GLOSSARY: Final = "glossary"
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


class Help(Page):
    """The step's page, the part of the focused field first; F1 again opens the glossary."""

    BINDINGS = [Binding("f1", "glossary", "glossary", show=False)]
    KEYS = ("up down scroll", "F1 glossary", "Esc back")

    def __init__(self, key: str, field: str | None, granted: str | None = None) -> None:
        super().__init__("Help", help_lines(key, field, granted))

    def action_glossary(self) -> None:
        """Show what the words of mail mean; leaving it comes back to this page."""
        self.app.push_screen(Page("Glossary", glossary_lines()))


def help_lines(key: str, field: str | None, granted: str | None = None) -> list[str]:
    """Return the help of step *key*; the part of the focused *field* (its widget's id) comes first.

    A section of the page is headed by the answer's key (``## server.host``) and shown under the field's label.
    ``{domains}`` and the other keys of ``web_ui.TABS`` become Postal's pages of *granted* (``org/server``).
    """
    page = files("assets") / "help" / f"{key}.md"
    if not page.is_file():
        return ["There is no help for this step."]
    head, *sections = _sections(page.read_text(encoding="utf-8"))
    focused = (field or "").replace("-", ".", 1)
    own = [section for section in sections if section[0] == focused]
    others = [section for section in sections if section[0] != focused]
    lines = [
        line
        for title, text in (*own, head, *others)
        for line in (_label(title), "", *_paragraphs(_with_places(text, granted)), "")
    ]
    words = ", ".join(title for title, _text in _glossary())
    return [*lines, f"F1 opens the glossary: {words}."]


def glossary_lines() -> list[str]:
    """Return each word with its two lines."""
    return [line for title, text in _glossary() for line in (title, *(f"  {each}" for each in text.splitlines()), "")]


def _glossary() -> list[tuple[str, str]]:
    text = (files("assets") / "help" / f"{_GLOSSARY}.md").read_text(encoding="utf-8")
    return _sections(text)[1:]


def _sections(page: str) -> list[tuple[str, str]]:
    """Return title and text of each section; the first is the page itself."""
    parts = page.strip().removeprefix("# ").split("\n## ")
    return [(title, text.strip()) for title, _, text in (part.partition("\n") for part in parts)]


def _label(title: str) -> str:
    return LABELS.get(title, title)


def _with_places(text: str, granted: str | None) -> str:
    """Replace ``{domains}`` and the like by where to click, and by the path where *granted* names the mail server."""
    named = Untrusted(granted, 160) if granted else None
    return _PLACE.sub(lambda match: place(match[1], named) if match[1] in TABS else match[0], text)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield each paragraph as one line, to be wrapped again, with a blank line between two."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ""
        yield " ".join(paragraph.replace("`", "").splitlines())
