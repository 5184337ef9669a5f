"""Blocking calls in daemon threads: one that hangs must not keep the process from exiting."""

from __future__ import annotations

import contextlib
import contextvars
import errno
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


_Result = TypeVar("_Result")


async def in_daemon(call: Callable[[], _Result], seconds: float | None) -> _Result:
    """Run *call* in a daemon thread of its own. Raises TimeoutError after *seconds*; the thread is then abandoned.

    The loop's own executor would not do: its threads keep the process from exiting. Raises OSError (EAGAIN) where the
    system has no thread left.
    """
    import asyncio  # late: 40 ms, which reading a file without a loop need not wait for

    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Result] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if not future.done():
            future.set_result(result) if error is None else future.set_exception(error)

    def hand_over(result: Any, error: BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, result, error)

    _start(call, hand_over)
    async with asyncio.timeout(seconds):
        return await future


async def aside(call: Callable[..., _Result], *arguments: Any) -> _Result:
    """Run *call* with *arguments* in a daemon thread, for as long as it takes; whoever waits may be cancelled.

    In place of ``asyncio.to_thread``, whose threads are joined when the program ends: leaving would wait for them.
    """
    return await in_daemon(lambda: call(*arguments), None)


def within(seconds: float, call: Callable[[], _Result]) -> _Result:
    """Run *call* in a daemon thread and wait for it here. Raises TimeoutError, or OSError as ``in_daemon`` does.

    For code outside any coroutine; never in the thread of an event loop that answers keys.
    """
    ended = threading.Event()
    outcome: list[tuple[Any, BaseException | None]] = []

    def hand_over(result: Any, error: BaseException | None) -> None:
        outcome.append((result, error))
        ended.set()

    _start(call, hand_over)
    if not ended.wait(seconds):
        raise TimeoutError
    result, error = outcome[0]
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]  # what the call returned


def _start(call: Callable[[], Any], hand_over: Callable[[Any, BaseException | None], None]) -> None:
    context = contextvars.copy_context()

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(call)
        except Exception as caught:  # handed over to whoever waits
            error = caught
        hand_over(result, error)

    try:
        threading.Thread(target=work, name="look-up", daemon=True).start()
    except RuntimeError:
        raise OSError(errno.EAGAIN, "the system has no thread left") from None
