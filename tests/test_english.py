"""Sentences that anyone understands: short, active, in their usual order. What is banned is listed once, here."""

from __future__ import annotations

import argparse
import ast
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from wizard.checks.briefs import NAMED, NEEDS, WORDS
from wizard.cli.main import _parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT: Final = Path(__file__).parent.parent
PROGRAM: Final = sorted(
    str(path.relative_to(ROOT)) for tree in ("wizard", "screens") for path in (ROOT / tree).rglob("*.py")
)
TEXTS: Final = [
    "README.md",
    "assets/share/man/man1/postal-wizard.1",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "assets/help").glob("*.md")),
]
SCHEMAS: Final = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "assets").glob("*.schema.json"))

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

TWICE: Final = {
    r"in place of": "instead of",
    r"(this|that|the) very": "exactly this, the same",
    r"makes? of|making of": "reads, understands",
    r"(became|becomes?|comes?|came|coming) of": "happened to, results in",
    r"plays? no part": "does not matter",
    r"in the midst|mid-dialogue": "in the middle",
    r"re-reads?": "reads again",
    r"(is|are|was|were) meant": "is intended, is the right one",
    r"tak(e|es|en|ing) (\w+ ){1,3}out|leave (the row|both rows|them) out": "remove",
    r"meanwhile": "in the meantime, until then",
    r"and the like|or the like": "such as ...",
    r"if it stays": "if it happens again",
    r"as it is,": "Now ...",
    r"as if there were none": "(leave it out)",
    r"(is|are|was|were) (an)?other than": "differs from",
    r"(is|are|was|were|be) (not )?looked at": "checked, examined",
    r"(look|looks|looking|see|sees) (\w+ )?whether": "check whether",
    r"round (each|every|the)": "around",
    r"any ?more": "no longer",
    r"comes? by": "comes from, comes with",
    r"by (?=--)": "with --...",
    r"puts? (\w+ )?off": "defers, switches off",
    r"wins? over": "overrides",
    r"may not": "is not allowed to, perhaps not, might not",
    r"gone through|not gone": "tested",
    r"as decided|decided here": "chosen",
    r"carries (this|the) mail": "passes",
    r"(took|takes) (a|the|GlitchTip's) (mail|connection)(?! for)": "accepts",
    r"in mid-\w+|thrice|nay|lest|albeit|hither": "(an everyday word)",
}
"""What has to be read twice in a sentence that is printed, and what to write; docstrings may keep it."""

_TWICE: Final = re.compile(rf"\b(?:{'|'.join(TWICE)})(?:\b|(?=--))", re.IGNORECASE)
_MARKS: Final = re.compile(r"`[A-Za-z][^`\n]*`|(?<![\w*\\(|)])\*[A-Za-z][^*\n]*[A-Za-z]\*(?!\w)|\bORG\b|\bSRV\b")
"""Markdown that people would see, and placeholders of a path."""

PRINTED: Final = (_BANNED, _TWICE, _MARKS)
_IDS: Final = re.compile(r"(?<![\w.{])(?:spf_from|spf_mailfrom|rp_mx|postal_view|from_address|return_path)(?![\w.])")
"""Ids of checks that are no words; people read the names of ``wizard/checks/registry.py``."""

QUOTED: Final = {
    "credential wants us to hold messages": "Postal's own sentence (app/models/queued_message.rb), matched in its log",
    "Wants=network-online.target": "a key of systemd",
    "`id` parameter is required but is missing": "an answer of Postal's API, which the rehearsal gives",
}
"""Texts of other programs, with the reason why each is here."""

LEFT: Final[dict[str, int]] = {}
"""Docstrings and comments not yet rewritten, by file. A number here may only shrink."""


