"""Data from outside is never asserted: it ends in a finding."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "wizard" / "checks"
FILES = [path for room in ("dns", "spf") for path in sorted((ROOT / room).glob("*.py"))]


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.name}" for path in FILES])
def test_no_file_that_reads_the_dns_asserts(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)] == []
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert "AssertionError" not in names


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 20
