"""What became of the tests of every promise, as a line for each: a plugin of pytest's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.effort import FULL
from tests.faults.promises import PROMISES, Promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


REACHED: Final = "reached "
"""What the name of a property begins with that says how far a test went; see the fixture ``reached``."""


class Ledger:
    """What became of each test, by file and by the names below it, and how far it went."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[str]] = {}
        self.figures: dict[str, dict[str, float]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the test once, and whatever failed round it."""
        if report.when == "call" or not report.passed:
            for key in keys(report.nodeid):
                self.outcomes.setdefault(key, Counter())[report.outcome] += 1
        if report.when == "call":
            for name, figure in report.user_properties:
                if name.startswith(REACHED) and isinstance(figure, int | float):
                    for key in keys(report.nodeid):
                        add(self.figures.setdefault(key, {}), name.removeprefix(REACHED), figure)

    def counted(self, promise: Promise) -> Counter[str]:
        """Return how many of the promise's tests passed, failed and were skipped."""
        return sum((self.outcomes.get(test, Counter()) for test in promise.tests), Counter[str]())

    def reached(self, promise: Promise) -> str:
        """Return the figures that the promise's tests reached, in words."""
        figures: dict[str, float] = {}
        for test in promise.tests:
            for name, figure in self.figures.get(test, {}).items():
                add(figures, name, figure)
        return ", ".join(f"{name.replace('_', ' ')} {round(figure, 2):,}" for name, figure in figures.items())

    def lines(self) -> Iterator[tuple[bool, str]]:
        """Yield whether each promise is held, and its line; one of which nothing ran is not."""
        for promise in PROMISES:
            count = self.counted(promise)
            lost = [test for test in promise.tests if not self.outcomes.get(test, Counter())["passed"]]
            held = not count["failed"] and not lost
            done = ", ".join(f"{number} {outcome}" for outcome, number in sorted(count.items())) or "nothing ran"
            promised = f" [promised: {promise.figure}]" if promise.figure else ""
            reached = f" [reached: {figures}]" if (figures := self.reached(promise)) else ""
            yield held, f"{'held    ' if held else 'not held'}  {promise.words}{promised}{reached}: {done}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the lines where all tests ran, or those of the promises did."""
        terminalreporter.section(f"promises, {'the whole loops' if FULL else 'a share of the loops'}")
        for _, line in self.lines():
            terminalreporter.write_line(line)


def keys(nodeid: str) -> Iterator[str]:
    """Yield the names below which a test counts: its file, its class, and itself without its parameters."""
    file, *names = nodeid.split("::")
    key = file.removeprefix("tests/")
    yield key
    for name in names:
        key = f"{key}::{name.partition('[')[0]}"
        yield key


def add(figures: dict[str, float], name: str, figure: float) -> None:
    """Add *figure* to the others of its name; of a ``most_`` the largest counts."""
    known = figures.get(name, 0)
    figures[name] = max(known, figure) if name.startswith("most_") else known + figure
