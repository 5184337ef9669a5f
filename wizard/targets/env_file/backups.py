"""The backups of one ``.env`` file: what it held before each write, and how to tell that nobody wrote it since.

They are as plain as the file itself, so they lie outside its tree, 0600 in a 0700 directory, three at most, deleted on
confirmation. Beside each is a JSON note with keyed hashes of what was written, never a value.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wizard.model.untrusted import Untrusted
from wizard.model.validation import is_digest
from wizard.system import files
from wizard.targets import NothingToRollBackError, Refused
from wizard.targets.env_file.location import LARGEST, real, reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST: Final = 3
_MAX_NOTE: Final = 65_536
"""Bytes of a note: hashes of a few keys."""


class NoBackupError(NothingToRollBackError):
    """There is no backup of this file."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup with its note."""

    note: Path
    """``NAME.json``; ``NAME.pending`` until the write it belongs to is known to have happened."""
    copy: Path | None
    """The file as it was; None where there was none."""
    salt: bytes
    keys: Mapping[str, str]
    """The keyed hash of the value that we wrote, by key."""
    whole: str
    """The same of the whole file."""

    @property
    def pending(self) -> bool:
        """Whether it is not known that the write happened."""
        return self.note.suffix == ".pending"

    def wrote(self, raw: bytes) -> bool:
        """Return whether *raw* is, byte for byte, the file that we left."""
        return _same(self.whole, _keyed(self.salt, raw))

    def strangers(self, values: Mapping[str, str | None]) -> list[str]:
        """Return the keys whose present value is not the one that we wrote."""
        return [
            key
            for key, written in self.keys.items()
            if values.get(key) is None or not _same(written, _hashed(self.salt, key, str(values[key])))
        ]

    def old(self) -> bytes | None:
        """Return the file as it was, None where there was none. Raises Refused."""
        try:
            return None if self.copy is None else files.read_own(self.copy, LARGEST)
        except OSError as error:
            raise Refused(f"The backup {Untrusted(self.copy)} cannot be read: {reason(error)}.") from None


