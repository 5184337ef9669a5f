"""EnvFile between review and write, under a signal, and with notes in its backups that it did not write."""

# ruff: noqa: ASYNC240  # the files of a test are small and local

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.targets.env_file.settings import OLD, values
from wizard.model.secret import plaintext
from wizard.targets import KeyState, NothingToRollBackError, Refused, StoppedWritingError
from wizard.targets.env_file import atomic
from wizard.targets.env_file.target import EnvFile, question_in_place

if TYPE_CHECKING:
    from pathlib import Path


class TestBetweenReviewAndWrite:
    async def test_another_mode_is_a_change_like_any_other(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        plan = await target.plan(values())
        env.chmod(0o644)
        with pytest.raises(Refused, match="changed since the review"):
            await target.apply(plan)
        assert env.read_text() == OLD
        assert not list((state / "backups").glob("*")) if (state / "backups").exists() else True

    async def test_without_a_change_the_plan_is_written(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        receipt = await target.apply(await target.plan(values()))
        assert receipt.written


class TestRollBack:
    async def test_after_a_second_writing_of_the_same_the_first_is_put_back(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        second = await target.apply(await target.plan(values()))
        assert not second.written
        assert second.complete
        receipt = await target.roll_back()
        assert receipt.written
        assert env.read_text() == OLD
        with pytest.raises(NothingToRollBackError):
            await target.roll_back()

    async def test_what_comes_back_is_told_first_and_what_is_there_afterwards(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        old = (await target.previous())["EMAIL_URL"]
        assert old is not None
        assert plaintext(old) in OLD
        receipt = await target.roll_back()
        assert any(fact.startswith("EMAIL_URL is now smtp://") for fact in receipt.facts)
        assert "DEFAULT_FROM_EMAIL is not in the file now." in receipt.facts

    async def test_where_nothing_was_written_nothing_says_rolled_back(self, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        with pytest.raises(NothingToRollBackError):
            await target.roll_back()
        assert env.read_text() == OLD

    @pytest.mark.parametrize(
        "change",
        [
            lambda note: {**note, "whole": "ä" * 64},
            lambda note: {**note, "keys": {"EMAIL_URL": "ä"}},
            lambda note: {**note, "keys": {"EMAIL_URL": 7}},
            lambda note: {**note, "keys": []},
            lambda note: {**note, "salt": "zz"},
            lambda note: {**note, "copy": "yes"},
            lambda note: [note],
            lambda note: {},
        ],
    )
    async def test_a_note_with_other_bytes_is_not_of_our_making(self, change: Any, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        (note,) = (state / "backups").glob("*.json")
        note.write_text(json.dumps(change(json.loads(note.read_text())), ensure_ascii=False))
        written = env.read_text()
        for asked in (target.previous, target.roll_back):
            with pytest.raises(Refused, match="not written by this program"):
                await asked()
        assert env.read_text() == written

    @pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[" * 100_000, b'{"salt": 1e999}', b"\0" * 100])
    async def test_a_note_that_is_no_json_is_not_of_our_making(self, raw: bytes, env: Path, state: Path) -> None:
        target = EnvFile(env, state)
        await target.apply(await target.plan(values()))
        (note,) = (state / "backups").glob("*.json")
        note.write_bytes(raw)
        with pytest.raises(Refused, match="not written by this program"):
            await target.roll_back()


class TestSignals:
    async def test_a_signal_before_the_rename_leaves_the_file_and_says_so(
        self, env: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, go = threading.Event(), threading.Event()
        replace = atomic.replace

        def slow(*args: Any, **named: Any) -> bytes | None:
            begun.set()
            go.wait(5)
            return replace(*args, **named)

        monkeypatch.setattr(atomic, "replace", slow)
        target = EnvFile(env, state)
        writing = asyncio.create_task(target.apply(await target.plan(values())))
        await asyncio.to_thread(begun.wait, 5)
        writing.cancel()
        await asyncio.sleep(0.05)
        go.set()
        with pytest.raises(StoppedWritingError, match="nothing was changed") as stopped:
            await writing
        assert set(stopped.value.keys.values()) == {KeyState.NOT_WRITTEN}
        assert env.read_text() == OLD
        assert list((state / "backups").glob("*")) == []

    async def test_a_signal_during_the_rename_says_that_it_is_written(
        self, env: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, go = threading.Event(), threading.Event()
        settled = atomic._settled

        def slow(place: Any) -> bytes | None:
            begun.set()
            go.wait(5)
            return settled(place)

        monkeypatch.setattr(atomic, "_settled", slow)
        target = EnvFile(env, state)
        writing = asyncio.create_task(target.apply(await target.plan(values())))
        await asyncio.to_thread(begun.wait, 5)
        writing.cancel()
        await asyncio.sleep(0.05)
        go.set()
        with pytest.raises(StoppedWritingError) as stopped:
            await writing
        assert stopped.value.written
        assert stopped.value.receipt is not None
        assert env.read_text() != OLD

    async def test_a_disk_that_never_answers_is_left_with_the_keys_uncertain(
        self, env: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, go = threading.Event(), threading.Event()

        def stuck(place: Any) -> bytes | None:
            begun.set()
            go.wait(20)
            raise OSError

        monkeypatch.setattr(atomic, "_settled", stuck)
        target = EnvFile(env, state)
        writing = asyncio.create_task(target.apply(await target.plan(values())))
        await asyncio.to_thread(begun.wait, 5)
        loop = asyncio.get_running_loop()
        started = loop.time()
        writing.cancel()
        with pytest.raises(StoppedWritingError) as stopped:
            await writing
        assert loop.time() - started < 2
        assert set(stopped.value.keys.values()) == {KeyState.UNCERTAIN}
        go.set()


def test_only_a_mount_point_is_asked_about(env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert question_in_place(env) is None
    assert question_in_place(env.with_name("none")) is None
    monkeypatch.setattr("wizard.targets.env_file.location.mounted", lambda _path: True)
    question = question_in_place(env)
    assert question is not None
    assert question.endswith("Overwrite it?")
