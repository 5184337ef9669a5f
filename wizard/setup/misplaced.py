"""A secret that was typed into a plain field: it is refused there, and offered to the field where it belongs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.model.secret import Secret
from wizard.model.secret_shapes import looks_like_secret

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState

_POSTAL: Final = "Postal key"
_CLIENT: Final = "client secret"


def sentence(typed: str) -> str:
    """Return why *typed* is not taken in a field that is shown and saved; empty where it may be."""
    kind = looks_like_secret(typed)
    return f"This looks like a {kind}. It is not kept here: this field is shown and saved." if kind else ""


def question(typed: str) -> str:
    """Return the offer to put *typed* where it belongs; empty where the wizard has no field for it."""
    kind = looks_like_secret(typed)
    if kind == _POSTAL:
        return "Use it as the key of Postal's credential?"
    return "Use it as Infisical's client secret?" if kind == _CLIENT else ""


def accept(state: FlowState, typed: str) -> str:
    """Put *typed* where it belongs, and say so without quoting it."""
    secret = Secret(typed.strip())
    if looks_like_secret(typed) == _POSTAL:
        state.session = replace(state.session, key=secret)
        return "It is the key of Postal's credential now."
    state.session = replace(state.session, client_secret=secret)
    return "It is Infisical's client secret now."
