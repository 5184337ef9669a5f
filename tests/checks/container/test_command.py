"""The program itself: ``check --only config`` with docker there, and without."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.checks.container import glitchtip
from tests.checks.container.conftest import KEY
from wizard.checks import container
from wizard.model import answers
from wizard.model.draft import TestMail
from wizard.model.finding import Verdict
from wizard.setup.steps import troubleshoot as troubleshoot_step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.checks.container.conftest import Scene


async def _checked(
    scene: Scene, *more: str, ids: tuple[str, ...] = ("container",)
) -> tuple[int, list[dict[str, Any]], str]:
    """Run the program; return its exit code, its findings with one of *ids* and all that it printed."""
    file = scene.host.directory / "answers.toml"
    file.write_text(answers.dumps(scene.draft))
    read, write = os.pipe()
    os.write(write, KEY.encode())
    os.close(write)
    words = ("check", "--answers", str(file), "--only", "config", "--json", "--password-fd", str(read), *more)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wizard", *words, pass_fds=(read,),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(read)
    async with asyncio.timeout(30):
        stdout, stderr = await process.communicate()
    told = json.loads(stdout)
    assert process.returncode is not None
    found = [finding for finding in told["findings"] if finding["check"] in ids]
    return process.returncode, found, (stdout + stderr).decode()


async def test_both_services_are_told_beside_the_rest_of_the_group(scene: Scene) -> None:
    _, found, said = await _checked(scene)
    assert [(finding["subject"], finding["verdict"]) for finding in found] == [("web", "pass"), ("worker", "pass")]
    way = found[0]["evidence"][-1]
    assert way.startswith("220 ")
    assert "\\" not in way  # the line's end is no part of the greeting
    assert KEY not in said


async def test_an_old_environment_makes_the_check_fail(scene_of: Callable[..., Scene]) -> None:
    code, found, said = await _checked(scene_of(EMAIL_URL="consolemail://"))
    assert code == 1
    assert {finding["verdict"] for finding in found} == {"fail"}
    assert all("docker compose up -d" in finding["remedy"] for finding in found)
    assert KEY not in said


async def test_without_docker_the_same_run_says_skip(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    _, found, _ = await _checked(scene)
    assert [finding["verdict"] for finding in found] == ["skip"]
    assert found[0]["code"] == "container.not_applicable"


@pytest.mark.full
async def test_a_service_that_is_down_makes_the_check_fail(scene: Scene) -> None:
    scene.host.becomes(states={"web": ["restarting", 1]})
    code, found, _ = await _checked(scene)
    assert code == 1
    assert [finding["code"] for finding in found] == ["container.restarting", "container.equal"]
    assert [finding["proven_from"] for finding in found] == ["container web", "container worker"]


@pytest.mark.full
async def test_the_flow_is_gone_through_only_where_it_is_asked_for(scene: Scene) -> None:
    glitchtip.with_celery(scene.host.directory / "code", workers=["celery@worker"])
    scene.draft = replace(scene.draft, test_mail=TestMail("you@example.net"))
    ids = ("flow",)
    _, without, _ = await _checked(scene, ids=ids)
    assert [finding["code"] for finding in without if not finding["code"].endswith(".not_asked")] == []
    _, found, said = await _checked(scene, "--flow", ids=ids)
    codes = {finding["subject"]: finding["code"] for finding in found}
    assert codes["worker"] == "flow.task_taken"
    assert codes["links"] == "flow.links"
    assert codes["password reset"] == "flow.web_silent"  # nothing listens in this scene
    assert KEY not in said


async def test_before_writing_the_old_settings_are_no_fault(scene_of: Callable[..., Scene]) -> None:
    scene = scene_of(EMAIL_URL="consolemail://")
    found = await container.check(scene.draft, scene.session, compare=False)
    assert [finding.verdict for finding in found] == [Verdict.SKIP] * 2


async def test_troubleshooting_proves_that_the_worker_lacks_the_settings(scene: Scene) -> None:
    compose = scene.host.directory / "docker-compose.yml"
    head, tail = compose.read_text().rsplit("    environment: *mail", 1)
    compose.write_text(f"{head}    environment: {{}}{tail}")
    scene.host.up()
    draft = replace(scene.draft, test_mail=None)
    found = await troubleshoot_step.run("", draft, scene.session, symptom="undelivered")
    states = {cause.key: cause.state for cause in found.causes}
    assert states["worker-environment"].value == "proven"
