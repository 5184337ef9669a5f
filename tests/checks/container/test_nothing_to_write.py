"""Where every value is there already: whether GlitchTip runs with it is proven, by ``apply`` and by the review."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.checks.container.conftest import KEY
from wizard.email_url import url as email_url
from wizard.model import answers
from wizard.model.draft import EnvTarget
from wizard.model.exit_codes import Exit
from wizard.model.flow import Move, To
from wizard.model.session import nobody
from wizard.setup.flow import FlowState
from wizard.setup.step import Passage
from wizard.setup.steps import review
from wizard.state.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.checks.container.conftest import Scene

OTHER = "Zyxwvutsrq9876543210Lkjh"
THERE = "Every key has its value already"


def settled(scene: Scene, *, runs_with: str = KEY) -> Scene:
    """Write the decided settings into the `.env`; its containers were created with the key *runs_with*."""
    scene.draft = replace(scene.draft, target=EnvTarget())
    path = scene.host.directory / ".env"
    present = path.read_text()
    if runs_with != KEY:
        url = email_url.build("shop/apps", KEY, *scene.postal.address)
        other = email_url.build("shop/apps", runs_with, *scene.postal.address)
        path.write_text(present.replace(url, other))
        scene.host.up()
        path.write_text(present)
    return scene


async def applied(scene: Scene) -> tuple[int, dict[str, Any], str]:
    file = scene.host.directory / "answers.toml"
    file.write_text(answers.dumps(scene.draft))
    read, write = os.pipe()
    os.write(write, KEY.encode())
    os.close(write)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wizard", "apply", "--answers", str(file), "--json", "--password-fd", str(read),
        pass_fds=(read,), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(read)
    async with asyncio.timeout(60):
        stdout, stderr = await process.communicate()
    assert process.returncode is not None
    return process.returncode, json.loads(stdout), stderr.decode()


def containers(told: dict[str, Any]) -> list[str]:
    return [one["code"] for one in told["findings"] if one["check"] == "container"]


async def test_apply_proves_that_they_run_with_it(scene: Scene) -> None:
    _, told, said = await applied(settled(scene))
    assert told["change"]["written"] is False
    assert "next" not in told
    assert containers(told) == ["container.equal"] * 2
    assert told["proofs"]["glitchtip"] == "proven", told
    assert THERE in said


async def test_apply_says_that_they_still_run_with_another_key(scene: Scene) -> None:
    _, told, said = await applied(settled(scene, runs_with=OTHER))
    assert told["verdict"] == "fail"
    assert told["change"]["written"] is False
    assert containers(told) == ["container.other_key"] * 2
    assert told["proofs"]["glitchtip"] == "disproven"
    assert THERE in said
    assert "docker compose up -d web worker" in said
    assert KEY not in said
    assert OTHER not in said


@pytest.mark.parametrize(("key", "words"), [(KEY, "web, worker run with these settings"), (OTHER, "another key")])
async def test_the_review_says_it_before_it_is_left(
    key: str, words: str, scene_of: Callable[..., Scene], tmp_path: Path
) -> None:
    scene = settled(scene_of(), runs_with=key)
    state = FlowState(scene.draft, scene.session, Journal(tmp_path / "state", "x"), key="review")
    await review.STEP.enter(state, nobody)
    assert words in " ".join(review.STEP.lines(state))
    assert review.STEP.gate(state).passage is Passage.OPEN
    left = await review.STEP.proceed(state, nobody)
    assert left.move == Move(To.LEAVE)
    assert words in " ".join(state.farewell)
    assert (state.exit, state.receipt) == (Exit.DONE, None)
