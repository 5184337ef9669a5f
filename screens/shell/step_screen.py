"""What every step's screen does: it renders its step, and asks the step what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.dialogs import Confirm, Evidence, Page, Paste
from screens.shell.frame import Frame
from screens.shell.help import Help
from screens.widgets.chrome import Checklist, Keys, Question, StepLine
from screens.widgets.findings import Findings
from screens.widgets.wrap import wrapped
from wizard.model.finding import Finding, Verdict, granted
from wizard.model.flow import Move, To
from wizard.model.session import Event, Exchange, Progress
from wizard.model.untrusted import Untrusted
from wizard.setup import order, report
from wizard.setup.step import NOTHING, Passage, perform
from wizard.state.directory import StateError
from wizard.system import files, hardening

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual import events
    from textual.widget import Widget

    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given, Offer, Result, Step

WIDE = 110
"""Columns from which on the checklist is shown at the side."""
_OPEN = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN})


class StepScreen(Frame[Move]):
    """One step. A subclass gives ``body``; what the step does is in ``wizard.setup.steps``."""

    BINDINGS = [
        Binding("escape", "back", "back", show=False),
        Binding("f1", "help", "help", show=False),
        Binding("r", "check_again", "check again", show=False),
        Binding("c", "copy", "copy", show=False),
        Binding("d", "dialogue", "dialogue", show=False),
        Binding("p", "report", "report", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]
    KEY: ClassVar[str]
    """The step's key."""
    BACK: ClassVar[tuple[str, ...]] = ("Esc back",)
    """How the way back is shown; empty where there is none."""
    SHOWS_LINES: ClassVar[bool] = True
    """Whether the step's lines are shown as text."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__()
        self.flow = flow
        self.exchanges: list[Exchange] = []
        self._checked: Any = None
        """What the checks that run now are about."""
        self._line = StepLine(flow)
        self._question = Question(flow, self.KEY)
        self._keys = Keys()
        self._checklist = Checklist(flow)
        self._text = Static("", classes="block")
        self.findings = Findings()
        self.status = Static("", classes="status")
        self.busy = False
        """Whether an offer is being carried out."""
        self._noted: tuple[str, ...] = ()
        """What the step said when it was entered: the checks that run by themselves do not wipe it away."""

    @property
    def step(self) -> Step:
        """The step that this screen renders."""
        return order.step(self.KEY)

    @property
    def draft(self) -> Draft:
        """The answers so far."""
        return self.flow.draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self.flow.draft = draft

    @property
    def session(self) -> Session:
        """The secrets of this run."""
        return self.flow.session

    @session.setter
    def session(self, session: Session) -> None:
        self.flow.session = session

    def head(self) -> Iterator[Widget]:
        """Yield the steps with the proofs, and the question of this step."""
        yield self._line
        yield self._question

    def side(self) -> Iterator[Widget]:
        """Yield proofs and checklist, which are shown where there is room."""
        yield self._checklist

    def foot(self) -> Keys:
        """Return the line of keys."""
        return self._keys

    def on_resize(self, event: events.Resize) -> None:
        """Show proofs and checklist at the side where there is room for them."""
        super().on_resize(event)
        self._checklist.display = event.size.width > WIDE

    def on_mount(self) -> None:
        """Show what was found here before, and let the step look up what it needs."""
        self._line.write()
        known = self.flow.findings(self.KEY)
        if known:
            self.findings.show(self.step.worth_showing(list(known)))
        if self.flow.message:
            self.say_lines([self.flow.message])
            self.flow.message = ""
        self.show_lines()
        self.show_keys()
        self.enter()

    @work(exclusive=True, group="enter", description="enter")
    async def enter(self) -> None:
        """Let the step look up what it needs; the first paint does not wait for it."""
        self.entered(await self.step.enter(self.flow, self.listen))

    def entered(self, result: Result) -> None:
        """Show what the step looked up, and run the checks that need no press."""
        self._noted = result.sentences
        self.say_lines(result.sentences)
        self.refresh_step()
        self.check_by_itself()

    def refresh_step(self) -> None:
        """Show the step as it is now."""
        self.show_lines()
        self.findings.show(self.step.worth_showing(list(self.flow.findings(self.KEY))))
        self._line.write()
        self._question.write()
        self._checklist.write()
        self.show_keys()

    def show_lines(self) -> None:
        """Show the step's lines."""
        if self.SHOWS_LINES:
            self._text.update(Content("\n".join(wrapped(self.step.lines(self.flow), hang=self.HANG))))

    HANG: ClassVar[int] = 4

    # Keys

    def keys(self) -> list[str]:
        """Return the keys that act now, beside those of every step."""
        if self.findings.has_focus and self.findings.shown:
            return ["Enter more", *self.offer_keys(), *self.letter_keys()]
        return [self.enter_key, *self.offer_keys(), *self.letter_keys()]

    @property
    def enter_key(self) -> str:
        """What Enter does now."""
        return "Enter check" if self.is_stale else f"Enter next{self.open_count}"

    def offer_keys(self) -> list[str]:
        """Return the offers that act now, with their keys; while a text field is typed in, function keys alone."""
        return [
            f"{offer.key.capitalize() if offer.key.startswith('f') else offer.key} {offer.name}"
            for offer in self.step.offers(self.flow)
            if offer.key and not offer.choice and not offer.closed and (not self.typing or offer.key.startswith("f"))
        ]

    @property
    def typing(self) -> bool:
        """Whether a text field takes the letter keys."""
        return isinstance(self.focused, Input)

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """Show the keys that act with this focus."""
        self.show_keys()

    def show_keys(self) -> None:
        """Show the keys that act now: letters only while no text field takes them."""
        if self.is_mounted:
            self._keys.show([*self.keys(), *self.BACK, "F1 help", "Ctrl+Q quit"])

    def letter_keys(self) -> list[str]:
        """Return the letters that act on what was found."""
        if self.typing:
            return []
        keys = ["r again"] if self.step.checks(self.flow) is not None else []
        if self.findings.selected is not None and self.findings.selected.record is not None:
            keys.append("c copy")
        if self.exchanges:
            keys.append("d dialogue")
        return [*keys, "p report"]

    def on_key(self, event: events.Key) -> None:
        """Carry out the offer whose key was pressed."""
        offer = next((one for one in self.step.offers(self.flow) if one.key and one.key == event.key), None)
        if offer is not None and not (self.typing and len(event.key) == 1):
            event.stop()
            event.prevent_default()
            self.take(offer)

    def say(self, text: str) -> None:
        """Show *text* in the step's own line for that."""
        self.status.update(Content("\n".join(Untrusted(line) for line in text.split("\n"))))
        self.status.display = bool(text)

    def say_lines(self, lines: Iterable[str]) -> None:
        """Show sentences, wrapped."""
        told = list(lines)
        if told:
            self.say("\n".join(wrapped(told)))

    # Checks

    @property
    def checking(self) -> bool:
        """Whether checks are running."""
        return any(
            worker.group == "checks" and not worker.is_finished for worker in self.workers if worker.node is self
        )

    @property
    def is_stale(self) -> bool:
        """Whether there is something to check that was not checked with the present answers."""
        checks = self.step.checks(self.flow)
        if checks is None or self.flow.is_checked(self.KEY):
            return False
        return not (self.checking and self._checked == checks.about(self.flow))

    def check_by_itself(self) -> None:
        """Check what is right and has not been checked yet, where that logs in nowhere and sends nothing."""
        checks = self.step.checks(self.flow)
        if checks is not None and checks.automatic and self.is_stale and not self.step.problems(self.flow):
            self.start_checks()

    def start_checks(self, *, anew: bool = True) -> None:
        """Run the checks; what ran before is cancelled. Without *anew*, rows stay until they are found again."""
        checks = self.step.checks(self.flow)
        if checks is None:
            return
        if checks.closed:
            self.say_lines([checks.closed])
        elif checks.question:
            self.app.push_screen(Confirm(checks.question), lambda yes: self.begin(anew=anew) if yes else None)
        else:
            self.begin(anew=anew)

    def begin(self, *, anew: bool) -> None:
        """Start the checks."""
        checks = self.step.checks(self.flow)
        if checks is None:
            return
        self._checked = checks.about(self.flow)
        self.exchanges.clear()
        if anew:
            self.findings.clear()
        self.say("checking ..." if checks.verb == "check" else "sending ...")
        self.run_checks()
        self.show_keys()

    @work(exclusive=True, group="checks", description="checks")
    async def run_checks(self) -> None:
        """Run the checks and show each finding as it comes."""
        checks = self.step.checks(self.flow)
        if checks is None:
            return
        findings = await checks.run(self.listen)
        self.flow.found(self.KEY, findings, checks.about)
        self.say("\n".join(wrapped(self._noted)))
        self.refresh_step()
        self.found(findings)
        self.show_keys()
        # What the checks leave behind is given back at once: 1 to 2 MiB after those of DNS.
        self.call_after_refresh(hardening.trim)

    def listen(self, event: Event) -> None:
        """Show what a running check says."""
        if isinstance(event, Finding):
            if self.step.worth_showing([event]):
                self.findings.add(event)
        elif isinstance(event, Progress):
            self.say(f"checking ... {event.done} of {event.of} questions answered")
        else:
            self.exchanges.append(event)

    def found(self, findings: list[Finding]) -> None:
        """React to the end of the checks."""

    @property
    def open_count(self) -> str:
        """`` (2 open)`` where something that was found here is not right."""
        count = sum(finding.verdict in _OPEN for finding in self.findings.shown)
        return f" ({count} open)" if count else ""

    # Offers

    def take(self, offer: Offer) -> None:
        """Ask what *offer* asks, then carry it out."""
        if self.busy:
            return
        self._noted = ()
        if offer.closed:
            self.say_lines([offer.closed])
        elif offer.question:
            self.app.push_screen(Confirm(offer.question), lambda yes: self.ask_for(offer) if yes else None)
        else:
            self.ask_for(offer)

    def ask_for(self, offer: Offer) -> None:
        """Ask for what *offer* needs, which was confirmed where it has a question; then carry it out."""
        if offer.block:
            self.app.push_screen(
                Paste(offer.block, secret=offer.secret_block),
                lambda text: self.carry_out(offer.id, {"block": text}) if text else None,
            )
        elif offer.asks and not offer.direct:
            from screens.shell.ask import Ask  # start-up: 10 ms

            self.app.push_screen(Ask(offer), lambda given: self.carry_out(offer.id, given) if given else None)
        elif not offer.direct:
            self.carry_out(offer.id)

    def carry_out(self, name: str, given: Given = NOTHING) -> None:
        """Carry out the offer *name*, which was confirmed where it has a question."""
        self.busy = True
        self.say("working ...")
        self.show_keys()
        self.run_offer(name, given)

    @work(exclusive=True, group="commit", description="offer")
    async def run_offer(self, name: str, given: Given) -> None:
        """Carry out an offer and show what came of it. A signal waits for it."""
        try:
            result = await perform(self.step, self.flow, name, self.listen, given, confirmed=True)
        finally:
            self.busy = False
        self.show_result(result)

    def show_result(self, result: Result) -> None:
        """Show what came of an offer, or go where it leads."""
        self.say("")
        self.say_lines(result.sentences)
        if result.move is not None:
            self.go(result.move)
            return
        self.took(result)
        self.refresh_step()
        if result.page is not None:
            self.app.push_screen(Page(result.page.title, result.page.lines, hang=6))
        self.check_by_itself()

    def took(self, result: Result) -> None:
        """React to an offer: a form shows the values that it changed."""

    # Moves

    def go(self, move: Move) -> None:
        """Leave; the step's checks are cancelled, and pages over it are closed."""
        self.workers.cancel_node(self)
        while self.app.screen is not self:
            self.app.pop_screen()
        self.dismiss(move)

    def advance(self) -> None:
        """Continue where the gate is open, or its question gets a yes."""
        gate = self.step.gate(self.flow)
        if self.busy:
            return
        if gate.passage is Passage.CLOSED:
            self.say_lines([gate.sentence])
        elif gate.passage is Passage.ASK:
            self.app.push_screen(Confirm(gate.sentence), lambda yes: self.ask_before_leaving() if yes else None)
        else:
            self.ask_before_leaving()

    def ask_before_leaving(self, asked: frozenset[str] = frozenset()) -> None:
        """Ask about each offer that is to be asked about when the step is left, one after the other; then leave."""
        offer = next(
            (one for one in self.step.offers(self.flow) if one.on_leave and not one.closed and one.id not in asked),
            None,
        )
        if offer is None:
            self.leave_forward()
            return

        def answered(yes: bool | None) -> None:
            if yes is None:
                return
            if yes:
                self.run_then_ask(offer.id, asked | {offer.id})
            else:
                self.ask_before_leaving(asked | {offer.id})

        self.app.push_screen(Confirm(offer.question), answered)

    @work(exclusive=True, group="commit", description="offer")
    async def run_then_ask(self, name: str, asked: frozenset[str]) -> None:
        """Carry out an offer on the way out, then ask about the next."""
        result = await perform(self.step, self.flow, name, self.listen, confirmed=True)
        self.flow.farewell += result.sentences
        self.ask_before_leaving(asked)

    def leave_forward(self) -> None:
        """Let the step do what leaving it forwards does."""
        self.busy = True
        self.show_keys()
        self.proceed()

    @work(exclusive=True, group="commit", description="proceed")
    async def proceed(self) -> None:
        """Continue. A signal waits for this; Esc does nothing meanwhile."""
        try:
            result = await self.step.proceed(self.flow, self.listen)
        finally:
            self.busy = False
        self.show_result(result)

    def action_back(self) -> None:
        """Go back; nothing is validated and nothing is lost, but what is being written is waited for."""
        if not self.busy:
            self.go(Move(To.BACK))

    def action_check_again(self) -> None:
        """Check again."""
        if self.step.checks(self.flow) is not None:
            self.start_checks()

    def action_help(self) -> None:
        """Show the step's help, at the focused field."""
        field = self.focused.id if self.focused is not None else None
        self.app.push_screen(Help(self.KEY, field, granted(self.flow.all_findings)))

    def action_copy(self) -> None:
        """Copy the record to paste of the selected finding, and show it whole."""
        finding = self.findings.selected
        if finding is not None and finding.record is not None:
            self.app.copy_to_clipboard(finding.record.value)
            self.app.push_screen(Evidence(finding, self.exchanges, copied=True))

    def action_dialogue(self) -> None:
        """Show the raw dialogue."""
        if self.exchanges:
            self.app.push_screen(Evidence(None, self.exchanges))

    def action_report(self) -> None:
        """Write the redacted report into the state directory and show it."""
        text = report.text(self.draft, self.flow.all_findings, receipt=self.flow.receipt, despite=self.flow.despite)
        try:
            path = self.flow.journal.ready() / "report.md"
            files.write_private(path, text)
        except (OSError, StateError) as error:
            said = f"It could not be written: {Untrusted(getattr(error, 'strerror', None) or error)}."
        else:
            said = f"Written to {Untrusted(path)}; it holds no key."
        self.app.push_screen(Page("Report", [said, "", *text.splitlines()]))

    @on(Findings.Opened)
    def show_evidence(self, event: Findings.Opened) -> None:
        """Show everything about one finding."""
        self.app.push_screen(Evidence(event.finding, self.exchanges))

    @on(Findings.Selected)
    def show_keys_of_row(self) -> None:
        """Show the keys that act on another row."""
        self.show_keys()
