"""What a folder has for a key, as it is stored and as GlitchTip gets it: own values, references, imports.

infisical.md sections 5 and 8a: ``infisical run`` expands references and follows imports, a plain GET does neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.model.secret import Secret, plaintext
from wizard.targets import Origin, Present, Refused
from wizard.targets.infisical.api import HiddenError
from wizard.targets.infisical.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Collection

    from wizard.targets.infisical.api import InfisicalApi, Value

NO_VALUE_RIGHT: Final = (
    "The identity may see that the secret is there but not read its value, so nothing could be proven: "
    "give its role the permission to read values."
)
_REFERENCE: Final = re.compile(r"\$\{([^{}]{1,200})\}")


@dataclass(frozen=True, slots=True)
class SecretReading:
    """One key as it is stored in the folder itself, and as GlitchTip gets it."""

    own: Value | None = field(repr=False)
    """As stored: a reference stays one. None where the folder itself has no such secret."""
    value: Value | None = field(repr=False)
    """Expanded, or imported. None where the key is not there at all."""
    origin: Origin = Origin.OWN
    source: str = ""
    """The names in a reference, or environment and folder of an import; empty where that is not known."""

    @property
    def present(self) -> Present:
        """What a front end is given of it; what was not read as a secret is not searched for in output either."""
        value = self.value
        return Present(Secret(value, hunted=False) if isinstance(value, str) else value, self.origin, self.source)


async def read(
    api: InfisicalApi, place: dict[str, str], keys: Collection[str], secret: Collection[str]
) -> dict[str, SecretReading]:
    """Return what the folder has for each of *keys*; those in *secret* as a Secret. Raises Refused."""
    try:
        own = {key: await api.get(place, key) for key in keys}
        absent = tuple(key for key, value in own.items() if value is None)
        imported = await _imported(api, place, absent) if absent else {}
        found = {key: await _reading(api, place, value, key, imported) for key, value in own.items()}
    except HiddenError:
        raise Refused(NO_VALUE_RIGHT) from None
    except ApiError as error:
        raise Refused(str(error)) from None
    return {key: reading if key in secret else _plain(reading) for key, reading in found.items()}


async def _reading(
    api: InfisicalApi, place: dict[str, str], own: Secret | None, key: str, imported: dict[str, str]
) -> SecretReading:
    if own is None and key not in imported:
        return SecretReading(None, None)
    if own is None:
        value = await api.get(place, key, effective=True)
        return SecretReading(None, value, Origin.IMPORT, imported[key])
    names = dict.fromkeys(_REFERENCE.findall(own.reveal()))
    if not names:
        return SecretReading(own, own)
    value = await api.get(place, key, effective=True)
    return SecretReading(own, value, Origin.REFERENCE, ", ".join(names))


async def _imported(api: InfisicalApi, place: dict[str, str], keys: tuple[str, ...]) -> dict[str, str]:
    """Return the keys that come in by an import, with their source. Raises ApiError where listing is forbidden."""
    try:
        return await api.imported_from(place, keys)
    except ApiError as error:
        if error.is_dead_token or error.is_forbidden:
            raise
    # Such as a folder of over 1 MiB: asked one by one, where the answer does not name the source.
    found = {}
    for key in keys:
        if await api.get(place, key, effective=True) is not None:
            found[key] = ""
    return found


def _plain(reading: SecretReading) -> SecretReading:
    """Return *reading* without Secrets: what is none would be masked wherever it shows."""
    own, value = (None if text is None else plaintext(text) for text in (reading.own, reading.value))
    return SecretReading(own, value, reading.origin, reading.source)
