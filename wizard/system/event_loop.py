"""Running a coroutine from a command line: a signal cancels it, and its number becomes the exit code."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

SIGNALS: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

_Result = TypeVar("_Result")


class EndedError(Exception):
    """The process was asked to end by signal ``number``."""

    def __init__(self, number: int, result: object = None) -> None:
        super().__init__(f"ended by signal {number}")
        self.number = number
        self.result = result
        """What the work returned, where it came to an end of its own all the same."""

    @property
    def code(self) -> int:
        """The exit code: 128 plus the signal's number."""
        return 128 + self.number


_LEFT_OVER: Final = 1.0
"""Seconds for what was cancelled to end."""
_kept: list[asyncio.AbstractEventLoop] = []
"""At most one: the loop of ``one_loop``."""


@contextlib.contextmanager
def a_loop(left_over: float = _LEFT_OVER) -> Iterator[asyncio.AbstractEventLoop]:
    """Give a loop, and wait for what is left over in it for so many seconds at most.

    ``asyncio.run`` waits for ever where it cancels the start of a process (CPython up to 3.12 at least).
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=left_over))
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()


@contextlib.contextmanager
def one_loop() -> Iterator[None]:
    """Let all runs inside share one event loop, for what lives on between them: a connection dies with its loop."""
    with a_loop() as loop:
        _kept.append(loop)
        try:
            yield
        finally:
            _kept.clear()


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run *work* to its end and return its result. Raises Ended when a signal came; *work* was cancelled by then."""
    caught: list[int] = []

    async def watched() -> _Result:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop(number: int) -> None:
            caught.append(number)
            task.cancel()

        for number in SIGNALS:
            loop.add_signal_handler(number, stop, number)
        try:
            return await work
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        with contextlib.nullcontext(_kept[0]) if _kept else a_loop() as loop:
            result = loop.run_until_complete(watched())
    except asyncio.CancelledError:
        if not caught:
            raise
        raise EndedError(caught[0]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:  # *work* had just come to its end
        raise EndedError(caught[0], result)
    return result


def raise_ended(number: int, _frame: object) -> None:
    """Turn a signal into Ended, as a handler for ``signal.signal``."""
    raise EndedError(number)
