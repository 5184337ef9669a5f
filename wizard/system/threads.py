"""Blocking calls in daemon threads: one that hangs must not keep the process from exiting."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


_Result = TypeVar("_Result")


async def in_daemon(call: Callable[[], _Result], seconds: float) -> _Result:
    """Run *call* in a daemon thread of its own. Raises TimeoutError; the thread is then left to itself.

    The loop's own executor would not do: its threads keep the process from exiting.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Result] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if not future.done():
            future.set_result(result) if error is None else future.set_exception(error)

    def work() -> None:
        result, error = None, None
        try:
            result = call()
        except Exception as caught:  # handed over to whoever awaits
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=work, name="look-up", daemon=True).start()
    async with asyncio.timeout(seconds):
        return await future
