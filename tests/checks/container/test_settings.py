"""The settings that the containers really have, compared with those decided here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.conftest import FROM, KEY
from tests.checks.container.standin import COMPOSE
from wizard.checks import container
from wizard.email_url import url as email_url
from wizard.glitchtip.replaced import Replaced
from wizard.model.codes import Code
from wizard.model.draft import App, Draft, Server
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.checks.container.conftest import Scene


async def _found(scene: Scene) -> dict[str, Finding]:
    on_event: list[object] = []
    findings = await container.check(scene.draft, scene.session, on_event.append)
    assert on_event == findings
    assert {finding.check for finding in findings} == {"container"}
    for finding in findings:
        assert finding.remedy or finding.verdict in {Verdict.PASS, Verdict.SKIP}
        assert finding.proven_from == (None if finding.verdict is Verdict.SKIP else f"container {finding.subject}")
        assert KEY not in repr(finding)
    return {finding.subject: finding for finding in findings}


async def test_equal_settings_pass_for_each_service(scene: Scene) -> None:
    found = await _found(scene)
    assert {name: finding.verdict for name, finding in found.items()} == {"web": Verdict.PASS, "worker": Verdict.PASS}
    assert "key: equal" in found["web"].evidence
    assert any("ESMTP Postal/" in line for line in found["worker"].evidence)


class TestWhatDiffers:
    async def test_an_old_key_is_named_as_such(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of()
        address, port = scene.postal.address
        scene.host.env_file({"EMAIL_URL": email_url.build("shop/apps", "0ldKey", address, port)})
        scene.host.up()
        web = (await _found(scene))["web"]
        assert web.verdict is Verdict.FAIL
        assert web.code is Code.CONTAINER_OTHER_KEY
        assert "EMAIL_URL has another key" in web.summary
        assert "another host" not in web.summary
        assert "docker compose up -d web" in web.remedy

    async def test_what_was_written_counts_only_once_the_container_is_created_anew(self, scene: Scene) -> None:
        fresh = replace(scene.draft, app=replace(scene.draft.app, from_="errors@shop.example"))
        scene.host.env_file(_environment(scene) | {"DEFAULT_FROM_EMAIL": "errors@shop.example"})
        scene.draft = fresh
        before = await _found(scene)
        assert before["worker"].verdict is Verdict.FAIL
        assert before["worker"].code is Code.CONTAINER_OTHER_FROM
        scene.host.up()
        after = await _found(scene)
        assert after["worker"].verdict is Verdict.PASS

    @pytest.mark.parametrize(
        ("server", "username", "named"),
        [
            ("same", "shop/other", "another user name"),
            ("port", "shop/apps", "another port"),
            ("host", "shop/apps", "another host"),
        ],
    )
    async def test_each_part_of_the_url_is_named(self, scene: Scene, server: str, username: str, named: str) -> None:
        address, port = scene.postal.address
        host, number = ("localhost" if server == "host" else address), (port + 1 if server == "port" else port)
        url = email_url.build(username, KEY, host, number)
        scene.host.env_file(_environment(scene) | {"EMAIL_URL": url})
        scene.host.up()
        assert named in (await _found(scene))["web"].summary

    async def test_a_tls_mode_that_compose_sets_otherwise_is_named(self, scene: Scene) -> None:
        scene.draft = replace(scene.draft, server=replace(scene.draft.server, tls="starttls"))
        web = (await _found(scene))["web"]
        assert web.verdict is Verdict.FAIL
        assert web.code is Code.CONTAINER_OTHER_TLS
        assert 'EMAIL_USE_TLS: "True"' in web.remedy

    async def test_console_mail_is_named(self, scene_of: Callable[..., Scene]) -> None:
        web = (await _found(scene_of(EMAIL_URL="consolemail://")))["web"]
        assert web.verdict is Verdict.FAIL
        assert web.code is Code.CONTAINER_SENDS_NOTHING

    @pytest.mark.full
    async def test_what_glitchtip_cannot_read_is_named(self, scene_of: Callable[..., Scene]) -> None:
        web = (await _found(scene_of(EMAIL_URL="smtp://u:a/b@h:25")))["web"]
        assert web.code is Code.CONTAINER_URL_UNREADABLE


class TestWhatIsNotPassedOn:
    async def test_a_worker_without_the_url_fails_and_web_passes(self, scene_of: Callable[..., Scene]) -> None:
        head, tail = COMPOSE.rsplit("    environment: *mail", 1)
        lame = f"{head}    environment:\n      DEFAULT_FROM_EMAIL: ${{DEFAULT_FROM_EMAIL}}{tail}"
        found = await _found(scene_of(compose=lame))
        assert found["web"].verdict is Verdict.PASS
        assert found["worker"].verdict is Verdict.FAIL
        assert found["worker"].code is Code.CONTAINER_NO_EMAIL_URL
        assert "EMAIL_URL: ${EMAIL_URL}" in found["worker"].remedy

    async def test_a_sender_that_is_not_passed_on_is_named_alone(self, scene_of: Callable[..., Scene]) -> None:
        lame = COMPOSE.replace("  DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}\n", "")
        web = (await _found(scene_of(compose=lame)))["web"]
        assert web.code is Code.CONTAINER_NO_FROM
        assert "EMAIL_URL" not in web.summary


class TestSpellings:
    @pytest.mark.full
    async def test_another_spelling_of_the_same_url_is_equal(self, scene: Scene) -> None:
        address, port = scene.postal.address
        key = KEY.replace("/", "%2F")
        scene.host.env_file(_environment(scene) | {"EMAIL_URL": f"smtp://shop%2Fapps:{key}@{address}:{port}"})
        scene.host.up()
        assert (await _found(scene))["web"].verdict is Verdict.PASS

    @pytest.mark.full
    async def test_settings_in_single_variables_are_equal_too(self, scene_of: Callable[..., Scene]) -> None:
        lame = COMPOSE.replace(
            "  EMAIL_URL: ${EMAIL_URL}\n",
            "  EMAIL_HOST: 127.0.0.1\n  EMAIL_PORT: ${PORT}\n  EMAIL_HOST_USER: shop/apps\n"
            f'  EMAIL_HOST_PASSWORD: "{KEY}"\n',
        )
        scene = scene_of(compose=lame)
        scene.host.env_file(_environment(scene) | {"PORT": str(scene.draft.server.port)})
        scene.host.up()
        assert (await _found(scene))["web"].verdict is Verdict.PASS


class TestFiles:
    """``<KEY>_FILE``, as django-environ's FileAwareEnv reads it."""

    def _with(self, row: str, *, url: str = "  EMAIL_URL: ${EMAIL_URL}\n") -> str:
        return COMPOSE.replace("  EMAIL_URL: ${EMAIL_URL}\n", f"{url}{row}")

    @pytest.mark.full
    async def test_a_file_has_precedence_over_its_variable(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(compose=self._with("  EMAIL_URL_FILE: ${FILE}\n"))
        file = scene.host.directory / "url"
        file.write_text("smtp://shop%2Fapps:other@127.0.0.1:25\n")
        scene.host.env_file(_environment(scene) | {"FILE": str(file)})
        scene.host.up()
        web = (await _found(scene))["web"]
        assert web.verdict is Verdict.FAIL
        assert "another key" in web.summary
        file.write_text(_environment(scene)["EMAIL_URL"] + "\n")
        assert (await _found(scene))["web"].verdict is Verdict.PASS

    async def test_a_file_alone_is_ignored(self, scene_of: Callable[..., Scene]) -> None:
        web = (await _found(scene_of(compose=self._with("  EMAIL_URL_FILE: /run/secrets/url\n", url=""))))["web"]
        assert web.verdict is Verdict.FAIL
        assert web.code is Code.CONTAINER_URL_FILE_IGNORED

    @pytest.mark.full
    async def test_a_file_that_cannot_be_read_is_named(self, scene_of: Callable[..., Scene]) -> None:
        web = (await _found(scene_of(compose=self._with("  EMAIL_URL_FILE: /run/secrets/none\n"))))["web"]
        assert web.code is Code.CONTAINER_URL_FILE_UNREADABLE

    @pytest.mark.full
    async def test_a_line_break_behind_the_sender_is_named(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(compose=self._with("  DEFAULT_FROM_EMAIL_FILE: ${FILE}\n"))
        file = scene.host.directory / "from"
        file.write_text(f"{FROM}\n")
        scene.host.env_file(_environment(scene) | {"FILE": str(file)})
        scene.host.up()
        web = (await _found(scene))["web"]
        assert web.code is Code.CONTAINER_FROM_LINE_BREAK
        assert "printf %s" in web.remedy
        file.write_text(FROM)
        assert (await _found(scene))["web"].verdict is Verdict.PASS


class TestWaitingForTheRestart:
    """Between the writing and the restart; ``replaced`` is what this run's writing replaced."""

    async def test_exactly_the_replaced_settings_wait_and_are_no_fault(self, scene: Scene) -> None:
        old = _environment(scene)
        scene.session = replace(scene.session, key=Secret("TheNewKey"))
        replaced = Replaced(Secret(old["EMAIL_URL"]), old["DEFAULT_FROM_EMAIL"])
        findings = await container.check(scene.draft, scene.session, replaced=replaced)
        assert [finding.code for finding in findings] == [Code.CONTAINER_BEFORE_RESTART] * 2
        assert all(finding.remedy.startswith("docker compose") for finding in findings)
        # A later check knows of no writing: then it counts.
        later = await container.check(scene.draft, scene.session)
        assert {finding.code for finding in later} == {Code.CONTAINER_OTHER_KEY}

    async def test_settings_that_are_neither_the_new_nor_the_replaced_ones_are_a_fault(self, scene: Scene) -> None:
        scene.session = replace(scene.session, key=Secret("TheNewKey"))
        for replaced in (
            Replaced(Secret("smtp://shop%2Fapps:another@127.0.0.1:25"), FROM),
            Replaced(Secret(_environment(scene)["EMAIL_URL"]), "other@shop.example"),
            Replaced(None, None),
        ):
            findings = await container.check(scene.draft, scene.session, replaced=replaced)
            assert {finding.verdict for finding in findings} == {Verdict.FAIL}

    @pytest.mark.full
    async def test_settings_that_were_absent_can_be_what_was_replaced(self, scene_of: Callable[..., Scene]) -> None:
        lame = COMPOSE.replace("  EMAIL_URL: ${EMAIL_URL}\n", "").replace(
            "  DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}\n", ""
        )
        scene = scene_of(compose=lame)
        findings = await container.check(scene.draft, scene.session, replaced=Replaced(None, None))
        assert {finding.code for finding in findings} == {Code.CONTAINER_BEFORE_RESTART}

    async def test_once_it_is_started_anew_it_has_the_new_ones(self, scene: Scene) -> None:
        old = _environment(scene)
        replaced = Replaced(Secret(old["EMAIL_URL"]), old["DEFAULT_FROM_EMAIL"])
        scene.host.env_file(old | {"DEFAULT_FROM_EMAIL": "errors@shop.example"})
        scene.draft = replace(scene.draft, app=replace(scene.draft.app, from_="errors@shop.example"))
        scene.host.up()
        findings = await container.check(scene.draft, scene.session, replaced=replaced)
        assert [finding.code for finding in findings] == [Code.CONTAINER_EQUAL] * 2

    async def test_a_server_that_cannot_be_reached_from_inside_is_a_fault_all_the_same(self, scene: Scene) -> None:
        old = _environment(scene)
        scene.draft = replace(scene.draft, server=Server("nowhere.invalid", 25))
        replaced = Replaced(Secret(old["EMAIL_URL"]), old["DEFAULT_FROM_EMAIL"])
        for more in ({"replaced": replaced}, {"compare": False}):
            findings = await container.check(scene.draft, scene.session, **more)
            assert {finding.code for finding in findings} == {Code.CONTAINER_NO_ADDRESS}
            assert {finding.verdict for finding in findings} == {Verdict.FAIL}


class TestNotCompared:
    async def test_without_a_key_the_rest_is_compared_and_nothing_is_claimed(self, scene: Scene) -> None:
        scene.session = replace(scene.session, key=None)
        web = (await _found(scene))["web"]
        assert (web.verdict, web.code) == (Verdict.SKIP, Code.CONTAINER_NO_VALUE)
        assert "--password-fd" in web.remedy
        scene.draft = replace(scene.draft, server=Server(scene.draft.server.host, 2))
        assert (await _found(scene))["web"].verdict is Verdict.FAIL

    async def test_before_a_server_is_known_nothing_is_connected_to_and_nothing_is_claimed(self, scene: Scene) -> None:
        scene.draft = Draft(app=App(compose_file="docker-compose.yml", services=("web", "worker")))
        before = await container.check(scene.draft, scene.session, compare=False)
        assert {finding.code for finding in before} == {Code.CONTAINER_BEFORE_WRITING}
        scene.session = replace(scene.session, key=None)
        after = await container.check(scene.draft, scene.session)
        assert {finding.code for finding in after} == {Code.CONTAINER_NO_VALUE}
        assert {finding.verdict for finding in (*before, *after)} == {Verdict.SKIP}
        assert all("server.host" in finding.remedy for finding in after)

    async def test_before_writing_only_the_way_is_judged(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(EMAIL_URL="consolemail://")
        findings = await container.check(scene.draft, scene.session, compare=False)
        assert {finding.code for finding in findings} == {Code.CONTAINER_BEFORE_WRITING}
        assert {finding.verdict for finding in findings} == {Verdict.SKIP}


def _environment(scene: Scene) -> dict[str, str]:
    """Return what .env was written with."""
    address, port = scene.postal.address
    return {
        "SECRET_KEY": "s3cret-0f-django",
        "GLITCHTIP_DOMAIN": "https://errors.shop.example",
        "EMAIL_URL": email_url.build("shop/apps", KEY, address, port),
        "DEFAULT_FROM_EMAIL": FROM,
    }
