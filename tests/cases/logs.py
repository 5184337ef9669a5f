"""``python -m tests.cases.logs FOLDER...``: diagnose every ``*.log`` of a folder and compare with its ``*.expect``.

Beside or above the folder an ``INDEX.tsv`` may give each file its kind and words that must not be said. Ends with 1 if
any answer is wrong.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.cases.topics import NOTHING, TOPICS
from wizard.diagnosis import as_text, diagnose

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDER: Final = ("right", "vague", "unknown", "wrong", "not judged")


@dataclass(frozen=True)
class Case:
    """One text from elsewhere."""

    name: str
    kind: str
    text: bytes
    expected: str
    never: str
    """A regular expression that the whole answer must not match; empty: none."""


@dataclass(frozen=True)
class Answer:
    """What became of a case."""

    case: Case
    verdict: str
    said: str


def keys(expected: str) -> frozenset[str] | None:
    """Return the causes that answer *expected*: none of them where nothing is to be recognised, None: no topic fits."""
    if NOTHING.search(expected):
        return frozenset()
    return next((topic.keys for topic in TOPICS if topic.words.search(expected)), None)


def judge(case: Case) -> Answer:
    """Diagnose *case* and judge the answer: right, vague, unknown, wrong, or not judged."""
    found = diagnose(case.text)
    shown = as_text(found)
    named = [ranked.key for ranked in found.standing]
    wanted = keys(case.expected)
    if case.never and re.search(case.never, shown):
        verdict = "wrong"
    elif wanted is None:
        verdict = "not judged"
    elif not named:
        verdict = "right" if not wanted else "unknown"
    elif named[0] in wanted:
        verdict = "right"
    else:
        verdict = "vague" if wanted & set(named) else "wrong"
    return Answer(case, verdict, f"{named[0]}: {found.standing[0].cause}" if named else "Nothing recognised")


def cases(folder: Path) -> Iterator[Case]:
    """Yield the cases of *folder*, by name."""
    index = _index(folder)
    for path in sorted(folder.glob("*.log")):
        beside = path.with_suffix(".expect")
        expected = beside.read_text().strip() if beside.is_file() else ""
        kind, never = index.get(path.name, ("-", ""))
        yield Case(path.stem, kind, path.read_bytes(), _followed(expected, folder), never)


def _followed(expected: str, folder: Path) -> str:
    """Return the sentence that ``as R09`` stands for."""
    other = re.fullmatch(r"as (\w+)", expected)
    if other is None:
        return expected
    found = sorted(folder.glob(f"{other[1]}-*.expect"))
    return found[0].read_text().strip() if found else expected


def _index(folder: Path) -> dict[str, tuple[str, str]]:
    """Return kind and forbidden words by file name, from the nearest INDEX.tsv."""
    for place in (folder, *folder.resolve().parents[:2]):
        path = place / "INDEX.tsv"
        if path.is_file():
            rows = csv.reader(path.read_text().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
            known = [row for row in rows if len(row) > 4]
            return {Path(row[0]).name: (row[1], "" if row[4] == "-" else row[4]) for row in known}
    return {}


def main(folders: list[str]) -> int:
    """Run the folders and print what is not right, then the counts by kind."""
    if not folders:
        print(__doc__, file=sys.stderr)
        return 2
    answers = [judge(case) for folder in folders for case in cases(Path(folder))]
    for answer in answers:
        if answer.verdict != "right":
            print(f"{answer.verdict:<10} {answer.case.name}")
            print(f"    should be: {answer.case.expected}\n    said: {answer.said}")
    counts: dict[str, Counter[str]] = {}
    for answer in answers:
        counts.setdefault(answer.case.kind, Counter())[answer.verdict] += 1
    for kind in sorted(counts):
        print(
            f"{kind[:44]:<44} "
            + "  ".join(f"{verdict} {counts[kind][verdict]}" for verdict in ORDER if counts[kind][verdict])
        )
    total = Counter(answer.verdict for answer in answers)
    print(f"{'all':<44} " + "  ".join(f"{verdict} {total[verdict]}" for verdict in ORDER))
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
