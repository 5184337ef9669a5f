"""The mouse as a terminal reports it, and what a whole screen costs at 80x24 and at 120x40."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.effort import one_in
from tests.terminal.driver import Terminal

if TYPE_CHECKING:
    from pathlib import Path

KIB = 1024


def click(terminal: Terminal, text: str) -> None:
    """Press and release the left button on the last place where *text* is, as SGR reports (mode 1006)."""
    y = max(row for row, line in enumerate(terminal.screen.display) if text in line)
    x = terminal.screen.display[y].index(text) + 1
    terminal.press(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m")


@pytest.mark.full
def test_clicks_lead_through_steps_choices_and_keys(tmp_path: Path) -> None:
    with Terminal("demo", "--directory", str(tmp_path / "rehearsal")) as terminal:
        terminal.wait_for("all places")
        terminal.settle()
        click(terminal, "Set up from the beginning")
        terminal.wait_for("Greeting")
        terminal.settle()
        click(terminal, "STARTTLS")
        terminal.wait_for("(o) STARTTLS")
        click(terminal, "none")
        terminal.wait_for("(o) none")
        terminal.wait_for("3 right")
        terminal.settle()
        click(terminal, "quit")
        assert terminal.end() == 10


@pytest.mark.parametrize(("columns", "rows"), one_in(2, [(120, 40), (80, 24)]))
def test_a_whole_screen_costs_eight_kib_at_most(tmp_path: Path, columns: int, rows: int) -> None:
    words = ("demo", "dkim-wrong", "--directory", str(tmp_path / "rehearsal"))
    with Terminal(*words, columns=columns, rows=rows) as terminal:
        terminal.wait_for("Set up from the beginning")
        assert 0 < len(terminal.bytes) <= 8 * KIB
        terminal.wait_for("INFISICAL_DOMAIN=")  # all places are below the fold at 24 rows
        terminal.settle()
        for _ in range(4):
            terminal.go_on()
            terminal.settle()
        terminal.wait_for("not the key that Postal shows")
        terminal.settle()
        before = len(terminal.bytes)
        terminal.press("\x0c")  # everything is drawn again
        terminal.settle()
        assert KIB < len(terminal.bytes) - before <= 8 * KIB
