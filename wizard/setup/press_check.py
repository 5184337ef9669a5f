"""The press of Check: what is said at every step from the sender on, until it is known to be done.

Postal signs with the domain's own key, and sends from its return path, only once somebody has pressed it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.finding import needs_check_pressed

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.setup.flow import FlowState


def lines(state: FlowState) -> list[str]:
    """Return the remedy as a line; none where it is pressed, does not matter, or is not known to be missing."""
    return [f"WARN {one.remedy}" for one in state.all_findings if one.remedy and needs_check_pressed([one])]


def pressed(draft: Draft) -> Draft:
    """Return *draft* after the operator's word that it is pressed: an older stored status holds no longer."""
    domain = replace(draft.domain, checked_in_postal=True, stored_spf="", stored_dkim="", stored_return_path="")
    return replace(draft, domain=replace(domain, stored_mx=""))
