"""The test mail proven by its code, and troubleshooting that names one cause, leads to its step and comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual import events

from screens.widgets.findings import Findings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.screens.conftest import Opener


class TestMail:
    """Sent at Enter or s, accepted at the 250, arrived when the code is typed."""

    async def test_accepted_is_said_at_once_with_the_way_of_the_mail(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            assert "Enter send" in it.keys
            await it.press("enter")
            await it.checked()
            await it.see("accepted from glitchtip@shop.example")
            assert "EHLO" in it.text
            assert "Did it arrive?" in it.text

    async def test_the_right_code_proves_arrival_without_enter(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            await it.press("enter")
            await it.checked()
            await it.see("Its code")
            await it.type(it.flow.code.lower())
            await it.see("arrived: its code came back")
            assert "arrived" in it.flow.confirmed

    async def test_a_wrong_code_proves_nothing(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            await it.press("enter")
            await it.checked()
            await it.see("Its code")
            wrong = "".join("A" if character != "A" else "B" for character in it.flow.code)
            await it.type(wrong)
            await it.see("not the code of the newest test mail")
            await it.until(lambda: "Enter compare the code" in it.keys)
            await it.press("home", "ctrl+k")
            await it.until(lambda: "Enter next" in it.keys)
            assert "arrived" not in it.flow.confirmed

    async def test_n_lists_what_postal_may_hold_it_for_with_the_place_to_click(self, opened: Opener) -> None:
        async with opened("test_mail", "development") as it:
            await it.press("enter")
            await it.checked()
            await it.see("Its code")
            await it.press("tab", "a")
            await it.see("Development mode")
            assert "Set the mode to Live" in it.text
            await it.press("escape")
            await it.at("test_mail")

    @pytest.mark.full
    async def test_going_on_without_the_code_is_allowed(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            await it.press("enter")
            await it.checked()
            await it.see("Its code")
            await it.press("enter")
            await it.at("review")

    @pytest.mark.full
    async def test_without_a_recipient_nothing_is_sent(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            await it.type("")
            assert "Enter next" in it.keys
            await it.press("enter")
            await it.at("review")
            assert it.flow.code == ""

    async def test_headers_that_hold_the_code_prove_arrival_too(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            await it.press("enter")
            await it.checked()
            await it.press("f4")
            await it.see("received mail's headers")
            focused = it.app.focused
            assert focused is not None
            focused.post_message(
                events.Paste(f"Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\nSubject: {it.flow.code}\n")
            )
            await it.press("f4")
            await it.at("test_mail")
            await it.see("arrived")


class TestArrival:
    """What became of the mail: by Postal's API, from inside the containers, by the received headers."""

    async def test_postals_api_tells_the_state_of_this_very_mail(self, opened: Opener) -> None:
        async with opened("test_mail", "development") as it:
            await it.press("enter")
            await it.checked()
            await it.see("Its code")
            await it.press("f5")
            await it.see("Ask Postal")
            await it.press("enter")
            await it.at("test_mail")
            await it.see("held: server in Development mode")
            await it.see("Set the mode to Live")
            while not it.app.screen.query_one(Findings).has_focus:
                await it.press("tab")
            await it.press("a")
            await it.see("Postal was asked: ")

    async def test_a_wrong_api_key_is_named_and_stands_nowhere(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            await it.press("enter")
            await it.checked()
            await it.see("Its code")
            await it.press("f5")
            await it.see("Ask Postal")
            await it.type("Wr0ng4piKey0000000000000")
            assert "Wr0ng4pi" not in it.text
            await it.press("enter")
            await it.see("Postal refuses the API key")
            assert "Wr0ng4pi" not in it.text
            assert "Wr0ng4pi" not in repr((it.flow, it.app.screen.__dict__))

    async def test_without_docker_sending_from_inside_says_why_not(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        async with opened("test_mail") as it:
            it.flow.session = replace(it.flow.session, containers=None)  # no pretend ones: the real docker is asked
            await it.press("f6")
            await it.see("docker is not installed here")
            assert "the checks ran on this host" in it.words

    @pytest.mark.full
    async def test_headers_are_judged_beside_the_mail_that_was_accepted(self, opened: Opener) -> None:
        async with opened("test_mail") as it:
            await it.press("enter")
            await it.checked()
            await it.press("f4")
            await it.see("received mail's headers")
            focused = it.app.focused
            assert focused is not None
            focused.post_message(events.Paste("Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\n"))
            await it.press("f4")
            await it.see("the Message-ID is missing")
            checks = {found.check for found in it.flow.findings("test_mail")}
            assert {"sender", "received"} <= checks


class TestTroubleshoot:
    """A cause, its proof, its remedy, and the step that mends it."""

    async def test_pasted_text_names_the_cause_and_is_not_shown(self, opened: Opener) -> None:
        async with opened("troubleshoot", "suspended") as it:
            await it.press("f4")
            await it.see("Paste or type the error")
            focused = it.app.focused
            assert focused is not None
            focused.post_message(
                events.Paste("SMTPRecipientsRefused: {'a@b': (535, b'Mail server has been suspended')} hunter2")
            )
            await it.press("f4")
            await it.until(lambda: "Enter fix it: step" in it.keys)
            await it.see("proven")
            assert "suspended" in it.text
            assert "hunter2" not in it.text

    @pytest.mark.full
    async def test_the_way_leads_to_the_step_and_back_to_the_diagnosis(self, opened: Opener) -> None:
        async with opened("troubleshoot", "suspended") as it:
            await it.press("f4")
            await it.see("Paste or type the error")
            await it.pilot.press(
                *"535", "space", *"Mail", "space", *"server", "space", *"has", "space", *"been", "space", *"suspended"
            )
            await it.press("f4")
            await it.until(lambda: "Enter fix it: step" in it.keys)
            await it.press("enter")
            await it.until(lambda: it.step not in {"", "troubleshoot"})
            await it.press("escape")
            await it.at("troubleshoot")
            await it.see("suspended")

    async def test_a_symptom_from_the_list_is_diagnosed(self, opened: Opener) -> None:
        async with opened("troubleshoot") as it:
            await it.press("down", "enter")
            await it.see("Development mode")

    async def test_nothing_recognised_is_said(self, opened: Opener) -> None:
        async with opened("troubleshoot") as it:
            await it.press("f4")
            await it.see("Paste or type the error")
            await it.press("h", "i", "f4")
            await it.see("Nothing recognised")
