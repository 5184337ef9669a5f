"""Containers as the daemon describes them, and the three things that may be asked of whoever runs them.

Docker is one that runs them, the rehearsal's pretend containers another: steps and checks know the Protocol alone.
The label names are compose's own (``com.docker.compose.*``, compose v2, pkg/api/labels.go).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.model.secret import Secret


class ContainerState(StrEnum):
    """``State.Status`` of docker inspect."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """A word that this list does not have."""


@dataclass(frozen=True, slots=True)
class Container:
    """One container. Every text comes from the daemon and is untrusted: ``Untrusted`` before it is shown."""

    id: str
    name: str
    """Without docker's leading slash."""
    image: str
    """As the container was created from it: ``glitchtip/glitchtip:v5.0``, or a digest."""
    state: ContainerState
    exit_code: int | None = None
    """Of the last run; None while it has not ended."""
    network_mode: str = ""
    """``host``, ``none``, ``container:ID``, or a network's name."""
    project: str = ""
    """Label ``project``; empty where compose did not make it."""
    working_dir: str = ""
    """Label ``project.working_dir``: absolute, where compose takes relative paths and `.env` from."""
    config_files: tuple[str, ...] = ()
    """Label ``project.config_files``, split at its commas: absolute, as given by ``-f``, in their order."""
    environment_files: tuple[str, ...] = ()
    """Label ``project.environment_file``, split at its commas: what ``--env-file`` gave; empty for `.env`."""
    service: str = ""
    """Label ``service``."""
    one_off: bool = False
    """Label ``oneoff``: made by ``docker compose run``, so that ``up`` leaves it alone."""
    created: str = ""
    """When, as docker says it (RFC 3339): ``up -d`` recreates a container when its settings have changed."""

    @property
    def on_host_network(self) -> bool:
        """Whether ``localhost`` in it is this host."""
        return self.network_mode == "host"

    @property
    def is_up(self) -> bool:
        """Whether a program can be run in it now."""
        return self.state is ContainerState.RUNNING

    def belongs_to(self, directory: PurePath) -> bool:
        """Whether compose made it for the project in *directory*, an absolute path with its links resolved."""
        return bool(self.working_dir) and PurePath(self.working_dir) == directory


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Why no container could be looked at."""

    reason: str
    """The end of a sentence: ``docker is not installed here``."""
    remedy: str = ""
    """What would give access; empty where nothing would."""
    silent: bool = False
    """Whether no answer came in time: then it is not known whether containers are there."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The end of a command, on this host or in a container."""

    code: int | None
    """None where it could not be started or did not end in time."""
    stdout: bytes
    """Untrusted, as is the other."""
    stderr: bytes
    not_started: str = ""
    """Why it could not be started, in the system's words; empty where it was."""

    @property
    def succeeded(self) -> bool | None:
        """None where it did not come to an end of its own."""
        return None if self.code is None else self.code == 0

    @property
    def text(self) -> str:
        """Both streams as text, for whoever reads tracebacks out of it. Not inert yet."""
        return b"\n".join(part for part in (self.stdout, self.stderr) if part).decode("utf-8", "replace")


@runtime_checkable
class Restartable(Protocol):
    """Whoever recreates its containers on request: the rehearsal. Docker is none: the operator runs that command."""

    async def restart(self, given: Mapping[str, str | Secret] | None = None) -> None:
        """Recreate the containers with what the files give now; *given*: what ``infisical run`` would add."""


class Containers(Protocol):
    """Whoever runs the containers. No method reads a file of the directory or the environment of a container."""

    async def containers(self) -> Sequence[Container] | NotAsked:
        """Return all containers, also those that do not run."""

    async def run_python(
        self, container: Container, words: tuple[str, ...], given: bytes = b"", *, seconds: float
    ) -> Ran:
        """Run the Python of *container* with *words* as its arguments and *given* on standard input.

        After *seconds* it is given up and ``code`` is None. The probe is run so.
        """

    async def logs(self, container: Container, lines: int = 400) -> str:
        """Return the last *lines* of its log, as they are; also of one that is restarting or has exited."""
