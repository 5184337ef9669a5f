"""While the screen has room, no line is cut with an ellipsis and none is hidden: measured at four sizes."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.app import App
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.widgets import OptionList

from screens.shell.textual_private import Words
from screens.widgets.findings import Findings
from screens.widgets.panel import Panel
from screens.widgets.side_bar import SideBar
from tests.effort import one_in
from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.flow import STEP_KEYS

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Region

    from tests.screens.conftest import Driven, Opener

pytestmark = pytest.mark.slow

SIZES = ((80, 24), (100, 30), (120, 40), (200, 60))
DRAWN = " │─╭╮╰╯▁▂▃▄▅▆▇█▏▎"

CUT = re.compile(r"…|\.\.\. Enter on its row")
WINDOW = re.compile("(is|should be) +…")
"""Where two long values differ: the check itself shows the part that does."""


def column(it: Driven, region: Region) -> list[str]:
    """Return the lines within *region*."""
    lines = [line.ljust(it.app.size.width) for line in it.text.splitlines()]
    return [line[region.x : region.right] for line in lines[region.y : region.bottom]]


def free(lines: list[str]) -> int:
    """Return how many lines are free at the end of a panel, or below the last; one between two paragraphs is not."""
    count = run = 0
    for line in [*lines, "╰"]:
        if line.startswith("╰"):
            count += run
        run = 0 if line.strip(" │█▇▁") else run + 1
    return count


def cut_with_room(it: Driven) -> list[str]:
    """Return what is cut or hidden although there is room for it."""
    screen = it.app.screen
    found = []
    body = screen.query_one(".body").region
    side = screen.query_one(SideBar)
    areas = [body, *([side.region] if side.display else [])]
    for area in areas:
        lines = column(it, area)
        if free(lines):
            cut = [line for line in lines if CUT.search(line) and not WINDOW.search(line)]
            found += [f"cut with {free(lines)} lines free: {line.strip()}" for line in cut]
    for y, line in enumerate(it.text.splitlines()):
        if CUT.search(line) and not any(area.y <= y < area.bottom for area in areas) and "    " in line.strip(DRAWN):
            found.append(f"cut with columns free: {line}")
    if free(column(it, body)):
        for widget in screen.query("*").results():
            scrolls = isinstance(widget, VerticalScroll | ScrollView | OptionList)
            if scrolls and widget.display and widget.size.height and widget.max_scroll_y > 0:
                found.append(f"{widget!r} hides {widget.max_scroll_y} lines with {free(column(it, body))} free")
    for findings in screen.query(Findings):
        if not findings.has_fold or not findings.is_on_screen:
            continue
        folded = len(findings.shown) - sum(finding is not None for _, finding in findings._lines)
        left = free(column(it, body)) - 1
        if left >= folded:
            found.append(f"{folded} rows are folded with {left} lines free")
    return found


async def measured(it: Driven, name: str) -> list[str]:
    """Measure the step at each size, with the focus where it is."""
    found = []
    for size in SIZES:
        await it.pilot.resize_terminal(*size)
        await it.pilot.pause(0.1)
        await it.pilot.pause()
        found += [f"{name} {size[0]}x{size[1]}: {one}" for one in cut_with_room(it)]
    await it.pilot.resize_terminal(80, 24)
    await it.pilot.pause()
    return found


@pytest.mark.full
async def test_on_every_step_of_a_set_up(opened: Opener) -> None:
    async with opened("start") as it:
        await it.see("all places")
        found = await measured(it, "start")
        for step in ("server", "credential", "sender", "target"):
            await it.go(step)
            if step == "credential":
                await it.press("enter")
            if step != "target":
                await it.checked()
            found += await measured(it, step)
        await it.arrived()
        found += await measured(it, "test_mail")
        await it.go("review")
        await it.until(lambda: "Enter write" in it.keys)
        found += await measured(it, "review")
        await it.go("done")
        await it.see("written and read back")
        found += await measured(it, "done")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("step", "scenario"),
    one_in(
        8,
        [
            ("sender", "dkim-wrong"),
            ("server", "expired"),
            ("sender", "dns-silent"),
            ("credential", "wrong-key"),
            ("sender", "two-spf"),
            ("start", "infisical"),
            ("sender", "never-checked"),
            ("target", "infisical"),
        ],
    ),
)
async def test_with_findings(opened: Opener, step: str, scenario: str) -> None:
    async with opened(step, scenario) as it:
        if step == "credential":
            await it.press("enter")
        if step not in {"start", "target"}:
            await it.checked()
        await it.until(lambda: not [worker for worker in it.app.workers if not worker.is_finished])
        found = await measured(it, f"{step} {scenario}")
        for rows in it.app.screen.query(Findings):
            rows.focus()
            found += await measured(it, f"{step} {scenario}, a row")
    assert not found, "\n".join(found)


@pytest.mark.full
async def test_of_a_diagnosis(opened: Opener) -> None:
    async with opened("troubleshoot", "suspended") as it:
        found = await measured(it, "symptoms")
        await it.press("f4")
        await it.see("Paste or type the error")
        assert it.app.focused is not None
        it.app.focused.post_message(events.Paste("SMTPRecipientsRefused: (535, b'Mail server has been suspended')"))
        await it.press("f4")
        await it.until(lambda: "Enter fix it: step" in it.keys)
        found += await measured(it, "causes")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("step", one_in(len(STEP_KEYS), STEP_KEYS))
@pytest.mark.full
async def test_at_rest_nothing_is_laid_out_again_at_any_size(
    step: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    layouts = 0
    lay_out = Screen._refresh_layout

    def counted(screen: Screen[object], *given: Any, **more: Any) -> None:
        nonlocal layouts
        layouts += 1
        lay_out(screen, *given, **more)

    async with opened(step) as it:
        await it.until(lambda: not [one for one in it.app.workers if not one.is_finished])
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        for page in ("", "question_mark"):
            if page:
                it.app.screen.set_focus(None)
                await it.press(page)
            for size in ((1, 1), (2, 3), (7, 4), (59, 17), *SIZES):
                await it.pilot.resize_terminal(*size)
                await asyncio.sleep(0.3)
                before = layouts
                await asyncio.sleep(0.3)
                assert layouts - before < 4, (size, page)


async def test_no_box_is_drawn_empty_below_many_said_lines(opened: Opener) -> None:
    async with opened("sender", "dkim-missing", size=(60, 20)) as it:
        await it.checked()
        screen = it.app.step_screen
        assert screen is not None
        for said, shown in (([f"Sentence {number}." for number in range(4)], False), ([""], True)):
            screen.say_lines(said)
            await it.until(lambda shown=shown: screen.detail.display is shown)
            await it.pilot.pause()
            assert all(panel.region.height > 2 for panel in screen.query(Panel) if panel.display)


async def test_the_scroll_bar_goes_with_the_rows_that_fold() -> None:
    given = [Finding.ok(code, f"{number}", "It is right.") for number, code in enumerate(list(Code)[:12])]

    class Rows(App[None]):
        CSS = "Vertical { height: 10; } Findings { overflow-x: hidden; scrollbar-size-vertical: 1; }"

        def compose(self) -> ComposeResult:
            yield Vertical(Findings())

    async with Rows().run_test() as pilot:
        rows = pilot.app.query_one(Findings)
        rows.fit(10)
        for finding in given:
            rows.add(finding)
        await pilot.pause()
        assert rows.show_vertical_scrollbar
        rows.show(given)
        await pilot.pause()
        assert rows.has_fold
        assert not rows.show_vertical_scrollbar


async def test_text_that_changes_twice_before_it_is_drawn_has_its_height() -> None:
    """The layout between the two changes is for another widget, as it comes where the machine is busy."""

    class Growing(App[None]):
        CSS = "Words { height: auto; }"

        def compose(self) -> ComposeResult:
            yield Words("one")

    async with Growing().run_test() as pilot:
        words = pilot.app.query_one(Words)
        words.update("another")
        pilot.app.screen._clear_arrangement_cache()
        pilot.app.screen._refresh_layout()
        words.update("1\n2\n3\n4")
        await pilot.pause()
        assert words.size.height == 4
