"""The line prompts in a terminal that can do nothing: the whole walk by typing lines, and what a line can do wrong."""

from __future__ import annotations

import os
import signal
import termios
from typing import TYPE_CHECKING

import pytest

from tests.effort import one_in
from tests.terminal.driver import Terminal
from tests.terminal.test_walk import code_in
from wizard.model.secret import spellings

if TYPE_CHECKING:
    from pathlib import Path

KEY_PROMPT = "Key, not shown"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "rehearsal"


def answer(terminal: Terminal, prompt: str, text: str = "") -> None:
    """Wait for *prompt* and answer it; what comes later stands below it."""
    terminal.wait_for(prompt)
    terminal.screen.reset()
    terminal.press(f"{text}\r")


def echoes(terminal: Terminal) -> bool:
    return bool(termios.tcgetattr(terminal.fd)[3] & termios.ECHO)


@pytest.mark.parametrize("env", one_in(2, [{"TERM": "dumb", "LANG": "C"}, {"TERM": "dumb"}]))
def test_the_main_job_is_done_by_typing_lines(directory: Path, env: dict[str, str]) -> None:
    with Terminal("demo", "--directory", str(directory), env=env, rows=60) as terminal:
        answer(terminal, "Which? [1]", "1")
        for prompt in ("Host", "Port", "TLS", "Enter continues", "User name", KEY_PROMPT, "Enter continues"):
            answer(terminal, prompt)
        for prompt in ("From (", "From domain", "Enter continues", "Kind", ".env (", "Enter continues", "To ("):
            answer(terminal, prompt)
        answer(terminal, "Send the test mail now?", "y")
        terminal.wait_for("Enter continues")
        answer(terminal, "Enter continues", code_in(directory / "sink"))
        terminal.wait_for("its code came back")
        answer(terminal, "Enter continues")
        terminal.wait_for("This is the whole change.")
        answer(terminal, "Enter writes it")
        terminal.wait_for("written and read back")
        answer(terminal, "Enter finishes")
        assert terminal.end() == 0
        drawn = bytes(terminal.bytes)
    # What an application does to a terminal, line feeds aside, is no part of this.
    assert b"\x1b" not in drawn
    if env.get("LANG") == "C":
        assert drawn.isascii()
        assert b"********@" in drawn
    assert b"REHEARSAL: nothing leaves this machine" in drawn
    assert "EMAIL_URL=smtp://shop%2Fapps:" in (directory / ".env").read_text()


class TestTheKey:
    """It is typed unseen, and the words that always work still do."""

    def to_the_key(self, terminal: Terminal) -> None:
        answer(terminal, "Which? [1]", "1")
        for prompt in ("Host", "Port", "TLS", "Enter continues", "User name"):
            answer(terminal, prompt)
        terminal.wait_for(KEY_PROMPT)

    def test_it_is_not_drawn_and_typing_shows_again_behind_it(self, directory: Path) -> None:
        key = "Canary0Key00000000Canary"
        with Terminal("demo", "--plain", "--directory", str(directory), rows=60) as terminal:
            self.to_the_key(terminal)
            assert not echoes(terminal)
            terminal.press(f"{key}\r")
            terminal.wait_for("r asks and checks again")
            assert echoes(terminal)
            terminal.press("q\r")
            assert terminal.end() == 10
            assert not any(spelling.encode() in terminal.bytes for spelling in spellings(key))
        assert not any(
            spelling.encode() in file.read_bytes()
            for spelling in spellings(key) for file in directory.rglob("*") if file.is_file()
        )  # fmt: skip

    @pytest.mark.parametrize(("typed", "then"), [("<\r", "User name"), ("q\r", "Left early"), ("\x04", "Left early")])
    def test_back_leaving_and_the_end_of_input_work_there(self, directory: Path, typed: str, then: str) -> None:
        with Terminal("demo", "--plain", "--directory", str(directory), rows=60) as terminal:
            self.to_the_key(terminal)
            terminal.screen.reset()
            terminal.press(typed)
            terminal.wait_for("Host" if then == "User name" else then)
            assert echoes(terminal)
            if then == "User name":
                terminal.press("q\r")
            assert terminal.end() == 10

    @pytest.mark.parametrize(
        ("number", "code"), one_in(3, [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
    )
    def test_a_signal_there_leaves_a_terminal_that_echoes_and_a_draft(
        self, directory: Path, number: int, code: int
    ) -> None:
        with Terminal("demo", "--plain", "--directory", str(directory), rows=60) as terminal:
            self.to_the_key(terminal)
            os.kill(terminal.pid, number)
            assert terminal.end() == code
            assert echoes(terminal)
        assert list(directory.rglob("draft.toml"))


def test_bytes_that_are_no_text_and_control_characters_are_answered_with_a_sentence(directory: Path) -> None:
    with Terminal("demo", "--plain", "--directory", str(directory), rows=60) as terminal:
        answer(terminal, "Which? [1]", "1")
        terminal.wait_for("Host")
        os.write(terminal.fd, b"\xff\xfe\x9b31m\r")
        terminal.wait_for("check")
        terminal.press("a\x1b]52;c;aGk=[red]\u202e\r")
        terminal.settle(0.3)
        terminal.press("q\r")
        assert terminal.end() == 10
        # Of what is typed the terminal's own echo shows control characters as ^[.
        assert b"\x1b" not in terminal.bytes


@pytest.mark.full
def test_a_terminal_that_goes_away_ends_the_prompts(directory: Path) -> None:
    with Terminal("demo", "--plain", "--directory", str(directory)) as terminal:
        answer(terminal, "Which? [1]", "1")
        terminal.wait_for("Host")
        os.close(terminal.fd)
        terminal.fd = os.open(os.devnull, os.O_RDONLY)
        assert terminal.end() == 129
    assert list(directory.rglob("draft.toml"))
