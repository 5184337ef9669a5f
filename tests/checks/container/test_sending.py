"""GlitchTip's own test mail, and the lines of its logs that speak of mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard import diagnosis
from wizard.checks import arrival
from wizard.glitchtip import sendtestemail
from wizard.glitchtip.docker import Compose
from wizard.glitchtip.mail_log import email_lines
from wizard.model.draft import TestMail
from wizard.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.checks.container.conftest import Scene


async def _compose(scene: Scene) -> Compose:
    compose = await Compose.here(scene.draft, scene.session)
    assert isinstance(compose, Compose), compose
    return compose


class TestSendTestMail:
    async def test_it_arrives_from_web_and_from_worker(self, scene: Scene) -> None:
        compose = await _compose(scene)
        for service in ("web", "worker"):
            ran = await compose.send_test_mail(service, f"{service}@example.net")
            assert (ran.code, ran.text) == (0, "")
        assert [mail.rcpt_to for mail in scene.postal.mails] == ["web@example.net", "worker@example.net"]
        assert scene.postal.mails[0].header("From") == "GlitchTip <glitchtip@shop.example>"

    async def test_its_traceback_names_the_cause(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(EMAIL_URL="smtp://shop%2Fapps:wrong@127.0.0.1:1")
        ran = await (await _compose(scene)).send_test_mail("web", "you@example.net")
        assert ran.code == 1
        assert "ConnectionRefusedError: [Errno 111] Connection refused" in ran.text
        assert diagnosis.diagnose(ran.text).causes

    async def test_a_refused_sender_comes_back_as_django_says_it(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(DEFAULT_FROM_EMAIL="glitchtip@elsewhere.example")
        ran = await (await _compose(scene)).send_test_mail("worker", "you@example.net")
        assert ran.code == 1
        assert "smtplib.SMTPDataError: (530, b'From/Sender name is not valid')" in ran.text
        first = diagnosis.diagnose(ran.text).causes[0]
        assert first.key == "from-unverified"

    async def test_settings_that_keep_glitchtip_from_starting_come_back(self, scene_of: Callable[..., Scene]) -> None:
        scene = scene_of(EMAIL_URL="submission://u:k@h:587")
        ran = await (await _compose(scene)).send_test_mail("web", "you@example.net")
        assert ran.code == 1
        assert "Invalid email schema submission" in ran.text

    async def test_an_address_is_no_option(self, scene: Scene) -> None:
        ran = await (await _compose(scene)).send_test_mail("web", "--help")
        assert "usage:" not in ran.text


class TestOverride:
    async def test_an_override_file_is_told_to_compose_as_compose_finds_it_by_itself(self, scene: Scene) -> None:
        override = scene.host.directory / "docker-compose.override.yml"
        override.write_text("services:\n  web:\n    extra_hosts: ['postal:10.0.0.7']\n")
        await _compose(scene)
        told = [call["argv"] for call in scene.host.calls() if "ps" in call["argv"]]
        assert told
        base = str(scene.host.directory / "docker-compose.yml")
        assert all(words[2:6] == ["-f", base, "-f", str(override)] for words in told)

    async def test_a_file_that_compose_would_not_find_has_no_override(self, scene: Scene) -> None:
        directory = scene.host.directory
        (directory / "docker-compose.override.yml").write_text("services: {}\n")
        (directory / "docker-compose.yml").rename(directory / "glitchtip.yml")
        draft = replace(scene.draft, app=replace(scene.draft.app, compose_file="glitchtip.yml"))
        assert isinstance(await Compose.here(draft, scene.session), Compose)
        told = [call["argv"] for call in scene.host.calls() if "ps" in call["argv"]]
        assert told
        assert all(words.count("-f") == 1 for words in told)


class TestLogs:
    async def test_both_services_are_read_and_only_mail_is_kept(self, scene: Scene) -> None:
        scene.host.becomes(
            logs={
                "web": ["GET /api/0/organizations/ 200", "Traceback (most recent call last):",
                        '  File "/usr/lib/smtplib.py", line 341, in connect', "TimeoutError: timed out"],
                "worker": ["Task send_email_invite succeeded", "Task ingest succeeded for secret-project"],
                "postgres": ["smtp"],
            }
        )  # fmt: skip
        text = await (await _compose(scene)).logs()
        kept = email_lines(text)
        assert kept[-1] == "worker-1  | Task send_email_invite succeeded"
        assert kept[0] == "web-1  | Traceback (most recent call last):"
        assert "web-1  | TimeoutError: timed out" in kept
        assert len(kept) == 4


class TestBothAtOnce:
    async def test_a_worker_without_settings_fails_where_web_sends(self, scene: Scene) -> None:
        compose = scene.host.directory / "docker-compose.yml"
        head, tail = compose.read_text().rsplit("    environment: *mail", 1)
        compose.write_text(f"{head}    environment: {{}}{tail}")
        scene.host.up()
        scene.host.becomes(logs={"worker": ["smtplib: trying", "nothing of interest"]})
        done = await sendtestemail.send(scene.draft, scene.session, "you@example.net")
        assert isinstance(done, sendtestemail.Sending)
        assert [(sent.service, sent.accepted) for sent in done.sent] == [("web", True), ("worker", False)]
        assert "ConnectionRefusedError" in done.text
        assert done.log == ("worker-1  | smtplib: trying",)
        assert len(scene.postal.mails) == 1

    async def test_without_docker_it_says_so(self, scene: Scene) -> None:
        scene.host.becomes(daemon=False)
        assert await sendtestemail.send(scene.draft, scene.session, "you@example.net") == "the docker daemon is down"

    async def test_each_service_is_judged_by_what_its_own_mail_came_to(self, scene: Scene) -> None:
        compose = scene.host.directory / "docker-compose.yml"
        head, tail = compose.read_text().rsplit("    environment: *mail", 1)
        compose.write_text(f"{head}    environment: {{}}{tail}")
        scene.host.up()
        scene.host.becomes(logs={"worker": ["smtplib: trying"], "web": ["Task send_email done"]})
        draft = replace(scene.draft, test_mail=TestMail("you@example.net"))
        found = {finding.subject: finding for finding in await arrival.inside(draft, scene.session)}
        assert {name: finding.verdict for name, finding in found.items()} == {
            "web": Verdict.PASS,
            "worker": Verdict.FAIL,
        }
        assert "nothing listens" in found["worker"].summary
        assert found["worker"].remedy
        assert "log  worker-1  | smtplib: trying" in found["worker"].evidence
        assert not any("send_email" in line for line in found["worker"].evidence)

    async def test_without_docker_there_is_one_skip_that_says_whose_the_verdicts_are(self, scene: Scene) -> None:
        scene.host.becomes(daemon=False)
        (found,) = await arrival.inside(replace(scene.draft, test_mail=TestMail("you@example.net")), scene.session)
        assert found.verdict is Verdict.SKIP
        assert "the docker daemon is down; the verdicts are the host's" in found.summary
