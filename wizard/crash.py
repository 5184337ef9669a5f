"""The log of an internal error: where it happened, never what variables held; redacted and for the owner alone."""

from __future__ import annotations

import contextlib
import os
import platform
import secrets
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wizard import __version__
from wizard.foreign import Foreign
from wizard.secret import redact

if TYPE_CHECKING:
    from pathlib import Path

KEPT: Final = 5
"""Logs kept; the oldest go."""
_FRAMES: Final = 60


def text(error: BaseException) -> str:
    """Return the log of *error*: versions, frames without locals, and the message redacted line by line."""
    lines = [
        f"postal-wizard {__version__}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "",
    ]
    told = traceback.TracebackException.from_exception(error, limit=_FRAMES, capture_locals=False, compact=True)
    for chunk in told.format():
        lines += chunk.rstrip("\n").split("\n")
    return redact("\n".join(Foreign(line, 400) for line in lines)) + "\n"


def write(error: BaseException, home: Path) -> Path:
    """Write the log of *error* under *home*, 0600, and return its path, even where it could not be written."""
    directory = home / "log"
    path = directory / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}.log"
    with contextlib.suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text(error))
        for old in sorted(directory.glob("crash-*.log"))[:-KEPT]:
            old.unlink()
    return path
