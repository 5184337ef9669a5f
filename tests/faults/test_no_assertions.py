"""Foreign data is never asserted: a packet, a page, a file or a state that is odd ends as a sentence, never as 70."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
READERS: Final = (
    "model", "postal", "glitchtip", "email_url", "targets", "state", "rollout", "diagnosis", "checks",
)  # fmt: skip
"""The packages of ``wizard`` that read what others wrote."""
OF_OUR_OWN: Final = {
    ("checks/smtp/stages.py", "self._talk is not None"): "set by the step before",
    ("checks/smtp/stages.py", "self._reach is not None"): "set by the step before",
    ("checks/smtp/stages.py", "sock is not None"): "the coroutine above never returns",
    ("checks/smtp/stages.py", "mechanism is not None"): "the coroutine above never returns",
    ("checks/smtp/connect.py", "self._chosen is not None"): "the filter above has seen to it",
    ("checks/smtp/connect.py", "sock is not None"): "a time-out comes from the connect alone",
    ("checks/smtp/connect.py", "tried.error is not None"): "only failures come here",
    ("checks/smtp/stages.py", "mail is not None"): "asked for by whoever sends",
    ("glitchtip/inside_scripts.py", "found"): "a file of this package",
}
"""Assertions about what this program itself has made, each with the reason why it holds."""


def test_no_package_that_reads_foreign_data_asserts_it() -> None:
    found = set()
    files = 0
    for package in READERS:
        for path in sorted((ROOT / "wizard" / package).rglob("*.py")):
            files += 1
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Assert):
                    found.add((str(path.relative_to(ROOT / "wizard")), ast.unparse(node.test)))
    assert files > 100
    assert found - set(OF_OUR_OWN) == set()
