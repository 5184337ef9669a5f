"""Proofs that a later rotation may keep: which, about what, since when. One small file a target; never a secret."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wizard.state.directory import StateError
from wizard.system import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wizard.state.journal import Journal

_NAME: Final = "proofs.json"
_LONGEST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Proven:
    """One proof of an earlier run."""

    about: tuple[str, str, str]
    """From, server as ``host:port``, org/server."""
    when: datetime


def recall(journal: Journal) -> dict[str, Proven]:
    """Return what is kept for the journal's target; a file that is broken, of another schema or not ours is none."""
    if not journal.is_ours():
        return {}
    try:
        kept: Any = json.loads(files.read_own(journal.directory / _NAME, _LONGEST))
        return {} if kept["schema"] != 1 else {str(name): _proven(one) for name, one in kept["proofs"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return {}


def _proven(one: Any) -> Proven:
    first, second, third = one["about"]
    return Proven((str(first), str(second), str(third)), datetime.fromisoformat(one["when"]).astimezone())


def keep(journal: Journal, proven: Iterable[str], about: tuple[str, str, str], now: datetime | None = None) -> None:
    """Keep the proofs named in *proven* beside those that are kept; one that is about something else is dropped."""
    when = now or datetime.now(UTC)
    kept: Mapping[str, Proven] = {name: one for name, one in recall(journal).items() if one.about == about}
    new = {**kept, **{name: Proven(about, when) for name in proven}}
    if not new:
        return
    rows = [(name, list(one.about), one.when.isoformat(timespec="seconds")) for name, one in new.items()]
    table = {name: {"about": subject, "when": day} for name, subject, day in rows}
    try:
        files.write_private(journal.ready() / _NAME, json.dumps({"schema": 1, "proofs": table}, indent=1) + "\n")
    except OSError as error:
        raise StateError(f"The proofs could not be saved: {error.strerror}.") from None
