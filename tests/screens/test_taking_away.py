"""A value leaves the screen by the clipboard, bare, or as a file; and a row that turns right is named for a moment."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from screens.shell.dialogs import Bare

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.screens.conftest import Driven, Opener
    from wizard.setup.flow import FlowState


async def test_x_shows_the_value_alone_and_f_writes_it_for_the_operator_alone(opened: Opener) -> None:
    async with opened("sender", "dkim-wrong") as it:
        await it.checked()
        await it.until(lambda: "c copy value" in it.keys)
        record = next(found.record for found in it.flow.findings("sender") if found.check == "dkim")
        assert record is not None
        await it.press("x")
        await it.until(lambda: isinstance(it.app.screen, Bare))
        assert record.value.replace(" ", "") in "".join(it.lines).replace(" ", "")
        await it.press("x")
        await it.at("sender")
        await it.press("f")
        path = it.flow.journal.home
        await it.see("Written to ")
        (written,) = path.rglob("copied.txt")
        assert written.read_text(encoding="utf-8") == f"{record.value}\n"
        assert written.stat().st_mode & 0o777 == 0o600


@pytest.mark.full
async def test_a_row_that_turns_right_is_named_for_two_seconds_and_the_count_goes_down(
    opened: Opener, demo: Callable[[str], FlowState]
) -> None:
    async with opened("sender", flow=demo("dkim-missing")) as it:
        await it.checked()
        await it.see("FAIL DKIM key")
        assert fixes(it) == 1
        await it.press("m")
        await it.see("Pretended: ")
        screen = it.app.step_screen
        assert screen is not None
        if not screen.checking and "now right" not in it.text:
            await it.press("r")
        await it.see("DKIM key, Postal's page: now right")
        begun = time.monotonic()
        assert fixes(it) == 0
        await it.until(lambda: "now right" not in it.text)
        assert 1.0 < time.monotonic() - begun < 5.0


def fixes(it: Driven) -> int:
    """Return the count of what is to fix, as the panel says it."""
    words = it.words.split("to fix")
    return int(words[0].split()[-1]) if len(words) > 1 else 0
