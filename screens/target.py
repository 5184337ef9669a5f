"""Where GlitchTip reads its settings from: a `.env` beside docker-compose.yml, or a folder in Infisical."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.form import FormScreen
from screens.widgets.field import Choice, Field
from wizard import env_facts
from wizard.draft import EnvTarget, InfisicalTarget
from wizard.questions import QUESTIONS, Question
from wizard.secret import Secret
from wizard.walk import To

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget


class TargetScreen(FormScreen):
    """Asks for the kind of target and its place."""

    KEY = "target"
    AUTO_FOCUS = "#target-kind"
    FOOT = "blank changes the kind   Enter next   Esc back   F1 help"
    BINDINGS = [Binding("enter", "advance", show=False)]

    def questions(self) -> tuple[Question, ...]:
        """Return the questions of the kind that is chosen."""
        return QUESTIONS["infisical" if isinstance(self.draft.target, InfisicalTarget) else "env"]

    def body(self) -> Iterator[Widget]:
        """Yield the choice and both kinds' fields; those of the other kind are hidden."""
        kind = self.draft.target.kind if self.draft.target is not None else "env"
        if self.draft.target is None:
            self.draft = replace(self.draft, target=EnvTarget())
        yield Choice("target.kind", "Settings", (("env", ".env"), ("infisical", "Infisical")), kind)
        for name in ("env", "infisical"):
            for question in QUESTIONS[name]:
                field = Field(question.key, question.label, question.get(self.draft), question.hint)
                field.add_class(f"kind-{name}")
                yield field
        stored = "blank keeps the one given" if self.session.client_secret else ""
        secret = Field("target.client_secret", "Secret", "", stored, secret=True)
        secret.add_class("kind-infisical")
        yield secret
        self._facts = Static("", classes="facts")
        yield self._facts

    def on_mount(self) -> None:
        """Show the fields of the kind that is chosen."""
        super().on_mount()
        self.show_kind()

    def show_kind(self) -> None:
        """Show the fields of the chosen kind, and what is known of the place."""
        infisical = isinstance(self.draft.target, InfisicalTarget)
        self.query(".kind-infisical").set(display=infisical)
        self.query(".kind-env").set(display=not infisical)
        self.show_facts()

    def show_facts(self) -> None:
        """Say what is known of the file."""
        target = self.draft.target
        facts = env_facts.lines(self.session.path(target.path)) if isinstance(target, EnvTarget) else []
        self._facts.update(Content("\n".join(facts)))

    @on(Choice.Changed)
    def change_kind(self, event: Choice.Changed) -> None:
        """Change the kind; what was typed for the other stays in its fields."""
        chosen = event.choice.value
        kept = {field.key: field.input.value for field in self.query(Field) if field.has_class(f"kind-{chosen}")}
        self.draft = replace(self.draft, target=InfisicalTarget() if chosen == "infisical" else EnvTarget())
        for question in self.questions():
            self.draft = question.set(self.draft, kept.get(question.key) or question.get(self.draft))
        self.show_kind()

    @on(Input.Changed)
    def keep_place(self, event: Input.Changed) -> None:
        """Keep the client secret for the run, and show the facts of another path."""
        if event.input.id == "target-client_secret" and event.value:
            self.session = replace(self.session, client_secret=Secret(event.value))
        elif event.input.id == "target-path":
            self.show_facts()

    def action_advance(self) -> None:
        """Go on."""
        self.advance()

    def subject(self) -> Any:
        """Return what the step is about."""
        return self.draft.target

    def advance(self) -> None:
        """Go on when nothing is missing; the review asks the target itself."""
        if self.judged():
            self.leave(To.NEXT)

    def on_unmount(self) -> None:
        """Leave no secret in a field."""
        for field in self.query("#target-client_secret"):
            assert isinstance(field, Input)
            field.value = ""
