"""What each child process really gets, and which program it is: nothing of ours beyond what it needs."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from wizard.checks.config import git
from wizard.glitchtip.docker import Docker
from wizard.model.codes import Code
from wizard.model.secret import Secret
from wizard.rehearsal import lifetime
from wizard.state import keyring
from wizard.system import command, files

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "aB3dE5gH7jK9mN1pQ3sT5vW7"

OURS: Final = {
    "INFISICAL_TOKEN": "st.0123456789abcdef0123456789abcdef",
    "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET": "f" * 64,
    "EMAIL_URL": "smtp://shop%2Fapps:hidden@postal.example:25",
    "EMAIL_HOST_PASSWORD": "hidden",
    "DOCKER_TOKEN_OF_OURS": KEY,
    "SOME_KEY": KEY,
    "SSH_AUTH_SOCK": "/run/agent",
    "DISPLAY": ":7",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/none/bus",
    "XDG_RUNTIME_DIR": "/run/user/7",
    "DOCKER_CONTEXT": "far",
    "COMPOSE_FILE": "/srv/compose.yml",
    "GIT_DIR": "/elsewhere",
    "GIT_SSH_COMMAND": "false",
    "LD_PRELOAD": "",
    "LANG": "C.UTF-8",
}
"""The environment of the wizard, with a value that belongs to no child and values that belong to one each."""

DUMP: Final = """#!/bin/sh
tr '\\0' '\\n' < /proc/$$/environ | sed 's/=.*//' | sort -u > {file}
tr '\\0' '\\n' < /proc/$$/environ > {file}.whole
exit {code}
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Callable[[], set[str]]]:
    """Return a maker of programs that record their environment; what it returns gives the names that arrived."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    for name, value in OURS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{binaries}:.::relative/bin:{os.environ['PATH']}")

    def made(name: str) -> Callable[[], set[str]]:
        file = tmp_path / f"{name}.environment"
        path = binaries / name
        path.write_text(DUMP.format(file=file, code=1))
        path.chmod(0o755)

        def arrived() -> set[str]:
            whole = file.with_suffix(".environment.whole").read_text()
            assert KEY not in whole
            assert "hidden" not in whole
            entries = next(line for line in whole.splitlines() if line.startswith("PATH=")).removeprefix("PATH=")
            assert all(entry.startswith("/") for entry in entries.split(":"))
            return set(file.read_text().split()) - {"PWD", "_", "SHLVL", "OLDPWD"}

        return arrived

    return made


class TestTheEnvironmentThatArrived:
    secret = Secret(KEY)

    async def test_git(self, fake: Callable[[str], Callable[[], set[str]]], tmp_path: Path) -> None:
        arrived = fake("git")
        await git.judge(tmp_path / ".env")
        common = {"PATH", "HOME", "LANG", "LC_ALL"}
        assert arrived() == common | {
            "GIT_NO_LAZY_FETCH",
            "GIT_ALLOW_PROTOCOL",
            "GIT_OPTIONAL_LOCKS",
            "GIT_TERMINAL_PROMPT",
            "GIT_PAGER",
        }

    async def test_docker(self, fake: Callable[[str], Callable[[], set[str]]]) -> None:
        arrived = fake("docker")
        await Docker().containers()
        named = {"DOCKER_CONTEXT", "COMPOSE_FILE", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK"}
        assert arrived() == {"PATH", "HOME", "LANG"} | named

    async def test_the_keyring(
        self,
        fake: Callable[[str], Callable[[], set[str]]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        arrived = fake("python")
        monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
        await keyring.put("test", self.secret)
        assert arrived() == {"PATH", "HOME", "LANG", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY"}

    def test_the_rehearsal(
        self,
        fake: Callable[[str], Callable[[], set[str]]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        arrived = fake("python")
        monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
        with pytest.raises(lifetime.RehearsalError):
            lifetime.start("good", tmp_path / "rehearsal")
        assert arrived() - {"TMPDIR"} == {"PATH", "HOME", "LANG", "PYTHONPATH"}


class TestTheProgram:
    @pytest.mark.parametrize("entry", [".", "", "bin", "./bin", "../here/bin"])
    async def test_one_in_the_directory_is_never_run(
        self, entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = tmp_path / "here"
        (here / "bin").mkdir(parents=True)
        for place in (here, here / "bin"):
            (place / "docker").write_text("#!/bin/sh\ntouch ran\n")
            (place / "docker").chmod(0o755)
        monkeypatch.chdir(here)
        monkeypatch.setenv("PATH", f"{entry}:/none")
        for name in ("docker", "./docker", "bin/docker"):
            assert command.program(name) is None
            ran = await command.run((name,), deadline=5)
            assert ran.code is None
            assert ran.not_started
        with pytest.raises(FileNotFoundError):
            command.start(("docker",))
        assert "ran" not in {name for _, _, names in os.walk(tmp_path) for name in names}

    async def test_the_one_of_an_absolute_entry_is_run_by_its_whole_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "docker").write_text('#!/bin/sh\necho "$0"\n')
        (tmp_path / "docker").chmod(0o755)
        monkeypatch.setenv("PATH", f".:{tmp_path}:/usr/bin:/bin")
        ran = await command.run(("docker",), deadline=5)
        assert ran.stdout.decode().strip() == str(tmp_path / "docker")


def test_no_other_file_starts_a_process() -> None:
    """A second place that starts children would have rules of its own."""
    starters = {
        "create_subprocess_exec", "create_subprocess_shell", "subprocess_exec", "subprocess_shell", "Popen", "system",
        "popen", "posix_spawn", "posix_spawnp", "execv", "execve", "execvp", "execvpe", "fork", "forkpty",
        "check_output", "check_call", "getoutput", "run_module", "spawnv", "spawnve",
    }  # fmt: skip
    found = set()
    for path in [*(ROOT / "wizard").rglob("*.py"), *(ROOT / "screens").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in starters:
                found.add(str(path.relative_to(ROOT)))
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (node.func.value.id, node.func.attr) == ("subprocess", "run")
            ):
                found.add(str(path.relative_to(ROOT)))
    # The rehearsal's pretend container forks itself, and starts no program.
    assert found == {"wizard/system/command.py", "wizard/rehearsal/container_process.py"}


def git_of(directory: Path, *words: str, **more: str) -> str:
    """Run git as the test's author would, and return what it printed."""
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **more},
    )
    return done.stdout


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """Return a partial clone with a sparse index whose configuration names a program, and what that program makes."""
    source, clone, mark = tmp_path / "source", tmp_path / "clone", tmp_path / "ran"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "file").write_text("x\n")
    (source / "top").write_text("x\n")
    git_of(source, "init", "-q")
    git_of(source, "config", "uploadpack.allowFilter", "true")
    git_of(source, "config", "uploadpack.allowAnySHA1InWant", "true")
    git_of(source, "add", ".")
    git_of(source, "commit", "-q", "-m", "x")
    git_of(tmp_path, "clone", "-q", "--filter=tree:0", "--sparse", "--no-checkout", f"file://{source}", str(clone))
    git_of(clone, "sparse-checkout", "set", "--cone", "--sparse-index", "nothing")
    git_of(clone, "checkout", "-q", "HEAD")
    # The trees that the sparse index needs to be expanded are to be fetched again.
    for pack in (clone / ".git" / "objects" / "pack").iterdir():
        pack.chmod(0o644)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nenv >> {mark}\nexit 1\n")
    program.chmod(0o755)
    git_of(clone, "config", "remote.origin.uploadpack", str(program))
    return clone, mark


