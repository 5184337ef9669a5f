"""A monkey at the keyboard: whatever is pressed, pasted, clicked and resized, nothing crashes and nothing is written.

Nothing but what the operator has confirmed: the review, the roll-back, or what the rehearsal pretends.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest
from textual import events
from textual.command import CommandPalette
from textual.geometry import Offset

from screens.review import ReviewScreen
from screens.shell.dialogs import Confirm
from screens.widgets.footer import acting
from tests.effort import FULL, rounds
from tests.screens.conftest import Driven, driven
from wizard.model.exit_codes import Exit
from wizard.rehearsal.containers import PretendContainers
from wizard.rehearsal.world import PretendWorld
from wizard.setup.rehearsed import rehearsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.setup.flow import FlowState

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SCENARIOS: Final = (
    "good", "rotation", "dkim-wrong", "wrong-key", "suspended", "development", "infisical", "old-containers",
    "dns-silent", "infisical-read-only",
)  # fmt: skip
LEAN: Final = ("good",)
EACH: Final = rounds(200, 40)
"""Actions a scenario; ten of them make 2,000."""
KEYS: Final = (
    *"abcdefghijklmnopqrstuvwxyz0123456789", "question_mark", "less_than_sign", "space", "enter", "tab", "shift+tab",
    "escape", "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "backspace", "delete", "ctrl+a",
    "ctrl+c", "ctrl+d", "ctrl+e", "ctrl+k", "ctrl+l", "ctrl+p", "ctrl+q", "ctrl+u", "ctrl+v", "ctrl+w", "ctrl+x", "f1",
    "f2", "f3", "f4", "f5", "f6", "f10",
)  # fmt: skip
PASTES: Final = (
    "", "\n", "x", "a\nb\nc", "mail.shop.example:2525", "smtp://shop%2Fapps:Canary0Key00000000Canary@127.0.0.1:25",
    "Canary0Key00000000Canary", "GlitchTip <glitchtip@shop.example>", "\x1b[2J\x1b]52;c;eA==\x07",
    "漢字 \u202e\u200b", "9" * 5000,
    "SMTPRecipientsRefused: {'a@b': (535, b'Mail server has been suspended')}",
    "TXT record at @\nv=spf1 a mx include:spf.other.example ~all\npostal-q1w2e3._domainkey",
)  # fmt: skip
SIZES: Final = ((80, 24), (80, 24), (60, 18), (100, 30), (120, 40), (200, 60), (59, 17), (20, 5), (1, 1))
CHANGES: Final = ("Write anyway?", "Put the previous values back?", "overwrit")
"""Parts of the questions whose yes writes something."""
GRACE: Final = 5
"""Actions for which a confirmation holds where nothing is being written yet: keys wait for their turn."""


@dataclass
class Monkey:
    """Acts at random, and knows what it has confirmed."""

    it: Driven
    dice: random.Random
    before: tuple[Path, bytes, bytes]
    """What GlitchTip read after the last action."""
    confirmed: int = 0
    """For how many actions the last confirmation holds."""
    done: list[str] = field(default_factory=list)

    async def act(self) -> None:
        """Do one thing."""
        chance = self.dice.random()
        if chance < 0.45:
            shown = [one.key for one in acting(self.it.app.screen) if one.key != "ctrl+q"]
            await self._press(self.dice.choice(shown or ["escape"]))
        elif chance < 0.75:
            await self._press(self.dice.choice(KEYS))
        elif chance < 0.85:
            self._paste(self.dice.choice(PASTES))
        elif chance < 0.95:
            await self._click()
        else:
            size = self.dice.choice(SIZES)
            self.done.append(f"resize {size}")
            await self.it.pilot.resize_terminal(*size)
        await asyncio.sleep(0)

    def _confirms(self, key: str) -> bool:
        """Whether *key* confirms now that something is written, or lets the rehearsal pretend a change."""
        front = self.it.app.screen
        if isinstance(front, Confirm):
            return key in {"y", "click"} and any(part in front._question for part in CHANGES)
        step = self.it.app.step_screen
        pretends = step is not None and step.offer_of("m") is not None
        writes = isinstance(step, ReviewScreen) and not step.is_closed
        if isinstance(front, CommandPalette):
            return key in {"enter", "click"} and (pretends or writes)
        if front is not step:
            return False
        return (pretends and key in {"m", "click"}) or (writes and key in {"enter", "n", "click"})

    def check(self) -> None:
        """Look for what was written, and forget a confirmation that has had its effect."""
        writing = any(one.group == "commit" and not one.is_finished for one in self.it.app.workers)
        now = contents(self.it.flow)
        assert now == self.before or self.confirmed > 0 or now[0] != self.before[0], "written without a confirmation"
        self.before = now
        if not writing:
            self.confirmed -= 1

    async def _press(self, key: str) -> None:
        self.confirmed = GRACE if self._confirms(key) else self.confirmed
        self.done.append(key)
        await self.it.pilot.press(key)

    def _paste(self, text: str) -> None:
        self.done.append(f"paste {text[:20]!r}")
        event = events.Paste(text)
        event.set_sender(self.it.app)
        assert self.it.app._driver is not None
        self.it.app._driver.send_message(event)

    async def _click(self) -> None:
        width, height = self.it.app.size
        row = height - 1 if self.dice.random() < 0.3 else self.dice.randrange(max(1, height))
        at = Offset(self.dice.randrange(max(1, width)), row)
        self.confirmed = GRACE if self._confirms("click") else self.confirmed
        self.done.append(f"click {at.x},{at.y}")
        await self.it.pilot.click(offset=at)


def contents(flow: FlowState) -> tuple[Path, bytes, bytes]:
    """Return the project's directory, and what GlitchTip reads there."""
    directory = flow.session.directory
    return directory, (directory / ".env").read_bytes(), (directory / "docker-compose.yml").read_bytes()


@pytest.mark.parametrize("scenario", SCENARIOS if FULL else LEAN)
async def test_it_breaks_nothing(demo: Callable[[str], FlowState], scenario: str, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice, left = random.Random(seed), EACH
    flow, runs = demo(scenario), 0
    while left > 0:
        runs += 1
        async with driven(flow) as it:
            left = await _let_loose(it, dice, left, f"seed {seed} in {scenario}")
        world, containers = flow.session.world, flow.session.containers
        assert isinstance(world, PretendWorld)
        assert isinstance(containers, PretendContainers)
        containers.stop()
        flow = rehearsed(world.info, world)
    assert runs < EACH / 4, f"seed {seed}: it is left all the time"


async def _let_loose(it: Driven, dice: random.Random, left: int, name: str) -> int:
    """Let a monkey act until the program is left; return how many actions are left."""
    app = it.app
    monkey = Monkey(it, dice, contents(it.flow))
    await it.until(lambda: it.step == "start")
    try:
        while left > 0 and app.is_running and app.return_code is None:
            left -= 1
            await monkey.act()
            assert app._exception is None
            monkey.check()
        assert app.return_code in {None, Exit.DONE, Exit.UNWRITTEN, Exit.LEFT}
    except Exception as error:
        shown = it.text if app.is_running else ""
        raise AssertionError(f"{name}, after {' '.join(monkey.done[-40:])}:\n{shown}") from error
    return left
