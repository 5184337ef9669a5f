"""Where the settings go: a target reads, plans, applies what was planned, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from wizard.model.secret import Secret
from wizard.model.untrusted import Untrusted

Values: TypeAlias = Mapping[str, str | Secret]
"""Settings by name; EMAIL_URL is always a ``Secret``."""


class Refused(Exception):  # noqa: N818  # the name that the contract gives it
    """The target must not be written; the reason is the message, and nothing was changed."""


class UncertainError(Exception):
    """Writing failed half-way or its outcome is not known; ``keys`` says in which state each key is."""

    def __init__(self, reason: str, keys: Mapping[str, KeyState]) -> None:
        super().__init__(reason)
        self.keys = dict(keys)


class KeyState(StrEnum):
    """What became, or would become, of one key."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_WRITTEN = "not_written"
    UNCERTAIN = "uncertain"
    AWAITING_APPROVAL = "awaiting_approval"


@dataclass(frozen=True, slots=True)
class Change:
    """One key of a plan, with its values masked for the review."""

    key: str
    state: KeyState
    before: str | None
    """Masked; None where the key is not there yet."""
    after: str
    """Masked."""
    note: str = ""
    """What differs, in a word: ``new key``, ``other port``; empty where nothing does."""

    def __post_init__(self) -> None:
        if self.before is not None:
            object.__setattr__(self, "before", Untrusted(self.before))
        object.__setattr__(self, "after", Untrusted(self.after))


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be written, decided once: the review shows it and ``apply`` executes this very value."""

    kind: str
    place: str
    """The file, or the Infisical folder, for people."""
    changes: tuple[Change, ...]
    facts: tuple[str, ...] = ()
    """Sentences beside the diff: ``2 of 61 lines``, mode, warnings."""
    sealed: Any = field(default=None, repr=False, compare=False)
    """What the target itself needs in order to apply this plan and notice that the world moved meanwhile."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", Untrusted(self.place))
        object.__setattr__(self, "facts", tuple(Untrusted(fact) for fact in self.facts))

    @property
    def changes_nothing(self) -> bool:
        """Whether every key already has its value."""
        return all(change.state is KeyState.UNCHANGED for change in self.changes)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was written and read back."""

    kind: str
    place: str
    keys: Mapping[str, KeyState]
    facts: tuple[str, ...] = ()
    sealed: Any = field(default=None, repr=False, compare=False)
    """What ``undo`` needs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", Untrusted(self.place))
        object.__setattr__(self, "facts", tuple(Untrusted(fact) for fact in self.facts))

    @property
    def written(self) -> bool:
        """Whether the target now holds every value of the plan."""
        holds = {KeyState.CREATED, KeyState.CHANGED, KeyState.UNCHANGED}
        return all(state in holds for state in self.keys.values())

    def as_json(self) -> dict[str, Any]:
        """Return the contract's ``change`` object."""
        return {
            "target": self.kind,
            "written": self.written,
            "keys": {key: state.value for key, state in self.keys.items()},
        }


class TargetWriter(Protocol):
    """A place that settings can be written to."""

    async def read(self, keys: tuple[str, ...]) -> dict[str, Secret | None]:
        """Return the present value of each key, None where it is not there."""

    async def plan(self, values: Values) -> Plan:
        """Say what writing *values* would change. Raises Refused where it must not be done."""

    async def apply(self, plan: Plan) -> Receipt:
        """Write *plan* and read it back. Raises Refused (nothing changed) or Uncertain."""

    async def undo(self, receipt: Receipt) -> Receipt:
        """Put the old values back. Raises Refused when a value is no longer ours."""

    async def close(self) -> None:
        """End what the target holds open."""
