"""``check --flow``: a password reset by the running web service's own HTTP, a task for the worker, where links lead."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.checks.container import glitchtip
from tests.checks.container.conftest import KEY
from tests.checks.container.standin import COMPOSE
from tests.effort import one_in
from wizard.checks import flow
from wizard.model.codes import Code
from wizard.model.draft import TestMail
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.checks.container.conftest import Scene

WITH_PORT = COMPOSE.replace("  SECRET_KEY:", "  PORT: ${PORT}\n  SECRET_KEY:", 1)


@pytest.fixture
def serving(scene_of: Callable[..., Scene]) -> Iterator[Callable[..., Scene]]:
    """Return a maker of scenes in which the web service listens, with the environment of its container."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(*, compose: str = WITH_PORT, **settings: str) -> Scene:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        scene = scene_of(compose=compose, PORT=str(port), **settings)
        environment = json.loads((scene.host.bin / "created.json").read_text())["environments"]["web"]
        begun.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload"],
                cwd=scene.host.directory / "code", env={"PATH": os.defpath, **environment},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        return scene

    yield start
    for process in begun:
        process.kill()
        process.wait(5)


async def _found(scene: Scene, recipient: str = "you@example.net") -> dict[str, Finding]:
    draft = replace(scene.draft, test_mail=TestMail(recipient))
    on_event: list[object] = []
    findings = await flow.check(draft, scene.session, on_event.append)
    assert on_event == findings
    assert {finding.check for finding in findings} == {"flow"}
    for finding in findings:
        assert KEY not in repr(finding)
        assert finding.remedy or finding.verdict in {Verdict.PASS, Verdict.SKIP}
    return {finding.subject: finding for finding in findings}


class TestReset:
    async def test_200_is_a_mail_that_went_and_one_alone(self, serving: Callable[..., Scene]) -> None:
        scene = serving()
        reset = (await _found(scene))[flow.RESET]
        assert (reset.verdict, reset.code, reset.proven_from) == (Verdict.PASS, Code.FLOW_RESET_SENT, "container web")
        (mail,) = scene.postal.mails
        assert mail.rcpt_to == "you@example.net"
        assert b"://errors.shop.example/reset-password/" in mail.raw

    @pytest.mark.full
    async def test_200_for_an_unknown_address_sends_nothing_and_the_sentence_says_so(
        self, serving: Callable[..., Scene]
    ) -> None:
        scene = serving()
        reset = (await _found(scene, "nobody@example.net"))[flow.RESET]
        assert "if that address has an account" in reset.summary
        assert scene.postal.mails == []

    @pytest.mark.full
    async def test_500_is_a_mail_that_did_not_go_with_the_cause_from_the_log(
        self, serving: Callable[..., Scene]
    ) -> None:
        scene = serving(DEFAULT_FROM_EMAIL="glitchtip@elsewhere.example")
        scene.draft = replace(scene.draft, app=replace(scene.draft.app, from_="glitchtip@elsewhere.example"))
        line = "smtplib.SMTPDataError: (530, b'From/Sender name is not valid')"
        scene.host.becomes(logs={"web": ["Traceback (most recent call last):", line]})
        reset = (await _found(scene))[flow.RESET]
        assert (reset.verdict, reset.code) == (Verdict.FAIL, Code.FLOW_RESET_FAILED)
        assert any("From/Sender name is not valid" in shown for shown in reset.evidence)

    @pytest.mark.parametrize("url", one_in(2, ["consolemail://", "dummymail://"]))
    async def test_settings_that_send_nothing_are_not_asked_for_a_200(
        self, serving: Callable[..., Scene], url: str
    ) -> None:
        reset = (await _found(serving(EMAIL_URL=url)))[flow.RESET]
        assert (reset.verdict, reset.code) == (Verdict.FAIL, Code.FLOW_OTHER_SETTINGS)

    @pytest.mark.full
    async def test_the_old_key_gives_no_ok(self, serving: Callable[..., Scene]) -> None:
        scene = serving(EMAIL_URL="smtp://shop%2Fapps:old@127.0.0.1:25")
        assert (await _found(scene))[flow.RESET].code is Code.FLOW_OTHER_SETTINGS

    async def test_a_host_that_is_not_allowed_is_named_with_its_setting(self, serving: Callable[..., Scene]) -> None:
        reset = (await _found(serving(GLITCHTIP_DOMAIN="https://other.shop.example")))[flow.RESET]
        assert (reset.verdict, reset.code) == (Verdict.UNKNOWN, Code.FLOW_RESET_REFUSED)
        assert "ALLOWED_HOSTS" in reset.remedy

    async def test_a_web_service_that_does_not_run_is_a_fault(self, scene: Scene) -> None:
        scene.host.becomes(running=["worker"])
        found = await _found(scene)
        assert (found[flow.RESET].verdict, found[flow.RESET].code) == (Verdict.FAIL, Code.FLOW_WEB_DOWN)


