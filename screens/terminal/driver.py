"""The driver: what Textual draws, of which only the cells that differ are sent; and the terminal's own size."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from screens.shell.textual_private import SizedDriver
from screens.terminal.cell_diff import Glass

if TYPE_CHECKING:
    from textual.app import App

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_EVERY_MOTION: Final = "\x1b[?1003h"
"""Reports of every move of the mouse: over a slow line each would be a packet, and clicks are enough."""
_USUAL: Final = (80, 24)


class FrugalDriver(SizedDriver):
    """Textual's own driver with a ``Glass`` before the terminal."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._glass = Glass()
        self._begun = False
        """Whether a synchronised update was begun and nothing has been sent in it yet."""

    def write(self, data: str) -> None:
        """Send what of *data* makes a difference."""
        size = self.terminal_size()
        if size != (self._glass.columns, self._glass.rows):
            self._glass.forget(*size)
        if data == _EVERY_MOTION:
            return
        if data in {_BEGIN, _END}:
            if data == _BEGIN:
                self._begun = True
            elif self._begun:
                self._begun = False
            else:
                super().write(data)
            return
        sent = self._glass.sent(data)
        if sent:
            super().write(_BEGIN + sent if self._begun else sent)
            self._begun = False

    def forget(self) -> None:
        """Take nothing on the screen for granted: another program may have written on it."""
        self._glass.forget(*self.terminal_size())

    def terminal_size(self) -> tuple[int, int]:
        """Return the size of the terminal that is drawn on; Textual asks standard output, which may be a file."""
        try:
            columns, rows = os.get_terminal_size(self.fileno)
        except OSError:
            return _USUAL
        return (columns, rows) if columns and rows else _USUAL
