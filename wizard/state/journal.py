"""Resume: the draft, the step it was left at and what the operator confirmed by hand, saved 0600 at every step.

Never a secret: the key has to be given again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wizard.model import answers
from wizard.model.flow import STEP_KEYS, Flow
from wizard.model.secret_shapes import drop_secrets
from wizard.model.untrusted import Untrusted
from wizard.state import answers_file
from wizard.state.directory import StateError, state_home
from wizard.system import files

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.draft import Draft


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as it was left."""

    draft: Draft
    step: str
    kind: Flow
    confirmed: frozenset[str] = frozenset()
    """Checklist items that the operator confirmed by hand."""
    when: datetime = field(default_factory=lambda: datetime.now(UTC))


class Journal:
    """The entry of one target: a 0700 directory with the draft, the journal, the log and the backups."""

    def __init__(self, home: Path, target: str) -> None:
        """Name the entry after *target* (a resolved path or a URL with its folder); nothing is created yet."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", target).strip("-")[-40:].strip("-") or "target"
        digest = hashlib.sha256(target.encode("utf-8", "surrogateescape")).hexdigest()[:10]
        self.home = home
        self.directory = home / f"{readable}-{digest}"

    @classmethod
    def beside(cls, directory: Path, home: Path | None = None) -> Journal:
        """Return the entry of the ``.env`` in *directory*, under which the draft of a run from there is kept."""
        return cls(home or state_home(), str((directory / ".env").resolve()))

    def ready(self) -> Path:
        """Make the directory, 0700 with its parent, and return it. Raises StateError.

        A link, a directory of another user and one in which others may write are refused: what is in it may be theirs.
        """
        for path in (self.home, self.directory):
            try:
                files.private_directory(path)
            except files.NotOursError:
                raise StateError(
                    f"{Untrusted(path)} is not your own directory: nothing can be kept there. Set "
                    "XDG_STATE_HOME to a directory that only you may write in."
                ) from None
            except OSError as error:
                raise StateError(f"The state directory cannot be made: {error.strerror}; set XDG_STATE_HOME.") from None
        return self.directory

    def is_ours(self) -> bool:
        """Whether the entry is there, and nobody else made it or can have put anything into it."""
        return all(files.is_private_directory(path) for path in (self.home, self.directory))

    def save(self, saved: Saved) -> None:
        """Write draft and journal, each in one atomic step. Raises StateError."""
        directory = self.ready()
        place = {
            "schema": 1,
            "step": saved.step,
            "way": saved.kind.value,
            "confirmed": sorted(saved.confirmed),
            "when": saved.when.isoformat(timespec="seconds"),
        }
        try:
            files.write_private(directory / "draft.toml", drop_secrets(answers.dumps(saved.draft)))
            files.write_private(directory / "journal.json", json.dumps(place, indent=1) + "\n")
        except OSError as error:
            raise StateError(f"The draft could not be saved: {error.strerror}.") from None

    def load(self) -> Saved | None:
        """Return what was left here, None where nothing usable was: the program starts with a broken draft too.

        One that somebody else can have put there is never offered.
        """
        if not self.is_ours():
            return None
        try:
            draft = answers.loads(files.read_own(self.directory / "draft.toml", answers_file.MAX_BYTES).decode())
            place = json.loads(files.read_own(self.directory / "journal.json", answers_file.MAX_BYTES))
            return _saved(draft, place)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError, answers.AnswersError):
            return None

    def discard(self) -> None:
        """Forget the draft: it has become a proven setting."""
        for name in ("draft.toml", "journal.json"):
            with contextlib.suppress(OSError):
                (self.directory / name).unlink()


def _saved(draft: Draft, place: dict[str, Any]) -> Saved:
    step = place["step"]
    if step not in STEP_KEYS:
        raise ValueError("no such step")
    when = datetime.fromisoformat(place["when"]).astimezone()
    return Saved(draft, step, Flow(place["way"]), frozenset(map(str, place["confirmed"])), when)
