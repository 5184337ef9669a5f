"""The one writing: a plan is applied, and what it replaced is kept for the roll-back and for "revoke"."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard.glitchtip.replaced import Replaced
from wizard.setup.writing import KEYS
from wizard.targets import StoppedWritingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.setup.flow import FlowState
    from wizard.targets import Plan, Present, Receipt


async def write(state: FlowState, plan: Plan[object]) -> Receipt[object]:
    """Write *plan*, and keep in *state* what came of it and what it replaced.

    Raises Refused, UncertainError, and StoppedWritingError: where the writing had come to its end, that is kept too.
    """
    writer = state.writer()
    before = await writer.read(KEYS)
    at = datetime.now(UTC)
    try:
        receipt = await writer.apply(plan)
    except StoppedWritingError as stopped:
        if stopped.receipt is not None:
            _keep(state, stopped.receipt, before, at)
        raise
    _keep(state, receipt, before, at)
    return receipt


def _keep(state: FlowState, receipt: Receipt[object], before: Mapping[str, Present], at: datetime) -> None:
    state.receipt = receipt
    state.replaced = Replaced(before["EMAIL_URL"].value, before["DEFAULT_FROM_EMAIL"].value, at)
