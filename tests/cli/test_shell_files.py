"""What the wheel brings for the shell is what the parser says today."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.cli import shell_files

SHELLS = tuple(shell_files.COMPLETIONS)


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
