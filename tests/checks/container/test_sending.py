"""A test mail from inside: the settings first, then the mail, and never an OK for what a way out does not prove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.standin import COMPOSE
from tests.effort import one_in
from wizard import diagnosis
from wizard.checks import inside
from wizard.email_url import url as email_url
from wizard.glitchtip import docker, running, sendtestemail
from wizard.glitchtip.replaced import Replaced
from wizard.glitchtip.service_logs import service_logs
from wizard.model.codes import Code
from wizard.model.containers import NotAsked
from wizard.model.draft import TestMail
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.checks.container.conftest import Scene
    from wizard.model.containers import Ran

RECIPIENT = "you@example.net"
NO_WORKER_ROWS = COMPOSE.rsplit("    environment: *mail", 1)[0] + "    environment: {}\n"


async def _sent(scene: Scene, service: str, recipient: str = RECIPIENT) -> Ran:
    found = await running.find(scene.draft, scene.session)
    assert not isinstance(found, NotAsked)
    return await sendtestemail.send(scene.session, found.up()[service], recipient)


class TestGlitchTipsOwnCommand:
    async def test_it_arrives_from_web_and_from_worker(self, scene: Scene) -> None:
        for service in ("web", "worker"):
            sent = await _sent(scene, service, f"{service}@example.net")
            assert (sent.succeeded, sent.text) == (True, "")
        assert [mail.rcpt_to for mail in scene.postal.mails] == ["web@example.net", "worker@example.net"]
        assert scene.postal.mails[0].header("From") == "GlitchTip <glitchtip@shop.example>"

    async def test_its_traceback_names_the_cause(self, scene_of: Callable[..., Scene]) -> None:
        sent = await _sent(scene_of(EMAIL_URL="smtp://shop%2Fapps:wrong@127.0.0.1:1"), "web")
        assert sent.succeeded is False
        assert "ConnectionRefusedError: [Errno 111] Connection refused" in sent.text
        assert diagnosis.diagnose(sent.text).causes

    @pytest.mark.full
    async def test_a_refused_sender_comes_back_as_django_says_it(self, scene_of: Callable[..., Scene]) -> None:
        sent = await _sent(scene_of(DEFAULT_FROM_EMAIL="glitchtip@elsewhere.example"), "worker")
        assert sent.succeeded is False
        assert "smtplib.SMTPDataError: (530, b'From/Sender name is not valid')" in sent.text
        assert diagnosis.diagnose(sent.text).causes[0].key == "from-unverified"

    @pytest.mark.full
    async def test_settings_that_keep_glitchtip_from_starting_come_back(self, scene_of: Callable[..., Scene]) -> None:
        sent = await _sent(scene_of(EMAIL_URL="submission://u:k@h:587"), "web")
        assert sent.succeeded is False
        assert "Invalid email schema submission" in sent.text

    async def test_an_address_is_no_option(self, scene: Scene) -> None:
        assert "usage:" not in (await _sent(scene, "web", "--help")).text


async def _inside(
    scene: Scene, *, compare: bool = True, replaced: Replaced | None = None
) -> dict[str, Finding]:  # fmt: skip
    draft = replace(scene.draft, test_mail=TestMail(RECIPIENT))
    on_event: list[object] = []
    findings = await inside.inside(draft, scene.session, on_event.append, compare=compare, replaced=replaced)
    assert on_event == findings
    assert {finding.check for finding in findings} == {"inside"}
    return {finding.subject: finding for finding in findings}


class TestInside:
    async def test_each_service_that_sends_has_a_row_and_its_mail_arrives(self, scene: Scene) -> None:
        found = await _inside(scene)
        assert {name: finding.code for name, finding in found.items()} == {
            "web": Code.INSIDE_ACCEPTED,
            "worker": Code.INSIDE_ACCEPTED,
        }
        assert found["web"].proven_from == "container web"
        assert "the chosen settings and key" in found["web"].summary
        assert len(scene.postal.mails) == 2

    @pytest.mark.parametrize("url", one_in(3, ["consolemail://", "dummymail://", "memorymail://"]))
    async def test_a_url_that_sends_nothing_is_never_ok(self, scene_of: Callable[..., Scene], url: str) -> None:
        scene = scene_of(EMAIL_URL=url)
        # Django's own command is content:
        assert (await _sent(scene, "web")).succeeded is True
        found = await _inside(scene)
        assert {finding.code for finding in found.values()} == {Code.INSIDE_SENDS_NOTHING}
        assert {finding.verdict for finding in found.values()} == {Verdict.FAIL}
        before = await _inside(scene, compare=False)
        assert {finding.code for finding in before.values()} == {Code.INSIDE_BEFORE_WRITING}
        assert scene.postal.mails == []

    async def test_another_provider_gets_no_mail_and_no_ok(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of()
        _, port = scene.postal.address
        scene.host.env_file(
            {"DEFAULT_FROM_EMAIL": scene.draft.app.from_, "EMAIL_URL": f"smtp://a:{'k' * 9}@localhost:{port}"}
        )
        scene.host.up()
        found = await _inside(scene)
        assert {finding.code for finding in found.values()} == {Code.INSIDE_OTHER_SETTINGS}
        assert scene.postal.mails == []

    async def test_a_worker_without_settings_fails_where_web_sends(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(compose=NO_WORKER_ROWS)
        found = await _inside(scene)
        assert found["web"].code is Code.INSIDE_ACCEPTED
        assert found["worker"].code is Code.INSIDE_OTHER_SETTINGS
        assert "EMAIL_URL is not set" in found["worker"].summary
        assert found["worker"].remedy
        assert len(scene.postal.mails) == 1

    async def test_a_service_that_does_not_run_is_named(self, scene: Scene) -> None:
        scene.host.becomes(running=["web"])
        found = await _inside(scene)
        assert found["web"].code is Code.INSIDE_ACCEPTED
        assert (found["worker"].verdict, found["worker"].code) == (Verdict.FAIL, Code.INSIDE_DOWN)

    @pytest.mark.full
    async def test_a_mail_that_fails_is_judged_by_its_own_words_with_its_own_log(self, scene: Scene) -> None:
        scene.draft = replace(scene.draft, app=replace(scene.draft.app, from_="glitchtip@elsewhere.example"))
        settings = {"EMAIL_URL": email_url.build("shop/apps", _key(scene), *scene.postal.address)}
        scene.host.env_file(settings | {"DEFAULT_FROM_EMAIL": scene.draft.app.from_})
        scene.host.up()
        scene.host.becomes(logs={"worker": ["smtplib: trying"], "web": ["Task send_email done"]})
        worker = (await _inside(scene))["worker"]
        assert (worker.verdict, worker.code) == (Verdict.FAIL, Code.INSIDE_FAILED)
        assert worker.remedy
        assert "log  smtplib: trying" in worker.evidence
        assert not any("send_email" in line for line in worker.evidence)


def _key(scene: Scene) -> str:
    assert scene.session.key is not None
    return scene.session.key.reveal()


class TestRotation:
    """The containers run with the key that Postal knows, and another one was decided."""

    @pytest.fixture
    def rotating(self, scene: Scene) -> Scene:
        scene.session = replace(scene.session, key=Secret("TheNewKeyOfTheRotation01"))
        return scene

    def replaced(self, rotating: Scene) -> Replaced:
        from tests.checks.container.conftest import KEY

        url = email_url.build("shop/apps", KEY, *rotating.postal.address)
        return Replaced(Secret(url), rotating.draft.app.from_)

    @pytest.mark.full
    async def test_it_says_that_the_old_key_was_proven_and_not_the_new_one(self, rotating: Scene) -> None:
        found = await _inside(rotating, replaced=self.replaced(rotating))
        assert {finding.code for finding in found.values()} == {Code.INSIDE_BEFORE_RESTART}
        assert all("accepted with the old key" in finding.summary for finding in found.values())
        assert all("nothing about the new key" in finding.summary for finding in found.values())
        assert all(finding.proven_from is None and finding.remedy for finding in found.values())
        assert len(rotating.postal.mails) == 2

    async def test_before_the_writing_it_is_the_same_and_no_fault(self, rotating: Scene) -> None:
        found = await _inside(rotating, compare=False)
        assert {finding.code for finding in found.values()} == {Code.INSIDE_BEFORE_WRITING}
        assert all("old key" in finding.summary for finding in found.values())

    async def test_an_old_key_that_is_dead_is_said_to_be_the_old_one(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of()
        dead = email_url.build("shop/apps", "RevokedKey00000000000001", *scene.postal.address)
        scene.host.env_file({"EMAIL_URL": dead, "DEFAULT_FROM_EMAIL": scene.draft.app.from_})
        scene.host.up()
        found = await _inside(scene, replaced=Replaced(Secret(dead), scene.draft.app.from_))
        assert all("failed with the old key" in finding.summary for finding in found.values())
        assert {finding.verdict for finding in found.values()} == {Verdict.SKIP}

    async def test_what_was_replaced_and_sends_nothing_waits_without_a_mail(
        self, scene_of: Callable[..., Scene]
    ) -> None:
        scene = scene_of(EMAIL_URL="consolemail://")
        found = await _inside(scene, replaced=Replaced("consolemail://", scene.draft.app.from_))
        assert {finding.code for finding in found.values()} == {Code.INSIDE_BEFORE_RESTART}
        assert all("No mail was sent" in finding.summary for finding in found.values())
        assert scene.postal.mails == []


class TestNotAsked:
    async def test_no_permission_says_what_would_give_it(self, scene: Scene) -> None:
        scene.host.becomes(permitted=False)
        (found,) = (await _inside(scene)).values()
        assert (found.verdict, found.code) == (Verdict.SKIP, Code.INSIDE_NO_ACCESS)
        assert "usermod" in found.remedy

    async def test_without_docker_there_is_one_skip(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nonexistent")
        (found,) = (await _inside(scene)).values()
        assert found.code is Code.INSIDE_NOT_APPLICABLE

    async def test_without_a_key_or_a_recipient_nothing_is_sent(self, scene: Scene) -> None:
        (no_recipient,) = await inside.inside(scene.draft, scene.session)
        scene.session = replace(scene.session, key=None)
        (no_key,) = (await _inside(scene)).values()
        assert no_recipient.code is no_key.code is Code.INSIDE_NO_VALUE
        assert "recipient" in no_recipient.remedy
        assert "--password-fd" in no_key.remedy
        assert scene.host.calls() == []


class TestLogs:
    async def test_both_streams_of_one_container_are_read_by_its_id(self, scene: Scene) -> None:
        scene.host.becomes(logs={"web": ["TimeoutError: timed out"], "worker": ["Task send_email_invite succeeded"]})
        found = await running.find(scene.draft, scene.session)
        assert not isinstance(found, NotAsked)
        web = found.up()["web"]
        assert (await docker.of(scene.session).logs(web)).strip() == "TimeoutError: timed out"
        asked = scene.host.calls()[-1]["argv"]
        assert asked[1:4] == ["logs", "--tail", "400"]
        assert asked[4] == web.id

    async def test_all_services_are_fetched_for_troubleshooting_a_stopped_one_too(self, scene: Scene) -> None:
        scene.host.becomes(
            states={"web": ["restarting", 1]},
            logs={"web": ["TimeoutError: timed out"], "worker": ["Task ok"], "postgres": ["smtp"]},
        )
        text = await service_logs(scene.session, scene.draft)
        assert text == "web-1  | TimeoutError: timed out\nworker-1  | Task ok"

    async def test_without_docker_the_reason_is_returned(self, scene: Scene) -> None:
        scene.host.becomes(permitted=False)
        why = await service_logs(scene.session, scene.draft)
        assert isinstance(why, NotAsked)
        assert why.remedy
