"""What the wheel brings for the shell is what the parser says today."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli import shell_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TYPED: Final = [
    ("postal-wizard rol", ["rollback"]),
    ("postal-wizard apply --des", ["--despite-failures"]),
    ("postal-wizard demo lo", ["localhost"]),
    ("postal-wizard url e", ["encode", "explain"]),
    ("postal-wizard --pl", ["--plain"]),
    ("postal-wizard apply --answers here", ["here.toml"]),
]
"""What is typed before Tab, and what the shell offers for its last word."""


@pytest.mark.parametrize("path", [shell_files.MAN, *shell_files.COMPLETIONS.values()])
def test_the_file_is_what_the_parser_makes(path: str) -> None:
    lies = (shell_files.SHARE / path).read_text(encoding="utf-8")
    assert lies == shell_files.made()[path], "run: .venv/bin/python -m tests.cli.shell_files"


def test_nothing_else_is_in_the_folder() -> None:
    files = {str(path.relative_to(shell_files.SHARE)) for path in shell_files.SHARE.rglob("*") if path.is_file()}
    assert files == set(shell_files.made())


def test_the_man_page_has_every_command_and_option() -> None:
    page = shell_files.man_page()
    for words in ("check", "apply", "url encode", "url explain", "troubleshoot", "answers", "rollback", "demo"):
        assert f".SS postal\\-wizard {words}\n" in page
    for option in ("answers", "env\\-file", "password\\-fd", "client\\-secret\\-fd", "despite\\-failures", "watch"):
        assert page.count(f"\\fB\\-\\-{option}\\fR") == 1


def test_bash_completes_commands_options_and_scenarios() -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = """
    source "$1"
    ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _shtab_postal_wizard; echo "${COMPREPLY[*]}"; }
    ask postal-wizard rol
    ask postal-wizard apply --des
    ask postal-wizard demo lo
    """
    file = shell_files.SHARE / shell_files.COMPLETIONS["bash"]
    done = subprocess.run([bash, "-c", script, "bash", str(file)], capture_output=True, text=True, check=True)
    first, second, third = done.stdout.splitlines()
    assert (first, second) == ("rollback", "--despite-failures")
    assert "localhost" in third.split()


@pytest.mark.skipif(shutil.which("fish") is None, reason="apt-get install -y fish")
def test_fish_completes_commands_options_scenarios_and_files(tmp_path: Path) -> None:
    (tmp_path / "here.toml").touch()
    file = shell_files.SHARE / shell_files.COMPLETIONS["fish"]
    for typed, offered in TYPED:
        script = f"source {file}; complete -C '{typed}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        assert [line.split("\t")[0] for line in done.stdout.splitlines()] == offered, typed


class Zsh:
    """An interactive zsh on a terminal of its own: its completion works nowhere else."""

    def __init__(self, directory: Path) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.environ.update(TERM="dumb", PS1="", RPS1="")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.text = ""

    def until(self, wanted: str, seconds: float = 20.0) -> str:
        """Return what came until *wanted* did."""
        end = time.monotonic() + seconds
        while not re.search(wanted, self.text):
            assert time.monotonic() < end, self.text
            if select.select([self.fd], [], [], 0.2)[0]:
                self.text += os.read(self.fd, 65_536).decode(errors="replace")
        text, self.text = self.text, ""
        return text

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())


@pytest.fixture
def zsh(tmp_path: Path) -> Iterator[Zsh]:
    if shutil.which("zsh") is None:
        pytest.skip("apt-get install -y zsh")
    shell = Zsh(tmp_path)
    yield shell
    os.kill(shell.pid, signal.SIGKILL)
    os.close(shell.fd)
    os.waitpid(shell.pid, 0)


def test_zsh_completes_commands_options_scenarios_and_files(zsh: Zsh, tmp_path: Path) -> None:
    (tmp_path / "here.toml").touch()
    folder = (shell_files.SHARE / shell_files.COMPLETIONS["zsh"]).parent
    zsh.type(f"fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; echo rea''dy\n")
    zsh.until("ready\\r?\\n")
    for typed, offered in TYPED:
        zsh.type(f"{typed}\t")
        found = zsh.until(re.escape(offered[-1]))
        assert all(word in found for word in offered), typed
        zsh.type("\x15")
