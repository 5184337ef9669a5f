"""How long the rehearsal's servers live: as long as whoever started them, and not a second longer.

They run in a process of their own, so that a busy wizard cannot make them wait. That process ends when its standard
input does (the starter holds the other end, and loses it even by kill -9), or when the kernel reports its parent's
death; whichever comes first. Until then each line on its standard input is the number of a change of the scenario,
answered by one line of JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.rehearsal import scenarios
from wizard.system import command, hardening

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from wizard.rehearsal.servers import Servers

_PATIENCE: Final = 10.0
"""Seconds for the servers to come up: they take half a second on an idle machine."""
_FAREWELL: Final = 2.0
"""Seconds for them to go."""
_ENDING: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_PARENT_DIED: Final = signal.SIGUSR1


class RehearsalError(Exception):
    """The rehearsal cannot start; the message is one sentence."""


class Rehearsal:
    """A rehearsal in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], info: dict[str, Any], *, temporary: bool) -> None:
        self.info = info
        """What ``demo --serve`` prints, with the keys of this run in clear."""
        self._process = process
        self._temporary = temporary

    @property
    def directory(self) -> Path:
        """Where its files are."""
        return Path(self.info["directory"])

    def mails(self) -> list[dict[str, Any]]:
        """Return what was accepted so far, in order: envelope, subject, Message-ID, and what Postal made of it."""
        found = sorted(Path(self.info["sink"]).glob("[0-9]*.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]

    def change(self, number: int) -> dict[str, Any]:
        """Let the change with that *number* of the scenario happen; return what the operator has to know of it.

        Raises RehearsalError. Not for the event loop's thread: it waits for the other process.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"%d\n" % number)
            self._process.stdin.flush()
            news: dict[str, Any] = json.loads(_line(self._process))
        except (OSError, ValueError):
            raise RehearsalError("The rehearsal's servers have ended.") from None
        if "error" in news:
            raise RehearsalError(str(news["error"]))
        return news

    def stop(self) -> None:
        """End the servers; a temporary directory goes with them. May be called again."""
        command.end(self._process, _FAREWELL)
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    close = stop


def start(scenario: str, directory: Path | None = None) -> Rehearsal:
    """Start the servers of *scenario* and return once they listen. Raises RehearsalError.

    Without *directory* a temporary one is made. Not for the event loop's thread: it waits for the other process.
    """
    _known(scenario)
    where = "" if directory is None else str(directory.absolute())
    package = Path(__file__).resolve().parents[2]
    process = command.start(
        # -P: nothing is imported from the directory that the operator happens to be in.
        (sys.executable, "-P", "-m", "wizard.rehearsal.lifetime", scenario, where),
        passed=command.REHEARSAL,
        PYTHONPATH=str(package),
    )
    try:
        info = json.loads(_line(process))
    except ValueError:
        command.end(process, _FAREWELL)
        raise RehearsalError("The rehearsal's servers ended before they were ready.") from None
    except BaseException:
        command.end(process, _FAREWELL)
        raise
    if "error" in info:
        command.end(process, _FAREWELL)
        raise RehearsalError(str(info["error"]))
    return Rehearsal(process, info, temporary=directory is None)


def serve_forever(scenario: str, directory: Path | None, tell: Callable[[dict[str, Any]], None]) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP, and return its number. *tell* hears the one line of JSON.

    Raises RehearsalError.
    """
    _known(scenario)
    return asyncio.run(_serve(scenario, None if directory is None else directory.absolute(), tell))


def _known(scenario: str) -> None:
    try:
        scenarios.state(scenario)
    except KeyError:
        raise RehearsalError("There is no such scenario; postal-wizard demo --list names them.") from None


def _tell(info: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(info)}\n")
    sys.stdout.flush()


def _line(process: subprocess.Popen[bytes]) -> bytes:
    """Return the next line of *process*, empty when it ends before. Raises RehearsalError at the deadline."""
    assert process.stdout is not None
    descriptor, until, said = process.stdout.fileno(), time.monotonic() + _PATIENCE, b""
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise RehearsalError(f"The rehearsal's servers gave no answer within {_PATIENCE:.0f} seconds.")
        chunk = os.read(descriptor, 65_536)
        if not chunk:
            break
        said += chunk
    return said


async def _serve(
    scenario: str,
    directory: Path | None,
    tell: Callable[[dict[str, Any]], None],
    *,
    until_input_ends: bool = False,
) -> int:
    """Serve until a signal (its number is returned) or, where wanted, until standard input ends (0)."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(number: int = 0) -> None:
        if not ended.done():
            ended.set_result(number)

    for number in _ENDING:
        loop.add_signal_handler(number, end, number)
    running: list[Servers] = []
    if until_input_ends:
        _watch_parent(loop, end, lambda line: tell(_changed(running, line)))
    where = Path(tempfile.mkdtemp(prefix="postal-wizard-demo-")) if directory is None else directory
    try:
        servers = await _started(scenario, where, tell)
        running.append(servers)
        try:
            return await ended
        finally:
            await servers.stop()
    finally:
        if directory is None:
            shutil.rmtree(where, ignore_errors=True)


def _changed(running: list[Servers], line: bytes) -> dict[str, Any]:
    """Carry out the change whose number is *line*; return what there is to know of it, or an ``error``."""
    try:
        return running[0].change(int(line))
    except (ValueError, IndexError):
        return {"error": "There is no such change in this scenario."}
    except OSError as error:
        return {"error": f"The project's files could not be changed: {error.strerror or error}."}


async def _started(scenario: str, directory: Path, tell: Callable[[dict[str, Any]], None]) -> Servers:
    """Start the servers, tell where they are, and return them. Raises RehearsalError."""
    try:
        from wizard.rehearsal import files, servers  # start-up: 50 ms
    except ImportError as error:
        raise RehearsalError(
            f"The rehearsal needs {error.name}, which comes with pip install 'postal-wizard[demo]'."
        ) from None
    try:
        files.claim(directory)
        running = servers.Servers(scenarios.state(scenario), directory)
        info = await running.start()
    except files.DirectoryTakenError as error:
        raise RehearsalError(str(error)) from None
    except OSError as error:
        raise RehearsalError(f"The rehearsal cannot start: {error.strerror or error}.") from None
    try:
        tell(info)
    except BaseException:
        await running.stop()
        raise
    return running


def _watch_parent(loop: asyncio.AbstractEventLoop, end: Callable[[], None], take: Callable[[bytes], None]) -> None:
    """Call *end* once the parent is gone, and *take* with each line that it sends."""
    parent = os.getppid()
    waiting = bytearray()

    def look() -> None:
        # The kernel speaks of the thread that started us; only the whole process counts.
        if os.getppid() != parent:
            end()

    def read() -> None:
        data = os.read(0, 4096)
        if not data:
            loop.remove_reader(0)
            end()
        waiting.extend(data)
        while (place := waiting.find(b"\n")) >= 0:
            line = bytes(waiting[:place])
            del waiting[: place + 1]
            take(line)

    loop.add_signal_handler(_PARENT_DIED, look)
    loop.add_reader(0, read)
    hardening.signalled_when_orphaned(_PARENT_DIED)


def _main(scenario: str, where: str) -> None:
    hardening.harden()
    try:
        asyncio.run(_serve(scenario, Path(where) if where else None, _tell, until_input_ends=True))
    except RehearsalError as error:
        _tell({"error": str(error)})
    gc.freeze()  # the wizard waits for this end: without its last look through all objects it is 0.1 s sooner


if __name__ == "__main__":
    _main(*sys.argv[1:3])
