"""Docker as the one that runs GlitchTip's containers: listed, inspected, asked inside, and their logs read, all by ID.

Nothing here reads a file of the directory or a container's ``Config.Env``. What runs inside a container gets its input
from standard input; no secret is in an argument or in the environment that docker gets.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from wizard.model.containers import Container, ContainerState, NotAsked, Ran
from wizard.system.command import DOCKER, program, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.containers import Containers
    from wizard.model.session import Session

PROBING: Final = 20.0
"""Seconds for one script in a container: the probe ends itself after 18."""
LISTING: Final = 5.0
"""Seconds for docker to say what runs."""
_LOGS: Final = 10.0
_PYTHONS: Final = ("python", "python3")
"""GlitchTip's image has both (python:3.x-slim); an image built on Debian's own Python has the second alone."""
_NOT_THERE: Final = frozenset({126, 127})
"""The exit codes of ``docker exec`` where there is no such program in the container."""
_MOST: Final = 500
"""Containers that are looked at."""
_ID: Final = re.compile(r"[0-9a-f]{12,64}")
_LABELS: Final = {
    "project": "com.docker.compose.project",
    "working_dir": "com.docker.compose.project.working_dir",
    "config_files": "com.docker.compose.project.config_files",
    "environment_files": "com.docker.compose.project.environment_file",
    "service": "com.docker.compose.service",
    "one_off": "com.docker.compose.oneoff",
}
"""compose v2, pkg/api/labels.go."""
_FIELDS: Final = (
    ".Id", ".Name", ".Config.Image", ".State.Status", ".State.ExitCode", ".State.Restarting",
    ".HostConfig.NetworkMode", ".Created",
)  # fmt: skip
_FORMAT: Final = " ".join((
    *(f"{{{{json {name}}}}}" for name in _FIELDS),
    # A container without a label has none to index, and one error ends the whole listing.
    *(f'{{{{if .Config.Labels}}}}{{{{json (index .Config.Labels "{label}")}}}}{{{{else}}}}""{{{{end}}}}'
      for label in _LABELS.values()),
))  # fmt: skip
"""Image, labels, state and network mode, and nothing else: other labels and ``Config.Env`` may hold secrets."""

_NO_PERMISSION: Final = NotAsked(
    "this user is not allowed to use the docker daemon",
    "Start the wizard with sudo, or add this user to the group docker: sudo usermod -aG docker USER, then log "
    "in again. Who is in the group docker can become root on this host.",
)
_DOWN: Final = NotAsked(
    "the docker daemon is down",
    "Start it: sudo systemctl start docker. Where docker runs elsewhere, DOCKER_HOST or docker context names it.",
)
_UNABLE: Final = (
    (re.compile(r"permission denied", re.IGNORECASE), _NO_PERMISSION),
    (re.compile(r"cannot connect to the docker daemon|daemon is not running|error during connect|failed to connect",
                re.IGNORECASE), _DOWN),
)  # fmt: skip


def of(session: Session) -> Containers:
    """Return whoever runs the containers: what the session was given, else docker of this host."""
    return session.containers if session.containers is not None else Docker()


class Docker:
    """The docker of this host."""

    async def containers(self) -> Sequence[Container] | NotAsked:
        """Return all containers of the daemon, also those that do not run."""
        if program("docker") is None:
            return NotAsked("docker is not installed here")
        listed = await _run("ps", "--all", "--quiet", "--no-trunc", seconds=LISTING)
        if listed.code != 0:
            return _unable(listed)
        ids = [word for word in listed.stdout.decode("utf-8", "replace").split() if _ID.fullmatch(word)][:_MOST]
        if not ids:
            return ()
        # One that was removed in between makes it end with 1; the others are listed all the same.
        described = await _run("inspect", "--type", "container", "--format", _FORMAT, *ids, seconds=LISTING)
        if described.code != 0 and not described.stdout.strip():
            return _unable(described)
        lines = described.stdout.decode("utf-8", "replace").splitlines()
        return tuple(found for line in lines if (found := _container(line)) is not None)

    async def run_python(
        self, container: Container, words: tuple[str, ...], given: bytes = b"", *, seconds: float
    ) -> Ran:
        """Run the Python of *container*, under either of its names. After *seconds* it is given up."""
        ran = Ran(None, b"", b"")
        for name in _PYTHONS:
            ran = await _run("exec", "-i", container.id, name, *words, given=given, seconds=seconds)
            if ran.code not in _NOT_THERE:
                break
        return ran

    async def logs(self, container: Container, lines: int = 400) -> str:
        """Return the last *lines* of both streams of its log."""
        return (await _run("logs", "--tail", str(lines), container.id, seconds=_LOGS)).text


async def _run(*words: str, given: bytes = b"", seconds: float) -> Ran:
    return await run(("docker", *words), given, deadline=seconds, passed=DOCKER)


def _unable(ran: Ran) -> NotAsked:
    """Return why docker could not tell. Its own words stay here: some quote what they could not read."""
    if ran.code is None:
        return NotAsked(f"docker did not answer within {LISTING:.0f} s", silent=True)
    said = ran.text
    known = next((reason for pattern, reason in _UNABLE if pattern.search(said)), None)
    return known or NotAsked("docker could not say what runs here", "Try it by hand: docker ps")


def _container(line: str) -> Container | None:
    """Return what a line of ``docker inspect`` says, None where it is not of that shape."""
    decoder, values, position = json.JSONDecoder(), [], 0
    try:
        while position < len(line):
            value, position = decoder.raw_decode(line, position)
            values.append(value)
            position += 1
        identity, name, image, status, code, restarting, network, created, *labels = values
        label = dict(zip(_LABELS, labels, strict=True))
    except (ValueError, RecursionError):
        return None
    state = ContainerState.RESTARTING if restarting is True else _state(status)
    return Container(
        id=_text(identity),
        name=_text(name).lstrip("/"),
        image=_text(image),
        state=state,
        exit_code=code if isinstance(code, int) and state is not ContainerState.RUNNING else None,
        network_mode=_text(network),
        project=_text(label["project"]),
        working_dir=_text(label["working_dir"]),
        config_files=_listed(label["config_files"]),
        environment_files=_listed(label["environment_files"]),
        service=_text(label["service"]),
        one_off=_text(label["one_off"]).lower() == "true",
        created=_text(created),
    )


def _state(word: Any) -> ContainerState:
    try:
        return ContainerState(word)
    except ValueError:
        return ContainerState.UNKNOWN


def _text(value: Any) -> str:
    return value[:4000] if isinstance(value, str) else ""


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(part for part in _text(value).split(",") if part)
