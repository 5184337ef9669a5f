"""`write` refused: the reason is said, the file is as it was, and nothing lies about."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wizard.targets import Refused, UncertainError
from wizard.targets.env_file import atomic, python_dotenv, write
from wizard.targets.env_file import location as env_location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEW = {"EMAIL_URL": "smtp://u:p@h:25", "DEFAULT_FROM_EMAIL": "G <g@example.com>"}
OLD = b"A=1\nEMAIL_URL=old\n"


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Path]:
    """A file of which, whatever the test did, nothing has changed in the end."""
    path = tmp_path / ".env"
    path.write_bytes(OLD)
    os.utime(path, ns=(10**18, 10**18))
    before = path.stat()
    yield path
    after = path.stat()
    assert path.read_bytes() == OLD
    assert (before.st_ino, before.st_mtime_ns, before.st_mode) == (after.st_ino, after.st_mtime_ns, after.st_mode)
    assert names(tmp_path) == [".env"]


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", "a'b$c", "a\\"])
def test_a_value_that_cannot_be_written_stops_the_others_too(env: Path, value: str) -> None:
    with pytest.raises(Refused):
        write(env, {**NEW, "B": value})


def test_an_open_quote(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b'A="open\nEMAIL_URL=old\n')
    with pytest.raises(Refused, match="line 1 is never closed and swallows the line of EMAIL_URL"):
        write(path, NEW)
    assert path.read_bytes() == b'A="open\nEMAIL_URL=old\n'


class TestKinds:
    def test_a_directory(self, tmp_path: Path) -> None:
        (tmp_path / ".env").mkdir()
        with pytest.raises(Refused, match="is a directory"):
            write(tmp_path / ".env", NEW)

    @pytest.mark.parametrize("path", [".", "/", ".."])
    def test_a_path_without_a_name(self, path: str) -> None:
        with pytest.raises(Refused, match="is a directory"):
            write(Path(path), NEW)

    def test_a_fifo_does_not_hang(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / ".env")
        with pytest.raises(Refused, match="is a FIFO"):
            write(tmp_path / ".env", NEW)

    def test_a_socket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(".env")
            with pytest.raises(Refused, match="is a socket"):
                write(Path(".env"), NEW)

    @pytest.mark.parametrize("path", ["/dev/null", "/dev/tty", "/dev/full"])
    def test_a_device(self, path: str) -> None:
        with pytest.raises(Refused, match="is a device"):
            write(Path(path), NEW)

    def test_a_link_to_a_device(self, tmp_path: Path) -> None:
        (tmp_path / ".env").symlink_to("/dev/null")
        with pytest.raises(Refused, match="is a device"):
            write(tmp_path / ".env", NEW)

    def test_a_file_that_no_env_file_is_as_big_as(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(env_location, "LARGEST", 10)
        (tmp_path / ".env").write_bytes(OLD)
        with pytest.raises(Refused, match="MiB"):
            write(tmp_path / ".env", NEW)
        assert (tmp_path / ".env").read_bytes() == OLD


class TestDirectories:
    def test_that_are_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="directory does not exist"):
            write(tmp_path / "no" / ".env", NEW)

    def test_that_are_files(self, env: Path) -> None:
        with pytest.raises(Refused, match="not a directory"):
            write(env / ".env", NEW)

    def test_open_to_everybody_without_the_sticky_bit(self, env: Path) -> None:
        env.parent.chmod(0o777)
        with pytest.raises(Refused, match="Everybody may write"):
            write(env, NEW)
        env.parent.chmod(0o700)

    def test_that_a_link_comes_through_and_are_open_to_everybody(self, env: Path) -> None:
        with tempfile.TemporaryDirectory() as other:
            link = Path(other) / ".env"
            link.symlink_to(env)
            Path(other).chmod(0o777)
            with pytest.raises(Refused, match="Everybody may write"):
                write(link, NEW)

    def test_with_the_sticky_bit_are_fine(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o1777)
        write(tmp_path / ".env", NEW)
        assert "smtp://" in (tmp_path / ".env").read_text()


class TestOwners:
    def test_another_than_us_who_are_not_root(self) -> None:
        if os.geteuid() != 0:
            with pytest.raises(Refused, match="belongs to root"):
                write(Path("/etc/hostname"), NEW)
            return
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / ".env"
            path.write_bytes(OLD)
            path.chmod(0o666)
            Path(directory).chmod(0o1777)
            os.seteuid(65534)
            try:
                with pytest.raises(Refused, match="belongs to root"):
                    write(path, NEW)
            finally:
                os.seteuid(0)
            assert path.read_bytes() == OLD

    def test_of_a_link_that_a_stranger_planted(self, env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with tempfile.TemporaryDirectory() as directory:
            link = Path(directory) / ".env"
            link.symlink_to(env)
            if os.geteuid() == 0:
                os.lchown(link, 12345, 12345)
            else:
                monkeypatch.setattr(os, "geteuid", lambda: 54321)
            with pytest.raises(Refused, match="another user"):
                write(link, NEW)


Fault = tuple[str, int]
FAULTS: list[Fault] = [
    (function, number)
    for function in ("write", "fsync", "rename", "fchmod", "open", "flock")
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EBUSY, errno.EIO)
]


@pytest.mark.parametrize(("function", "number"), FAULTS)
def test_every_error_before_the_rename_leaves_the_file_alone(
    env: Path, monkeypatch: pytest.MonkeyPatch, function: str, number: int
) -> None:
    struck = []

    def fail(*args: Any, **kwargs: Any) -> Any:
        if function == "open" and not args[1] & os.O_WRONLY:
            return real(*args, **kwargs)
        struck.append(number)
        raise OSError(number, os.strerror(number))

    owner: Any = fcntl if function == "flock" else os
    real: Callable[..., Any] = getattr(owner, function)
    monkeypatch.setattr(owner, function, fail)
    with pytest.raises(Refused):
        write(env, NEW)
    monkeypatch.undo()
    assert struck


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EBUSY, "mount point"),
        (errno.EPERM, "immutable"),
        (errno.EACCES, "no permission"),
    ],
)
def test_the_reason_says_what_to_do(env: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(Refused, match=words):
        write(env, NEW)


@pytest.mark.parametrize("attribute", ["fchown", "setxattr"])
def test_what_cannot_be_kept_is_not_lost(env: Path, monkeypatch: pytest.MonkeyPatch, attribute: str) -> None:
    os.setxattr(env, "user.note", b"x")
    real = os.fstat

    def of_another_group(descriptor: int) -> os.stat_result:
        found = list(real(descriptor))
        found[5] += 1
        return os.stat_result(found)

    def fail(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if attribute == "fchown":
        real_take = atomic._take_after

        def take(descriptor: int, source: env_location.Source) -> None:
            monkeypatch.setattr(os, "fstat", of_another_group)
            real_take(descriptor, source)

        monkeypatch.setattr(atomic, "_take_after", take)
    monkeypatch.setattr(os, attribute, fail)
    with pytest.raises(Refused, match="could not be kept"):
        write(env, NEW)
    monkeypatch.undo()


class TestChangedMeanwhile:
    @pytest.mark.parametrize("how", ["text", "replaced", "removed"])
    def test_by_another_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
        env = tmp_path / ".env"
        env.write_bytes(OLD)
        real = os.fsync

        def interfere(descriptor: int) -> None:
            monkeypatch.setattr(os, "fsync", real)
            real(descriptor)
            if how == "text":
                env.write_bytes(b"B=theirs\n")
            elif how == "replaced":
                (tmp_path / "new").write_bytes(OLD)
                (tmp_path / "new").rename(env)
            else:
                env.unlink()

        monkeypatch.setattr(os, "fsync", interfere)
        with pytest.raises(Refused, match="Another program has changed"):
            write(env, NEW)
        left = {"text": b"B=theirs\n", "replaced": OLD, "removed": None}[how]
        assert (env.read_bytes() if env.exists() else None) == left
        assert names(tmp_path) == ([] if how == "removed" else [".env"])

    def test_a_new_file_that_somebody_else_made(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real = os.fsync

        def interfere(descriptor: int) -> None:
            real(descriptor)
            (tmp_path / ".env").write_bytes(b"theirs=1\n")

        monkeypatch.setattr(os, "fsync", interfere)
        with pytest.raises(Refused, match="Another program has changed"):
            write(tmp_path / ".env", NEW)
        assert (tmp_path / ".env").read_bytes() == b"theirs=1\n"
        assert names(tmp_path) == [".env"]


def test_what_python_dotenv_would_read_otherwise_is_not_written(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_dotenv, "_others", lambda bindings, keys: [id(bindings)])
    with pytest.raises(Refused, match="python-dotenv would read other settings"):
        write(env, NEW)


def test_a_directory_that_cannot_be_synced_is_uncertain_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, []

    def fail_second(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail_second)
    with pytest.raises(UncertainError, match="power cut") as uncertain:
        write(tmp_path / ".env", NEW)
    assert set(uncertain.value.keys) == set(NEW)
