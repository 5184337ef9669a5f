"""The target step: a mounted file is overwritten only after a yes to the offer that says what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wizard.model.draft import Draft, EnvTarget
from wizard.model.secret import Secret
from wizard.model.session import Session, nobody
from wizard.setup.flow import FlowState
from wizard.setup.steps import target as target_step
from wizard.state.journal import Journal
from wizard.targets import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.setup.step import Offer

VALUES: dict[str, str | Secret] = {"EMAIL_URL": Secret("smtp://u:k@h:25")}


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlowState:
    (tmp_path / ".env").write_text("A=1\n")
    monkeypatch.setattr("wizard.targets.env_file.location.mounted", lambda _path: True)
    return FlowState(Draft(target=EnvTarget()), Session(tmp_path), Journal(tmp_path / "state", "x"))


def overwriting(state: FlowState) -> Offer | None:
    return next((offer for offer in target_step.STEP.offers(state) if offer.id == "overwrite"), None)


async def test_without_the_yes_nothing_is_planned_and_with_it_the_file_is_written(mounted: FlowState) -> None:
    with pytest.raises(Refused, match="mount point"):
        await mounted.writer().plan(VALUES)
    offer = overwriting(mounted)
    assert offer is not None
    assert "power cut" in offer.question
    await offer.run(mounted, {}, nobody)
    assert overwriting(mounted) is None
    plan = await mounted.writer().plan(VALUES)
    assert (await mounted.writer().apply(plan)).written


async def test_the_yes_is_for_that_file_alone(mounted: FlowState, tmp_path: Path) -> None:
    offer = overwriting(mounted)
    assert offer is not None
    await offer.run(mounted, {}, nobody)
    (tmp_path / "other.env").write_text("A=1\n")
    mounted.draft = Draft(target=EnvTarget("other.env"))
    assert overwriting(mounted) is not None
    with pytest.raises(Refused, match="mount point"):
        await mounted.writer().plan(VALUES)


def test_a_file_that_can_be_replaced_is_not_asked_about(tmp_path: Path) -> None:
    state = FlowState(Draft(target=EnvTarget()), Session(tmp_path), Journal(tmp_path / "state", "x"))
    assert overwriting(state) is None
    (tmp_path / ".env").write_text("A=1\n")
    assert overwriting(state) is None
