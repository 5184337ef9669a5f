"""The text of a ``.env`` file: where each value is, how a value is spelled, and a change of nothing but values.

Bytes in, bytes out. In between they are UTF-8 with ``surrogateescape``, so that any byte survives the way there and
back. The grammar is python-dotenv's (src/dotenv/parser.py of 1.2), because that is the reader which judges the result;
where a file is broken for other readers too, it is refused rather than guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model.untrusted import Untrusted
from wizard.targets import KeyState, Refused
from wizard.targets.env_file.spelling import agreed, spell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BOM: Final = b"\xef\xbb\xbf"
MARK: Final = "\ufeff"
"""The byte order mark as text."""

_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_SPACE: Final = re.compile(r"\s*")
_BLANK: Final = re.compile(r"[^\S\r\n]*")
_EXPORT: Final = re.compile(r"(?:export[^\S\r\n]+)?")
_QUOTED_KEY: Final = re.compile(r"'([^']+)'")
_BARE_KEY: Final = re.compile(r"([^=#\s]+)")
_QUOTED: Final = {
    "'": re.compile(r"'((?:\\.|[^'\\])*)'", re.DOTALL),
    '"': re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL),
}
_TO_LINE_END: Final = re.compile(r"[^\r\n]*")
_COMMENT_BEHIND: Final = re.compile(r"(?<=\s)#")
_END: Final = re.compile(r"(?:[^\S\r\n]*#[^\r\n]*)?[^\S\r\n]*(?:\r\n|\n|\r|\Z)")
_REST: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)?")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Binding:
    """One statement of the file, or a stretch without one (``key`` is None)."""

    start: int
    end: int
    key: str | None = None
    key_end: int = 0
    span: tuple[int, int] | None = None
    """Where the value is, quotes included; None where the key has no ``=``."""
    broken: bool = False
    """python-dotenv reports an error here and reads no key."""
    opens_quote: bool = False
    """A quote begins here that no reader agrees about the end of: what follows may belong to it."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The file as it will be."""

    raw: bytes
    states: Mapping[str, KeyState]
    touched: int
    """Lines changed or added."""
    lines: int
    """Lines of the file as it will be."""


def scan(text: str) -> Iterator[Binding]:
    """Yield the statements of *text*, which has no byte order mark, in order and without a gap."""
    at = 0
    while at < len(text):
        found = _statement(text, at)
        yield found
        at = found.end


def _statement(text: str, start: int) -> Binding:
    at = _skip(_SPACE, text, start)
    if at == len(text):
        return Binding(start, at)
    at = _skip(_EXPORT, text, at)
    if text.startswith("#", at):
        return Binding(start, _skip(_REST, text, at))
    named = (_QUOTED_KEY if text.startswith("'", at) else _BARE_KEY).match(text, at)
    if named is None:
        return Binding(start, _skip(_REST, text, at), broken=True, opens_quote=text.startswith("'", at))
    key, key_end = named.group(1), named.end()
    odd = _LINE_END.search(key) is not None
    at = _skip(_BLANK, text, key_end)
    span = None
    quoted = False
    if text.startswith("=", at):
        after = at + 1
        at = _skip(_BLANK, text, after)
        first = text[at : at + 1]
        if first in {"", "\r", "\n"} or (first == "#" and at > after):
            # An empty value is right behind the equals sign: in front of blanks and of a comment.
            span = (after, after)
        elif first in _QUOTED:
            value = _QUOTED[first].match(text, at)
            if value is None:
                return Binding(start, _skip(_REST, text, at), broken=True, opens_quote=True)
            span, quoted = value.span(), True
            at = value.end()
        else:
            line = text[at : _skip(_TO_LINE_END, text, at)]
            comment = _COMMENT_BEHIND.search(line)
            span = (at, at + len((line[: comment.start()] if comment else line).rstrip()))
            at += len(line)
    ended = _END.match(text, at)
    if ended is not None:
        return Binding(start, ended.end(), key, key_end, span, opens_quote=odd)
    end = _skip(_REST, text, at)
    if quoted:
        # More lines than one, or one more quote: it was not meant to end where it did.
        odd = odd or _LINE_END.search(text[start:at].strip()) is not None or any(q in text[at:end] for q in _QUOTED)
    return Binding(start, end, broken=True, opens_quote=odd)


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def decode(raw: bytes) -> str:
    """Return the text of *raw* without its byte order mark."""
    return raw.removeprefix(BOM).decode("utf-8", "surrogateescape")


