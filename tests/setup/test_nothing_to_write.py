"""Every value is there already: the line prompts and the screens say whether GlitchTip runs with it, and leave."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast

import pytest

from tests.screens.conftest import Rehearse, driven, rehearse
from tests.setup.test_doors import Typed, resting
from wizard.model.codes import Code
from wizard.model.containers import Restartable
from wizard.model.exit_codes import Exit
from wizard.model.finding import Verdict
from wizard.model.session import nobody
from wizard.plain import app as plain
from wizard.setup import apply
from wizard.setup.steps import review
from wizard.system.output import Out

if TYPE_CHECKING:
    from typing import TextIO

    from wizard.setup.flow import FlowState

__all__ = ["rehearse"]
pytestmark = pytest.mark.slow
RUNS = "web, worker run with these settings and reach the server."
ANOTHER = "does not send mail with the chosen settings"


async def there_already(rehearse: Rehearse, *, restarted: bool) -> FlowState:
    """Return a rehearsal at its review, after an earlier run has written everything."""
    state = rehearse("good")
    await review.STEP.enter(state, nobody)
    await review.STEP.proceed(state, nobody)
    assert state.receipt is not None
    containers = state.session.containers
    assert isinstance(containers, Restartable)
    if restarted:
        await containers.restart(None)
    state.receipt = state.replaced = state.plan = None
    state.records.clear()
    state.key = "review"
    return state


@pytest.mark.parametrize(("restarted", "words"), [(True, RUNS), (False, ANOTHER)])
def test_by_lines(restarted: bool, words: str, rehearse: Rehearse, capsys: pytest.CaptureFixture[str]) -> None:
    state = asyncio.run(there_already(rehearse, restarted=restarted))
    code = plain.run(state, Out(sys.stdout, sys.stderr), cast("TextIO", Typed([""])))
    page, leave, end = " ".join(capsys.readouterr().err.split()).partition("Enter leaves")
    assert leave
    assert words in page
    assert words in end
    assert "Write anyway" not in page + end
    assert (code, state.receipt) == (Exit.DONE, None)


@pytest.mark.parametrize(("restarted", "words"), [(True, RUNS), (False, ANOTHER)])
async def test_on_the_screen(restarted: bool, words: str, rehearse: Rehearse) -> None:
    state = await there_already(rehearse, restarted=restarted)
    async with driven(state, size=(100, 50)) as it:
        await it.at("review")
        await resting(it)
        await it.see(words.partition(".")[0][:40])
        await it.press("enter")
        await it.until(lambda: it.app.return_code is not None or not it.app.is_running)
    assert words in " ".join(state.farewell)
    assert state.exit == Exit.DONE


@pytest.mark.full
async def test_the_rehearsal_s_own_key_restarts_them(rehearse: Rehearse) -> None:
    state = await there_already(rehearse, restarted=False)
    async with driven(state, size=(100, 50)) as it:
        await it.at("review")
        await resting(it)
        await it.press("m")
        await resting(it)
        await it.see("web, worker run with these settings")


async def test_apply_ends_with_0_whatever_the_containers_still_run_with(rehearse: Rehearse) -> None:
    state = rehearse("old-containers")
    ended = await apply.apply(state.draft, state.session, state.journal)
    assert (ended.exit, ended.receipt, ended.next) == (Exit.DONE, None, None)
    assert {one.code for one in ended.findings if one.verdict is Verdict.FAIL} == {Code.CONTAINER_OTHER_KEY}
    assert "another key" in " ".join(ended.sentences)
