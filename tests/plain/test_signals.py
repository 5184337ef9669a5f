"""Line prompts ended by a signal during the writing: the sentences that say where each key is are still printed."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from typing import TYPE_CHECKING

from wizard.model.draft import Draft, EnvTarget
from wizard.model.session import Session
from wizard.plain import app
from wizard.setup.flow import FlowState
from wizard.setup.step import Result
from wizard.state.journal import Journal
from wizard.system import event_loop
from wizard.system.output import Out

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def _stopped() -> Result:
    """Do as a step does whose writing is stopped: it takes the cancellation, and says what became of the keys."""
    os.kill(os.getpid(), signal.SIGTERM)
    try:
        await asyncio.sleep(5)
    except asyncio.CancelledError:
        return Result(sentences=("EMAIL_URL: uncertain",))
    return Result()


def test_what_a_stopped_writing_says_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app._Plain, "all_steps", lambda _self: event_loop.run(_stopped()))
    state = FlowState(Draft(target=EnvTarget()), Session(tmp_path), Journal(tmp_path / "state", "x"))
    stderr = io.StringIO()
    code = app.run(state, Out(io.StringIO(), stderr), io.StringIO(""))
    assert code == 128 + signal.SIGTERM
    assert "EMAIL_URL: uncertain" in stderr.getvalue()


def test_a_signal_at_a_question_says_what_became_of_the_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ended() -> Result:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(5)
        return Result()

    monkeypatch.setattr(app._Plain, "all_steps", lambda _self: event_loop.run(ended()))
    state = FlowState(Draft(target=EnvTarget()), Session(tmp_path), Journal(tmp_path / "state", "x"))
    stderr = io.StringIO()
    assert app.run(state, Out(io.StringIO(), stderr), io.StringIO("")) == 128 + signal.SIGINT
    assert stderr.getvalue() == "\nLeft early; the draft is saved.\n"
