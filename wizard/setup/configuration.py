"""The checks of this project's own configuration, as every step runs them: config findings and containers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wizard.model.codes import Check

if TYPE_CHECKING:
    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState

RECORD: Final = "review"
"""The step under which the findings are kept: they are about what will be written."""


def about(state: FlowState) -> object:
    """Return what the configuration's findings are about."""
    draft = state.draft
    return (draft.app, draft.server, draft.credential, draft.target, state.session.key, state.receipt is None)


async def judge(state: FlowState, on_event: Listener) -> list[Finding]:
    """Judge the project as it will be after the writing; what is about to be replaced is not a fault.

    Where the target was asked and has every value already, nothing is about to be replaced: the containers have to run
    with these settings now, and are compared with them.
    """
    from wizard.checks import container  # start-up: 180 ms
    from wizard.checks.config import run as config  # start-up: 58 ms

    subject = about(state)
    groups = await asyncio.gather(
        config.check(state.draft, state.session, on_event, replacing=True),
        container.check(state.draft, state.session, on_event, compare=state.has_nothing_to_write),
    )
    findings = [finding for group in groups for finding in group]
    if state.has_nothing_to_write:
        state.records.pop("done", None)  # what was seen there, before a change request was approved, is over
    state.found(RECORD, findings, about, subject=subject)
    return findings


async def glance(state: FlowState, on_event: Listener) -> list[Finding]:
    """Judge, before anything was answered, what is there already: compose file, environment and git."""
    from wizard.checks.config import run as config  # start-up: 58 ms

    findings = await config.check(state.draft, state.session, on_event, replacing=True)
    early = {Check.ENVIRONMENT, Check.COMPOSE, Check.GIT}
    kept = [finding for finding in findings if finding.check in early]
    # Once the review has judged the same project with the answers, this glance counts no more.
    state.found("start", kept, lambda now: RECORD in now.records)
    return kept
