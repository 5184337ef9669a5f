"""A pty with a program in it, and the screen that the program drew there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
DEADLINE = 20.0
_DRAWING = re.compile("[│╭╮╰╯─▁-█▏]")
"""What borders, scroll bars and fields are drawn with."""
_OTHER = re.compile(rb"\x1b\[\?1049[hl]")
"""Another screen, blank; or the one before, which was empty. pyte has one screen alone."""
QUIET = 0.2
"""Seconds without a byte, and without work, after which the screen is taken to be drawn. ESC alone waits for 0.1."""


class GoneError(Exception):
    """What was waited for did not come; the message is the screen."""


class Terminal:
    """The program at the far end of a terminal: keys go in, bytes come out and are drawn."""

    def __init__(
        self,
        *words: str,
        columns: int = 80,
        rows: int = 24,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        program: tuple[str, ...] = ("-m", "wizard"),
    ) -> None:
        self.started = time.monotonic()
        self.fd, end = pty.openpty()
        name = os.ttyname(end)
        self.resize(columns, rows)  # before the program looks
        given = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **(env or {})}
        command = [sys.executable, *program, *words]
        if cwd is not None:
            command = ["/usr/bin/env", f"--chdir={cwd}", *command]
        # Not by a fork, which a process with threads (a worker of pytest-xdist) does not survive for sure. The first
        # terminal that the leader of a new session opens becomes its own.
        self.pid = os.posix_spawn(
            command[0],
            command,
            given,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ],
            setsid=True,
        )
        os.close(end)
        # Another program that is started meanwhile must not hold this terminal open.
        os.set_inheritable(self.fd, False)
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = bytearray()
        """Everything that came out, for counting and for hunting secrets."""
        self._drawn: tuple[tuple[int, int, int], str] = ((-1, 0, 0), "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        with contextlib.suppress(OSError):
            os.close(self.fd)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if hasattr(self, "screen"):
            self.screen.resize(rows, columns)

    def read(self, seconds: float = 0.05) -> int:
        """Draw what comes within *seconds*; return how many bytes that was."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return 0
        try:
            data = os.read(self.fd, 65_536)
        except OSError:
            return 0
        self.bytes += data
        # pyte does not know the queries that a modern terminal answers; they draw nothing.
        for number, part in enumerate(_OTHER.split(data)):
            if number:
                self.screen.reset()
            with contextlib.suppress(Exception):
                self._stream.feed(part)
        return len(data)

    def settle(self, quiet: float = QUIET, deadline: float = DEADLINE) -> int:
        """Draw until nothing came for *quiet* seconds in which the program slept; return how many bytes came."""
        before, last, until = len(self.bytes), time.monotonic(), time.monotonic() + deadline
        while time.monotonic() - last < quiet and time.monotonic() < until:
            # On a busy machine a program that wants to run may have to wait for longer than *quiet*.
            if self.read() or self.works:
                last = time.monotonic()
        return len(self.bytes) - before

    @property
    def works(self) -> bool:
        """Whether the program or a child of it runs, or would if it had a processor."""
        tasks = list(Path(f"/proc/{self.pid}/task").glob("*"))
        for task in list(tasks):
            with contextlib.suppress(OSError):
                tasks += [Path(f"/proc/{child}") for child in (task / "children").read_text().split()]
        for task in tasks:
            with contextlib.suppress(OSError):
                if (task / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] in {"R", "D"}:
                    return True
        return False

    def command(self, title: str) -> None:
        """Carry out the command *title* of the palette, found by typing it."""
        self.press("\x10")
        self.wait_for("Search for commands")
        self.press(title)
        self.wait_for(title)
        self.settle(0.5)
        self.press("\r")

    def press(self, keys: str) -> None:
        """Type *keys*; control characters as such."""
        os.write(self.fd, keys.encode())

    def wait_for(self, text: str, deadline: float = DEADLINE) -> None:
        """Draw until *text* is on the screen, wrapped or not. Raises GoneError with the screen."""
        self.until(lambda: self.shows(text), f"{text!r} is not on the screen", deadline)

    def until(self, holds: Callable[[], bool], complaint: str, deadline: float = DEADLINE) -> None:
        """Draw until *holds* is true. Raises GoneError with *complaint* and the screen."""
        until = time.monotonic() + deadline
        while not holds():
            if time.monotonic() > until or (self.read(0.1) == 0 and self.ended is not None and not holds()):
                raise GoneError(f"{complaint}:\n{self.text}")

    def count(self, text: str) -> int:
        """Return how often *text* is on the screen; wrapped in a word by a terminal, or between two."""
        return max(self.text.replace("\n", "").count(text), self.words.count(" ".join(text.split())))

    def shows(self, text: str) -> bool:
        """Whether *text* is on the screen, on one line or wrapped, between words or in one; any blanks are one."""
        return text in self.text or " ".join(text.split()) in self.words or self.count(text) > 0

    @property
    def text(self) -> str:
        """What is on the screen."""
        state = (len(self.bytes), self.screen.columns, self.screen.lines)
        if self._drawn[0] != state:
            self._drawn = state, "\n".join(line.rstrip() for line in self.screen.display)
        return self._drawn[1]

    @property
    def words(self) -> str:
        """What is in front as running text, without the drawing: where a line was wrapped does not matter."""
        return " ".join(" ".join(self.lines).split())

    @property
    def lines(self) -> list[str]:
        """The lines of what is in front, without the drawing."""
        return [_DRAWING.sub(" ", line) for line in self._front()]

    def _front(self) -> list[str]:
        """Return the lines of the box that stands over the step, whole and in the middle; without one all lines."""
        lines = [line.ljust(self.screen.columns) for line in self.text.splitlines()]
        for top, line in enumerate(lines):
            left, right = line.rfind("╭", 1, len(line) // 2), line.find("╮", len(line) // 2, -1)
            if left < 0 or right < 0 or abs(left - (self.screen.columns - 1 - right)) > 1:
                continue
            for bottom in range(top + 1, len(lines)):
                sides = lines[bottom][left] + lines[bottom][right]
                if sides == "╰╯":
                    return [one[left : right + 1] for one in lines[top : bottom + 1]]
                if sides not in {"││", "│▇", "│█"}:
                    break
        return lines

    @property
    def footer(self) -> str:
        """The keys that act on the step, a blank between a key and its words."""
        return " ".join(self.screen.display[-1].split())

    def go_on(self) -> None:
        """Continue as the footer says: with n where rows or a choice have the focus, in a field with Enter."""
        self.press("n" if re.search(r"\bn next", self.footer) else "\r")

    _code: int | None = None

    @property
    def ended(self) -> int | None:
        """The exit code, None while the program runs."""
        if self._code is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def end(self, deadline: float = DEADLINE) -> int:
        """Draw until the program ends; return its exit code. Raises Gone."""
        until = time.monotonic() + deadline
        while self.ended is None:
            if time.monotonic() > until:
                raise GoneError(f"the program still runs:\n{self.text}")
            self.read(0.02)
        while self.read(0.05):
            pass
        return self._code if self._code is not None else -1

    def memory(self) -> float:
        """Return the program's resident memory in MiB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:  # noqa: PTH123  # procfs
            line = next(line for line in status if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
