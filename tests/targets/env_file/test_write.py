"""`write` on real files: what stays as it was, beside the text."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from wizard.targets import Refused
from wizard.targets.env_file import atomic, write

URL = "smtp://org%2Fserver:k%40y@smtp.postal.example.com:2525"
NEW = {"EMAIL_URL": URL, "DEFAULT_FROM_EMAIL": "GlitchTip <glitchtip@example.com>"}
AFTER = f"A=1\nEMAIL_URL={URL}\nDEFAULT_FROM_EMAIL='GlitchTip <glitchtip@example.com>'\n"


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text("A=1\nEMAIL_URL=old\n")
    return path


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
class TestMode:
    def test_of_a_new_file_is_0600(self, tmp_path: Path, umask: int) -> None:
        before = os.umask(umask)
        try:
            write(tmp_path / ".env", NEW)
        finally:
            os.umask(before)
        assert (tmp_path / ".env").stat().st_mode & 0o7777 == 0o600

    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o400, 0o755])
    def test_of_a_file_is_kept(self, env: Path, umask: int, mode: int) -> None:
        env.chmod(mode)
        before = os.umask(umask)
        try:
            write(env, NEW)
        finally:
            os.umask(before)
        assert env.stat().st_mode & 0o7777 == mode
        assert env.read_text() == AFTER


def test_owner_and_group_are_kept(env: Path) -> None:
    if os.geteuid() == 0:
        os.chown(env, 12345, 23456)
    before = env.stat()
    write(env, NEW)
    after = env.stat()
    assert after.st_ino != before.st_ino
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_extended_attributes_are_kept(env: Path) -> None:
    os.setxattr(env, "user.note", b"kept\0bytes")
    write(env, NEW)
    assert os.getxattr(env, "user.note") == b"kept\0bytes"
    assert env.read_text() == AFTER


@pytest.mark.skipif(shutil.which("setfacl") is None, reason="apt-get install -y acl")
class TestAcl:
    def test_is_kept(self, env: Path) -> None:
        subprocess.run(["setfacl", "-m", "u:12345:rw,g:23456:r,m::rw", env], check=True)
        before = self.acl(env)
        write(env, NEW)
        assert "user:12345:rw-" in before
        assert self.acl(env) == before

    def test_of_the_directory_is_not_inherited_by_a_file_without(self, tmp_path: Path, env: Path) -> None:
        before = self.acl(env)
        subprocess.run(["setfacl", "-d", "-m", "u:12345:rwx", tmp_path], check=True)
        write(env, NEW)
        assert self.acl(env) == before

    @staticmethod
    def acl(path: Path) -> str:
        return subprocess.run(["getfacl", "-cpn", path], check=True, capture_output=True, text=True).stdout


class TestSymbolicLink:
    def test_relative_stays_and_its_file_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "shared").mkdir()
        real = tmp_path / "shared" / "env"
        real.write_text("A=1\nEMAIL_URL=old\n")
        (tmp_path / "app").mkdir()
        link = tmp_path / "app" / ".env"
        link.symlink_to("../shared/env")
        write(link, NEW)
        assert str(link.readlink()) == "../shared/env"
        assert real.read_text() == AFTER
        assert names(tmp_path / "shared") == ["env"]

    def test_through_others_and_a_linked_directory(self, tmp_path: Path, env: Path) -> None:
        (tmp_path / "to").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "one").symlink_to("to/two")
        (tmp_path / "two").symlink_to(env)
        write(tmp_path / "one", NEW)
        assert env.read_text() == AFTER
        assert not env.is_symlink()

    def test_to_a_file_that_is_not_there_yet_says_where_it_is_to_live(self, tmp_path: Path) -> None:
        link = tmp_path / ".env"
        link.symlink_to("later.env")
        write(link, {"A": "1"})
        assert link.is_symlink()
        assert (tmp_path / "later.env").read_text() == "A=1\n"
        assert (tmp_path / "later.env").stat().st_mode & 0o777 == 0o600

    def test_into_a_directory_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        link = tmp_path / ".env"
        link.symlink_to("volume/.env")
        with pytest.raises(Refused, match="directory does not exist"):
            write(link, NEW)

    def test_in_a_circle_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(Refused, match="circle"):
            write(tmp_path / "a", NEW)


def test_a_hard_link_keeps_the_old_text_and_that_is_said(env: Path, caplog: pytest.LogCaptureFixture) -> None:
    other = env.with_name("other")
    os.link(env, other)
    with caplog.at_level(logging.WARNING):
        write(env, NEW)
    assert env.read_text() == AFTER
    assert other.read_text() == "A=1\nEMAIL_URL=old\n"
    assert "another name (a hard link)" in caplog.text


def test_the_same_values_again_write_nothing(env: Path) -> None:
    write(env, NEW)
    before = env.stat()
    write(env, NEW)
    assert (env.stat().st_ino, env.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_no_values_write_nothing(tmp_path: Path) -> None:
    write(tmp_path / ".env", {})
    assert names(tmp_path) == []


def test_a_relative_path_is_taken_from_here(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(env.parent)
    write(Path(".env"), NEW)
    assert env.read_text() == AFTER


class TestStrayFiles:
    def test_of_a_killed_writer_are_swept(self, env: Path) -> None:
        stray = env.with_name(".postal-wizard.0123456789abcdef.tmp")
        stray.write_text("EMAIL_URL=secret\n")
        write(env, NEW)
        assert names(env.parent) == [".env"]

    def test_are_swept_even_when_nothing_is_to_be_written(self, env: Path) -> None:
        write(env, NEW)
        env.with_name(".postal-wizard.0123456789abcdef.tmp").touch()
        write(env, NEW)
        assert names(env.parent) == [".env"]

    def test_of_other_programs_and_other_kinds_stay(self, env: Path) -> None:
        others = [".postal-wizard.tmp", ".env.swp", ".postal-wizard.0123456789abcdef.tmp~"]
        for name in others:
            env.with_name(name).touch()
        env.with_name(".postal-wizard.0123456789abcdef.tmp").mkdir()
        write(env, NEW)
        assert names(env.parent) == sorted([*others, ".env", ".postal-wizard.0123456789abcdef.tmp"])


class TestWithoutUnnamedFiles:
    def test_a_file_system_without_o_tmpfile_works(self, env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(place: object) -> int:
            raise atomic._NoLinkError

        monkeypatch.setattr(atomic, "_open_unnamed", refuse)
        write(env, NEW)
        assert env.read_text() == AFTER
        assert names(env.parent) == [".env"]

    def test_a_machine_without_proc_works(self, env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*args: object, **kwargs: object) -> None:
            raise FileNotFoundError(2, "No such file or directory")

        monkeypatch.setattr(os, "link", refuse)
        write(env, NEW)
        assert env.read_text() == AFTER
        assert names(env.parent) == [".env"]


class TestLock:
    def test_is_waited_for(self, env: Path) -> None:
        held = os.open(env.parent, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        writer = threading.Thread(target=write, args=(env, NEW))
        writer.start()
        writer.join(0.1)
        assert writer.is_alive()
        assert "old" in env.read_text()
        os.close(held)
        writer.join(10)
        assert env.read_text() == AFTER

    def test_that_is_never_given_up_ends_in_a_refusal(self, env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(atomic, "_PATIENCE", 0.05)
        held = os.open(env.parent, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            with pytest.raises(Refused, match="locked"):
                write(env, NEW)
        finally:
            os.close(held)
        assert "old" in env.read_text()
