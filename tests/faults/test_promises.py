"""The table of promises is complete: README makes each as it is written there, and each test that it names is there."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.faults.promises import OF_README, PROMISES, Promise

TESTS: Final = Path(__file__).parents[1]
README: Final = " ".join((TESTS.parent / "README.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("promise", OF_README, ids=lambda promise: promise.words[:40])
def test_readme_makes_the_promise_in_these_words(promise: Promise) -> None:
    assert promise.words in README


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.words[:40])
def test_every_test_of_a_promise_is_there_and_can_fail(promise: Promise) -> None:
    assert promise.tests
    for test in promise.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        found = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and (node.name == name if name else node.name.startswith("test_"))
        ]
        assert found, test
        asserting = [one for node in found for one in ast.walk(node) if isinstance(one, ast.Assert | ast.With)]
        assert asserting, test


def test_no_sentence_of_the_security_section_is_without_a_promise() -> None:
    section = README[README.index("## Security") : README.index("## The house")]
    for begin in ("**Stored.**", "**Never stored.**", "**Run.**", "**Sent.**"):
        assert begin in section
    held = sum(promise.words in section for promise in OF_README)
    assert held >= 9
