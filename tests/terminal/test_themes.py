"""``--theme``: the terminal's own colours, none that a background could swallow; and for mono no colour at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.effort import one_in
from tests.terminal.driver import Terminal

if TYPE_CHECKING:
    from pathlib import Path

_SGR: Final = re.compile(rb"\x1b\[([\d;]*)m")
WEIGHTS: Final = frozenset({"", "0", "1", "2", "4", "7"})
HUES: Final = frozenset(map(str, (*range(31, 37), *range(91, 97))))
TRACK: Final = frozenset({"40", "47"})
"""Behind a scroll bar, where there is no text."""


@pytest.mark.parametrize(
    ("theme", "allowed"),
    one_in(3, [("mono", WEIGHTS), ("dark", WEIGHTS | HUES | TRACK), ("light", WEIGHTS | HUES | TRACK)]),
)
def test_only_what_any_background_shows_is_sent(theme: str, allowed: frozenset[str], tmp_path: Path) -> None:
    words = ("demo", "dkim-wrong", "--theme", theme, "--directory", str(tmp_path / "rehearsal"))
    with Terminal(*words, rows=30) as terminal:
        terminal.wait_for("all places")
        for page in ("?", "\x1bOP"):
            terminal.press(page)
            terminal.wait_for("Esc back")
            terminal.press("\x1b")
            terminal.settle()
        terminal.press("\r")
        terminal.wait_for("Greeting")
        terminal.settle()
        assert "OK Connection" in terminal.words
        sent = {code for found in _SGR.findall(bytes(terminal.bytes)) for code in found.decode().split(";")}
        assert sent <= allowed, sorted(sent - allowed)
        assert (sent & HUES != set()) == (theme != "mono")
