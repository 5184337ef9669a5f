"""EnvFile undone: by the same run, by a later process, and not when somebody else wrote since."""

# ruff: noqa: ASYNC240  # the files of a test are small and local

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.targets.env_file.settings import NEW_KEY, OLD, values
from wizard.model.secret import MASK
from wizard.targets import KeyState, Refused
from wizard.targets.env_file.backups import Backups, NoBackupError
from wizard.targets.env_file.target import EnvFile

if TYPE_CHECKING:
    from pathlib import Path


class TestUndo:
    async def test_gives_the_old_bytes_again(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        receipt = await target.roll_back()
        assert env.read_text() == OLD
        assert receipt.keys == {"EMAIL_URL": KeyState.CHANGED, "DEFAULT_FROM_EMAIL": KeyState.CHANGED}
        assert list((state / "backups").iterdir()) == []

    async def test_keeps_what_others_wrote_meanwhile(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        env.write_text(env.read_text().replace("A=1", "A=2") + "B=3\n")
        await target.roll_back()
        assert env.read_text() == OLD.replace("A=1", "A=2") + "B=3\n"

    async def test_is_refused_when_a_value_is_no_longer_ours(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        theirs = env.read_text().replace(NEW_KEY, "theirs")
        env.write_text(theirs)
        with pytest.raises(Refused, match=r"EMAIL_URL is no longer what was written"):
            await target.roll_back()
        assert env.read_text() == theirs

    async def test_of_a_new_file_removes_it(self, tmp_path: Path, state: Path) -> None:
        env = tmp_path / ".env"
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        await target.roll_back()
        assert not env.exists()


class TestRollBack:
    async def test_of_a_later_process_restores_the_newest(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values("one")))
        between = env.read_text()
        await target.apply(await target.plan(values("two")))
        assert str((await target.previous())["EMAIL_URL"]) == MASK
        receipt = await EnvFile(env, state).roll_back()
        assert receipt.written
        assert env.read_text() == between

    async def test_is_refused_when_a_value_was_changed_since(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        env.write_text(OLD)
        with pytest.raises(Refused, match="no longer what was written") as refused:
            await EnvFile(env, state).roll_back()
        assert not isinstance(refused.value, NoBackupError)
        assert env.read_text() == OLD

    async def test_without_a_backup_is_impossible(self, env: Path, state: Path) -> None:
        with pytest.raises(NoBackupError):
            await EnvFile(env, state).roll_back()

    async def test_passes_over_a_backup_whose_write_never_happened(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values("one")))
        # As a writer leaves it that was killed between its backup and its rename.
        target._backups().keep(env.read_bytes(), b"EMAIL_URL=never\n", {"EMAIL_URL": "never"})
        await EnvFile(env, state).roll_back()
        assert env.read_text() == OLD

    async def test_works_when_the_writer_was_killed_right_after_its_rename(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values("one")))
        (note,) = (state / "backups").glob("*.json")
        note.rename(note.with_suffix(".pending"))
        await EnvFile(env, state).roll_back()
        assert env.read_text() == OLD

    async def test_knows_the_file_by_where_it_really_lives(self, env: Path, state: Path) -> None:
        link = env.with_name("link")
        link.symlink_to(".env")
        target = EnvFile(link, state)
        await target.apply(await target.plan(values()))
        await EnvFile(env, state).roll_back()
        assert env.read_text() == OLD

    async def test_is_not_offered_for_another_file_of_the_same_state(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        with pytest.raises(NoBackupError):
            await EnvFile(env.with_name("other"), state).previous()

    async def test_is_gone_once_the_operator_confirmed(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values("one")))
        await target.apply(await target.plan(values("two")))
        Backups(state, env).forget()
        assert list((state / "backups").iterdir()) == []
        with pytest.raises(NoBackupError):
            await target.previous()
