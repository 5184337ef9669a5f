"""A step that asks: fields made of the questions' data, judged on the way on, kept on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from screens.base import StepScreen
from screens.widgets.field import Choice, Field
from wizard import steps
from wizard.questions import QUESTIONS, Question
from wizard.walk import To

if TYPE_CHECKING:
    from collections.abc import Iterator


class FormScreen(StepScreen):
    """Asks the questions of one step."""

    def questions(self) -> tuple[Question, ...]:
        """Return what is asked here."""
        return QUESTIONS[self.KEY]

    def fields(self, *keys: str) -> Iterator[Field]:
        """Yield a field for each question, or for those named."""
        for question in self.questions():
            if not keys or question.key in keys:
                yield Field(question.key, question.label, question.get(self.draft), question.hint)

    @on(Input.Changed)
    def keep(self, event: Input.Changed) -> None:
        """Keep what is typed in the draft, right or wrong."""
        question = self._question(event.input.id)
        if question is not None:
            self.draft = question.set(self.draft, event.value)

    @on(Choice.Changed)
    def keep_choice(self, event: Choice.Changed) -> None:
        """Keep what is chosen."""
        question = self._question(event.choice.id)
        if question is not None:
            self.draft = question.set(self.draft, event.choice.value)

    def _question(self, identity: str | None) -> Question | None:
        return next((item for item in self.questions() if item.key.replace(".", "-").rstrip("_") == identity), None)

    def problems(self) -> list[steps.Problem]:
        """Return what is wrong with the present answers."""
        return steps.step(self.KEY).problems(self.draft, self.session)

    def judged(self) -> bool:
        """Show every problem at its field and say whether there is none; the first one gets the focus."""
        wrong = {problem.field: problem.sentence for problem in self.problems()}
        for field in self.query(Field):
            field.show(wrong.get(field.key.rstrip("_")))
        first = next((field for field in self.query(Field) if field.key.rstrip("_") in wrong), None)
        if first is not None:
            first.input.focus()
        return not wrong

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Go on from a field."""
        self.submitted(event.input.id or "", event.value)

    def submitted(self, _identity: str, _value: str) -> None:
        """React to Enter in a field; a screen overrides this and not the handler, which Textual would call twice."""
        self.advance()

    def advance(self) -> None:
        """Check what has not been checked yet; go on where it has."""
        if not self.judged():
            return
        if self.checked != self.subject() and self.has_checks():
            self.start_checks()
            return
        self.leave(To.NEXT)

    def action_check_again(self) -> None:
        """Check again, if the answers can be."""
        if self.judged():
            super().action_check_again()

    def set_field(self, key: str, value: str) -> None:
        """Put *value* into the field of *key*, which keeps it in the draft too."""
        for field in self.query(Field):
            if field.key == key:
                field.input.value = value
