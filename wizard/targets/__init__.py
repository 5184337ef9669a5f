"""Where the settings are written: a target reads, plans, applies what was planned, and can roll back.

Plan and receipt are values: front ends show their public part, and hand them back to the target that made them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from wizard.model.secret import Secret
from wizard.model.untrusted import Untrusted

Values: TypeAlias = Mapping[str, str | Secret]
"""Settings by name; EMAIL_URL is always a ``Secret``."""
PreviousValues: TypeAlias = Mapping[str, str | Secret | None]
"""What a roll-back would put back, by key, as GlitchTip would get it; None: the key was not there and is removed."""

P_co = TypeVar("P_co", covariant=True)
"""The part of a plan or a receipt that the target keeps to itself. A front end has ``Plan[object]``."""
_Kind = TypeVar("_Kind")


class Refused(Exception):  # noqa: N818  # the name that the contract gives it
    """The target must not be written; the reason is the message, and nothing was changed."""


class NothingToRollBackError(Refused):
    """There is nothing that a roll-back could put back."""


class Origin(StrEnum):
    """Where the value of a key comes from."""

    OWN = "own"
    REFERENCE = "reference"
    """Infisical alone: the stored value holds ``${NAME}``, and what runs is its expansion."""
    IMPORT = "import"
    """Infisical alone: the folder has no such secret, another folder that it imports has."""


_NO_SECRETS: Final = frozenset({"DEFAULT_FROM_EMAIL", "EMAIL_USE_TLS", "EMAIL_USE_SSL"})
_WITHOUT_LOGIN: Final = re.compile(r"[a-z+]{1,20}://")
"""An EMAIL_URL that is a scheme and no more, such as consolemail://."""


def held(key: str, value: str) -> Secret:
    """Return what a target holds for *key*: masked as every value is, and searched for in all output if it is secret.

    A From that was searched for would be black in every sentence about it.
    """
    return Secret(value, hunted=key not in _NO_SECRETS and _WITHOUT_LOGIN.fullmatch(value) is None)


@dataclass(frozen=True, slots=True)
class Present:
    """What a target has for one key now, as GlitchTip gets it: references expanded, imports followed."""

    value: Secret | None
    """None where the key is not there."""
    origin: Origin = Origin.OWN
    source: str = ""
    """The names that a reference holds, or environment and folder of an import, such as ``prod:/shared``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", Untrusted(self.source, 160))

    @property
    def remark(self) -> str:
        """Where the value comes from, as the end of a sentence; empty where the key is the target's own."""
        if self.value is None or self.origin is Origin.OWN:
            return ""
        if self.origin is Origin.REFERENCE:
            return f"a reference to {self.source}"
        return f"an import from {self.source}" if self.source else "an import"


class KeyState(StrEnum):
    """What became, or would become, of one key."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_WRITTEN = "not_written"
    UNCERTAIN = "uncertain"
    AWAITING_APPROVAL = "awaiting_approval"


States: TypeAlias = Mapping[str, KeyState]
WRITTEN: Final = frozenset({KeyState.CREATED, KeyState.CHANGED})
"""What was put there and read back."""
FACT_WIDTH: Final = 600
"""Characters of a fact that are shown: it may be two sentences."""
_IN_PLACE: Final = WRITTEN | {KeyState.UNCHANGED}


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of the exported copy of an Infisical folder (``target.env_copy``)."""

    path: str
    keys: States
    absent: bool = False
    """There is no such file, and none is made: nothing is lacking."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Untrusted(self.path))

    @property
    def state(self) -> str:
        """In which state each key of it is, as the end of a sentence."""
        return f"in the copy {self.path}: {_spelled(self.keys)}"

    def as_json(self) -> dict[str, object]:
        """Return the contract's ``copy`` object."""
        return {"path": self.path, "keys": {key: state.value for key, state in self.keys.items()}}


class UncertainError(Exception):
    """Writing failed half-way or its outcome is not known; ``keys`` says in which state each key is."""

    def __init__(self, reason: str, keys: States, copy: Copy | None = None) -> None:
        super().__init__(reason)
        self.keys = dict(keys)
        self.copy = copy

    @property
    def written(self) -> bool:
        """Whether at least one key was created or changed and read back."""
        return _written(self.keys, self.copy)

    @property
    def all_keys(self) -> dict[str, KeyState]:
        """The state of each key, those of the copy with its path."""
        copied = {} if self.copy is None else {f"{key} in {self.copy.path}": one for key, one in self.copy.keys.items()}
        return {**self.keys, **copied}

    @property
    def states(self) -> str:
        """In which state each key is, in a sentence."""
        copied = "" if self.copy is None else f"; {self.copy.state}"
        return f"Now: {_spelled(self.keys)}{copied}."

    def as_json(self, kind: str) -> dict[str, object]:
        """Return the contract's ``change`` object for the target *kind*."""
        return change_object(kind, self.keys, self.copy)


