"""Another scenario from the start: the run begins again with it, and nothing of the earlier one is left."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from wizard.model.finding import Verdict
from wizard.model.flow import Flow, Move, To
from wizard.model.session import nobody
from wizard.plain import app as plain
from wizard.rehearsal import lifetime
from wizard.rehearsal.containers import PretendContainers
from wizard.rehearsal.world import PretendWorld
from wizard.setup import order
from wizard.setup.rehearsed import rehearsed
from wizard.setup.step import offer, perform
from wizard.system.output import Out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wizard.setup.flow import FlowState

pytestmark = pytest.mark.slow


@pytest.fixture
def flow_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], FlowState]]:
    monkeypatch.setenv("SSL_CERT_FILE", "")
    monkeypatch.delenv("SSL_CERT_FILE")
    made: list[tuple[FlowState, PretendWorld]] = []

    def flow(scenario: str) -> FlowState:
        world = PretendWorld(lifetime.start(scenario, tmp_path / "demo"), tmp_path / "demo")
        made.append((rehearsed(world.info, world), world))
        return made[-1][0]

    yield flow
    for state, world in made:
        containers(state).stop()
        world.close()


def containers(state: FlowState) -> PretendContainers:
    found = state.session.containers
    assert isinstance(found, PretendContainers)
    return found


async def test_the_run_begins_again_with_nothing_of_the_earlier_scenario(flow_of: Callable[[str], FlowState]) -> None:
    state = flow_of("starttls")
    step = order.step("start")
    await step.enter(state, nobody)
    earlier = containers(state)
    processes = [child.process for child in earlier._children.values()]
    before = (state.draft.server.port, state.session.key, state.session.directory)
    assert processes
    assert os.environ["SSL_CERT_FILE"] == str(state.session.directory / "ca.pem")
    state.kind, state.confirmed = Flow.ROTATE, frozenset({"arrived"})
    for name in ("scenarios", "group_dns"):
        await perform(step, state, name, nobody)
    result = await perform(step, state, "no-spf", nobody)
    assert result.move == Move(To.GOTO, "start")
    now = (state.draft.server.port, state.session.key, state.session.directory)
    assert [old == new for old, new in zip(before, now, strict=True)] == [False, False, False]
    assert (state.kind, state.key, state.confirmed, state.records) == (Flow.SET_UP, "start", frozenset(), {})
    assert state.draft.server.tls == "none"
    assert "SSL_CERT_FILE" not in os.environ
    assert [process.poll() is not None for process in processes] == [True, True]
    assert [each.choice for each in step.offers(state)][-1] is True


async def test_what_the_check_of_everything_finds_is_fixed_from_the_start(
    flow_of: Callable[[str], FlowState],
) -> None:
    state = flow_of("wrong-key")
    step = order.step("start")
    assert offer(step, state, "pretend_fix") is None
    first = await perform(step, state, "check", nobody)
    assert "auth" in {one.check for one in first.findings if one.verdict is Verdict.FAIL}
    await perform(step, state, "pretend_fix", nobody)
    again = await perform(step, state, "check", nobody)
    assert "auth" in {one.check for one in again.findings if one.verdict is Verdict.PASS}
    assert offer(step, state, "pretend_fix") is None


def test_the_line_prompts_lead_through_the_menu(flow_of: Callable[[str], FlowState]) -> None:
    state = flow_of("good")
    shown = io.StringIO()
    plain.run(state, Out(io.StringIO(), shown), io.StringIO("5\n2\ndkim-missing\n5\n4\n1\nq\n"))
    text = " ".join(shown.getvalue().split())
    assert "Which kind of scenario?" in text
    assert "2 DNS (13), records that are missing, wrong or not seen yet" in text
    assert "dkim-missing, which record to publish, and how Postal signs until then" in text
    assert text.index("The rehearsal is dkim-missing now.") < text.index("scenario dkim-missing: ")
    assert text.index("The rehearsal is wrong-key now.") < text.index("scenario wrong-key: ")
