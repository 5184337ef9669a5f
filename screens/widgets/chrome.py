"""The lines round every step: where one is, what is proven so far, which keys act now."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import Static

from wizard import __version__
from wizard.model.finding import Verdict
from wizard.model.flow import STEPS_OF, Flow, position
from wizard.model.untrusted import Untrusted
from wizard.setup import checklist, order, proofs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.setup.flow import FlowState

REHEARSAL: Final = "REHEARSAL: nothing leaves this machine"
_ALWAYS: Final = 3
"""Keys at the end of the line that are always shown."""
_SHORT: Final = {"Esc back": "Esc", "F1 help": "F1", "Ctrl+Q quit": "^Q"}
_DONE, _HERE, _TO_COME, _FAILED = "●", "◉", "○", "✗"
_GREETING: Final = "Sets up GlitchTip's mail through Postal, and proves that it arrives."
_SIDE: Final = 31
"""Columns of the side bar within its border (style.tcss)."""
LOW: Final = 20
"""Rows up to which the question has one line."""
_FLOWS: Final = {
    Flow.SET_UP: "set up",
    Flow.ROTATE: "rotate the key",
    Flow.TROUBLESHOOT: "troubleshoot",
    Flow.CHECK: "check",
}


def product_line(flow: FlowState, width: int) -> Content:
    """Return the product, the way that was chosen, and the directory at the right."""
    left = f" postal-wizard {__version__}" if flow.key == "start" else f" postal-wizard  {_FLOWS[flow.kind]}"
    directory = str(Untrusted(flow.session.directory, max(10, width - len(left) - 3)))
    name = " postal-wizard"
    space = " " * max(1, width - len(left) - len(directory) - 1)
    return Content.assemble((name, "bold $primary"), left.removeprefix(name), (space + directory, "$foreground-muted"))


def steps_line(flow: FlowState, width: int) -> Content:
    """Return the steps of this way with a mark each, and the proofs; only the present step where room is scarce.

    The mark says it without colour: done, here, to come, failed.
    """
    told = proofs.line({proof: one.standing for proof, one in proofs.of_state(flow).items()})
    keys = [key for key in STEPS_OF[flow.kind] if key not in ("start", "done")]
    if flow.key == "start" or not keys:
        room = width - len(_GREETING) - len(told) - 2
        return Content.assemble((f" {_GREETING}" + (" " * room + told if room > 1 else ""), "$foreground-muted"))
    at = keys.index(flow.key) if flow.key in keys else len(keys) if flow.key == "done" else -1
    for between in ("  ", " "):
        marked = [_marked(flow, key, number, at) for number, key in enumerate(keys)]
        length = sum(len(text) for text, _ in marked) + len(between) * (len(marked) - 1)
        if length + len(told) + 4 <= width:
            between_them = " " * (width - length - len(told) - 2)
            steps = Content(between).join(Content.assemble(one) for one in marked)
            return Content.assemble(" ", steps, (between_them + told, "$foreground-muted"))
    here = f"{_HERE} {order.step(flow.key).title}"
    number, of = position(flow.key, flow.kind)
    return Content.assemble(" ", (here, "bold $accent"), (f"  step {number} of {of}  {told}", "$foreground-muted"))


def _marked(flow: FlowState, key: str, number: int, at: int) -> tuple[str, str]:
    """Return mark and title of one step, and their style."""
    title = order.step(key).title
    if number == at:
        return f"{_HERE} {title}", "bold $accent"
    if any(finding.verdict is Verdict.FAIL for finding in flow.findings(key)):
        return f"{_FAILED} {title}", "$error"
    return (f"{_DONE} {title}", "$success") if number < at else (f"{_TO_COME} {title}", "$foreground-muted")


class StepLine(Static):
    """Product, way and directory; below it the steps and the proofs."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__("", classes="step-line")
        self._flow = flow

    def on_resize(self) -> None:
        """Show as much as the width allows."""
        self.write()

    def write(self) -> None:
        """Write both lines for what is known now."""
        width = self.size.width or 80
        self.update(Content("\n").join([product_line(self._flow, width), steps_line(self._flow, width)]))


class Question(Static):
    """The step's question, and where its answer is found; on a second line where one is too short for both."""

    def __init__(self, flow: FlowState, key: str) -> None:
        super().__init__("", classes="question")
        self._flow = flow
        self._key = key

    def on_resize(self) -> None:
        """Write it again: it may need a line more or less."""
        self.write()

    def write(self) -> None:
        """Write the question for what is known now."""
        step = order.step(self._key)
        question, hint = step.asked(self._flow), step.hint
        fits = len(question) + len(hint) + 2 <= self.size.width
        low = self.app.size.height <= LOW
        shown = Content.styled(question, "bold")
        if hint and (fits or not low):
            shown = Content("  " if fits else "\n").join([shown, Content.styled(hint, "$foreground-muted")])
        self.update(shown)


class Rule(Static):
    """A line across with words in it; set off by words alone, so that it means the same without its drawing."""

    def __init__(self) -> None:
        super().__init__("", classes="rule")
        self._words = ""

    def say(self, words: str) -> None:
        """Put *words* into the line."""
        self._words = words
        self.on_resize()

    def on_resize(self) -> None:
        """Fill the width."""
        width = self.size.width or 80
        words = f"── {self._words} " if self._words else ""
        self.update(Content((words + "─" * max(0, width - len(words)))[:width]))


class Checklist(Static):
    """Proofs and checklist at the side, where the terminal is wide enough."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__("", classes="checklist")
        self._flow = flow

    def on_mount(self) -> None:
        """Show the items."""
        self.write()

    def write(self) -> None:
        """Write every item with its verdict, and of what is not right where to see to it."""
        lines = ["Proofs", ""]
        for row in proofs.rows(proofs.of_state(self._flow)):
            lines += textwrap.wrap(row, _SIDE, subsequent_indent=" " * 5)
        lines += ["", "Postal checklist", ""]
        for mark in checklist.marks(self._flow.all_findings, self._flow.confirmed):
            lines.append(f"{mark.word:<5} {mark.item.title}")
            if mark.word in {"FAIL", "WARN", "?"}:
                lines += textwrap.wrap(mark.item.where, _SIDE, initial_indent=" " * 6, subsequent_indent=" " * 6)
        self.update(Content("\n".join(lines)))


class Keys(Static):
    """The last line: the keys that act now."""

    def __init__(self, *keys: str) -> None:
        super().__init__("", classes="keys")
        self.shown: tuple[str, ...] = keys

    def show(self, keys: Sequence[str]) -> None:
        """Show *keys*."""
        self.shown = tuple(keys)
        self.on_resize()

    def on_resize(self) -> None:
        """Write the keys, closer together and in fewer words where room is scarce."""
        width = (self.size.width or 80) - 1
        short = [_SHORT.get(key, key) for key in self.shown]
        lines = [f" {between.join(keys)}" for keys in (self.shown, short) for between in ("   ", "  ")]
        # The last three lead back, to help and out; of the others the last ones give way.
        for left_out in range(len(short)):
            kept = [*short[: max(0, len(short) - _ALWAYS - left_out)], *short[-_ALWAYS:]]
            lines.append(f" {' '.join(kept)}")
        self.update(Content(next((line for line in lines if len(line) <= width), lines[-1])))
