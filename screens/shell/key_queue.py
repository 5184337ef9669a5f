"""Keys one after another: each has had its whole effect before the next one chooses its field.

Textual hands a key to the focused widget and continues. Of what comes in one piece, typed ahead over a slow line
or by a password manager (``user TAB key``), the key would land in the field before: there it is drawn in clear.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

from textual import events
from textual.widgets import Input

from screens.shell.textual_private import parent
from screens.widgets.paste_box import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import App
    from textual.message_pump import MessagePump

_PATIENCE: Final = 2.0
"""Seconds after which a key is taken for done: a handler that hangs must not keep Ctrl+Q waiting."""

Typed: TypeAlias = events.Key | events.Paste


class Turns:
    """Gives each key and each paste its turn; characters of one field share one."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._turn: Typed | None = None
        self._waiting: deque[Typed] = deque()
        self._called: deque[Typed] = deque()
        """Those whose turn it is, on their way here for the second time."""

    def has(self, event: Typed) -> bool:
        """Say whether it is *event*'s turn; if not it comes again."""
        if self._called and event is self._called[0]:
            self._called.popleft()
        elif self._waiting or self._called or not (self._turn is None or self._is_text(self._turn, event)):
            self._waiting.append(event)
            return False
        self._turn = event
        asyncio.get_running_loop().call_later(_PATIENCE, self._over, event)
        return True

    def _is_text(self, *typed: Typed) -> bool:
        """Whether all of *typed* are characters for a field, none of which can lead away from it."""
        return isinstance(self._app.focused, Input | Block) and all(
            isinstance(event, events.Key) and event.is_printable for event in typed
        )

    def taken(self, event: Typed, focused: MessagePump) -> None:
        """Follow *event*, which was handed to *focused*, until it has gone all its way."""
        self._hop(event, self._way(focused))

    def _way(self, focused: MessagePump) -> Iterator[MessagePump]:
        """Yield whose queues *event* passes: up, then what that set going, then the screen that came of it."""
        for _ in range(2):
            pump: MessagePump | None = focused
            while pump is not None:
                yield pump
                pump = parent(pump)
        if self._app.is_running and self._app.screen_stack:
            yield self._app.screen
        yield self._app

    def _hop(self, event: Typed, way: Iterator[MessagePump]) -> None:
        for pump in way:
            if pump.call_later(self._hop, event, way):
                return
        self._over(event)

    def _over(self, event: Typed) -> None:
        if self._turn is not event or self._called:
            return
        self._turn = None
        while self._waiting and (not self._called or self._is_text(self._called[0], self._waiting[0])):
            self._called.append(self._waiting.popleft())
        for called in self._called:
            self._app.post_message(called)
