"""The target step: an exported `.env` beside an Infisical target is offered as its copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.draft import Draft, InfisicalTarget
from wizard.model.session import Session, nobody
from wizard.setup.flow import FlowState
from wizard.setup.steps import target as target_step
from wizard.state.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.setup.step import Offer

TARGET = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/glitchtip/application", "client")


def offered(state: FlowState) -> Offer | None:
    return next((offer for offer in target_step.STEP.offers(state) if offer.id == "copy"), None)


async def test_an_export_is_offered_and_taken_as_the_copy(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY='x'\nEMAIL_URL='smtp://u:k@h:25'\n")
    state = FlowState(Draft(target=TARGET), Session(tmp_path), Journal(tmp_path / "state", "x"))
    offer = offered(state)
    assert offer is not None
    assert "old key" in offer.why
    await offer.run(state, {}, nobody)
    assert isinstance(state.draft.target, InfisicalTarget)
    assert state.draft.target.env_copy == ".env"
    assert offered(state) is None


def test_a_file_that_was_written_by_hand_is_not_offered(tmp_path: Path) -> None:
    state = FlowState(Draft(target=TARGET), Session(tmp_path), Journal(tmp_path / "state", "x"))
    assert offered(state) is None
    (tmp_path / ".env").write_text("EMAIL_URL=smtp://u:k@h:25\n")
    assert offered(state) is None
