"""One pretend container: a process that is a service of GlitchTip, and in which the real scripts are run.

It is started with a bare environment. The service's own comes over the socket that is its standard input, and is set
inside: no process starts with a key in its environment. What is run in it is a fork, which starts no program, so that
the environment stays in memory alone. It ends when that socket does, by kill -9 of the starter too.

Messages: the first is ``{role, environment, accounts, own_network}`` with the queue's two ends; the answer ``{state,
code}``. Each further one is ``{do: python|logs, words}`` with four descriptors: standard input, output, error, and one
that gets the fork's process id and then its exit code, a line each.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import socket
import sys
import tempfile
import traceback
from types import ModuleType
from typing import IO, Any, Final, NoReturn

from wizard.glitchtip.roles import Role
from wizard.rehearsal import pretend_glitchtip
from wizard.system import hardening

_MOST_SAID: Final = 1_048_576
_DESCRIPTORS: Final = 4
_PATIENCE: Final = 3.0
"""Seconds that the web service waits for a worker at the queue."""


class Service:
    """One service, from its start to its end."""

    def __init__(
        self, control: socket.socket, given: dict[str, Any], queue: tuple[socket.socket, socket.socket]
    ) -> None:
        self._control = control
        self._role = Role(given["role"])
        self._accounts = tuple(given["accounts"])
        self._put, self._taken_from = queue
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        self._web: socket.socket | None = None
        self._own_network = bool(given["own_network"])
        self._taken = 0
        os.environ.clear()
        os.environ.update(given["environment"])

    def run(self) -> None:
        """Serve until the starter is gone."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are not waited for here
        state, code = self._start()
        self._control.sendall(json.dumps({"state": state, "code": code}).encode() + b"\n")
        works = state == "running" and self._role is not Role.WEB
        if not works:
            self._taken_from.close()
        while True:
            watched: list[socket.socket] = [self._control]
            watched += [self._web] if self._web is not None else []
            watched += [self._taken_from] if works else []
            ready, _, _ = select.select(watched, [], [])
            if self._control in ready and not self._asked(running=state == "running"):
                return
            if self._web is not None and self._web in ready:
                self._serve(self._web.accept()[0])
            if works and self._taken_from in ready:
                works = self._take()

    def _start(self) -> tuple[str, int]:
        trouble = pretend_glitchtip.trouble()
        if trouble:
            self._note(trouble)
            return "restarting", 1
        if self._role in {Role.WEB, Role.ALL_IN_ONE}:
            port = pretend_glitchtip.web_port()
            try:
                self._web = socket.create_server(("127.0.0.1", port))
            except OSError as error:
                self._note(f"OSError: [Errno {error.errno}] {error.strerror}: 127.0.0.1:{port}")
                return "exited", 1
            self._note(f"Listening at http://127.0.0.1:{port}")
        if self._role in {Role.WORKER, Role.ALL_IN_ONE}:
            self._note("celery@rehearsal ready.")
        return "running", 0

    def _note(self, text: str) -> None:
        self._log.write(text.rstrip("\n").encode("utf-8", "replace") + b"\n")
        self._log.flush()

    def _asked(self, *, running: bool) -> bool:
        """Answer one question of the starter; False where it is gone."""
        data, given, _, _ = socket.recv_fds(self._control, 65_536, _DESCRIPTORS)
        if not data:
            return False
        if len(given) == _DESCRIPTORS and os.fork() == 0:
            self._fork(json.loads(data), given, running=running)
        for descriptor in given:
            os.close(descriptor)
        return True

    def _fork(self, asked: dict[str, Any], given: list[int], *, running: bool) -> NoReturn:
        """Run what is asked in a fork of its own, and say its process id and its exit code."""
        with contextlib.suppress(BaseException):
            hardening.signalled_when_orphaned(signal.SIGKILL)
            self._listens_no_more()
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            result = given[3]
            os.write(result, b"%d\n" % os.getpid())
            child = os.fork()
            if child == 0:
                self._inside(asked, given, running=running)
            for descriptor in given[:3]:
                os.close(descriptor)
            _, status = os.waitpid(child, 0)
            code = os.waitstatus_to_exitcode(status)
            os.write(result, b"%d\n" % (code if code >= 0 else 128 - code))
        os._exit(0)

    def _listens_no_more(self) -> None:
        """Leave the port to the service alone, which a restart follows at once: a fork may outlive it by a moment."""
        if self._web is not None:
            self._web.close()

    def _inside(self, asked: dict[str, Any], given: list[int], *, running: bool) -> NoReturn:
        code = 1
        try:
            hardening.signalled_when_orphaned(signal.SIGKILL)
            if self._own_network:
                _leave_the_host(pretend_glitchtip.web_port())
            for descriptor, own in zip(given[:3], (0, 1, 2), strict=True):
                os.dup2(descriptor, own)
            sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115  # they live as long as the fork
            if asked["do"] == "logs":
                self._log.seek(0, os.SEEK_END)
                size = self._log.tell()
                sys.stdout.buffer.write(os.pread(self._log.fileno(), _MOST_SAID, max(0, size - _MOST_SAID)))
                code = 0
            elif not running:
                sys.stderr.write("container is not running\n")
            else:
                code = self._python(asked["words"])
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
        except BaseException:
            traceback.print_exc()
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)

    def _python(self, words: list[str]) -> int:
        """Do what ``python WORDS`` does in GlitchTip's image, as far as the wizard asks it."""
        if words == ["-"]:
            sys.argv = ["-"]
            sys.modules.update(_celery(self._put))
            exec(compile(sys.stdin.buffer.read(), "<stdin>", "exec"), {"__name__": "__main__"})  # noqa: S102  # the product's own script, as python - runs it
            return 0
        if words[:2] == ["manage.py", "sendtestemail"] and len(words) > 2:
            pretend_glitchtip.send_test_email(words[-1])
            return 0
        sys.stderr.write("python: can't open file\n")
        return 2

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            if os.fork() == 0:
                with contextlib.suppress(BaseException):
                    hardening.signalled_when_orphaned(signal.SIGKILL)
                    self._listens_no_more()
                    handler = pretend_glitchtip.web(self._accounts, self._note)
                    handler(peer, ("127.0.0.1", 0), None)  # type: ignore[arg-type]  # it asks its server for nothing
                os._exit(0)

    def _take(self) -> bool:
        """Answer one message of the queue: ``ping`` or ``task``; False where nobody can send one any more."""
        data = self._taken_from.recv(100)
        if data.startswith(b"task"):
            self._taken += 1
            self._note("Task celery.accumulate succeeded")
        if data:
            self._taken_from.sendall(b"%d\n" % self._taken)
        return bool(data)


