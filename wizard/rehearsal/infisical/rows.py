"""What the pretend Infisical is made of: folders, rows and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import uuid4

Answer: TypeAlias = tuple[int, dict[str, Any]]

Folder: TypeAlias = tuple[str, str]
"""Environment and path."""

BROKEN: Final = object()
"""In place of a body: what claims to be JSON and is none."""

ENVIRONMENTS: Final = (("Development", "dev"), ("Staging", "staging"), ("Production", "prod"))


@dataclass(slots=True)
class Row:
    """One secret."""

    key: str
    value: str
    version: int = 1
    id: str = field(default_factory=lambda: str(uuid4()))


def now() -> str:
    """Return the time as the server writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
