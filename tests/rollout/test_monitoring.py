"""The cron line and the systemd units, read back by what will read them."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from wizard.model.exit_codes import Exit
from wizard.rollout import monitoring

if TYPE_CHECKING:
    from pathlib import Path

ODD = [
    "plain", "a blank", "50%", "it's", 'a "quote"', "a$HOME`id`", "back\\slash", "%n%h", "\\%", "semi;colon&", "ü", "#",
    "=a", "*", "$$", "100%% 'of' \"it\" \\ $x",
]  # fmt: skip
"""Names of directories that operators could have."""


@pytest.fixture(params=ODD)
def env_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a .env in a directory with such a name, with a program beside it that tells its arguments."""
    directory = tmp_path / str(request.param)
    directory.mkdir()
    program = directory / "postal-wizard"
    program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv))\n")
    program.chmod(0o755)
    return directory / ".env"


def _starts(env_file: Path) -> tuple[str, ...]:
    return (str(env_file.with_name("postal-wizard")),)


def _expected(env_file: Path) -> list[str]:
    return [*_starts(env_file), "check", "--env-file", str(env_file), "--quiet"]


def _cron(command: str) -> str:
    """Return what cron gives to ``sh -c``, by the loop of its ``child_process`` (do_command.c)."""
    given, escaped = "", False
    for character in command:
        if escaped and character != "%":
            given += "\\"
        elif not escaped and character == "%":
            return given
        escaped = character == "\\"
        if not escaped:
            given += character
    return given + ("\\" if escaped else "")


def _arguments(shell_command: str) -> list[str]:
    done = subprocess.run(["sh", "-c", shell_command], capture_output=True, text=True, check=True, timeout=10)
    told: list[str] = json.loads(done.stdout)
    return told


class TestCron:
    def test_the_line_runs_the_check_with_the_paths_as_they_are(self, env_file: Path) -> None:
        line = monitoring.cron_line(env_file, _starts(env_file))
        when, command = line.split(maxsplit=5)[:5], line.split(maxsplit=5)[5]
        assert when == ["*/15", "*", "*", "*", "*"]
        assert _arguments(_cron(command)) == _expected(env_file)

    def test_it_is_one_line(self, env_file: Path) -> None:
        assert len(monitoring.cron_line(env_file, _starts(env_file)).splitlines()) == 1


class TestSystemd:
    def test_the_units_are_taken_by_systemd(self, env_file: Path, tmp_path: Path) -> None:
        if shutil.which("systemd-analyze") is None:
            pytest.skip("apt-get install -y systemd")
        units = tmp_path / "units"
        units.mkdir()
        for name, text in monitoring.units(env_file, _starts(env_file)).items():
            (units / name).write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", *sorted(units.iterdir())],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        ours = [line for line in done.stderr.splitlines() if monitoring.UNIT in line]
        assert (ours, done.returncode) == ([], 0)

    def test_the_arguments_are_the_paths_as_they_are(self, env_file: Path) -> None:
        text = monitoring.service_unit(env_file, _starts(env_file))
        line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
        assert line.startswith("ExecStart=:")
        words = _unquoted(line.removeprefix("ExecStart=:"))
        if words[0] == "/bin/sh":
            done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=10)
            assert json.loads(done.stdout) == _expected(env_file)
            words = words[4:]
        assert words == _expected(env_file)


class TestProgram:
    def test_it_is_named_by_an_absolute_path(self) -> None:
        assert monitoring.program()[0].startswith("/")

    def test_a_relative_file_becomes_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from pathlib import Path

        monkeypatch.chdir(tmp_path)
        assert shlex.split(monitoring.cron_line(Path(".env"), ("/bin/p",)))[-2] == str(tmp_path / ".env")

    @pytest.mark.parametrize("name", ["two\nlines", "esc\x1b[0m", "nul\x00"])
    def test_what_cannot_be_written_is_refused(self, tmp_path: Path, name: str) -> None:
        for made in (monitoring.cron_line, monitoring.service_unit):
            with pytest.raises(monitoring.UnwritableError):
                made(tmp_path / name / ".env", ("/bin/p",))

    def test_quiet_is_an_option_of_check(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("DEFAULT_FROM_EMAIL=a@b.example\n")
        done = subprocess.run(
            [sys.executable, "-m", "wizard", *monitoring.command(tmp_path / ".env", ("p",))[1:]],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert done.returncode == Exit.USAGE
        assert "holds no EMAIL_URL" in done.stderr


def _unquoted(line: str) -> list[str]:
    """Split as systemd.syntax(7) says: double quotes, backslash escapes, %% for a percent sign."""
    words, current, inside, escaped = [], "", False, False
    for character in line:
        if escaped:
            current, escaped = current + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            inside = not inside
            if not inside:
                words.append(current.replace("%%", "%"))
                current = ""
        elif inside:
            current += character
    return words
