"""Sentences that anyone understands: short, active, in their usual order. What is banned is listed once, here."""

from __future__ import annotations

import argparse
import ast
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from wizard.checks.briefs import NAMED, NEEDS, WORDS
from wizard.cli.main import _parser

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parent.parent
PROGRAM: Final = sorted(
    str(path.relative_to(ROOT)) for tree in ("wizard", "screens") for path in (ROOT / tree).rglob("*.py")
)
TEXTS: Final = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "assets/help").glob("*.md"))]
SHORTEST: Final = 12
"""A text with a blank and this many characters counts as a sentence."""

BANNED: Final = {
    r"wanted is|(is|was|are|were) wanted|wants": "should be, asks for, needs",
    r"mend(s|ed|ing)?": "fix",
    r"stands?(?!-in\b)|stood": "is, is shown, holds",
    r"told": "shows, says, given",
    r"(go|goes|going|gone|went) on": "continue",
    r"by itself": "(leave it out)",
    r"(?<!there )(is|are|was|were) no (?!longer\b|more\b)\w+": "is not a valid ..., there is no ...",
    r"is no (?=name|key|value)": "has no name, key or value; there too",
    r"in force": "active, present",
    r"of no use": "has no effect",
    r"lets? go of": "deletes",
    r"from before": "previous",
    r"proven good": "proven",
    r"heard|(?<!\*)anew|nought|whether or no|whosoever|thereof|wherein": "(an everyday word)",
}
"""Whole words, letter case aside, and what to write."""

_BANNED: Final = re.compile(rf"\b(?:{'|'.join(BANNED)})\b", re.IGNORECASE)

QUOTED: Final = {
    "credential wants us to hold messages": "Postal's own sentence (app/models/queued_message.rb), matched in its log",
    "Wants=network-online.target": "a key of systemd",
}
"""Texts of other programs, with the reason why each is here."""

LEFT: Final[dict[str, int]] = {}
"""Docstrings and comments not yet rewritten, by file. A number here may only shrink."""


def _sentences(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each literal that is not a docstring; an f-string as one, its expressions as ``{}``."""
    tree = ast.parse(source)
    parts = {
        id(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr | ast.Expr)
        for value in (node.values if isinstance(node, ast.JoinedStr) else [node.value])
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(value.value) if isinstance(value, ast.Constant) else "{}" for value in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            text = node.value
        else:
            continue
        if " " in text.strip() and len(text) >= SHORTEST:
            yield node.lineno, text


def _remarks(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each docstring and of each line with a comment."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, " ".join(node.value.value.split())
    for number, line in enumerate(source.splitlines(), 1):
        _code, mark, comment = line.partition("# ")
        if mark:
            yield number, comment


def _hits(texts: Iterator[tuple[int, str]]) -> list[str]:
    return [f"line {line}: {text}" for line, text in texts if _BANNED.search(text) and text not in QUOTED]


@pytest.mark.parametrize("name", PROGRAM)
def test_the_program_prints_plain_english(name: str) -> None:
    assert _hits(_sentences((ROOT / name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", PROGRAM)
def test_docstrings_and_comments_are_plain_english(name: str) -> None:
    hits = _hits(_remarks((ROOT / name).read_text(encoding="utf-8")))
    left = LEFT.get(name, 0)
    assert len(hits) <= left, hits
    assert len(hits) == left, f"{name} has only {len(hits)} left: write that into LEFT"


def test_the_words_of_rows_are_plain_english_however_short() -> None:
    words = [*WORDS.values(), *NAMED.values(), *NEEDS.values()]
    assert [text for text in words if _BANNED.search(text)] == []


@pytest.mark.parametrize("name", TEXTS)
def test_help_and_readme_are_plain_english(name: str) -> None:
    lines = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert [match[0] for match in _BANNED.finditer(lines)] == []


def test_the_answers_sample_is_plain_english() -> None:
    text = (ROOT / "assets/answers.toml").read_text(encoding="utf-8")
    tomllib.loads(text)
    comments = " ".join(line.partition("#")[2].strip() for line in text.splitlines())
    assert [match[0] for match in _BANNED.finditer(comments)] == []


def _helps(one: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Yield name and ``--help`` of *one* and of every command below it."""
    yield one.prog, " ".join(one.format_help().split())
    for action in one._actions:  # argparse names its commands nowhere else
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _helps(command)


def test_help_of_every_command_is_plain_english() -> None:
    helps = dict(_helps(_parser()))
    assert {"postal-wizard", "postal-wizard check", "postal-wizard url explain", "postal-wizard demo"} <= helps.keys()
    assert {name: match[0] for name, text in helps.items() if (match := _BANNED.search(text))} == {}


@pytest.mark.parametrize(
    ("text", "banned"),
    [
        ("The key wanted is of type SMTP.", True),
        ("Nothing is told.", True),
        ("465 is no port of Postal's.", True),
        ("There is no backup.", False),
        ("There is no key in the field.", True),
        ("The draft is no longer there.", False),
        ("It goes on without you.", True),
        ("The standard port is 25.", False),
        ("A recommended value.", False),
    ],
)
def test_the_list_bans_whole_words_alone(text: str, banned: bool) -> None:
    assert bool(_BANNED.search(text)) is banned


def test_literals_are_found_whole_and_docstrings_apart() -> None:
    source = '"""It stands here."""\nX = f"the rest {1 + 1} stands here"  # told so\nY = ("one two "\n  "three four")\n'
    assert list(_sentences(source)) == [(2, "the rest {} stands here"), (3, "one two three four")]
    assert [text for _line, text in _remarks(source)] == ["It stands here.", "told so"]
