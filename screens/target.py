"""Where GlitchTip reads its settings from: a `.env` beside docker-compose.yml, or a folder in Infisical."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.form import FormScreen
from screens.modals import Confirm
from screens.widgets.field import Choice, Field
from screens.widgets.menu import Item, Menu
from screens.words import wrapped
from wizard import env_facts, infisical_conventions
from wizard.draft import EnvTarget, InfisicalTarget
from wizard.questions import QUESTIONS, Question
from wizard.secret import Secret
from wizard.walk import To

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.walk import Walk

_KINDS = ("env", "infisical")


class TargetScreen(FormScreen):
    """Asks for the kind of target and its place."""

    KEY = "target"
    AUTO_FOCUS = "Menu"
    WIDTHS = {"target.path": 0, "target.url": 0}
    BINDINGS = [Binding("enter", "advance", show=False)]

    def __init__(self, walk: Walk) -> None:
        super().__init__(walk)
        if self.draft.target is None:
            self.draft = replace(self.draft, target=EnvTarget())
        self._facts = Static("", classes="facts")
        self._other: EnvTarget | InfisicalTarget | None = None
        """The target of the kind that is not chosen, so that nothing typed for it is lost."""
        self._told: infisical_conventions.Found | None = None

    @property
    def kind(self) -> str:
        """The kind that is chosen."""
        return "infisical" if isinstance(self.draft.target, InfisicalTarget) else "env"

    def questions(self) -> tuple[Question, ...]:
        """Return the questions of the kind that is chosen."""
        return QUESTIONS[self.kind]

    def body(self) -> Iterator[Widget]:
        """Yield the choice and both kinds' fields; those of the other kind are hidden."""
        yield Static(Content("Where does GlitchTip read its settings from?"), classes="heading")
        items = (
            Item("env", ".env", "beside docker-compose.yml"),
            Item("infisical", "Infisical", "a folder of a project"),
        )
        yield Menu(items, at=self.kind, title_width=12, id="target-kind")
        yield Static("")
        for kind in _KINDS:
            for question in QUESTIONS[kind]:
                field = self.field(question)
                field.add_class(f"kind-{kind}")
                yield field
        yield from self.infisical_only()
        yield Static("")
        yield self._facts
        yield self.status

    def infisical_only(self) -> Iterator[Widget]:
        """Yield what no question of the draft covers: the secret, and the yes to plain http."""
        stored = "blank keeps the one given" if self.session.client_secret else "of Universal Auth"
        secret = Field("target.client_secret", "Secret", "", stored, secret=True, width=36)
        secret.add_class("kind-infisical")
        yield secret
        allowed = isinstance(self.draft.target, InfisicalTarget) and self.draft.target.allow_http
        choice = Choice("target.allow_http", "Plain http", (("no", "no"), ("yes", "yes")), "yes" if allowed else "no")
        choice.add_class("kind-infisical")
        yield choice

    def on_mount(self) -> None:
        """Show the fields of the kind that is chosen."""
        super().on_mount()
        self.show_kind()

    def show_kind(self) -> None:
        """Show the fields of the chosen kind, and what is known of the place."""
        for kind in _KINDS:
            self.query(f".kind-{kind}").set(display=kind == self.kind)
        self.show_facts()
        self.show_keys()

    def show_facts(self) -> None:
        """Say what is known of the file; plain http is asked about only where it is meant."""
        target = self.draft.target
        facts: list[str] = []
        if isinstance(target, EnvTarget):
            facts = [f"In {self.session.directory}:", *env_facts.lines(self.session.path(target.path))]
        elif isinstance(target, InfisicalTarget):
            self.query_one("#target-allow_http").display = target.url.lower().startswith("http://")
            facts = ["Found here:", *self._told.said] if self._told is not None and self._told.said else []
        self._facts.update(Content("\n".join(wrapped(facts))))

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        return ["Enter next"] if self.typing else ["up down choose", "Enter next"]

    @on(Menu.Moved)
    def change_kind(self, event: Menu.Moved) -> None:
        """Change the kind; what was typed for the other is kept."""
        if event.menu.key == self.kind:
            return
        fresh: EnvTarget | InfisicalTarget = InfisicalTarget() if event.menu.key == "infisical" else EnvTarget()
        first = self._other is None and event.menu.key == "infisical"
        chosen = self._other or fresh
        self._other = self.draft.target
        self.draft = replace(self.draft, target=chosen)
        if first:
            self.prefill()
        self.show_kind()

    def prefill(self) -> None:
        """Offer what the official CLI's conventions tell; a domain of a file only after a yes."""
        told = self._told = infisical_conventions.found(self.session.directory)
        self.fill(told.unconfirmed())
        if told.domain_from_file:
            self.app.push_screen(Confirm(told.question), self.take_domain)

    def take_domain(self, yes: bool | None) -> None:
        """Use the domain of the file where the operator knows it."""
        if yes and self._told is not None:
            self.set_field("target.url", self._told.target.url)

    def fill(self, target: InfisicalTarget) -> None:
        """Put *target* into draft and fields."""
        self.draft = replace(self.draft, target=target)
        for question in self.questions():
            self.set_field(question.key, question.get(self.draft))

    @on(Menu.Chosen)
    def choose(self) -> None:
        """Go on from the menu."""
        self.advance()

    @on(Choice.Changed, "#target-allow_http")
    def allow(self, event: Choice.Changed) -> None:
        """Keep the yes or no to plain http."""
        if isinstance(self.draft.target, InfisicalTarget):
            self.draft = replace(self.draft, target=replace(self.draft.target, allow_http=event.choice.value == "yes"))

    @on(Input.Changed, "#target-client_secret")
    def keep_secret(self, event: Input.Changed) -> None:
        """Keep the client secret for the run; a blank field keeps the stored one."""
        if event.value:
            self.session = replace(self.session, client_secret=Secret(event.value))

    @on(Input.Changed, "#target-path")
    @on(Input.Changed, "#target-url")
    def show_place(self) -> None:
        """Show the facts of another place."""
        self.show_facts()

    def subject(self) -> Any:
        """Return what the step is about."""
        return self.draft.target

    def advance(self) -> None:
        """Go on when nothing is missing; the review asks the target itself."""
        if self.judged():
            self.leave(To.NEXT)

    def leave(self, to: To, step: str | None = None) -> None:
        """Leave, with no secret left in a field."""
        super().leave(to, step)
        self.query_one("#target-client_secret", Input).value = ""
