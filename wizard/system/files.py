"""Files: opened so that no name from outside can hold the program, written so that nobody else reads them.

``read`` is for every name that comes from outside: an option, a compose file, a repository, the state directory. It
opens regular files only, up to a size, in a daemon thread with a deadline: a FIFO, a device, a dead network mount or a
file without an end costs a sentence and no more (security.md section 7).

``write_private`` is the one way to write what is not the `.env` itself: 0600 from its first byte, by an unnamed
temporary file where the system has them, on disk before it takes its name, and never half there.
"""

from __future__ import annotations

import contextlib
import contextvars
import errno
import fcntl
import os
import re
import stat
import time
from typing import TYPE_CHECKING, Final

from wizard.system.threads import within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_TIMEOUT: Final = 2.0
"""Seconds for one file."""
ALL_TIMEOUT: Final = 5.0
"""Seconds that slow files may cost within ``_WINDOW``; after that the next one is not opened."""
_WINDOW: Final = 30.0
"""Seconds after which a slow file is forgotten: a wizard that runs for hours may look again."""
_SLOW: Final = 0.05
"""Seconds below which a file is not slow."""
_NOT_FILES: Final = ("/proc/", "/sys/")
"""What looks like a regular file there is made by the kernel: our own environment with its secrets, for one."""

OURS: Final = re.compile(r"\.postal-wizard\.[0-9a-f]{16}\.tmp")
"""Names of temporary files; nothing else is called like that."""
OURS_GLOB: Final = ".postal-wizard.*.tmp"
"""The same for git."""
_LOCK_TIMEOUT: Final = 1.0
"""Seconds to wait for a sweep, which takes milliseconds."""


class UnreadableError(OSError):
    """A file that is not read; ``strerror`` says why, as the end of "FILE cannot be read: ..."."""


class NotOursError(UnreadableError):
    """A file or directory that another user made, or could have changed."""


class TooLargeError(UnreadableError):
    """A file with more bytes than are read."""


_spent: list[tuple[float, float, str]] = []
"""When a slow file was read, the seconds it cost, and its path where it was read: then it counts once. A disk that is
slow with the few files of a project may be asked for them again and again; one that does not answer may not."""
_read_before: contextvars.ContextVar[dict[tuple[str, int], bytes | OSError] | None] = contextvars.ContextVar(
    "_read_before", default=None
)


@contextlib.contextmanager
def once() -> Iterator[None]:
    """Let every file be read once inside: whoever reads it again gets what was read first, or the same error.

    Not round a writing: what was written would not be seen.
    """
    token = _read_before.set({})
    try:
        yield
    finally:
        _read_before.reset(token)


