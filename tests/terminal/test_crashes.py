"""Defects put into every part of the program: one sentence and a log that tells where; no value, no broken terminal."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.effort import one_in
from tests.terminal.driver import ROOT, Terminal
from tests.terminal.injected import CANARY_FD
from tests.terminal.test_commands import Served, end, serve
from wizard.model.flow import Flow
from wizard.model.secret import spellings
from wizard.state import answers_file
from wizard.state.journal import Journal, Saved

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "Canary0Key/~0+p%ss'0Canary"
NEEDLES = [spelling.encode() for spelling in spellings(CANARY)]
PROGRAM = (str(ROOT / "tests" / "terminal" / "injected.py"),)
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[?1006l", b"\x1b[?7h")
"""The screen before, the cursor, no bracketed paste, no mouse, lines that wrap."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = serve(tmp_path_factory.mktemp("served") / "rehearsal")
    yield running
    end(running)


@dataclass
class Place:
    """A directory with everything that a run may write in, and how to run there."""

    served: Served
    root: Path

    @property
    def home(self) -> Path:
        return self.root / "state" / "postal-wizard"

    @property
    def answers(self) -> Path:
        return self.root / "app" / "answers.toml"

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.root / "home"),
            "XDG_STATE_HOME": str(self.root / "state"),
            "TMPDIR": str(self.root / "tmp"),
            "PYTHONPATH": str(ROOT),
        }

    def left_at(self, step: str) -> None:
        """Leave a draft at *step*."""
        draft = answers_file.load(self.answers)
        Journal.beside(self.answers.parent, self.home).save(Saved(draft, step, Flow.SET_UP))

    def words(self, key: int) -> list[str]:
        return ["--answers", str(self.answers), *self.served.network, "--password-fd", str(key)]

    def needles_in_files(self) -> list[Path]:
        files = [path for path in self.root.rglob("*") if path.is_file()]
        assert files
        return [path for path in files if any(needle in path.read_bytes() for needle in NEEDLES)]

    def log(self, said: bytes) -> str:
        """Return the log that *said* names, after a look at it."""
        named = re.search(rb"Internal error; a redacted log is in (\S+\.log)\.", re.sub(rb"\r?\n", b"", said))
        assert named, said[-600:]
        path = Path(named[1].decode())
        assert path.is_relative_to(self.root)
        assert path.stat().st_mode & 0o777 == 0o600
        return path.read_text(encoding="utf-8")


@pytest.fixture
def place(served: Served, tmp_path: Path) -> Place:
    made = Place(served, tmp_path)
    for name in ("app", "home", "tmp"):
        (tmp_path / name).mkdir()
    for name in ("answers.toml", ".env", "docker-compose.yml"):
        source = served.answers.with_name(name) if name != "answers.toml" else served.answers
        shutil.copy(source, made.root / "app" / name)
    return made


