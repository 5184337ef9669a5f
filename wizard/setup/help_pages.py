"""What a step asks, why, and where the answer is found: the pages of ``assets/help``, for any front end.

A section of a page is headed by the answer's key (``## server.host``) and shown under the field's label. ``{domains}``
and the other keys of ``web_ui.TABS`` become Postal's pages of the mail server that the key was granted for.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from wizard.model.draft import Draft, InfisicalTarget
from wizard.model.untrusted import Untrusted
from wizard.postal.web_ui import TABS, place
from wizard.setup.steps import credential, sender, server, target, test_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

_GLOSSARY: Final = "glossary"
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_NO_PAGE: Final = "There is no help for this step."

LABELS: Final = {
    "target.kind": "Where GlitchTip reads its settings",
    "target.keep_secret": "Keep the client secret",
    "test_mail.code": "Its code",
} | {
    field.key.rstrip("_"): field.label
    for field in (
        *server.FIELDS,
        *credential.FIELDS,
        *sender.FIELDS,
        *test_mail.FIELDS,
        *target.fields_of(target.ENV, Draft()),
        *target.fields_of(target.INFISICAL, Draft(target=InfisicalTarget(url="http://"))),
    )
}
"""The labels of all fields and offers that the pages explain, by the answer's key that heads their section."""


def lines(key: str, field: str | None, granted: str | None = None) -> list[str]:
    """Return the whole page of step *key*, a paragraph a line; the part of *field* (an answer's key) comes first.

    *granted* is ``org/server`` as Postal named it, None where that is not known.
    """
    sections = _page(key)
    if not sections:
        return [_NO_PAGE]
    head, *others = sections
    own = [section for section in others if section[0] == field]
    return [
        line
        for title, text in (*own, head, *(section for section in others if section not in own))
        for line in (LABELS.get(title, title), "", *_paragraphs(_with_places(text, granted)), "")
    ]


def part(key: str, field: str | None, granted: str | None = None) -> list[str]:
    """Return the part of *field* alone, a paragraph a line; that of the step where the page has none of it."""
    sections = _page(key)
    if not sections:
        return [_NO_PAGE]
    title, text = next((section for section in sections[1:] if section[0] == field), sections[0])
    return [LABELS.get(title, title), *(line for line in _paragraphs(_with_places(text, granted)) if line)]


def glossary() -> list[tuple[str, str]]:
    """Return each word of mail with its two lines."""
    return _page(_GLOSSARY)[1:]


def _page(key: str) -> list[tuple[str, str]]:
    """Return title and text of each section, the first that of the page itself; none where there is no page."""
    page = files("assets") / "help" / f"{key}.md"
    if not page.is_file():
        return []
    parts = page.read_text(encoding="utf-8").strip().removeprefix("# ").split("\n## ")
    return [(title, text.strip()) for title, _, text in (part.partition("\n") for part in parts)]


def _with_places(text: str, granted: str | None) -> str:
    """Replace ``{domains}`` and the like by where to click, and by the path where *granted* names the mail server."""
    named = Untrusted(granted, 160) if granted else None
    return _PLACE.sub(lambda match: place(match[1], named) if match[1] in TABS else match[0], text)


def _paragraphs(text: str) -> Iterator[str]:
    """Yield each paragraph as one line, to be wrapped again, with a blank line between two."""
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ""
        yield " ".join(paragraph.splitlines())
