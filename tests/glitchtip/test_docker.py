"""What is asked of docker, with the genuine client where this host has it, and a daemon's answers as they are."""

from __future__ import annotations

import http.server
import json
import shutil
import socketserver
import subprocess
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from wizard.glitchtip.docker import Docker
from wizard.model.containers import Container, ContainerState, NotAsked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEB, PLAIN, LOOPING = "a" * 64, "b" * 64, "c" * 64


def inspected(identity: str, labels: dict[str, str] | None, **state: Any) -> dict[str, Any]:
    """Return a daemon's answer, shortened to what is read of it and what must not be."""
    return {
        "Id": identity, "Name": f"/{identity[:4]}", "Created": "2026-11-27T15:00:00.123456789Z",
        "Config": {"Image": "glitchtip/glitchtip:v5", "Env": ["EMAIL_URL=smtp://u:c4nary@h:25"], "Labels": labels},
        "State": {"Status": "running", "ExitCode": 0, "Restarting": False, **state},
        "HostConfig": {"NetworkMode": "glitchtip_default"},
    }  # fmt: skip


COMPOSE = {
    "com.docker.compose.project": "glitchtip",
    "com.docker.compose.service": "web",
    "com.docker.compose.project.working_dir": '/srv/a "b" c',
    "com.docker.compose.project.config_files": "/srv/one.yml,/srv/two.yml",
    "com.docker.compose.oneoff": "False",
    "traefik.http.middlewares.auth.basicauth.users": "c4nary-label",
}
ANSWERS = {
    WEB: inspected(WEB, COMPOSE),
    PLAIN: inspected(PLAIN, None, Status="exited", ExitCode=137),
    LOOPING: inspected(
        LOOPING, {**COMPOSE, "com.docker.compose.oneoff": "True"}, Status="restarting", ExitCode=1, Restarting=True
    ),
}


class Daemon(http.server.BaseHTTPRequestHandler):
    """Docker's API as far as ``docker ps`` and ``docker inspect`` go."""

    protocol_version = "HTTP/1.1"
    gone: ClassVar[set[str]] = set()

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/_ping"):
            self._answer(b"OK")
        elif path.endswith("/containers/json"):
            self._answer(json.dumps([{"Id": identity} for identity in ANSWERS]).encode())
        elif (identity := path.split("/")[-2]) in ANSWERS and identity not in self.gone:
            self._answer(json.dumps(ANSWERS[identity]).encode())
        else:
            self._answer(b'{"message": "No such container"}', 404)

    def _answer(self, body: bytes, code: int = 200) -> None:
        self.send_response(code)
        for name, value in (
            ("Api-Version", "1.43"),
            ("Content-Type", "application/json"),
            ("Content-Length", len(body)),
        ):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Be silent."""


class Server(socketserver.ThreadingUnixStreamServer):
    def get_request(self) -> tuple[Any, Any]:
        return super().get_request()[0], ("daemon", 0)


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Daemon]]:
    """Serve the answers to the genuine client of this host."""
    found = shutil.which("docker")
    if found is None or b"Client" not in subprocess.run([found, "version"], capture_output=True, check=False).stdout:
        pytest.skip("apt-get install -y docker-cli")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/daemon.sock")
    with Server(str(tmp_path / "daemon.sock"), Daemon) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Daemon
        server.shutdown()
        thread.join()
        Daemon.gone.clear()


async def _listed() -> dict[str, Container]:
    found = await Docker().containers()
    assert not isinstance(found, NotAsked), found
    return {container.id: container for container in found}


async def test_the_genuine_client_says_what_is_asked_and_nothing_secret(daemon: type[Daemon]) -> None:
    found = await _listed()
    assert found[WEB] == Container(
        WEB, "aaaa", "glitchtip/glitchtip:v5", ContainerState.RUNNING, None, "glitchtip_default", "glitchtip",
        '/srv/a "b" c', ("/srv/one.yml", "/srv/two.yml"), (), "web", False, "2026-11-27T15:00:00.123456789Z",
    )  # fmt: skip
    assert "c4nary" not in repr(found)


async def test_a_container_without_labels_does_not_hide_the_others(daemon: type[Daemon]) -> None:
    plain = (await _listed())[PLAIN]
    assert (plain.service, plain.project, plain.config_files) == ("", "", ())
    assert (plain.state, plain.exit_code) == (ContainerState.EXITED, 137)


async def test_restarting_and_one_off_are_told(daemon: type[Daemon]) -> None:
    looping = (await _listed())[LOOPING]
    assert (looping.state, looping.exit_code, looping.one_off) == (ContainerState.RESTARTING, 1, True)


async def test_one_that_is_removed_in_between_does_not_hide_the_others(daemon: type[Daemon]) -> None:
    daemon.gone.add(PLAIN)
    assert set(await _listed()) == {WEB, LOOPING}


async def test_a_daemon_that_is_not_there_is_said_with_what_would_start_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("docker") is None:
        pytest.skip("apt-get install -y docker-cli")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    why = await Docker().containers()
    assert isinstance(why, NotAsked)
    assert why.reason == "the docker daemon is down"
    assert "systemctl start docker" in why.remedy
