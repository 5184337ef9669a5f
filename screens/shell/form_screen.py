"""A step that asks: a field for each of the step's fields, judged on the way on, kept on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from screens.shell.dialogs import Confirm
from screens.shell.step_screen import StepScreen
from screens.widgets.choice import Choice
from screens.widgets.field import Field, identity
from screens.widgets.inputs import PlainInput
from wizard.model.secret import Secret
from wizard.setup import misplaced
from wizard.setup.step import SecretField

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual import events
    from textual.widget import Widget

    from wizard.model.flow import Move
    from wizard.setup.step import AnyField, Result

_USUAL = 28
"""Columns of a field where the step says nothing else."""


class FormScreen(StepScreen):
    """Asks for the answers of one step."""

    WIDTHS: ClassVar[Mapping[str, int]] = {}
    """Columns of a field, by the answer's key; 0: all there are, and no hint."""
    LABELS: ClassVar[Mapping[str, str]] = {}
    """Labels in place of the fields' own: twelve columns at most."""
    BINDINGS = [Binding("enter", "advance", "next")]
    _stored: dict[str, Secret | None]
    _impatient = False
    """Whether Enter was pressed while checks run: the next Enter continues without them."""
    _typed = False
    """Whether a field was typed in or pasted into since the checks began."""

    def fields(self) -> tuple[AnyField, ...]:
        """Return what is asked here."""
        return self.step.fields(self.flow)

    def widgets(self, fields: tuple[AnyField, ...]) -> Iterator[Widget]:
        """Yield a widget for each field."""
        for field in fields:
            yield self.widget(field)

    def widget(self, field: AnyField) -> Widget:
        """Return the widget of *field*."""
        if not isinstance(field, SecretField) and field.choices:
            return Choice(field.key, self.LABELS.get(field.key, field.label), field.choices, field.get(self.draft))
        width = self.WIDTHS.get(field.key, _USUAL)
        hint = field.hint if width else ""
        label = self.LABELS.get(field.key, field.label)
        if isinstance(field, SecretField):
            stored = field.keeps and field.get(self.session) is not None
            return Field(
                field.key, label, "", "blank keeps the present one" if stored else hint, secret=True, width=_USUAL
            )
        return Field(field.key, label, field.get(self.draft), hint, width=width)

    def on_mount(self) -> None:
        """Put the focus on the first field that lacks something."""
        self.remember_secrets()
        super().on_mount()
        self.focus_first_lacking()
        if self.findings.open and not self.step.problems(self.flow):
            self.findings.focus()

    @property
    def was_typed_in(self) -> bool:
        """Whether a field was typed in, pasted into or left for another one since the checks began."""
        return self._typed

    def show_begin(self, *, anew: bool) -> None:
        """Show that checks begin."""
        self._typed = False
        super().show_begin(anew=anew)

    def check_behind(self) -> None:
        """Check while the operator is at another field, where the focus stays whatever is found."""
        self.check_by_itself()
        self._typed = True

    def focus_first_lacking(self) -> None:
        """Put the focus on the first field that has a problem: there the next thing typed or pasted belongs."""
        wrong = {identity(problem.field) for problem in self.step.problems(self.flow)}
        for field in self.query(Field):
            if identity(field.key) in wrong and field.display:
                field.input.focus()
                return

    @on(Input.Changed)
    def keep(self, event: Input.Changed) -> None:
        """Keep what is typed, right or wrong; a secret for this run alone."""
        field = self._field(event.input.id)
        if field is None:
            return
        if isinstance(field, SecretField):
            self._typed = self._typed or bool(event.value)
            self.keep_secret(field, event.value)
        elif event.value != field.get(self.draft) and not misplaced.sentence(event.value):
            self._typed = True
            self.draft = field.set(self.draft, event.value)
            self.forget_noted()
        self.clear_mended()
        self.note_change()
        self.show_lines()
        self.show_keys()

    def forget_noted(self) -> None:
        """Take away what an offer has said: it is about other answers."""
        if self._noted:
            self._noted = ()
            self.say("")

    def clear_mended(self) -> None:
        """Take away the sentences under fields that are right now."""
        shown = [field for field in self.query(Field) if field.problem]
        if shown:
            wrong = {identity(problem.field): problem.sentence for problem in self.step.problems(self.flow)}
            for field in shown:
                if wrong.get(identity(field.key)) != field.problem:
                    field.show(wrong.get(identity(field.key)))

    @on(PlainInput.ManyLines)
    def refuse_lines(self, event: PlainInput.ManyLines) -> None:
        """Say why a paste of several lines was not taken."""
        pastes = self.offer_of("f4") is not None
        where = " F4 takes a whole page." if pastes else ""
        for field in self.query(Field):
            if field.input is event.input:
                field.show(f"You pasted {event.count} lines; this field takes one.{where}")

    def keep_secret(self, field: SecretField, typed: str) -> None:
        """Keep a secret that is being typed; a blank field keeps the one that was there before."""
        self.session = field.set(self.session, Secret(typed) if typed else self._stored.get(field.key))

    def remember_secrets(self) -> None:
        """Keep in mind which secrets there are: a field that is emptied again gives them back."""
        fields = (field for field in self.fields() if isinstance(field, SecretField))
        self._stored = {field.key: field.get(self.session) for field in fields}

    @on(Choice.Changed)
    def keep_choice(self, event: Choice.Changed) -> None:
        """Keep what is chosen."""
        field = self._field(identity(event.choice.key))
        if field is not None and not isinstance(field, SecretField):
            self._typed = True
            self.draft = field.set(self.draft, event.choice.value)
            self.note_change()
            self.show_lines()
            self.show_keys()

    def _holds(self, field: Field, item: AnyField) -> bool:
        """Whether what is typed in *field* gives the present answer."""
        return not isinstance(item, SecretField) and item.set(self.draft, field.input.value) == self.draft

    def _field(self, name: str | None) -> AnyField | None:
        return next((item for item in self.fields() if identity(item.key) == name), None)

    def judged(self) -> bool:
        """Show every problem at its field and say whether there is none; the first one gets the focus."""
        wrong = {identity(problem.field): problem.sentence for problem in self.step.problems(self.flow)}
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
        if not isinstance(event.widget, Input) or self._field(event.widget.id) is None:
            return
        self._typed = self._typed or self.checking  # who goes to another field fills it in
        if self.is_misplaced(event.widget):
            return
        wrong = {identity(problem.field): problem.sentence for problem in self.step.problems(self.flow)}
        for field in self.query(Field):
            if field.input is event.widget:
                field.show(wrong.get(identity(field.key)) if event.widget.value else None)

    def is_misplaced(self, widget: Input) -> bool:
        """Take a secret out of a field that is shown and saved, and offer it to the one where it belongs."""
        field = self._field(widget.id)
        typed = widget.value
        if field is None or isinstance(field, SecretField) or not misplaced.sentence(typed):
            return False
        widget.value = field.get(self.draft)
        for each in self.query(Field):
            if each.input is widget:
                each.show(misplaced.sentence(typed))
        if misplaced.question(typed):

            def answered(yes: bool | None) -> None:
                if yes:
                    self.say_lines([misplaced.accept(self.flow, typed)])
                    self.remember_secrets()
                    self.refresh_step()

            box = Confirm(misplaced.question(typed), yes="put it there", no="forget it")
            self.app.push_screen(box, answered)
        return True

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Continue from a field."""
        if self.is_misplaced(event.input):
            return
        self.submitted(event.input.id or "", event.value)

    def submitted(self, _identity: str, _value: str) -> None:
        """React to Enter in a field; a screen overrides this and not the handler, which Textual would call twice."""
        self.advance()

    def advance(self) -> None:
        """Check what has not been checked yet; continue where it has."""
        if not self.judged():
            return
        if self.is_stale:
            self._impatient = False
            self.start_checks()
            self.show_keys()
        elif self.checking and not self._impatient:
            self._impatient = True
            self.say("still checking; Enter again continues without the result")
        else:
            super().advance()

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now."""
        if binding.key == "enter" and binding.action in {"advance", "submit", "continue"}:
            return self.enter_words
        return super().describe(binding)

    @property
    def next_words(self) -> str:
        """What continuing does: what was not checked yet is checked first."""
        checks = self.step.checks(self.flow)
        return checks.verb if checks is not None and self.is_stale else super().next_words

    @property
    def enter_words(self) -> str:
        """What Enter does in a field."""
        return self.next_words

    def action_check_again(self) -> None:
        """Check again, if the answers can be."""
        if self.judged():
            super().action_check_again()

    def took(self, result: Result) -> None:
        """Show the values that an offer has changed."""
        super().took(result)
        self.fill()

    def fill(self) -> None:
        """Put the present answers into the fields; a secret that was pasted is in no field.

        What is wrong stays as it was typed, with its sentence.
        """
        wrong = {identity(problem.field) for problem in self.step.problems(self.flow)}
        for item in self.fields():
            for field in self.query(Field):
                if field.key != item.key or (identity(item.key) in wrong and self._holds(field, item)):
                    continue
                value = "" if isinstance(item, SecretField) else item.get(self.draft)
                if field.input.value != value:
                    field.input.value = value
                field.show(None)
        for choice in self.query(Choice):
            chosen = self._field(identity(choice.key))
            if chosen is not None and not isinstance(chosen, SecretField):
                choice.choose(chosen.get(self.draft))
        self.remember_secrets()

    def go(self, move: Move) -> None:
        """Leave, with no secret left in a field."""
        super().go(move)
        for field in self.query(Field):
            if field.is_secret:
                with self.prevent(Input.Changed):
                    field.input.value = ""
