"""The test mail: sent as Django would, said to be accepted as soon as it is, proven by the code that comes back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from screens.shell.form_screen import FormScreen
from screens.widgets.field import Field
from screens.widgets.panel import Panel
from screens.widgets.timeline import Timeline
from wizard.checks.smtp.message import CODE_LENGTH
from wizard.setup.step import offer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.model.session import Event
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Result

_CODE = "test_mail-code"


class TestMailScreen(FormScreen):
    """Asks for a recipient, sends, and asks for the code."""

    __test__ = False  # not a test class, whatever pytest thinks

    KEY = "test_mail"
    AUTO_FOCUS = "#test_mail-recipient"
    BINDINGS = [Binding("s", "send", "send")]
    RESULTS = "The mail"

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._timeline = Timeline()

    def form(self) -> Iterator[Widget]:
        """Yield recipient, the way of the mail, and the field for the code."""
        hint = "Tab leaves the field, for v" if self.session.mailbox else "Enter alone: later"
        code = Field("test_mail.code", "Its code", "", hint, width=CODE_LENGTH + 1)
        yield Panel("Test mail", *self.widgets(self.fields()), self._timeline, self._text, code, id="form")

    def refresh_step(self) -> None:
        """Ask for the code only when there is one."""
        super().refresh_step()
        asks = any(one.direct for one in self.step.offers(self.flow))
        self.query_one("#field-test_mail-code", Field).display = asks

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now."""
        if binding.action == "send":
            return "send again" if self.findings.shown else "send"
        return super().describe(binding)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether *action* can be done now: to check again is to send again here, which s does and says."""
        return action != "check_again" and super().check_action(action, parameters)

    @property
    def enter_words(self) -> str:
        """What Enter does in a field: a code that was typed is compared first."""
        field = self.focused
        typed = isinstance(field, Input) and field.id == _CODE and bool(field.value.strip())
        return "compare the code" if typed else super().enter_words

    def start_checks(self, *, anew: bool = True) -> None:
        """Send, once target and configuration were judged: what fails there is asked about before."""
        if self.is_looking:
            self.once_judged(self._mail, partial(self.start_checks, anew=anew))
        else:
            super().start_checks(anew=anew)

    def _mail(self) -> object:
        """Return what a test mail would be about now."""
        checks = self.step.checks(self.flow)
        return checks.about(self.flow) if checks is not None else None

    def show_begin(self, *, anew: bool) -> None:
        """Redraw the way, and forget the code of another mail."""
        self._timeline.draw([])
        self.query_one(f"#{_CODE}", Input).value = ""
        super().show_begin(anew=anew)

    def listen(self, event: Event) -> None:
        """Draw the way of the mail as it goes."""
        super().listen(event)
        self._timeline.draw(self.exchanges)

    def found(self, findings: list[Finding]) -> None:
        """Ask for the code once the mail was accepted."""
        super().found(findings)
        field = self.query_one("#field-test_mail-code", Field)
        if field.display and not self.was_typed_in and not self.findings.open:
            field.input.focus()

    @on(Input.Changed, f"#{_CODE}")
    def compare(self, event: Input.Changed) -> None:
        """Give a code to the step as soon as it has all its characters."""
        typed = event.value.strip()
        self.show_keys()
        if len(typed) == CODE_LENGTH and offer(self.step, self.flow, "code") is not None:
            self.carry_out("code", {"code": typed})

    def took(self, result: Result) -> None:
        """Take the focus back from a field that is gone."""
        super().took(result)
        if offer(self.step, self.flow, "code") is None and self.query_one(f"#{_CODE}").has_focus:
            self.query_one("#test_mail-recipient").focus()

    def submitted(self, identity: str, value: str) -> None:
        """Send; at the code's field a blank puts the proof off."""
        typed = value.strip()
        if identity == _CODE and typed:
            self.carry_out("code", {"code": typed})
        else:
            self.advance()

    def action_send(self) -> None:
        """Send the test mail, again if need be."""
        if self.judged() and not self.checking:
            self.start_checks()
