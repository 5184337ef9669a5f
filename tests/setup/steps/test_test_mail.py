"""The test mail's step: what proves the arrival, and what it leaves of earlier answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.setup.offers import accepted, sent
from tests.setup.states import found
from wizard.checks import arrival
from wizard.checks.registry import Proof
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding
from wizard.model.secret import Secret
from wizard.model.session import nobody
from wizard.setup import proofs
from wizard.setup.flow import ARRIVED
from wizard.setup.step import offer, perform
from wizard.setup.steps import review, test_mail

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HELD = Finding.fail(Code.ARRIVAL_HELD, "<1@shop.example>", "Postal has the mail as Held.")


async def test_a_mail_that_was_held_and_then_arrived_stops_nothing(tmp_path: Path) -> None:
    state = accepted(tmp_path)
    found(state, "test_mail", HELD)
    assert HELD in review.stopping(state)
    await perform(test_mail.STEP, state, "code", nobody, {"code": state.code})
    assert ARRIVED in state.confirmed
    assert [one.check for one in state.findings("test_mail")] == [Check.SENDER]
    assert review.stopping(state) == []


async def test_a_wrong_code_leaves_what_postal_said(tmp_path: Path) -> None:
    state = accepted(tmp_path)
    found(state, "test_mail", HELD)
    await perform(test_mail.STEP, state, "code", nobody, {"code": "AAAAAA"})
    assert HELD in state.findings("test_mail")


async def test_that_it_is_in_the_inbox_is_asked_once_postal_says_that_it_sent_it(tmp_path: Path) -> None:
    assert offer(test_mail.STEP, accepted(tmp_path / "a"), "seen") is None
    state = sent(tmp_path / "b")
    result = await perform(test_mail.STEP, state, "seen", nobody)
    assert result.sentences == ()  # said once: by the step's lines
    assert test_mail.STEP.lines(state)[0] == "OK    arrived: Postal says that it was sent, and you saw it"
    assert proofs.of_state(state)[Proof.ARRIVAL].standing is proofs.Standing.PROVEN
    assert offer(test_mail.STEP, state, "seen") is None
    await perform(test_mail.STEP, state, "in_spam", nobody)
    assert proofs.of_state(state)[Proof.ARRIVAL].standing is proofs.Standing.DISPROVEN


async def test_an_api_key_that_postal_does_not_take_replaces_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = accepted(tmp_path)
    refused = Finding.fail(Code.ARRIVAL_KEY_INVALID, "", "Postal does not accept this API key.")

    async def asked(_address: str, key: Secret, *_more: object, **_named: object) -> Finding:
        return HELD if key.reveal() == "good" else refused

    monkeypatch.setattr(arrival, "state", asked)
    for typed, kept in (("wrong", ""), ("good", "good"), ("wrong", "good")):
        given: dict[str, str | Secret] = {"web_url": "https://p.example", "api_key": Secret(typed)}
        await perform(test_mail.STEP, state, "ask_postal", nobody, given)
        assert (state.session.api_key.reveal() if state.session.api_key else "") == kept
