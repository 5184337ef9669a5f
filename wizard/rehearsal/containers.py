"""The rehearsal's pretend containers: a child process for each service of GlitchTip that sends mail.

They have the Protocol that docker has. Their environment is what the rehearsal's own compose file
and `.env` give at the moment of the start; ``restart`` does what the operator's ``up -d`` would do. They are started
when they are asked for the first time, which is after the first paint.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import compose, compose_values
from wizard.glitchtip.compose_yaml import ComposeError
from wizard.glitchtip.roles import Role
from wizard.model.containers import Container, ContainerState, NotAsked, Ran
from wizard.model.secret import plaintext
from wizard.system import command, threads

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence

    from wizard.glitchtip.compose import ComposeReading
    from wizard.model.draft import Draft
    from wizard.model.secret import Secret
    from wizard.model.session import Session

_READY: Final = 10.0
"""Seconds for a child to say that it runs; it takes a fifth of one on an idle machine."""
_END: Final = 2.0
_NAME: Final = "glitchtip"


@dataclass(slots=True)
class _Child:
    container: Container
    control: socket.socket
    process: subprocess.Popen[bytes]


class PretendContainers:
    """Whoever runs the containers in a rehearsal. Closed by ``stop``, by its own end, and by the program's."""

    def __init__(
        self,
        draft: Draft,
        session: Session,
        accounts: Sequence[str] = (),
        begins_with: Mapping[str, str] | None = None,
    ) -> None:
        """*accounts*: the addresses that have an account in the pretend GlitchTip.

        *begins_with*: the variables of the shell from which they were started first, as ``infisical run`` gave them.
        """
        self._draft = draft
        self._session = session
        self._accounts = tuple(accounts)
        self._children: dict[str, _Child] = {}
        self._begun = False
        self._begins_with = dict(begins_with or {})
        self._guard = threading.Lock()
        self._finalizer = weakref.finalize(self, _end, self._children)

    async def containers(self) -> Sequence[Container] | NotAsked:
        """Return the pretend containers; the first call starts them."""
        try:
            return await threads.aside(self._listed)
        except ComposeError as error:
            return NotAsked(str(error).rstrip("."))
        except OSError as error:
            return NotAsked(f"the pretend containers cannot start: {error.strerror or error}")

    async def run_python(
        self, container: Container, words: tuple[str, ...], given: bytes = b"", *, seconds: float
    ) -> Ran:
        """Run the Python of *container*: a fork of its process, which has the service's environment."""
        return await self._ask(container, {"do": "python", "words": list(words)}, given, seconds)

    async def logs(self, container: Container, lines: int = 400) -> str:
        """Return the last *lines* of what the service printed."""
        ran = await self._ask(container, {"do": "logs", "words": []}, b"", _READY)
        return "\n".join(ran.stdout.decode("utf-8", "replace").splitlines()[-lines:])

    async def restart(self, given: Mapping[str, str | Secret] | None = None) -> None:
        """Recreate the containers with what the files give now, as ``docker compose up -d`` does.

        *given*: the variables of the shell, which ``infisical run`` fills. Raises ComposeError and OSError.
        """
        await threads.aside(self._anew, {name: plaintext(value) for name, value in (given or {}).items()})

    def stop(self) -> None:
        """End all of them. May be called again."""
        with self._guard:
            _end(self._children)

    def _listed(self) -> tuple[Container, ...]:
        with self._guard:
            if not self._begun:
                self._start(self._begins_with)
                self._begun = True
            return tuple(child.container for child in self._children.values())

    def _anew(self, given: dict[str, str]) -> None:
        with self._guard:
            _end(self._children)
            self._start(given)
            self._begun = True

    def _start(self, given: dict[str, str]) -> None:
        reading = compose.read(self._draft, self._session)
        if reading is None:
            return
        put, taken_from = socket.socketpair()
        with put, taken_from:
            for name, environment in compose_values.environments(reading, given).items():
                self._children[name] = self._child(reading, name, environment, (put, taken_from))

    def _child(
        self,
        reading: ComposeReading,
        name: str,
        environment: dict[str, str],
        queue: tuple[socket.socket, socket.socket],
    ) -> _Child:
        ours, theirs = socket.socketpair()
        service = reading.services[name]
        try:
            with theirs:
                # -P: nothing is imported from the directory that the operator happens to be in.
                words = (sys.executable, "-P", "-m", "wizard.rehearsal.container_process")
                package = str(Path(__file__).resolve().parents[2])
                process = command.start(
                    words, passed=command.REHEARSAL, stdin=theirs.fileno(), PYTHONPATH=package
                )  # fmt: skip
            given = {
                "role": service.role if service.role.sends else Role.WEB,
                "environment": environment,
                "accounts": self._accounts,
                "own_network": service.network_mode != "host",
            }
            data = json.dumps(given).encode() + b"\n"
            sent = socket.send_fds(ours, [data], [end.fileno() for end in queue])
            ours.sendall(data[sent:])
            ours.settimeout(_READY)
            said = json.loads(_line(ours))
            ours.settimeout(None)
        except BaseException:
            ours.close()
            raise
        project = reading.project
        container = Container(
            id=secrets.token_hex(32),
            name=f"{project.name or _NAME}-{name}-1",
            image=service.image,
            state=ContainerState(said["state"]),
            exit_code=said["code"] if said["state"] != "running" else None,
            network_mode=service.network_mode or f"{project.name or _NAME}_default",
            project=project.name or _NAME,
            working_dir=str(project.directory),
            config_files=tuple(map(str, project.files)),
            service=name,
            created=datetime.now(UTC).isoformat(),
        )
        return _Child(container, ours, process)

    async def _ask(self, container: Container, asked: dict[str, object], given: bytes, seconds: float) -> Ran:
        cancelled = threading.Event()
        try:
            return await threads.aside(self._talk, container, asked, given, seconds, cancelled)
        finally:
            cancelled.set()

    def _send(self, container: Container, asked: dict[str, object], descriptors: list[int]) -> bool:
        """Hand a question over; False where the container is gone. A restart meanwhile waits, and is waited for."""
        with self._guard:
            child = next((each for each in self._children.values() if each.container.id == container.id), None)
            if child is None:
                return False
            try:
                socket.send_fds(child.control, [json.dumps(asked).encode()], descriptors)
            except OSError:
                return False
            return True

    def _talk(
        self, container: Container, asked: dict[str, object], given: bytes, seconds: float, cancelled: threading.Event
    ) -> Ran:
        """Have *asked* done in a child, with *given* on its standard input; at the end of *seconds* it is killed."""
        pipes = [os.pipe() for _ in range(4)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][1]]
        feed, outputs = pipes[0][1], [pipe[0] for pipe in pipes[1:]]
        sent = self._send(container, asked, theirs)
        for descriptor in theirs:
            os.close(descriptor)
        until = time.monotonic() + seconds
        _feed(feed, given if sent else b"", until)
        kept, ended = _read(outputs, until, cancelled)
        if not sent:
            return Ran(1, b"", b"Error response from daemon: No such container")
        pid, _, code = kept[2].decode("ascii", "replace").partition("\n")
        if not ended and pid.isdigit():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(int(pid), signal.SIGKILL)
        return Ran(int(code) if code.strip().isdigit() else None, kept[0], kept[1])


