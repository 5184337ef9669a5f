"""Infisical and the exported ``.env`` copy of it, written as one target: Infisical first, read back, then the copy.

A deployment may export a folder to a ``.env`` and start from that (glitchtip.md section 7a): a key that was changed in
Infisical alone comes back with the next ``docker compose up -d``. No front end has to know that there are two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wizard.model.untrusted import Untrusted
from wizard.targets import (
    Copy,
    KeyState,
    Plan,
    Present,
    PreviousValues,
    Receipt,
    Refused,
    States,
    StoppedWritingError,
    UncertainError,
    Values,
    private_part,
)

if TYPE_CHECKING:
    from wizard.targets import TargetWriter
    from wizard.targets.env_file.target import EnvFile

COPIED: Final = ("DEFAULT_FROM_EMAIL", "EMAIL_URL")
"""What is written to the copy; every other line of it stays."""


@dataclass(frozen=True, slots=True)
class BothPlanned:
    """The plans of the two."""

    main: Plan[object]
    copy: Plan[object] | None
    """None where there is no such file."""


@dataclass(frozen=True, slots=True)
class BothWritten:
    """The receipt of the first of the two: what was replaced there."""

    main: Receipt[object]


class WithCopy:
    """*main* (Infisical) and its exported *copy*."""

    def __init__(self, main: TargetWriter, copy: EnvFile) -> None:
        self.main = main
        self._copy = copy

    async def read(self, keys: tuple[str, ...]) -> dict[str, Present]:
        """Return what Infisical has. Raises Refused."""
        return await self.main.read(keys)

    async def plan(self, values: Values) -> Plan[BothPlanned]:
        """Plan both. Raises Refused where either must not be written: then neither is."""
        plan = await self.main.plan(values)
        copied = await self._plan_copy(values)
        facts = list(plan.facts)
        if copied is None:
            facts.append(f"the copy {self._shown} is not there, and is not made")
        private = BothPlanned(plan, copied)
        return Plan(plan.kind, plan.location, plan.changes, tuple(facts), copied, private=private)

    async def apply(self, plan: Plan[object]) -> Receipt[BothWritten]:
        """Write both, the copy only once Infisical has all values. Raises as the protocol says."""
        both = private_part(plan, BothPlanned)
        unwritten = self._copy_states(both, KeyState.NOT_WRITTEN)
        stopped: StoppedWritingError | None = None
        try:
            receipt = await self.main.apply(both.main)
        except StoppedWritingError as error:
            if error.receipt is None or not error.receipt.complete:
                raise StoppedWritingError(str(error), error.keys, unwritten) from None
            receipt, stopped = error.receipt, error  # a stale copy would undo what is written: it is a moment's work
        except UncertainError as error:
            raise UncertainError(str(error), error.keys, unwritten) from None
        copy, facts = await self._write_copy(both, receipt)
        done = Receipt(
            receipt.kind, receipt.location, receipt.keys, (*receipt.facts, *facts), copy, private=BothWritten(receipt)
        )
        if stopped is not None:
            raise StoppedWritingError(" ".join([str(stopped), *facts]), done.keys, copy, receipt=done)
        return done

    async def previous(self) -> PreviousValues:
        """Return what would be put back in Infisical. Raises Refused."""
        return await self.main.previous()

    async def roll_back(self) -> Receipt[None]:
        """Put back both, Infisical first; a copy that is no longer ours is left, and the facts say so."""
        left = Copy(str(self._copy.path), dict.fromkeys(COPIED, KeyState.NOT_WRITTEN))
        stopped: StoppedWritingError | None = None
        try:
            receipt = await self.main.roll_back()
        except StoppedWritingError as error:
            if error.receipt is None:
                raise StoppedWritingError(str(error), error.keys, left) from None
            receipt, stopped = error.receipt, error
        except UncertainError as error:
            raise UncertainError(str(error), error.keys, left) from None
        copy, facts = await self._roll_back_copy(left)
        done = Receipt(receipt.kind, receipt.location, receipt.keys, (*receipt.facts, *facts), copy, private=None)
        if stopped is not None:
            raise StoppedWritingError(" ".join([str(stopped), *facts]), done.keys, copy, receipt=done)
        return done

    async def close(self) -> None:
        """End what Infisical holds open."""
        await self.main.close()

    @property
    def _shown(self) -> str:
        return Untrusted(self._copy.path)

    async def _plan_copy(self, values: Values) -> Plan[object] | None:
        try:
            if not await self._copy.is_there():
                return None
            return await self._copy.plan({key: value for key, value in values.items() if key in COPIED})
        except Refused as refused:
            raise Refused(f"The copy cannot be written, so Infisical is not written either. {refused}") from None

    def _copy_states(self, both: BothPlanned, state: KeyState) -> Copy:
        if both.copy is None:
            return Copy(str(self._copy.path), dict.fromkeys(COPIED, KeyState.NOT_WRITTEN), absent=True)
        return Copy(str(self._copy.path), {change.key: state for change in both.copy.changes})

    async def _write_copy(self, both: BothPlanned, receipt: Receipt[object]) -> tuple[Copy, tuple[str, ...]]:
        """Write the copy where Infisical has everything; return what became of it, with a sentence."""
        unwritten = self._copy_states(both, KeyState.NOT_WRITTEN)
        if both.copy is None:
            return unwritten, (f"The copy {self._shown} is not there, and was not made.",)
        if not receipt.complete:
            return unwritten, (f"The copy {self._shown} was left as it is: Infisical has not changed yet.",)
        try:
            written = await self._copy.apply(both.copy)
        except Refused as refused:
            return unwritten, (self._stale(str(refused)),)
        except UncertainError as error:
            return self._with(error.keys), (self._stale(str(error)),)
        return self._with(written.keys), written.facts

    async def _roll_back_copy(self, left: Copy) -> tuple[Copy, tuple[str, ...]]:
        try:
            if not await self._copy.is_there():
                return replace(left, absent=True), (f"The copy {self._shown} is not there.",)
            put_back = await self._copy.roll_back()
        except Refused as refused:
            words = (
                f"The copy was left as it is: {refused} The next docker compose up -d starts GlitchTip with "
                "what it has: export it again."
            )
            return left, (words,)
        except UncertainError as error:
            return self._with(error.keys), (f"Whether the copy was put back is not known. {error}",)
        return self._with(put_back.keys), tuple(f"In the copy: {fact}" for fact in put_back.facts)

    def _with(self, keys: States) -> Copy:
        return Copy(str(self._copy.path), keys)

    def _stale(self, reason: str) -> str:
        return (
            f"The copy {self._shown} could not be written: {reason} Infisical has the new settings, but the "
            "next docker compose up -d would start GlitchTip with the old key from the copy: export it again "
            "first."
        )
