"""The pretend world of a rehearsal, as steps and front ends know it; a real run has none.

It is handed over in the Session: nobody looks for it, and no step asks whether this is a rehearsal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.model.secret import Secret


class WorldError(Exception):
    """The world could not be changed; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What an operator would do in another program, which the rehearsal only pretends."""

    name: str
    """What is pretended, and where it would be done: ``pretend I did this in Postal``."""
    done: str
    """The sentence to say once it is done."""
    turns: frozenset[str] = frozenset()
    """What it makes right: ids of checks, keys of answers, or ``target`` where the target refuses."""
    at: frozenset[str] = frozenset()
    """The steps where it can be done although nothing is wrong there yet."""
    domain: tuple[tuple[str, object], ...] = ()
    """What Postal's page shows differently from then on, by the fields of ``Domain``."""
    restarts: bool = False
    """Whether the containers are recreated with it."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to rehearse."""

    name: str
    lesson: str
    """What one learns in it, in a few words."""
    first: str
    """The choice of the start to begin with."""


@dataclass(frozen=True, slots=True)
class Group:
    """Scenarios of one kind."""

    key: str
    title: str
    lesson: str
    scenarios: tuple[Scenario, ...]


class World(Protocol):
    """The servers of a rehearsal, which can be changed while they run."""

    @property
    def scenario(self) -> Scenario:
        """What is rehearsed now."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every scenario, grouped, in the order of the menu."""

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What can still be fixed in the present scenario."""

    @property
    def keeps(self) -> bool:
        """Whether its files are still there after its end."""

    @property
    def info(self) -> Mapping[str, Any]:
        """Where the servers are, and the keys of this run: what ``demo --serve`` prints."""

    async def fix(self, fix: Fix) -> Secret | None:
        """Let *fix* be done; return the key of the credential that was made for it, if any. Raises WorldError."""

    async def rehearse(self, name: str) -> None:
        """End the present servers and start those of the scenario *name*. Raises WorldError: nothing changed then."""

    async def mails(self) -> Sequence[bytes]:
        """Return what is in the recipient's mailbox, the newest first."""
