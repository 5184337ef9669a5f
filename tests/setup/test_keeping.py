"""Old values in the keyring: a writing that replaces them makes what an earlier run kept useless, and it goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.screens.test_keeping import Keyring, keyring
from tests.setup.offers import FOLDER, written_in_infisical
from wizard.setup import keeping
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
