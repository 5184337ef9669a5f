"""What ends the program from outside: signals, and a terminal that is gone. The draft is saved, a commit finishes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import threading
from typing import TYPE_CHECKING, Any, Final, Protocol

from wizard.system import crash_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.worker_manager import WorkerManager

    from wizard.setup.flow import FlowState

_SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_PULSE: Final = 1.0
"""Seconds between two looks whether the terminal is still there; costs nothing on the wire."""
_END_TIMEOUT: Final = 1.7
"""Seconds after a signal at which the process ends, whatever still runs: a stalled terminal must not keep it."""

_COMMIT_TIMEOUT: Final = 0.2
"""Seconds that a writing gets to its end before it is asked to stop, which takes at most 1.3 s more
(``wizard.targets.stopping``)."""
_CHECKS_TIMEOUT: Final = 0.6
"""Seconds for checks to end the commands that they started."""


def _terminal_is_gone() -> bool:
    poll = select.poll()
    poll.register(0, select.POLLIN)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


class Program(Protocol):
    """The app, as far as its end needs it."""

    flow: FlowState
    farewell: list[str]
    """Said once the screens are gone."""

    @property
    def workers(self) -> WorkerManager:
        """What runs beside the screens."""

    @property
    def run_worker(self) -> Callable[..., object]:
        """Run something beside the screens."""

    @property
    def set_interval(self) -> Callable[..., object]:
        """Do something again and again."""

    @property
    def exit(self) -> Callable[..., None]:
        """End the screens with ``return_code``."""


class Endings:
    """Listens for the app, and ends it once."""

    def __init__(self, app: Program, save: Callable[[], object], log_home: Path) -> None:
        """Listen for *app*: *save* keeps the draft, the crash log goes below *log_home*."""
        self._app, self._save, self._log_home = app, save, log_home
        self._ending: int | None = None

    def listen(self) -> None:
        """Begin to listen; called in the app's own loop."""
        loop = asyncio.get_running_loop()
        self._loop = loop
        loop.set_exception_handler(self._unretrieved)
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.end, number)
            # asyncio's handler only wakes its loop; while that waits for a stalled terminal, this one still runs.
            signal.signal(number, self._begin)
        self._app.set_interval(_PULSE, self.feel_terminal)

    def _begin(self, number: int, _frame: object) -> None:
        if self._ending is None:
            last = threading.Timer(_END_TIMEOUT, os._exit, (128 + number,))
            last.daemon = True
            last.start()
            with contextlib.suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self.end, number)

    def end(self, number: int) -> None:
        """Save the draft, let a commit in flight finish, end with 128 plus *number*."""
        if self._ending is not None:
            return
        self._ending = number
        self._save()
        self._app.run_worker(self._end(number), name="end", group="end", description="end")

    async def _end(self, number: int) -> None:
        await self._end_commits()
        if number == signal.SIGHUP and _terminal_is_gone():
            # There is nothing to restore and nobody to tell. Only the commands that a check
            # has started must not outlive us.
            checks = [worker for worker in self._app.workers if worker.group != "end" and worker.is_running]
            for worker in checks:
                worker.cancel()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CHECKS_TIMEOUT):
                    for worker in checks:
                        with contextlib.suppress(Exception):
                            await worker.wait()
            os._exit(128 + number)
        from wizard.setup.steps import done  # start-up: 10 ms, behind the first frame

        self._app.farewell += done.last_words(self._app.flow)
        self._app.exit(return_code=128 + number)

    async def _end_commits(self) -> None:
        """Let what is being written come to its end; what takes longer is stopped, and says where each key is."""
        commits = [worker for worker in self._app.workers if worker.group == "commit" and worker.is_running]
        waiting = [asyncio.ensure_future(worker.wait()) for worker in commits]
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=_COMMIT_TIMEOUT)
        if late:
            for worker in commits:
                worker.cancel()
            await asyncio.wait(late)
        for one in waiting:
            one.exception()  # it is the worker's, and was shown by it

    def feel_terminal(self) -> None:
        """End as by SIGHUP when the terminal is gone without one, in place of spinning on its end."""
        if _terminal_is_gone():
            self._begin(signal.SIGHUP, None)

    def _unretrieved(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Keep what asyncio would print on the screen, message and all, for the log."""
        error = context.get("exception")
        if isinstance(error, Exception):
            crash_log.write(error, self._log_home)

    @contextlib.contextmanager
    def handling(self) -> Iterator[None]:
        """Leave the handlers of signals as they were found."""
        handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
