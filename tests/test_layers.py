"""The contract of layers names every package there is: import-linter's ``exhaustive`` cannot hold two trees."""

from __future__ import annotations

import ast
import re
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def modules() -> dict[str, Path]:
    """Return every module of the product with its file."""
    found = [*(ROOT / "wizard").rglob("*.py"), *(ROOT / "screens").rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in found}


def own_imports(tree: ast.AST) -> Iterator[ast.ImportFrom]:
    """Yield every import of an own module in *tree*; for types and inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("wizard", "screens"):
            yield node


def test_no_file_knows_itself_through_others() -> None:
    files = modules()
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        for node in own_imports(ast.parse(path.read_text(encoding="utf-8"))):
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            known = {each if each in files else str(node.module) for each in whole}
            graph.setdefault(name, set()).update(known - {name})
    assert len(graph) > 100
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_an_import_inside_a_function_has_its_figure() -> None:
    without = []
    for name, path in modules().items():
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        functions = [
            each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        for node in (each for function in functions for each in own_imports(function)):
            first = node.lineno - 1  # a row of imports may have one comment above it
            while lines[first - 1].strip().startswith(("from ", "#")):
                first -= 1
            if not re.search(r"# .*start-up: .*\d+ ms", "\n".join(lines[first : node.end_lineno])):
                without.append(f"{name}:{node.lineno}")
    assert not without
