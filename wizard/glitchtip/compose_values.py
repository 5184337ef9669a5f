"""The whole environment that compose gives to each service of GlitchTip: what a container is created with."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING

from wizard.glitchtip import compose_env, compose_files, interpolation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.glitchtip.compose import ComposeReading
    from wizard.glitchtip.compose_files import RawService


def environments(reading: ComposeReading, given: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """Return the environment of each service that sends mail, by its name. Raises ComposeError.

    *given*: variables of the shell that compose is started in (``infisical run`` gives some); they go before the
    `.env`. All values are in it, other programs' secrets too: for handing over, never for showing.
    """
    project = reading.project
    shell: dict[str, str | None] = dict(given or {})
    known = ChainMap(shell, dict(compose_files.env_values(project.env_files, {})))
    files = compose_files.read(project.files, project.directory, known)
    return {name: _environment(files.services[name]) for name in reading.services if name in files.services}


def _environment(raw: RawService) -> dict[str, str]:
    found: dict[str, str] = {}
    for named in raw.body.env_files:
        path = named.base / interpolation.interpolated(named.name, raw.known, lenient=True)
        for key, entry in compose_env.read(path, raw.known, raw=named.raw).entries.items():
            value = entry.value if entry.value is not None else raw.known.get(key)
            if value is not None:
                found[key] = value
    for key, row in raw.body.environment.items():
        # A bare name that is set nowhere is not passed on at all.
        value = (
            raw.known.get(key) if row.value is None else interpolation.interpolated(row.value, raw.known, lenient=True)
        )
        if value is not None:
            found[key] = value
    return found
