"""What a step's screen does: checks and offers carried out in workers, moves, and what is asked before them.

``StepScreen`` renders; what the step itself does is in ``wizard.setup.steps``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work

from screens.shell.dialogs import Confirm, Page, Paste
from screens.shell.frame import Frame
from wizard.model.finding import Finding
from wizard.model.flow import Move, To
from wizard.model.session import Event, Exchange, Progress
from wizard.model.untrusted import Untrusted
from wizard.setup import order, report
from wizard.setup.step import NOTHING, Passage, perform
from wizard.state.directory import StateError
from wizard.system import files, hardening

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given, Offer, Result, Step


class Acting(Frame[Move]):
    """One step, acted on; a subclass says how that is shown."""

    KEY: ClassVar[str]
    """The step's key."""

    def __init__(self, flow: FlowState) -> None:
        super().__init__()
        self.flow = flow
        self.exchanges: list[Exchange] = []
        self._checked: Any = None
        """What the checks that run now are about."""
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

    # What a subclass shows

    def say(self, text: str) -> None:
        """Show *text* in the line for that."""
        raise NotImplementedError

    def say_lines(self, lines: Iterable[str]) -> None:
        """Show sentences; none leaves what is shown."""
        raise NotImplementedError

    def refresh_step(self) -> None:
        """Show the step as it is now."""
        raise NotImplementedError

    def show_keys(self) -> None:
        """Show the keys that act now."""
        raise NotImplementedError

    def show_begin(self, *, anew: bool) -> None:
        """Show that checks begin; *anew*: no row of earlier ones stays."""
        raise NotImplementedError

    def show_found(self, finding: Finding) -> None:
        """Show what a running check has found."""
        raise NotImplementedError

    def found(self, findings: list[Finding]) -> None:
        """React to the end of the checks."""

    def took(self, result: Result) -> None:
        """React to an offer: a form shows the values that it changed."""

    # Checks

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
            noted = self._noted
            self.start_checks()
            self._noted = noted

    def start_checks(self, *, anew: bool = True) -> None:
        """Run the checks; what ran before is cancelled. Without *anew*, rows stay until they are found again."""
        checks = self.step.checks(self.flow)
        if checks is None:
            return
        self._noted = ()
        if checks.closed:
            self.say_lines([checks.closed])
        elif checks.question:
            box = Confirm(checks.question, yes=f"{checks.verb} anyway", no="leave it")
            self.app.push_screen(box, lambda yes: self.begin(anew=anew) if yes else None)
        else:
            self.begin(anew=anew)

    def begin(self, *, anew: bool) -> None:
        """Start the checks."""
        checks = self.step.checks(self.flow)
        if checks is None:
            return
        self._checked = checks.about(self.flow)
        self.exchanges.clear()
        self.run_checks()  # first: what is shown while they run stays, and keeps the focus
        self.show_begin(anew=anew)
        self.say("checking ..." if checks.verb == "check" else "sending ...")
        self.show_keys()

    @work(exclusive=True, group="checks", description="checks")
    async def run_checks(self) -> None:
        """Run the checks and show each finding as it comes."""
        checks = self.step.checks(self.flow)
        if checks is None:
            return
        subject = checks.about(self.flow)
        findings = await checks.run(self.listen)
        # What was typed in the meantime was not checked: it must not be taken for proven.
        self.flow.found(self.KEY, findings, checks.about, subject=subject)
        self.say("")
        self.say_lines(self._noted)
        self.refresh_step()
        self.found(findings)
        self.show_keys()
        # What the checks leave behind is given back at once: 1 to 2 MiB after those of DNS.
        self.call_after_refresh(hardening.trim)

    def listen(self, event: Event) -> None:
        """Show what a running check says."""
        if isinstance(event, Finding):
            if self.step.worth_showing([event]):
                self.show_found(event)
        elif isinstance(event, Progress):
            self.say(f"checking ... {event.done} of {event.of} questions answered")
        else:
            self.exchanges.append(event)

    # Offers

    def take(self, offer: Offer, given: Given = NOTHING) -> None:
        """Ask what *offer* asks, then carry it out with what is *given* already."""
        if self.busy:
            return
        self._noted = ()
        if offer.closed:
            self.say_lines([offer.closed])
        elif offer.question:
            box = Confirm(offer.question, yes=offer.name, no="no, change nothing")
            self.app.push_screen(box, lambda yes: self.ask_for(offer, given) if yes else None)
        else:
            self.ask_for(offer, given)

    def ask_for(self, offer: Offer, given: Given = NOTHING) -> None:
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
            self.carry_out(offer.id, given)

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
        self._noted = result.sentences
        if result.move is not None:
            self.go(result.move)
            return
        self.took(result)
        self.refresh_step()
        if result.page is not None:
            self.app.push_screen(Page(result.page.title, result.page.lines, hang=6))
        self.check_by_itself()

    # Moves

    def go(self, move: Move) -> None:
        """Leave; the step's checks are cancelled, and boxes over it are closed."""
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
            box = Confirm(gate.sentence, yes="write anyway", no="back to the review")
            self.app.push_screen(box, lambda yes: self.ask_before_leaving() if yes else None)
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

        self.app.push_screen(Confirm(offer.question, yes=offer.name, no="no"), answered)

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

    # Texts to take away

    def write_file(self, name: str, text: str) -> str:
        """Write *text* into the state directory, for the operator alone; return the sentence about it."""
        try:
            path = self.flow.journal.ready() / name
            files.write_private(path, text)
        except (OSError, StateError) as error:
            return f"It could not be written: {Untrusted(getattr(error, 'strerror', None) or error)}."
        return f"Written to {Untrusted(path)}; it holds no key."

    def action_report(self) -> None:
        """Write the redacted report into the state directory and show it."""
        made = partial(
            report.text, self.draft, self.flow.all_findings, receipt=self.flow.receipt, despite=self.flow.despite
        )
        said = self.write_file("report.md", made())
        self.app.push_screen(Page("Report", [said, "", *made(width=report.WHOLE).splitlines()]))
