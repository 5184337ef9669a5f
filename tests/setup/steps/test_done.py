"""The last step: what it offers after a writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.setup.offers import waiting
from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.setup import services
from wizard.setup.step import offer
from wizard.setup.steps import done
from wizard.targets import KeyState, Receipt

if TYPE_CHECKING:
    from pathlib import Path


def test_the_restart_is_not_pretended_while_a_change_request_waits(tmp_path: Path) -> None:
    state = waiting(tmp_path)
    assert offer(done.STEP, state, "pretend") is not None
    state.receipt = Receipt("infisical", "prod", {"EMAIL_URL": KeyState.AWAITING_APPROVAL}, private=None)
    assert offer(done.STEP, state, "pretend") is None


def test_the_command_is_no_longer_to_be_run_once_every_service_was_seen_with_the_settings(tmp_path: Path) -> None:
    state = waiting(tmp_path)
    assert services.is_something_left(state)
    seen = [Finding.ok(Code.CONTAINER_EQUAL, name, "equal", proven_from=f"container {name}") for name in ("web", "beat")]
    state.found(done.KEY, seen, services.about)
    assert not services.is_something_left(state)
