"""Infisical with its exported `.env` copy: both or neither, Infisical first, and never a stale copy without a word."""

# the files of a test are small and local

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.effort import each_once
from tests.targets.infisical.test_faults import FAULTS, FOLDER, NEW, OLD, VALUES, Faulty, faulty
from wizard.model.draft import InfisicalTarget
from wizard.model.secret import Secret, plaintext
from wizard.model.session import Session
from wizard.setup import writing
from wizard.state.journal import Journal
from wizard.targets import KeyState, Refused, StoppedWritingError, UncertainError
from wizard.targets.infisical import http as http_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.targets import Copy, TargetWriter

TEXT = f"""# exported
POSTGRES_PASSWORD='not ours'
EMAIL_URL='{OLD["EMAIL_URL"]}'
DEFAULT_FROM_EMAIL='{OLD["DEFAULT_FROM_EMAIL"]}'
SECRET_KEY='not ours either'
"""
NOT_WRITTEN = dict.fromkeys(NEW, KeyState.NOT_WRITTEN)


@dataclass
class World:
    server: Faulty
    directory: Path

    @property
    def copy(self) -> Path:
        return self.directory / ".env"

    @property
    def target(self) -> InfisicalTarget:
        store = self.server.store
        return InfisicalTarget(self.server.url, store.project_slug, *FOLDER, store.client_id, env_copy=".env")

    def writer(self) -> TargetWriter:
        session = Session(self.directory, client_secret=Secret(self.server.store.client_secret))
        return writing.writer(self.target, session, Journal(self.directory / "state", "x"))

    def held(self) -> dict[str, str | None]:
        return {key: self.server.held(key) for key in NEW}

    def in_copy(self) -> dict[str, str]:
        lines = self.copy.read_text().splitlines()
        return {key: next(line.partition("=")[2].strip("'") for line in lines if line.startswith(key)) for key in NEW}


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    with faulty(getattr(request, "param", "v4")) as server:
        server.seed(OLD)
        made = World(server, tmp_path)
        made.copy.write_text(TEXT)
        made.copy.chmod(0o600)
        yield made


async def test_both_are_written_and_of_the_copy_two_lines_alone(world: World) -> None:
    writer = world.writer()
    plan = await writer.plan(VALUES)
    assert [part.kind for part in plan.parts] == ["infisical", "env"]
    assert not plan.changes_nothing
    receipt = await writer.apply(plan)
    await writer.close()
    assert world.held() == world.in_copy() == NEW
    assert receipt.written
    assert receipt.complete
    assert receipt.as_json() == {
        "target": "infisical", "written": True, "keys": dict.fromkeys(NEW, "changed"),
        "copy": {"path": str(world.copy), "keys": dict.fromkeys(NEW, "changed")},
    }  # fmt: skip
    others = [line for line in world.copy.read_text().splitlines() if not line.startswith(tuple(NEW))]
    assert others == [line for line in TEXT.splitlines() if not line.startswith(tuple(NEW))]


async def test_a_copy_that_is_stale_alone_is_written_too(world: World) -> None:
    world.server.seed(NEW)
    writer = world.writer()
    plan = await writer.plan(VALUES)
    assert not plan.changes_nothing
    receipt = await writer.apply(plan)
    assert receipt.written
    assert set(receipt.keys.values()) == {KeyState.UNCHANGED}
    assert world.in_copy() == NEW
    assert (await writer.plan(VALUES)).changes_nothing
    await writer.close()


async def test_a_copy_that_is_not_there_is_not_made_and_that_is_said(world: World) -> None:
    world.copy.unlink()
    writer = world.writer()
    plan = await writer.plan(VALUES)
    assert plan.copy is None
    assert any("is not there, and is not made" in fact for fact in plan.facts)
    receipt = await writer.apply(plan)
    await writer.close()
    assert receipt.complete
    assert receipt.copy is not None
    assert receipt.copy.keys == NOT_WRITTEN
    assert not world.copy.exists()
    assert world.held() == NEW


async def test_a_copy_that_must_not_be_written_stops_both_before_anything_is(world: World) -> None:
    world.directory.chmod(0o777)
    writer = world.writer()
    with pytest.raises(Refused, match="so Infisical is not written either"):
        await writer.plan(VALUES)
    await writer.close()
    assert world.held() == OLD
    assert not [method for method, _ in world.server.store.log if method == "PATCH"]


async def test_a_copy_that_could_not_be_written_is_said_with_what_would_start_the_old_key(world: World) -> None:
    writer = world.writer()
    plan = await writer.plan(VALUES)
    world.copy.write_text(TEXT + "MORE=1\n")
    receipt = await writer.apply(plan)
    await writer.close()
    assert world.held() == NEW
    assert world.in_copy() == OLD
    assert receipt.written
    assert not receipt.complete
    assert receipt.copy is not None
    assert receipt.copy.keys == NOT_WRITTEN
    assert any("would start GlitchTip with the old key" in fact for fact in receipt.facts)


async def test_while_approval_is_awaited_the_copy_is_left_and_nothing_can_be_rolled_back(world: World) -> None:
    world.server.store.protected.add(FOLDER)
    writer = world.writer()
    receipt = await writer.apply(await writer.plan(VALUES))
    assert receipt.awaits_approval
    assert not receipt.written
    assert world.in_copy() == OLD
    with pytest.raises(Refused, match="Close it in Infisical"):
        await writer.roll_back()
    await writer.close()
    assert world.copy.read_text() == TEXT


