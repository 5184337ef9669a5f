"""What a further server of the rehearsal is, and what it gets to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.rehearsal.state import State


@dataclass(frozen=True, slots=True)
class Setting:
    """What a further server gets to know."""

    state: State
    directory: Path
    client_secret: str
    """Infisical's Universal Auth client secret of this run."""


class Part(Protocol):
    """A further server of the rehearsal, which runs in the same process and on loopback."""

    async def start(self) -> dict[str, Any]:
        """Listen, and return what the JSON line shall say of it."""

    def become(self, state: State) -> None:
        """Behave as *state* has it from now on."""

    async def stop(self) -> None:
        """Close everything."""
