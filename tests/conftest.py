"""What every test relies on: no state of the developer's machine, and no silent skip where CI promised the server."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.ledger import REACHED, Ledger
from tests.nursery import Nursery
from wizard.system import command, files

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator


def pytest_configure(config: pytest.Config) -> None:
    """Print a line for each promise under ``.ci/run``, which runs the tests of all."""
    if os.environ.get("NO_SKIPS"):
        config.pluginmanager.register(Ledger())


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: a third of the time the tests wait for a peer or a deadline."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_finish() -> None:
    """Let no collection of garbage go through what pytest has collected: the program asks for one at every step."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure under ``.ci/run``, which installs what the tests need."""
    report = yield
    if report.skipped and os.environ.get("NO_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under .ci/run: {report.longrepr}"
    return report


_FAST = ("model", "setup", "email_url", "postal", "diagnosis", "glitchtip", "checks/spf", "targets/env_file")
"""Folders of tests that need no server and no terminal."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what belongs to the inner loop."""
    root = Path(__file__).parent
    for item in items:
        place = str(item.path.relative_to(root)) if item.path.is_relative_to(root) else ""
        left_out = any(item.get_closest_marker(mark) for mark in ("slow", "full"))
        if place.startswith(tuple(f"{name}/" for name in _FAST)) and not left_out:
            item.add_marker(pytest.mark.fast)


@pytest.fixture
def reached(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Return what tells the ledger of the promises how far a test went: ``reached(kills=20, most_calls=45)``."""

    def tell(**figures: float) -> None:
        for name, figure in figures.items():
            record_property(f"{REACHED}{name}", figure)

    return tell


@pytest.fixture(scope="session", autouse=True)
def nursery() -> Iterator[Nursery]:
    """Let the rehearsal's processes be forks, but where a test asks for ``real_starts``."""
    with pytest.MonkeyPatch.context() as patched, contextlib.closing(Nursery()) as forks:
        patched.setattr(command, "start", forks.start)
        yield forks


@pytest.fixture
def real_starts(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the rehearsal's processes as the program does."""
    monkeypatch.setattr(command, "start", nursery.real)


_homes = itertools.count()


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty HOME and state directory, and none of the operator's variables."""
    # Not by mktemp, which goes through all names that are there already: ten thousand of them at the end.
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_homes))
    home.mkdir(parents=True)
    monkeypatch.setattr(files, "_spent", [])  # a bound for one run of the program, and here one process runs all tests
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    for name in [name for name in os.environ if name.startswith(("INFISICAL_", "TEXTUAL", "EMAIL_"))]:
        monkeypatch.delenv(name)
    return home