class StoppedWritingError(UncertainError):
    """A signal or a cancellation came during the writing; ``keys`` says in which state each key is now.

    It takes the place of the CancelledError, which could not carry that.
    """

    def __init__(
        self, reason: str, keys: States, copy: Copy | None = None, *, receipt: Receipt[object] | None = None
    ) -> None:
        super().__init__(reason, keys, copy)
        self.receipt = receipt
        """What was written, where the writing came to its end first."""


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
        object.__setattr__(self, "note", Untrusted(self.note))


@dataclass(frozen=True, slots=True)
class Plan(Generic[P_co]):
    """What will be written, decided once: the review shows it and ``apply`` executes this very value."""

    kind: str
    location: str
    """The file, or the Infisical folder, for people."""
    changes: tuple[Change, ...]
    facts: tuple[str, ...] = ()
    """Sentences beside the diff: ``2 of 61 lines change``, mode, warnings."""
    copy: Plan[object] | None = None
    """What will be written to the exported copy, after this."""
    private: P_co = field(repr=False, compare=False, kw_only=True)
    """What the target needs in order to apply this plan and to notice that something changed meanwhile."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "location", Untrusted(self.location))
        object.__setattr__(self, "facts", tuple(Untrusted(fact, FACT_WIDTH) for fact in self.facts))

    def as_json(self) -> dict[str, object]:
        """Return the contract's ``change`` object of a dry run: what would become of each key, and nothing written."""
        keys = {change.key: change.state for change in self.changes}
        copied = self.copy
        copy = None if copied is None else Copy(copied.location, {one.key: one.state for one in copied.changes})
        return {**change_object(self.kind, keys, copy), "written": False}

    @property
    def parts(self) -> Iterator[Plan[object]]:
        """This plan, then its copy's: what a review shows, one after the other."""
        yield self
        if self.copy is not None:
            yield self.copy

    @property
    def changes_nothing(self) -> bool:
        """Whether every key already has its value, in the copy too."""
        return all(change.state is KeyState.UNCHANGED for part in self.parts for change in part.changes)


@dataclass(frozen=True, slots=True)
class Receipt(Generic[P_co]):
    """What was written and read back; of a roll-back: what was put back, and what is there now."""

    kind: str
    location: str
    keys: States
    facts: tuple[str, ...] = ()
    copy: Copy | None = None
    private: P_co = field(repr=False, compare=False, kw_only=True)
    """What the target needs for a roll-back."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "location", Untrusted(self.location))
        object.__setattr__(self, "facts", tuple(Untrusted(fact, FACT_WIDTH) for fact in self.facts))

    @property
    def written(self) -> bool:
        """Whether at least one key was created or changed and read back."""
        return _written(self.keys, self.copy)

    @property
    def complete(self) -> bool:
        """Whether every value of the plan is in place now, in the copy too."""
        copy_in_place = self.copy is None or self.copy.absent or set(self.copy.keys.values()) <= _IN_PLACE
        return set(self.keys.values()) <= _IN_PLACE and copy_in_place

    @property
    def awaits_approval(self) -> bool:
        """Whether a change request has to be approved before something changes."""
        return KeyState.AWAITING_APPROVAL in self.keys.values()

    def as_json(self) -> dict[str, object]:
        """Return the contract's ``change`` object."""
        return change_object(self.kind, self.keys, self.copy)


def _spelled(keys: States) -> str:
    return ", ".join(f"{key} {state.value.replace('_', ' ')}" for key, state in keys.items())


def _written(keys: States, copy: Copy | None) -> bool:
    return bool(WRITTEN & {*keys.values(), *(copy.keys.values() if copy is not None else ())})


def change_object(kind: str, keys: States, copy: Copy | None = None) -> dict[str, object]:
    """Return the contract's ``change`` object."""
    change: dict[str, object] = {
        "target": kind,
        "written": _written(keys, copy),
        "keys": {key: state.value for key, state in keys.items()},
    }
    return change if copy is None else {**change, "copy": copy.as_json()}


def private_part(value: Plan[object] | Receipt[object], kind: type[_Kind]) -> _Kind:
    """Return the private part of *value*. Raises TypeError where another target made it."""
    if not isinstance(value.private, kind):
        raise TypeError(f"this {type(value).__name__.lower()} was made by another target")
    return value.private


class TargetWriter(Protocol):
    """A place that settings can be written to."""

    async def read(self, keys: tuple[str, ...]) -> dict[str, Present]:
        """Return what is there for each key, as GlitchTip gets it. Raises Refused where it cannot be read."""

    async def plan(self, values: Values) -> Plan[object]:
        """Say what writing *values* would change. Raises Refused where it must not be done."""

    async def apply(self, plan: Plan[object]) -> Receipt[object]:
        """Write *plan* and read it back.

        Raises Refused (nothing changed) or UncertainError, and StoppedWritingError where it was cancelled.
        """

    async def previous(self) -> PreviousValues:
        """Return what ``roll_back`` would put back now. Raises Refused: no longer ours, or nothing to roll back to."""

    async def roll_back(self) -> Receipt[object]:
        """Put back what the last writing replaced, of this run or an earlier one, where its values are still there.

        The receipt's facts say what the target holds afterwards. Raises Refused (nothing changed), UncertainError and
        StoppedWritingError.
        """

    async def close(self) -> None:
        """End what the target holds open."""
