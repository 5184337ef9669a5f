"""A writing that is cancelled: it comes to its end, or to a stop between two keys, and says where each key is.

A signal must not leave a write unanswered without a word: what is under way gets a moment to be answered.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from wizard.targets import KeyState, Receipt, Refused, StoppedWritingError, UncertainError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

PATIENCE: Final = 1.0
"""Seconds that a writing under way gets to its end after a signal, of the 2 s in which a program without its terminal
should be gone (security.md section 7); a request takes about 0.06 s. A second signal ends them."""
_TO_END: Final = 0.3
"""Seconds that it gets to close what it holds open, once it is given up."""

_Private = TypeVar("_Private")


@dataclass(slots=True)
class Writing:
    """Where a writing is, for whoever has to say so when it is stopped."""

    keys: dict[str, KeyState] = field(default_factory=dict)
    """Up to date at every await: a key whose write was sent and not yet answered is uncertain."""
    stop_asked: bool = False
    """Whether a signal came: what has not begun to write does not begin."""

    def refuse_if_stopped(self) -> None:
        """Raise Refused where a signal came before anything was written."""
        if self.stop_asked:
            raise Refused("It was stopped before anything was written.")


async def finish(writing: Writing, work: Coroutine[Any, Any, Receipt[_Private]]) -> Receipt[_Private]:
    """Await *work*, which keeps *writing* up to date. Raises what it raises, and StoppedWritingError if cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.cancelled():
            raise
    writing.stop_asked = True
    with contextlib.suppress(asyncio.CancelledError):  # a second signal: no more patience
        await asyncio.wait([task], timeout=PATIENCE)
    if not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_TO_END)
    raise _stopped(task, writing) from None


def _stopped(task: asyncio.Task[Receipt[_Private]], writing: Writing) -> StoppedWritingError:
    """Return what to say of *task*, which was asked to stop."""
    if not task.done() or task.cancelled():
        return StoppedWritingError("The writing was stopped before its answer came.", writing.keys)
    error = task.exception()
    if error is None:
        receipt = task.result()
        words = "The writing was stopped after its last step."
        return StoppedWritingError(words, receipt.keys, receipt.copy, receipt=receipt)
    if isinstance(error, UncertainError):
        return StoppedWritingError(f"The writing was stopped. {error}", error.keys, error.copy)
    if isinstance(error, Refused):
        unwritten = dict.fromkeys(writing.keys, KeyState.NOT_WRITTEN)
        return StoppedWritingError(f"The writing was stopped; nothing was changed. {error}", unwritten)
    raise error
