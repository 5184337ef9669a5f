"""A file replaced in one step, or not at all: whoever is killed when, the old bytes or the new ones are there.

The order is the promise: lock, read, temporary file, metadata, write, fsync, look again, rename, fsync the directory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import fcntl
import os
import stat
import time
from typing import TYPE_CHECKING, Final

from wizard.system import files
from wizard.targets import Refused
from wizard.targets.env_file.location import ACL, Place, Source, attributes, located, read, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PATIENCE: Final = 15.0
"""Seconds to wait for another writer."""


class UnsettledError(Exception):
    """The file was replaced, or begun to be, and then something failed."""


class _NoLinkError(Exception):
    """The unnamed temporary file cannot be given a name here (no /proc, or a file system without)."""


def replace(path: Path, change: Callable[[Source], bytes | None], *, in_place: bool = False) -> bytes | None:
    """Give the file at *path* the bytes that *change* makes of it, and return what was read back.

    None means no file, both ways; the same bytes again write nothing. ``in_place`` is the operator's yes to
    overwriting a file that cannot be renamed over. Raises Refused, with the file untouched, or Unsettled.
    """
    with _locked(path) as place:
        _sweep(place)
        source = read(place)
        raw = change(source)
        if raw == source.raw:
            return raw
        try:
            if raw is None:
                _look_again(place, source)
                os.unlink(place.name, dir_fd=place.directory)
            else:
                _swap(place, source, raw)
        except OSError as error:
            if error.errno != errno.EBUSY or not in_place or raw is None:
                raise Refused(f"{place.shown} cannot be written: {reason(error)}.") from None
            _overwrite(place, source, raw)
        return _settled(place)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[Place]:
    """Hold the lock of the file's directory; flock on a directory leaves nothing behind."""
    until = time.monotonic() + _PATIENCE
    while True:
        with located(path) as place:
            _lock(place, until)
            # The way here may have changed while we waited.
            with located(path) as again:
                if again.name == place.name and os.path.sameopenfile(again.directory, place.directory):
                    yield dataclasses.replace(place, status=again.status)
                    return


def _lock(place: Place, until: float) -> None:
    pause = 0.001
    while True:
        try:
            fcntl.flock(place.directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EWOULDBLOCK, errno.EINTR}:
                raise Refused(f"The directory of {place.shown} cannot be locked: {reason(error)}.") from None
            if time.monotonic() > until:
                raise Refused(f"Another process keeps the directory of {place.shown} locked: try again.") from None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.02)
        else:
            return


def _sweep(place: Place) -> None:
    """Remove what a killed writer left: under the lock nobody is using it."""
    users = {os.geteuid()} | ({place.status.st_uid} if place.status is not None else set())
    with contextlib.suppress(OSError):
        for name in os.listdir(place.directory):  # noqa: PTH208  # a descriptor
            if files.OURS.fullmatch(name):
                with contextlib.suppress(OSError):
                    found = os.stat(name, dir_fd=place.directory, follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode) and found.st_uid in users:
                        os.unlink(name, dir_fd=place.directory)


def _swap(place: Place, source: Source, raw: bytes) -> None:
    try:
        _swap_by(place, source, raw, unnamed=True)
    except _NoLinkError:
        _swap_by(place, source, raw, unnamed=False)


def _swap_by(place: Place, source: Source, raw: bytes, *, unnamed: bool) -> None:
    name = files.temporary_name()
    named = False
    descriptor = -1
    try:
        if unnamed:
            descriptor = _open_unnamed(place)
        else:
            named = True
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(name, flags, 0o600, dir_fd=place.directory)
        _take_after(descriptor, source)
        _write(descriptor, raw)
        os.fsync(descriptor)
        if unnamed:
            named = True
            _name(descriptor, place, name)
        _look_again(place, source)
        os.rename(name, place.name, src_dir_fd=place.directory, dst_dir_fd=place.directory)
        named = False
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        if named:
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=place.directory)


def _open_unnamed(place: Place) -> int:
    """Open a file without a name: a writer killed before the last moment leaves nothing."""
    try:
        return os.open(".", os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=place.directory)
    except OSError as error:
        if error.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS}:
            raise _NoLinkError from None
        raise


def _name(descriptor: int, place: Place, name: str) -> None:
    try:
        # Only with a directory descriptor does Python call linkat, which follows /proc's link (open(2), O_TMPFILE).
        os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=place.directory, follow_symlinks=True)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
            raise
        raise _NoLinkError from None


def _take_after(descriptor: int, source: Source) -> None:
    """Give the new file owner, mode, ACL and extended attributes of the old one; 0600 where there is none."""
    if source.status is None:
        os.fchmod(descriptor, 0o600)
        return
    mine, wanted = os.fstat(descriptor), source.status
    if (mine.st_uid, mine.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
    present = attributes(descriptor)
    if ACL in present and ACL not in source.attributes:
        os.removexattr(descriptor, ACL)  # the directory's default ACL, which the old file did not have
    os.fchmod(descriptor, stat.S_IMODE(wanted.st_mode))
    for name, value in source.attributes.items():
        if present.get(name) != value:
            os.setxattr(descriptor, name, value)


def _write(descriptor: int, raw: bytes) -> None:
    rest = memoryview(raw)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _look_again(place: Place, source: Source) -> None:
    """Raise Refused when somebody changed the file since it was read."""
    try:
        now = os.stat(place.name, dir_fd=place.directory, follow_symlinks=False)
    except FileNotFoundError:
        now = None
    if _identity(now) != _identity(source.status):
        raise Refused(f"Another program has changed {place.shown} in the meantime: look at the file and start again.")


def _identity(status: os.stat_result | None) -> tuple[int, ...] | None:
    if status is None:
        return None
    return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


def _overwrite(place: Place, source: Source, raw: bytes) -> None:
    """Write into the file itself. Not atomic: only after the operator's yes, and with a backup."""
    try:
        flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(place.name, flags, dir_fd=place.directory)
    except OSError as error:
        raise Refused(f"{place.shown} cannot be written in place: {reason(error)}.") from None
    try:
        _look_again(place, source)
        try:
            _write(descriptor, raw)
            os.ftruncate(descriptor, len(raw))
            os.fsync(descriptor)
        except OSError as error:
            raise UnsettledError(f"{place.shown} may be half written: {reason(error)}; put the backup back.") from None
    finally:
        os.close(descriptor)


def _settled(place: Place) -> bytes | None:
    """Make the new name last through a power cut, and read back what is there now."""
    try:
        os.fsync(place.directory)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # a file system without
            raise UnsettledError(
                f"{place.shown} is written, but might be lost in a power cut: {reason(error)}."
            ) from None
    try:
        now = os.stat(place.name, dir_fd=place.directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnsettledError(f"{place.shown} is written and cannot be read back: {reason(error)}.") from None
    try:
        return read(dataclasses.replace(place, status=now)).raw
    except Refused as refused:
        raise UnsettledError(f"{place.shown} is written and cannot be read back: {refused}") from None
