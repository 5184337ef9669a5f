"""The rehearsal's pretend containers: the real probe, GlitchTip's own failures, and no key outside memory."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.watch import Watch
from wizard.checks import container, flow, inside
from wizard.email_url import url as email_url
from wizard.model.codes import Code
from wizard.model.containers import Container, ContainerState, NotAsked, Restartable
from wizard.model.finding import Verdict
from wizard.model.secret import spellings
from wizard.rehearsal import lifetime
from wizard.rehearsal.containers import PretendContainers
from wizard.setup.rehearsed import rehearsed
from wizard.targets import env_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.model.draft import Draft
    from wizard.model.session import Session


class Stage:
    """A rehearsal with its containers, before anything was written."""

    def __init__(self, scenario: str, directory: Path) -> None:
        self.running = lifetime.start(scenario, directory)
        walk = rehearsed(self.running.info)
        self.draft: Draft = walk.draft
        self.session: Session = walk.session
        assert isinstance(walk.session.containers, PretendContainers)
        assert isinstance(walk.session.containers, Restartable)
        self.containers = walk.session.containers

    @property
    def env(self) -> Path:
        return self.session.directory / ".env"

    @property
    def url(self) -> str:
        assert self.session.key is not None
        server = self.draft.server
        assert server.port is not None
        return email_url.build(self.draft.credential.username, self.session.key.reveal(), server.host, server.port)

    def writes(self, **values: str) -> None:
        env_file.write(self.env, {"EMAIL_URL": self.url, "DEFAULT_FROM_EMAIL": self.draft.app.from_, **values})

    async def listed(self) -> dict[str, Container]:
        found = await self.containers.containers()
        assert not isinstance(found, NotAsked), found
        return {each.service: each for each in found}

    def pids(self) -> list[int]:
        return [child.process.pid for child in self.containers._children.values()]


@pytest.fixture
def stage_of(tmp_path: Path) -> Iterator[Callable[[str], Stage]]:
    stages: list[Stage] = []

    def made(scenario: str) -> Stage:
        stages.append(Stage(scenario, tmp_path / scenario))
        return stages[-1]

    yield made
    for stage in stages:
        stage.containers.stop()
        stage.running.stop()


@pytest.fixture
def stage(stage_of: Callable[[str], Stage]) -> Stage:
    return stage_of("good")


async def _codes(run: Any, stage: Stage) -> dict[str, Code | None]:
    return {finding.subject: finding.code for finding in await run(stage.draft, stage.session)}


class TestWhatRuns:
    async def test_each_service_that_sends_is_a_container_on_the_hosts_network(self, stage: Stage) -> None:
        found = await stage.listed()
        assert sorted(found) == ["web", "worker"]
        assert {each.state for each in found.values()} == {ContainerState.RUNNING}
        assert all(each.on_host_network for each in found.values())
        assert all(each.belongs_to(stage.session.directory) for each in found.values())

    async def test_docker_of_this_host_is_never_asked(
        self, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        programs = tmp_path / "programs"
        programs.mkdir()
        (programs / "docker").write_text(f"#!/bin/sh\ntouch {programs}/ran\n")
        (programs / "docker").chmod(0o755)
        monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
        await container.check(stage.draft, stage.session)
        assert not (programs / "ran").exists()

    async def test_the_settings_are_those_of_the_start_until_they_are_restarted(self, stage: Stage) -> None:
        assert set((await _codes(container.check, stage)).values()) == {Code.CONTAINER_SENDS_NOTHING}
        before = await stage.listed()
        stage.writes()
        assert set((await _codes(container.check, stage)).values()) == {Code.CONTAINER_SENDS_NOTHING}
        await stage.containers.restart()
        assert set((await _codes(container.check, stage)).values()) == {Code.CONTAINER_EQUAL}
        after = await stage.listed()
        assert not {each.id for each in before.values()} & {each.id for each in after.values()}
        assert after["web"].created > before["web"].created

    async def test_what_infisical_run_would_give_goes_before_the_file(self, stage: Stage) -> None:
        await stage.containers.restart({"EMAIL_URL": stage.url, "DEFAULT_FROM_EMAIL": stage.draft.app.from_})
        assert set((await _codes(container.check, stage)).values()) == {Code.CONTAINER_EQUAL}


class TestProofs:
    @pytest.mark.parametrize("scenario", ["good", "starttls"])
    async def test_mail_goes_from_inside_and_the_flow_is_gone_through(
        self, stage_of: Callable[[str], Stage], scenario: str
    ) -> None:
        stage = stage_of(scenario)
        stage.writes()
        await stage.containers.restart()
        assert set((await _codes(inside.inside, stage)).values()) == {Code.INSIDE_ACCEPTED}
        found = await _codes(flow.check, stage)
        assert found == {
            flow.RESET: Code.FLOW_RESET_SENT,
            flow.WORKER: Code.FLOW_TASK_TAKEN,
            flow.LINKS: Code.FLOW_LINKS,
        }
        mails = stage.running.mails()
        assert len(mails) == 3
        assert mails[-1]["subject"] == "Password Reset Email"

    async def test_a_key_that_postal_refuses_fails_as_in_glitchtip(self, stage_of: Callable[[str], Stage]) -> None:
        stage = stage_of("wrong-key")
        stage.writes()
        await stage.containers.restart()
        found = await inside.inside(stage.draft, stage.session)
        assert {finding.code for finding in found} == {Code.INSIDE_FAILED}
        assert {finding.verdict for finding in found} == {Verdict.FAIL}
        reset = (await flow.check(stage.draft, stage.session))[0]
        assert reset.code is Code.FLOW_RESET_FAILED
        assert "535" in " ".join(reset.evidence)


class TestSettingsOnWebAlone:
    async def test_the_worker_is_found_without_them_and_proven_once_its_rows_are_there(
        self, stage_of: Callable[[str], Stage]
    ) -> None:
        stage = stage_of("bare-worker")
        assert sorted(await stage.listed()) == ["web", "worker"]  # beat sends nothing
        stage.writes()
        await stage.containers.restart()
        found = await container.check(stage.draft, stage.session)
        assert {finding.subject: finding.code for finding in found} == {
            "web": Code.CONTAINER_EQUAL,
            "worker": Code.CONTAINER_NO_EMAIL_URL,
        }
        worker = next(finding for finding in found if finding.subject == "worker")
        assert "EMAIL_URL: ${EMAIL_URL}, DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}" in worker.remedy
        assert (await _codes(inside.inside, stage))["worker"] is Code.INSIDE_OTHER_SETTINGS
        links = (await _codes(flow.check, stage))[flow.LINKS]
        assert links is Code.FLOW_LINKS_NOT_SET
        file = stage.session.directory / "docker-compose.yml"
        head, worker_and_rest = file.read_text().split("  worker:\n", 1)
        rows = (
            "    environment:\n      EMAIL_URL: ${EMAIL_URL}\n      DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}\n"
            "      GLITCHTIP_DOMAIN: https://errors.shop.example\n"
        )
        file.write_text(head + "  worker:\n" + worker_and_rest.replace("    environment:\n", rows, 1))
        await stage.containers.restart()
        assert set((await _codes(container.check, stage)).values()) == {Code.CONTAINER_EQUAL}
        assert set((await _codes(inside.inside, stage)).values()) == {Code.INSIDE_ACCEPTED}
        assert (await _codes(flow.check, stage))[flow.LINKS] is Code.FLOW_LINKS


class TestDown:
    async def test_a_url_that_glitchtip_cannot_start_with_restarts_over_and_over(self, stage: Stage) -> None:
        stage.writes(EMAIL_URL="submission://user:key@127.0.0.1:587")
        await stage.containers.restart()
        found = await container.check(stage.draft, stage.session)
        assert {finding.code for finding in found} == {Code.CONTAINER_RESTARTING}
        assert all("Invalid email schema" in " ".join(finding.evidence) for finding in found)
        worker = next(f for f in await flow.check(stage.draft, stage.session) if f.subject == flow.WORKER)
        assert worker.verdict is Verdict.FAIL

    async def test_a_port_that_is_taken_ends_web_alone_and_its_log_says_so(self, stage: Stage) -> None:
        import socket

        with socket.create_server(("127.0.0.1", 0)) as taken:
            stage.writes(PORT=str(taken.getsockname()[1]))
            await stage.containers.restart()
        found = await stage.listed()
        assert (found["web"].state, found["worker"].state) == (ContainerState.EXITED, ContainerState.RUNNING)
        assert "in use" in await stage.containers.logs(found["web"])

    async def test_on_a_network_of_its_own_localhost_is_the_container(self, stage_of: Callable[[str], Stage]) -> None:
        stage = stage_of("localhost")
        assert stage.draft.server.host == "localhost"
        stage.writes()
        await stage.containers.restart()
        found = await stage.listed()
        assert not any(each.on_host_network for each in found.values())
        assert set((await _codes(container.check, stage)).values()) == {Code.CONTAINER_NO_CONNECTION}

    async def test_a_container_of_before_the_restart_is_gone(self, stage: Stage) -> None:
        old = (await stage.listed())["web"]
        await stage.containers.restart()
        ran = await stage.containers.run_python(old, ("-",), b"print(1)", seconds=5)
        assert ran.code == 1
        assert b"No such container" in ran.stderr


class TestRunning:
    async def test_streams_and_exit_code_come_back(self, stage: Stage) -> None:
        web = (await stage.listed())["web"]
        script = b"import sys; print('out'); sys.stderr.write('err'); sys.exit(7)"
        ran = await stage.containers.run_python(web, ("-",), script, seconds=5)
        assert (ran.code, ran.stdout, ran.stderr) == (7, b"out\n", b"err")

    async def test_megabytes_in_and_out_do_not_block(self, stage: Stage) -> None:
        web = (await stage.listed())["web"]
        script = b"print('x' * 3_000_000)  # " + b"y" * 1_000_000
        ran = await stage.containers.run_python(web, ("-",), script, seconds=20)
        assert ran.code == 0
        assert len(ran.stdout) > 100_000

    async def test_at_the_end_of_its_time_it_is_killed(self, stage: Stage, tmp_path: Path) -> None:
        web = (await stage.listed())["web"]
        watch = Watch()
        ran = await stage.containers.run_python(web, ("-",), _sleeper(tmp_path), seconds=1)
        assert ran.code is None
        assert watch.seconds < 3
        _gone([int((tmp_path / "pid").read_text())])

    async def test_cancelling_takes_half_a_second_and_leaves_nobody(self, stage: Stage, tmp_path: Path) -> None:
        web = (await stage.listed())["web"]
        asking = asyncio.create_task(stage.containers.run_python(web, ("-",), _sleeper(tmp_path), seconds=60))
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert not asking.done()
            await asyncio.sleep(0.02)
        watch = Watch()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert watch.seconds < 0.5
        _gone([int((tmp_path / "pid").read_text())])


def _sleeper(directory: Path) -> bytes:
    return f"import os, time; open({str(directory / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)".encode()


def _gone(pids: list[int]) -> None:
    assert pids
    until = time.monotonic() + 2
    while any(map(_is_there, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not [pid for pid in pids if _is_there(pid)]


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class TestAtTheSameTime:
    async def test_questions_and_a_restart_do_not_disturb_each_other(self, stage: Stage) -> None:
        web = (await stage.listed())["web"]
        script = b"print('here')"

        async def ask() -> bytes:
            return (await stage.containers.run_python(web, ("-",), script, seconds=20)).stdout

        *said, _ = await asyncio.gather(*(ask() for _ in range(6)), stage.containers.restart())
        assert set(said) <= {b"here\n", b""}
        again = (await stage.listed())["web"]
        assert (await stage.containers.run_python(again, ("-",), script, seconds=20)).stdout == b"here\n"


@pytest.mark.usefixtures("real_starts")
class TestTheKey:
    async def test_no_process_of_it_has_the_key_in_its_environment_or_arguments(self, stage: Stage) -> None:
        stage.writes()
        await stage.containers.restart()
        web = (await stage.listed())["web"]
        # A fork that runs a script has the settings, in memory alone.
        script = b"import os; print(len(os.environ['EMAIL_URL'])); import time; time.sleep(1)"
        reading = asyncio.create_task(stage.containers.run_python(web, ("-",), script, seconds=5))
        await asyncio.sleep(0.3)
        texts = list(map(_told_by_the_kernel, [*stage.pids(), *_children(stage.pids())]))
        seen = await reading
        assert seen.stdout.split(b"\n")[0] == str(len(stage.url)).encode()
        assert len(texts) >= 2
        assert stage.session.key is not None
        searched = 0
        for spelling in spellings(stage.session.key.reveal()):
            searched += 1
            assert not any(spelling.encode() in text for text in texts)
        assert searched > 5


def _children(pids: list[int]) -> list[int]:
    lines = [Path(f"/proc/{pid}/task/{pid}/children").read_text() for pid in pids]
    return [int(word) for line in lines for word in line.split()]


def _told_by_the_kernel(pid: int) -> bytes:
    """Return environment and arguments of a process; to anybody but root the kernel refuses the first."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        environment = b""
    return environment + Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.usefixtures("real_starts")
