"""What every step's keys do, and how the last line and the palette name it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from screens.shell.dialogs import Bare, Evidence, Page
from screens.shell.help import Help
from screens.shell.pages import KeysPage, Side
from screens.shell.step_layout import WHOLE, StepLayout
from screens.widgets.findings import Findings
from screens.widgets.footer import everything
from screens.widgets.header import WIDE
from wizard.model.finding import granted
from wizard.model.flow import STEPS_OF, Move, To

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual import events

    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Offer, Result

_OFFER_KEYS: Final = ("a", "b", "e", "g", "h", "i", "j", "k", "m", "o", "s", "u", "v", "z", "f4", "f5", "f6")
"""The keys that a step's offers may have."""


class StepScreen(StepLayout):
    """One step. A subclass gives ``form``; what the step does is in ``wizard.setup.steps``."""

    BINDINGS = [
        Binding("escape", "back", "back"),
        Binding("f1", "help", "help"),
        Binding("question_mark", "keys", "keys"),
        Binding("n", "advance", "next"),
        Binding("r", "check_again", "check again"),
        Binding("c", "copy", "copy"),
        Binding("x", "bare", "show bare"),
        Binding("f", "file", "to a file"),
        Binding("d", "dialogue", "dialogue"),
        Binding("p", "report", "report"),
        Binding("l", "side", "so far"),
        Binding("tab", "app.focus_next", "fields"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        *[Binding(key, f"offer('{key}')", key) for key in _OFFER_KEYS],
    ]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._offered: dict[str, Offer] | None = None
        """What is offered, by its key, until the event loop comes to something else."""
        self._is_entered = False
        """Whether the step has looked up what it needs."""
        self._early: tuple[Callable[[], object], object, Callable[[], None]] | None = None
        """What was asked for too early: what it is about, how that was then, and the act."""

    # What was asked for too early

    @property
    def is_looking(self) -> bool:
        """Whether something is still being looked up or judged that has to be known before the step acts."""
        return not self._is_entered

    def once_judged(self, about: Callable[[], object], act: Callable[[], None]) -> None:
        """Do *act* as soon as everything was judged, if what it is *about* is the same then; None: nothing yet."""
        now = about()
        self._early = (about, now, act) if now is not None else None
        self.say("Still checking this project's configuration ...")

    def entered(self, result: Result) -> None:
        """Show what the step looked up; what was asked for before that is done now."""
        self._is_entered = True
        super().entered(result)
        self.call_after_refresh(self._catch_up)

    def found(self, findings: list[Finding]) -> None:
        """Do what was asked for while this was checked."""
        super().found(findings)
        if self._early is not None:
            self.call_after_refresh(self._catch_up)

    def _catch_up(self) -> None:
        if self._early is None or self.is_looking:
            return
        (about, before, act), self._early = self._early, None
        if about() == before:
            act()

    # Keys

    @property
    def typing(self) -> bool:
        """Whether a text field takes the letter keys."""
        return isinstance(self.focused, Input)

    def offer_of(self, key: str) -> Offer | None:
        """Return the offer that *key* carries out now; looked up once for all keys that are drawn together."""
        if self._offered is None:
            self._offered = self.offers_by_key()
            asyncio.get_running_loop().call_soon(self._forget_offers)
        return self._offered.get(key)

    def offers_by_key(self) -> dict[str, Offer]:
        """Return what is offered now, by its key; of two with one key the first."""
        return {one.key: one for one in reversed(list(self.step.offers(self.flow))) if one.key}

    def _forget_offers(self) -> None:
        self._offered = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether *action* can be done now; what cannot is not in the footer, and its key does nothing."""
        if action == "offer":
            return self.offer_of(str(parameters[0])) is not None
        return {
            "copy": lambda: bool(self.to_copy),
            "bare": lambda: bool(self.to_copy),
            "file": lambda: bool(self.to_copy),
            "dialogue": lambda: bool(self.exchanges),
            "check_again": lambda: self.step.checks(self.flow) is not None,
            "side": lambda: self.size.width < WIDE,
            "report": lambda: bool(self.flow.all_findings),
        }.get(action, lambda: True)()

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now, empty where it does nothing worth a place."""
        if binding.action.startswith("offer("):
            offer = self.offer_of(binding.key)
            return offer.name if offer is not None and not offer.closed else ""
        if binding.key == "enter" and binding.action not in {"open", "advance"}:
            return ""
        match binding.action:
            case "advance":
                return self.next_words
            case "copy":
                return f"copy {self.copy_word}"
            case "app.focus_next":
                return self.tab_words
            case "open":
                return self.open_words
        return binding.description

    @property
    def open_words(self) -> str:
        """What Enter does on a row, empty where there is none yet."""
        if self.findings.selected is not None:
            return "more"
        return "list them" if self.findings.has_fold else ""

    @property
    def next_words(self) -> str:
        """What continuing is called now."""
        return f"next, {self.open_count} open" if self.open_count else "next"

    @property
    def tab_words(self) -> str:
        """Where Tab leads, empty where nothing else takes the focus."""
        if len(self.focus_chain) < 2:
            return ""
        return "fields" if any(True for _ in self.walk_children(Input)) else "panel"

    def show_keys(self) -> None:
        """Show the keys that act now: letters only while no text field takes them."""
        if self.is_mounted:
            self.refresh_bindings()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Show the keys that act with this focus."""
        self.show_keys()

    def action_offer(self, key: str) -> None:
        """Carry out the offer whose key was pressed."""
        offer = self.offers_by_key().get(key)
        if offer is not None:
            self._forget_offers()
            self.take(offer)

    def action_advance(self) -> None:
        """Continue."""
        self.advance()

    def action_check_again(self) -> None:
        """Check again."""
        if self.step.checks(self.flow) is not None:
            self.start_checks()

    def action_help(self) -> None:
        """Show the step's help, at the focused field."""
        field = self.focused.id if self.focused is not None else None
        self.app.push_screen(Help(self.KEY, field, granted(self.flow.all_findings)))

    def action_keys(self) -> None:
        """Show every key that acts now."""
        self.app.push_screen(KeysPage(self))

    def action_side(self) -> None:
        """Show steps, proofs and checklist."""
        self.app.push_screen(Side(self.flow))

    def action_open_step(self, key: str) -> None:
        """Go back to a step that was passed; a click on its name."""
        steps = STEPS_OF[self.flow.kind]
        passed = key in steps and self.KEY in steps and steps.index(key) < steps.index(self.KEY)
        if passed and not self.busy and self.flow.receipt is None:
            self.go(Move(To.GOTO, key))

    def commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Yield title, help and function of everything that can be done here, for the palette."""
        for key in everything(self):
            yield (
                key.words[:1].upper() + key.words[1:],
                key.name,
                partial(self.app.run_action, key.action, key.node),
            )
        if self._message:
            page = Page(WHOLE, self._message, hang=4)
            yield (WHOLE, "", partial(self.app.push_screen, page))
        for one in self.step.offers(self.flow):
            if not one.key and not one.choice and not one.closed and not one.direct:
                yield (one.name[:1].upper() + one.name[1:], one.why, partial(self.take, one))

    # Records

    @property
    def to_copy(self) -> str:
        """What can be copied now: the record of the selected row; empty without one."""
        finding = self.findings.selected
        return finding.record.value if finding is not None and finding.record is not None else ""

    copy_word: ClassVar[str] = "value"

    def action_copy(self) -> None:
        """Copy the record to paste of the selected finding, and show it whole."""
        finding = self.findings.selected
        if finding is not None and finding.record is not None:
            self.app.copy_to_clipboard(finding.record.value)
            self.app.push_screen(Evidence(finding, self.exchanges, copied=True))

    def action_bare(self) -> None:
        """Show what can be copied alone, for the mouse of the terminal."""
        if self.to_copy:
            self.app.push_screen(Bare(self.to_copy))

    def action_file(self) -> None:
        """Write what can be copied to a file."""
        if self.to_copy:
            self.say_lines([self.write_file("copied.txt", f"{self.to_copy}\n")])

    def action_dialogue(self) -> None:
        """Show the raw dialogue."""
        if self.exchanges:
            self.app.push_screen(Evidence(None, self.exchanges))

    @on(Findings.Opened)
    def show_evidence(self, event: Findings.Opened) -> None:
        """Show everything about one finding."""
        self.app.push_screen(Evidence(event.finding, self.exchanges))
