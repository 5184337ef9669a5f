"""The settings that the containers really have, compared with those decided here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.conftest import FROM, KEY
from tests.checks.container.standin import COMPOSE
from wizard.checks import container
from wizard.email_url import url as email_url
from wizard.model.draft import Server
from wizard.model.finding import Finding, Verdict

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
        assert "EMAIL_URL has another key:" in web.summary or "EMAIL_URL has another key and" in web.summary
        assert "another host" not in web.summary
        assert "docker compose up -d web" in web.remedy

    async def test_what_was_written_counts_only_once_the_container_is_created_anew(self, scene: Scene) -> None:
        fresh = replace(scene.draft, app=replace(scene.draft.app, from_="errors@shop.example"))
        scene.host.env_file(_environment(scene) | {"DEFAULT_FROM_EMAIL": "errors@shop.example"})
        scene.draft = fresh
        before = await _found(scene)
        assert before["worker"].verdict is Verdict.FAIL
        assert "DEFAULT_FROM_EMAIL is another" in before["worker"].summary
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
        assert "no TLS in place of STARTTLS" in web.summary
        assert 'EMAIL_USE_TLS: "True"' in web.remedy

    async def test_console_mail_is_named(self, scene_of: Callable[..., Scene]) -> None:
        web = (await _found(scene_of(EMAIL_URL="consolemail://")))["web"]
        assert web.verdict is Verdict.FAIL
        assert "consolemail://, which sends nothing" in web.summary

    async def test_what_glitchtip_cannot_read_is_named(self, scene_of: Callable[..., Scene]) -> None:
        web = (await _found(scene_of(EMAIL_URL="smtp://u:a/b@h:25")))["web"]
        assert "EMAIL_URL cannot be read by GlitchTip" in web.summary


class TestWhatIsNotPassedOn:
    async def test_a_worker_without_the_url_fails_and_web_passes(self, scene_of: Callable[..., Scene]) -> None:
        head, tail = COMPOSE.rsplit("    environment: *mail", 1)
        lame = f"{head}    environment:\n      DEFAULT_FROM_EMAIL: ${{DEFAULT_FROM_EMAIL}}{tail}"
        found = await _found(scene_of(compose=lame))
        assert found["web"].verdict is Verdict.PASS
        assert found["worker"].verdict is Verdict.FAIL
        assert "worker" in found["worker"].summary
        assert "EMAIL_URL is not set" in found["worker"].summary
        assert "EMAIL_URL: ${EMAIL_URL}" in found["worker"].remedy

    async def test_a_sender_that_is_not_passed_on_is_named_alone(self, scene_of: Callable[..., Scene]) -> None:
        lame = COMPOSE.replace("  DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}\n", "")
        web = (await _found(scene_of(compose=lame)))["web"]
        assert "DEFAULT_FROM_EMAIL is not set" in web.summary
        assert "EMAIL_URL" not in web.summary


class TestSpellings:
    async def test_another_spelling_of_the_same_url_is_equal(self, scene: Scene) -> None:
        address, port = scene.postal.address
        key = KEY.replace("/", "%2F")
        scene.host.env_file(_environment(scene) | {"EMAIL_URL": f"smtp://shop%2Fapps:{key}@{address}:{port}"})
        scene.host.up()
        assert (await _found(scene))["web"].verdict is Verdict.PASS

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
        assert "EMAIL_URL_FILE ignored" in web.summary

    async def test_a_file_that_cannot_be_read_is_named(self, scene_of: Callable[..., Scene]) -> None:
        web = (await _found(scene_of(compose=self._with("  EMAIL_URL_FILE: /run/secrets/none\n"))))["web"]
        assert "EMAIL_URL_FILE cannot be read there" in web.summary

    async def test_a_line_break_behind_the_sender_is_named(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(compose=self._with("  DEFAULT_FROM_EMAIL_FILE: ${FILE}\n"))
        file = scene.host.directory / "from"
        file.write_text(f"{FROM}\n")
        scene.host.env_file(_environment(scene) | {"FILE": str(file)})
        scene.host.up()
        web = (await _found(scene))["web"]
        assert "ends with a line break" in web.summary
        assert "printf %s" in web.remedy
        file.write_text(FROM)
        assert (await _found(scene))["web"].verdict is Verdict.PASS


class TestNotCompared:
    async def test_without_a_key_the_rest_is_compared_and_nothing_is_claimed(self, scene: Scene) -> None:
        scene.session = replace(scene.session, key=None)
        web = (await _found(scene))["web"]
        assert web.verdict is Verdict.SKIP
        assert "no key is known" in web.summary
        scene.draft = replace(scene.draft, server=Server(scene.draft.server.host, 2))
        assert (await _found(scene))["web"].verdict is Verdict.FAIL

    async def test_before_writing_only_the_way_is_judged(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(EMAIL_URL="consolemail://")
        findings = await container.check(scene.draft, scene.session, compare=False)
        assert {finding.verdict for finding in findings} == {Verdict.SKIP}
        assert all("answers inside" in finding.summary for finding in findings)


def _environment(scene: Scene) -> dict[str, str]:
    """Return what .env was written with."""
    address, port = scene.postal.address
    return {
        "SECRET_KEY": "s3cret-0f-django",
        "GLITCHTIP_DOMAIN": "https://errors.shop.example",
        "EMAIL_URL": email_url.build("shop/apps", KEY, address, port),
        "DEFAULT_FROM_EMAIL": FROM,
    }
