"""The main job in a real terminal, from the first screen to done, with its bytes counted and its secrets hunted."""

from __future__ import annotations

import base64
import email
import re
import stat
import subprocess
import time
from email.policy import default
from typing import TYPE_CHECKING

import dotenv
import environ
import pytest

from tests.effort import one_in
from tests.terminal.driver import GoneError, Terminal
from wizard.model.secret import spellings

if TYPE_CHECKING:
    from pathlib import Path

KIB = 1024


def code_in(sink: Path) -> str:
    """Return the code of the newest mail in *sink*."""
    newest = max(sink.glob("*.eml")).read_text(encoding="utf-8", errors="replace")
    match = re.search(r"mail is ([A-Z0-9]{6})", newest)
    assert match, newest
    return match[1]


def go_to(terminal: Terminal, mark: str, changes: list[int]) -> None:
    """Go on, each time after the screen stands still, until the step marked *mark* is there."""
    for _ in range(8):
        terminal.wait_for("^Q quit")
        terminal.settle()
        if mark in terminal.text:
            return
        before = len(terminal.bytes)
        terminal.go_on()
        terminal.settle()
        changes.append(len(terminal.bytes) - before)
    raise GoneError(f"{mark} was not reached:\n{terminal.text}")


def walk_to_done(terminal: Terminal, sink: Path, changes: list[int]) -> None:
    """Walk every step; the bytes of each go into *changes*."""
    terminal.wait_for("Set up from the beginning")
    for mark in ("◉ Server", "◉ Credential", "◉ Sender", "◉ Target", "◉ Mail"):
        go_to(terminal, mark, changes)
    terminal.press("\r")
    terminal.wait_for("Its code")
    terminal.settle()
    terminal.press(code_in(sink))
    terminal.settle()
    go_to(terminal, "◉ Review", changes)
    terminal.wait_for("Nothing has been written yet")
    terminal.press("\r")
    terminal.wait_for("written and read back")
    terminal.settle()