def edit(raw: bytes, values: Mapping[str, str]) -> Edited:
    """Return *raw* with every occurrence of each key at its new value, absent keys appended.

    Only value spans change. A value that is right but spelled so that readers differ is respelled. Raises Refused.
    """
    spelled = {}
    for name, value in values.items():
        if not _KEY.fullmatch(name):
            raise Refused(f"{Untrusted(name, 60)} is not a name for a setting: letters, digits and _ only.")
        spelled[name] = spell(name, value)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("The file is UTF-16, which no reader of .env files understands: save it as UTF-8 first.")
    text = decode(raw)
    bindings = list(scan(text))
    pieces: list[str] = []
    states = dict.fromkeys(values, KeyState.CREATED)
    at = touched = 0
    for key, binding in _trusted(text, bindings, values):
        old = None if binding.span is None else text[slice(*binding.span)]
        start, end = binding.span or (binding.key_end, binding.key_end)
        new = spelled[key] or ("''" if _COMMENT_NEXT.match(text, end) else "")
        glued = text.startswith("#", end)
        if old is not None and not glued and (old == new or agreed(old, values[key])):
            states[key] = KeyState.UNCHANGED if states[key] is KeyState.CREATED else states[key]
            continue
        states[key] = KeyState.CHANGED
        touched += 1
        pieces += [text[at:start], "" if binding.span else "=", new, " " if glued else ""]
        at = end
    pieces.append(text[at:])
    appended = [f"{key}={spelled[key]}" for key, state in states.items() if state is KeyState.CREATED]
    if appended:
        touched += len(appended)
        newline = line_end(text)
        ended = not text or text.endswith(("\n", "\r"))
        pieces += ["" if ended else newline, *(line + newline for line in appended)]
    edited = "".join(pieces)
    return Edited(
        raw[: len(raw) - len(raw.removeprefix(BOM))] + edited.encode("utf-8", "surrogateescape"),
        states,
        touched,
        len(_LINE_END.findall(edited)) + (edited != "" and not edited.endswith(("\n", "\r"))),
    )


_COMMENT_NEXT: Final = re.compile(r"[^\S\r\n]*#")


def _trusted(text: str, bindings: list[Binding], keys: Mapping[str, str]) -> list[tuple[str, Binding]]:
    """Return the bindings of *keys*, each with its key.

    Raises Refused where a quote that is never closed reaches one, or the place to append.
    """
    names = "|".join(map(re.escape, keys))
    looks_like = re.compile(rf"(?:\A|[\r\n])[^\S\r\n]*(?:export[^\S\r\n]+)?'?({names})'?[^\S\r\n]*=")
    found: list[tuple[str, Binding]] = []
    opened: Binding | None = None
    for binding in bindings:
        if keys and (binding.broken or binding.opens_quote):
            swallowed = looks_like.search(text[binding.start : binding.end])
            if swallowed:
                begun = _line(text, _skip(_SPACE, text, binding.start))
                line = _line(text, binding.start + swallowed.start(1))
                raise Refused(
                    f"Line {line} holds {swallowed.group(1)} within a statement that cannot be read (it begins on line "
                    f"{begun}): fix its quotes first."
                )
            opened = opened or (binding if binding.opens_quote else None)
        elif binding.key is not None and binding.key in keys:
            if opened is not None:
                raise _never_closed(text, opened, binding.key)
            found.append((binding.key, binding))
    missing = [key for key in keys if all(other != key for other, _ in found)]
    if opened is not None and missing:
        raise _never_closed(text, opened, missing[0])
    return found


def _never_closed(text: str, opened: Binding, key: str) -> Refused:
    line = _line(text, _skip(_SPACE, text, opened.start))
    return Refused(f"A quote on line {line} is never closed and swallows the line of {key}: close it first.")


def _line(text: str, at: int) -> int:
    return len(_LINE_END.findall(text, 0, at)) + 1


def line_end(text: str) -> str:
    """Return the line end that *text* uses most, a line feed where it has none."""
    found = _LINE_END.findall(text)
    return max(("\n", "\r\n", "\r"), key=found.count)


def put_back(raw: bytes, old: bytes, keys: tuple[str, ...]) -> bytes:
    """Return *raw* with the values of *keys* spelled as they are in *old*; what *old* does not have loses its line."""
    before, text = decode(old), decode(raw)
    pieces: list[str] = []
    at = 0
    was: dict[str, list[str | None]] = {key: [] for key in keys}
    for binding in scan(before):
        if binding.key in was:
            was[binding.key].append(None if binding.span is None else before[slice(*binding.span)])
    for key, binding in _trusted(text, list(scan(text)), dict.fromkeys(keys, "")):
        spellings = was[key]
        if not spellings:
            start = _skip(_SPACE, text, binding.start)
            pieces.append(text[at : max(at, _line_start(text, start))])
            at = binding.end
            continue
        # The first occurrence gets the first spelling; a duplicate that was added since gets the one that counted.
        spelling = spellings.pop(0) if len(spellings) > 1 else spellings[0]
        start, end = binding.span or (binding.key_end, binding.key_end)
        if spelling is None:
            start = binding.key_end
        equals = "=" if spelling is not None and binding.span is None else ""
        pieces += [text[at:start], equals, spelling or ""]
        at = end
    pieces.append(text[at:])
    return raw[: len(raw) - len(raw.removeprefix(BOM))] + "".join(pieces).encode("utf-8", "surrogateescape")


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
