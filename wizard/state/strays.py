"""Temporary files that killed runs left: they hold a secret, so each start removes them.

They lie in the state directory and beside the `.env`, under names that nothing else has (``files.OURS``).
"""

from __future__ import annotations

import contextlib
import os
from itertools import islice
from typing import TYPE_CHECKING, Final

from wizard.system import files, threads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TIMEOUT: Final = 1.0
"""Seconds that the start waits for it; the rest is done meanwhile."""
_MAX_ENTRIES: Final = 200
"""Targets whose directories are looked at."""


def sweep(home: Path, env_file: Path | None) -> None:
    """Remove our own stray files in the state directory *home* and in the directory that *env_file* is in.

    Files of this user alone, under the lock of the writers. What cannot be looked at is left.
    """
    with contextlib.suppress(OSError, TimeoutError):
        threads.within(_TIMEOUT, lambda: _sweep(home, env_file))


def _sweep(home: Path, env_file: Path | None) -> None:
    for directory in _directories(home):
        if files.is_private_directory(directory):
            files.sweep(directory)
    if env_file is not None:
        files.sweep(env_file.resolve().parent)


def _directories(home: Path) -> Iterator[Path]:
    yield home
    with contextlib.suppress(OSError), os.scandir(home) as entries:
        for entry in islice(entries, _MAX_ENTRIES):
            if entry.is_dir(follow_symlinks=False):
                yield home / entry.name
                yield home / entry.name / "backups"
