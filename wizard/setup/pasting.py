"""Pasted pages of Postal, whichever step takes them: what an earlier step has proven stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wizard.model.flow import Flow
from wizard.setup.step import Result

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState

_PLACE: Final = frozenset({"server.host", "server.port"})


def take_page(state: FlowState, pasted: str) -> Result:
    """Put what *pasted* holds into draft and session; the sentences say what was taken, and what stays."""
    from wizard.postal import page_merge, pages  # start-up: 26 ms and 0.5 MiB

    page = pages.read(pasted, state.draft.app.name)
    # What the step itself asks for is what is pasted there: a new key in place of the one that was proven, for one.
    own = frozenset(key for key in page.values if key.startswith(f"{state.key}."))
    # A rotation replaces the key alone: GlitchTip's server stays the one that its settings name.
    kept = page_merge.proven_keys(state.all_findings) - own | (_PLACE if state.kind is Flow.ROTATE else frozenset())
    merged = page_merge.merge(page, state.draft, kept, key=state.session.key)
    state.draft = merged.draft
    if merged.key is not None:
        state.session = replace(state.session, key=merged.key)
    if pages.CHECKED in merged.taken:
        # Postal's status now says more than the signature of a mail that was sent before.
        state.session = replace(state.session, signature=None, status_when=datetime.now(UTC))
    return Result(sentences=merged.sentences)
