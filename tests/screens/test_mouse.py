"""What looks like a choice can be clicked: steps, rows, words, keys and lines of a menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from screens.shell.dialogs import Evidence, Page
from screens.shell.help import Help
from screens.shell.pages import KeysPage
from screens.widgets.findings import Findings

if TYPE_CHECKING:
    from tests.screens.conftest import Driven, Opener


async def click(it: Driven, text: str, *, times: int = 1, last: bool = False) -> None:
    """Click on the first place (or the *last*) where *text* is drawn."""
    await it.until(lambda: text in f"{it.text} ".replace("\n", " \n"))
    lines = [f"{line} " for line in it.text.splitlines()]
    rows = [y for y, line in enumerate(lines) if text in line]
    y = rows[-1 if last else 0]
    await it.pilot.click(offset=(lines[y].index(text) + 1, y), times=times)
    await it.pilot.pause()


@pytest.mark.full
async def test_a_step_that_was_passed_and_none_that_is_to_come(opened: Opener) -> None:
    async with opened("sender") as it:
        await it.checked()
        await click(it, "○ Review")
        assert it.step == "sender"
        await click(it, "● Server")
        await it.at("server")


@pytest.mark.full
async def test_a_step_in_the_side_bar(opened: Opener) -> None:
    async with opened("sender", size=(120, 40)) as it:
        await it.checked()
        await click(it, "Credential   ", last=True)
        await it.at("credential")


@pytest.mark.full
async def test_a_row_and_its_evidence(opened: Opener) -> None:
    async with opened("sender", "dkim-wrong") as it:
        await it.checked()
        await it.see("FAIL DKIM key")
        rows = it.app.screen.query_one(Findings)
        await click(it, "✓ OK   ")
        assert rows.has_focus
        assert rows.selected is None or rows.selected.check != "dkim"
        await click(it, "✗ FAIL DKIM key")
        assert rows.selected is not None
        assert rows.selected.check == "dkim"
        await click(it, "✗ FAIL DKIM key", times=2)
        await it.until(lambda: isinstance(it.app.screen, Evidence))
        await click(it, " back ")
        await it.at("sender")
        assert rows.has_focus


@pytest.mark.full
async def test_a_word_of_a_choice(opened: Opener) -> None:
    async with opened("server") as it:
        await it.checked()
        await click(it, "STARTTLS")
        await it.until(lambda: it.flow.draft.server.tls == "starttls")


@pytest.mark.full
async def test_a_field(opened: Opener) -> None:
    async with opened("server") as it:
        await it.checked()
        await click(it, "25, unless")
        y = next(y for y, line in enumerate(it.text.splitlines()) if "Port  " in line)
        await it.pilot.click(offset=(20, y))
        assert it.app.screen.query_one("#server-port", Input).has_focus


@pytest.mark.full
async def test_a_line_of_a_menu(opened: Opener) -> None:
    async with opened() as it:
        await it.see("all places")
        await click(it, "Check everything, change nothing")
        await it.until(lambda: isinstance(it.app.screen, Page))
        await click(it, " back ")
        await it.at("start")
        await click(it, "Troubleshoot")
        await it.at("troubleshoot")
        await click(it, "GlitchTip")
        await it.until(lambda: it.flow.diagnosis is not None)


async def test_every_key_of_the_last_line(opened: Opener) -> None:
    async with opened("sender", "dkim-wrong") as it:
        await it.checked()
        await it.until(lambda: "c copy value" in it.keys)
        await click(it, "copy value", last=True)
        await it.until(lambda: isinstance(it.app.screen, Evidence))
        await click(it, "show bare", last=True)
        await it.see("Select with the mouse")
        await click(it, " back ", last=True)
        await click(it, " back ", last=True)
        await it.at("sender")
        await click(it, " keys ", last=True)
        await it.until(lambda: isinstance(it.app.screen, KeysPage))
        await it.press("escape", "f1")
        await it.until(lambda: isinstance(it.app.screen, Help))
