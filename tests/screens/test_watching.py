"""The sender step waits by itself for a resolver that still gives an old answer."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from screens.sender import SenderScreen

if TYPE_CHECKING:
    from tests.screens.conftest import Driven, Opener


def left(it: Driven) -> int:
    found = re.search(r"The resolver gives the old answer for (\d+) s more", it.words)
    return int(found[1]) if found else -1


@pytest.mark.full
async def test_an_old_answer_is_counted_down_and_then_checked_again(opened: Opener) -> None:
    async with opened("sender", "spreading") as it:
        await it.press("enter")
        await it.see("! WARN DKIM key")
        await it.until(lambda: left(it) > 0)
        begun = left(it)
        await it.until(lambda: 0 <= left(it) < begun)
        screen = it.app.screen
        assert isinstance(screen, SenderScreen)
        before = it.flow.findings("sender")
        screen._gone_at = time.monotonic() - 1  # the seconds are over
        await it.until(lambda: it.flow.findings("sender") is not before)
        # Here the resolver keeps it longer than that: the rest is counted.
        await it.until(lambda: 0 < left(it) <= begun)


@pytest.mark.full
async def test_leaving_the_step_ends_the_count(opened: Opener) -> None:
    async with opened("sender", "spreading") as it:
        await it.press("enter")
        await it.until(lambda: left(it) > 0)
        await it.press("escape")
        await it.at("credential")
        assert left(it) == -1
