"""One change of a ``.env``: edited, approved by python-dotenv, put in place, and read back."""

from __future__ import annotations

import hashlib
import logging
import os
from typing import TYPE_CHECKING, Final, TypeAlias

from wizard.model.untrusted import Untrusted
from wizard.targets import KeyState, Refused, UncertainError
from wizard.targets.env_file import atomic
from wizard.targets.env_file import location as env_location
from wizard.targets.env_file import text as env_text

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Mapping

    from wizard.targets.env_file.location import Source

KIND: Final = "env"
"""How the contract names this target."""

Fingerprint: TypeAlias = tuple[int, int, int, int, int, int, str]
"""Inode, mtime, size, mode, owner, group, and the hash of the bytes."""


def write(path: pathlib.Path, values: Mapping[str, str]) -> None:
    """Write all *values* to the file at *path* in one atomic change.

    It judges spelling, not meaning: any keys and values; no git, no network, no backup. Raises Refused with the file
    untouched, and UncertainError where it was replaced but could not be made sure of. That a hard link keeps the old
    text is logged.
    """
    warnings: list[str] = []

    def change(source: Source) -> bytes | None:
        raw = edited(source, values, source.raw).raw if values else source.raw
        if raw != source.raw and hard_link(source):
            warnings.append(f"{source.shown}: {hard_link(source)}")
        return raw

    commit(path, change, dict(values))
    for warning in warnings:
        logging.getLogger(__name__).warning(warning)


def edited(source: Source, values: Mapping[str, str], start: bytes | None) -> env_text.Edited:
    """Return *start* (the file, or a template) with *values*, approved by python-dotenv. Raises Refused."""
    from wizard.targets.env_file import python_dotenv  # start-up: 5 ms

    before = start or b""
    try:
        result = env_text.edit(before, values)
        python_dotenv.confirm(before, result.raw, values)
    except Refused as refused:
        raise Refused(f"{source.shown}: {refused}") from None
    return result


def commit(
    path: pathlib.Path,
    change: Callable[[Source], bytes | None],
    wanted: Mapping[str, str | None],
    *,
    in_place: bool = False,
) -> None:
    """Make *change* and see that the file holds *wanted* then. Raises Refused or UncertainError."""
    from wizard.targets.env_file import python_dotenv  # start-up: 5 ms

    unsure = dict.fromkeys(wanted, KeyState.UNCERTAIN)
    try:
        raw = atomic.replace(path, change, in_place=in_place)
    except atomic.UnsettledError as error:
        raise UncertainError(str(error), unsure) from None
    read = python_dotenv.last_values(raw or b"")
    wrong = [key for key, value in wanted.items() if read.get(key) != value]
    if wrong:
        shown = Untrusted(path)
        raise UncertainError(f"{shown} holds another {wrong[0]} than was written: look at the file.", unsure)


def fingerprint(source: Source) -> Fingerprint | None:
    """Return what tells a file from the same file after a change, of its mode too; None where there is none."""
    if source.raw is None or source.status is None:
        return None
    status = source.status
    return (
        status.st_ino,
        status.st_mtime_ns,
        status.st_size,
        status.st_mode,
        status.st_uid,
        status.st_gid,
        hashlib.sha256(source.raw).hexdigest(),
    )


def refuse_unwritable(path: pathlib.Path, *, in_place: bool) -> None:
    """Raise Refused where the system already says that the file cannot be written; nothing is tried."""
    with env_location.located(path) as place:
        if in_place:
            allowed = os.access(place.name, os.W_OK, dir_fd=place.directory, effective_ids=True)
        else:
            allowed = os.access(".", os.W_OK | os.X_OK, dir_fd=place.directory, effective_ids=True)
        if not allowed:
            raise Refused(
                f"{place.shown} cannot be written: this user is not allowed to write in its directory. Run "
                "postal-wizard as the owner of the directory, or as root."
            )


def hard_link(source: Source) -> str:
    """Return the warning that another name of the file keeps the old text; empty where there is no other name."""
    if source.status is None or source.status.st_nlink < 2:
        return ""
    return "The file has another name (a hard link), which keeps the old text."
