"""What the line prompts ask of a step: its answers one by one, and what an offer needs; and how they say results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wizard.model.finding import Verdict, granted
from wizard.model.secret import Secret
from wizard.model.session import nobody
from wizard.plain.prompts import CHOICE, Prompts
from wizard.setup import help_pages, misplaced, report
from wizard.setup.step import Result, SecretField, perform
from wizard.system import event_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState
    from wizard.setup.step import AnyField, Field, Offer, Step
    from wizard.system.output import Out


@dataclass(slots=True)
class Asking:
    """Asks what one step has to know; nothing is drawn, nothing is erased."""

    state: FlowState
    out: Out
    ask: Prompts
    said: tuple[str, ...] = ()
    """The lines of the step as they were said last."""

    def _help(self, step: Step, field: AnyField | None = None) -> list[str]:
        """Return the help on what is asked now: *field*, else the whole step."""
        return help_pages.part(step.key, field.key if field is not None else None, granted(self.state.all_findings))

    def tell(self, *lines: str) -> None:
        """Say *lines*, sentences in as many as they take."""
        self.out.say(*report.folded(lines))

    # Answers

    def _ask_fields(self, step: Step, *, everything: bool) -> None:
        """Ask for each answer until the step has no problem with it; what a page gives only with *everything*."""
        asked: set[str] = set()
        while True:
            fields = step.fields(self.state)
            field = next((one for one in fields if one.key not in asked and self._is_asked(one, everything)), None)
            if field is None:
                return
            asked.add(field.key)
            self.ask.about = partial(self._help, step, field)
            while True:
                put_back = self._ask(step, field)
                problem = next((one for one in step.problems(self.state) if one.field == field.key), None)
                if problem is None:
                    break
                self.tell(problem.sentence)
                put_back()  # a wrong answer is not the default of the next try
            self.ask.about = partial(self._help, step)

    @staticmethod
    def _is_asked(field: AnyField, everything: bool) -> bool:
        return everything or isinstance(field, SecretField) or not field.from_page

    def _ask(self, step: Step, field: AnyField) -> Callable[[], None]:
        """Ask once for *field*, and return what takes the answer back.

        The name of a function key does what it does in this step.
        """
        while True:
            typed = self._hidden(step, field) if isinstance(field, SecretField) else self._shown(field)
            offer = self._named(step, typed) if typed.strip().lower().startswith("f") else None
            if offer is None:
                break
            self._perform(step, offer)
        if isinstance(field, SecretField):
            secret = field.get(self.state.session)
            if typed.strip():
                self.state.session = field.set(self.state.session, Secret(typed))
                self.tell(*filter(None, (field.remark(typed),)))
            return partial(self._put_secret, field, secret)
        before = field.get(self.state.draft)
        if why := misplaced.sentence(typed):
            self.tell(why)
            if misplaced.question(typed) and self.ask.yes(misplaced.question(typed)):
                self.tell(misplaced.accept(self.state, typed))
            return self._ask(step, field)
        if typed.strip():
            self._put(field, "" if typed.strip() == "-" else typed)
        if field.enters and field.get(self.state.draft) != before:
            self.tell(*event_loop.run(step.enter(self.state, nobody)).sentences)
        return partial(self._put, field, before)

    def _put(self, field: Field, value: str) -> None:
        self.state.draft = field.set(self.state.draft, value)

    def _put_secret(self, field: SecretField, value: Secret | None) -> None:
        self.state.session = field.set(self.state.session, value)

    def _shown(self, field: Field) -> str:
        """Ask for what may be shown; of choices, by number, until one of them is typed."""
        present = field.get(self.state.draft)
        if not field.choices:
            return self.ask.value(f"{field.label}{_hint(field)}", present)
        values = [value for value, _ in field.choices]
        self.out.say(*(f"  {number}  {name}" for number, (_, name) in enumerate(field.choices, 1)))
        chosen = str(values.index(present) + 1) if present in values else ""
        while True:
            typed = self.ask.value(f"{field.label}{_hint(field)}", chosen, CHOICE).strip()
            if not typed or typed.lower() in values:
                return typed.lower()
            if 1 <= number_of(typed) <= len(values):
                return values[number_of(typed) - 1]
            self.out.say(f"Type a number from 1 to {len(values)}.")

    def _hidden(self, step: Step, field: SecretField) -> str:
        known = field.get(self.state.session) is not None
        wrong = any(one.field == field.key for one in step.problems(self.state))
        present = "stored" if known and not wrong else ""
        return self.ask.hidden(field.label, present, _hint(field))

    # Offers

    def _list(self, offers: Iterable[Offer]) -> None:
        """Say what can be typed, one under the other; what is asked about on leaving is not typed."""
        typed = [("" if offer.direct else _typed(offer), offer) for offer in offers if not offer.on_leave]
        width = max((len(word) for word, _ in typed), default=0)
        for word, offer in typed:
            self.out.say(f"  {word:<{width}}  {offer.name}" + (f": {offer.asks[0].hint}" if offer.direct else ""))

    def _named(self, step: Step, typed: str) -> Offer | None:
        word = typed.strip().lower()
        return next((one for one in step.offers(self.state) if word and word in {_typed(one), one.key, one.id}), None)

    def _perform(self, step: Step, offer: Offer) -> Result | None:
        """Ask for what *offer* needs, carry it out and say what came of it; None where it was not wanted."""
        if offer.closed:
            self.tell(offer.closed)
            return None
        if offer.question and not self.ask.yes(offer.question):
            return None
        given: dict[str, str | Secret] = {}
        for field in offer.asks:
            if field.secret:
                typed = self.ask.hidden(field.label, "stored" if field.optional else "")
                if typed:
                    given[field.key] = Secret(typed)
            else:
                given[field.key] = self.ask.value(field.label, field.default).strip() or field.default
        if offer.block:
            pasted = self.ask.block(offer.block)
            if not pasted.strip():
                return None
            given["block"] = Secret(pasted) if offer.secret_block else pasted
        result = event_loop.run(perform(step, self.state, offer.id, nobody, given, confirmed=True))
        self._say(result)
        if offer.choice and result.move is None and result.page is None:
            self._say_findings(result.findings)
        return result

    def _say(self, result: Result) -> None:
        self.tell(*result.sentences)
        self.said += result.sentences
        if result.page is not None:
            self.out.say("", result.page.title, *report.folded(result.page.lines))
        else:
            self._say_findings(result.findings)

    def _say_findings(self, findings: Iterable[Finding]) -> None:
        self.out.say_rows(report.all_rows(one for one in findings if one.verdict is not Verdict.SKIP))


def _hint(field: AnyField) -> str:
    return f" ({field.hint})" if field.hint else ""


def _typed(offer: Offer) -> str:
    """Return what is typed for *offer*: its key, or a word or two where it has none."""
    return offer.key or offer.id.replace("_", " ")


def number_of(typed: str) -> int:
    """Return the number that was typed for a choice, 0 where it is none."""
    digits = typed.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
