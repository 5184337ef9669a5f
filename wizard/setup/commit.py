"""The one writing: a plan is applied, and what it replaced is kept for the roll-back and for "revoke"."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard.glitchtip.replaced import Replaced
from wizard.setup.writing import KEYS

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState
    from wizard.targets import Plan, Receipt


async def write(state: FlowState, plan: Plan[object]) -> Receipt[object]:
    """Write *plan*, and keep in *state* what came of it and what it replaced. Raises Refused, UncertainError."""
    writer = state.writer()
    before = await writer.read(KEYS)
    at = datetime.now(UTC)
    state.receipt = await writer.apply(plan)
    state.replaced = Replaced(before["EMAIL_URL"].value, before["DEFAULT_FROM_EMAIL"].value, at)
    return state.receipt
