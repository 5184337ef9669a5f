"""`.env` and env_file lines as docker compose reads them, each with the number of its line.

Rules: compose-go's own reader (dotenv/parser.go), tried line by line against compose 2.40. It is stricter than
python-dotenv: one statement that it cannot read makes it refuse the whole file, and nothing starts.
"""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import interpolation
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.glitchtip.interpolation import Known

LARGEST: Final = 1_048_576
_MOST_STATEMENTS: Final = 20_000
_BLANK: Final = " \t\v\f\r\x85\xa0"
"""What compose-go skips inside a line."""
_START: Final = re.compile(rf"[\s{_BLANK}]*(?:#[^\n]*(?:\n|\Z)[\s{_BLANK}]*)*")
"""Blanks and comments in front of a statement."""
_EXPORT: Final = re.compile(r"export\s+")
_NAME_END: Final = re.compile(r"[=:\n]")
_QUOTED: Final = {
    quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL) for quote in ("'", '"')
}  # fmt: skip
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One variable that a file sets."""

    value: str | None = field(repr=False)
    """None for a bare name, whose value is the starting shell's."""
    line: int


class FaultKind(StrEnum):
    """Why compose refuses a statement."""

    BEHIND_QUOTE = "behind quote"
    OPEN_QUOTE = "open quote"
    BLANK_IN_NAME = "blank in name"
    CHARACTER_IN_NAME = "character in name"
    NO_NAME = "no name"
    BROKEN_VARIABLE = "broken variable"
    MISSING_VARIABLE = "missing variable"


