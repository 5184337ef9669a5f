"""The containers of GlitchTip's services: which of this project's are there, and in which state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.glitchtip import compose, discovery, docker, roles
from wizard.glitchtip.roles import Role
from wizard.model.containers import NotAsked
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.glitchtip.compose import ComposeReading
    from wizard.glitchtip.discovery import Project
    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session


@dataclass(frozen=True, slots=True)
class Running:
    """The services of GlitchTip that send mail, each with its containers; empty where it has none."""

    reading: ComposeReading
    services: Mapping[str, tuple[Container, ...]]

    def up(self) -> dict[str, Container]:
        """Return the services in which a program can be run, each with the first container that runs."""
        return {
            name: next(container for container in containers if container.is_up)
            for name, containers in self.services.items()
            if any(container.is_up for container in containers)
        }

    def down(self) -> tuple[str, ...]:
        """Return the services of which no container runs."""
        return tuple(name for name in self.services if name not in self.up())

    def is_worker(self, name: str) -> bool:
        """Whether the service *name* sends alerts and invitations, and another one serves the web interface."""
        return self.reading.services[name].role is Role.WORKER


async def find(draft: Draft, session: Session) -> Running | NotAsked:
    """Return what runs of the project, or why that is not known. One question to whoever runs the containers."""
    named = draft.app.compose_file
    if named is not None and discovery.is_missing(session.path(named)):
        return NotAsked(f"there is no compose file {Untrusted(named, 200)}")
    # Where the draft names no file, the labels of the containers do.
    listed = await docker.of(session).containers()
    if isinstance(listed, NotAsked):
        return listed
    try:
        reading = compose.read(draft, session, listed)
    except compose.ComposeError as error:
        return NotAsked(str(error).rstrip("."))
    if reading is None:
        return NotAsked(f"there is no compose file in {Untrusted(session.directory.absolute(), 200)}")
    if not reading.services:
        return NotAsked(f"{Untrusted(reading.file.name)} names no service of GlitchTip that sends mail")
    own = [container for container in listed if not container.one_off and _is_of(container, reading.project)]
    services = {name: tuple(one for one in own if one.service == name) for name in reading.services}
    if any(services.values()):
        return Running(reading, services)
    return NotAsked(_absent(listed, tuple(services)))


def _is_of(container: Container, project: Project) -> bool:
    """Whether compose made *container* for *project*, started from its directory or by ``-f``."""
    directories = {project.directory.absolute(), discovery.resolved(project.directory)}
    return any(map(container.belongs_to, directories)) or str(project.files[0].absolute()) in container.config_files


def _absent(listed: Sequence[Container], names: tuple[str, ...]) -> str:
    elsewhere = sorted({
        container.working_dir for container in listed
        if container.working_dir and not container.one_off and roles.is_glitchtip_image(container.image)
    })  # fmt: skip
    if elsewhere:
        where = ", ".join(Untrusted(directory, 200) for directory in elsewhere[:2])
        return f"GlitchTip's containers were started from {where}, and not from this directory"
    return f"there is no container of {', '.join(Untrusted(name, 40) for name in names[:6])}"
