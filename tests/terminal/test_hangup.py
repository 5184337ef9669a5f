"""A hang-up or another signal while the terminal lives on gives it back as it was; within two seconds, draft saved."""

from __future__ import annotations

import os
import signal
import termios
import time
from typing import TYPE_CHECKING

import pytest

from tests.terminal.driver import Terminal

if TYPE_CHECKING:
    from pathlib import Path

SCREEN_LEFT = b"\x1b[?1049l"
CURSOR_SHOWN = b"\x1b[?25h"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_gives_a_living_terminal_back(number: signal.Signals, tmp_path: Path) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    with Terminal(env=env, cwd=tmp_path) as terminal:
        before = termios.tcgetattr(terminal.fd)
        terminal.wait_for("Set up from the beginning")
        assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO == 0
        os.kill(terminal.pid, number)
        started = time.monotonic()
        code = terminal.end(10)
        took = time.monotonic() - started
        assert code == 128 + number
        assert took < 2
        assert SCREEN_LEFT in terminal.bytes
        assert CURSOR_SHOWN in terminal.bytes
        assert termios.tcgetattr(terminal.fd)[:4] == before[:4]
    assert list((tmp_path / "state").rglob("draft.toml"))
