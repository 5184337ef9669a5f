"""Every scenario of the rehearsal, by name and by group."""

from __future__ import annotations

from typing import Final

from wizard.model.world import Group
from wizard.rehearsal.groups import credential, dns, mail, project, right, server, target
from wizard.rehearsal.state import ALNUM_KEY, Outcome, State, Zone

__all__ = ["ALNUM_KEY", "GROUPS", "STATES", "Outcome", "State", "Zone", "state"]

_GROUPS: Final = (
    ("right", "Everything right", "what a set-up and a rotation look like", right.STATES),
    ("dns", "DNS", "records that are missing, wrong or not seen yet", dns.STATES),
    ("server", "Server and port", "who answers, and with which certificate", server.STATES),
    ("credential", "Credential", "keys that Postal refuses", credential.STATES),
    ("mail", "Mail held, lost, delayed", "why 250 is not yet an arrival", mail.STATES),
    ("target", "Target and Infisical", "where the settings are written, and who may", target.STATES),
    ("project", "After writing", "settings that do not reach GlitchTip's containers", project.STATES),
)

GROUPS: Final = tuple(
    Group(key, title, lesson, tuple(one.scenario for one in states)) for key, title, lesson, states in _GROUPS
)
"""As the menu shows them."""

STATES: Final = tuple(one for _, _, _, states in _GROUPS for one in states)
"""In the order in which ``demo --list`` shows them."""

_BY_NAME: Final = {state.name: state for state in STATES}


def state(name: str) -> State:
    """Return the scenario called *name*. Raises KeyError."""
    return _BY_NAME[name]
