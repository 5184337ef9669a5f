"""A ``.env`` put back: what the newest backup holds, if the file still has the values that we wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.secret import Secret
from wizard.targets import KeyState, Receipt
from wizard.targets.env_file import location as env_location
from wizard.targets.env_file import python_dotenv
from wizard.targets.env_file import text as env_text
from wizard.targets.env_file.commit import KIND, commit
from wizard.targets.showing import masked

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping

    from wizard.targets.env_file.backups import Backup, Backups
    from wizard.targets.env_file.location import Source
    from wizard.targets.stopping import Writing


def previous(path: pathlib.Path, backups: Backups) -> dict[str, str | Secret | None]:
    """Return what ``put_back`` would put back now. Raises Refused, or NoBackupError where there is no backup."""
    source = env_location.look(path)
    entry, _ = _newest(backups, source)
    values = python_dotenv.last_values(entry.old() or b"")
    secret = {key: Secret(value) for key in entry.keys if (value := values.get(key)) and key != "DEFAULT_FROM_EMAIL"}
    return {key: secret.get(key, values.get(key)) for key in entry.keys}


def put_back(path: pathlib.Path, backups: Backups, writing: Writing, *, in_place: bool = False) -> Receipt[None]:
    """Restore what the newest backup that fits kept, if nobody wrote the values since. Raises Refused."""
    wanted: dict[str, str | None] = {}
    present: dict[str, str | None] = {}
    entries: list[Backup] = []

    def change(source: Source) -> bytes | None:
        writing.refuse_if_stopped()
        raw = source.raw or b""
        entry, values = _newest(backups, source)
        entries.append(entry)
        present.update(values)
        old = entry.old()
        before = python_dotenv.last_values(old or b"")
        wanted.update({key: before.get(key) for key in entry.keys})
        writing.keys.update(dict.fromkeys(wanted, KeyState.UNCERTAIN))
        if entry.wrote(raw):
            return old
        restored = env_text.put_back(raw, old or b"", tuple(entry.keys))
        python_dotenv.confirm(raw, restored, wanted, every=False)
        return restored

    commit(path, change, wanted, in_place=in_place)
    backups.drop(entries[0])
    keys = {key: KeyState.UNCHANGED if present[key] == value else KeyState.CHANGED for key, value in wanted.items()}
    return Receipt(KIND, str(path), keys, _afterwards(wanted), private=None)


def _newest(backups: Backups, source: Source) -> tuple[Backup, dict[str, str | None]]:
    """Return the newest backup that fits the file, and the file's values. Raises Refused."""
    raw = source.raw or b""
    present = python_dotenv.last_values(raw)
    return backups.that_wrote(raw, present), present


def _afterwards(values: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return what the file holds now, a sentence a key."""
    return tuple(
        f"{key} is not in the file now."
        if value is None
        else f"{key} is now {masked(key, value, secret=key != 'DEFAULT_FROM_EMAIL')}."
        for key, value in values.items()
    )
