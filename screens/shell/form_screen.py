"""A step that asks: fields made of the questions' data, judged on the way on, kept on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widgets import Input

from screens.shell.step_screen import StepScreen
from screens.widgets.field import Choice, Field, identity
from wizard.setup import order
from wizard.setup.flow import To
from wizard.setup.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual import events

_USUAL = 36
"""Columns of a field where the step says nothing else."""


class FormScreen(StepScreen):
    """Asks the questions of one step."""

    WIDTHS: ClassVar[Mapping[str, int]] = {}
    """Columns of a field, by the answer's key; 0: all there are, and no hint."""
    LABELS: ClassVar[Mapping[str, str]] = {}
    """Labels that stand in place of the questions' own: twelve columns at most."""
    HINTS: ClassVar[Mapping[str, str]] = {}
    """Hints that stand in place of the questions' own."""
    _impatient = False
    """Whether Enter was pressed while checks run: the next Enter goes on without them."""

    def questions(self) -> tuple[Question, ...]:
        """Return what is asked here."""
        return QUESTIONS[self.KEY]

    def fields(self, *keys: str) -> Iterator[Field]:
        """Yield a field for each question, or for those named."""
        for question in self.questions():
            if not keys or identity(question.key) in map(identity, keys):
                yield self.field(question)

    def field(self, question: Question) -> Field:
        """Return the field of *question*."""
        key = question.key.rstrip("_")
        width = self.WIDTHS.get(key, _USUAL)
        hint = self.HINTS.get(key, question.hint) if width else ""
        label = self.LABELS.get(key, question.label)
        return Field(question.key, label, question.get(self.draft), hint, width=width)

    @on(Input.Changed)
    def keep(self, event: Input.Changed) -> None:
        """Keep what is typed in the draft, right or wrong."""
        question = self._question(event.input.id)
        if question is not None and event.value != question.get(self.draft):
            self.draft = question.set(self.draft, event.value)
            self.show_keys()

    @on(Choice.Changed)
    def keep_choice(self, event: Choice.Changed) -> None:
        """Keep what is chosen."""
        question = self._question(event.choice.id)
        if question is not None:
            self.draft = question.set(self.draft, event.choice.value)
            self.show_keys()

    def _question(self, name: str | None) -> Question | None:
        return next((item for item in self.questions() if identity(item.key) == name), None)

    def problems(self) -> list[order.Problem]:
        """Return what is wrong with the present answers."""
        return order.step(self.KEY).problems(self.draft, self.session)

    def judged(self) -> bool:
        """Show every problem at its field and say whether there is none; the first one gets the focus."""
        wrong = {identity(problem.field): problem.sentence for problem in self.problems()}
        first: Field | None = None
        for field in self.query(Field):
            sentence = wrong.get(identity(field.key))
            field.show(sentence)
            if sentence and first is None:
                first = field
        if first is not None:
            first.display = True
            first.input.focus()
        return not wrong

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Judge a field that is left with something in it; an empty one is not blamed before Enter."""
        if not isinstance(event.widget, Input) or self._question(event.widget.id) is None:
            return
        wrong = {identity(problem.field): problem.sentence for problem in self.problems()}
        for field in self.query(Field):
            if field.input is event.widget:
                field.show(wrong.get(identity(field.key)) if event.widget.value else None)

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Go on from a field."""
        self.submitted(event.input.id or "", event.value)

    def submitted(self, _identity: str, _value: str) -> None:
        """React to Enter in a field; a screen overrides this and not the handler, which Textual would call twice."""
        self.advance()

    def action_advance(self) -> None:
        """Go on."""
        self.advance()

    def advance(self) -> None:
        """Check what has not been checked yet; go on where it has."""
        if not self.judged():
            return
        if self.is_stale:
            self._impatient = False
            self.start_checks()
            self.show_keys()
        elif self.checking and not self._impatient:
            self._impatient = True
            self.say("still checking; Enter again goes on without the result")
        else:
            self.leave(To.NEXT)

    @property
    def enter_key(self) -> str:
        """What Enter does now."""
        return "Enter check" if self.is_stale else f"Enter next{self.open_count}"

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.typing:
            return [self.enter_key]
        if self.findings.has_focus:
            return ["Enter more", *self.letter_keys()]
        return [self.enter_key, *self.letter_keys()]

    def check_by_itself(self) -> None:
        """Check what is right and has not been checked yet; nothing here logs in or sends."""
        if self.is_stale and not self.problems():
            self.start_checks()
            self.show_keys()

    def action_check_again(self) -> None:
        """Check again, if the answers can be."""
        if self.judged():
            super().action_check_again()

    def set_field(self, key: str, value: str) -> None:
        """Put *value* into the field of *key*, which keeps it in the draft too."""
        for field in self.query(Field):
            if identity(field.key) == identity(key):
                field.input.value = value
