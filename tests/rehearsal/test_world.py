"""The world of a rehearsal: a fix changes its running servers, and another scenario leaves nothing of this one."""

from __future__ import annotations

import asyncio
import os
import smtplib
from typing import TYPE_CHECKING

import pytest

from tests.rehearsal.test_lifetime import address, ports, refused
from wizard.model.world import Fix, WorldError
from wizard.rehearsal import lifetime
from wizard.rehearsal.scenarios import STATES
from wizard.rehearsal.world import PretendWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def world_of(tmp_path: Path) -> Iterator[Callable[[str], PretendWorld]]:
    worlds: list[PretendWorld] = []

    def made(scenario: str) -> PretendWorld:
        directory = tmp_path / scenario
        worlds.append(PretendWorld(lifetime.start(scenario, directory), directory))
        return worlds[-1]

    yield made
    for one in worlds:
        one.close()


def logs_in(world: PretendWorld, key: str) -> bool:
    with smtplib.SMTP(*address(world.info["smtp"]), timeout=5) as smtp:
        try:
            smtp.login("shop/apps", key)
        except smtplib.SMTPAuthenticationError:
            return False
    return True


def mail(world: PretendWorld, recipient: str = "you@example.net") -> None:
    with smtplib.SMTP(*address(world.info["smtp"]), timeout=5) as smtp:
        smtp.login("shop/apps", world.info["smtp_key"])
        smtp.sendmail("glitchtip@shop.example", [recipient], "From: glitchtip@shop.example\r\n\r\ncode\r\n")


class TestAFix:
    async def test_a_new_credential_has_a_key_of_its_own(self, world_of: Callable[[str], PretendWorld]) -> None:
        world = world_of("wrong-key")
        assert not await asyncio.to_thread(logs_in, world, world.info["smtp_key"])
        (fix,) = world.fixes
        key = await world.fix(fix)
        assert key is not None
        assert key.reveal() != world.info["smtp_key"]
        assert await asyncio.to_thread(logs_in, world, key.reveal())
        assert world.fixes == ()

    async def test_a_released_mail_comes_into_the_mailbox(self, world_of: Callable[[str], PretendWorld]) -> None:
        world = world_of("development")
        await asyncio.to_thread(mail, world)
        assert await world.mails() == []
        assert await world.fix(world.fixes[0]) is None
        (arrived,) = await world.mails()
        assert b"DKIM-Signature" in arrived
        await asyncio.to_thread(mail, world)
        assert len(await world.mails()) == 2

    async def test_a_lost_mail_stays_lost_and_the_next_arrives(self, world_of: Callable[[str], PretendWorld]) -> None:
        world = world_of("hard-fail")
        await asyncio.to_thread(mail, world)
        await world.fix(world.fixes[0])
        assert await world.mails() == []
        await asyncio.to_thread(mail, world)
        assert len(await world.mails()) == 1

    async def test_the_compose_file_is_changed_and_the_env_is_not(
        self, world_of: Callable[[str], PretendWorld], tmp_path: Path
    ) -> None:
        world = world_of("inline-mail")
        compose, env = (tmp_path / "inline-mail" / name for name in ("docker-compose.yml", ".env"))
        before = env.read_text()
        assert "EMAIL_URL: consolemail://" in compose.read_text()
        await world.fix(world.fixes[0])
        assert "EMAIL_URL: ${EMAIL_URL}" in compose.read_text()
        assert env.read_text() == before

    async def test_servers_that_have_ended_are_said_so(self, world_of: Callable[[str], PretendWorld]) -> None:
        world = world_of("suspended")
        world.close()
        with pytest.raises(WorldError, match="have ended"):
            await world.fix(world.fixes[0])
        assert len(world.fixes) == 1

    def test_a_change_that_does_not_exist_ends_nothing(self) -> None:
        running = lifetime.start("good")
        try:
            with pytest.raises(lifetime.RehearsalError, match="no such change"):
                running.change(3)
            assert not refused(address(running.info["smtp"]))
        finally:
            running.stop()


class TestAnotherScenario:
    async def test_it_has_servers_of_its_own_and_the_earlier_ones_end(
        self, world_of: Callable[[str], PretendWorld]
    ) -> None:
        world = world_of("dkim-missing")
        await world.fix(world.fixes[0])
        before = world.info
        await world.rehearse("wrong-key")
        assert world.scenario.name == "wrong-key"
        assert all(refused(where) for where in ports(dict(before)))
        assert not any(refused(where) for where in ports(dict(world.info)))
        assert len(world.fixes) == 1
        world.close()
        assert all(refused(where) for where in ports(dict(world.info)))

    async def test_it_lies_inside_the_named_directory_each_time_anew(
        self, world_of: Callable[[str], PretendWorld], tmp_path: Path
    ) -> None:
        world = world_of("good")
        for name in ("no-spf", "no-spf-2", "no-spf-3"):
            await world.rehearse("no-spf")
            assert world.info["directory"] == str(tmp_path / "good" / name)

    async def test_a_temporary_directory_goes_with_its_scenario(self) -> None:
        world = PretendWorld(lifetime.start("good"))
        try:
            first = world.info["directory"]
            await world.rehearse("busy")
            assert not os.path.exists(first)  # noqa: ASYNC240, PTH110  # one look
        finally:
            world.close()
        assert not os.path.exists(world.info["directory"])  # noqa: ASYNC240, PTH110  # one look

    async def test_one_that_cannot_start_leaves_the_present_one(self, world_of: Callable[[str], PretendWorld]) -> None:
        world = world_of("good")
        with pytest.raises(WorldError, match="no such scenario"):
            await world.rehearse("no-such-thing")
        assert world.scenario.name == "good"
        assert not refused(address(world.info["smtp"]))


@pytest.mark.parametrize("one", [one for one in STATES if one.changes], ids=lambda one: one.name)
def test_no_two_fixes_of_a_scenario_are_mistaken_for_each_other(one: object) -> None:
    fixes: list[Fix] = [change.fix for change in one.changes]  # type: ignore[attr-defined]  # a State
    assert len({(fix.name, fix.turns) for fix in fixes}) == len(fixes)
