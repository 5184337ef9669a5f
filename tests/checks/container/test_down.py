"""GlitchTip down is a fault with the cause from its log: restarting, exited, paused, a worker that does not run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.conftest import KEY
from wizard.checks import container
from wizard.glitchtip.replaced import Replaced
from wizard.model.codes import Code
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret

if TYPE_CHECKING:
    from tests.checks.container.conftest import Scene

SCHEME = [
    "Traceback (most recent call last):",
    '  File "/code/manage.py", line 22, in <module>',
    "    main()",
    '  File "/code/glitchtip/settings.py", line 692, in <module>',
    '    vars().update(env.email_url("EMAIL_URL"))',
    "django.core.exceptions.ImproperlyConfigured: Invalid email schema submission",
]


async def _found(scene: Scene) -> dict[str, Finding]:
    return {finding.subject: finding for finding in await container.check(scene.draft, scene.session)}


async def test_a_service_that_restarts_over_and_over_fails_with_the_cause_from_its_log(scene: Scene) -> None:
    scene.host.becomes(states={"web": ["restarting", 1]}, logs={"web": SCHEME})
    found = await _found(scene)
    web = found["web"]
    assert (web.verdict, web.code) == (Verdict.FAIL, Code.CONTAINER_RESTARTING)
    assert "exit code 1" in web.summary
    assert "submission" in " ".join((web.summary, *web.evidence))
    assert "smtp" in web.remedy
    assert web.proven_from == "container web"
    assert found["worker"].code is Code.CONTAINER_EQUAL


async def test_a_container_that_crashes_between_the_question_and_the_answer_is_asked_for_its_state(
    scene: Scene,
) -> None:
    scene.host.becomes(crashing=["web"])
    assert (await _found(scene))["web"].code is Code.CONTAINER_NO_ANSWER


async def test_a_worker_that_does_not_run_while_web_does_is_a_fault(scene: Scene) -> None:
    scene.host.becomes(running=["web"])
    found = await _found(scene)
    assert found["web"].verdict is Verdict.PASS
    worker = found["worker"]
    assert (worker.verdict, worker.code) == (Verdict.FAIL, Code.CONTAINER_WORKER_DOWN)
    assert "alerts and invitations wait" in worker.summary


@pytest.mark.full
async def test_a_worker_without_any_container_is_the_same_fault(scene: Scene) -> None:
    scene.host.becomes(missing=["worker"])
    worker = (await _found(scene))["worker"]
    assert (worker.verdict, worker.code) == (Verdict.FAIL, Code.CONTAINER_WORKER_DOWN)
    assert "docker compose" in worker.remedy


async def test_everything_stopped_is_a_fault_of_each_service(scene: Scene) -> None:
    scene.host.becomes(running=[], states={"web": ["exited", 137]})
    found = await _found(scene)
    assert {finding.code for finding in found.values()} == {Code.CONTAINER_EXITED}
    assert "exit code 137" in found["web"].summary
    assert all(finding.remedy for finding in found.values())


@pytest.mark.full
async def test_a_paused_container_is_named_as_such(scene: Scene) -> None:
    scene.host.becomes(states={"web": ["paused", 0]})
    web = (await _found(scene))["web"]
    assert (web.verdict, web.code) == (Verdict.FAIL, Code.CONTAINER_PAUSED)
    assert web.remedy == "docker unpause glitchtip-web-1"


async def test_a_log_that_quotes_the_key_leaves_it_in_no_finding(scene: Scene) -> None:
    start = KEY.partition("/")[0]
    line = f"ValueError: Port could not be cast to integer value as '{start}'"
    scene.host.becomes(states={"web": ["restarting", 1]}, logs={"web": ["Traceback (most recent call last):", line]})
    web = (await _found(scene))["web"]
    assert web.evidence
    assert start not in repr(web)


@pytest.mark.parametrize("state", ["restarting", "exited"])
async def test_before_a_writing_being_down_is_no_fault(scene: Scene, state: str) -> None:
    scene.host.becomes(states={"web": [state, 1], "worker": [state, 1]})
    findings = await container.check(scene.draft, scene.session, compare=False)
    assert [finding.code for finding in findings] == [Code.CONTAINER_BEFORE_WRITING] * 2
    assert {finding.verdict for finding in findings} == {Verdict.SKIP}


async def test_down_since_before_the_writing_waits_for_the_restart_and_down_after_it_is_a_fault(scene: Scene) -> None:
    scene.host.becomes(states={"web": ["restarting", 1]})
    scene.session = replace(scene.session, key=Secret("TheNewKey"))
    now = datetime.now(UTC)
    written_later = Replaced(Secret("submission://u:k@h:587"), None, at=now + timedelta(seconds=5))
    first = await container.check(scene.draft, scene.session, replaced=written_later)
    assert first[0].code is Code.CONTAINER_BEFORE_RESTART
    written_earlier = replace(written_later, at=now - timedelta(minutes=5))
    second = await container.check(scene.draft, scene.session, replaced=written_earlier)
    assert second[0].code is Code.CONTAINER_RESTARTING
