"""The own logs of GlitchTip's services, fetched where their containers can be asked: what troubleshooting reads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import docker, running
from wizard.model.containers import NotAsked

if TYPE_CHECKING:
    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session

_LINES: Final = 400


async def service_logs(session: Session, draft: Draft) -> str | NotAsked:
    """Return the newest lines of every service that sends mail, each behind ``SERVICE-1  | `` as compose prints them.

    Also of services that are restarting or have exited. Untrusted, and a key may be in it: for ``diagnosis`` alone,
    which repeats nothing of it, or through ``mail_log.email_lines``.
    """
    found = await running.find(draft, session)
    if isinstance(found, NotAsked):
        return found
    asked = [(name, container) for name, containers in found.services.items() for container in containers]
    texts = await asyncio.gather(*(_log(session, name, container) for name, container in asked))
    return "\n".join(text for text in texts if text)


async def _log(session: Session, name: str, container: Container) -> str:
    lines = (await docker.of(session).logs(container, _LINES)).splitlines()
    return "\n".join(f"{name}-1  | {line}" for line in lines)
