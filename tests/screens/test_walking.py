"""From the start to done by keys: forward proves, back loses nothing, and a fail hinders nobody who knows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import dotenv
import pytest
from textual.widgets import Input

from wizard.checks.smtp import run as smtp
from wizard.setup.steps import test_mail

if TYPE_CHECKING:
    from tests.screens.conftest import Opener


async def test_enter_walks_to_done_and_the_settings_are_in_force(opened: Opener) -> None:
    async with opened() as it:
        await it.go("done")
        assert it.flow.receipt is not None
        assert it.flow.receipt.complete
        await it.see("written and read back")
        path = it.flow.session.directory / ".env"
        values = dotenv.dotenv_values(path, interpolate=False)
    assert values["DEFAULT_FROM_EMAIL"] == "GlitchTip <glitchtip@shop.example>"
    assert str(values["EMAIL_URL"]).startswith("smtp://shop%2Fapps:")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.full
async def test_back_keeps_every_value_and_validates_none(opened: Opener) -> None:
    async with opened("server") as it:
        await it.type("not a host")
        await it.press("tab")
        await it.type("99999")
        await it.press("escape")
        await it.at("start")
        await it.press("enter")
        await it.at("server")
        assert "not a host" in it.text
        assert it.flow.draft.server.port == 99999


@pytest.mark.full
async def test_back_from_every_step_leads_to_the_one_before(opened: Opener) -> None:
    async with opened() as it:
        await it.go("review")
        seen = []
        while it.step != "start":
            seen.append(it.step)
            here = it.step
            await it.press("escape")
            await it.until(lambda here=here: it.step not in {"", here})
        assert seen == ["review", "test_mail", "target", "sender", "credential", "server"]


async def test_nothing_is_before_the_start(opened: Opener) -> None:
    async with opened() as it:
        await it.press("escape")
        assert it.step == "start"
        assert "Esc" not in it.keys


@pytest.mark.full
async def test_what_was_found_is_there_again_on_the_way_back(opened: Opener) -> None:
    async with opened("server") as it:
        await it.checked()
        await it.press("enter")
        await it.at("credential")
        await it.press("escape")
        await it.at("server")
        assert "Greeting" in it.text
        assert "Enter next" in it.keys


@pytest.mark.full
async def test_a_fail_hinders_nobody_and_is_told_at_the_review_and_recorded(opened: Opener) -> None:
    async with opened("server", "dkim-wrong") as it:
        await it.go("review")
        await it.see("FAIL DKIM key")
        await it.until(lambda: "Enter write" in it.keys)
        await it.press("enter")
        await it.see("Write anyway?")
        await it.press("enter")
        await it.at("review")
        assert it.flow.receipt is None
        await it.press("enter", "y")
        await it.at("done")
        assert "dkim" in it.flow.despite


@pytest.mark.full
async def test_nothing_is_written_before_enter_on_the_review(opened: Opener) -> None:
    async with opened() as it:
        path = it.flow.session.directory / ".env"
        before = path.read_bytes()
        await it.go("review")
        await it.until(lambda: "Enter write" in it.keys)
        assert "Nothing has been written yet" in it.text
        assert path.read_bytes() == before


def judged_late(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let target and configuration be judged no sooner than the event that is returned is set."""
    judge, judged = test_mail.judge, asyncio.Event()

    async def slow(*given: Any) -> Any:
        await judged.wait()
        return await judge(*given)

    monkeypatch.setattr(test_mail, "judge", slow)
    return judged