def _sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of each literal but docstrings, labels of one word too; an f-string as one, with ``{}``."""
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
        yield node.lineno, text


def _remarks(tree: ast.Module, source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each docstring and of each line with a comment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, " ".join(node.value.value.split())
    for number, line in enumerate(source.splitlines(), 1):
        _code, mark, comment = line.partition("# ")
        if mark:
            yield number, comment


def _hits(texts: Iterable[tuple[int, str]], *patterns: re.Pattern[str]) -> list[str]:
    """Return what *patterns* find; a regular expression matches the words of other programs and is exempt."""
    return [
        f"line {line}: {match[0]!r} in {text}"
        for line, text in texts
        for pattern in patterns
        if text not in QUOTED and "(?:" not in text and (match := pattern.search(text))
    ]


@pytest.mark.parametrize("name", PROGRAM)
def test_the_program_is_plain_english(name: str) -> None:
    tree = ast.parse(source := (ROOT / name).read_text(encoding="utf-8"))
    sentences = list(_sentences(tree))
    assert _hits(sentences, *PRINTED) == []
    if name.startswith("wizard/"):  # where a check is named as people do
        assert _hits(((line, text) for line, text in sentences if " " in text), _IDS) == []
    remarks = _hits(_remarks(tree, source), _BANNED)
    left = LEFT.get(name, 0)
    assert len(remarks) <= left, remarks
    assert len(remarks) == left, f"{name} has only {len(remarks)} left: write that into LEFT"


def test_the_words_of_rows_are_plain_english_however_short() -> None:
    words = [*WORDS.values(), *NAMED.values(), *NEEDS.values()]
    assert [text for text in words if _BANNED.search(text)] == []


@pytest.mark.parametrize("name", TEXTS)
def test_help_and_readme_are_plain_english(name: str) -> None:
    lines = " ".join((ROOT / name).read_text(encoding="utf-8").replace("\\-", "-").split())
    patterns = (_BANNED, _TWICE) if name == "README.md" else PRINTED
    assert [match[0] for pattern in patterns for match in pattern.finditer(lines)] == []


def test_the_answers_sample_is_plain_english() -> None:
    text = (ROOT / "assets/answers.toml").read_text(encoding="utf-8")
    tomllib.loads(text)
    comments = " ".join(line.partition("#")[2].strip() for line in text.splitlines())
    assert _hits(iter([(0, comments)]), *PRINTED) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_plain_english(name: str) -> None:
    texts = list(_described(json.loads((ROOT / name).read_text(encoding="utf-8"))))
    assert texts
    assert _hits(enumerate(texts), *PRINTED) == []


def _described(value: object) -> Iterator[str]:
    """Yield each title, description and comment of a JSON schema."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key in {"title", "description", "$comment"} and isinstance(inner, str):
            yield inner
        else:
            yield from _described(inner)


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
    assert {name: hits for name, text in helps.items() if (hits := _hits(iter([(0, text)]), *PRINTED))} == {}


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
def test_the_list_bans_only_whole_words(text: str, banned: bool) -> None:
    assert bool(_BANNED.search(text)) is banned


@pytest.mark.parametrize(
    ("text", "banned"),
    [
        ("line prompts in place of screens", True),
        ("The user name plays no part.", True),
        ("This user may not write there.", True),
        ("Look whether it is healthy.", True),
        ("Give it by --password-fd N.", True),
        ("Press *Check my records are correct*.", True),
        ("One `git add` publishes it.", True),
        ("/org/ORG/servers/SRV", True),
        ("Write EMAIL_URL: ${EMAIL_URL} under environment.", False),
        ("The key may be right.", False),
        ("It lists every place that has the settings.", False),
        ("v=DKIM1; p=*", False),
    ],
)
def test_what_has_to_be_read_twice_is_found_in_sentences(text: str, banned: bool) -> None:
    assert bool(_TWICE.search(text) or _MARKS.search(text)) is banned


def test_literals_are_found_whole_and_docstrings_apart() -> None:
    source = '"""It stands here."""\nX = f"the rest {1 + 1} stands here"  # told so\nY = ("one two "\n  "three four")\n'
    tree = ast.parse(source)
    assert list(_sentences(tree)) == [(2, "the rest {} stands here"), (3, "one two three four")]
    assert [text for _line, text in _remarks(tree, source)] == ["It stands here.", "told so"]
