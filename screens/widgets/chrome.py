"""The lines round every step: where one is, what is proven so far, which keys act now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import Static

from wizard import __version__
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
_NAMES: Final = {"test_mail": "mail"}
_FLOWS: Final = {
    Flow.SET_UP: "Set up",
    Flow.ROTATE: "Rotate",
    Flow.TROUBLESHOOT: "Troubleshoot",
    Flow.CHECK: "Check",
}


def steps_line(flow: FlowState, width: int) -> str:
    """Return ``Set up  1 start  [2 server] ...`` as far as *width* allows, else the present step alone."""
    if flow.key == "start":
        left = f" postal-wizard {__version__}"
        right = Untrusted(flow.session.directory, max(10, width - len(left) - 3))
        return f"{left}{right:>{width - len(left) - 1}}"
    keys = [key for key in STEPS_OF[flow.kind] if key != "done"]
    named = [f"{number} {_NAMES.get(key, key)}" for number, key in enumerate(keys, 1)]
    if flow.key in keys:
        at = keys.index(flow.key)
        named[at] = f"[{named[at]}]"
    else:
        named.append(f"[{_NAMES.get(flow.key, flow.key)}]")
    for between in ("  ", " "):
        line = between.join([f" {_FLOWS[flow.kind]}", *named])
        if len(line) <= width:
            return line
    number, of = position(flow.key, flow.kind)
    return f" {_FLOWS[flow.kind]}: step {number} of {of}, {order.step(flow.key).title}"


class StepLine(Static):
    """The way and its steps, the present one in brackets."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__("", classes="step-line")
        self._flow = flow

    def on_resize(self) -> None:
        """Show as much as the width allows."""
        self.update(Content(steps_line(self._flow, self.size.width)))


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


class TopRule(Rule):
    """``── step 2 of 8 · proofs 1/5 ──``."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__()
        self._flow = flow

    def write(self) -> None:
        """Write the line for what is proven now."""
        number, of = position(self._flow.key, self._flow.kind)
        standings = {proof: one.standing for proof, one in proofs.of_state(self._flow).items()}
        self.say(f"step {number} of {of} · {proofs.line(standings)}")


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
        lines = ["Proofs", "", *proofs.rows(proofs.of_state(self._flow)), "", "Postal checklist", ""]
        for mark in checklist.marks(self._flow.all_findings, self._flow.confirmed):
            lines.append(f"{mark.word:<5} {mark.item.title}")
            if mark.word in {"FAIL", "WARN", "?"}:
                lines.append(f"      {mark.item.where}")
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
