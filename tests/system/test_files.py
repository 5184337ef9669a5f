"""Opening a name from outside, and writing what nobody else may read."""

from __future__ import annotations

import ast
import os
import socket
import stat
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.watch import Watch
from wizard.system import files, threads

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_slow_files_before() -> None:
    files._spent.clear()


class TestReading:
    def test_a_regular_file_and_one_behind_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"\x00\xff" * 1000)
        (tmp_path / "link").symlink_to("file")
        assert files.read(tmp_path / "file", 2000) == b"\x00\xff" * 1000
        assert files.read(tmp_path / "link", 2000) == b"\x00\xff" * 1000

    def test_what_is_absent_is_told_apart(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            files.read(tmp_path / "none", 10)

    @pytest.mark.parametrize("kind", ["fifo", "directory", "socket", "device", "link to a device", "NUL"])
    def test_anything_else_is_refused_at_once_with_a_reason(self, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "it"
        match kind:
            case "fifo":
                os.mkfifo(path)
            case "directory":
                path.mkdir()
            case "socket":
                with socket.socket(socket.AF_UNIX) as made:
                    made.bind(str(path))
            case "device":
                path = Path("/dev/zero")
            case "link to a device":
                path.symlink_to("/dev/tty")
            case _:
                path = tmp_path / "a\0b"
        watch = Watch()
        with pytest.raises(files.UnreadableError) as caught:
            files.read(path, 10)
        assert watch.seconds < 0.5
        assert caught.value.strerror
        assert str(tmp_path) not in str(caught.value.strerror)

    @pytest.mark.parametrize("name", ["/proc/self/environ", "/proc/self/cmdline", "/sys/kernel/uevent_seqnum"])
    def test_what_the_kernel_makes_is_no_file(self, name: str, tmp_path: Path) -> None:
        if not Path(name).exists():
            pytest.skip("not here")
        (tmp_path / "link").symlink_to(name)
        with pytest.raises(files.UnreadableError, match="not a regular file"):
            files.read(tmp_path / "link", 1_000_000)

    def test_a_large_one_is_refused_without_being_read(self, tmp_path: Path) -> None:
        with (tmp_path / "large").open("wb") as file:
            file.truncate(1 << 40)
        watch = Watch()
        with pytest.raises(files.TooLargeError, match="larger than 1 MiB"):
            files.read(tmp_path / "large", 1_048_576)
        assert watch.seconds < 0.5

    def test_one_byte_too_many_is_too_many(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"x" * 11)
        with pytest.raises(files.TooLargeError):
            files.read(tmp_path / "file", 10)
        assert files.read(tmp_path / "file", 11) == b"x" * 11


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Let every opening hang as on a dead mount, until the test ends; the list grows with each."""
    release, opened = threading.Event(), list[float]()

    def hang(_path: Path, _max_bytes: int) -> bytes:
        opened.append(time.monotonic())
        release.wait(20)
        return b""

    monkeypatch.setattr(files, "_read", hang)
    monkeypatch.setattr(files, "FILE_TIMEOUT", 0.2)
    monkeypatch.setattr(files, "ALL_TIMEOUT", 0.5)
    yield opened
    release.set()


class TestTheDeadline:
    def test_each_file_has_one_and_all_have_one_together(self, hanging: list[float], tmp_path: Path) -> None:
        watch = Watch()
        for _ in range(20):
            with pytest.raises(files.UnreadableError, match=r"no answer within|other files took"):
                files.read(tmp_path / "file", 10)
        assert watch.all_seconds > 0.4
        assert watch.seconds < 1.0
        assert len(hanging) <= 3

    def test_one_that_is_given_up_sooner_than_slow_counts_too(
        self, hanging: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "ALL_TIMEOUT", 0.03)
        for _ in range(20):
            with pytest.raises(files.UnreadableError, match=r"no answer within|other files took"):
                files.read(tmp_path / "file", 10)
        assert len(hanging) == 1

    def test_slow_files_are_forgotten_after_a_while(
        self, hanging: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(5):
            with pytest.raises(files.UnreadableError):
                files.read(tmp_path / "file", 10)
        count = len(hanging)
        monkeypatch.setattr(files, "_WINDOW", 0.0)
        with pytest.raises(files.UnreadableError):
            files.read(tmp_path / "file", 10)
        assert len(hanging) == count + 1

    def test_a_slow_disk_may_be_asked_for_the_same_file_again_and_not_for_ever_more_of_them(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def slow(_path: Path, _max_bytes: int) -> bytes:
            time.sleep(0.1)
            return b"x"

        monkeypatch.setattr(files, "_read", slow)
        monkeypatch.setattr(files, "ALL_TIMEOUT", 0.55)
        assert [files.read(tmp_path / ".env", 10) for _ in range(12)] == [b"x"] * 12
        refused = 0
        for number in range(12):
            try:
                files.read(tmp_path / f"{number}.env", 10)
            except files.UnreadableError:
                refused += 1
        assert 7 <= refused <= 10

    def test_a_thread_that_hangs_keeps_no_process(self) -> None:
        program = textwrap.dedent("""
            import time
            from pathlib import Path
            from wizard.system import files
            files._read = lambda path, most: time.sleep(60)
            files.FILE_TIMEOUT = 0.1
            try:
                files.read(Path("x"), 1)
            except files.UnreadableError as error:
                print(error.strerror)
        """)
        watch = Watch()
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "no answer within 0.1 s\n", "")
        assert watch.seconds < 10

    async def test_a_coroutine_that_waits_can_be_cancelled_at_once(self, hanging: list[float], tmp_path: Path) -> None:
        import asyncio

        task = asyncio.create_task(threads.in_daemon(lambda: files.read(tmp_path / "x", 1), 30))
        await asyncio.sleep(0.05)
        watch = Watch()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert watch.seconds < 0.2
        assert hanging


class TestOnce:
    def test_a_file_is_read_once_inside_and_anew_outside(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"one")
        with files.once():
            assert files.read(path, 10) == b"one"
            path.write_bytes(b"two")
            assert files.read(path, 10) == b"one"
            assert files.read(tmp_path / "." / "file", 10) == b"one"
        assert files.read(path, 10) == b"two"

    def test_an_error_is_remembered_as_well(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        with files.once():
            for _ in range(2):
                with pytest.raises(FileNotFoundError):
                    files.read(path, 10)
                path.write_bytes(b"late")

    async def test_threads_that_are_started_inside_share_it(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"one")
        with files.once():
            assert await threads.in_daemon(lambda: files.read(path, 10), 5) == b"one"
            path.write_bytes(b"two")
            assert await threads.in_daemon(lambda: files.read(path, 10), 5) == b"one"


class TestWriting:
    @pytest.mark.parametrize("unnamed", [True, False])
    def test_it_is_ours_alone_whatever_the_umask(
        self, unnamed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not unnamed:
            monkeypatch.delattr(os, "O_TMPFILE")
        path = tmp_path / "file"
        path.write_text("old")
        path.chmod(0o644)
        for mask in (0, 0o777):
            before = os.umask(mask)
            try:
                files.write_private(path, f"new {mask}")
            finally:
                os.umask(before)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert path.read_text() == f"new {mask}"
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_a_link_is_replaced_and_not_followed(self, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.write_text("theirs")
        (tmp_path / "link").symlink_to(other)
        files.write_private(tmp_path / "link", b"ours")
        assert other.read_text() == "theirs"
        assert not (tmp_path / "link").is_symlink()

    def test_an_exclusive_one_replaces_nothing(self, tmp_path: Path) -> None:
        files.write_private(tmp_path / "file", b"one", exclusive=True)
        with pytest.raises(FileExistsError):
            files.write_private(tmp_path / "file", b"two", exclusive=True)
        assert (tmp_path / "file").read_bytes() == b"one"
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    @pytest.mark.parametrize("unnamed", [True, False])
    def test_a_full_disk_leaves_the_old_bytes_and_no_temporary_file(
        self, unnamed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not unnamed:
            monkeypatch.delattr(os, "O_TMPFILE")
        (tmp_path / "file").write_text("old")

        def full(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            files.write_private(tmp_path / "file", b"new")
        assert (tmp_path / "file").read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_the_order_on_disk_is_write_fsync_rename_fsync(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order: list[str] = []
        for name in ("write", "fsync", "rename"):
            real = getattr(os, name)

            def call(*words: object, _name: str = name, _real: object = real, **more: object) -> object:
                order.append(_name)
                return _real(*words, **more)  # type: ignore[operator]  # the system call itself

            monkeypatch.setattr(os, name, call)
        files.write_private(tmp_path / "file", b"x")
        assert order == ["write", "fsync", "rename", "fsync"]

    def test_a_report_goes_to_a_regular_file_alone(self, tmp_path: Path) -> None:
        (tmp_path / "other").write_text("theirs")
        (tmp_path / "link").symlink_to("other")
        os.mkfifo(tmp_path / "fifo")
        for name, reason in (("link", "links are not followed"), ("fifo", "not a regular file"), (".", "directory")):
            with pytest.raises(OSError, match=reason):
                files.write_report(tmp_path / name, "text")
        with pytest.raises(OSError, match="not a regular file"):
            files.write_report(Path(os.devnull), "text")
        assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
        (tmp_path / "report").write_text("an older one")
        (tmp_path / "report").chmod(0o664)
        files.write_report(tmp_path / "report", "text")
        assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o600
        assert (tmp_path / "other").read_text() == "theirs"


class TestSweeping:
    def test_what_a_killed_run_left_goes_and_nothing_else(self, tmp_path: Path) -> None:
        stray = tmp_path / files.temporary_name()
        stray.write_text("a secret")
        kept = [".postal-wizard.0123.tmp", ".postal-wizard.0123456789abcdef.tmp.bak", "draft.toml"]
        for name in kept:
            (tmp_path / name).write_text("x")
        (tmp_path / files.temporary_name()).mkdir()
        assert files.sweep(tmp_path) == 1
        assert not stray.exists()
        assert len(list(tmp_path.iterdir())) == len(kept) + 1
        assert files.sweep(tmp_path / "none") == 0

    def test_somebody_else_s_is_left(self, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can make a file of another user")
        stray = tmp_path / files.temporary_name()
        stray.write_text("x")
        os.chown(stray, 12345, 12345)
        assert files.sweep(tmp_path) == 0
        assert stray.exists()

    def test_a_writer_holds_it_off(self, tmp_path: Path) -> None:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        stray = tmp_path / files.temporary_name()
        stray.write_text("in use")
        try:
            with files._shared_lock(descriptor):
                assert files.sweep(tmp_path) == 0
            assert files.sweep(tmp_path) == 1
        finally:
            os.close(descriptor)


ALLOWED: Final = {
    "wizard/system/files.py": "the opener and the writer",
    "wizard/targets/env_file/atomic.py": "the .env writer has its own order of calls (security.md section 1)",
    "wizard/targets/env_file/location.py": "the same: relative to a directory that it holds open",
    "wizard/rehearsal/files.py": "the rehearsal's own directory",
    "wizard/rehearsal/lifetime.py": "the same",
    "wizard/rehearsal/container_process.py": "descriptors that were handed over, and a log that has no name",
    "wizard/rehearsal/servers.py": "the same",
    "wizard/rehearsal/infisical/part.py": "the same",
    "wizard/rehearsal/postal/sink.py": "the same",
    "wizard/rehearsal/postal/certificates.py": "the same",
    "wizard/cli/main.py": "the null device in place of a closed stream",
    "wizard/cli/inputs.py": "a descriptor that was handed over",
    "wizard/glitchtip/inside_scripts.py": "a file of the package",
    "wizard/glitchtip/probe_script.py": "runs inside a container and stands on the standard library alone",
    "screens/app.py": "a file of the package",
    "wizard/setup/help_pages.py": "a file of the package",
}
"""Files that may open or write by themselves, each with its reason."""
CALLS: Final = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "mkstemp", "touch"}
NAMES: Final = {"open", "NamedTemporaryFile", "TemporaryFile", "mkstemp", "load_dotenv", "dotenv_values"}


def test_no_other_file_opens_or_writes() -> None:
    """A new opener by hand would hang on a FIFO, and a new writer would follow a link."""
    found: dict[str, list[str]] = {}
    for path in sorted([*(ROOT / "wizard").rglob("*.py"), *(ROOT / "screens").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            if (isinstance(function, ast.Attribute) and function.attr in CALLS) or (
                isinstance(function, ast.Name) and function.id in NAMES
            ):
                found.setdefault(str(path.relative_to(ROOT)), []).append(f"line {node.lineno}")
    assert {name: lines for name, lines in found.items() if name not in ALLOWED} == {}
    assert set(ALLOWED) - set(found) == set(), "allowed for no reason any more"


def test_nothing_runs_in_threads_that_the_program_waits_for() -> None:
    """The loop's executor is joined at exit: a file on a dead mount would keep the program for ever."""
    found = [
        f"{path.relative_to(ROOT)}: line {node.lineno}"
        for path in [*(ROOT / "wizard").rglob("*.py"), *(ROOT / "screens").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"to_thread", "run_in_executor", "ThreadPoolExecutor"}
    ]
    assert found == []


async def test_no_thread_left_is_an_error_with_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def none_left(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    (tmp_path / "file").write_bytes(b"x")
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        with pytest.raises(OSError, match="no thread left"):
            files.read(tmp_path / "file", 10)
        with pytest.raises(OSError, match="no thread left"):
            await threads.aside(files.read, tmp_path / "file", 10)
    assert await threads.aside(files.read, tmp_path / "file", 10) == b"x"
