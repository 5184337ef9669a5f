"""The private names of Textual that the screens use: all there in the Textual that is installed, and in one file."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from textual.app import App

import screens
from screens.shell.textual_private import NAMES

HOUSE = Path(inspect.getfile(screens)).parent
PRIVATE = HOUSE / "shell" / "textual_private.py"
ALL = {name for names in NAMES.values() for name in names}


def names_in(source: str) -> set[str]:
    """Return the private attributes that *source* reads, writes or defines; ``os._exit`` is not Textual's."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            if not (isinstance(node.value, ast.Name) and node.value.id == "os"):
                found.add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
    return {name for name in found if name.startswith("_") and not name.startswith("__")}


@pytest.mark.parametrize(("owner", "name"), [(owner, name) for owner, names in NAMES.items() for name in names])
def test_each_is_there(owner: str, name: str) -> None:
    module, _, attribute = owner.rpartition(".")
    kind = getattr(import_module(module), attribute)
    if hasattr(kind, name):
        return
    # What is set when an object is made: an app is made without a terminal.
    source = "".join(inspect.getsource(one) for one in kind.__mro__ if one.__module__.startswith("textual."))
    assert f"self.{name}" in source, f"Textual has no {owner}.{name} any more"


def test_an_app_has_them_when_it_is_made() -> None:
    app: App[int] = App()
    assert [name for name in NAMES["textual.app.App"] if not hasattr(app, name)] == []


def test_the_file_uses_what_it_lists_and_nothing_else() -> None:
    assert names_in(PRIVATE.read_text(encoding="utf-8")) == ALL


def test_no_other_file_of_the_screens_touches_one() -> None:
    touching = {
        str(path.relative_to(HOUSE)): sorted(names_in(path.read_text(encoding="utf-8")) & ALL)
        for path in HOUSE.rglob("*.py")
        if path != PRIVATE and names_in(path.read_text(encoding="utf-8")) & ALL
    }
    assert touching == {}


def test_no_other_file_shows_text_that_textual_may_measure_once_only() -> None:
    for path in HOUSE.rglob("*.py"):
        assert path == PRIVATE or not re.search(r"\b(Static|Label)\b", path.read_text(encoding="utf-8")), path


def test_no_worker_hides_its_error() -> None:
    for path in HOUSE.rglob("*.py"):
        assert "exit_on_error" not in path.read_text(encoding="utf-8"), path


def test_nothing_is_asked_of_a_foreign_object_by_a_private_name() -> None:
    """A private name is asked of ``self`` or of a part of this file's own; ruff's SLF001 is switched off once only."""
    waived = [
        (path.name, number)
        for path in HOUSE.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "SLF001" in line and path != PRIVATE
    ]
    assert waived == []