class TestWorker:
    @pytest.mark.parametrize(
        ("queue", "expected"),
        one_in(
            2,
            [
                ({"workers": ["celery@worker"]}, (Verdict.PASS, Code.FLOW_TASK_TAKEN)),
                ({"workers": []}, (Verdict.FAIL, Code.FLOW_NO_WORKER)),
                ({"workers": ["celery@worker"], "broker": False}, (Verdict.FAIL, Code.FLOW_NO_QUEUE)),
                ({"workers": ["celery@worker"], "takes": False}, (Verdict.FAIL, Code.FLOW_TASK_NOT_TAKEN)),
            ],
        ),
    )
    async def test_a_task_is_taken_or_not(
        self, scene: Scene, queue: dict[str, Any], expected: tuple[Verdict, Code]
    ) -> None:
        glitchtip.with_celery(scene.host.directory / "code", **queue)
        worker = (await _found(scene))[flow.WORKER]
        assert (worker.verdict, worker.code) == expected

    @pytest.mark.full
    async def test_a_glitchtip_without_celery_is_not_judged_and_the_way_by_hand_is_named(self, scene: Scene) -> None:
        worker = (await _found(scene))[flow.WORKER]
        assert (worker.verdict, worker.code) == (Verdict.SKIP, Code.FLOW_NOT_APPLICABLE)
        assert "invite" in worker.remedy

    async def test_a_worker_that_does_not_run_is_a_fault(self, scene: Scene) -> None:
        scene.host.becomes(running=["web"])
        worker = (await _found(scene))[flow.WORKER]
        assert (worker.verdict, worker.code) == (Verdict.FAIL, Code.FLOW_WORKER_DOWN)


class TestLinks:
    async def test_they_lead_where_every_service_says(self, scene: Scene) -> None:
        links = (await _found(scene))[flow.LINKS]
        assert (links.verdict, links.code) == (Verdict.PASS, Code.FLOW_LINKS)
        assert "https://errors.shop.example" in links.summary

    @pytest.mark.full
    async def test_a_worker_without_a_domain_is_a_warning(self, scene_of: Callable[..., Scene]) -> None:
        head, _ = COMPOSE.rsplit("    environment: *mail", 1)
        links = (await _found(scene_of(compose=f"{head}    environment: {{EMAIL_URL: '${{EMAIL_URL}}'}}\n")))[
            flow.LINKS
        ]
        assert (links.verdict, links.code) == (Verdict.WARN, Code.FLOW_LINKS_NOT_SET)
        assert links.summary.startswith("worker has no GLITCHTIP_DOMAIN")


class TestNotGoneThrough:
    async def test_no_recipient(self, scene: Scene) -> None:
        (found,) = await flow.check(scene.draft, scene.session)
        assert found.code is Code.FLOW_NO_VALUE
        assert "test_mail.recipient" in found.remedy
        assert scene.host.calls() == []

    async def test_no_docker_and_no_permission(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        scene.host.becomes(permitted=False)
        (denied,) = (await _found(scene)).values()
        assert (denied.verdict, denied.code) == (Verdict.SKIP, Code.FLOW_NO_ACCESS)
        monkeypatch.setenv("PATH", "/nonexistent")
        (absent,) = (await _found(scene)).values()
        assert (absent.verdict, absent.code) == (Verdict.SKIP, Code.FLOW_NOT_APPLICABLE)


LIAR = """\
    if b"recipient" in given:
        print(re.search(rb"POSTAL-WIZARD-[0-9a-f]+", given)[0].decode(), TOLD)
        sys.exit()
"""
"""Answers in the place of the web service, mark and all."""


class TestHostile:
    @pytest.mark.parametrize(
        "domain", one_in(4, ["https://[", "https://x\x1b[2J" + "y" * 5000, "javascript:alert(1)", "https://a\r\nX: y"])
    )
    async def test_a_domain_of_any_shape_is_survived_and_inert(self, scene: Scene, domain: str) -> None:
        """The container's own environment can hold anything."""
        path = scene.host.bin / "created.json"
        created = json.loads(path.read_text())
        for environment in created["environments"].values():
            environment["GLITCHTIP_DOMAIN"] = domain
        path.write_text(json.dumps(created))
        for finding in (await _found(scene)).values():
            texts = (finding.summary, finding.remedy, *finding.evidence)
            assert all(text.isprintable() and len(text) <= 800 for text in texts)

    @pytest.mark.parametrize("status", one_in(5, ["[]", "true", '"200"', "1e999", "null"]))
    async def test_an_answer_of_the_wrong_shape_is_no_ok(self, scene: Scene, status: str) -> None:
        script = (scene.host.bin / "docker").read_text()
        told = json.dumps({"stage": "reset", "status": "?"}).replace('"?"', status)
        begins = '    if state["says"]:\n'
        (scene.host.bin / "docker").write_text(script.replace(begins, LIAR.replace("TOLD", repr(told)) + begins))
        assert (await _found(scene))[flow.RESET].verdict is Verdict.UNKNOWN
