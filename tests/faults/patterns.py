"""Every regular expression of the program, and the texts that are worst for it."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
import time
import warnings
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]  # the parser that `re` itself uses
from typing import TYPE_CHECKING, Any, Final

import wizard
from wizard.diagnosis import dialogue, exception_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
PLAIN: Final = tuple("aA0 \t\n\\()'\"/.-_=,@:<[")
LONG: Final = 2_000
"""Characters of a text: what is quadratic costs 2 ms or more with it."""
_SLOW: Final = 0.0015
"""Seconds below which no growth can be measured."""
_ENOUGH: Final = 0.3
"""Seconds after which no worse case is looked for."""
_LINEAR: Final = 9.0
"""Four times the text costs 4 times where it is linear, 16 times where it is quadratic."""
SEARCHES: Final = {"search", "finditer", "findall", "sub", "subn", "split"}
ANCHORED: Final = {"match", "fullmatch"}


@dataclasses.dataclass(frozen=True, slots=True)
class Use:
    """One pattern of the program."""

    source: str | bytes
    flags: int
    where: str
    """``package.module.NAME``, or the file and line of a literal."""
    anchored: bool
    """It is never searched for, only matched from where it begins."""


def everywhere() -> list[Use]:
    """Return each pattern: compiled at import, or a literal at its use."""
    found: dict[tuple[str | bytes, int], Use] = {}
    used = _uses()
    for info in pkgutil.walk_packages(wizard.__path__, "wizard."):
        if info.name.endswith(("probe_script", "keyring_child")):
            continue
        module = importlib.import_module(info.name)
        seen: set[int] = set()
        for name, value in list(vars(module).items()):
            if not name.startswith("__"):
                for pattern in _compiled(value, seen, 0):
                    calls = used.get(f"{info.name}.{name}" if name.startswith("_") else name, set())
                    anchored = bool(calls) and calls <= ANCHORED
                    use = Use(pattern.pattern, pattern.flags, f"{info.name}.{name}", anchored)
                    found.setdefault((use.source, use.flags), use)
    for path in sorted((ROOT / "wizard").rglob("*.py")):
        for source, flags, line, call in _literals(path):
            if call != "compile":
                use = Use(source, re.compile(source, flags).flags, f"{path.relative_to(ROOT)}:{line}", call in ANCHORED)
                found.setdefault((use.source, use.flags), use)
    for where, words, anchored in _spelled():
        use = Use(words, re.compile(words).flags, where, anchored)
        found.setdefault((use.source, use.flags), use)
    return sorted(found.values(), key=lambda use: use.where)


def _spelled() -> Iterator[tuple[str, str, bool]]:
    """Yield the patterns that tables of the diagnosis keep as text: where, the text, and whether it is anchored.

    Left out are the words of a message: 2,000 characters of it are searched, and no more.
    """
    for row in (*exception_rows.ROWS, *exception_rows.POSTAL):
        yield f"wizard.diagnosis.exception_rows.{row.kinds[:40]}", row.kinds, True
    for sign, words in dialogue._POSTAL_ONLY:
        yield f"wizard.diagnosis.dialogue.{sign} {words[:12]}", words, False


def _uses() -> dict[str, set[str]]:
    """Return, by the name of a pattern, the methods that are called on it anywhere.

    A name with an underscore is its module's own, and is known by the module as well.
    """
    found: dict[str, set[str]] = {}
    for path in (ROOT / "wizard").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                on = node.value.value if isinstance(node.value, ast.Subscript) else node.value
                name = on.id if isinstance(on, ast.Name) else on.attr if isinstance(on, ast.Attribute) else ""
                name = f"{module}.{name}" if name.startswith("_") else name
                if node.attr in SEARCHES | ANCHORED:
                    found.setdefault(name, set()).add(node.attr)
                elif node.attr == "pattern":
                    found.setdefault(name, set()).add("search")  # part of another pattern
    return found


def _compiled(value: object, seen: set[int], depth: int) -> Iterator[re.Pattern[Any]]:
    if id(value) in seen or depth > 6:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for pair in list(value.items()):
            for part in pair:
                yield from _compiled(part, seen, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for part in list(value):
            yield from _compiled(part, seen, depth + 1)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _compiled(getattr(value, field.name, None), seen, depth + 1)


def _literals(path: Path) -> Iterator[tuple[str | bytes, int, int, str]]:
    calls = {"search", "match", "fullmatch", "sub", "split", "findall", "finditer", "compile", "subn"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in calls
            and isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args
            and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str | bytes)
        ):  # fmt: skip
            text = ast.unparse(node)
            flags = 0
            for name in ("IGNORECASE", "DOTALL", "MULTILINE", "ASCII", "VERBOSE"):
                flags |= getattr(re, name) if f"re.{name}" in text else 0
            yield node.args[0].value, flags, node.lineno, node.func.attr


def attacks(pattern: str, flags: int) -> list[str]:
    """Return pieces whose repetition makes *pattern* work most: what it repeats, and what it begins with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = _parser.parse(pattern, flags)
    runs: set[str] = set(PLAIN)
    _runs(parsed, runs)
    return sorted(runs, key=lambda run: (len(run), run))


