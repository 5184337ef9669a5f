"""Every place that has the settings, compared: the target, the files, the containers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.model.draft import InfisicalTarget

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState

_PLACES: Final = "places"


async def look(state: FlowState, *, log_in: bool) -> None:
    """Compare every place that has the settings, and keep the table for the page and its summary.

    *log_in*: whether Infisical is asked too, which takes a login, and so a press of the operator's.
    """
    from wizard.rollout import drift, drift_table, restart  # start-up: 17 ms

    if not drift.is_worthwhile(state.draft, state.session):
        return
    session = state.session if log_in else replace(state.session, client_secret=None, token=None)
    has_login = bool(session.client_secret or session.token)
    writer = state.writer() if isinstance(state.draft.target, InfisicalTarget) and has_login else None
    rows = await drift.table(state.draft, session, writer)
    found = restart.find(state.draft, state.session)
    state.facts[_PLACES] = [drift_table.summary(rows), *drift_table.lines(rows, found)]


def table(state: FlowState) -> tuple[str, tuple[str, ...]]:
    """Return the comparison of all places: one sentence, and the table; both empty where nothing was compared."""
    kept = state.facts.get(_PLACES, [])
    return (kept[0], tuple(kept[1:])) if kept else ("", ())


def forget(state: FlowState) -> None:
    """Forget the comparison: the settings have changed since."""
    state.facts.pop(_PLACES, None)
