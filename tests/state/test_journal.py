"""The draft is kept 0600 between runs, and a broken one does not stop a start."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from wizard.model.draft import App, Draft, Server
from wizard.model.flow import Flow
from wizard.state.directory import StateError, state_home
from wizard.state.journal import Journal, Saved

if TYPE_CHECKING:
    from pathlib import Path

DRAFT = Draft(app=App(from_="g@example.com"), server=Server("smtp.example.com", 25))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.beside(tmp_path, tmp_path / "state" / "postal-wizard")


def test_what_was_saved_comes_back(journal: Journal) -> None:
    journal.save(Saved(DRAFT, "sender", Flow.SET_UP, frozenset({"arrived"})))
    loaded = journal.load()
    assert loaded is not None
    assert (loaded.draft, loaded.step, loaded.kind, loaded.confirmed) == (
        DRAFT,
        "sender",
        Flow.SET_UP,
        frozenset({"arrived"}),
    )


def test_files_are_0600_in_a_0700_directory_whatever_the_umask(journal: Journal) -> None:
    before = os.umask(0)
    try:
        journal.save(Saved(DRAFT, "server", Flow.SET_UP))
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in journal.directory.iterdir()}
    assert modes == {"draft.toml": 0o600, "journal.json": 0o600}
    assert stat.S_IMODE(journal.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(journal.home.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["draft.toml", "journal.json"])
@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"step": "nowhere"}', b"schema = 3", b"[" * 100_000])
def test_a_broken_entry_is_no_entry(journal: Journal, name: str, content: bytes) -> None:
    journal.save(Saved(DRAFT, "server", Flow.SET_UP))
    (journal.directory / name).write_bytes(content)
    assert journal.load() is None


def test_a_time_of_day_without_its_zone_is_taken_as_local_and_one_of_no_calendar_is_no_entry(journal: Journal) -> None:
    journal.save(Saved(DRAFT, "server", Flow.SET_UP))
    place = journal.directory / "journal.json"
    told = json.loads(place.read_text())
    place.write_text(json.dumps(told | {"when": "2026-03-02T18:12:00"}))
    loaded = journal.load()
    assert loaded is not None
    assert loaded.when.tzinfo is not None
    assert loaded.when.hour == 18
    for broken in ("0001-01-01T00:00:00+23:59", 7, None):
        place.write_text(json.dumps(told | {"when": broken}))
        assert journal.load() is None


def test_two_targets_never_share_an_entry(tmp_path: Path) -> None:
    names = ["/srv/a/.env", "/srv/b/.env", "/srv/a.env", "https://x/a", "https://x/b"]
    assert len({Journal(tmp_path, name).directory for name in names}) == len(names)


def test_discarding_leaves_nothing_to_resume(journal: Journal) -> None:
    journal.save(Saved(DRAFT, "server", Flow.SET_UP))
    journal.discard()
    assert journal.load() is None
    journal.discard()


def test_a_state_directory_that_is_a_file_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="XDG_STATE_HOME"):
        Journal(tmp_path / "state" / "postal-wizard", "x").save(Saved(DRAFT, "server", Flow.SET_UP))


def test_a_relative_state_home_counts_as_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert state_home() == tmp_path / ".local" / "state" / "postal-wizard"


@pytest.mark.parametrize("step", ["start", "troubleshoot"])
def test_a_look_at_the_start_is_nothing_to_go_on_with(tmp_path: Path, step: str) -> None:
    from wizard.model.draft import App, Draft
    from wizard.model.session import Session
    from wizard.setup.flow import FlowState

    journal = Journal(tmp_path, "/srv/glitchtip/.env")
    flow = FlowState(Draft(), Session(directory=tmp_path), journal, key=step)
    flow.save()
    assert flow.left() is None
    flow.draft = Draft(app=App(from_="glitchtip@shop.example"))
    flow.save()
    left = FlowState(Draft(), Session(directory=tmp_path), journal).left()
    assert left is not None
    assert left.step == step
