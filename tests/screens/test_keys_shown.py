"""A reader who presses only what is shown: each key does something, each action has a way, and the focus comes back."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.actions import parse
from textual.binding import Binding
from textual.command import CommandPalette
from textual.widgets import Input

from screens.app import screen_of
from screens.shell.dialogs import Confirm, Paste
from screens.shell.frame import Modal
from screens.shell.step_screen import StepScreen
from screens.shell.textual_private import bindings_of
from screens.widgets.findings import Findings
from screens.widgets.footer import Key, Keys, acting, fitting
from screens.widgets.menu import Menu
from tests.setup.offers import STATES
from tests.setup.test_doors import made
from wizard.model.flow import STEP_KEYS
from wizard.setup import help_pages

if TYPE_CHECKING:
    from pathlib import Path

    from textual.screen import Screen
    from textual.widget import Widget

    from tests.screens.conftest import Driven, Opener

pytestmark = pytest.mark.slow

AWAY = ("next", "back", "quit", "write", "finish", "leave", "print", "go", "fix it", "choose")
"""How the words of a key begin that leads to another step, or out."""
LAST = ("o", "m", "z", "b")
"""Keys that change what the other keys are about: pressed when the others have been."""
PASTED = "what no page of Postal says"


class KeyReader:
    """Presses what is shown at the step of *it*, in every focus that Tab leads to."""

    def __init__(self, it: Driven, monkeypatch: pytest.MonkeyPatch) -> None:
        self.it = it
        self.said: list[str] = []
        self.pressed: dict[str, set[tuple[str, str]]] = {}
        """By step, each key that was pressed, with its words."""
        self.shown: dict[str, set[str]] = {}
        """By step, each key that was shown in one focus or another."""
        say = StepScreen.say

        def record(screen: StepScreen, text: str) -> None:
            self.said.append(text)
            say(screen, text)

        monkeypatch.setattr(StepScreen, "say", record)

    @property
    def front(self) -> list[Key]:
        """What can be read on the last line of what is in front; at a step also on the page of ``?``."""
        screen = self.it.app.screen
        keys = acting(screen)
        if any(one.key == "question_mark" for one in keys):
            return keys
        left, right = fitting(keys, screen.query_one(Keys).size.width)
        return [*left, *right]

    def trace(self) -> Any:
        """Return everything by which an operator can tell that a key has done something."""
        app = self.it.app
        strips = app.screen._compositor.render_strips()
        drawn = [(part.text, str(part.style)) for strip in strips for part in strip]
        return drawn, id(app.screen), app.focused, app.return_code, len(self.said)

    async def does_something(self, key: Key) -> None:
        before = self.trace()
        await self.it.press(key.key)
        try:
            await self.it.until(lambda: self.trace() != before, 3.0)
        except AssertionError:
            raise AssertionError(f"{key.name} {key.words} does nothing:\n{self.it.text}") from None

    async def rest(self) -> None:
        """Wait until nothing runs at the step."""
        screen = self.it.app.screen
        if isinstance(screen, StepScreen):
            await self.it.until(lambda: not screen.checking and not screen.busy)
        await self.it.pilot.pause()

    async def press_everything(self) -> None:
        """Press each key that is shown here, in each focus; none that leads away. Then every action was in reach."""
        step = self.it.step
        shown, pressed = self.shown.setdefault(step, set()), self.pressed.setdefault(step, set())
        await self.rest()
        ring: list[Widget | None] = []
        while self.it.app.focused not in ring:
            ring.append(self.it.app.focused)
            await self._press_here(step, shown, pressed)
            if any(one.key == "tab" for one in self.front):
                await self.it.press("tab")
        self._all_in_reach(shown)

    async def _press_here(self, step: str, shown: set[str], pressed: set[tuple[str, str]]) -> None:
        while True:
            shown |= {one.key for one in self.front}
            left = [
                one
                for one in self.front
                if (one.key, one.words) not in pressed and not one.words.startswith(AWAY) and one.key != "tab"
            ]
            if not left:
                return
            key = min(left, key=lambda one: LAST.index(one.key) if one.key in LAST else -1)
            pressed.add((key.key, key.words))
            focused = self.it.app.focused
            await self.does_something(key)
            if key.key == "space":
                await self.does_something(key)  # the value that the other keys are about
            if isinstance(self.it.app.screen, Modal | CommandPalette):
                await self._press_in_box(key, focused)
                assert self.it.app.focused is focused, f"{key.name} {key.words}: the focus is somewhere else"
            await self.rest()
            assert self.it.step == step, f"{key.name} {key.words} leads away from {step}"
            await self._return_to(focused)

    async def _return_to(self, focused: Widget | None) -> None:
        """Put the focus back on *focused* by Tab, where the key had a reason to move it and it is still there."""
        chain = self.it.app.screen.focus_chain
        for _ in chain:
            if focused in chain and self.it.app.focused is not focused:
                await self.it.press("tab")

    async def _press_in_box(self, opener: Key, focused: Widget | None, depth: int = 0) -> None:
        """Press each key of the box that *opener* opened, opening it again where one closes it; leave it by Esc."""
        it = self.it
        kind = type(it.app.screen)
        self._all_shown()
        done = {"escape", "y"} if isinstance(it.app.screen, Confirm) and opener.key != "m" else {"escape"}
        while not isinstance(it.app.screen, CommandPalette):
            if isinstance(it.app.screen, Paste) and not it.app.screen._block.text and it.app.focused is not None:
                it.app.focused.post_message(events.Paste(PASTED))
                await it.until(lambda: "not shown" in it.text)
            box = it.app.screen
            left = [one for one in self.front if one.key not in done and one.key != "ctrl+q"]
            if not left or depth > 1:
                break
            done.add(left[0].key)
            before = it.app.focused
            await self.does_something(left[0])
            await self.rest()
            if it.app.screen is not box and box in it.app.screen_stack:
                await self._press_in_box(left[0], before, depth + 1)
                assert it.app.focused is before, f"{left[0].name} {left[0].words}: the focus is somewhere else"
            if it.app.screen is not box:
                await self._back_to_step(depth)
                assert depth > 0 or it.app.focused is focused or not focused or not focused.is_attached
                await it.press(opener.key)
                await it.until(lambda: isinstance(it.app.screen, kind))
        count = len(it.app.screen_stack)
        await it.press("escape")
        await it.until(lambda: len(it.app.screen_stack) < count)

    def _all_shown(self) -> None:
        """Every key of the box in front that acts is among those that are shown."""
        box = self.it.app.screen
        if isinstance(box, Modal):
            acts = {one.key for one in bindings_of(box) if one.show and box.check_action(*_parsed(one.action))}
            assert acts <= {one.key for one in self.front}, f"{acts} act in\n{self.it.text}"

    async def _back_to_step(self, depth: int) -> None:
        if depth:
            return
        while not isinstance(self.it.app.screen, StepScreen):
            front = self.it.app.screen
            await self.it.press("escape")
            await self.it.until(partial(self._has_left, front))
        await self.rest()

    def _has_left(self, screen: Screen[Any]) -> bool:
        return screen not in self.it.app.screen_stack

    def _all_in_reach(self, shown: set[str]) -> None:
        """Whatever can be done here has a key that was shown, is a line of a menu, or is in the palette."""
        screen = self.it.app.screen
        assert isinstance(screen, StepScreen)
        titles = {title for title, _, _ in screen.commands()} if shown & {"ctrl+p", "question_mark"} else set()
        for one in screen.step.offers(self.it.flow):
            if one.closed or one.direct or (one.choice and screen.query(Menu) and "enter" in shown):
                continue
            title = one.name[:1].upper() + one.name[1:]
            # What is asked about on the way out needs no key of its own.
            assert one.key in shown or title in titles or one.on_leave, f"nothing leads to {one.id}"
        for binding in bindings_of(screen):
            words = screen.describe(binding)
            if binding.show and words and screen.check_action(*_parsed(binding.action)):
                title = words[:1].upper() + words[1:]
                assert binding.key in shown or title in titles, f"nothing leads to {binding.key} {words}"


def _parsed(action: str) -> tuple[str, tuple[object, ...]]:
    _, name, parameters = parse(action)
    return name, parameters


@pytest.mark.full
async def test_set_up(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as it:
        await it.see("all places")
        reader = KeyReader(it, monkeypatch)
        for step in ("start", "server", "credential", "sender", "target"):
            await it.go(step)
            if step == "credential":
                await it.press("enter")
                await it.checked()
            await reader.press_everything()
        await it.go("test_mail")
        await reader.press_everything()
        await it.go("review")
        await it.until(lambda: "Enter write" in it.keys)
        await reader.press_everything()
        await it.go("done")
        await it.see("written and read back")
        await reader.press_everything()
    assert {step: len(keys) > 3 for step, keys in reader.shown.items()} == dict.fromkeys(reader.shown, True)
    assert {"g", "b", "c", "x", "f", "r", "p", "l"} <= reader.shown["done"]
    assert {"s", "a", "f4", "f5", "f6", "j"} <= reader.shown["test_mail"]


@pytest.mark.full
async def test_a_sender_with_something_to_fix(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("sender", "dkim-wrong") as it:
        await it.checked()
        reader = KeyReader(it, monkeypatch)
        await reader.press_everything()
        assert {"c", "x", "f", "w", "t", "o", "r", "p", "l"} <= reader.shown["sender"]


@pytest.mark.full
async def test_a_sender_of_which_nothing_is_known(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("sender") as it:
        await it.checked()
        it.app.screen.query_one("#app-from", Input).focus()
        await it.type("")
        await it.press("escape")
        await it.at("credential")
        await it.go("sender")
        reader = KeyReader(it, monkeypatch)
        await reader.press_everything()
        assert "o" in reader.shown["sender"] or "ctrl+p" in reader.shown["sender"]


@pytest.mark.full
async def test_rotate(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("start", "rotation") as it:
        await it.see("all places")
        await it.press("down", "enter")
        await it.at("credential")
        reader = KeyReader(it, monkeypatch)
        await reader.press_everything()
        await it.until(lambda: it.app.focused is not None and it.app.focused.id == "credential-key")
        await it.go("review")
        await it.until(lambda: "Enter write" in it.keys)
        await reader.press_everything()
        await it.go("done")
        await it.see("written and read back")
        await reader.press_everything()


@pytest.mark.full
async def test_troubleshoot(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened("troubleshoot", "suspended") as it:
        reader = KeyReader(it, monkeypatch)
        await reader.press_everything()
        await it.press("f4")
        await it.see("Paste or type the error")
        assert it.app.focused is not None
        it.app.focused.post_message(events.Paste("SMTPRecipientsRefused: (535, b'Mail server has been suspended')"))
        await it.press("f4")
        await it.until(lambda: "Enter fix it: step" in it.keys)
        await reader.press_everything()


@pytest.mark.full
@pytest.mark.parametrize("scenario", ["good", "rotation"])
async def test_every_line_of_the_first_menu_leads_somewhere_and_back(opened: Opener, scenario: str) -> None:
    async with opened("start", scenario) as it:
        await it.see("all places")
        menu = it.app.screen.query_one(Menu)
        for number in range(menu.option_count):
            await it.at("start")
            menu = it.app.screen.query_one(Menu)
            assert menu.has_focus
            before = it.text
            await it.press("home", *["down"] * number, "enter")
            await it.until(lambda before=before: it.step != "start" or it.text != before)
            await _return_to_start(it)


async def _return_to_start(it: Driven) -> None:
    def front() -> bool:
        return it.step == "start" and isinstance(it.app.screen, StepScreen) and not it.app.screen.busy

    await it.until(lambda: it.step != "start" or front())
    while not front():
        await it.press("escape")
        await it.pilot.pause(0.05)


NAMED = re.compile(r"(?<![\w'\"-])([b-hj-z])(?= [a-z]+s\b)|\bpress ([a-z])\b|\b(F\d)\b")
"""How a help page names a key: before what it does, or after the word press."""


@pytest.mark.parametrize("step", STEP_KEYS)
def test_a_help_page_names_no_key_that_its_step_does_not_have(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = {
        key
        for owner in screen_of(step).__mro__
        for binding in owner.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and not binding.action.startswith("offer(")
        for key in binding.key.split(",")
    }
    # The page of the start tells what the rehearsal adds to the steps after it.
    rehearsed = {"m", "v"} if step == "start" else set()
    offered = {one.key for _, one in made(step, tmp_path, monkeypatch).values()} if step in STATES else set()
    named = {next(filter(None, found)).lower() for found in NAMED.findall("\n".join(help_pages.lines(step, None)))}
    assert named - bound - offered - rehearsed == set()
    assert named or step in {"review", "target"}


def test_the_rehearsals_own_key_crowds_none_out_that_a_step_needs() -> None:
    done = [
        Key("enter", "finish"), Key("m", "pretend I ran it"), Key("c", "copy the command"),
        Key("r", "check containers"), Key("down", "scroll"), Key("l", "so far"),
        Key("question_mark", "keys"), Key("ctrl+q", "quit"),
    ]  # fmt: skip
    assert [f"{one.name} {one.words}" for one in fitting(done, 120)[0]][1:4] == [
        "m pretend I ran it", "c copy the command", "r check containers"
    ]  # fmt: skip
    assert [f"{one.name} {one.words}" for one in fitting(done, 80)[0]] == [
        "Enter finish", "m pretend", "c copy", "r check", "Down scroll"
    ]  # fmt: skip
    without = [one for one in done if one.key != "m"]
    assert [f"{one.name} {one.words}" for one in fitting(without, 80)[0]][1:3] == ["c copy the command", "r check"]
    login = [
        Key("enter", "more"), Key("m", "pretend I did this in Postal"), Key("n", "next, 1 open"),
        Key("r", "check again"), Key("tab", "fields"), Key("question_mark", "keys"), Key("ctrl+q", "quit"),
    ]  # fmt: skip
    assert [f"{one.name} {one.words}" for one in fitting(login, 80)[0]] == [
        "Enter more", "m pretend", "n next", "r check"
    ]  # fmt: skip
    sender = [*login[:2], Key("u", "use proposed values"), login[2], Key("c", "copy value"), *login[3:]]
    left, right = fitting(sender, 80)
    assert [f"{one.name} {one.words}" for one in left] == [
        "m pretend", "u use proposed", "n next", "c copy", "r check"
    ]  # fmt: skip
    assert [one.name for one in right] == ["?", "^Q"]
    mail = [*login[:3], Key("s", "send again"), *login[4:]]
    assert [one.name for one in fitting(mail, 80)[0]] == ["Enter", "m", "n", "s"]
    record = [login[0], Key("c", "copy value"), *login[2:]]
    assert [one.words for one in fitting(record, 80)[0]] == ["more", "copy value", "next", "check"]
    both = [login[0], login[1], *record[1:]]
    assert [one.name for part in fitting(both, 80) for one in part] == ["m", "c", "n", "r", "Tab", "?", "^Q"]


async def test_n_says_that_it_checks_what_was_changed(opened: Opener) -> None:
    async with opened("credential") as it:
        await it.press("enter")
        await it.checked()
        await it.until(lambda: "Enter next" in it.keys)
        await it.type("shop/other")
        it.app.screen.query_one(Findings).focus()
        await it.until(lambda: "n check" in it.keys)
        await it.press("n")
        await it.checked()
        await it.until(lambda: "n next" in it.keys)
        assert it.step == "credential"
