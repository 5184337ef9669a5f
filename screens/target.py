"""Where GlitchTip reads its settings from: a `.env` beside docker-compose.yml, or a folder in Infisical."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.dialogs import Confirm
from screens.shell.form_screen import FormScreen
from screens.widgets.field import Choice, Field
from screens.widgets.menu import Item, Menu
from screens.widgets.wrap import wrapped
from wizard.model import validation
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.setup import order
from wizard.setup.flow import Move, To
from wizard.setup.questions import QUESTIONS, Question
from wizard.setup.steps import start as start_step
from wizard.state import client_secret
from wizard.targets.env_file import facts as env_facts
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.setup.flow import FlowState

_KINDS = ("env", "infisical")


class TargetScreen(FormScreen):
    """Asks for the kind of target and its place."""

    KEY = "target"
    AUTO_FOCUS = "Menu"
    WIDTHS = {"target.path": 0, "target.url": 0}
    BINDINGS = [Binding("enter", "advance", show=False)]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        if self.draft.target is None:
            self.draft = replace(self.draft, target=EnvTarget())
        self._facts = Static("", classes="facts")
        self._other: EnvTarget | InfisicalTarget | None = None
        """The target of the kind that is not chosen, so that nothing typed for it is lost."""
        self._told: cli_settings.Found | None = None

    @property
    def rotating(self) -> bool:
        """Whether the settings in force are looked for, for a rotation that could not begin without their place."""
        return self.flow.kind is Flow.ROTATE and self.flow.return_to is None

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
        kept = "yes" if self.flow.keep_secret else "no"
        options = (("no", "ask each time"), ("yes", "keep it in my keyring"))
        keep = Choice("target.keep_secret", "Keep secret", options, kept)
        keep.add_class("kind-infisical")
        yield keep

    def on_mount(self) -> None:
        """Show the fields of the kind that is chosen."""
        super().on_mount()
        if self.draft.target == InfisicalTarget():
            self.prefill()
        self.show_kind()
        if self.flow.said:
            self.say("\n".join(wrapped([self.flow.said])))
            self.flow.said = ""
        self.look_into_keyring()
        if self.rotating and not super().problems():
            # The place is known: the secret is what lacks.
            self.query_one("#target-client_secret").focus()

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
        told = self._told = cli_settings.found(self.session.directory)
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
    def take_secret(self, event: Input.Changed) -> None:
        """Keep the client secret for the run; a blank field keeps the stored one."""
        typed = Secret(event.value) if event.value else self.flow.session.client_secret
        self.session = replace(self.session, client_secret=typed)

    @on(Choice.Changed, "#target-keep_secret")
    def wish(self, event: Choice.Changed) -> None:
        """Keep the wish; say at once whether it can be fulfilled."""
        self.flow.keep_secret = event.choice.value == "yes"
        self.say("")
        if self.flow.keep_secret:
            self.say("asking the keyring ...")
            self.try_keyring()

    @work(exclusive=True, group="keyring", exit_on_error=False, description="keyring")
    async def try_keyring(self) -> None:
        """Say whether the keyring may hold a secret; the walk goes on either way."""
        said = await client_secret.possible()
        if self.flow.keep_secret:
            self.say("\n".join(wrapped([said])))

    @work(exclusive=True, group="keyring", exit_on_error=False, description="keyring")
    async def look_into_keyring(self) -> None:
        """Take the client secret that an earlier run kept for this place; without one the keyring is not asked."""
        target = self.draft.target
        if not isinstance(target, InfisicalTarget) or self.session.client_secret or self.session.token:
            return
        told = await client_secret.recall(target, self.flow.journal)
        if told.said:
            self.say("\n".join(wrapped([told.said])))
        if told.secret is not None and self.session.client_secret is None:
            self.flow.session = self.session = replace(self.session, client_secret=told.secret)
            self.query_one("#field-target-client_secret", Field).hint("blank keeps the one of the keyring")

    @on(Input.Changed, "#target-path")
    @on(Input.Changed, "#target-url")
    def show_place(self) -> None:
        """Show the facts of another place."""
        self.show_facts()

    def subject(self) -> Any:
        """Return what the step is about."""
        return self.draft.target

    def problems(self) -> list[order.Problem]:
        """Return what is wrong with the present answers, the client secret's among it."""
        found = super().problems()
        secret, token = self.session.client_secret, self.session.token
        if self.kind == "infisical" and (secret is not None or token is None):
            problem = validation.problem_with_key(secret.reveal() if secret is not None else "")
            if problem is not None:
                said = problem.replace("The key", "The client secret", 1)
                found.append(order.Problem("target.client_secret", said))
        return found

    def advance(self) -> None:
        """Go on when nothing is missing; the review asks the target itself."""
        if not self.judged():
            return
        if self.rotating:
            self.say("reading what is in force ...")
            self.take_in_force()
        else:
            self.leave(To.NEXT)

    @work(exclusive=True, group="checks", exit_on_error=False, description="in force")
    async def take_in_force(self) -> None:
        """Read the settings in force by the one login of this run, and go on to the credential."""
        self.flow.draft, self.flow.session = self.draft, self.session
        try:
            told = await start_step.rotating(self.flow)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
            return
        if isinstance(told, str):
            self.say("\n".join(wrapped([f"There is nothing to rotate: {told}"])))
            return
        draft, session = told
        self.go(Move(To.GOTO, draft, session, "credential", Flow.ROTATE))

    def action_back(self) -> None:
        """Go back; from a rotation that has not begun, to the start."""
        if self.rotating:
            self.go(Move(To.GOTO, self.draft, self.session, "start", Flow.ROTATE))
        else:
            super().action_back()

    def go(self, move: Move) -> None:
        """Go on, with no secret left in a field."""
        super().go(move)
        self.query_one("#target-client_secret", Input).value = ""
