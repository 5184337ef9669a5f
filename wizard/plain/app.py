"""The line prompts: one loop over any step, for screen readers, serial lines and terminals that can do no more.

Nothing is drawn, nothing is erased: each question is one line, each finding is below it.
"""

from __future__ import annotations

import signal
from functools import partial
from typing import TYPE_CHECKING, TextIO

from wizard.checks import one_cause
from wizard.model.exit_codes import Exit
from wizard.model.flow import STEPS_OF, Move, To, position
from wizard.model.session import nobody
from wizard.plain.asking import Asking, number_of
from wizard.plain.prompts import CHOICE, HELP, BackError, LeaveError, Prompts
from wizard.setup import order, proofs
from wizard.setup.flow import OPEN
from wizard.setup.step import Passage, Result, SecretField, perform
from wizard.setup.steps import done
from wizard.system import event_loop
from wizard.system.event_loop import EndedError

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Step
    from wizard.system.output import Out


def run(state: FlowState, out: Out, stdin: TextIO, *, dry_run: bool = False) -> int:
    """Go through the steps by prompts on stderr and answers from *stdin*; return the exit code."""
    state.dry_run = dry_run
    before = {number: signal.signal(number, event_loop.raise_ended) for number in event_loop.SIGNALS}
    plain = _Plain(state, out, Prompts(out, stdin))
    try:
        with event_loop.one_loop():
            try:
                return plain.all_steps()
            finally:
                event_loop.run(state.close())
    except LeaveError:
        return plain.left()
    except EndedError as ended:
        out.say("")  # the cursor is behind a question
        if isinstance(ended.result, Result):  # of a writing that the signal stopped: in which state each key is
            out.say(*ended.result.sentences)
        else:
            plain.tell(*(done.last_words(state) or ((state.left_early,) if state.is_left_early else ())))
        state.save()
        return ended.code
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Plain(Asking):
    """Goes from step to step; what a step does is the step's own."""

    def all_steps(self) -> int:
        """Go from step to step until a move leads out."""
        if self.state.session.rehearsal:
            self.out.say("REHEARSAL: nothing leaves this machine")
        self.tell(f"postal-wizard, line prompts. {HELP}")
        key: str | None = self.state.key
        while key is not None:
            try:
                move = self._step(order.step(key))
            except BackError:
                move = Move(To.BACK)
            key = self.state.take(move) or (self.state.key if move.to is To.BACK else None)
        return self._end()

    def left(self) -> int:
        """End where the operator left."""
        if self.state.receipt is not None:
            return self._end()
        self.state.save()
        if self.state.uncertain:
            self.out.say(self.state.uncertainty)
            return Exit.UNWRITTEN
        if not self.state.is_left_early:
            return Exit.DONE
        self.out.say(self.state.left_early)
        return Exit.LEFT

    def _end(self) -> int:
        if self.state.receipt is not None:
            self.state.journal.discard()
        self.tell(*(self.state.farewell or done.last_words(self.state)))
        return self.state.exit

    # One step

    def _step(self, step: Step) -> Move:
        """Go through *step* until it is left. Raises BackError and LeaveError."""
        tally = proofs.line(proofs.of_findings(self.state.all_findings, self.state.confirmed, attended=True))
        self.out.say("", f"{self._where(step)}: {step.title}. {tally[:1].upper()}{tally[1:]}.", step.asked(self.state))
        self.tell(*filter(None, (step.hint, self.state.message)))
        self.state.message = ""
        self.ask.about = partial(self._help, step)
        entered = event_loop.run(step.enter(self.state, nobody))
        self.tell(*entered.sentences)
        if any(offer.choice for offer in step.offers(self.state)):
            return self._choose(step)
        everything = False
        asked = step.asked(self.state)
        while True:
            self._ask_fields(step, everything=everything)
            self._check(step)
            if asked != (asked := step.asked(self.state)):
                self.tell(asked)
            self._say_lines(step)
            move, everything = self._continue(step)
            if move is not None:
                return move

    def _where(self, step: Step) -> str:
        """Return where *step* lies: one that is asked for in between has no number."""
        if step.key not in STEPS_OF[self.state.kind]:
            return "In between"
        number, of = position(step.key, self.state.kind)
        return f"Step {number} of {of}"

    def _choose(self, step: Step) -> Move:
        """Let one of the step's choices be taken until one leads on."""
        first = True
        while True:
            self._say_lines(step)
            if not first:
                self.out.say("", step.asked(self.state))  # what was said has numbers too
            first = False
            offers = step.offers(self.state)
            choices = [offer for offer in offers if offer.choice]
            for number, offer in enumerate(choices, 1):
                self.out.say(f"{number}  {offer.name}" + (f", {offer.note}" if offer.note else ""))
            self._list(offer for offer in offers if not offer.choice)
            typed = self.ask.line("Which? [1]", CHOICE).strip() or "1"
            number = number_of(typed)
            if 1 <= number <= len(choices):
                chosen = choices[number - 1]
            else:
                named = self._named(step, typed)
                if named is None:
                    self.out.say(f"Type a number from 1 to {len(choices)}.")
                    continue
                chosen = named
            result = self._perform(step, chosen)
            if result is not None and result.move is not None:
                return result.move

    def _check(self, step: Step) -> None:
        """Run the step's checks where the present answers were not checked yet, and say what was found."""
        checks = step.checks(self.state)
        if checks is None:
            return
        if not self.state.is_checked(step.key):
            if checks.closed:
                self.tell(checks.closed)
                return
            if checks.question and not self.ask.yes(checks.question):
                return
            if not checks.question and checks.verb == "send" and not self.ask.yes("Send the test mail now?"):
                return
            self.out.say("Checking ..." if checks.verb == "check" else "Sending ...")
            self.state.found(step.key, event_loop.run(checks.run(nobody)), checks.about)
        if step.sections is None:  # else they say what was found
            self._say_findings(step.worth_showing(list(self.state.findings(step.key))))

    def _say_lines(self, step: Step, *, anew: bool = True) -> None:
        """Say the step's lines; not *anew*: those alone that were not said yet, as after an offer."""
        lines = step.lines(self.state)
        self.tell(*(line for line in lines if anew or (line and line not in self.said)))
        self.said = tuple(lines)

    def _continue(self, step: Step) -> tuple[Move | None, bool]:
        """Offer what can be done until the step is left, or its answers are asked for again."""
        while True:
            self._say_lines(step, anew=False)
            offers = [offer for offer in step.offers(self.state) if not offer.choice]
            self._list(offers)
            fields = step.fields(self.state)
            more = any(not isinstance(field, SecretField) and field.from_page for field in fields)
            checks = step.checks(self.state)
            does = ["asks"] if fields else []
            does += [f"{checks.verb}s"] if checks is not None else []
            again = f"r {' and '.join(does)} again" if does else ""
            onward = step.onward(self.state)
            left = len(one_cause.grouped(one for one in self.state.findings(step.key) if one.verdict in OPEN))
            still = f" with {left} open" if left and step.sections is None else ""
            words = (
                f"Enter {onward}{still}" if onward else "",
                again,
                "o asks for all values" if more else "",
            )
            typed = self.ask.line(f"{', '.join(filter(None, words))}:").strip()
            if not typed:
                move = self._proceed(step)
                if move is not None:
                    return move, False
            elif typed.lower() == "r":
                self.state.records.pop(step.key, None)
                return None, False
            elif typed.lower() == "o" and more:
                return None, True
            else:
                move = self._answer(step, typed)
                if move is not None:
                    return move, False

    def _answer(self, step: Step, typed: str) -> Move | None:
        """Do what *typed* names, or give it to the offer that takes whatever is typed."""
        offer = self._named(step, typed)
        if offer is not None:
            result = self._perform(step, offer)
            return result.move if result is not None else None
        direct = next((one for one in step.offers(self.state) if one.direct and not one.closed), None)
        if direct is None:
            self.out.say("That is not one of the keys.")
            return None
        given = {direct.asks[0].key: typed}
        result = event_loop.run(perform(step, self.state, direct.id, nobody, given))
        self._say(result)
        return result.move

    def _proceed(self, step: Step) -> Move | None:
        """Continue where the gate is open, or its question gets a yes."""
        gate = step.gate(self.state)
        if gate.passage is Passage.CLOSED:
            self.tell(gate.sentence)
            return Move(To.GOTO, gate.step) if gate.step is not None and gate.exit is Exit.USAGE else None
        if gate.passage is Passage.ASK and not self.ask.yes(gate.sentence):
            self.out.say("Nothing was done: you did not confirm it.")
            return None
        for offer in [one for one in step.offers(self.state) if one.on_leave and not one.closed]:
            if self._wants(offer.question):
                self._say(event_loop.run(perform(step, self.state, offer.id, nobody, confirmed=True)))
        result = event_loop.run(step.proceed(self.state, nobody))
        self._say(result)
        return result.move

    def _wants(self, question: str) -> bool:
        """Ask, where an input that ends means no: what had to be done is done."""
        try:
            return self.ask.yes(question)
        except (BackError, LeaveError):
            return False
