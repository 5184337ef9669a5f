"""The rehearsal's processes as forks of one that has already imported what they need.

``python -m wizard.rehearsal.lifetime`` takes 0.4 s of a core, most of it for imports, and the tests start a thousand of
them. Here each test process keeps one child that has the modules, and a start is a fork of it, with the same standard
input, output, session and variables. The nursery ends with the test process: it loses its socket then.

What the start itself promises is tested with real ones (``rehearsal/test_lifetime.py``, ``tests/terminal``).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from wizard.system import command

KNOWN: Final = ("wizard.rehearsal.lifetime", "wizard.rehearsal.container_process")
"""What is forked; the words before are ``python -P -m``."""
_KEYS: Final = 3
"""DKIM keys of a rehearsal, each of which takes 40 ms to make."""
_LONGEST: Final = 65_536


class Forked:
    """As much of ``subprocess.Popen`` as the rehearsal asks of its children."""

    def __init__(self, pid: int, ended: int, stdin: IO[bytes] | None, stdout: IO[bytes]) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self.returncode: int | None = None
        self._ended = ended  # a descriptor of the process: readable once it is gone

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a fork of the nursery", timeout or 0.0)
            os.close(self._ended)
            self.returncode = 0
        return self.returncode

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            signal.pidfd_send_signal(self._ended, signal.SIGKILL)


class Nursery:
    """Starts what is known as forks, and all else as the program does."""

    def __init__(self) -> None:
        self.real = command.start
        self._python = sys.executable  # a test may put another in its place
        self._guard = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, words: tuple[str, ...], **given: Any) -> Any:
        """Do as ``command.start`` does."""
        if words[:3] != (self._python, "-P", "-m") or words[3] not in KNOWN:
            return self.real(words, **given)
        with self._guard:
            return self._forked(words, given)

    def _forked(self, words: tuple[str, ...], given: dict[str, Any]) -> Forked:
        passed, stdin = given.pop("passed", ()), given.pop("stdin", None)
        if self._socket is None:
            self._socket, self._process = _begun()
        theirs: list[int] = []
        ours: list[IO[bytes]] = []
        if stdin is None:
            stdin, end = os.pipe()
            theirs.append(stdin)
            ours.append(os.fdopen(end, "wb"))
        end, stdout = os.pipe()
        theirs.append(stdout)
        ours.append(os.fdopen(end, "rb"))
        asked = {
            "words": words[3:],
            "environment": {**command.environment(passed), **given},
            "directory": str(Path.cwd()),
        }
        socket.send_fds(self._socket, [json.dumps(asked).encode()], [stdin, stdout])
        for descriptor in theirs:
            os.close(descriptor)
        pid, descriptors, _, _ = socket.recv_fds(self._socket, 100, 1)
        return Forked(int(pid), descriptors[0], ours[0] if len(ours) > 1 else None, ours[-1])

    def close(self) -> None:
        """End it; what it started ends by itself."""
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait()


def _begun() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.nursery"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**command.environment(), "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        )
    return ours, process


def _serve(control: socket.socket) -> None:
    from wizard.rehearsal import servers  # here alone: the test process needs none of it

    for name in KNOWN:
        importlib.import_module(name)
    keys = [servers._dkim_key() for _ in range(_KEYS)]
    servers._dkim_key = itertools.cycle(keys).__next__  # in each fork anew, so that they differ there
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are not waited for here
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _LONGEST, 2)
        if not data:
            return
        pid = os.fork()
        if not pid:
            _be(json.loads(data), control, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        watched = os.pidfd_open(pid)
        socket.send_fds(control, [b"%d" % pid], [watched])
        os.close(watched)


def _be(asked: dict[str, Any], control: socket.socket, stdin: int, stdout: int) -> NoReturn:
    code = 1
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        control.close()
        os.dup2(stdin, 0)
        os.dup2(stdout, 1)
        os.closerange(3, 64)
        os.chdir(asked["directory"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        module, *more = asked["words"]
        begin = importlib.import_module(module)
        begin._main(*more) if hasattr(begin, "_main") else begin.main()
        code = 0
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=os.dup(0)))
