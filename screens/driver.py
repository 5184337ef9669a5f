"""The driver: what Textual draws, with runs of blanks sent as two short sequences in place of the blanks.

Textual sends every blank of every line; over a slow line an empty screen then costs as much as a full one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from re import Match

_PLAIN: Final = re.compile(r"\x1b\[((?:1|2|3|22|39|49|3[0-7]|9[0-7]|;)*)m([^\x1b]*)")
"""Text whose attributes do not show on a blank: weight, slant, a foreground, and no background but the default one."""
_BLANKS: Final = re.compile(r" {10,}")


class FrugalDriver(LinuxDriver):
    """Textual's own driver with a filter before the terminal."""

    def write(self, data: str) -> None:
        """Write *data*, its runs of blanks erased (ECH) and stepped over (CUF): ECMA-48 8.3.38 and 8.3.20."""
        super().write(_PLAIN.sub(_shorter, data))


def _shorter(match: Match[str]) -> str:
    return f"\x1b[{match[1]}m{_BLANKS.sub(_stepped_over, match[2])}"


def _stepped_over(match: Match[str]) -> str:
    count = len(match[0])
    return f"\x1b[{count}X\x1b[{count}C"
