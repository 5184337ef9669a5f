"""EnvFile: what the review shows is what is written, with a backup of what was there."""

# ruff: noqa: ASYNC240  # the files of a test are small and local

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.targets.env_file.settings import FROM, KEYS, NEW_KEY, OLD, OLD_KEY, backups, values
from wizard.model.secret import Secret
from wizard.targets import KeyState, Present, Refused, TargetWriter
from wizard.targets.env_file import atomic
from wizard.targets.env_file import location as env_location
from wizard.targets.env_file.facts import starting_points
from wizard.targets.env_file.target import EnvFile

if TYPE_CHECKING:
    from pathlib import Path


class TestRead:
    async def test_gives_secrets_and_none_where_nothing_is(self, env: Path, state: Path) -> None:
        target: TargetWriter = EnvFile(env, state)
        read = await target.read(KEYS)
        assert read == {"EMAIL_URL": Present(Secret(f"smtp://u:{OLD_KEY}@h:25")), "DEFAULT_FROM_EMAIL": Present(None)}

    async def test_of_no_file_gives_none(self, tmp_path: Path, state: Path) -> None:
        assert await EnvFile(tmp_path / "no", state).read(KEYS) == dict.fromkeys(KEYS, Present(None))


class TestPlan:
    async def test_shows_both_values_masked_and_what_stays(self, env: Path, state: Path) -> None:
        plan = await EnvFile(env, state).plan(values())
        by_key = {change.key: change for change in plan.changes}
        assert by_key["EMAIL_URL"].state is KeyState.CHANGED
        assert by_key["DEFAULT_FROM_EMAIL"].state is KeyState.CREATED
        assert by_key["DEFAULT_FROM_EMAIL"].before is None
        assert by_key["DEFAULT_FROM_EMAIL"].after == FROM
        assert plan.facts == ("2 of 4 lines change", "0600, yours")
        assert plan.location == str(env)

    async def test_never_shows_a_key(self, env: Path, state: Path) -> None:
        plan = await EnvFile(env, state).plan(values())
        shown = repr(plan) + str([(c.before, c.after, c.note) for c in plan.changes])
        assert OLD_KEY not in shown
        assert NEW_KEY not in shown

    async def test_says_what_differs(self, env: Path, state: Path) -> None:
        pytest.importorskip("wizard.email_url.url")
        plan = await EnvFile(env, state).plan(values())
        (change,) = [change for change in plan.changes if change.key == "EMAIL_URL"]
        assert change.note == "new key, other port"

    async def test_writes_nothing(self, env: Path, state: Path) -> None:
        await EnvFile(env, state).plan(values())
        assert env.read_text() == OLD
        assert not state.exists()

    async def test_warns_of_readers_of_a_hard_link_and_of_a_link(self, env: Path, state: Path) -> None:
        env.chmod(0o644)
        os.link(env, env.with_name("other"))
        link = env.with_name("link")
        link.symlink_to(".env")
        facts = " ".join((await EnvFile(link, state).plan(values())).facts)
        assert "0644, yours" in facts
        assert "other users of this machine can read it" in facts
        assert "a hard link" in facts
        assert "the link stays" in facts

    async def test_says_that_nothing_changes(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        assert (await target.plan(values())).changes_nothing

    async def test_refuses_what_cannot_be_written(self, env: Path, state: Path) -> None:
        with pytest.raises(Refused):
            await EnvFile(env, state).plan({"A": "x'$"})

    async def test_refuses_a_mount_point_before_anything_is_tried(
        self, env: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(env_location, "mounted", lambda path: True)
        with pytest.raises(Refused, match="mount point"):
            await EnvFile(env, state).plan(values())
        assert (await EnvFile(env, state, in_place=True).plan(values())).changes


class TestApply:
    async def test_writes_the_plan_and_names_the_backup(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        receipt = await target.apply(await target.plan(values()))
        (backup,) = backups(state)
        assert receipt.written
        assert receipt.as_json() == {
            "target": "env",
            "written": True,
            "keys": {"DEFAULT_FROM_EMAIL": "created", "EMAIL_URL": "changed"},
        }
        assert any(str(backup) in fact for fact in receipt.facts)
        assert backup.read_text() == OLD
        assert env.read_text() == (
            f"# mail\nexport EMAIL_URL=smtp://u:{NEW_KEY}@h:2525 # c\nA=1\nDEFAULT_FROM_EMAIL='{FROM}'\n"
        )

    @pytest.mark.parametrize("umask", [0o000, 0o777])
    async def test_keeps_backups_to_us_alone(self, env: Path, state: Path, umask: int) -> None:
        state.mkdir(parents=True, mode=0o755)
        target = EnvFile(env, state)
        plan = await target.plan(values())
        before = os.umask(umask)
        try:
            await target.apply(plan)
        finally:
            os.umask(before)
        assert state.stat().st_mode & 0o777 == 0o700
        assert (state / "backups").stat().st_mode & 0o777 == 0o700
        assert [path.stat().st_mode & 0o777 for path in (state / "backups").iterdir()] == [0o600, 0o600]

    async def test_keeps_three_backups_at_most(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        for number in range(6):
            await target.apply(await target.plan(values(f"k{number}")))
        assert [f"k{number}@" in path.read_text() for number, path in zip((2, 3, 4), backups(state), strict=True)] == [
            True
        ] * 3

    async def test_notes_beside_backups_hold_no_value(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        (note,) = (state / "backups").glob("*.json")
        text = note.read_text()
        assert json.loads(text)["schema"] == 1
        assert not [word for word in (OLD_KEY, NEW_KEY, "smtp", "glitchtip@", "u:") if word in text]

    @pytest.mark.parametrize("how", ["other text", "same text again", "gone"])
    async def test_refuses_a_file_that_changed_since_the_review(self, env: Path, state: Path, how: str) -> None:
        target = EnvFile(env, state)
        plan = await target.plan(values())
        if how == "gone":
            env.unlink()
        else:
            env.write_text(OLD if how == "same text again" else "B=2\n")
            os.utime(env, ns=(1, 1))
        before = env.read_text() if env.exists() else None
        with pytest.raises(Refused, match="since the review"):
            await target.apply(plan)
        assert (env.read_text() if env.exists() else None) == before
        assert not state.exists()

    async def test_refused_by_the_disk_leaves_no_backup(
        self, env: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = EnvFile(env, state)
        plan = await target.plan(values())

        def full(*args: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(atomic, "_swap", full)
        with pytest.raises(Refused, match="disk is full"):
            await target.apply(plan)
        assert env.read_text() == OLD
        assert list((state / "backups").iterdir()) == []

    async def test_without_a_place_for_the_backup_writes_nothing(self, env: Path, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        target = EnvFile(env, tmp_path / "file" / "state")
        plan = await target.plan(values())
        with pytest.raises(Refused, match="No backup can be kept"):
            await target.apply(plan)
        assert env.read_text() == OLD

    async def test_of_nothing_new_writes_nothing_and_keeps_no_backup(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        before = env.stat().st_ino
        receipt = await target.apply(await target.plan(values()))
        assert set(receipt.keys.values()) == {KeyState.UNCHANGED}
        assert env.stat().st_ino == before
        assert len(backups(state)) == 1


class TestTemplate:
    async def test_gives_a_new_file_its_comments(self, tmp_path: Path, state: Path) -> None:
        template = tmp_path / ".env.template"
        template.write_text("# How mail goes out\nEMAIL_URL=consolemail:// # change me\nA=1\n")
        target = EnvFile(tmp_path / ".env", state, template=template)
        plan = await target.plan(values())
        assert "new file from .env.template (its comments are kept)" in plan.facts
        receipt = await target.apply(plan)
        assert set(receipt.keys.values()) == {KeyState.CREATED}
        text = (tmp_path / ".env").read_text()
        assert text.startswith(f"# How mail goes out\nEMAIL_URL=smtp://u:{NEW_KEY}@h:2525 # change me\nA=1\n")
        assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600

    async def test_is_left_aside_where_the_file_exists(self, env: Path, state: Path) -> None:
        template = env.with_name(".env.example")
        template.write_text("B=2\n")
        target = EnvFile(env, state, template=template)
        await target.apply(await target.plan(values()))
        assert "B=2" not in env.read_text()

    def test_is_found_under_its_three_names(self, tmp_path: Path) -> None:
        for name in (".env.sample", ".env.example", ".env.template", ".env.other"):
            (tmp_path / name).touch()
        found = [path.name for path in starting_points(tmp_path)]
        assert found == [".env.template", ".env.example", ".env.sample"]


async def test_in_place_writes_only_where_nothing_can_be_renamed(
    env: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = env.stat().st_ino

    def busy(*args: object, **kwargs: object) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "rename", busy)
    target = EnvFile(env, state, in_place=True)
    await target.apply(await target.plan(values()))
    assert env.stat().st_ino == before
    assert NEW_KEY in env.read_text()
    assert backups(state)[0].read_text() == OLD
