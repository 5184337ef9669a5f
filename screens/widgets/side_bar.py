"""What is known so far, beside the step or on a page of its own: steps, proofs, checklist."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from textual.content import Content

from screens.shell.textual_private import Words
from screens.widgets.header import marked_steps
from wizard.model.untrusted import Untrusted
from wizard.setup import checklist, proofs, summary
from wizard.setup.proofs import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

    from wizard.setup.flow import FlowState

COLUMNS: Final = 32
"""Columns within its border (style.tcss)."""
_TITLE: Final = 13
_LONGEST: Final = 60
"""Characters of an answer that are shown."""
_MARKS: Final = {"OK": "✓", "FAIL": "✗", "WARN": "!", "?": "?", "yes": "✓", "..": "○"}
_STYLES: Final = {"OK": "$success", "FAIL": "$error", "WARN": "$warning", "?": "$secondary"}


class SideBar(Words):
    """Steps with their answers, the five proofs, and the Postal checklist."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__("", classes="side-bar panel")
        self._flow = flow
        self.border_title = Content("So far")

    def on_mount(self) -> None:
        """Show the items."""
        self.write()

    async def on_click(self, event: events.Click) -> None:
        """Go to the step whose line was clicked, where it was passed."""
        steps = step_lines(self._flow, COLUMNS)
        at = event.get_content_offset(self)
        if at is not None and at.y < len(steps):
            await self.screen.run_action(f"open_step('{steps[at.y][0]}')")

    def write(self) -> None:
        """Write every item for what is known now."""
        self.update(Content("\n").join(side_lines(self._flow, COLUMNS)))


def step_lines(flow: FlowState, columns: int) -> list[tuple[str, Content]]:
    """Return the steps with their answers as lines of at most *columns*, each with the step's key."""
    lines: list[tuple[str, Content]] = []
    for key, mark, title, style in marked_steps(flow):
        said = Untrusted(summary.answer(flow, key), _LONGEST)
        first, *rest = textwrap.wrap(said, columns - _TITLE - 2, break_on_hyphens=False) or [""]
        lines.append((key, Content.assemble((f"{mark} {title:<{_TITLE}}", style), (first, "$foreground-muted"))))
        lines += [(key, Content.styled(f"{'':<{_TITLE + 2}}{line}", "$foreground-muted")) for line in rest]
    return lines


def side_lines(flow: FlowState, columns: int) -> list[Content]:
    """Return steps, proofs and checklist as lines of at most *columns*."""
    lines = [line for _, line in step_lines(flow, columns)]
    if lines:
        lines.append(Content(""))
    lines.append(Content.styled("Proofs", "bold"))
    for proof, one in proofs.of_state(flow).items():
        word = _WORDS[one.standing]
        lines += _marked([(word, f"{proofs.TITLES[proof]:<{_TITLE}} {one.standing.value.replace('_', ' ')}")], columns)
    lines += [Content(""), Content.styled("Postal checklist", "bold")]
    for item in checklist.marks(flow.all_findings, flow.confirmed):
        lines += _marked([(item.word, item.item.title)], columns)
        if item.word in {"FAIL", "WARN", "?"}:
            where = textwrap.wrap(item.item.where, columns - 4)
            lines += [Content.styled(f"    {line}", "$foreground-muted") for line in where]
    return lines


_WORDS: Final = {Standing.PROVEN: "OK", Standing.DISPROVEN: "FAIL", Standing.NOT_YET: ".."}


def _marked(rows: Iterable[tuple[str, str]], columns: int) -> Iterable[Content]:
    """Yield each row of a word and its text behind the word's mark, wrapped."""
    for word, text in rows:
        first, *rest = textwrap.wrap(text, columns - 2, replace_whitespace=False) or [""]
        yield Content.assemble((f"{_MARKS.get(word, word)} ", _STYLES.get(word, "$foreground-muted")), first)
        for line in rest:
            yield Content(f"  {line}")
