"""The log of an internal error: where it happened, never what variables held; redacted and for the owner alone."""

from __future__ import annotations

import contextlib
import logging
import platform
import re
import secrets
import sys
import tempfile
import threading
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard import __version__
from wizard.model.secret import MASK, redact
from wizard.model.untrusted import Untrusted
from wizard.system import files

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT: Final = 5
"""Logs kept; the oldest go."""
_FRAMES: Final = 60
_PLACE: Final = re.compile(r"[\s|+-]*File \".*\", line \d+")
_WORD: Final = re.compile(r"\S{8,}")


def text(error: BaseException) -> str:
    """Return the log of *error*: versions, frames without locals, and the message redacted line by line."""
    described = traceback.TracebackException.from_exception(error, limit=_FRAMES, capture_locals=False, compact=True)
    lines = (line for chunk in described.format() for line in chunk.rstrip("\n").split("\n"))
    return (
        f"postal-wizard {__version__}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n"
        f"\n{redact(chr(10).join(_inert(lines)))}\n"
    )


def _inert(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        clean = Untrusted(line, 400)
        yield clean if _PLACE.match(clean) else _WORD.sub(_masked, clean)


def _masked(word: re.Match[str]) -> str:
    """Mask a word with letters and digits: it may be a key that was a secret once, or never became one."""
    letters, digits = (any(map(test, word[0])) for test in (str.isalpha, str.isdigit))
    return MASK if letters and digits else word[0]


def home(state: Path, *, rehearsal: bool) -> Path:
    """Return where the log of a crash outlives the program: a rehearsal takes its own state with it when it ends."""
    return Path(tempfile.mkdtemp(prefix="postal-wizard-")) if rehearsal else state


def write(error: BaseException, home: Path) -> Path:
    """Write the log of *error* under *home*, 0600, and return its path, even where it could not be written.

    Where *home* is not ours, or cannot be written, it goes into a new temporary directory.
    """
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}.log"
    path = home / "log" / name
    with contextlib.suppress(Exception):  # a second failure must not hide the first
        try:
            files.private_directory(home)
            files.private_directory(path.parent)
        except OSError:
            path = Path(tempfile.mkdtemp(prefix="postal-wizard-")) / name
        files.write_private(path, text(error), exclusive=True)
        for old in sorted(path.parent.glob("crash-*.log"))[:-KEPT]:
            old.unlink()
    return path


def silence() -> None:
    """Let nobody else tell of an error: what Python, asyncio or a library would print quotes values."""
    threading.excepthook = _nothing
    sys.unraisablehook = _nothing
    sys.excepthook = _nothing_of
    logging.lastResort = logging.NullHandler()  # with None, logging prints a line of its own


def _nothing(_told: object) -> None:
    """Say nothing."""


def _nothing_of(_kind: object, _error: object, _frames: object) -> None:
    """Say nothing."""
