"""What is done to the process itself before anything else: no core, no peeking, no group-readable file."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import re
import resource
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
"""linux/prctl.h"""
_M_ARENA_MAX: Final = -8
"""malloc.h"""


def trim() -> None:
    """Give unused memory back: what imports and a finished check leave behind."""
    re.purge()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def signalled_when_orphaned(number: int) -> None:
    """Have the kernel send this process the signal *number* once its parent is dead; only Linux does so."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def harden() -> None:
    """Make the process undumpable, allow no core file, create files for the owner alone, and silence debug switches.

    ``TEXTUAL*`` variables go because Textual's log and devtools would record each key typed (security.md section 3).
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):  # another system than Linux has no prctl
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        # One arena: the few short-lived threads would otherwise each keep memory of their own.
        libc.mallopt(_M_ARENA_MAX, 1)
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        del os.environ[name]
