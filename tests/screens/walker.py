"""A reader of the screens who does only what they say: it presses what is shown, and takes what is proposed.

It knows no scenario. What it knows is how the screens look, and the words that the program uses for what to do next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from screens.shell.step_screen import StepScreen
from screens.widgets.footer import acting
from screens.widgets.menu import Menu

if TYPE_CHECKING:
    from tests.screens.conftest import Driven

_TRY_FIRST = re.compile(r"try first +(.+?):")
_GO_BACK = re.compile(r"[Gg]o back to (\w+)")
_CODE = re.compile(r"\b([A-Z0-9]{6})\b")
_WRONG = re.compile(r"^ *│? *(?:✗ FAIL|! WARN|\? \?) ", re.MULTILINE)
_HERE = re.compile(r"◉ (\w+)")
PROVEN: Final = "GlitchTip sends mail. Everything is proven."
_MOST: Final = 90
"""Decisions after which a walk has gone round in circles."""


class LostError(AssertionError):
    """The screens did not say what to do next."""


@dataclass
class Reader:
    """Who reads one screen after the other, and what it has done so far."""

    it: Driven
    pressed: list[str] = field(default_factory=list)
    pretended: int = 0
    """How often it let something be done elsewhere."""
    _goal: str = ""
    _first: str = ""
    _tried: bool = False
    _just_pretended: bool = False
    _asked_postal: bool = False
    _sent_twice: bool = False
    _code: str = ""
    _stuck: int = 0
    _hindered: bool = False
    """A question has just said what is wrong, and the focus is in a field: no letter acts."""
    _before: tuple[str, str] = ("", "")

    @property
    def offers(self) -> dict[str, str]:
        """Return the keys that are shown here, or by ``?``, with their words."""
        return {one.name: one.words for one in acting(self.it.app.screen)}

    @property
    def at_work(self) -> bool:
        """Whether the screen shows that something is going on."""
        screen = self.it.app.screen
        return isinstance(screen, StepScreen) and (screen.checking or screen.busy)

    async def settled(self) -> None:
        """Wait until the screen stands still and nothing is at work."""
        still, before = 0, ""
        while still < 4 or self.at_work:
            await self.it.pilot.pause(0.06)
            still = still + 1 if self.it.text == before else 0
            before = self.it.text

    async def press(self, key: str) -> None:
        """Press *key*, which has to be shown."""
        names = {"Enter": "enter", "Esc": "escape", "Tab": "tab", "F5": "f5"}
        if key not in self.offers:
            raise LostError(f"{key} is not shown:\n{self.it.text}\n{self.it.acting}")
        self.pressed.append(key)
        await self.it.press(names.get(key, key))

    async def walk(self) -> str:
        """Go to the end; return the last screen's text."""
        for _ in range(_MOST):
            await self.settled()
            if self.it.app._exit or not self.it.app.is_running:
                return self._before[1]
            self._before = (self._before[1], self.it.text)
            if PROVEN in map(str.strip, self.it.lines):
                return self.it.text
            if self.it.step == "start" and self._first.startswith("Check") and self._says_all_is_well:
                return self.it.text
            await self._decide()
        raise LostError(f"no end after {' '.join(self.pressed)}:\n{self.it.text}\n{self.it.acting}")

    @property
    def _says_all_is_well(self) -> bool:
        """Whether a check of everything has ended without a fault."""
        return self._tried and re.search(r"\d+ OK", self.it.text) is not None and " FAIL" not in self.it.text

    async def _decide(self) -> None:
        text, offers = self.it.text, self.offers
        if not self.it.step:
            await self._in_a_box()
        elif self.it.step == "start":
            await self._choose(text, offers)
        elif self._goal and _HERE.findall(text)[-1:] != [self._goal]:
            await self.press("Esc")
        else:
            self._goal = ""
            await self._continue(text, offers)

    async def _in_a_box(self) -> None:
        words = self.it.words
        if "Write anyway" in words:
            raise LostError(self.it.text)
        if "mailbox" in words:
            found = _CODE.search(words.partition("Subject:")[2].replace(":", " "))
            self._code = found[1] if found else ""
            await self.press("Esc")
        else:
            self._hindered = "anyway?" in words
            await self.press("Enter" if "Enter" in self.offers else "Esc")

    async def _choose(self, text: str, offers: dict[str, str]) -> None:
        wrong = _WRONG.search(text) is not None
        if offers.get("m", "").startswith("pretend") and (wrong or self._tried):
            self.pretended += 1
            await self.press("m")
            return
        self._tried = True
        first = _TRY_FIRST.search(text)
        self._first = first[1] if first is not None else self._first
        menu = self.it.app.screen.query_one(Menu)
        for _ in range(menu.option_count):
            option = menu.get_option_at_index(menu.highlighted or 0)
            if self._first in str(option.prompt):
                break
            await self.it.press("down")
        await self.press("Enter")

    async def _continue(self, text: str, offers: dict[str, str]) -> None:
        back = _GO_BACK.search(self.it.words) if self._just_pretended else None
        if back is not None:
            self._goal, self._just_pretended = back[1], False
            return
        self._stuck = self._stuck + 1 if text == self._before[0] and self.pressed[-1:] == ["Enter"] else 0
        if self._stuck:
            self._hindered = True  # Enter led nowhere, and a sentence says why
        if offers.get("m", "").startswith("pretend") or (self._hindered and "m" not in offers):
            self.pretended += 1
            self._just_pretended, hindered, self._hindered = True, self._hindered, False
            await (self._by_the_palette() if hindered and "m" not in offers else self.press("m"))
        elif self._just_pretended:
            self._just_pretended = False
            if "v" in offers and self._asked_postal:
                await self.press("v")
            elif "r" in offers or "s" in offers:
                await self.press("r" if "r" in offers else "s")
        elif self._code:
            await self._type_code()
        elif "Its code" in text:
            await self._arrival(offers)
        elif offers.get("n", "").startswith("next") and offers.get("Enter") in {"more", "list them"}:
            await self.press("n")
        else:
            await self.press("Enter")

    async def _by_the_palette(self) -> None:
        self.pressed.append("^P")
        if "^P" not in self.offers:
            raise LostError(f"no letter acts, and no palette is shown:\n{self.it.text}")
        await self.it.command("Pretend I did this")

    async def _type_code(self) -> None:
        while not self._in_the_code_field():
            await self.press("Tab")
        code, self._code = self._code, ""
        await self.it.type(code)
        await self.it.pilot.pause(0.3)

    def _in_the_code_field(self) -> bool:
        focused = self.it.app.focused
        return focused is not None and "code" in (focused.id or "")

    async def _arrival(self, offers: dict[str, str]) -> None:
        """Look into the mailbox; where nothing is there, ask Postal why."""
        if "v" not in offers:
            await self.press("Tab")  # out of the field, where letters act
        elif self.pressed[-2:] == ["v", "Esc"] and not self._asked_postal:
            self._asked_postal = True
            await self.press("F5")
        elif self.pressed[-2:] == ["v", "Esc"] and not self._sent_twice:
            self._sent_twice = True
            await self.press("s")
        else:
            await self.press("v")