async def test_no_mail_is_sent_before_it_is_known_whether_the_configuration_lets_it_out(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened("target", "subdomain") as it:
        judged = judged_late(monkeypatch)
        await it.press("enter")
        await it.at("test_mail")
        await it.press("enter")
        await it.see("Still checking this project's configuration")
        assert not it.flow.findings("test_mail")
        judged.set()
        await it.see("Send the test mail anyway?")
        assert not it.flow.findings("test_mail")


@pytest.mark.full
async def test_enter_before_everything_was_judged_waits_for_it_and_asks_nothing(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as it:
        await it.go("review")
        await it.until(lambda: "Enter write" in it.keys)
        await it.press("escape")
        await it.at("test_mail")
        judged = judged_late(monkeypatch)
        await it.go("review")
        await it.press("enter")
        await it.see("Still checking this project's configuration")
        assert "Enter" not in it.keys
        assert it.flow.receipt is None
        judged.set()
        await it.at("done")
        assert it.flow.receipt is not None


@pytest.mark.full
async def test_a_dry_run_leaves_with_the_plan_and_writes_nothing(opened: Opener) -> None:
    async with opened() as it:
        path = it.flow.session.directory / ".env"
        before = path.read_bytes()
        await it.go("review")
        await it.until(lambda: "Enter write" in it.keys)
        await it.command("Print the change and leave")
        await it.until(lambda: it.app.return_code == 0)
        assert path.read_bytes() == before
        assert any(line.startswith("+ EMAIL_URL=") for line in it.app.farewell)


@pytest.mark.full
async def test_rolling_back_asks_first_and_restores_every_byte(opened: Opener) -> None:
    async with opened() as it:
        path = it.flow.session.directory / ".env"
        before = path.read_bytes()
        await it.go("done")
        assert path.read_bytes() != before
        await it.press("b")
        await it.see("Put the previous values back")
        await it.press("escape")
        await it.at("done")
        assert path.read_bytes() != before
        await it.press("b", "y")
        await it.see("Rolled back")
        assert path.read_bytes() == before


@pytest.mark.full
async def test_esc_at_the_last_question_stays_and_decides_nothing(opened: Opener) -> None:
    async with opened() as it:
        await it.arrived()
        await it.go("done")
        await it.press("m")
        await it.see("run with these settings")
        await it.press("enter")
        await it.see("Delete the backup")
        await it.press("escape")
        await it.at("done")
        assert it.app.return_code is None


class TestChecks:
    """What starts by itself, and what only at a press."""

    async def test_a_key_that_is_typed_while_another_is_checked_is_not_proven(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with opened("credential") as it:
            check, typed = smtp.check, asyncio.Event()

            async def slow(*given: Any, **more: Any) -> Any:
                findings = await check(*given, **more)
                await typed.wait()
                return findings

            monkeypatch.setattr(smtp, "check", slow)
            await it.press("enter")
            await it.see("checking ...")
            it.app.screen.query_one("#credential-key", Input).focus()
            await it.type("Other0Key00000000000Other")
            typed.set()
            await it.until(lambda: "checking ..." not in it.text)
            assert not it.flow.is_checked("credential")
            assert not it.flow.key_is_proven
            assert "Enter check" in it.keys
            assert "proofs 0/5" in it.text

    async def test_a_server_that_is_told_already_is_checked_at_once(self, opened: Opener) -> None:
        async with opened("server") as it:
            await it.checked()
            assert {finding.check for finding in it.flow.findings("server")} >= {"connect", "greeting", "tls"}

    async def test_another_port_is_checked_when_its_field_is_left_and_not_at_each_key(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int | None] = []

        async def check(draft: Any, *_: Any, **__: Any) -> list[Any]:
            asked.append(draft.server.port)
            return []

        async with opened("server") as it:
            await it.checked()
            monkeypatch.setattr(smtp, "check", check)
            await it.press("tab")
            await it.type("2526")
            assert asked == []
            await it.press("tab")
            await it.until(lambda: asked)
        assert asked == [2526]

    async def test_a_login_is_made_at_enter_alone_and_once_a_press(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        logins: list[str] = []

        async def check(draft: Any, *_: Any, **__: Any) -> list[Any]:
            logins.append(draft.credential.username)
            return []

        monkeypatch.setattr(smtp, "check", check)
        async with opened("credential") as it:
            await it.type("org/other")
            await it.press("tab", "tab", "shift+tab")
            await it.pilot.pause(0.2)
            assert logins == []
            await it.press("enter")
            await it.until(lambda: logins)
            await it.pilot.pause(0.1)
        assert logins == ["org/other"]

    @pytest.mark.full
    async def test_leaving_a_screen_cancels_its_checks(self, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
        import asyncio

        ended: list[str] = []

        async def check(*_: Any, **__: Any) -> list[Any]:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise
            return []

        monkeypatch.setattr(smtp, "check", check)
        async with opened("server") as it:
            await it.see("checking")
            await it.press("escape")
            await it.at("start")
            await it.until(lambda: ended)
        assert ended == ["cancelled"]

    async def test_enter_while_checking_waits_once_and_then_goes_on(
        self, opened: Opener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import asyncio

        async def check(*_: Any, **__: Any) -> list[Any]:
            await asyncio.Event().wait()
            return []

        monkeypatch.setattr(smtp, "check", check)
        async with opened("server") as it:
            await it.see("checking")
            await it.press("enter")
            await it.see("Enter again")
            assert it.step == "server"
            await it.press("enter")
            await it.at("credential")

    async def test_what_is_not_right_stands_first_with_its_remedy(self, opened: Opener) -> None:
        async with opened("sender", "dkim-wrong") as it:
            await it.checked()
            await it.see("Publish the record below")
            rows = [row.strip("│ ") for row in it.text.splitlines() if row.strip("│ ").startswith(("✓ OK ", "✗ FAIL "))]
            assert rows[0].startswith("✗ FAIL DKIM key")

    @pytest.mark.full
    async def test_the_record_is_copied_and_stands_there_whole(self, opened: Opener) -> None:
        async with opened("sender", "dkim-wrong") as it:
            await it.checked()
            await it.until(lambda: "c copy value" in it.keys)
            await it.press("c")
            record = next(found.record for found in it.flow.findings("sender") if found.check == "dkim")
            assert record is not None
            assert it.app.clipboard == record.value
            assert record.value.replace(" ", "") in it.words.replace(" ", "")

    async def test_the_tree_of_spf_is_drawn(self, opened: Opener) -> None:
        async with opened("sender") as it:
            await it.checked()
            await it.press("tab", "tab", "t")
            await it.see("include:spf.postal.shop.example")

    async def test_evidence_of_a_row_and_the_dialogue_with_auth_masked(self, opened: Opener) -> None:
        async with opened("credential") as it:
            await it.press("enter")
            await it.checked()
            await it.press("tab", "tab", "d")
            await it.see("AUTH PLAIN")
            key = it.flow.session.key
            assert key is not None
            assert key.reveal() not in it.text
            await it.press("escape", "enter")
            await it.see("Connection (connect): 127.0.0.1")