class TestGitInAStrangersRepository:
    async def test_a_partial_clone_with_a_sparse_index_runs_no_program(
        self, trap: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone, mark = trap
        tree = git_of(clone, "rev-parse", "HEAD:deep", GIT_NO_LAZY_FETCH="1", GIT_ALLOW_PROTOCOL="").strip()
        for path in list((clone / ".git" / "objects").rglob("*")):
            if path.is_file() and path.suffix in {".pack", ".idx", ".rev", ".promisor"}:
                path.chmod(0o644)
        missing(clone, tree)
        with contextlib.suppress(subprocess.CalledProcessError):
            git_of(clone, "ls-files", "--error-unmatch", "--", ".env")
        assert mark.exists(), "the trap does not work: nothing is shown by its silence"
        mark.unlink()
        finding = await git.judge(clone / ".env")
        assert not mark.exists()
        assert finding.code in {Code.GIT_UNKNOWN, Code.GIT_NOT_IGNORED}
        # Each variable stops it alone, for a git that does not know the other.
        for name in ("GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL"):
            kept = {key: value for key, value in git._VARIABLES.items() if key != name}
            monkeypatch.setattr(git, "_VARIABLES", kept)
            await git.judge(clone / ".env")
            monkeypatch.undo()
        assert not mark.exists()

    @pytest.mark.parametrize("setting", ["core.fsmonitor", "core.pager", "core.askPass", "core.sshCommand"])
    async def test_nor_does_any_other_setting(self, setting: str, tmp_path: Path) -> None:
        git_of(tmp_path, "init", "-q")
        program, mark = tmp_path / "program", tmp_path / "ran"
        program.write_text(f"#!/bin/sh\ntouch {mark}\n")
        program.chmod(0o755)
        git_of(tmp_path, "config", setting, str(program))
        assert (await git.judge(tmp_path / ".env")).code is Code.GIT_NOT_IGNORED
        assert not mark.exists()

    async def test_nor_does_a_hook(self, tmp_path: Path) -> None:
        git_of(tmp_path, "init", "-q")
        mark = tmp_path / "ran"
        hooks = tmp_path / ".git" / "hooks"
        for name in ("post-index-change", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman"):
            (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
            (hooks / name).chmod(0o755)
        (tmp_path / "file").write_text("x")
        git_of(tmp_path, "add", "file")
        mark.unlink(missing_ok=True)
        assert (await git.judge(tmp_path / ".env")).code is Code.GIT_NOT_IGNORED
        assert not mark.exists()


def missing(clone: Path, tree: str) -> None:
    """Take object *tree* out of *clone*, so that git would have to fetch it."""
    packs = clone / ".git" / "objects" / "pack"
    aside = clone / ".git" / "aside"
    aside.mkdir()
    for path in list(packs.glob("*.pack")):
        path.rename(aside / path.name)
        path.with_suffix(".idx").unlink()
    for pack in aside.glob("*.pack"):
        subprocess.run(["git", "unpack-objects", "-q"], cwd=clone, input=pack.read_bytes(), check=True)
    promisor = packs / f"pack-{'0' * 40}"
    loose = clone / ".git" / "objects" / tree[:2] / tree[2:]
    loose.unlink()
    assert not promisor.exists()


async def test_no_file_descriptor_left_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        with contextlib.suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        ran = await command.run(("true",), deadline=5)
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert ran.code is None
    assert ran.not_started == "Too many open files"
    # And it works again once there are some.
    assert (await command.run(("true",), deadline=5)).code == 0


def running(argument: str) -> list[str]:
    """Return the living processes that have *argument*."""
    found = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if argument in line.split() and not line.startswith("Z")]


async def test_no_thread_left_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11 waits for each child in a thread."""

    def none_left(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        ran = await command.run(("sleep", "61.25"), deadline=5)
    assert not running("61.25")
    if sys.version_info < (3, 12):
        assert (ran.code, ran.not_started) == (None, "can't start new thread")
    assert (await command.run(("true",), deadline=5)).code == 0


def test_the_choice_of_a_keyring_goes_over_the_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/request\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    asyncio.run(keyring.probe())
    asked = json.loads((tmp_path / "request").read_text())
    assert asked["choice"]["PYTHON_KEYRING_BACKEND"] == "keyring.backends.null.Keyring"


class TestTheNameOfATemporaryFile:
    """A killed run may leave one: it holds the same secret as the file."""

    async def test_one_that_git_tracks_is_published(self, tmp_path: Path) -> None:
        git_of(tmp_path, "init", "-q")
        (tmp_path / ".gitignore").write_text(".env\n")
        (tmp_path / files.temporary_name()).write_text("x")
        git_of(tmp_path, "add", ".")
        assert (await git.judge(tmp_path / ".env")).code is Code.GIT_TEMPORARY_TRACKED

    async def test_one_that_was_left_and_is_not_ignored_is_named(self, tmp_path: Path) -> None:
        git_of(tmp_path, "init", "-q")
        (tmp_path / ".gitignore").write_text(".env\n")
        name = files.temporary_name()
        (tmp_path / name).write_text("x")
        found = await git.judge(tmp_path / ".env")
        assert found.code is Code.GIT_TEMPORARY_LEFT
        assert name in found.summary
        (tmp_path / ".gitignore").write_text(".env\n.postal-wizard.*\n")
        assert (await git.judge(tmp_path / ".env")).code is Code.GIT_IGNORED

    async def test_without_one_the_file_itself_decides_and_the_moment_is_mentioned(self, tmp_path: Path) -> None:
        git_of(tmp_path, "init", "-q")
        (tmp_path / ".gitignore").write_text(".env\n")
        found = await git.judge(tmp_path / ".env")
        assert found.code is Code.GIT_IGNORED
        assert ".postal-wizard.*.tmp" in found.evidence[0]
        (tmp_path / ".gitignore").write_text("*\n")
        assert (await git.judge(tmp_path / ".env")).evidence == ()
