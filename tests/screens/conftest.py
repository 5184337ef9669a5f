"""The real screens against the rehearsal's real servers, driven by keys."""

from __future__ import annotations

import asyncio
import contextlib
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.keys import _character_to_key

from screens.app import WizardApp
from screens.shell.step_screen import StepScreen
from screens.shell.textual_private import drawn
from screens.widgets.footer import Keys, acting
from wizard.rehearsal import lifetime
from wizard.rehearsal.containers import PretendContainers
from wizard.rehearsal.world import PretendWorld
from wizard.setup.rehearsed import rehearsed
from wizard.system import hardening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from wizard.setup.flow import FlowState

PATIENCE = 40.0


class Driven:
    """The program, its keys and what stands on its screen."""

    def __init__(self, app: WizardApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.flow = app.flow

    @property
    def text(self) -> str:
        """What is on the screen."""
        width, height = self.app.size
        return "\n".join(line[:width].rstrip() for line in drawn(self.app.screen)[:height])

    @property
    def words(self) -> str:
        """What is in front, as running text."""
        return " ".join(" ".join(self.lines).split())

    @property
    def acting(self) -> str:
        """Every key that acts now, also those for which the last line has no room."""
        return "   ".join(f"{one.name} {one.words}" for one in acting(self.app.screen))

    @property
    def lines(self) -> list[str]:
        """The lines in front: of the box over the step where there is one, without the drawing."""
        box = next(iter(self.app.screen.query(".box").results()), None)
        lines = self.text.splitlines()
        if box is not None:
            place = box.region
            lines = [line.ljust(place.right)[place.x : place.right] for line in lines[place.y : place.bottom]]
        return [re.sub("[│╭╮╰╯─▁-█▏]", " ", line).strip() for line in lines]

    @property
    def step(self) -> str:
        """The key of the step that is shown, empty under a page."""
        screen = self.app.screen
        return screen.KEY if isinstance(screen, StepScreen) else ""

    @property
    def keys(self) -> str:
        """The last line, of the box where there is one."""
        return "   ".join(self.app.screen.query_one(Keys).shown)

    async def until(self, holds: Callable[[], Any], patience: float = PATIENCE) -> None:
        try:
            async with asyncio.timeout(patience):
                while not holds():
                    await self.pilot.pause(0.02)
        except TimeoutError:
            raise AssertionError(f"it did not come to that:\n{self.text}") from None

    async def see(self, text: str) -> None:
        await self.until(lambda: text in self.text or text in self.words)

    async def at(self, step: str) -> None:
        await self.until(lambda: self.step == step)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type *text* over what stands in the field."""
        await self.press("home", "ctrl+k")
        # In one piece, as over a slow line: after each key alone the pilot waits for the screen to be drawn anew.
        for character in text[:-1]:
            self._send(character)
        await self.pilot.press(*({" ": "space"}.get(character, character) for character in text[-1:]))
        await self.pilot.pause()

    def _send(self, character: str) -> None:
        key = events.Key(_character_to_key(character), character)
        key.set_sender(self.app)
        assert self.app._driver is not None
        self.app._driver.send_message(key)

    async def command(self, title: str) -> None:
        """Carry out the command *title* of the palette, found by typing it."""
        await self.press("ctrl+p")
        await self.until(lambda: isinstance(self.app.screen, CommandPalette))
        await self.pilot.press(*({" ": "space"}.get(character, character) for character in title))
        await self.see(title)
        await self.pilot.pause(0.3)
        await self.press("enter")

    async def checked(self) -> None:
        """Wait until the checks of this step have run."""
        await self.until(lambda: self.flow.is_checked(self.step))

    async def arrived(self) -> None:
        """Send the test mail and type its code; then stay at its step."""
        await self.go("test_mail")
        await self.press("enter")
        await self.see("Its code")
        await self.type(self.flow.code)
        await self.see("arrived")

    async def go(self, goal: str) -> None:
        """Walk on by Enter until the step *goal* is shown."""
        async with asyncio.timeout(2 * PATIENCE):
            while self.step != goal:
                screen = self.app.screen
                if isinstance(screen, StepScreen) and not screen.checking and self.step != "done":
                    await self.press("n" if screen.findings.has_focus else "enter")
                await self.pilot.pause(0.02)


@asynccontextmanager
async def driven(flow: FlowState, *, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driven]:
    """Run the program on *flow* in a terminal of *size*."""
    app = WizardApp(flow)
    with pytest.MonkeyPatch.context() as patched:
        # It would look through all that pytest keeps, at each step: 0.1 s.
        patched.setattr(hardening, "trim", lambda: None)
        async with app.run_test(size=size) as pilot:
            try:
                yield Driven(app, pilot)
            finally:
                # As the program does at its end: none may show what it found on a screen that is being taken down.
                app.workers.cancel_all()


Opener = Any
"""Opens the screens at a step: ``async with opened("server") as it``."""


@pytest.fixture(autouse=True)
def _utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without LANG the program draws in ASCII; tests of that say so themselves."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


class Rehearse:
    """Starts the rehearsal of a scenario; called, it returns the state of a run on it."""

    def __init__(self, directory: Path, stack: contextlib.ExitStack) -> None:
        self._directory, self.stack = directory, stack
        self.info: dict[str, Any] = {}
        """What the rehearsal says of itself."""

    def __call__(self, scenario: str = "good") -> FlowState:
        running = lifetime.start(scenario, self._directory / scenario)
        self.stack.callback(running.stop)
        self.info = running.info
        return rehearsed(running.info)


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Rehearse]:
    with contextlib.ExitStack() as stack:
        yield Rehearse(tmp_path, stack)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], FlowState]]:
    """Start the rehearsal of a scenario with its world, as ``demo`` does: what it pretends can be changed."""
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.delenv("SSL_CERT_FILE")
    made: list[tuple[FlowState, PretendWorld]] = []

    def start(scenario: str) -> FlowState:
        directory = tmp_path / f"demo{len(made)}"
        world = PretendWorld(lifetime.start(scenario, directory), directory)
        made.append((rehearsed(world.info, world), world))
        return made[-1][0]

    yield start
    for state, world in made:
        if isinstance(state.session.containers, PretendContainers):
            state.session.containers.stop()
        world.close()


@pytest.fixture
def opened(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> Opener:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)

    @asynccontextmanager
    async def open_at(
        step: str = "start", scenario: str = "good", *, size: tuple[int, int] = (80, 24), flow: FlowState | None = None
    ) -> AsyncIterator[Driven]:
        flow = flow or rehearse(scenario)
        flow.key = step
        async with driven(flow, size=size) as it:
            await it.at(step)
            yield it

    return open_at
