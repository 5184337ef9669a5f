"""Drift: `.env`, Infisical, docker-compose.yml and running containers side by side."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.standin import COMPOSE
from wizard.glitchtip import running
from wizard.model.containers import Container, NotAsked
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.secret import Secret, spellings
from wizard.rehearsal.infisical.server import Server, Store
from wizard.rollout import drift, drift_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.checks.container.conftest import Scene
    from wizard.model.containers import Ran

FOLDER = ("prod", "/glitchtip/application")
URL = "EMAIL_URL"


@pytest.fixture
def infisical() -> Iterator[Server]:
    running = Server(Store())
    running.start()
    yield running
    running.stop()


def with_env(scene: Scene) -> Scene:
    scene.draft = replace(scene.draft, target=EnvTarget(".env"))
    return scene


def with_infisical(scene: Scene, server: Server, url: str) -> Scene:
    server.store.put(*FOLDER, URL, url)
    server.store.put(*FOLDER, "DEFAULT_FROM_EMAIL", scene.draft.app.from_)
    target = InfisicalTarget(server.url, "glitchtip", *FOLDER, server.store.client_id)
    scene.draft = replace(scene.draft, target=target)
    scene.session = replace(scene.session, client_secret=Secret(server.store.client_secret))
    return scene


def url_of(scene: Scene) -> str:
    text = (scene.session.directory / ".env").read_text()
    return next(line.partition("=")[2].strip("'") for line in text.splitlines() if line.startswith("EMAIL_URL="))


async def rows(scene: Scene) -> dict[str, dict[str, str]]:
    table = await drift.table(scene.draft, scene.session)
    told = "\n".join(drift_table.lines(table)) + repr(table)
    for secret in (scene.session.key, scene.session.client_secret):
        assert secret is None or not [spelling for spelling in spellings(secret.reveal()) if spelling in told]
    return {row.key: row.places for row in table}


async def test_everything_in_step_is_equal_everywhere(scene: Scene) -> None:
    found = await rows(with_env(scene))
    for key in drift.KEYS:
        assert found[key] == {
            ".env": "reference",
            "docker-compose.yml web": "equal",
            "docker-compose.yml worker": "equal",
            "container web": "equal",
            "container worker": "equal",
        }


async def test_a_file_that_was_changed_after_the_start_differs_from_the_containers_alone(scene: Scene) -> None:
    path = scene.session.directory / ".env"
    path.write_text(path.read_text().replace("shop%2Fapps", "other%2Fapps"))
    found = await rows(with_env(scene))
    assert found[URL]["docker-compose.yml web"] == "equal"
    assert found[URL]["container web"] == found[URL]["container worker"] == "differs"
    assert found["DEFAULT_FROM_EMAIL"]["container web"] == "equal"
    told = drift_table.lines(await drift.table(scene.draft, scene.session))
    assert "docker compose up -d" in told[-1]


async def test_another_spelling_of_the_same_url_is_equal(scene: Scene) -> None:
    path = scene.session.directory / ".env"
    path.write_text(path.read_text().replace("shop%2Fapps", "shop%2fapps"))
    assert (await rows(with_env(scene)))[URL]["container web"] == "equal"


async def test_an_inline_value_in_the_compose_file_differs(scene_of: Callable[..., Scene]) -> None:
    scene = scene_of(compose=COMPOSE.replace("${EMAIL_URL}", "consolemail://"))
    found = await rows(with_env(scene))
    assert found[URL]["docker-compose.yml web"] == "differs"
    assert found[URL]["container web"] == "differs"


async def test_what_is_not_passed_on_is_absent(scene_of: Callable[..., Scene]) -> None:
    scene = scene_of(compose=COMPOSE.replace("  EMAIL_URL: ${EMAIL_URL}\n", ""))
    found = await rows(with_env(scene))
    assert found[URL]["docker-compose.yml web"] == "absent"
    assert found[URL]["container web"] == "absent"


async def test_a_compose_file_that_is_not_there_is_no_place(scene: Scene) -> None:
    (scene.session.directory / "docker-compose.yml").unlink()
    assert not any("compose" in place for place in (await rows(with_env(scene)))[URL])


async def test_without_docker_the_container_is_unreadable_and_the_reason_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    table = await drift.table(with_env(scene).draft, scene.session)
    assert table[0].places["container"] == "unreadable"
    assert "docker is not installed" in table[0].why["container"]
    assert drift.DIFFERS not in table[0].places.values()


async def test_a_container_that_gives_no_answer_is_unreadable_never_equal(scene: Scene) -> None:
    scene.host.becomes(daemon=False)
    found = await rows(with_env(scene))
    assert found[URL]["container"] == "unreadable"


async def test_infisical_is_the_reference_and_compose_passes_on_what_its_run_gives(
    scene: Scene, infisical: Server
) -> None:
    found = await rows(with_infisical(scene, infisical, url_of(scene)))
    assert found[URL] == {
        "Infisical": "reference",
        ".env": "equal",
        "docker-compose.yml web": "passed on",
        "docker-compose.yml worker": "passed on",
        "container web": "equal",
        "container worker": "equal",
    }
    assert infisical.store.tokens == set()
    assert sum(path.endswith("/login") for _, path in infisical.store.log) == 1


async def test_a_container_that_has_not_what_infisical_has_differs(scene: Scene, infisical: Server) -> None:
    found = await rows(with_infisical(scene, infisical, "smtp://a:b@127.0.0.1:9"))
    assert found[URL]["container web"] == "differs"
    told = drift_table.lines(await drift.table(scene.draft, scene.session))
    assert "differs from Infisical" in told[-1]


async def test_infisical_without_a_login_is_unreadable_and_nothing_is_asked_of_it(
    scene: Scene, infisical: Server
) -> None:
    with_infisical(scene, infisical, url_of(scene))
    scene.session = replace(scene.session, client_secret=None)
    found = await rows(scene)
    assert found[URL]["Infisical"] == "unreadable"
    assert found[URL][".env"] == "reference"
    assert infisical.store.log == []


async def test_values_that_infisical_hides_are_unreadable(scene: Scene, infisical: Server) -> None:
    with_infisical(scene, infisical, url_of(scene))
    infisical.store.hidden = True
    assert (await rows(scene))[URL]["Infisical"] == "unreadable"


async def test_a_place_that_is_silent_is_unreadable_in_time_and_the_others_are_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(*_: object) -> str:
        await asyncio.Event().wait()
        return ""

    monkeypatch.setattr(running, "find", silent)
    monkeypatch.setattr(drift, "PATIENCE", 0.3)
    found = await rows(with_env(scene))
    assert found[URL] == {
        ".env": "reference",
        "docker-compose.yml web": "equal",
        "docker-compose.yml worker": "equal",
        "container": "unreadable",
    }


class Nobody:
    """Runs no container."""

    async def containers(self) -> NotAsked:
        return NotAsked("nothing was started")

    async def run_python(
        self, container: Container, words: tuple[str, ...], given: bytes = b"", *, seconds: float
    ) -> Ran:
        raise AssertionError

    async def logs(self, container: Container, lines: int = 400) -> str:
        raise AssertionError


async def test_who_was_handed_over_is_asked_and_docker_is_not(scene: Scene) -> None:
    with_env(scene).session = replace(scene.session, containers=Nobody())
    table = await drift.table(scene.draft, scene.session)
    assert table[0].why["container"] == "nothing was started."
    assert scene.host.calls() == []


async def test_a_service_that_does_not_run_is_unreadable(scene: Scene) -> None:
    scene.host.becomes(running=["web"])
    found = await rows(with_env(scene))
    assert found[URL]["container web"] == "equal"
    assert found[URL]["container worker"] == "unreadable"


async def test_it_is_worth_looking_only_where_something_is_set_up(scene: Scene) -> None:
    assert drift.is_worthwhile(with_env(scene).draft, scene.session)
    (scene.session.directory / ".env").write_text("PORT=8000\n")
    assert not drift.is_worthwhile(scene.draft, scene.session)