def bash_reads(path: Path, key: str) -> str:
    script = f'set -a; . "$1"; printf %s "${key}"'
    return subprocess.run(["bash", "-c", script, "bash", str(path)], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "rehearsal"


def test_the_main_job_ends_with_a_proven_env_file(directory: Path) -> None:
    changes: list[int] = []
    with Terminal("demo", "--directory", str(directory)) as terminal:
        terminal.wait_for("Set up from the beginning")
        assert "REHEARSAL: nothing leaves this machine" in terminal.text
        path = directory / ".env"
        before = path.read_bytes().splitlines(keepends=True)
        walk_to_done(terminal, directory / "sink", changes)
        assert "REHEARSAL: nothing leaves this machine" in terminal.text
        memory = terminal.memory()
        terminal.press("\r")  # no question about the backup: the containers still run with the old settings
        assert terminal.end() == 0
        drawn = bytes(terminal.bytes)
    after = path.read_bytes().splitlines(keepends=True)
    ours = (b"EMAIL_URL=", b"DEFAULT_FROM_EMAIL=")
    kept = [line for line in before if not line.startswith(ours)]
    assert [line for line in after if not line.startswith(ours)] == kept
    assert len(kept) >= 55
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    values = dotenv.dotenv_values(path, interpolate=False)
    environ.Env.ENVIRON, kept_environ = {}, environ.Env.ENVIRON
    try:
        environ.Env.read_env(str(path))
        read_by_environ = dict(environ.Env.ENVIRON)
    finally:
        environ.Env.ENVIRON = kept_environ
    for key in ("EMAIL_URL", "DEFAULT_FROM_EMAIL"):
        assert values[key]
        assert values[key] == read_by_environ[key] == bash_reads(path, key)

    mail = email.message_from_bytes(max((directory / "sink").glob("*.eml")).read_bytes(), policy=default)
    assert str(mail["From"]) == "GlitchTip <glitchtip@shop.example>" == values["DEFAULT_FROM_EMAIL"]

    url = str(values["EMAIL_URL"])
    key = url.rpartition("@")[0].rpartition(":")[2]
    needles = {spelling.encode() for spelling in spellings(key)}
    needles |= {base64.b64encode(f"\0shop/apps\0{key}".encode())}
    assert [needle for needle in needles if needle in drawn] == []
    allowed = ("/.env", "/backups/")
    for file in directory.rglob("*"):
        if file.is_file() and not any(part in str(file) for part in allowed):
            content = file.read_bytes()
            assert not any(needle in content for needle in needles), file

    assert max(changes) <= 9 * KIB
    assert memory <= 64, memory


class TestOnTheWire:
    def test_painting_typing_and_standing_still_stay_within_their_budgets(self, directory: Path) -> None:
        with Terminal("demo", "--directory", str(directory)) as terminal:
            terminal.wait_for("Set up from the beginning")
            terminal.settle()
            assert 0 < len(terminal.bytes) <= 8 * KIB
            terminal.wait_for("all places")  # the containers were asked: the last that the start looks up
            terminal.settle()
            assert terminal.settle(2.0, 2.0) == 0
            terminal.press("\r")
            terminal.wait_for("Host")
            terminal.settle()
            terminal.press("x")
            assert 0 < terminal.settle() <= 200
            terminal.press("\x7f")
            assert 0 < terminal.settle() <= 200
            terminal.press("\t")
            assert 0 < terminal.settle() <= 3.5 * KIB
            assert terminal.settle(2.0, 2.0) == 0

    @pytest.mark.full
    def test_leaving_in_the_middle_of_a_check_takes_less_than_a_second(self, directory: Path) -> None:
        with Terminal("demo", "slow-reverse-dns", "--directory", str(directory)) as terminal:
            terminal.wait_for("Set up from the beginning")
            for mark in ("◉ Server", "◉ Credential", "◉ Sender", "◉ Target", "◉ Mail"):
                go_to(terminal, mark, [])
            terminal.press("\r")  # sends; 354 comes after 9 s
            terminal.settle(0.5, 1.0)
            started = time.monotonic()
            terminal.press("\x11")
            assert terminal.end() == 10
            assert time.monotonic() - started < 1.5


class TestSignals:
    @pytest.mark.parametrize(("number", "code"), one_in(3, [(1, 129), (2, 130), (15, 143)]))
    def test_a_signal_ends_with_its_code_and_the_draft_is_there_again(
        self, number: int, code: int, directory: Path
    ) -> None:
        import os

        with Terminal("demo", "--directory", str(directory)) as terminal:
            terminal.wait_for("Set up from the beginning")
            terminal.press("\r")
            terminal.wait_for("Host")
            terminal.settle()
            os.kill(terminal.pid, number)
            assert terminal.end(3.0) == code
        with Terminal("demo", "--directory", str(directory)) as again:
            again.wait_for("Continue with the draft")

    def test_a_terminal_that_is_gone_ends_the_program(self, directory: Path) -> None:
        import os

        with Terminal("demo", "--directory", str(directory)) as terminal:
            terminal.wait_for("Set up from the beginning")
            os.close(terminal.fd)
            until = time.monotonic() + 4
            while terminal.ended is None and time.monotonic() < until:
                time.sleep(0.05)
            assert terminal.ended is not None
            terminal.fd = os.open(os.devnull, os.O_RDONLY)


def test_a_terminal_that_can_do_no_more_gets_line_prompts(directory: Path) -> None:
    with Terminal("demo", "--directory", str(directory), env={"TERM": "dumb"}) as terminal:
        terminal.wait_for("Which? [1]")
        assert b"\x1b[?1049h" not in terminal.bytes
        terminal.press("q\r")
        assert terminal.end() == 10


def test_waiting_for_what_never_comes_fails() -> None:
    with Terminal("--help") as terminal, pytest.raises(GoneError):
        terminal.wait_for("nothing of the kind", 1.0)
