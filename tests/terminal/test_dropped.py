"""Terminals that go away and signals that come, at any moment of a walk: the settings are the old or the new, whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.effort import rounds
from tests.terminal.driver import GoneError, Terminal
from tests.terminal.test_commands import Served, end, serve
from wizard.model import answers
from wizard.state import answers_file, strays
from wizard.targets.env_file.python_dotenv import last_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUNS: Final = int(os.environ.get("DROPPED_TERMINALS", str(rounds(500, 3))))
"""How many walks are cut off: three of five by SIGKILL, the others by a terminal that goes or by another signal. The
promises are about 300 and 200."""
AT_ONCE: Final = 3
ENDS: Final = (None, signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
"""None: the terminal goes away."""
REST: Final = 2.0
"""Seconds after which nothing of it may be left."""
OLD_FROM: Final = "Before <before@shop.example>"

WALK: Final = (
    ("Set up from the beginning", "\r"),
    ("OK   Greeting", "\r"),
    ("◉ Credential", "\r"),
    ("OK   User name", "\r"),
    ("◉ Sender", ""),
    ("DNS  12 right", "\r"),
    ("◉ Target", "\r"),
    ("◉ Mail", ""),
    ("Enter  next", "\r"),
    ("◉ Review", ""),
    (WRITING := ("Nothing has been written yet", "\r")),
    ("Now on the host:", ""),
)
"""What is waited for, and what is pressed then."""
CHECKED: Final = (2, 4, 6)
"""How many have been done where Enter was pressed during checks."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = serve(tmp_path_factory.mktemp("served") / "rehearsal")
    yield running
    end(running)


