"""The lines above every step: where one is, what is proven so far, what is asked and where the answer is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content

from screens.shell.textual_private import Words
from screens.widgets.panel import Text
from wizard import __version__
from wizard.model.finding import Verdict
from wizard.model.flow import STEPS_OF, Flow, position
from wizard.model.untrusted import Untrusted
from wizard.setup import order, proofs

if TYPE_CHECKING:
    from textual import events

    from wizard.setup.flow import FlowState

REHEARSAL: Final = "REHEARSAL: nothing leaves this machine"
DONE, HERE, TO_COME, FAILED = "●", "◉", "○", "✗"
_GREETING: Final = "Sets up GlitchTip's mail through Postal, and proves that it arrives."
LOW: Final = 20
"""Rows up to which the question has one line."""
WIDE: Final = 100
"""Columns from which on the side bar is there, and shows the steps."""
_FLOWS: Final = {
    Flow.SET_UP: "set up",
    Flow.ROTATE: "rotate the key",
    Flow.TROUBLESHOOT: "troubleshoot",
    Flow.CHECK: "check",
}


def product_line(flow: FlowState, width: int) -> Content:
    """Return product, way and directory, and at the right whether this is a rehearsal."""
    tag = REHEARSAL if flow.session.rehearsal else ""
    room = width - len(tag) - 3
    words = f"{__version__}" if flow.key == "start" else _FLOWS[flow.kind]
    name = "postal-wizard"
    told = name
    for more in (f"  {words}", f" · {Untrusted(flow.session.directory, 200)}"):
        if len(told) + len(more) <= room:
            told += more
        elif room - len(told) > 12 and more.startswith(" · "):
            told += f" · …{more[len(told) - room + 4 :]}"
    space = " " * max(1, width - len(told) - len(tag) - 2)
    return Content.assemble(
        " ", (name, "bold $primary"), (told.removeprefix(name), "$foreground-muted"), space, (tag, "bold $warning")
    )


def tally(flow: FlowState) -> str:
    """Return how much is proven, and how much the opposite: ``proofs 3/5 ✗1``."""
    standings = [one.standing for one in proofs.of_state(flow).values()]
    against = standings.count(proofs.Standing.DISPROVEN)
    proven = standings.count(proofs.Standing.PROVEN)
    return f"proofs {proven}/{len(standings)}" + (f" {FAILED}{against}" if against else "")


def steps_line(flow: FlowState, width: int) -> Content:
    """Return the steps of this way with a mark each, and the proofs; only the present step where room is scarce.

    The mark says it without colour: done, here, to come, failed. In the wide layout the side bar has the steps.
    """
    told = tally(flow)
    steps = marked_steps(flow)
    if flow.key == "start" or not steps:
        room = width - len(_GREETING) - len(told) - 2
        return Content.assemble((f" {_GREETING}" + (" " * room + told if room > 1 else ""), "$foreground-muted"))
    for between in ("  ", " "):
        length = sum(len(mark) + len(title) + 1 for _, mark, title, _ in steps) + len(between) * (len(steps) - 1)
        if length + len(told) + 4 <= width:
            between_them = " " * (width - length - len(told) - 2)
            shown = Content(between).join(Content.styled(f"{mark} {title}", style) for _, mark, title, style in steps)
            return Content.assemble(" ", shown, (between_them + told, "$foreground-muted"))
    here = f"{HERE} {order.step(flow.key).title}"
    number, of = position(flow.key, flow.kind)
    return Content.assemble(" ", (here, "bold $accent"), (f"  step {number} of {of}  {told}", "$foreground-muted"))


def marked_steps(flow: FlowState) -> list[tuple[str, str, str, str]]:
    """Return key, mark, title and style of each step between start and done; a jump is before what it returns to."""
    keys = [key for key in STEPS_OF[flow.kind] if key not in ("start", "done")]
    if flow.return_to in keys and flow.key not in keys:
        keys.insert(keys.index(flow.return_to), flow.key)
    at = keys.index(flow.key) if flow.key in keys else len(keys) if flow.key == "done" else -1
    return [(key, *_mark(flow, key, number, at)) for number, key in enumerate(keys)]


def _mark(flow: FlowState, key: str, number: int, at: int) -> tuple[str, str, str]:
    title = order.step(key).title
    if number == at:
        return HERE, title, "bold $accent"
    if any(finding.verdict is Verdict.FAIL for finding in flow.findings(key)):
        return FAILED, title, "$error"
    return (DONE, title, "$success") if number < at else (TO_COME, title, "$foreground-muted")


class StepLine(Words):
    """Product, way and directory; below it the steps and the proofs."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__("", classes="step-line")
        self._flow = flow

    def on_resize(self) -> None:
        """Show as much as the width allows."""
        self.write()

    async def on_click(self, event: events.Click) -> None:
        """Go to the step whose name was clicked, where it was passed."""
        line = steps_line(self._flow, self.size.width or 80).plain
        for key, mark, title, _ in marked_steps(self._flow):
            begin = line.find(f"{mark} {title}")
            if event.y == 1 and 0 <= begin <= event.x < begin + len(title) + 2:
                await self.screen.run_action(f"open_step('{key}')")

    def write(self) -> None:
        """Write both lines for what is known now."""
        width = self.size.width or 80
        self.update(Content("\n").join([product_line(self._flow, width), steps_line(self._flow, width)]))


class Question(Text):
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
        # Before it is laid out the whole width less its padding: a second line that goes again leaves a blank one.
        fits = len(question) + len(hint) + 2 <= (self.size.width or self.app.size.width - 2)
        low = self.app.size.height <= LOW
        shown = Content.styled(question, "bold")
        if hint and (fits or not low):
            shown = Content("  " if fits else "\n").join([shown, Content.styled(hint, "$foreground-muted")])
        self.update(shown)
