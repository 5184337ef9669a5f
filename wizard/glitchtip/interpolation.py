"""What a value of a compose file becomes: ``${NAME}`` and its kin.

Rules: the compose specification's interpolation (compose-go, template/template.go).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST: Final = 65_536
"""Characters of one value: aliases or variables could make an endless one."""
_DEEPEST: Final = 8
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACE: Final = re.compile(r"\$\{|\}")
_OPERATOR: Final = re.compile(r":?[-?+]")

Known: TypeAlias = "Mapping[str, str | None]"


@dataclass(frozen=True, slots=True)
class Part:
    """Literal text, or one variable with what replaces it where it is not set."""

    text: str
    """The text, or the variable's name."""
    variable: bool = False
    operator: str = ""
    """``-``, ``?`` or ``+``, behind a colon where an empty value counts as none."""
    word: str = ""
    """What follows the operator, not yet interpolated."""
    broken: bool = False
    """Whether it is the $ of a ``${`` that names no variable."""


def parts(text: str, *, lenient: bool = False) -> Iterator[Part]:
    """Split *text* at its variables; ``$$`` is a dollar.

    A $ that begins no variable raises ValueError, as compose refuses it in its file; *lenient* keeps it, as in a .env.
    """
    at = 0
    while at < len(text):
        dollar = text.find("$", at)
        if dollar < 0:
            yield Part(text[at:])
            return
        if dollar > at:
            yield Part(text[at:dollar])
        if text.startswith("$$", dollar):
            yield Part("$")
            at = dollar + 2
            continue
        try:
            part, at = _variable(text, dollar + 1)
        except ValueError:
            if not lenient:
                raise
            part, at = Part("$", broken=text.startswith("{", dollar + 1)), dollar + 1
        yield part


def _variable(text: str, at: int) -> tuple[Part, int]:
    braced = text.startswith("{", at)
    name = _NAME.match(text, at + braced)
    if name is None:
        raise ValueError
    if not braced:
        return Part(name[0], variable=True), name.end()
    if text.startswith("}", name.end()):
        return Part(name[0], variable=True), name.end() + 1
    operator = _OPERATOR.match(text, name.end())
    end = _closing(text, operator.end()) if operator else -1
    if operator is None or end < 0:
        raise ValueError
    return Part(name[0], True, operator[0], text[operator.end() : end]), end + 1


def _closing(text: str, at: int) -> int:
    """Return where the brace closes that was open before *at*; -1 where none does, or too many are in it."""
    depth = 1
    for match in _BRACE.finditer(text, at):
        depth += 1 if match[0] == "${" else -1
        if depth == 0:
            return match.start()
        if depth > _DEEPEST:
            return -1
    return -1


def interpolated(text: str, known: Known, depth: int = 0, *, lenient: bool = False) -> str:
    """Return *text* with its variables from *known*, cut at ``LONGEST`` characters.

    Raises ValueError where compose would refuse the file, KeyError where it needs a variable that is not set; neither
    where *lenient*.
    """
    made: list[str] = []
    left = LONGEST
    for part in parts(text, lenient=lenient):
        try:
            piece = _value(part, known, depth)[:left] if part.variable else part.text[:left]
        except (ValueError, KeyError):
            if not lenient:
                raise
            piece = ""
        made.append(piece)
        left -= len(piece)
    return "".join(made)


def _value(part: Part, known: Known, depth: int) -> str:
    if depth > _DEEPEST:
        raise ValueError
    found = known.get(part.text)
    given = found is not None and (found != "" or not part.operator.startswith(":"))
    if part.operator.endswith("+"):
        return interpolated(part.word, known, depth + 1) if given else ""
    if given:
        return found or ""
    if part.operator.endswith("?"):
        raise KeyError(part.text)
    return interpolated(part.word, known, depth + 1) if part.operator else ""


def passes_on(text: str, name: str) -> bool:
    """Whether *text* is the variable *name* and nothing else: ``${NAME}``, ``$NAME``, with a default or without."""
    try:
        found = list(parts(text))
    except ValueError:
        return False
    return len(found) == 1 and found[0].variable and found[0].text == name and not found[0].operator.endswith("+")


def variables(text: str) -> Iterator[Part]:
    """Yield the variables of *text*, those within a default included; what compose cannot read is left out."""
    pending = [text[:LONGEST]]
    for _ in range(_DEEPEST):
        texts, pending = pending, []
        for each in texts:
            for part in parts(each, lenient=True):
                if part.variable:
                    yield part
                    if part.word:
                        pending.append(part.word)
