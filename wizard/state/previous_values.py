"""The values that Infisical had before: kept in the operator's keyring, if they want, until the new ones are confirmed.

Beside it a note in the state directory tells by keyed hashes, never by a value, whether Infisical still has what was
written. Both are deleted on confirmation, and after seven days (security.md section 2).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wizard.model import infisical
from wizard.model.secret import Secret, plaintext
from wizard.model.validation import is_digest
from wizard.state import keyring
from wizard.state.directory import StateError
from wizard.state.journal import Journal
from wizard.system import files
from wizard.targets.infisical import records as infisical_records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wizard.model.draft import InfisicalTarget
    from wizard.targets import Receipt

_NOTE: Final = "written.json"
_MAX_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Kept:
    """What the last writing replaced."""

    values: dict[str, str | Secret | None] = field(repr=False)
    """By key, as it was stored; None where there was none."""
    expanded: dict[str, str | Secret | None] = field(repr=False)
    """The same as GlitchTip got it: references expanded."""
    salt: bytes = field(repr=False)
    written: dict[str, str]
    """The keyed hash of what was written, by key."""

    def is_ours(self, key: str, value: str) -> bool:
        """Whether *value* is the one that was written."""
        return hmac.compare_digest(self.written.get(key, ""), _hash(self.salt, key, value))


def name_of(target: InfisicalTarget) -> str:
    """Return the name of *target* in the keyring and in the state directory."""
    return f"{infisical.bare_url(target.url)} {target.project} {target.environment} {target.secret_path}"


async def keep(target: InfisicalTarget, journal: Journal, receipt: Receipt[object]) -> keyring.Answer:
    """Keep what *receipt* says was replaced; only on the operator's word. Raises StateError."""
    replaced = infisical_records.replaced(receipt)
    if replaced is None:
        return keyring.Answer(works=False, reason="Nothing was replaced, so there is nothing to keep.")
    before = {"values": _plain(replaced.values), "expanded": _plain(replaced.expanded)}
    path = _path(target, journal)
    answer = await keyring.put_previous(name_of(target), Secret(json.dumps(before)))
    if answer.works:
        salt = secrets.token_bytes(32)
        written = {key: _hash(salt, key, plaintext(ours)) for key, ours in replaced.ours.items()}
        when = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            note = {"schema": 1, "salt": salt.hex(), "keys": written, "when": when}
            files.write_private(path, json.dumps(note))
        except OSError as error:
            await keyring.forget(keyring.previous_name(name_of(target)))
            raise StateError(f"The state directory cannot be written: {error.strerror}.") from None
    return answer


def kept_since(target: InfisicalTarget, journal: Journal) -> datetime | None:
    """Return since when values are kept for *target*, None where none are; the keyring is not asked."""
    try:
        note = json.loads(files.read_own(_entry(target, journal).directory / _NOTE, _MAX_BYTES))
        return datetime.fromisoformat(note["when"]).astimezone(UTC)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


async def forget_old(target: InfisicalTarget, journal: Journal) -> datetime | None:
    """Delete what was kept too long without a confirmation; return since when the rest is kept."""
    since = kept_since(target, journal)
    if since is not None and datetime.now(UTC) - since > timedelta(days=keyring.KEPT_DAYS):
        await forget(target, journal)
        return None
    return since


async def recall(target: InfisicalTarget, journal: Journal) -> Kept | str:
    """Return what was kept, or why there is nothing."""
    try:
        note: Any = json.loads(files.read_own(_path(target, journal), _MAX_BYTES))
    except FileNotFoundError:
        return "the wizard has no note that it wrote there, or you have already confirmed that mail arrives."
    except (OSError, ValueError, RecursionError, StateError):
        return "the note about what was written there cannot be read."
    salt, written = (note.get(name) if isinstance(note, dict) else None for name in ("salt", "keys"))
    if not isinstance(written, dict) or not all(is_digest(text) for text in (salt, *written.values())):
        return "this program did not write the note about what was written there."
    answer = await keyring.previous(name_of(target))
    if answer.value is None:
        return answer.reason or "the keyring does not hold the previous values."
    try:
        stored: Any = json.loads(answer.value.reveal())
    except (ValueError, RecursionError):
        stored = None
    values, expanded = (_known(stored, name, written) for name in ("values", "expanded"))
    if not values or values.keys() != expanded.keys():
        return "the keyring holds a value that this program did not write."
    return Kept(values, expanded, bytes.fromhex(str(salt)), written)


def _plain(values: Mapping[str, str | Secret | None]) -> dict[str, str | None]:
    return {key: None if value is None else plaintext(value) for key, value in values.items()}


def _known(stored: Any, name: str, written: Mapping[str, str]) -> dict[str, str | Secret | None]:
    """Return the values under *name* of what the keyring holds, of the keys that were written."""
    values = stored.get(name) if isinstance(stored, dict) else None
    if not isinstance(values, dict):
        return {}
    known = {key: value for key, value in values.items() if key in written and isinstance(value, str | None)}
    # A From is not a secret, and would be masked wherever it shows if it were one here.
    return {key: Secret(value) if value is not None and key == "EMAIL_URL" else value for key, value in known.items()}


async def forget(target: InfisicalTarget, journal: Journal) -> keyring.Answer:
    """Delete what was kept: the operator has confirmed, or it was put back.

    Where the keyring does not work the note stays, so that a later run tries again.
    """
    answer = await keyring.forget(keyring.previous_name(name_of(target)))
    if answer.works:
        with contextlib.suppress(OSError):
            (_entry(target, journal).directory / _NOTE).unlink(missing_ok=True)
    return answer


def _entry(target: InfisicalTarget, journal: Journal) -> Journal:
    return Journal(journal.home, name_of(target))


def _path(target: InfisicalTarget, journal: Journal) -> Path:
    return _entry(target, journal).ready() / _NOTE


def _hash(salt: bytes, key: str, value: str) -> str:
    return hmac.new(salt, f"{key}={value}".encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