def _line(peer: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\n"):
        data = peer.recv(4096)
        if not data:
            raise ConnectionResetError("a pretend container ended at its start")
        said += data
    return said


def _read(outputs: list[int], until: float, cancelled: threading.Event) -> tuple[list[bytes], bool]:
    """Read *outputs* to their ends and close them; the end of each is kept. False where that was not waited for."""
    kept = {descriptor: bytearray() for descriptor in outputs}
    waiting = set(outputs)
    while waiting and time.monotonic() < until and not cancelled.is_set():
        for descriptor in select.select(list(waiting), [], [], 0.1)[0]:
            data = os.read(descriptor, 65_536)
            if not data:
                waiting.discard(descriptor)
            kept[descriptor] += data
            del kept[descriptor][: -command.KEPT]
    for descriptor in outputs:
        os.close(descriptor)
    return [bytes(kept[descriptor]) for descriptor in outputs], not waiting


def _feed(descriptor: int, given: bytes, until: float) -> None:
    """Write *given* and close; a reader that is gone, or takes nothing more in time, gets no more."""
    os.set_blocking(descriptor, False)
    try:
        while given and select.select([], [descriptor], [], max(0.0, until - time.monotonic()))[1]:
            given = given[os.write(descriptor, given) :]
    except OSError:
        pass  # its exit code tells
    finally:
        os.close(descriptor)


def _end(children: dict[str, _Child]) -> None:
    for child in children.values():
        child.control.close()
    for child in children.values():
        command.end(child.process, _END)
    children.clear()
