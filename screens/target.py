"""Where GlitchTip reads its settings: a `.env` beside docker-compose.yml, or a folder in Infisical."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from screens.shell.form_screen import FormScreen
from screens.widgets.choice import Choice
from screens.widgets.panel import Panel
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.flow import Move, To
from wizard.setup.step import SecretField
from wizard.setup.steps import target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.setup.flow import FlowState
    from wizard.setup.step import Result

_HTTP = "http://"


class TargetScreen(FormScreen):
    """Asks for the kind of target and its place."""

    KEY = "target"
    AUTO_FOCUS = "#target-kind"
    WIDTHS = {"target.path": 0, "target.url": 0, "target.client_id": 38}

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._others: dict[str, EnvTarget | InfisicalTarget] = {}
        """The target of the kind that is not chosen, so that nothing typed for it is lost."""
        self._was_entered = False

    @property
    def kind(self) -> str:
        """The kind that is chosen."""
        return target.kind(self.draft.target)

    def form(self) -> Iterator[Widget]:
        """Yield the choice, what was found, and both kinds' fields; those of the other kind are hidden."""
        kinds = next(one for one in self.fields() if not isinstance(one, SecretField) and one.choices)
        fields = []
        with_http = replace(self.draft, target=InfisicalTarget(url=_HTTP))
        for kind in (target.ENV, target.INFISICAL):
            for field in target.fields_of(kind, with_http):
                widget = self.widget(field)
                widget.add_class(f"kind-{kind}")
                fields.append(widget)
        yield Panel("Kind", Choice(kinds.key, "", kinds.choices, self.kind, tall=True), id="kinds")
        yield Panel("Place", *fields, id="form")
        yield Panel("Found here", self._text, id="found")

    def entered(self, result: Result) -> None:
        """Show what was prefilled."""
        self.fill()
        super().entered(result)
        self.show_kind()
        if not self._was_entered:
            # Only the first time: a focus that leaves the menu when its mark moves would take the next key.
            self._was_entered = True
            self.focus_first_lacking()

    def show_kind(self) -> None:
        """Show the fields of the chosen kind, and what is known of the place."""
        for kind in (target.ENV, target.INFISICAL):
            self.query(f".kind-{kind}").set(display=kind == self.kind)
        place = self.draft.target
        plain = isinstance(place, InfisicalTarget) and place.url.lower().startswith(_HTTP)
        self.query_one("#choice-target-allow_http", Choice).display = plain
        self.show_lines()
        self.show_keys()

    @on(Choice.Changed, "#choice-target-kind")
    def change_kind(self, event: Choice.Changed) -> None:
        """Change the kind; what was typed for the other is kept."""
        event.stop()
        event.prevent_default()
        chosen = event.choice.value
        if chosen == self.kind:
            return
        if self.draft.target is not None:
            self._others[self.kind] = self.draft.target
        kind_field = next(one for one in self.fields() if one.key == "target.kind")
        if chosen in self._others:
            self.draft = replace(self.draft, target=self._others[chosen])
        elif not isinstance(kind_field, SecretField):
            self.draft = kind_field.set(self.draft, chosen)
            if kind_field.enters:
                self.enter()
        self.fill()
        self.show_kind()

    def show_lines(self) -> None:
        """Show what was found at the place, where anything was."""
        super().show_lines()
        if self.is_mounted:
            self.query_one("#found").display = self._text.display

    @on(Input.Changed, "#target-url")
    @on(Input.Changed, "#target-path")
    def show_place(self) -> None:
        """Show the facts of another place."""
        self.call_next(self.show_kind)

    def action_back(self) -> None:
        """Go back; from a rotation that has not begun, to the start."""
        if target.is_looking(self.flow) and not self.busy:
            self.go(Move(To.GOTO, "start", self.flow.kind))
        else:
            super().action_back()
