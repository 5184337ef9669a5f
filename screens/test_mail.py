"""The test mail: sent as Django would, said to be accepted as soon as it is, proven by the code that comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.form_screen import FormScreen
from screens.widgets import drawings
from screens.widgets.field import Field
from screens.widgets.findings import Findings
from screens.widgets.wrap import wrapped
from wizard.checks.smtp.message import CODE_LENGTH
from wizard.model.session import Event, Exchange
from wizard.setup.step import offer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Result

_CODE = "test_mail-code"


class TestMailScreen(FormScreen):
    """Asks for a recipient, sends, and asks for the code."""

    __test__ = False  # not a test class, whatever pytest thinks

    KEY = "test_mail"
    AUTO_FOCUS = "#test_mail-recipient"
    BINDINGS = [Binding("s", "send", show=False)]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self.findings = Findings(whole=True)
        self._timeline = Static("", classes="block")

    def body(self) -> Iterator[Widget]:
        """Yield recipient, the way of the mail, what was found, and the field for the code."""
        yield from self.widgets(self.fields())
        yield self._timeline
        yield self._text
        yield self.status
        yield Field("test_mail.code", "Its code", "", "Enter alone: later", width=CODE_LENGTH + 1, boxed=True)
        yield self.findings

    def refresh_step(self) -> None:
        """Ask for the code only when there is one."""
        super().refresh_step()
        asks = any(one.direct for one in self.step.offers(self.flow))
        self.query_one("#field-test_mail-code", Field).display = asks

    @property
    def enter_key(self) -> str:
        """What Enter does now."""
        return "Enter send" if self.is_stale else f"Enter next{self.open_count}"

    def letter_keys(self) -> list[str]:
        """Return the letters that act on what was found."""
        return [] if self.typing else ["s send", *super().letter_keys()]

    def begin(self, *, anew: bool) -> None:
        """Redraw the way."""
        self._timeline.update(Content(""))
        super().begin(anew=anew)

    def listen(self, event: Event) -> None:
        """Draw the way of the mail as it goes."""
        super().listen(event)
        if isinstance(event, Exchange):
            self._timeline.update(Content("\n".join(wrapped([drawings.timeline(self.exchanges)]))))

    def found(self, findings: list[Finding]) -> None:  # noqa: ARG002  # the step keeps them
        """Ask for the code once the mail was accepted."""
        field = self.query_one("#field-test_mail-code", Field)
        if field.display and self.query_one("#test_mail-recipient").has_focus:
            field.input.focus()

    @on(Input.Changed, f"#{_CODE}")
    def compare(self, event: Input.Changed) -> None:
        """Give a code to the step as soon as it has all its characters."""
        typed = event.value.strip()
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
