"""Which services of GlitchTip have a network of their own, so that ``localhost`` in them is not this host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.glitchtip import compose, running
from wizard.model.containers import NotAsked
from wizard.system.threads import in_daemon

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session

READING: float = 5.0
"""Seconds for reading the project's files."""


async def apart(draft: Draft, session: Session) -> tuple[str, ...]:
    """Return the services that send mail from a network of their own; empty where none is known.

    The files of the project count, and so do its containers: either is enough. The daemon is asked only where the
    files do not settle it.
    """
    try:
        services = await in_daemon(lambda: of_files(draft, session), READING)
    except OSError:  # TimeoutError is one
        services = ()
    if services:
        return services
    shown = await running.find(draft, session)
    if isinstance(shown, NotAsked):
        return ()
    return tuple(
        name
        for name, containers in shown.services.items()
        if any(container.network_mode and not container.on_host_network for container in containers)
    )


def of_files(draft: Draft, session: Session) -> tuple[str, ...]:
    """Return the services that the compose files give a network of their own."""
    try:
        reading = compose.read(draft, session)
    except compose.ComposeError:
        return ()
    services = reading.services.values() if reading is not None else ()
    return tuple(service.name for service in services if service.network_mode != "host")
