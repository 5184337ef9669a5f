"""What no page of Postal shows: proposed from the connection to the server, and taken only on the operator's word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.setup.offers import unknown_in_postal
from tests.setup.states import state
from wizard.checks.dns import run as dns
from wizard.checks.proposals import Proposal
from wizard.model.codes import Code
from wizard.model.session import nobody
from wizard.rehearsal import lifetime
from wizard.setup.rehearsed import rehearsed
from wizard.setup.step import perform
from wizard.setup.steps import sender, server

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from wizard.model.finding import Finding

REASONS = ("Postal was reached at 192.0.2.25.", "Postal greets as postal.shop.example.")
BOTH = Proposal(("192.0.2.25",), "postal.shop.example", REASONS)


async def test_the_name_in_the_real_greeting_is_proposed_and_a_loopback_address_is_not(tmp_path: Path) -> None:
    running = lifetime.start("good", tmp_path / "rehearsal")
    try:
        one = rehearsed(running.info)
        one.draft = replace(one.draft, domain=replace(one.draft.domain, helo="", sending_ips=()))
        checks = server.STEP.checks(one)
        assert checks is not None
        assert one.proposal is None
        await checks.run(nobody)
    finally:
        running.stop()
    ips, helo = sender.proposed_values(one)
    assert ips == ()
    assert helo == "smtp.postal.shop.example"
    assert one.proposal is not None
    assert "which receivers never see" in one.proposal.reasons[0]


async def test_what_is_proposed_is_put_into_the_draft_only_on_the_operator_s_word(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.proposal = BOTH
    (offer,) = (offer for offer in sender.STEP.offers(one) if offer.key == "u")
    assert "Proposed: sending IPs 192.0.2.25; HELO name postal.shop.example" in sender.STEP.lines(one)
    assert offer.why == " ".join(REASONS)
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == ((), "")
    result = await perform(sender.STEP, one, "use_proposed", nobody)
    assert result.sentences == REASONS
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == (("192.0.2.25",), "postal.shop.example")
    assert "u" not in {offer.key for offer in sender.STEP.offers(one)}


async def test_a_from_and_what_the_connection_proposes_are_taken_together(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.proposal = BOTH
    one.draft = replace(
        one.draft, app=replace(one.draft.app, from_=""), domain=replace(one.draft.domain, name="shop.example")
    )
    assert [offer.id for offer in sender.STEP.offers(one) if offer.key == "u"] == ["use_proposed"]
    (said,) = (line for line in sender.STEP.lines(one) if line.startswith("Proposed: "))
    assert said == (
        "Proposed: From GlitchTip <glitchtip@shop.example>; sending IPs 192.0.2.25; HELO name postal.shop.example"
    )
    await perform(sender.STEP, one, "use_proposed", nobody)
    assert one.draft.app.from_ == "GlitchTip <glitchtip@shop.example>"
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == (("192.0.2.25",), "postal.shop.example")
    assert [offer.id for offer in sender.STEP.offers(one) if offer.key == "u"] == []


async def test_what_the_operator_has_given_stays(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.proposal = BOTH
    one.draft = replace(one.draft, domain=replace(one.draft.domain, sending_ips=("198.51.100.7",)))
    assert sender.proposed_values(one) == ((), "postal.shop.example")
    await perform(sender.STEP, one, "use_proposed", nobody)
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == (("198.51.100.7",), "postal.shop.example")


async def test_a_from_outside_the_from_domain_has_a_row_at_its_own_step_where_dns_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def all_right(*_: object, **__: object) -> list[Finding]:
        return []

    monkeypatch.setattr(dns, "check", all_right)
    one = state(tmp_path)
    checks = sender.STEP.checks(one)
    assert checks is not None
    domain = one.draft.domain_name
    assert await checks.run(nobody) == []
    one.draft = replace(one.draft, app=replace(one.draft.app, from_=f"glitchtip@errors.{domain}"))
    one.draft = replace(one.draft, domain=replace(one.draft.domain, name=domain))
    (finding,) = await checks.run(nobody)
    assert finding.code is Code.FROM_ADDRESS_OTHER_DOMAIN
    one.found(sender.KEY, [finding], sender.about)
    assert not any("errors." in line for line in sender.STEP.lines(one)), "its row says it"


def test_check_to_be_pressed_is_said_once_by_its_row(tmp_path: Path) -> None:
    one = unknown_in_postal(tmp_path)
    assert any(finding.remedy.startswith("Press") for finding in one.findings(sender.KEY))
    assert not any("Press" in line for line in sender.STEP.lines(one))
    assert "h" in {offer.key for offer in sender.STEP.offers(one)}