@dataclass
class Walk:
    """One walk in a directory of its own, cut off at a moment of its own."""

    served: Served
    root: Path
    number: int
    chance: random.Random
    at: int = 0
    pressed: float = 0.0
    again: float = 0.0
    took: float = 0.0
    terminal: Terminal = field(init=False)
    cut: float | None = None
    how: signal.Signals | None = None

    def __post_init__(self) -> None:
        app = self.root / "app"
        app.mkdir(parents=True)
        told = answers_file.load(self.served.answers)
        # Without a recipient no mail is sent: the step is walked through.
        (app / "answers.toml").write_text(answers.dumps(type(told)(
            app=told.app, server=told.server, credential=told.credential, domain=told.domain, target=told.target
        )))  # fmt: skip
        shutil.copy(self.served.answers.with_name("docker-compose.yml"), app)
        self.old = b"# kept\nEMAIL_URL=%s\nDEFAULT_FROM_EMAIL='%s'\nLAST=1\n" % (
            self.url(self.old_key).encode(), OLD_FROM.encode()
        )  # fmt: skip
        self.env.write_bytes(self.old)
        reading, writing = os.pipe()
        os.write(writing, self.key.encode())
        os.close(writing)
        os.set_inheritable(reading, True)
        words = ["--answers", "answers.toml", *self.served.network, "--password-fd", str(reading)]
        env = {"XDG_STATE_HOME": str(self.root / "state"), "TMPDIR": str(self.root), "HOME": str(self.root)}
        self.terminal = Terminal(*words, env=env, cwd=app)
        os.close(reading)
        # Half of the walks are cut off around the writing.
        self.step, self.wait = self.chance.randint(1, len(WALK)), self.chance.uniform(0, 0.4)
        if self.number % 2:
            self.step, self.wait = WALK.index(WRITING) + 1, self.number / RUNS * 0.6
        # However slow the machine: one is cut off before the writing, one after it.
        if self.number in {0, RUNS - 1}:
            self.step, self.wait = (len(WALK), 0.0) if self.number else (1, 0.0)
        self.how = signal.SIGKILL if self.number % 5 < 3 else self.chance.choice(ENDS)

    @property
    def key(self) -> str:
        return str(self.served.info["smtp_key"])

    @property
    def old_key(self) -> str:
        return str(self.served.info["old_smtp_key"])

    def url(self, key: str) -> str:
        return f"smtp://shop%2Fapps:{key}@{self.served.info['smtp']}"

    @property
    def env(self) -> Path:
        return self.root / "app" / ".env"

    def go_on(self) -> bool:
        """Do what is to be done now; say whether the walk has been cut off."""
        self.terminal.read(0.005)
        if self.at < self.step:
            ahead = [at for at, (text, _) in enumerate(WALK) if text.startswith("◉") and text in self.terminal.text]
            self.at = max([self.at, *ahead])
            text, keys = WALK[self.at]
            if self.at < self.step and text in self.terminal.text:
                self.terminal.press(keys)
                self.at, self.pressed = self.at + 1, time.monotonic()
                self.again = self.pressed
            elif self.at in CHECKED and time.monotonic() - self.again > 2.0:
                # It came while the checks still ran, which wants Enter twice.
                self.terminal.press(WALK[self.at - 1][1])
                self.again = time.monotonic()
            elif self.terminal.ended is not None or time.monotonic() - max(self.pressed, self.terminal.started) > 30:
                raise GoneError(f"{text!r} is not there; ended {self.terminal.ended}:\n{self.terminal.text}")
            return False
        if time.monotonic() - self.pressed < self.wait:
            return False
        self.cut = time.monotonic()
        if self.how is None:
            os.close(self.terminal.fd)
            self.terminal.fd = os.open(os.devnull, os.O_RDONLY)
        else:
            os.kill(self.terminal.pid, self.how)
        return True

    def ended(self) -> bool:
        """Whether the program has ended; one that still has its terminal is read from."""
        if self.how is not None:
            self.terminal.read(0.005)
        return self.terminal.ended is not None

    def judge(self) -> bool:
        """Assert that everything is as promised; say whether the new settings are written."""
        assert self.cut is not None
        if self.how is signal.SIGKILL:
            assert self.terminal.ended == -self.how
            # What no program can clean up after SIGKILL, the next one does at its start.
            strays.sweep(self.root / "state" / "postal-wizard", self.env)
        else:
            assert self.terminal.ended == (129 if self.how is None else 128 + self.how), (self.how, self.terminal.text)
        raw = self.env.read_bytes()
        values = last_values(raw)
        assert raw.startswith(b"# kept\n")
        assert raw.endswith(b"LAST=1\n")
        new = values["EMAIL_URL"] == self.url(self.key)
        if new:
            assert values["DEFAULT_FROM_EMAIL"] == answers_file.load(self.served.answers).app.from_
        else:
            assert raw == self.old
        holding = [
            path for path in self.root.rglob("*")
            if path.is_file() and path != self.env and "/backups/" not in str(path)
            and any(key.encode() in path.read_bytes() for key in (self.key, self.old_key))
        ]  # fmt: skip
        assert holding == []
        assert sorted(path.name for path in self.env.parent.iterdir()) == [".env", "answers.toml", "docker-compose.yml"]
        directory = os.open(self.env.parent, os.O_RDONLY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(directory)
        assert processes_in(self.env.parent) == []
        return new


def processes_in(directory: Path) -> list[bytes]:
    """Return the commands that work in *directory*."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == directory:
                found.append((entry / "cmdline").read_bytes())
    return found


@pytest.mark.slow
def test_a_walk_that_is_cut_off_leaves_old_or_new_settings_and_nothing_else(
    served: Served, tmp_path: Path, reached: Callable[..., None]
) -> None:
    chance = random.Random(os.environ.get("DROPPED_SEED", "1"))
    waiting = list(range(RUNS))
    walks: list[Walk] = []
    took: list[float] = []
    resting: list[Walk] = []
    news: list[bool] = []
    try:
        while waiting or walks or resting:
            while waiting and len(walks) < AT_ONCE:
                number = waiting.pop()
                walks.append(Walk(served, tmp_path / f"walk{number}", number, chance))
            for walk in list(walks):
                if walk.cut is None:
                    walk.go_on()
                elif walk.ended():
                    walk.took = time.monotonic() - walk.cut
                    walks.remove(walk)
                    resting.append(walk)
                else:
                    assert time.monotonic() - walk.cut < 10, (walk.how, walk.at)
            for walk in [walk for walk in resting if time.monotonic() - (walk.cut or 0) > REST]:
                resting.remove(walk)
                news.append(walk.judge())
                took.append(walk.took)
                walk.terminal.__exit__()
            time.sleep(0.005 if walks else 0.1)
    finally:
        for walk in [*walks, *resting]:
            walk.terminal.__exit__()
    killed = sum(number % 5 < 3 for number in range(RUNS))
    reached(kills=killed, terminals_and_other_signals=RUNS - killed, new_settings=sum(news), most_seconds=max(took))
    print(f"{RUNS} cut off, {killed} by SIGKILL, {sum(news)} with the new settings")
    print(f"they ended in {min(took):.2f} to {max(took):.2f} s")
    assert len(news) == RUNS
    # Both happened, else nothing was tried.
    assert True in news
    assert False in news
    assert sorted(took)[RUNS // 2] < 2.0, took