_REASONS: Final = {
    FaultKind.BEHIND_QUOTE: ("has text behind a closing quote", "Put the whole value in single quotes"),
    FaultKind.OPEN_QUOTE: ("has a quote that is not closed", "Close it, or remove it"),
    FaultKind.BLANK_IN_NAME: ("has a blank in a name", "Write the name without blanks, or # before a comment"),
    FaultKind.CHARACTER_IN_NAME: (
        "has a name with a character that compose does not take",
        "Write the name with only letters, digits and _, or # before a comment",
    ),
    FaultKind.NO_NAME: ("has no name", "Write a name and = before the value, or remove the line"),
    FaultKind.BROKEN_VARIABLE: (
        "has a ${ that names no variable or is not closed", "Put the value in single quotes, or write $$ for the $"
    ),
    FaultKind.MISSING_VARIABLE: ("needs a variable that is not set", "Set that variable in a line above"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Why compose refuses a file. Nothing of a value is in it."""

    line: int
    kind: FaultKind
    name: str = ""
    """The variable whose value it is about; empty where the line names none."""

    @property
    def reason(self) -> str:
        """The end of a sentence that begins with the place: ``has text behind a closing quote``."""
        return _REASONS[self.kind][0]

    @property
    def goes_with_the_value(self) -> bool:
        """Whether another value in its place would be the end of it."""
        return self.kind in {FaultKind.BROKEN_VARIABLE, FaultKind.MISSING_VARIABLE}

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _REASONS[self.kind][1]


@dataclass(frozen=True, slots=True)
class EnvText:
    """What a file sets, as far as it can be read."""

    entries: dict[str, Entry] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def read(path: Path, known: Known, *, raw: bool = False) -> EnvText:
    """Return what *path* sets; nothing where it is not there or cannot be read. *raw*: ``format: raw`` of env_file."""
    try:
        data = files.read(path, LARGEST)
    except OSError:
        return EnvText()
    text = data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n")
    return _raw(text) if raw else parse(text, known)


def parse(text: str, known: Known) -> EnvText:
    """Read *text* by the rules of compose's own format; *known* are the variables that ``${NAME}`` may name."""
    entries: dict[str, Entry] = {}
    faults: list[Fault] = []
    values: dict[str, str | None] = {}
    both: Known = ChainMap(values, dict(known))
    at, line, counted, closed_at = 0, 1, 0, -1
    for _ in range(_MOST_STATEMENTS):
        start = _START.match(text, at)
        at = start.end() if start else at
        line, counted = line + text.count("\n", counted, at), at
        if at >= len(text):
            break
        behind_quote = closed_at >= 0 and "\n" not in text[closed_at:at]
        name, at, fault = _name(text, at)
        if fault:
            faults.append(Fault(line, FaultKind.BEHIND_QUOTE if behind_quote else fault))
            closed_at = -1
            end = text.find("\n", at)
            at = end + 1 if end >= 0 else len(text)
            continue
        if text.startswith("\n", at - 1) or at > len(text):  # a bare name
            values[name] = both.get(name)
            entries[name] = Entry(None, line)
            continue
        value, at, quoted, fault = _value(text, at, both)
        closed_at = at if quoted else -1
        if fault:
            faults.append(Fault(line, fault, name))
        values[name] = value
        entries[name] = Entry(value, line)
    return EnvText(entries, tuple(faults))


def _name(text: str, at: int) -> tuple[str, int, FaultKind | None]:
    """Return the name that begins at *at*, where it ends (behind its ``=``), and why compose refuses it."""
    export = _EXPORT.match(text, at)
    at = export.end() if export else at
    if export and at == len(text):
        return "", at, FaultKind.NO_NAME
    found = _NAME_END.search(text, at)
    end = found.start() if found else len(text)
    name = text[at:end]
    wrong = next((char for char in name if not (char.isalnum() or char in "_.-[]" or char in _BLANK)), None)
    if wrong is not None:
        return "", at, FaultKind.CHARACTER_IN_NAME
    name = name.strip(_BLANK)
    if " " in name:
        return "", at, FaultKind.BLANK_IN_NAME
    return name, end + 1, None


def _value(text: str, at: int, known: Known) -> tuple[str, int, bool, FaultKind | None]:
    """Return value, where it ends, whether it is quoted, and why compose refuses it."""
    while at < len(text) and text[at] in _BLANK:
        at += 1
    quote = text[at] if at < len(text) and text[at] in "'\"" else ""
    if not quote:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        bare = text[at : min(end, at + interpolation.LONGEST)].partition(" #")[0].rstrip()
        return interpolation.interpolated(bare, known, lenient=True), end + 1, False, _refused(bare, known)
    closed = _QUOTED[quote].match(text, at)
    if closed is None:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        return text[at + 1 : end], end + 1, True, FaultKind.OPEN_QUOTE
    inside = closed[1].replace(f"\\{quote}", quote) if quote == "'" else closed[1]
    if quote == "'":
        return inside, closed.end(), True, None
    value, fault = _double(inside, known)
    return value, closed.end(), True, fault


def _double(inside: str, known: Known) -> tuple[str, FaultKind | None]:
    """Return what is between double quotes, with its escapes and variables taken."""
    made: list[str] = []
    fault: FaultKind | None = None
    for piece in re.findall(r"\\.|(?:[^\\]|\\\Z)+", inside[: interpolation.LONGEST], re.DOTALL):
        if piece[0] == "\\" and len(piece) == 2:
            made.append(_ESCAPED.get(piece[1]) or (piece[1] if piece[1] in '\\"$' else piece))
        else:
            made.append(interpolation.interpolated(piece, known, lenient=True))
            fault = fault or _refused(piece, known)
    return "".join(made)[: interpolation.LONGEST], fault


def _refused(text: str, known: Known) -> FaultKind | None:
    """Return why compose refuses the variables of *text*: a lone $ it takes, ``${`` that names none it does not."""
    if "${" not in text:
        return None
    for part in interpolation.parts(text, lenient=True):
        if part.broken:
            return FaultKind.BROKEN_VARIABLE
        if part.variable and part.operator.endswith("?"):
            given = known.get(part.text)
            if given is None or (given == "" and part.operator.startswith(":")):
                return FaultKind.MISSING_VARIABLE
    return None


def _raw(text: str) -> EnvText:
    """Read *text* as ``format: raw``: quotes, dollars and blanks stay (docker's own reader of ``--env-file``)."""
    entries: dict[str, Entry] = {}
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n")[:_MOST_STATEMENTS], 1):
        stripped = line.lstrip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not name or any(char.isspace() for char in name):
            faults.append(Fault(number, FaultKind.BLANK_IN_NAME if name else FaultKind.NO_NAME))
            continue
        entries[name] = Entry(value if equals else None, number)
    return EnvText(entries, tuple(faults))
