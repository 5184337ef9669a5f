"""The state directory is ours, or nothing in it is believed and nothing is put into it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from wizard.model.draft import Draft, InfisicalTarget, Server
from wizard.model.flow import Flow
from wizard.state import client_secret, previous_values, strays
from wizard.state.directory import StateError
from wizard.state.journal import Journal, Saved
from wizard.system import crash_log, files
from wizard.targets import Refused
from wizard.targets.env_file.backups import Backups

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAVED = Saved(Draft(server=Server("mallory.example", 25)), "server", Flow.SET_UP)
NOBODY = 65_534


def link(journal: Journal) -> None:
    real = journal.home.with_name("real")
    journal.home.rename(real)
    journal.home.symlink_to(real)


def link_of_entry(journal: Journal) -> None:
    real = journal.home / "real"
    journal.directory.rename(real)
    journal.directory.symlink_to(real)


def open_to_all(journal: Journal) -> None:
    journal.home.chmod(0o777)


def open_to_group(journal: Journal) -> None:
    journal.directory.chmod(0o770)


def of_another_user(journal: Journal) -> None:
    os.chown(journal.home, NOBODY, NOBODY)


def entry_of_another_user(journal: Journal) -> None:
    os.chown(journal.directory, NOBODY, NOBODY)


def link_of_backups(journal: Journal) -> None:
    backups = journal.home / "backups"
    backups.rename(journal.home / "real")
    backups.symlink_to(journal.home / "real")


def backups_of_another_user(journal: Journal) -> None:
    os.chown(journal.home / "backups", NOBODY, NOBODY)


DIRECTORIES = [link, link_of_entry, open_to_all, open_to_group, of_another_user, entry_of_another_user]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "state", "/srv/glitchtip/.env")
    made.save(SAVED)
    return made


def offered(journal: Journal) -> Draft | None:
    saved = journal.load()
    return None if saved is None else saved.draft


def needs_root(change: Callable[..., None]) -> None:
    if "another_user" in change.__name__ and os.geteuid() != 0:
        pytest.skip("only root can give a file away")


@pytest.mark.parametrize("change", DIRECTORIES)
def test_a_directory_that_is_not_ours_is_refused_and_its_draft_not_offered(
    change: Callable[[Journal], None], journal: Journal
) -> None:
    needs_root(change)
    assert offered(journal) == SAVED.draft
    change(journal)
    assert journal.load() is None
    before = sorted(path.name for path in journal.directory.iterdir())
    with pytest.raises(StateError, match="is not your own directory"):
        journal.save(SAVED)
    assert sorted(path.name for path in journal.directory.iterdir()) == before


def file_of_another_user(path: Path) -> None:
    os.chown(path, NOBODY, NOBODY)


def file_open_to_all(path: Path) -> None:
    path.chmod(0o666)


def file_behind_a_link(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to(path.with_name("other"))


def file_is_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("name", ["draft.toml", "journal.json"])
@pytest.mark.parametrize("change", [file_of_another_user, file_open_to_all, file_behind_a_link, file_is_a_fifo])
def test_a_planted_file_is_not_offered(change: Callable[[Path], None], name: str, journal: Journal) -> None:
    needs_root(change)
    change(journal.directory / name)
    assert journal.load() is None


def test_what_others_may_only_read_is_closed(journal: Journal) -> None:
    journal.directory.chmod(0o755)
    assert journal.ready().stat().st_mode & 0o777 == 0o700


def test_nothing_planted_beside_the_draft_is_believed_either(tmp_path: Path) -> None:
    target = InfisicalTarget("https://infisical.example", "p", "prod", "/", "id")
    home = Journal(tmp_path / "state", "x")
    entry = Journal(home.home, previous_values.name_of(target))
    note = entry.ready() / "written.json"
    note.write_text('{"schema": 1, "salt": "00", "keys": {}, "when": "2026-11-01T00:00:00+00:00"}')
    note.chmod(0o600)
    assert previous_values.kept_since(target, home) is not None
    note.chmod(0o666)
    assert previous_values.kept_since(target, home) is None
    mark = client_secret._mark(target, home)
    Journal(home.home, client_secret._name(target)).ready()
    mark.touch()
    assert client_secret.is_kept(target, home)
    mark.parent.chmod(0o777)
    assert not client_secret.is_kept(target, home)


def test_a_crash_is_logged_even_where_the_state_directory_is_not_ours(tmp_path: Path) -> None:
    home = tmp_path / "state"
    (tmp_path / "theirs").mkdir()
    home.symlink_to(tmp_path / "theirs")
    log = crash_log.write(ValueError("x"), home)
    assert log.is_file()
    assert log.stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "theirs").iterdir())
    log.unlink()
    log.parent.rmdir()


class TestSweeping:
    def test_strays_in_every_place_of_ours_go_at_the_start(self, journal: Journal, tmp_path: Path) -> None:
        project = tmp_path / "project"
        project.mkdir()
        (project / "real.env").write_text("A=1\n")
        (tmp_path / ".env").symlink_to(project / "real.env")
        (journal.directory / "backups").mkdir(mode=0o700)
        places = [journal.home, journal.directory, journal.directory / "backups", project]
        for place in places:
            (place / files.temporary_name()).write_text("EMAIL_URL=smtp://a:secret@h:25")
        strays.sweep(journal.home, tmp_path / ".env")
        left = [path for place in places for path in place.iterdir() if files.OURS.fullmatch(path.name)]
        assert left == []
        assert offered(journal) == SAVED.draft
        assert (project / "real.env").read_text() == "A=1\n"

    def test_nothing_is_removed_from_a_state_directory_that_is_not_ours(self, journal: Journal) -> None:
        stray = journal.home / files.temporary_name()
        stray.write_text("x")
        journal.home.chmod(0o777)
        strays.sweep(journal.home, None)
        assert stray.exists()

    def test_where_nothing_is_there_nothing_happens(self, tmp_path: Path) -> None:
        strays.sweep(tmp_path / "none", tmp_path / "nowhere" / ".env")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("plant", [open_to_all, link_of_backups, backups_of_another_user])
def test_a_planted_backup_is_never_put_back(plant: Callable[[Journal], None], journal: Journal, tmp_path: Path) -> None:
    needs_root(plant)
    env = tmp_path / ".env"
    env.write_text("EMAIL_URL=smtp://a:new@h:25\n")
    backups = Backups(journal.home, env)
    backups.confirm(
        backups.keep(b"EMAIL_URL=smtp://a:old@h:25\n", env.read_bytes(), {"EMAIL_URL": "smtp://a:new@h:25"})
    )
    assert len(backups.newest_first()) == 1
    plant(journal)
    assert backups.newest_first() == []
    with pytest.raises(Refused):
        backups.that_wrote(env.read_bytes(), {"EMAIL_URL": "smtp://a:new@h:25"})
    with pytest.raises(Refused, match="is not your own directory: no backup can be kept there"):
        backups.keep(None, b"x", {})
