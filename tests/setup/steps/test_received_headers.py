"""Headers pasted at the test mail: those of the mail that was sent prove it, and say how Postal signs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wizard.checks.smtp import run as smtp
from wizard.model.details import Triangle
from wizard.model.session import nobody
from wizard.rehearsal import lifetime
from wizard.setup.rehearsed import rehearsed
from wizard.setup.steps import sender, test_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.setup.flow import FlowState


@pytest.fixture
def state(tmp_path: Path) -> Iterator[FlowState]:
    running = lifetime.start("good", tmp_path / "rehearsal")
    flow = rehearsed(running.info)
    # Nobody has said whether Check was pressed.
    flow.draft = replace(flow.draft, domain=replace(flow.draft.domain, checked_in_postal=None))
    yield flow
    running.stop()


def newest(mailbox: Path) -> str:
    return max(mailbox.glob("*.eml")).read_bytes().decode()


async def sent(state: FlowState) -> str:
    """Check the sender, send the test mail, and return it as it arrived."""
    checks = sender.STEP.checks(state)
    assert checks is not None
    state.found(sender.KEY, await checks.run(nobody), sender.about)
    state.found(test_mail.KEY, await smtp.check(state.draft, state.session, send=True, code="ABC234"), test_mail.about)
    return newest(Path(state.session.mailbox))


async def paste(state: FlowState, text: str) -> None:
    offer = next(one for one in test_mail.STEP.offers(state) if one.id == "headers")
    await offer.run(state, {"block": text}, nobody)


def world(state: FlowState) -> str:
    (alignment,) = (one for one in state.findings(sender.KEY) if one.check == "alignment")
    assert isinstance(alignment.detail, Triangle)
    return alignment.detail.world


def codes(state: FlowState) -> set[str]:
    return {str(one.code) for one in state.findings(test_mail.KEY)}


async def test_this_mails_headers_prove_its_arrival_and_the_world_of_the_alignment(state: FlowState) -> None:
    text = await sent(state)
    assert world(state) == "unknown"
    before = {one.check for one in state.findings(sender.KEY)}
    await paste(state, text)
    assert "received.this_mail" in codes(state)
    assert world(state) == "received"
    assert {one.check for one in state.findings(sender.KEY)} == before


async def test_another_mails_headers_change_nothing(state: FlowState) -> None:
    text = await sent(state)
    await paste(state, text.replace("Message-ID: <", "Message-ID: <other"))
    assert "received.another_mail" in codes(state)
    assert "received.dmarc_pass" not in codes(state)
    assert world(state) == "unknown"
    assert state.session.signature is None
