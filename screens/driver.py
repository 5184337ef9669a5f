"""The driver: what Textual draws, with runs of blanks sent as two short sequences in place of the blanks.

Textual sends every blank of every line; over a slow line an empty screen then costs as much as a full one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from re import Match

_BLANKS: Final = re.compile(r"\x1b\[49m( {9,})\x1b\[0m")
"""Blanks on the default background, with no attribute that would show on a blank."""


class FrugalDriver(LinuxDriver):
    """Textual's own driver with a filter before the terminal."""

    def write(self, data: str) -> None:
        """Write *data*, its runs of blanks erased (ECH) and stepped over (CUF): ECMA-48 8.3.38 and 8.3.20."""
        super().write(_BLANKS.sub(_stepped_over, data))


def _stepped_over(match: Match[str]) -> str:
    count = len(match[1])
    return f"\x1b[{count}X\x1b[{count}C"