def _runs(parsed: Any, runs: set[str]) -> str:
    """Collect the literal runs of *parsed*, and return one text that it could begin with."""
    begun: list[str] = []
    run = ""
    for op, arg in parsed:
        piece = ""
        if op is _constants.LITERAL:
            piece = chr(arg)
        elif op is _constants.NOT_LITERAL:
            piece = "a" if arg != ord("a") else "b"
        elif op is _constants.IN:
            piece = _member(arg)
        elif op is _constants.ANY:
            piece = "a"
        elif op in {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}:
            least, most, inner = arg
            piece = _runs(inner, runs)
            if most is _constants.MAXREPEAT and piece:
                # What stands before the repetition, once; then a long repetition; then nothing that fits.
                runs |= {piece, "".join(begun) + piece}
            piece *= max(least, 1)
        elif op is _constants.SUBPATTERN:
            piece = _runs(arg[3], runs)
        elif op is _constants.ATOMIC_GROUP:
            piece = _runs(arg, runs)
        elif op is _constants.BRANCH:
            pieces = [_runs(branch, runs) for branch in arg[1]]
            piece = pieces[0]
        elif op in {_constants.ASSERT, _constants.ASSERT_NOT}:
            _runs(arg[1], runs)
        run = run + piece if piece else ""
        if piece:
            begun.append(piece)
            whole = "".join(begun)
            if len(whole) < 400:
                runs.add(whole)
    return "".join(begun)


def _member(items: Any) -> str:
    negated = bool(items) and items[0][0] is _constants.NEGATE
    for candidate in "a0 A_-./=:,\t\n\"'()<>[]{}\\@%+*?!;|&#~^$`\x1b\x9b":
        inside = any(_in(candidate, op, arg) for op, arg in items if op is not _constants.NEGATE)
        if inside is not negated:
            return candidate
    return ""


def _in(character: str, op: Any, arg: Any) -> bool:
    if op is _constants.LITERAL:
        return ord(character) == int(arg)
    if op is _constants.RANGE:
        return int(arg[0]) <= ord(character) <= int(arg[1])
    if op is _constants.CATEGORY:
        name = str(arg)
        plain = {
            "SPACE": character.isspace(), "DIGIT": character.isdigit(), "WORD": character.isalnum() or character == "_",
        }  # fmt: skip
        kind = next(kind for kind in plain if name.endswith(kind))
        return plain[kind] is not ("NOT" in name)
    return False


def seconds(pattern: re.Pattern[Any], text: str, *, anchored: bool) -> float:
    """Return the seconds of one search through *text* (or of a match at its begin), the better of two."""
    given: Any = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    best = float("inf")
    for _ in range(2):
        started = time.thread_time()
        if anchored:
            pattern.match(given)
        else:
            pattern.search(given)
        pattern.fullmatch(given)
        best = min(best, time.thread_time() - started)
        if best > 0.2:
            break
    return best


def growth(use: Use, long: int = LONG) -> tuple[float, float, str]:
    """Return the worst case: seconds for *long* characters, by how much a quarter costs less, and the piece.

    A factor of 4 is linear, one of 16 quadratic.
    """
    made = re.compile(use.source, use.flags)
    if not _is_unbounded(made):
        return (0.0, 0.0, "")
    text = use.source.decode("latin-1") if isinstance(use.source, bytes) else use.source
    worst = (0.0, 0.0, "")
    for piece in attacks(text, use.flags & ~re.UNICODE if isinstance(use.source, bytes) else use.flags):
        for end in ("", "\x00"):
            whole = seconds(made, (piece * (long // len(piece) + 1))[:long] + end, anchored=use.anchored)
            if whole < _SLOW * long / LONG:
                continue
            quarter = seconds(made, (piece * (long // len(piece) + 1))[: long // 4] + end, anchored=use.anchored)
            worst = max(worst, (whole, whole / max(quarter, 1e-9), piece))
            if whole > _ENOUGH:
                return worst
    return worst


def _is_unbounded(pattern: re.Pattern[Any]) -> bool:
    """Whether *pattern* repeats something without a bound: what has a bound costs a constant at each place."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return "MAXREPEAT" in repr(_parser.parse(pattern.pattern, pattern.flags).data)


def is_quadratic(use: Use) -> str:
    """Return what shows that *use* grows with the square of its text, empty where nothing does.

    A repetition with a bound looks quadratic up to that bound, so the growth is looked at again with more.
    """
    took, factor, piece = growth(use)
    if factor > _LINEAR:
        took, factor, piece = growth(use, 4 * LONG)
    if factor <= _LINEAR:
        return ""
    return f"{took:.2f} s for {4 * LONG} characters, {factor:.0f} times a quarter, by {piece!r}"
