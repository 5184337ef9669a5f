"""Child processes: the one place that starts them, each with the environment and the program that it needs.

A child gets ``PATH`` (absolute entries only), ``HOME`` and ``LANG``, and what it needs beyond them by name: a secret in
the environment of this process reaches no other one. A program is found over the absolute entries of ``PATH``: a
``./docker`` in the directory that is looked at is never run (security.md sections 6 and 7).

``docker`` runs another program that runs another in turn: they share a session of their own and are killed together.
"""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import os
import re
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any, Final

from wizard.model.containers import Ran
from wizard.model.secret import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEPT: Final = 262_144
"""Bytes kept of each stream, from its end: a traceback's last line and the newest log line are there."""
_MAX_READ: Final = 33_554_432
"""Bytes read of both streams together; a program that prints more is killed."""
_KILL_TIMEOUT: Final = 0.3
"""Seconds that a killed command has to be gone; a cancelled check is over within half a second."""

DOCKER: Final = ("DOCKER_*", "COMPOSE_*", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK")
"""What docker gets by name."""
KEYRING: Final = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY")
"""What the process that asks the keyring gets by name."""
REHEARSAL: Final = ("TMPDIR",)
"""What the rehearsal's servers get by name: their directory is made there."""
_EVERYONE: Final = ("HOME", "LANG")
_NEVER: Final = re.compile(r"^(?:INFISICAL|EMAIL_|POSTAL_|TEXTUAL)|PASSWORD|SECRET|TOKEN", re.IGNORECASE)


def search_path() -> str:
    """Return the absolute entries of ``PATH``: an empty or relative one means the directory that is looked at."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if entry.startswith("/"))


def program(name: str) -> str | None:
    """Return the absolute path of program *name*, None where no absolute entry of ``PATH`` has it."""
    if name.startswith("/"):
        return name
    return None if "/" in name else shutil.which(name, path=search_path())


def environment(passed: tuple[str, ...] = ()) -> dict[str, str]:
    """Return what a child gets of this process's environment: the common variables and those that *passed* names.

    A name may end in ``*``. A variable whose name or value is that of a secret is never in it.
    """
    names = (*_EVERYONE, *passed)
    found = {
        name: value
        for name, value in os.environ.items()
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in names)
        and not _NEVER.search(name)
        and redact(value) == value
    }
    return {"PATH": search_path(), **found}


async def run(
    words: tuple[str, ...],
    given: bytes = b"",
    *,
    deadline: float,
    directory: Path | None = None,
    passed: tuple[str, ...] = (),
    more: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
) -> Ran:
    """Run *words* with *given* on standard input; after *deadline* seconds, or when cancelled, all of it is killed.

    *passed* names the variables that it gets beyond the common ones, *more* sets others; *user* is the user and group
    to run it as.
    """
    found = program(words[0])
    if found is None:
        return Ran(None, b"", b"", "No such program")
    loop = asyncio.get_running_loop()
    protocol = _Listening(loop)
    try:
        transport, _ = await loop.subprocess_exec(
            lambda: protocol, found, *words[1:], cwd=directory, env={**environment(passed), **(more or {})},
            start_new_session=True, **_as(user),
        )  # fmt: skip
    except (OSError, ValueError, RuntimeError, subprocess.SubprocessError) as error:
        if isinstance(error, RuntimeError):
            # Python 3.11 waits for each child in a thread, and the system has none left: the child runs already.
            await protocol.abandon()
        return Ran(None, b"", b"", getattr(error, "strerror", None) or str(error))
    try:
        _give(transport, given)
        async with asyncio.timeout(deadline):
            await asyncio.wait({protocol.gone, protocol.flooded}, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        pass
    finally:
        code = transport.get_returncode() if protocol.gone.done() else None
        try:
            if not protocol.gone.done():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(transport.get_pid(), signal.SIGKILL)
                await asyncio.wait({protocol.gone}, timeout=_KILL_TIMEOUT)
        finally:  # also where it is cancelled a second time
            transport.close()
    return Ran(code, bytes(protocol.kept[1]), bytes(protocol.kept[2]))


def start(
    words: tuple[str, ...], *, passed: tuple[str, ...] = (), stdin: int = subprocess.PIPE, **more: str
) -> subprocess.Popen[bytes]:
    """Start *words* in a session of its own, with pipes to its standard input and output; nobody waits for it here.

    Raises OSError. *stdin*: a descriptor in place of the pipe. *more* sets variables.
    """
    found = program(words[0])
    if found is None:
        raise FileNotFoundError(words[0])
    return subprocess.Popen(
        [found, *words[1:]],
        stdin=stdin,
        stdout=subprocess.PIPE,
        # Standard error is where the screens are drawn.
        stderr=subprocess.DEVNULL,
        env={**environment(passed), **more},
        # Ctrl+C is for the wizard, which ends its children when it has saved what it must.
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Close the pipes of a *process* of ``start``, which ends by that; after *seconds* it is killed."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _as(user: tuple[int, int] | None) -> dict[str, Any]:
    return {} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}


def _give(transport: asyncio.SubprocessTransport, given: bytes) -> None:
    pipe = transport.get_pipe_transport(0)
    assert isinstance(pipe, asyncio.WriteTransport)
    if given:
        pipe.write(given)
    pipe.close()  # after what is still buffered


class _Listening(asyncio.SubprocessProtocol):
    """Keeps the end of both streams. ``gone`` is set when the process has ended and nobody holds its pipes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.gone: asyncio.Future[None] = loop.create_future()
        self.flooded: asyncio.Future[None] = loop.create_future()
        self.kept = {1: bytearray(), 2: bytearray()}
        self._seen = 0
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    async def abandon(self) -> None:
        """Kill what was started although nobody can wait for it."""
        for _ in range(100):
            if self._transport is not None:
                break
            await asyncio.sleep(0.01)  # its pipes are being connected, or nothing was started at all
        if isinstance(self._transport, asyncio.SubprocessTransport):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), signal.SIGKILL)
            self._transport.close()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.kept[fd]
        kept += data
        del kept[:-KEPT]
        self._seen += len(data)
        if self._seen > _MAX_READ and not self.flooded.done():
            self.flooded.set_result(None)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)
