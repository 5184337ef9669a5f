"""The last step: what it offers after a writing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.setup.offers import FOLDER, waiting
from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.secret import Secret, plaintext
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
    seen = [
        Finding.ok(Code.CONTAINER_EQUAL, name, "equal", proven_from=f"container {name}") for name in ("web", "beat")
    ]
    state.found(done.KEY, seen, services.about)
    assert not services.is_something_left(state)


def test_services_that_run_do_not_hide_a_copy_that_the_next_start_takes_the_old_key_from(tmp_path: Path) -> None:
    state = waiting(tmp_path)
    state.draft = replace(state.draft, target=FOLDER)
    seen = [Finding.ok(Code.CONTAINER_EQUAL, "web", "equal", proven_from="container web")]
    state.found(done.KEY, seen, services.about)
    nothing = "Nothing is left to do: web runs with the new settings."
    assert done.farewell(state)[1] == nothing
    copy = state.session.path(".env")
    copy.write_text("SECRET_KEY='x'\nEMAIL_URL='smtp://shop%2Fapps:old@smtp.shop.example:25'\n")
    assert done.farewell(state)[1] == nothing, "the file is read when the containers are looked at, not to draw"
    services.read_copy(state)
    last = done.farewell(state)[1]
    assert last.startswith("web runs with the new settings. .env is an exported copy of Infisical.")
    assert last in done.STEP.lines(state)
    url = state.values()["EMAIL_URL"]
    assert isinstance(url, Secret)
    copy.write_text(f"SECRET_KEY='x'\nEMAIL_URL='{plaintext(url)}'\n")
    services.read_copy(state)
    assert done.farewell(state)[1] == nothing


def test_what_fails_in_a_service_is_shown_with_its_remedy_and_not_with_the_command_alone(tmp_path: Path) -> None:
    state = waiting(tmp_path)
    remedy = "Pass EMAIL_URL on in docker-compose.yml; then: docker compose up -d web beat."
    seen = [
        Finding.fail(
            Code.CONTAINER_NO_EMAIL_URL, name, "It is not set.", remedy=remedy, proven_from=f"container {name}"
        )
        for name in ("web", "beat")
    ]
    state.found(done.KEY, seen, services.about)
    assert done.STEP.sections is not None
    assert next(part for part in done.STEP.sections(state) if part.title == "What is left").lines == (remedy,)
    assert done.farewell(state)[1:2] == (remedy,)
