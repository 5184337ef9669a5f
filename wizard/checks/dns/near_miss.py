"""Records that are there but not quite: what was typed into them, where they differ, what a wildcard answers."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from wizard.checks.dns.resolver import Answer, Ask

Kind: TypeAlias = Literal["blank", "quotes", "backslashes"]

_QUOTES: Final = "\"'\u201c\u201d\u201e\u00ab\u00bb`"
_BLANKS: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u2060\ufeff"
"""Every blank of Unicode, and the marks without width. A set to strip: a pattern for the end would be quadratic."""
_SEAM: Final = re.compile(f"[{_QUOTES}]\\s*[{_QUOTES}]")
_NAMES: Final = {
    '"': "a quotation mark",
    "'": "an apostrophe",
    "\\": "a backslash",
    " ": "a blank",
    "\t": "a tab",
    "\n": "a line feed",
    "\r": "a carriage return",
    ";": "a semicolon",
    ",": "a comma",
}
_WINDOW: Final = 60
_BEFORE: Final = 24


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that was typed into a record and became part of its value."""

    kind: Kind
    at: int
    """Index of the first such character."""
    character: str
    cleaned: str
    """The text as it was meant."""

    @property
    def words(self) -> str:
        """Return ``begins with a blank``, or what was typed in and where."""
        if self.kind == "blank":
            return f"begins with {named(self.character)}"
        return f"has {self.kind} typed in: character {self.at + 1} is {named(self.character)}"


def flaw(text: str) -> Flaw | None:
    """Return the first flaw of *text*; None where there is none."""
    cleaned = text.strip(_BLANKS).strip(_QUOTES).replace("\\", "").strip(_BLANKS)
    cleaned = _SEAM.sub("", cleaned).translate(dict.fromkeys(map(ord, _QUOTES)))
    if text[:1] and text[0] in _BLANKS:
        return Flaw("blank", 0, text[0], cleaned)
    quote = next((at for at, character in enumerate(text) if character in _QUOTES), None)
    slash = text.find("\\")
    if quote is not None and (slash < 0 or quote < slash or text[slash + 1 : slash + 2] == text[quote]):
        return Flaw("quotes", quote, text[quote], cleaned)
    return Flaw("backslashes", slash, "\\", cleaned) if slash >= 0 else None


def named(character: str) -> str:
    """Return one character for a sentence: itself where it can be seen, its name where it is easily missed."""
    if not character:
        return "nothing"
    if character in _NAMES:
        return _NAMES[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return f"the byte {code - 0xDC00:#04x}"
    if character.isascii() and character.isprintable():
        return f"'{character}'"
    return f"U+{code:04X} ({unicodedata.name(character, 'a control character').lower()})"


def difference(is_now: str, should_be: str) -> tuple[str, ...]:
    """Return lines of evidence: both texts aligned at the first character that differs, and that character named."""
    pairs = zip(is_now, should_be, strict=False)
    at = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(is_now), len(should_be)))
    start = max(at - _BEFORE, 0)
    if at == len(is_now):
        words = f"it ends here, {len(should_be) - at} characters short"
    elif at == len(should_be):
        words = f"{len(is_now) - at} characters follow that should not be there, the first is {named(is_now[at])}"
    else:
        words = f"is {named(is_now[at])}, should be {named(should_be[at])}"
    lead = " " if not start else "…"
    return (
        f"is        {lead}{_window(is_now, start)}",
        f"should be {lead}{_window(should_be, start)}",
        f"          {' ' * (at - start + 1)}^ character {at + 1}: {words}",
    )


def _window(text: str, start: int) -> str:
    """Return a part of *text*, each character one column wide."""
    part = "".join(one if one.isprintable() else "?" for one in text[start : start + _WINDOW])
    return f"{part}…" if len(text) > start + _WINDOW else part


async def by_wildcard(ask: Ask, answer: Answer) -> bool:
    """Whether a label that nobody can have published beside the name has the same answer."""
    if not answer.found:
        return False
    beside = f"postal-wizard-{secrets.token_hex(6)}.{answer.name.partition('.')[2]}"
    other = await ask(beside, answer.type)
    return other.found and frozenset(other.values) == frozenset(answer.values)