def given(text: str, number: int | None = None) -> int:
    """Return a descriptor, *number* where one is wanted, from which a child reads *text*."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    if number is not None and number != reading:
        os.dup2(reading, number)
        os.close(reading)
        reading = number
    os.set_inheritable(reading, True)
    return reading


@pytest.fixture
def descriptors(served: Served) -> Iterator[int]:
    """Lay the canary ready where the defect takes it, and return where the key is."""
    kept = os.dup(CANARY_FD) if Path(f"/proc/self/fd/{CANARY_FD}").exists() else None
    key = given(served.info["smtp_key"])
    given(CANARY, CANARY_FD)
    yield key
    os.close(key)
    os.close(CANARY_FD)
    if kept is not None:
        os.dup2(kept, CANARY_FD)
        os.close(kept)


def is_told_well(place: Place, said: bytes) -> None:
    """Assert that *said* is one sentence with a log, and that the canary is in no place."""
    text = place.log(said)
    assert "RuntimeError" in text
    assert "in fail" in text
    assert b"Traceback" not in said
    assert [needle for needle in NEEDLES if needle in said] == []
    assert place.needles_in_files() == []


def is_restored(terminal: Terminal) -> None:
    """Assert that the terminal is as a shell wants it."""
    drawn = bytes(terminal.bytes)
    if b"\x1b[?1049h" in drawn:
        behind = drawn[drawn.rindex(b"\x1b[?1049h") :]
        assert [mode for mode in RESTORED if mode not in behind] == []
    modes = termios.tcgetattr(terminal.fd)
    assert modes[3] & termios.ECHO
    assert modes[3] & termios.ICANON
    assert modes[1] & termios.OPOST


SCREENS = [
    # where the defect is, the step at which the draft was left, what is pressed there
    ("screens.app", "WizardApp.__init__", "", ""),
    ("screens.app", "WizardApp.show_step", "", ""),
    ("screens.app", "screen_of", "", ""),
    ("screens.start", "StartScreen.body", "", ""),
    ("screens.server", "ServerScreen.body", "server", ""),
    ("screens.server", "ServerScreen.on_mount", "server", ""),
    ("screens.server", "ServerScreen.show_begin", "server", ""),
    ("wizard.checks.smtp.run", "check", "server", ""),
    ("wizard.checks.dns.run", "check", "sender", ""),
    ("screens.widgets.menu", "Menu.action_cursor_down", "", "\x1b[B"),
    ("screens.widgets.menu", "Menu.show", "", ""),
    ("screens.shell.frame", "Frame.on_resize", "", ""),
    ("screens.shell.shutdown", "Endings.feel_terminal", "", ""),
    ("screens.terminal.cell_diff", "Glass.sent", "", ""),
    ("screens.terminal.filters", "Inert.apply", "", ""),
    ("screens.credential", "key_facts", "credential", "\tx"),
    ("screens.shell.help", "Help.__init__", "server", "\x1bOP"),
    ("wizard.setup.flow", "FlowState.take", "", "\r"),
    ("wizard.targets.env_file.target", "EnvFile._plan", "", "rotate"),
    ("wizard.targets.env_file.target", "EnvFile._apply", "", "write"),
    ("wizard.setup.flow", "FlowState.close", "", "\x11"),
    ("wizard.cli.commands", "write_flow_report", "", "\x11"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("module", "attribute", "step", "keys"), one_in(5, SCREENS))
def test_a_defect_in_the_screens_ends_them_with_70(
    place: Place, descriptors: int, module: str, attribute: str, step: str, keys: str
) -> None:
    if step:
        place.left_at(step)
    words = [module, attribute, *place.words(descriptors)]
    with Terminal(*words, program=PROGRAM, env=place.env, cwd=place.root, columns=400, rows=40) as terminal:
        if step:
            terminal.wait_for("Continue with the draft")
            terminal.press("\r")
        if keys in {"rotate", "write"}:
            key = place.served.info["smtp_key"]
            (place.root / "app" / ".env").write_text(
                f"EMAIL_URL=smtp://shop%2Fapps:{place.served.info['old_smtp_key']}@{place.served.info['smtp']}\n"
            )
            terminal.wait_for("Rotate the credential")
            terminal.press("\x1b[B\r")
            terminal.wait_for("New key")
            terminal.settle(0.2)
            terminal.press(f"{key}\r")
            terminal.wait_for("OK    Recipient")
            terminal.settle(0.2)
            terminal.go_on()
        if keys == "write":
            terminal.wait_for("Nothing has been written yet")
            terminal.press("\r")
        elif keys and keys != "rotate":
            terminal.wait_for("^Q quit")
            terminal.press(keys)
        assert terminal.end() == 70, terminal.text
        is_told_well(place, bytes(terminal.bytes))
        is_restored(terminal)


PROMPTS = [
    ("wizard.plain.app", "_Plain._choose", ""),
    ("wizard.plain.app", "_Plain._ask_fields", "1\r"),
    ("wizard.checks.smtp.run", "check", "1\r\r\r\r"),
    ("wizard.model.validation", "problem_with_key", "1\r\r\r\r\r\rx\r"),
    ("wizard.setup.flow", "FlowState.close", "q\r"),
]


@pytest.mark.parametrize(("module", "attribute", "keys"), one_in(2, PROMPTS))
def test_a_defect_in_the_line_prompts_ends_them_with_70(
    place: Place, descriptors: int, module: str, attribute: str, keys: str
) -> None:
    words = [module, attribute, "--plain", *place.words(descriptors)]
    with Terminal(*words, program=PROGRAM, env=place.env, cwd=place.root, columns=400) as terminal:
        for key in keys:
            terminal.press(key)
        assert terminal.end() == 70, terminal.text
        is_told_well(place, bytes(terminal.bytes))
        is_restored(terminal)


COMMANDS = [
    ("wizard.setup.check", "check", "check"),
    ("wizard.checks.dns.run", "check", "check"),
    ("wizard.system.output", "Out.json", "check"),
    ("wizard.setup.writing", "settings", "apply"),
    ("wizard.targets.env_file.target", "EnvFile._apply", "apply"),
    ("wizard.setup.rollback", "run", "rollback"),
]


@pytest.mark.parametrize(("module", "attribute", "command"), one_in(2, COMMANDS))
def test_a_defect_in_a_command_ends_it_with_70(
    place: Place, descriptors: int, module: str, attribute: str, command: str
) -> None:
    words = [command, *place.words(descriptors), *(["--json"] if command != "rollback" else [])]
    done = subprocess.run(
        [sys.executable, *PROGRAM, module, attribute, *words],
        capture_output=True, env={**os.environ, **place.env}, pass_fds=(descriptors, CANARY_FD), check=False,
        cwd=place.root, timeout=30,
    )  # fmt: skip
    assert done.returncode == 70, done.stderr
    assert done.stdout == b""
    is_told_well(place, done.stderr)
    assert (place.root / "app" / ".env").read_bytes() == place.served.env_file.read_bytes()