class Backups:
    """The backups of the file that *path* leads to, within *state* (made when first needed)."""

    def __init__(self, state: Path, path: Path) -> None:
        self._state = state
        self.directory = state / "backups"
        digest = hashlib.sha256(real(path).encode("utf-8", "surrogateescape")).hexdigest()
        self._prefix = f"env-{digest[:10]}-"

    def keep(self, old: bytes | None, new: bytes, values: Mapping[str, str]) -> Backup:
        """Keep *old* before *new* with *values* takes its place; the oldest make room. Raises Refused."""
        salt = os.urandom(32)
        try:
            self._ready()
            self._make_room()
            stem = f"{self._prefix}{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
            copy = None if old is None else self.directory / stem
            entry = Backup(
                note=self.directory / f"{stem}.pending",
                copy=copy,
                salt=salt,
                keys={key: _hashed(salt, key, value) for key, value in values.items()},
                whole=_keyed(salt, new),
            )
            files.write_private(entry.note, _as_json(entry), exclusive=True)
            if copy is not None and old is not None:
                files.write_private(copy, old, exclusive=True)
        except OSError as error:
            raise Refused(f"No backup can be kept in {Untrusted(self.directory)}: {reason(error)}.") from None
        return entry

    def confirm(self, entry: Backup) -> Backup:
        """Note that the write of *entry* happened."""
        done = entry.note.with_suffix(".json")
        with contextlib.suppress(OSError):  # a pending note that fits the file counts as well
            entry.note.rename(done)
            files.sync(self.directory)
            return Backup(done, entry.copy, entry.salt, entry.keys, entry.whole)
        return entry

    def drop(self, entry: Backup) -> None:
        """Remove one backup: the copy first, for it holds the secret."""
        with contextlib.suppress(OSError):
            if entry.copy is not None:
                entry.copy.unlink(missing_ok=True)
            entry.note.unlink(missing_ok=True)
            files.sync(self.directory)

    def forget(self) -> None:
        """Remove all backups of this file."""
        with contextlib.suppress(OSError):
            for path in self.directory.glob(f"{self._prefix}*"):
                path.unlink()
            files.sync(self.directory)

    def newest_first(self) -> list[Backup]:
        """Return what can be read of the backups."""
        entries = (_load(self.directory / name) for name in self._names())
        return [entry for entry in entries if entry is not None]

    def _is_note(self, name: str) -> bool:
        return name.startswith(self._prefix) and name.endswith((".json", ".pending"))

    def that_wrote(self, raw: bytes, values: Mapping[str, str | None]) -> Backup:
        """Return the newest backup whose write the file still shows. Raises Refused, or NoBackupError.

        A pending one that does not fit belongs to a write that never happened.
        """
        for entry in self._newest_or_refused():
            strangers = entry.strangers(values)
            if entry.wrote(raw) or not strangers:
                return entry
            if not entry.pending:
                raise Refused(f"{strangers[0]} is no longer what was written: it was changed since, and stays.")
        raise NoBackupError("There is no backup of this file to roll back to.")

    def _newest_or_refused(self) -> Iterator[Backup]:
        """Yield the backups, newest first. Raises Refused at a note that this program did not write."""
        for name in self._names():
            entry = _load(self.directory / name)
            if entry is None:
                raise Refused(
                    f"{Untrusted(self.directory / name)} was not written by this program, or its backup is gone: "
                    "nothing is put back. Look at the backups in that directory."
                )
            yield entry

    def _make_room(self) -> None:
        kept = self.newest_first()[: MOST - 1]
        names = {path.name for entry in kept for path in (entry.note, entry.copy) if path is not None}
        for path in self.directory.glob(f"{self._prefix}*"):
            # Also what a killed run left half made: a copy without its note is a secret that nobody counts.
            if path.name not in names:
                path.unlink()

    def _ready(self) -> None:
        for directory in (self._state, self.directory):
            try:
                files.private_directory(directory)
            except files.NotOursError:
                raise Refused(
                    f"{Untrusted(directory)} is not your own directory: no backup can be kept there."
                ) from None

    def _names(self) -> list[str]:
        """Return the names of the notes, newest first; none where the directory is not ours: they may be planted."""
        if not all(map(files.is_private_directory, (self._state, self.directory))):
            return []
        try:
            names = os.listdir(self.directory)  # noqa: PTH208  # names are all that is needed
        except OSError:
            return []
        return sorted(filter(self._is_note, names), reverse=True)


def _keyed(salt: bytes, what: bytes) -> str:
    import hmac

    return hmac.digest(salt, what, "sha256").hex()


def _hashed(salt: bytes, key: str, value: str) -> str:
    return _keyed(salt, f"{key}={value}".encode("utf-8", "surrogateescape"))


def _same(one: str, other: str) -> bool:
    import hmac

    return hmac.compare_digest(one, other)


def _as_json(entry: Backup) -> bytes:
    note = {
        "schema": 1,
        "salt": entry.salt.hex(),
        "keys": dict(entry.keys),
        "whole": entry.whole,
        "copy": entry.copy is not None,
    }
    return json.dumps(note, indent=1).encode() + b"\n"


def _load(path: Path) -> Backup | None:
    """Return the backup whose note is at *path*, None where this program did not write it or its copy is gone."""
    try:
        note: Any = json.loads(files.read_own(path, _MAX_NOTE))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(note, dict):
        return None
    salt, keys, whole, has_copy = (note.get(name) for name in ("salt", "keys", "whole", "copy"))
    if not isinstance(keys, dict) or not isinstance(has_copy, bool):
        return None
    if not all(is_digest(text) for text in (salt, whole, *keys.values())):
        return None
    copy = path.with_suffix("") if has_copy else None
    if copy is not None and not copy.is_file():
        return None
    return Backup(path, copy, bytes.fromhex(str(salt)), dict(keys), str(whole))
