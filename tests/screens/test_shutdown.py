"""A signal while the full screens write: what is under way comes to its end, or says in which state each key is."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from wizard.targets.env_file import atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.screens.conftest import Driven, Opener
    from wizard.targets.env_file.location import Source

    Replace = Callable[..., bytes | None]


class Held:
    """The one step that puts the file in place: it waits until it may go on."""

    def __init__(self, original: Replace) -> None:
        self.original = original
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self, path: Path, change: Callable[[Source], bytes | None], *, in_place: bool = False) -> bytes | None:
        def changed(source: Source) -> bytes | None:
            raw = change(source)
            self.reached.set()
            self.go.wait(30)
            return raw

        return self.original(path, changed, in_place=in_place)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    one = Held(atomic.replace)
    monkeypatch.setattr(atomic, "replace", one)
    yield one
    one.go.set()


async def writing(it: Driven, held: Held) -> None:
    """Confirm the review, as far as the middle of the writing."""
    await it.go("review")
    await it.until(lambda: it.flow.plan is not None)
    while not held.reached.is_set():
        await it.press("enter")
        if "[y/N]" in it.text or "Write anyway?" in it.text:
            await it.press("y")
        await it.pilot.pause(0.05)


async def ended(it: Driven, number: signal.Signals) -> float:
    started = time.monotonic()
    it.app.endings.end(number)
    await it.until(lambda: it.app.return_code == 128 + number)
    return time.monotonic() - started


async def test_a_writing_that_is_not_answered_is_said_to_be_uncertain(opened: Opener, held: Held) -> None:
    async with opened("target") as it:
        await writing(it, held)
        took = await ended(it, signal.SIGTERM)
        assert took < 3.0  # 1.5 at rest; that the process ends after 1.7 is measured in a terminal
        (words,) = it.app.farewell
        assert words.startswith("The writing is uncertain: ")
        assert "EMAIL_URL uncertain" in words
        assert it.flow.receipt is None


@pytest.mark.full
async def test_a_writing_that_comes_to_its_end_says_what_to_do_now(opened: Opener, held: Held) -> None:
    async with opened("target") as it:
        await writing(it, held)
        threading.Timer(0.6, held.go.set).start()
        await ended(it, signal.SIGHUP)
        assert it.flow.receipt is not None
        assert it.flow.receipt.complete
        title, now = it.app.farewell
        assert title == "Settings written."
        assert "docker compose up -d" in now
        assert "EMAIL_URL=" in (it.flow.session.directory / ".env").read_text()


async def test_where_nothing_was_written_nothing_is_said(opened: Opener) -> None:
    async with opened("target") as it:
        await ended(it, signal.SIGTERM)
        assert it.app.farewell == []
