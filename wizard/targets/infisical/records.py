"""What an Infisical plan and its writer keep for later: what to write, what was there, what to put back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from wizard.model.secret import Secret, plaintext
from wizard.targets.env_copy import BothWritten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.targets import Receipt
    from wizard.targets.infisical.api import Generation, Value
    from wizard.targets.infisical.reading import SecretReading

KIND: Final = "infisical"


@dataclass(frozen=True, slots=True)
class InfisicalFacts:
    """What is known of the server and of the project: what the hand-over needs (rollout/infisical_run.py)."""

    project_id: str = ""
    """Empty before it was looked up."""
    generation: Generation | None = None
    """None before it was asked."""
    by_token: bool = False
    """Whether a token was given in place of a login."""
    names: frozenset[str] | None = None
    """The secrets that `infisical run` gives from this folder; None where they were not listed."""


@dataclass(frozen=True, slots=True)
class InfisicalPlanned:
    """What apply needs of the plan."""

    place: dict[str, str]
    folder: tuple[str, str, str] | None
    """Project, environment and path of the folder to make; None where it is there."""
    before: dict[str, SecretReading] = field(repr=False)
    values: dict[str, Value] = field(repr=False)
    unchanged: frozenset[str]
    """Keys whose value is there already, if only by a reference or an import."""

    @property
    def secret(self) -> frozenset[str]:
        """The keys whose values are secrets."""
        return frozenset(key for key, value in self.values.items() if isinstance(value, Secret))


class Earlier(Protocol):
    """What an earlier writing replaced, of this run or (from the operator's keyring) of another one."""

    @property
    def values(self) -> Mapping[str, Value | None]:
        """By key, as it was stored; None where the folder had none."""

    @property
    def expanded(self) -> Mapping[str, Value | None]:
        """The same as GlitchTip got it: references expanded."""

    def is_ours(self, key: str, value: str) -> bool:
        """Whether *value* is the one that was written then."""


@dataclass(frozen=True, slots=True)
class ReplacedSecrets:
    """What a writing of this run replaced."""

    values: dict[str, Value | None] = field(repr=False)
    expanded: dict[str, Value | None] = field(repr=False)
    ours: dict[str, Value] = field(repr=False)

    def is_ours(self, key: str, value: str) -> bool:
        """Whether *value* is the one that was written."""
        ours = self.ours.get(key)
        return ours is not None and plaintext(ours) == value


def replaced(receipt: Receipt[object]) -> ReplacedSecrets | None:
    """Return what the writing of *receipt* replaced in Infisical, None where it replaced nothing there."""
    private = receipt.private
    if isinstance(private, BothWritten):
        return replaced(private.main)
    return private if isinstance(private, ReplacedSecrets) else None
