"""The contract of layers names every package there is: import-linter's ``exhaustive`` cannot hold two trees."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def packages() -> set[str]:
    """Return the packages that stand directly in wizard/, and screens."""
    return {f"wizard.{path.parent.name}" for path in (ROOT / "wizard").glob("*/__init__.py")} | {"screens"}


def test_the_contract_names_every_package_on_disk() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(one for one in told["tool"]["importlinter"]["contracts"] if one["type"] == "layers")["layers"]
    named = [name.strip() for line in layers for name in line.split("|")]
    assert sorted(named) == sorted(packages())


def test_nothing_lies_flat_in_wizard() -> None:
    assert {path.name for path in (ROOT / "wizard").glob("*.py")} == {"__init__.py", "__main__.py"}


def test_every_package_says_which_question_it_answers() -> None:
    for init in (*(ROOT / "wizard").rglob("__init__.py"), *(ROOT / "screens").rglob("__init__.py")):
        assert init.read_text(encoding="utf-8").startswith('"""'), f"{init} has no docstring"
