"""Pasted pages of Postal, whichever step takes them: what an earlier step has proven stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.model.flow import Flow
from wizard.postal import page_merge, pages
from wizard.setup.step import Result

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState

_PLACE: Final = frozenset({"server.host", "server.port"})


def take_page(state: FlowState, pasted: str) -> Result:
    """Put what *pasted* holds into draft and session; the sentences say what was taken, and what stays."""
    page = pages.read(pasted, state.draft.app.name)
    # A rotation replaces the key alone: GlitchTip's server stays the one that its settings name.
    kept = page_merge.proven_keys(state.all_findings) | (_PLACE if state.kind is Flow.ROTATE else frozenset())
    merged = page_merge.merge(page, state.draft, kept, key=state.session.key)
    state.draft = merged.draft
    if merged.key is not None:
        state.session = replace(state.session, key=merged.key)
    return Result(sentences=merged.sentences)
