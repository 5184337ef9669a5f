"""Asking by lines: one question a line, the present value in brackets, a few words that always work."""

from __future__ import annotations

import contextlib
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.system.output import Out

HELP: Final = "Enter keeps the value in brackets; - alone clears it; < goes back; ? repeats this; q leaves."
_MOST_LINES: Final = 20_000
"""Of a pasted block; a log of that length is cut by whoever pasted it."""


class BackError(Exception):
    """The operator typed ``<``."""


class LeaveError(Exception):
    """The operator typed ``q``, or standard input ended."""


@dataclass(slots=True)
class Prompts:
    """Asks for lines."""

    out: Out
    stdin: TextIO

    def line(self, prompt: str) -> str:
        """Ask for one line. Raises BackError and LeaveError."""
        while True:
            self.out.prompt(prompt)
            try:
                line = self.stdin.readline()
            except OSError:  # the terminal is gone
                raise LeaveError from None
            if not line:
                raise LeaveError
            typed = line.rstrip("\r\n")
            if typed.strip() == "<":
                raise BackError
            if typed.strip().lower() in {"q", "quit"}:
                raise LeaveError
            if typed.strip() != "?":
                return typed
            self.out.say(HELP)

    def yes(self, question: str) -> bool:
        """Ask a question whose default answer is "no"."""
        return self.line(f"{question} [y/N]").strip().lower() in {"y", "yes"}

    def block(self, prompt: str) -> str:
        """Ask for several lines, ended by one dot alone; an empty first line means none."""
        lines: list[str] = []
        typed = self.line(f"{prompt} (end with a single dot; Enter alone: none)\n>")
        while typed.strip() != "." and (typed or lines) and len(lines) < _MOST_LINES:
            lines.append(typed)
            typed = self.line(">")
        return "\n".join(lines)

    def hidden(self, label: str, present: str) -> str:
        """Ask for a secret; nothing of it is shown where standard input is a terminal."""
        if not self.stdin.isatty():
            return self.line(f"{label} [{present}]:")
        with self._no_echo():
            return self.line(f"{label}, not shown [{present}]:")

    @contextlib.contextmanager
    def _no_echo(self) -> Iterator[None]:
        """Show nothing of what is typed. ``getpass`` would read another file, and no word such as ``<``."""
        before = termios.tcgetattr(self.stdin)
        silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
        termios.tcsetattr(self.stdin, termios.TCSANOW, silent)
        try:
            yield
        finally:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.stdin, termios.TCSANOW, before)
            self.out.say("")
