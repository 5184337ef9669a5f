"""The command line never repeats a value: it may be a secret that was typed in the wrong place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from wizard.cli import main
from wizard.cli.options import Options
from wizard.system.output import Out

if TYPE_CHECKING:
    from pathlib import Path

KEY = "aB3dE5gH7jK9mN1pQ3sT5vW7"
WORD = "hunter2-hunter2"


def ended(words: list[str]) -> int:
    """Run *words* as ``main`` does, without hardening this process, and return the exit code."""
    try:
        options = Options.of(main._parser().parse_args(words))
    except SystemExit as error:
        return int(error.code or 0)
    return main._dispatch(options, Out(sys.stdout, sys.stderr, ascii=False))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("secret", [KEY, WORD, f"-{WORD}", f"--{KEY}", "12345678901234567890", "9" * 5_000])
@pytest.mark.parametrize(
    "before",
    [
        ["{}"], ["check", "{}"],
        ["check", "--password-fd", "{}"], ["check", "--password-fd={}"], ["check", "--json={}"],
        ["check", "--client-secret-fd", "{}"], ["check", "--watch", "{}"], ["check", "--authoritative-port", "{}"],
        ["check", "--only", "{}"], ["check", "--resolver", "{}"], ["check", "--password", "{}"], ["check", "--{}"],
        ["url", "{}"], ["url", "encode", "{}"], ["troubleshoot", "{}"], ["demo", "{}"], ["apply", "--key={}"],
        ["rollback", "{}"], ["answers", "{}"],
    ],
)  # fmt: skip
def test_whatever_the_place(before: list[str], secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [word.replace("{}", secret) for word in before]
    code = ended(words)
    printed = "".join(capsys.readouterr())
    assert code == 2, printed
    assert secret.lstrip("-") not in printed
    assert printed.strip()


@pytest.mark.parametrize("option", ["--answers", "--env-file"])
def test_a_key_in_the_place_of_a_file_is_masked(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(["check", option, KEY]) == 2
    printed = "".join(capsys.readouterr())
    assert KEY not in printed
    assert "cannot be read" in printed or "does not exist" in printed
