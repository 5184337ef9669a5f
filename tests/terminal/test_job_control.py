"""Ctrl+Z and Ctrl+C, as a shell with job control has them: the terminal goes back and forth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.effort import one_in
from tests.terminal.driver import Terminal

if TYPE_CHECKING:
    from pathlib import Path

SHELL: Final = """
import os, signal, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
pid = os.fork()
if not pid:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, "-m", "wizard", *sys.argv[1:]])
while True:
    _, status = os.waitpid(pid, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    if not os.WIFSTOPPED(status):
        print("ended with", os.waitstatus_to_exitcode(status))
        break
    modes = termios.tcgetattr(0)[3]
    print("stopped, the terminal is", "sane" if modes & termios.ICANON and modes & termios.ECHO else "raw")
    while input() != "fg":
        pass
    os.tcsetpgrp(0, pid)
    os.kill(pid, signal.SIGCONT)
"""
"""What a shell does for one job; the terminal's own process group would be an orphan, which nothing suspends."""
LEFT: Final = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l")
"""The screen before, the cursor, and no reports of pastes and of the mouse."""


@pytest.mark.parametrize("rows", one_in(2, [24, 40]))
def test_ctrl_z_gives_the_terminal_back_and_fg_draws_everything_again(tmp_path: Path, rows: int) -> None:
    words = ("demo", "--directory", str(tmp_path / "rehearsal"))
    with Terminal(*words, program=("-c", SHELL), rows=rows) as terminal:
        terminal.wait_for("Set up from the beginning")
        terminal.press("\r")
        terminal.wait_for("3 right")
        terminal.settle()
        shown, before = terminal.text, len(terminal.bytes)
        terminal.press("\x1a")
        terminal.wait_for("stopped, the terminal is sane")
        drawn = bytes(terminal.bytes[before:])
        assert [each for each in LEFT if each not in drawn] == []
        terminal.press("fg\r")
        terminal.wait_for("Host")
        terminal.settle()
        assert terminal.text == shown
        terminal.press("x")
        terminal.wait_for("127.0.0.1x")
        terminal.press("\x7f\x11")
        terminal.wait_for("ended with 10")


@pytest.mark.parametrize("columns", one_in(2, [80, 60]))
def test_ctrl_c_says_in_one_line_how_to_leave(tmp_path: Path, columns: int) -> None:
    with Terminal("demo", "--directory", str(tmp_path / "rehearsal"), columns=columns) as terminal:
        terminal.wait_for("Set up from the beginning")
        terminal.settle()
        for opened in ("", "?", "\x1bOP"):
            terminal.press(opened)
            terminal.settle()
            terminal.press("\x03")
            terminal.until(
                lambda: any("Ctrl+Q leaves" in line and "Ctrl+Z suspends" in line for line in terminal.lines),
                "Ctrl+C says nothing, or not in one line",
            )
            assert terminal.ended is None
            terminal.press("\x1b" if opened else "")
            terminal.settle()