def _celery(queue: socket.socket) -> dict[str, ModuleType]:
    """Return Celery's modules as far as the flow asks them: the queue between the pretend web service and worker."""

    def asked(word: bytes) -> int | None:
        queue.settimeout(_PATIENCE)
        try:
            queue.sendall(word + b"\n")
            return int(queue.recv(100) or b"x")
        except (OSError, ValueError):
            return None

    class Inspect:
        def ping(self) -> dict[str, Any] | None:
            return None if asked(b"ping") is None else {"celery@rehearsal": {"ok": "pong"}}

        def stats(self) -> dict[str, Any]:
            return {"celery@rehearsal": {"total": {"celery.accumulate": asked(b"ping") or 0}}}

    class Control:
        def inspect(self, **_more: Any) -> Inspect:
            return Inspect()

    class App:
        control = Control()

        def send_task(self, *_words: Any, **_more: Any) -> None:
            asked(b"task")

    modules = {name: ModuleType(name) for name in ("celery", "celery.app", "celery.app.utils")}
    modules["celery.app.utils"].find_app = lambda _name: App()  # type: ignore[attr-defined]  # made above
    return modules


def _leave_the_host(own_port: int) -> None:
    """Let loopback be the container's own, where nothing but the web service listens."""
    connect = socket.socket.connect

    def refused(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and str(address[0]).startswith(("127.", "::1")) and address[1] != own_port:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        connect(self, address)

    socket.socket.connect = refused  # type: ignore[method-assign, assignment]  # in this fork alone


def _first(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    said = b""
    descriptors: list[int] = []
    while not said.endswith(b"\n"):
        data, given, _, _ = socket.recv_fds(control, 65_536, 2)
        if not data:
            sys.exit(0)
        said += data
        descriptors += given
    start: dict[str, Any] = json.loads(said)
    return start, descriptors


def main() -> None:
    """Be a container until the socket on standard input ends."""
    hardening.harden()
    control = socket.socket(fileno=os.dup(0))
    given, (put, taken_from) = _first(control)
    Service(control, given, (socket.socket(fileno=put), socket.socket(fileno=taken_from))).run()


if __name__ == "__main__":
    main()