async def test_a_roll_back_puts_back_both_and_says_what_they_hold(world: World) -> None:
    writer = world.writer()
    await writer.apply(await writer.plan(VALUES))
    previous = await writer.previous()
    assert {key: plaintext(value) for key, value in previous.items() if value is not None} == OLD
    receipt = await writer.roll_back()
    await writer.close()
    assert world.held() == world.in_copy() == OLD
    assert world.copy.read_text() == TEXT
    assert receipt.written
    facts = " ".join(receipt.facts)
    assert f"DEFAULT_FROM_EMAIL in Infisical is now {OLD['DEFAULT_FROM_EMAIL']}." in facts
    assert f"In the copy: DEFAULT_FROM_EMAIL is now {OLD['DEFAULT_FROM_EMAIL']}." in facts
    assert "OldOld" not in facts


async def test_a_copy_that_is_no_longer_ours_is_left_and_that_is_said(world: World) -> None:
    writer = world.writer()
    await writer.apply(await writer.plan(VALUES))
    theirs = world.copy.read_text().replace("NewNewNewNewNewNewNewNew", "theirs")
    world.copy.write_text(theirs)
    receipt = await writer.roll_back()
    await writer.close()
    assert world.held() == OLD
    assert world.copy.read_text() == theirs
    assert receipt.written
    assert not receipt.complete
    assert any(fact.startswith("The copy was left as it is: EMAIL_URL") for fact in receipt.facts)


async def test_where_infisical_is_no_longer_ours_neither_is_put_back(world: World) -> None:
    writer = world.writer()
    await writer.apply(await writer.plan(VALUES))
    world.server.store.put(*FOLDER, "EMAIL_URL", "smtp://somebody:else@h.example:25")
    with pytest.raises(Refused, match="no longer the value written here"):
        await writer.roll_back()
    await writer.close()
    assert world.in_copy() == NEW


async def test_a_signal_while_infisical_is_written_says_where_each_key_is_in_both(world: World) -> None:
    writer = world.writer()
    plan = await writer.plan(VALUES)
    world.server.arm("before", 5, lasting=True)
    writing = asyncio.create_task(writer.apply(plan))
    await until(lambda: world.server.met > 0)
    writing.cancel()
    with pytest.raises(StoppedWritingError) as stopped:
        await writing
    world.server.hang.set()
    await writer.close()
    assert_said(world, stopped.value.keys, stopped.value.copy)
    assert KeyState.UNCERTAIN in stopped.value.keys.values()
    assert "in the copy" in stopped.value.states


async def test_a_signal_that_comes_in_time_for_neither_lets_both_be_written(world: World) -> None:
    writer = world.writer()
    plan = await writer.plan(VALUES)
    writing = asyncio.create_task(writer.apply(plan))
    await until(lambda: world.server.held("DEFAULT_FROM_EMAIL") == NEW["DEFAULT_FROM_EMAIL"])
    writing.cancel()
    with pytest.raises(StoppedWritingError) as stopped:
        await writing
    await writer.close()
    assert stopped.value.written
    assert stopped.value.receipt is not None
    assert world.held() == world.in_copy() == NEW


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  # the server is in a thread of its own
            await asyncio.sleep(0.001)


def assert_said(world: World, keys: dict[str, KeyState], copy: Copy | None) -> None:
    """Each key is in each place what its state says; only what is uncertain may be either."""
    assert copy is not None
    for states, found in ((keys, world.held()), (copy.keys, world.in_copy())):
        for key in NEW:
            allowed = {
                KeyState.CHANGED: {NEW[key]},
                KeyState.UNCHANGED: {OLD[key]},
                KeyState.NOT_WRITTEN: {OLD[key]},
                KeyState.UNCERTAIN: {OLD[key], NEW[key]},
                KeyState.AWAITING_APPROVAL: {OLD[key]},
            }
            assert found[key] in allowed[states[key]], (key, states, found)


@pytest.mark.parametrize(
    ("fault", "world"),
    each_once(["reset before effect", "reset after effect", "gateway after effect", "403"], ["v3", "v4"]),
    indirect=["world"],
)
async def test_after_a_fault_at_any_request_both_are_old_new_or_announced(
    fault: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "LONGEST_WAIT", 0.0)
    met = 0
    for at in range(1, 24):
        world.server.seed(OLD)
        world.copy.write_text(TEXT)
        world.server.arm(FAULTS["403 permission" if fault == "403" else fault], at, lasting=False)
        writer = world.writer()
        keys: dict[str, KeyState] = dict(NOT_WRITTEN)
        copy: Copy | None = None
        try:
            receipt = await writer.apply(await writer.plan(VALUES))
            keys, copy = dict(receipt.keys), receipt.copy
        except Refused:
            assert world.in_copy() == world.held() == OLD
        except UncertainError as error:
            keys, copy = error.keys, error.copy
        hit = world.server.met
        await writer.close()
        met += hit > 0
        if copy is not None:
            assert_said(world, keys, copy)
        if not hit:
            break
    assert met >= 8


async def test_a_dotenv_with_the_same_url_that_nobody_named_is_pointed_out(world: World) -> None:
    session = Session(world.directory, client_secret=Secret(world.server.store.client_secret))
    target = replace(world.target, env_copy="")
    writer = writing.writer(target, session, Journal(world.directory / "state", "x"))
    plan = await writer.plan(VALUES)
    assert any("name it as the copy at the step Target (env_copy" in fact for fact in plan.facts)
    world.copy.write_text(TEXT.replace("OldOldOld", "Another"))
    assert not any("env_copy" in fact for fact in (await writer.plan(VALUES)).facts)
    await writer.close()


def test_the_writer_of_a_target_without_a_copy_writes_no_file(world: World) -> None:
    target = replace(world.target, env_copy="")
    session = Session(world.directory, client_secret=Secret("x"))
    assert type(writing.writer(target, session, Journal(world.directory / "state", "x"))).__name__ == "Infisical"
