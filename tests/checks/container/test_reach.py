"""The way from inside the container to Postal, and where there is no docker to ask."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.conftest import KEY
from tests.effort import one_in
from wizard.checks import container
from wizard.glitchtip import docker
from wizard.model.codes import Code
from wizard.model.containers import NotAsked
from wizard.model.draft import Server
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tests.checks.container.conftest import Scene

VANTAGE = "the server was checked from this host"


async def _web(scene: Scene) -> Finding:
    findings = await container.check(scene.draft, scene.session)
    return next(finding for finding in findings if finding.subject == "web")


def _to(scene: Scene, host: str, port: int) -> Scene:
    """Let the container have the settings for another server, so that only the way there can be at fault."""
    from wizard.email_url import url as email_url

    scene.draft = replace(scene.draft, server=Server(host, port))
    scene.host.env_file({
        "DEFAULT_FROM_EMAIL": scene.draft.app.from_, "EMAIL_URL": email_url.build("shop/apps", KEY, host, port),
    })  # fmt: skip
    scene.host.up()
    return scene


class TestCannotReach:
    async def test_a_closed_port_is_refused(self, scene: Scene) -> None:
        server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        web = await _web(_to(scene, "127.0.0.1", port))
        assert web.verdict is Verdict.FAIL
        assert web.code is Code.CONTAINER_NO_CONNECTION
        assert web.proven_from == "container web"
        assert f"From inside web, 127.0.0.1:{port} cannot be reached" in web.summary
        assert "networks:" in web.remedy

    async def test_a_name_that_does_not_resolve_there(self, scene: Scene) -> None:
        web = await _web(_to(scene, "nowhere.invalid", 25))
        assert web.verdict is Verdict.FAIL
        assert web.code is Code.CONTAINER_NO_ADDRESS
        assert "gethostbyname('nowhere.invalid')" in web.remedy

    @pytest.mark.parametrize("greeting", one_in(3, [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"421 busy\r\n"]))
    async def test_something_that_is_no_mail_server(self, scene: Scene, greeting: bytes) -> None:
        met = asyncio.Event()

        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(greeting)
            met.set()
            with contextlib.suppress(OSError):
                writer.close()
                await writer.wait_closed()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            web = await _web(_to(scene, "127.0.0.1", server.sockets[0].getsockname()[1]))
        assert met.is_set()
        assert web.verdict is Verdict.FAIL
        assert web.code is Code.CONTAINER_NO_GREETING

    async def test_a_silent_server_ends_within_the_probes_own_time(self, scene: Scene) -> None:
        held: list[asyncio.StreamWriter] = []

        async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            held.append(writer)

        started = time.monotonic()
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            web = await _web(_to(scene, "127.0.0.1", server.sockets[0].getsockname()[1]))
            for writer in held:
                writer.close()
        assert held
        assert web.code is Code.CONTAINER_NO_GREETING
        assert time.monotonic() - started < 8


class TestNoDocker:
    async def test_no_docker_on_the_path(self, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        await _skipped(scene, Code.CONTAINER_NOT_APPLICABLE, "docker is not installed here")

    async def test_the_daemon_is_down(self, scene: Scene) -> None:
        scene.host.becomes(daemon=False)
        finding = await _skipped(scene, Code.CONTAINER_NO_ACCESS, "the docker daemon is down")
        assert "systemctl start docker" in finding.remedy

    async def test_a_user_without_permission_is_given_what_would_give_it(self, scene: Scene) -> None:
        scene.host.becomes(permitted=False)
        finding = await _skipped(scene, Code.CONTAINER_NO_ACCESS, "is not allowed to use the docker daemon")
        assert "sudo usermod -aG docker" in finding.remedy

    async def test_no_compose_file(self, scene: Scene) -> None:
        (scene.host.directory / "docker-compose.yml").unlink()
        await _skipped(scene, Code.CONTAINER_NOT_APPLICABLE, "compose file")

    @pytest.mark.parametrize("state", [{"daemon": False}, {"permitted": False}, {"hang": "ps"}])
    async def test_a_compose_file_that_is_missing_is_named_before_docker_is_asked(
        self, scene: Scene, state: dict[str, object]
    ) -> None:
        (scene.host.directory / "docker-compose.yml").unlink()
        scene.host.becomes(**state)
        await _skipped(scene, Code.CONTAINER_NOT_APPLICABLE, "there is no compose file docker-compose.yml")
        assert not scene.host.calls()

    async def test_where_no_file_is_named_and_none_is_here_the_directory_is(self, scene: Scene) -> None:
        scene.host.becomes(missing=["postgres", "web", "worker"])
        (scene.host.directory / "docker-compose.yml").unlink()
        scene.draft = replace(scene.draft, app=replace(scene.draft.app, compose_file=None))
        words = f"there is no compose file in {scene.host.directory}"
        await _skipped(scene, Code.CONTAINER_NOT_APPLICABLE, words)

    async def test_no_container_of_the_project(self, scene: Scene) -> None:
        scene.host.becomes(missing=["web", "worker"])
        await _skipped(scene, Code.CONTAINER_NOT_APPLICABLE, "there is no container of web, worker")

    async def test_glitchtip_that_was_started_from_another_directory_is_named(self, scene: Scene) -> None:
        file = scene.host.directory / "docker-compose.yml"
        elsewhere = scene.host.directory.parent / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / file.name).write_text(file.read_text())
        scene.session = replace(scene.session, directory=elsewhere)
        finding = await _skipped(scene, Code.CONTAINER_NOT_APPLICABLE, str(scene.host.directory))
        assert "not from this directory" in finding.summary

    async def test_nothing_is_asked_but_image_labels_state_and_network(self, scene: Scene) -> None:
        found = await docker.of(scene.session).containers()
        assert not isinstance(found, NotAsked)
        assert [container.service for container in found] == ["postgres", "web", "worker"]
        assert "c4nary-label" not in repr(found)
        assert KEY not in repr(found)
        (asked,) = [call["argv"] for call in scene.host.calls() if call["argv"][1] == "inspect"]
        assert ".Config.Env" not in asked[5]


async def _skipped(scene: Scene, code: Code, reason: str) -> Finding:
    (finding,) = await container.check(scene.draft, scene.session)
    assert (finding.verdict, finding.code) == (Verdict.SKIP, code)
    assert reason in finding.summary
    assert VANTAGE in finding.summary
    return finding


class TestOtherImages:
    async def test_an_image_whose_python_is_called_python3(self, scene: Scene) -> None:
        scene.host.becomes(pythons=["python3"])
        assert (await _web(scene)).verdict is Verdict.PASS

    async def test_an_image_without_python(self, scene: Scene) -> None:
        scene.host.becomes(pythons=[])
        web = await _web(scene)
        assert (web.verdict, web.code) == (Verdict.UNKNOWN, Code.CONTAINER_NO_PYTHON)
        assert web.remedy
