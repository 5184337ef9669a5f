"""The observed dialogue: drawn to scale as it goes, and whole on Enter, with the login masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screens.widgets import drawings
from wizard.model.session import Exchange

if TYPE_CHECKING:
    from tests.screens.conftest import Opener


def exchange(verb: str, seconds: float, address: str = "192.0.2.1:25") -> Exchange:
    return Exchange(verb, verb, ("250 OK",), seconds, address)


def test_a_step_that_takes_twice_as_long_has_twice_the_bar() -> None:
    drawn = drawings.timeline([exchange("connect", 0.4), exchange("banner", 0.2), exchange("EHLO", 0.1)])
    assert drawn == "connect ████ greeting ██ EHLO █ 0.70 s"


def test_another_address_is_not_drawn_into_the_way_of_the_one_that_was_talked_to() -> None:
    silent = exchange("connect", 5.0, "[2001:db8::1]:25")
    drawn = drawings.timeline([exchange("connect", 0.2), exchange("EHLO", 0.2), silent])
    assert drawn == "connect ████ EHLO ████ 0.40 s"


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 1.0])
def test_every_step_has_a_bar(share: float) -> None:
    assert 1 <= len(drawings.bar(share, 8)) <= 8


async def test_the_server_step_draws_its_way_and_shows_the_dialogue_on_enter(opened: Opener) -> None:
    async with opened("server") as it:
        await it.checked()
        await it.see("EHLO")
        assert "connect █" in it.text or "greeting █" in it.text
        await it.press("down", "down", "down", "d")
        await it.see("Dialogue, its bars to scale")
        assert "220 smtp.postal" in it.text


async def test_the_login_is_masked_in_the_raw_dialogue(opened: Opener) -> None:
    async with opened("test_mail") as it:
        await it.press("enter")
        await it.checked()
        await it.press("tab", "d")
        await it.see("Dialogue, its bars to scale")
        assert "****" in it.text
        session = it.flow.session
        assert session.key is not None
        assert session.key.reveal() not in it.text
