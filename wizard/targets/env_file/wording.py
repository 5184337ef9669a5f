"""What the review of a ``.env`` change says: masked values, what differs, and what stays as it is."""

from __future__ import annotations

import importlib
import os
import stat
from typing import TYPE_CHECKING

from wizard.model.secret import MASK
from wizard.targets import KeyState
from wizard.targets.env_file.location import ACL, owner

if TYPE_CHECKING:
    from types import ModuleType

    from wizard.targets.env_file.location import Source
    from wizard.targets.env_file.text import Edited


def masked(key: str, value: str, *, secret: bool) -> str:
    """Return *value* as it may be shown: of an EMAIL_URL all but the key, of any other secret nothing."""
    if key == "EMAIL_URL":
        email_url = _email_url()
        return (str(email_url.masked(value)) if email_url else MASK) if value else ""
    return MASK if secret else value


def difference(key: str, before: str | None, after: str, state: KeyState) -> str:
    """Return in a word or two what differs between the values of *key*."""
    if before is None or state is KeyState.UNCHANGED:
        return ""
    if before == after:
        return "same value, spelled so that every reader agrees"
    if key != "EMAIL_URL":
        return ""
    email_url = _email_url()
    if email_url is None:
        return ""
    try:
        old, new = email_url.parse(before), email_url.parse(after)
    except email_url.CredentialError:
        return ""
    differs = {
        "new key": old.key != new.key,
        "other user name": old.username != new.username,
        "other host": old.host != new.host,
        "other port": old.port != new.port,
    }
    return ", ".join(word for word, true in differs.items() if true)


def _email_url() -> ModuleType | None:
    try:
        return importlib.import_module("wizard.email_url.url")
    except ModuleNotFoundError:
        return None


def facts(source: Source, edited: Edited, *, template_name: str | None) -> tuple[str, ...]:
    """Return the sentences beside the diff."""
    said = [f"{edited.touched} of {edited.lines} lines"]
    if source.links:
        said.append(f"{source.shown} is where the symbolic link leads; the link stays")
    status = source.status
    if status is None:
        said.append(f"new file from {template_name} (its comments are kept)" if template_name else "new file")
        return (*said, "0600, yours")
    mode = stat.S_IMODE(status.st_mode)
    mine = status.st_uid == os.geteuid()
    kept = f"{mode:04o}, {'yours' if mine else f'owner {owner(status.st_uid)}, kept'}"
    if ACL in source.attributes:
        kept += ", with an ACL"
    said.append(kept)
    if mode & 0o077:
        said.append(f"other users of this machine can read it: chmod 600 {source.shown} would stop that")
    if status.st_nlink > 1:
        said.append("the file has another name (a hard link), which keeps the old text")
    return tuple(said)
