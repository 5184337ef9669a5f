"""Refusals that only a real kernel gives: a full disk, a read-only one, a mounted file, an immutable one.

Each runs in a mount namespace of its own, which takes its mounts along when it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
PROGRAM = """
import os, sys, subprocess, pathlib, tempfile
from wizard.targets import Refused
from wizard.targets.env_file import location, write
def sh(*words): subprocess.run(words, check=True)
def mount(*words): sh("mount", *words)
top = pathlib.Path(sys.argv[1])
env = top / ".env"
def refused(words, values):
    before, names = env.read_bytes(), sorted(os.listdir(top))
    same = lambda found: (found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
    status = env.stat()
    try:
        write(env, values)
    except Refused as reason:
        assert words in str(reason), reason
    else:
        raise SystemExit("written")
    assert env.read_bytes() == before
    assert sorted(os.listdir(top)) == names
    assert same(env.stat()) == same(status)
    print("refused")
"""


def run(tmp_path: Path, script: str) -> str:
    if subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True
    ).returncode:
        pytest.xfail("this machine permits no mounts in a namespace")
    done = subprocess.run(
        [*NAMESPACE, sys.executable, "-c", PROGRAM + script, tmp_path],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert not done.stderr
    assert not done.returncode
    return done.stdout.strip()


def test_a_full_disk_is_refused_without_litter(tmp_path: Path) -> None:
    script = """
mount("-t", "tmpfs", "-o", "size=64k,mode=700", "none", str(top))
env.write_bytes(b"A=1\\n" * 1000)
filler = top / "filler"
try:
    with filler.open("wb", buffering=0) as file:
        while True: file.write(bytes(4096))
except OSError: pass
refused("the disk is full", {"EMAIL_URL": "smtp://x"})
filler.unlink()
write(env, {"EMAIL_URL": "smtp://x"})
assert b"smtp://x" in env.read_bytes()
"""
    assert run(tmp_path, script) == "refused"


def test_no_inode_left_is_refused_without_litter(tmp_path: Path) -> None:
    script = """
mount("-t", "tmpfs", "-o", "nr_inodes=4,mode=700", "none", str(top))
env.write_bytes(b"A=1\\n")
try:
    for number in range(9): (top / str(number)).touch()
except OSError: pass
refused("the disk is full", {"EMAIL_URL": "smtp://x"})
"""
    assert run(tmp_path, script) == "refused"


def test_a_read_only_file_system_is_refused(tmp_path: Path) -> None:
    script = """
mount("-t", "tmpfs", "-o", "mode=700", "none", str(top))
env.write_bytes(b"A=1\\n")
mount("-o", "remount,ro", str(top))
refused("read-only", {"EMAIL_URL": "smtp://x"})
"""
    assert run(tmp_path, script) == "refused"


def test_a_mounted_file_is_refused_and_written_in_place_after_a_yes(tmp_path: Path) -> None:
    script = """
import asyncio
from wizard.targets.env_file.target import EnvFile
mount("-t", "tmpfs", "-o", "mode=700", "none", str(top))
(top / "on host").mkdir(mode=0o700)
outside = top / "on host" / "env"
outside.write_bytes(b"A=1\\n")
env.touch()
mount("--bind", str(outside), str(env))
refused("mount point", {"EMAIL_URL": "smtp://x"})
assert location.mounted(env) and not location.mounted(outside)
state = top / "state"
async def try_it(yes):
    target = EnvFile(env, state, in_place=yes)
    return await target.apply(await target.plan({"EMAIL_URL": "smtp://x"}))
try:
    asyncio.run(try_it(False))
except Refused as reason:
    assert "mount point" in str(reason)
else:
    raise SystemExit("written without a yes")
assert asyncio.run(try_it(True)).written
assert outside.read_bytes() == b"A=1\\nEMAIL_URL=smtp://x\\n"
"""
    assert run(tmp_path, script) == "refused"


def test_a_file_on_a_mounted_directory_is_written(tmp_path: Path) -> None:
    script = """
mount("-t", "tmpfs", "-o", "mode=700", "none", str(top))
env.write_bytes(b"A=1\\n")
mount("--bind", str(top), str(top))
assert not location.mounted(env)
write(env, {"A": "2"})
print(env.read_text())
"""
    assert run(tmp_path, script) == "A=2"


@pytest.mark.parametrize("flag", ["i", "a"])
def test_an_immutable_or_append_only_file_is_refused(tmp_path: Path, flag: str) -> None:
    env = tmp_path / ".env"
    env.write_text("A=1\n")
    if subprocess.run(["chattr", f"+{flag}", env], check=False, capture_output=True).returncode:
        pytest.xfail("this machine permits no chattr")
    try:
        run_script = 'refused("immutable", {"EMAIL_URL": "smtp://x"})'
        assert run(tmp_path, run_script) == "refused"
    finally:
        subprocess.run(["chattr", f"-{flag}", env], check=True)
