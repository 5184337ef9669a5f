"""What became of the tests of every promise, as a line for each: a plugin of pytest's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.effort import FULL
from tests.faults.promises import PROMISES, Promise

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


class Ledger:
    """What became of each test, by file and by the names below it."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the test once, and whatever failed round it."""
        if report.when == "call" or not report.passed:
            file, *names = report.nodeid.split("::")
            key = file.removeprefix("tests/")
            for part in ("", *(name.partition("[")[0] for name in names)):
                key = f"{key}::{part}" if part else key
                self.outcomes.setdefault(key, Counter())[report.outcome] += 1

    def counted(self, promise: Promise) -> Counter[str]:
        """Return how many of the promise's tests passed, failed and were skipped."""
        return sum((self.outcomes.get(test, Counter()) for test in promise.tests), Counter[str]())

    def lines(self) -> Iterator[tuple[bool, str]]:
        """Yield whether each promise is held, and its line; one of which nothing ran is not."""
        for promise in PROMISES:
            count = self.counted(promise)
            lost = [test for test in promise.tests if not self.outcomes.get(test, Counter())["passed"]]
            held = not count["failed"] and not lost
            done = ", ".join(f"{number} {outcome}" for outcome, number in sorted(count.items())) or "nothing ran"
            figure = f" [{promise.figure}]" if promise.figure else ""
            yield held, f"{'held    ' if held else 'not held'}  {promise.words}{figure}: {done}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the lines where all tests ran, or those of the promises did."""
        terminalreporter.section(f"promises, {'the whole loops' if FULL else 'a share of the loops'}")
        for _, line in self.lines():
            terminalreporter.write_line(line)
