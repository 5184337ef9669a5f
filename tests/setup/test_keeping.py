"""Old values in the keyring: a writing that replaces them makes what an earlier run kept useless, and it goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.screens.test_keeping import Keyring, keyring
from tests.setup.offers import FOLDER, waiting, written, written_in_infisical
from tests.setup.states import found
from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.flow import Flow
from wizard.setup import keeping
from wizard.setup.flow import ARRIVED
from wizard.setup.proofs import EVERYTHING
from wizard.setup.step import offer
from wizard.setup.steps import done
from wizard.state import previous_values
from wizard.targets import KeyState, Receipt
from wizard.targets.infisical import records

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.setup.flow import FlowState

__all__ = ["keyring"]


def receipt(changed: KeyState) -> Receipt[object]:
    private = records.ReplacedSecrets({"EMAIL_URL": "old"}, {"EMAIL_URL": "old"}, {"EMAIL_URL": "new"})
    return Receipt(
        "infisical", "prod", {"EMAIL_URL": changed}, private=private if changed is KeyState.CHANGED else None
    )


@pytest.fixture
async def state(tmp_path: Path, keyring: Keyring) -> FlowState:
    """Return a run after its writing, for whose target an earlier run has kept values."""
    made = written_in_infisical(tmp_path)
    made.session = replace(made.session, client_secret=None)
    answer = await previous_values.keep(FOLDER, made.journal, receipt(KeyState.CHANGED))
    assert answer.works
    assert len(keyring.kept) == 1
    return made


async def test_they_go_after_a_writing_that_replaced_something(state: FlowState, keyring: Keyring) -> None:
    state.receipt = receipt(KeyState.CHANGED)
    await keeping.after_writing(state)
    assert keyring.kept == {}
    assert previous_values.kept_since(FOLDER, state.journal) is None


async def test_they_stay_where_nothing_was_replaced(state: FlowState, keyring: Keyring) -> None:
    state.receipt = receipt(KeyState.UNCHANGED)
    await keeping.after_writing(state)
    assert len(keyring.kept) == 1


async def test_those_that_this_very_run_kept_stay(state: FlowState, keyring: Keyring) -> None:
    state.receipt = receipt(KeyState.CHANGED)
    assert "are kept" in await keeping.keep_values(state)
    await keeping.after_writing(state)
    assert len(keyring.kept) == 1
    assert previous_values.kept_since(FOLDER, state.journal) is not None


class TestTheBackup:
    """Whether its deletion is asked about: never while the services still have to be started again."""

    def test_not_before_the_restart_though_the_mail_arrived(self, tmp_path: Path) -> None:
        one = waiting(tmp_path)
        one.kind, one.confirmed = Flow.SET_UP, one.confirmed | {ARRIVED}
        assert offer(done.STEP, one, "delete_backup") is None

    def test_once_the_services_run_with_the_new_settings(self, tmp_path: Path) -> None:
        one = waiting(tmp_path)
        one.kind, one.confirmed = Flow.SET_UP, one.confirmed | {ARRIVED}
        one.found("done", [Finding.ok(Code.CONTAINER_EQUAL, "web", "It runs.")], lambda _state: True)
        asked = offer(done.STEP, one, "delete_backup")
        assert asked is not None
        assert asked.question == "The new settings work. Delete the backup with the old values?"

    def test_where_docker_cannot_be_asked_the_question_says_when(self, tmp_path: Path) -> None:
        one = written(tmp_path)
        one.kind, one.confirmed = Flow.SET_UP, one.confirmed | {ARRIVED}
        asked = offer(done.STEP, one, "delete_backup")
        assert asked is not None
        assert asked.question.startswith("If GlitchTip already runs with the new settings:")


def test_nobody_is_asked_to_keep_old_values_once_everything_is_proven(tmp_path: Path) -> None:
    one = written_in_infisical(tmp_path)
    asked = offer(done.STEP, one, "keep_values")
    assert asked is not None
    assert asked.on_leave
    headers = (Code.RECEIVED_DMARC_PASS, Code.RECEIVED_THIS_MAIL, Code.SENDER_ACCEPTED)
    found(one, "test_mail", *(Finding.ok(code, str(code), "So it is.") for code in headers))
    found(one, "done", Finding.ok(Code.CONTAINER_EQUAL, "web", "It runs."))
    assert done.title(one) == EVERYTHING
    still = offer(done.STEP, one, "keep_values")
    assert still is not None
    assert not still.on_leave
