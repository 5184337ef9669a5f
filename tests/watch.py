"""Time that a bound is about: what the code and its deadlines take, and not what other programs on the machine do."""

from __future__ import annotations

import time
from pathlib import Path


class Watch:
    """Runs from its making; it stands still while this thread is ready to run and another program has the core."""

    def __init__(self) -> None:
        self._started, self._held_up = time.monotonic(), _held_up()

    @property
    def seconds(self) -> float:
        """Seconds until now, without those of other programs: for what must not take longer."""
        return self.all_seconds - (_held_up() - self._held_up)

    @property
    def all_seconds(self) -> float:
        """Seconds until now by the clock: for what must not take less."""
        return time.monotonic() - self._started


def _held_up() -> float:
    """Return for how many seconds this thread has waited for a core; 0 where the kernel does not tell.

    The second number of schedstat: Documentation/scheduler/sched-stats.rst.
    """
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
