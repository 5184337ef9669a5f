"""The way from inside the container to Postal, and where there is no docker to ask."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wizard.checks import container
from wizard.glitchtip.probe import Question, read
from wizard.model.draft import Server
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tests.checks.container.conftest import Scene

VANTAGE = "the verdicts about the server are the host's"


async def _web(scene: Scene) -> Finding:
    findings = await container.check(scene.draft, scene.session)
    return next(finding for finding in findings if finding.subject == "web")


def _to(scene: Scene, host: str, port: int) -> Scene:
    """Let the container have the settings for another server, so that only the way there can be at fault."""
    from tests.checks.container.conftest import KEY
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
        assert (
            web.summary == f"From inside the container 127.0.0.1:{port} cannot be reached: the connection is refused."
        )
        assert "networks:" in web.remedy

    async def test_a_name_that_does_not_resolve_there(self, scene: Scene) -> None:
        web = await _web(_to(scene, "nowhere.invalid", 25))
        assert web.verdict is Verdict.FAIL
        assert "cannot be reached: the" in web.summary
        assert "resolve" in web.summary
        assert "gethostbyname('nowhere.invalid')" in web.remedy

    @pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"421 busy\r\n"])
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
        assert "it connects, but no mail server greets" in web.summary

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
        assert "no mail server greets" in web.summary
        assert time.monotonic() - started < 8


class TestNoDocker:
    async def test_no_docker_on_the_path(self, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        await self._skipped(scene, "docker is not installed here")

    async def test_no_compose_plugin(self, scene: Scene) -> None:
        scene.host.becomes(plugin=False)
        await self._skipped(scene, "docker has no compose plugin")

    async def test_the_daemon_is_down(self, scene: Scene) -> None:
        scene.host.becomes(daemon=False)
        await self._skipped(scene, "the docker daemon is down")

    async def test_docker_cannot_read_the_files(self, scene: Scene) -> None:
        scene.host.becomes(refuses='failed to read .env: line 3: unexpected character "\'" in variable name "c4nary\'"')
        finding = await self._skipped(scene, "docker compose cannot read the .env file")
        assert "c4nary" not in repr(finding)

    async def test_variables_that_compose_insists_on_are_no_hindrance(self, scene: Scene) -> None:
        """They may lie in Infisical alone, and only ``up`` needs their values."""
        scene.host.becomes(requires=["EMAIL_URL", "DATABASE_URL"])
        assert (await _web(scene)).verdict is Verdict.PASS

    async def test_no_service_is_running(self, scene: Scene) -> None:
        scene.host.becomes(running=["postgres"])
        await self._skipped(scene, "no service of GlitchTip is running (web, worker)")

    async def test_no_compose_file(self, scene: Scene) -> None:
        (scene.host.directory / "docker-compose.yml").unlink()
        await self._skipped(scene, "compose file")

    async def test_one_service_of_two(self, scene: Scene) -> None:
        scene.host.becomes(running=["web"])
        findings = {finding.subject: finding for finding in await container.check(scene.draft, scene.session)}
        assert findings["web"].verdict is Verdict.PASS
        assert findings["worker"].verdict is Verdict.SKIP
        assert "it is not running" in findings["worker"].summary
        assert VANTAGE in findings["worker"].summary

    async def test_an_old_compose_that_cannot_list(self, scene: Scene) -> None:
        """Each service then tells by itself whether it runs."""
        scene.host.becomes(running=["worker"])
        script = (scene.host.bin / "docker").read_text()
        (scene.host.bin / "docker").write_text(
            script.replace('elif verb == "ps":\n', 'elif verb == "ps":\n    fail("unknown flag: --status", 16)\n')
        )
        findings = {finding.subject: finding.verdict for finding in await container.check(scene.draft, scene.session)}
        assert findings == {"web": Verdict.SKIP, "worker": Verdict.PASS}

    async def _skipped(self, scene: Scene, reason: str) -> Finding:
        (finding,) = await container.check(scene.draft, scene.session)
        assert finding.verdict is Verdict.SKIP
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
        assert web.verdict is Verdict.UNKNOWN
        assert "has no Python" in web.summary
        assert web.remedy

    def test_the_script_is_python_that_is_old_and_new(self) -> None:
        import ast

        question = Question("h", 25)
        tree = ast.parse(question.script, feature_version=(3, 8))
        imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        assert imported == {"hashlib", "hmac", "json", "os", "signal", "socket", "sys", "threading", "time"}
        assert read(b"", question) is None