def read_own(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a file that this program keeps. Raises OSError as ``read`` does.

    NotOursError where *path* is a link, belongs to another user, or others may write in it or in its directory: what
    somebody planted there is never taken for ours.
    """
    try:
        return within(FILE_TIMEOUT, lambda: _read_own(path, max_bytes))
    except TimeoutError:
        raise UnreadableError(errno.ETIMEDOUT, f"no answer within {FILE_TIMEOUT:g} s") from None


def private_directory(path: Path) -> None:
    """Make directory *path* with its parents, for this user alone.

    Raises NotOursError where it is a link, belongs to another user or others may write in it; another OSError where it
    cannot be made.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _judge_own(path.lstat(), stat.S_IFDIR)
    if stat.S_IMODE(path.lstat().st_mode) != 0o700:
        path.chmod(0o700)


def is_private_directory(path: Path) -> bool:
    """Whether *path* is a directory that nobody else made or writes in."""
    try:
        _judge_own(path.lstat(), stat.S_IFDIR)
    except OSError:
        return False
    return True


def read(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of the regular file that *path* leads to.

    Raises FileNotFoundError where there is none, TooLargeError above *max_bytes*, and another OSError for all else,
    whose ``strerror`` ends the sentence "FILE cannot be read: ...".
    """
    known = _read_before.get()
    if known is None:
        return _in_time(path, max_bytes)
    key = (os.path.abspath(path), max_bytes)  # noqa: PTH100  # Path.absolute() keeps "..", and one file is one key
    if key not in known:
        try:
            known[key] = _in_time(path, max_bytes)
        except OSError as error:
            known[key] = error.with_traceback(None)
    found = known[key]
    if isinstance(found, OSError):
        raise found
    return found


def _in_time(path: Path, max_bytes: int) -> bytes:
    started = time.monotonic()
    _spent[:] = [one for one in _spent if started - one[0] < _WINDOW and one[2] != str(path)]
    left = min(FILE_TIMEOUT, ALL_TIMEOUT - sum(seconds for _, seconds, _ in _spent))
    if left <= 0:
        raise UnreadableError(errno.ETIMEDOUT, f"it was not opened, because other files took {ALL_TIMEOUT:g} s")
    was_read, answers = "", True
    try:
        raw = within(left, lambda: _read(path, max_bytes))
        was_read = str(path)
    except TimeoutError:
        answers = False
        raise UnreadableError(errno.ETIMEDOUT, f"no answer within {FILE_TIMEOUT:g} s") from None
    finally:
        seconds = time.monotonic() - started
        # The last one is given up after what is left for it, which may be less than slow.
        if seconds > _SLOW or not answers:
            _spent.append((started, seconds, was_read))
    return raw


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        _judge(path.stat(), max_bytes)  # before the open: opening a device may do something
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError:  # a NUL, or a surrogate that the file system's encoding lacks
        raise UnreadableError(errno.EINVAL, "its name is not a path") from None
    try:
        _judge(os.fstat(descriptor), max_bytes)
        if _is_of_the_kernel(descriptor):
            raise UnreadableError(errno.EINVAL, "not a regular file")
        pieces, count = [], 0
        while count <= max_bytes and (piece := os.read(descriptor, min(max_bytes + 1 - count, 1_048_576))):
            pieces.append(piece)
            count += len(piece)
    finally:
        os.close(descriptor)
    if count > max_bytes:
        raise _too_large(max_bytes)
    return b"".join(pieces)


def _read_own(path: Path, max_bytes: int) -> bytes:
    _judge_own(path.parent.lstat(), stat.S_IFDIR)
    _judge_own(path.lstat(), stat.S_IFREG)
    return _read(path, max_bytes)


def _judge_own(status: os.stat_result, kind: int) -> None:
    if stat.S_IFMT(status.st_mode) != kind or status.st_uid != os.geteuid():
        raise NotOursError(errno.EPERM, f"not a {'directory' if kind == stat.S_IFDIR else 'file'} of ours")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise NotOursError(errno.EPERM, "others may write in it")


def _judge(status: os.stat_result, max_bytes: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableError(errno.EISDIR, "this is a directory")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableError(errno.EINVAL, "not a regular file")
    if status.st_size > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> TooLargeError:
    size = f"{max_bytes // 1_048_576} MiB" if max_bytes >= 1_048_576 else f"{max_bytes // 1024} KiB"
    return TooLargeError(errno.EFBIG, f"it is larger than {size}")


def _is_of_the_kernel(descriptor: int) -> bool:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}").startswith(_NOT_FILES)  # noqa: PTH115  # a link of the kernel
    except OSError:  # another system
        return False


def write_private(path: Path, data: bytes | str, *, exclusive: bool = False) -> None:
    """Give *path* the bytes of *data*, 0600, in one atomic step; a link there is replaced, never followed.

    With *exclusive* FileExistsError is raised where *path* exists. Raises OSError; *path* is then as it was.
    """
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _shared_lock(directory):
            _put(directory, path.name, raw, exclusive=exclusive)
        os.fsync(directory)
    finally:
        os.close(directory)


def write_report(path: Path, text: str) -> None:
    """Write *text* to a file that somebody named: a regular one or none yet. Raises OSError with a reason."""
    with contextlib.suppress(FileNotFoundError):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise UnreadableError(errno.ELOOP, "it is a link, and links are not followed")
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableError(errno.EISDIR, "this is a directory")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(errno.EINVAL, "not a regular file; use - for standard output")
    write_private(path, text)


def _put(directory: int, name: str, raw: bytes, *, exclusive: bool) -> None:
    temporary = temporary_name()
    descriptor, named = _new(directory, temporary)
    try:
        os.fchmod(descriptor, 0o600)  # whatever the umask took
        view = memoryview(raw)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
        if not named:
            # Only with a directory descriptor does Python call linkat, which follows /proc's link (open(2), O_TMPFILE).
            os.link(f"/proc/self/fd/{descriptor}", temporary, dst_dir_fd=directory, follow_symlinks=True)
            named = True
        if exclusive:
            os.link(temporary, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        else:
            os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
            named = False
    finally:
        os.close(descriptor)
        if named:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=directory)


def _new(directory: int, name: str) -> tuple[int, bool]:
    """Return a new file and whether it is called *name* already: an unnamed one leaves nothing when we are killed."""
    if os.path.isdir("/proc/self/fd"):  # noqa: PTH112  # a kernel's directory; without it no name could be given
        with contextlib.suppress(OSError, AttributeError):
            return os.open(".", os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=directory), False
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(name, flags, 0o600, dir_fd=directory), True


def temporary_name() -> str:
    """Return a name that ``OURS`` matches."""
    return f".postal-wizard.{os.urandom(8).hex()}.tmp"


def sync(directory: Path) -> None:
    """Bring the names in *directory* to disk. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(directory: Path) -> int:
    """Remove temporary files of this user that killed runs left in *directory*; return how many there were.

    Under the lock that every writer here holds; where somebody holds it, nothing is done.
    """
    count = 0
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for name in os.listdir(descriptor):  # noqa: PTH208  # a descriptor
                if OURS.fullmatch(name):
                    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
                        os.unlink(name, dir_fd=descriptor)
                        count += 1
        finally:
            os.close(descriptor)
    return count


@contextlib.contextmanager
def _shared_lock(directory: int) -> Iterator[None]:
    """Hold off a sweep. A lock that cannot be had in time, or at all (some network mounts), stops no writing."""
    until = time.monotonic() + _LOCK_TIMEOUT
    held = False
    while not held and time.monotonic() < until:
        try:
            fcntl.flock(directory, fcntl.LOCK_SH | fcntl.LOCK_NB)
            held = True
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:
            break
    try:
        yield
    finally:
        if held:
            fcntl.flock(directory, fcntl.LOCK_UN)
