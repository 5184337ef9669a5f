"""Where a file really lives, and what it is like: found by following symbolic links, held by its directory."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.model.untrusted import Untrusted
from wizard.targets import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ACL: Final = "system.posix_acl_access"

MOUNTED: Final = (
    "it is a mount point (a file mounted into a container, for example), so it cannot be replaced in one "
    "step; edit the file that is mounted, or agree to overwrite it in place with a backup"
)

_MOST_LINKS: Final = 40
"""As the kernel has it (path_resolution(7))."""
LARGEST: Final = 1024 * 1024
"""Bytes; a .env file has some thousand."""
_OF_THE_CONTENT: Final = frozenset({"security.ima", "security.evm"})
"""Signatures of the bytes: copied to other bytes they would lock the file."""


@dataclass(frozen=True, slots=True)
class Place:
    """The directory that the file itself is in, open, and its name there."""

    directory: int
    """A descriptor: everything is done relative to it, so that nobody can move the ground meanwhile."""
    name: str
    shown: Untrusted
    """The path for people, after the last symbolic link."""
    links: int
    """How many symbolic links led here."""
    status: os.stat_result | None
    """None: there is no such file yet."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read."""

    raw: bytes | None = field(repr=False)
    """None: there is no such file yet."""
    status: os.stat_result | None
    shown: Untrusted
    links: int
    attributes: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Extended attributes, the access ACL among them."""


def reason(error: OSError) -> str:
    """Return what is in the way, as the end of a sentence."""
    return _REASONS.get(error.errno or 0) or (error.strerror or "the system refused").lower()


_REASONS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is mounted read-only",
    errno.EACCES: "there is no permission; run as the owner of the file and its directory",
    errno.EPERM: "it is not permitted: the file or its directory is immutable (lsattr shows i or a, chattr -i lifts "
    "it), or its owner, group or attributes could not be kept",
    errno.ENOENT: "the directory does not exist",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "symbolic links lead in a circle",
    errno.EBUSY: MOUNTED,
}


@contextlib.contextmanager
def located(path: Path) -> Iterator[Place]:
    """Follow *path* through symbolic links to the file's own directory. Raises Refused.

    A link to a file that does not exist yet is followed too: it says where the file is to live, and stays a link.
    """
    there, links = os.fspath(path), 0
    while True:
        head, name = os.path.split(there)
        if name in {"", ".", ".."} or "\0" in there:
            raise Refused(
                f"{Untrusted(there)} is a directory, not a file." if "\0" not in there else "A path has no NUL."
            )
        try:
            directory = os.open(head or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise Refused(f"{Untrusted(there)} cannot be reached: {reason(error)}.") from None
        try:
            _refuse_open_to_all(directory, head or ".")
            status = _status(directory, name)
            if status is None or not stat.S_ISLNK(status.st_mode):
                yield Place(directory, name, Untrusted(there), links, status)
                return
            links += 1
            if links > _MOST_LINKS:
                raise Refused(f"{Untrusted(path)} cannot be reached: symbolic links lead in a circle.")
            _refuse_planted(directory, name, status, there)
            there = os.path.join(head, os.readlink(name, dir_fd=directory))  # noqa: PTH118  # `..` must stay as it is
        finally:
            os.close(directory)


def _status(directory: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(f"{Untrusted(name)} cannot be examined: {reason(error)}.") from None


def _refuse_open_to_all(directory: int, shown: str) -> None:
    mode = os.fstat(directory).st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise Refused(
            f"Everybody may write in {Untrusted(shown)}, so anyone could replace the file: run chmod o-w on "
            "the directory first."
        )


def _refuse_planted(directory: int, name: str, status: os.stat_result, shown: str) -> None:
    """Refuse a link that a stranger put there to make us (root, mostly) write a file of someone else's."""
    if status.st_uid in {0, os.geteuid()}:
        return
    with contextlib.suppress(OSError):
        if os.stat(name, dir_fd=directory).st_uid == status.st_uid:
            return
    raise Refused(f"The symbolic link {Untrusted(shown)} belongs to another user than the file that it leads to.")


def read(place: Place) -> Source:
    """Read the file at *place*: regular files only, of ours or (for root) anybody's. Raises Refused."""
    status = place.status
    if status is None:
        return Source(None, None, place.shown, place.links)
    _refuse_irregular(status, place.shown)
    try:
        # O_NONBLOCK: what turned into a FIFO since must not hang us.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        descriptor = os.open(place.name, flags, dir_fd=place.directory)
    except OSError as error:
        raise Refused(f"{place.shown} cannot be read: {reason(error)}.") from None
    try:
        status = os.fstat(descriptor)
        _refuse_irregular(status, place.shown)
        if os.geteuid() not in {0, status.st_uid}:
            raise Refused(
                f"{place.shown} belongs to {owner(status.st_uid)}, and writing would change that: run as that "
                "user or root."
            )
        raw = _all(descriptor, place.shown)
        return Source(raw, status, place.shown, place.links, attributes(descriptor))
    except OSError as error:
        raise Refused(f"{place.shown} cannot be read: {reason(error)}.") from None
    finally:
        os.close(descriptor)


def _refuse_irregular(status: os.stat_result, shown: Untrusted) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
        raise Refused(f"{shown} is {kind}, and only a regular file can be a .env file.")


_KINDS: Final = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link that has just appeared",
}


def _all(descriptor: int, shown: Untrusted) -> bytes:
    parts, size = [], 0
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise Refused(f"{shown} has more than {LARGEST // 1024 // 1024} MiB, too much for a .env file.")
    return b"".join(parts)


def attributes(descriptor: int) -> dict[str, bytes]:
    """Return the extended attributes of an open file that can be carried over to another."""
    found: dict[str, bytes] = {}
    try:
        names = os.listxattr(descriptor)
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.ENOSYS}:
            return found
        raise
    for name in names:
        if name not in _OF_THE_CONTENT:
            with contextlib.suppress(FileNotFoundError):
                found[name] = os.getxattr(descriptor, name)
    return found


def owner(uid: int) -> str:
    """Return the name of user *uid*, or its number."""
    import pwd

    try:
        return Untrusted(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return f"user {uid}"


def look(path: Path) -> Source:
    """Read the file that *path* leads to, without a lock. Raises Refused."""
    with located(path) as place:
        return read(place)


def real(path: Path) -> str:
    """Return where *path* leads to, as one spelling for all names of it."""
    return os.path.realpath(path)


def mounted(path: Path) -> bool:
    """Return whether the file itself is a mount point, so that nothing can be renamed over it."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:  # noqa: PTH123  # a table of the kernel, no path
            points = {_plain(line.split(" ", 5)[4]) for line in table}
    except OSError:
        return False  # without /proc the rename itself will tell
    return real(path) in points


def _plain(point: str) -> str:
    r"""Undo mountinfo's ``\040`` (proc_pid_mountinfo(5))."""
    for octal, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(octal, character)
    return point
