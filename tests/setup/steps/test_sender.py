"""What no page of Postal shows: proposed from the connection to the server, and taken only on the operator's word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.setup.states import state
from wizard.checks.proposals import Proposal
from wizard.model.session import nobody
from wizard.rehearsal import lifetime
from wizard.setup.rehearsed import rehearsed
from wizard.setup.step import perform
from wizard.setup.steps import sender, server

if TYPE_CHECKING:
    from pathlib import Path

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
    (offer,) = (offer for offer in sender.STEP.offers(one) if offer.id == "use_connection")
    assert offer.name == "use 192.0.2.25 and postal.shop.example"
    assert offer.why == " ".join(REASONS)
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == ((), "")
    result = await perform(sender.STEP, one, "use_connection", nobody)
    assert result.sentences == REASONS
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == (("192.0.2.25",), "postal.shop.example")
    assert "use_connection" not in {offer.id for offer in sender.STEP.offers(one)}


async def test_a_from_and_what_the_connection_proposes_are_taken_together(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.proposal = BOTH
    one.draft = replace(
        one.draft, app=replace(one.draft.app, from_=""), domain=replace(one.draft.domain, name="shop.example")
    )
    assert [offer.id for offer in sender.STEP.offers(one) if offer.key == "u"] == ["use_all"]
    (said,) = (line for line in sender.STEP.lines(one) if line.startswith("Proposed: "))
    assert said == (
        "Proposed: From GlitchTip <glitchtip@shop.example>; sending IPs 192.0.2.25; HELO name postal.shop.example"
    )
    await perform(sender.STEP, one, "use_all", nobody)
    assert one.draft.app.from_ == "GlitchTip <glitchtip@shop.example>"
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == (("192.0.2.25",), "postal.shop.example")
    assert [offer.id for offer in sender.STEP.offers(one) if offer.key == "u"] == []


async def test_what_the_operator_has_given_stays(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.proposal = BOTH
    one.draft = replace(one.draft, domain=replace(one.draft.domain, sending_ips=("198.51.100.7",)))
    assert sender.proposed_values(one) == ((), "postal.shop.example")
    await perform(sender.STEP, one, "use_connection", nobody)
    assert (one.draft.domain.sending_ips, one.draft.domain.helo) == (("198.51.100.7",), "postal.shop.example")


def test_a_from_outside_the_from_domain_is_named_at_its_own_step_where_dns_is_right(tmp_path: Path) -> None:
    one = state(tmp_path)
    domain = one.draft.domain_name
    assert not any("accepts only exactly that domain" in line for line in sender.STEP.lines(one))
    one.draft = replace(one.draft, app=replace(one.draft.app, from_=f"glitchtip@errors.{domain}"))
    one.draft = replace(one.draft, domain=replace(one.draft.domain, name=domain))
    assert sender.STEP.lines(one)[-1].startswith(f"The From is at errors.{domain}; it should be at {domain}: ")
