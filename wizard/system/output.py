"""Where a command's words go: data to stdout, sentences for people to stderr."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from wizard.model.untrusted import Untrusted
from wizard.system import ascii as ascii_only

if TYPE_CHECKING:
    from collections.abc import Iterable


class UndeliveredError(Exception):
    """Standard output takes no more; the message is the system's."""


@dataclass(frozen=True, slots=True)
class Out:
    """The two streams of one run; made by ``cli.py`` alone."""

    stdout: TextIO
    stderr: TextIO
    ascii: bool = False
    """Whether people's terminal knows no more than ASCII; data stays as it is."""

    def data(self, text: str) -> None:
        """Write *text* and a line feed to stdout, at once: somebody may be reading line by line.

        Raises BrokenPipeError where the reader has gone, UndeliveredError where nothing can be written.
        """
        try:
            self.stdout.write(f"{text}\n")
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise UndeliveredError(error.strerror or "it is closed") from None

    def json(self, value: dict[str, Any]) -> None:
        """Write *value* as one line of JSON to stdout."""
        self.data(json.dumps(value, ensure_ascii=False))

    def say(self, *lines: str) -> None:
        """Write *lines* for people, each made inert; where nobody reads them any more, nothing is raised."""
        with contextlib.suppress(OSError):
            for line in lines:
                self.stderr.write(f"{self._spelled(Untrusted(line, 4096))}\n")
            self.stderr.flush()

    def prompt(self, text: str) -> None:
        """Ask people *text*, each line of it made inert, and stay on the line."""
        with contextlib.suppress(OSError):
            self.stderr.write("\n".join(self._spelled(Untrusted(line, 4096)) for line in text.split("\n")) + " ")
            self.stderr.flush()

    def _spelled(self, text: str) -> str:
        return ascii_only.spelled(text) if self.ascii else text

    def say_rows(self, rows: Iterable[str]) -> None:
        """Tell people rows that are inert already."""
        self.say(*rows)
