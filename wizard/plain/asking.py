"""What the line prompts ask of a step: its answers one by one, and what an offer needs; and how they say results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from wizard.model.finding import Verdict, granted
from wizard.model.secret import Secret
from wizard.model.session import nobody
from wizard.plain.prompts import VALUE, Prompts
from wizard.setup import help_pages, misplaced, report
from wizard.setup.step import Result, SecretField, perform
from wizard.system import event_loop

if TYPE_CHECKING:
    from collections.abc import Iterable

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
                self._ask(step, field)
                problem = next((one for one in step.problems(self.state) if one.field == field.key), None)
                if problem is None:
                    break
                self.out.say(problem.sentence)
            self.ask.about = partial(self._help, step)

    @staticmethod
    def _is_asked(field: AnyField, everything: bool) -> bool:
        return everything or isinstance(field, SecretField) or not field.from_page

    def _ask(self, step: Step, field: AnyField) -> None:
        """Ask once for *field*; the name of a function key does what it does in this step."""
        while True:
            typed = self._hidden(field) if isinstance(field, SecretField) else self._shown(field)
            offer = self._named(step, typed) if typed.strip().lower().startswith("f") else None
            if offer is None:
                break
            self._perform(step, offer)
        if isinstance(field, SecretField):
            if typed.strip():
                self.state.session = field.set(self.state.session, Secret(typed))
                self.out.say(*filter(None, (field.remark(typed),)))
            return
        before = field.get(self.state.draft)
        if why := misplaced.sentence(typed):
            self.out.say(why)
            if misplaced.question(typed) and self.ask.yes(misplaced.question(typed)):
                self.out.say(misplaced.accept(self.state, typed))
            self._ask(step, field)
            return
        if typed.strip() == "-":
            self.state.draft = field.set(self.state.draft, "")
        elif typed.strip():
            self.state.draft = field.set(self.state.draft, self._value(field, typed))
        if field.enters and field.get(self.state.draft) != before:
            self.out.say(*event_loop.run(step.enter(self.state, nobody)).sentences)

    def _shown(self, field: Field) -> str:
        present = field.get(self.state.draft)
        if field.choices:
            for number, (_, name) in enumerate(field.choices, 1):
                self.out.say(f"  {number}  {name}")
        hint = f" ({field.hint})" if field.hint else ""
        return self.ask.line(f"{field.label}{hint} [{present}]:", VALUE)

    @staticmethod
    def _value(field: Field, typed: str) -> str:
        """Return what was typed, or the value of the choice with that number."""
        number = number_of(typed)
        return field.choices[number - 1][0] if 1 <= number <= len(field.choices) else typed

    def _hidden(self, field: SecretField) -> str:
        present = "stored" if field.keeps and field.get(self.state.session) is not None else ""
        return self.ask.hidden(field.label, present)

    # Offers

    def _list(self, offers: Iterable[Offer]) -> None:
        for offer in offers:
            if not offer.direct and not offer.on_leave:
                self.out.say(f"  {_typed(offer):<3} {offer.name}")
            elif offer.direct:
                self.out.say(f"      {offer.name}: {offer.asks[0].hint}")

    def _named(self, step: Step, typed: str) -> Offer | None:
        word = typed.strip().lower()
        return next((one for one in step.offers(self.state) if word and word in {_typed(one), one.key, one.id}), None)

    def _perform(self, step: Step, offer: Offer) -> Result | None:
        """Ask for what *offer* needs, carry it out and say what came of it; None where it was not wanted."""
        if offer.closed:
            self.out.say(offer.closed)
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
                given[field.key] = self.ask.line(f"{field.label} [{field.default}]:", VALUE).strip() or field.default
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
        self.out.say(*result.sentences)
        self.said += result.sentences
        if result.page is not None:
            self.out.say("", result.page.title, *report.folded(result.page.lines))
        else:
            self._say_findings(result.findings)

    def _say_findings(self, findings: Iterable[Finding]) -> None:
        self.out.say_rows(report.all_rows(one for one in findings if one.verdict is not Verdict.SKIP))


def _typed(offer: Offer) -> str:
    """Return what is typed for *offer*: its key, or a word or two where it has none."""
    return offer.key or offer.id.replace("_", " ")


def number_of(typed: str) -> int:
    """Return the number that was typed for a choice, 0 where it is none."""
    digits = typed.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
