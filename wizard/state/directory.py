"""Where the state directory is."""

from __future__ import annotations

import os
from pathlib import Path


class StateError(Exception):
    """The state directory cannot be used; the message is one sentence."""


def state_home() -> Path:
    """Return ``$XDG_STATE_HOME/postal-wizard``; as XDG says, a relative value counts as unset."""
    named = os.environ.get("XDG_STATE_HOME", "")
    home = Path(named) if Path(named).is_absolute() else Path.home() / ".local" / "state"
    return home / "postal-wizard"
