"""Standard streams that are full, closed, or of another encoding: a sentence or nothing, and never a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.effort import one_in

ROOT = Path(__file__).parents[2]
ENCODE = "url encode --username a/b --host h --port 25"
REFUSED = "ConnectionRefusedError: [Errno 111] Connection refused"
CONFIG = f"check --answers {ROOT / 'assets' / 'answers.toml'} --only config --json"


def shell(line: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run *line* by a shell; ``%`` is the program."""
    program = f"{sys.executable} -m wizard"
    return subprocess.run(
        ["/bin/sh", "-c", line.replace("%", program)],
        input=given,
        capture_output=True,
        text=True,
        # Python's own streams as an operator has them: what they keep back is written at the very end.
        env={**{name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}, **env},
        cwd=ROOT,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "given"),
    one_in(
        2,
        [
            (ENCODE, "abc"),
            ("url explain", "smtp://a:b@h:25"),
            ("troubleshoot -", REFUSED),
            ("troubleshoot - --json", REFUSED),
            (CONFIG, ""),
            ("demo --list", ""),
            ("demo --serve", ""),
        ],
    ),
)
def test_a_full_standard_output_is_one_sentence(words: str, given: str) -> None:
    ended = shell(f"% {words} >/dev/full", given)
    assert ended.returncode == 4
    assert ended.stderr == "Standard output cannot be written: No space left on device.\n"


@pytest.mark.parametrize(("words", "code"), [(CONFIG, 0), ("check --env-file /nowhere", 2), ("check --nonsense", 2)])
def test_people_who_cannot_be_told_change_no_exit_code(words: str, code: int) -> None:
    assert shell(f"% {words} 2>/dev/full").returncode == code


def test_a_closed_standard_input_is_an_empty_one() -> None:
    ended = shell(f"% {ENCODE} <&-")
    assert ended.returncode == 2
    assert "The key is empty" in ended.stderr
    assert shell("% troubleshoot - <&-").returncode == 3


def test_a_closed_standard_output_takes_nothing_and_no_file_takes_its_place(tmp_path: Path) -> None:
    # The first file that is opened would be descriptor 1, and what is printed would go into it.
    report = tmp_path / "report"
    ended = shell(f"% {CONFIG} --report {report} >&-")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "{" not in report.read_text()
    assert shell("% check --env-file /nowhere <&- >&- 2>&-").returncode == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_is_utf8_and_people_read_on_whatever_the_locale(encoding: str) -> None:
    env = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    ended = shell(CONFIG.replace("check", "% check", 1), **env)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["schema"] == 1
    ended = shell("% url explain", "smtp://a:b@h:25", **env)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "••••" in ended.stdout
