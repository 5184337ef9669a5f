"""A defect in any worker of a step's screen ends the program with 70 and a log, never a screen that waits for ever."""

from __future__ import annotations

import inspect
import re
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from screens.shell.acting import Acting
from screens.shell.step_screen import StepScreen
from wizard.model.exit_codes import Exit
from wizard.setup import order
from wizard.setup.step import Checks, Offer, Result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.screens.conftest import Driven, Opener
    from wizard.setup.step import Step

MARK = "a defect that is made here"


async def _fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError(MARK)


def _enter(step: Step) -> Step:
    return replace(step, enter=_fails)


def _checks(step: Step) -> Step:
    return replace(step, checks=lambda _state: Checks(_fails, lambda _state: 1, automatic=True))


def _offer(step: Step) -> Step:
    return replace(step, checks=lambda _state: None, offers=lambda _state: (Offer("made", "z", "fail", _fails),))


def _question(step: Step) -> Step:
    one = Offer("made", "z", "fail", _fails, question="Shall it fail?")
    return replace(step, checks=lambda _state: None, offers=lambda _state: (one,))


def _proceed(step: Step) -> Step:
    return replace(step, checks=lambda _state: None, problems=lambda _state: [], proceed=_fails)


def _on_leave(step: Step) -> Step:
    one = Offer("made", "", "fail", _fails, question="Shall it fail?", on_leave=True)
    return replace(_proceed(step), proceed=_stays, offers=lambda _state: (one,))


async def _stays(*_: Any) -> Result:
    return Result()


@pytest.mark.parametrize(
    ("defect", "keys"),
    [
        (_enter, ()),
        (_checks, ()),
        (_offer, ("z",)),
        (_question, ("z", "y")),
        (_proceed, ("enter",)),
        (_on_leave, ("enter", "y")),
    ],
    ids=["enter", "run_checks", "run_offer", "run_offer after its question", "proceed", "run_then_ask"],
)
async def test_it_ends_with_70_and_a_log(
    opened: Opener,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    defect: Callable[[Step], Step],
    keys: tuple[str, ...],
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where the log of a rehearsal goes
    real = order.step

    def step(key: str) -> Step:
        return defect(real(key)) if key == "server" else real(key)

    monkeypatch.setattr(order, "step", step)
    kept: list[Driven] = []

    async def drive() -> None:
        async with opened("server") as it:
            kept.append(it)
            if "z" in keys:
                it.app.screen.set_focus(None)  # a field would take the letter
            for key in keys:
                await it.press(key)
            await it.until(lambda: not it.app.is_running)

    with pytest.raises(RuntimeError, match=MARK):
        await drive()
    (it,) = kept
    assert it.app.return_code == Exit.INTERNAL
    said = " ".join(it.app.farewell)
    assert "Internal error; a redacted log is in " in said
    (text,) = crash_logs(tmp_path)
    assert "RuntimeError" in text


def crash_logs(directory: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in directory.rglob("crash-*.log")]


def test_these_are_all_the_workers_of_a_step() -> None:
    source = inspect.getsource(Acting) + inspect.getsource(StepScreen)
    workers = re.findall(r"@work\([^)]*\)\n    async def (\w+)", source)
    assert sorted(workers) == ["enter", "proceed", "run_checks", "run_offer", "run_then_ask"]
    assert source.count("@work(") == len(workers)
    assert "run_worker(" not in source