class TestTheEnd:
    async def test_they_end_when_they_are_stopped_and_may_be_stopped_twice(self, stage: Stage) -> None:
        await stage.listed()
        pids = stage.pids()
        stage.containers.stop()
        stage.containers.stop()
        _gone(pids)

    async def test_they_end_when_nobody_holds_them(self, stage: Stage) -> None:
        held = PretendContainers(stage.draft, replace(stage.session, containers=None))
        await held.containers()
        pids = [child.process.pid for child in held._children.values()]
        del held
        _gone(pids)

    def test_they_end_after_kill_9(self, stage: Stage) -> None:
        script = (
            "import asyncio, sys, time\n"
            "from pathlib import Path\n"
            "from wizard.model.session import Session\n"
            "from wizard.rehearsal.containers import PretendContainers\n"
            "from wizard.state import answers_file\n"
            "path = Path(sys.argv[1])\n"
            "held = PretendContainers(answers_file.load(path), Session(directory=path.parent))\n"
            "asyncio.run(held.containers())\n"
            "print(*[child.process.pid for child in held._children.values()], flush=True)\n"
            "time.sleep(60)\n"
        )
        words = [sys.executable, "-c", script, stage.running.info["answers"]]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            pids = [int(word) for word in process.stdout.readline().split()]
            assert len(pids) == 2
            assert all(map(_is_there, pids))
            process.send_signal(signal.SIGKILL)
            process.wait(5)
            _gone(pids)
