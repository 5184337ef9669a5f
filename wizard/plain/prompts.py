"""Asking by lines: one question a line, the present value in brackets, a few words that always work."""

from __future__ import annotations

import contextlib
import termios
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wizard.system.output import Out

_LEAVING: Final = "< goes back, q leaves."
HELP: Final = f"? explains the question and its keys, {_LEAVING}"
_VALUE: Final = f"Enter keeps the value in brackets, - clears it, {_LEAVING}"
CHOICE: Final = f"Type a number; Enter takes the one in brackets. {_LEAVING}"
_ACTION: Final = f"Type one of the keys above. {_LEAVING}"
_YES_OR_NO: Final = f"y means yes, Enter means no, {_LEAVING}"
_DEFAULT: Final = "[y/N] (Enter means no)"
_BLOCK: Final = f"A line with only a dot ends the text. Enter at once pastes nothing. {_LEAVING}"
_NOTHING: Final = f"Enter leaves it empty, {_LEAVING}"
_STORED: Final = f"Enter keeps what is stored, {_LEAVING}"
_WIDTH: Final = 79
_MOST_LINES: Final = 20_000
"""Of a pasted block; a log of that length is cut by whoever pasted it."""


def _wrapped(text: str) -> list[str]:
    """Return *text* in lines that no terminal breaks within a word."""
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]


class BackError(Exception):
    """The operator typed ``<``."""


class LeaveError(Exception):
    """The operator typed ``q``, or standard input ended."""


@dataclass(slots=True)
class Prompts:
    """Asks for lines."""

    out: Out
    stdin: TextIO
    about: Callable[[], Sequence[str]] = tuple
    """Returns the help on the question that is asked now, a paragraph a line; ``?`` says it."""

    def line(self, prompt: str, keys: str = _ACTION) -> str:
        """Ask for one line; *keys* says what can be typed. Raises BackError and LeaveError."""
        while True:
            self.out.prompt("\n".join(each for line in prompt.split("\n") for each in _wrapped(line)))
            try:
                line = self.stdin.readline()
            except OSError:  # the terminal is gone
                raise LeaveError from None
            if not line:
                self.out.say("")
                raise LeaveError
            typed = line.rstrip("\r\n")
            if typed.strip() == "<":
                raise BackError
            if typed.strip().lower() in {"q", "quit"}:
                raise LeaveError
            if typed.strip() != "?":
                return typed
            for paragraph in (*self.about(), keys):
                self.out.say(*_wrapped(paragraph))

    def value(self, label: str, present: str, keys: str = "") -> str:
        """Ask for a value; brackets show what Enter keeps, where there is anything."""
        if not present:
            return self.line(f"{label}:", keys or _NOTHING)
        return self.line(f"{label} [{present}]:", keys or _VALUE)

    def yes(self, question: str) -> bool:
        """Ask a question whose default answer is "no"."""
        between = " " if len(question) + len(_DEFAULT) < _WIDTH else "\n"
        return self.line(f"{question}{between}{_DEFAULT}", _YES_OR_NO).strip().lower() in {"y", "yes"}

    def block(self, prompt: str) -> str:
        """Ask for several lines, ended by one dot alone; an empty first line means none."""
        lines: list[str] = []
        typed = self.line(f"{prompt}\nEnd with a line that has only a dot; Enter at once pastes nothing.\n>", _BLOCK)
        while typed.strip() != "." and (typed or lines) and len(lines) < _MOST_LINES:
            lines.append(typed)
            typed = self.line(">", _BLOCK)
        return "\n".join(lines)

    def hidden(self, label: str, present: str, hint: str = "") -> str:
        """Ask for a secret; nothing of it is shown where standard input is a terminal."""
        keys = _STORED if present else _NOTHING
        if not self.stdin.isatty():
            return self.value(f"{label}{hint}", present, keys)
        with self._no_echo():
            return self.value(f"{label}, not shown{hint}", present, keys)

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
