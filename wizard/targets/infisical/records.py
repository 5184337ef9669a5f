"""What an Infisical plan and its receipt keep for later: what to write, what stood there, what to put back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.model.secret import Secret
from wizard.targets import WRITTEN

if TYPE_CHECKING:
    from wizard.targets import Receipt
    from wizard.targets.infisical.folder import Value

KIND: Final = "infisical"


@dataclass(frozen=True, slots=True)
class InfisicalPlanned:
    """What apply needs of the plan."""

    place: dict[str, str]
    folder: tuple[str, str, str] | None
    """Project, environment and path of the folder to make; None where it is there."""
    before: dict[str, Value | None] = field(repr=False)
    values: dict[str, Value] = field(repr=False)

    @property
    def secret(self) -> frozenset[str]:
        """The keys whose values are secrets."""
        return frozenset(key for key, value in self.values.items() if isinstance(value, Secret))


@dataclass(frozen=True, slots=True)
class Undo:
    """What undo needs of the receipt: for each key the value before and ours."""

    place: dict[str, str]
    keys: dict[str, tuple[Value | None, Value]] = field(repr=False)
    secret: frozenset[str]


def replaced(receipt: Receipt[object]) -> dict[str, tuple[Value | None, Value]]:
    """Return what *receipt* replaced, by key: the value before (None: there was none) and ours."""
    undo = receipt.private
    if not isinstance(undo, Undo):
        return {}
    return {key: pair for key, pair in undo.keys.items() if receipt.keys.get(key) in WRITTEN}
