"""Secrets that the environment of this process holds."""

from __future__ import annotations

import os

from wizard.model.errors import UsageError
from wizard.model.secret import Secret


def secret_from_environment(*names: str) -> tuple[str, Secret] | None:
    """Return the first of *names* that is set in the environment, with its value; None where none is."""
    for name in names:
        value = os.environ.get(name, "").strip()
        if value:
            if not value.isascii() or not value.isprintable():
                raise UsageError(f"{name} in the environment holds a character that is not printable ASCII.")
            return name, Secret(value)
    return None
