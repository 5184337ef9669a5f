"""The test mail: sent as Django would, said to be accepted as soon as it is, proven by the code that comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.ask_postal import AskPostal
from screens.shell.dialogs import Page, Paste
from screens.shell.form_screen import FormScreen
from screens.widgets import drawings
from screens.widgets.field import Field
from screens.widgets.findings import Findings
from screens.widgets.wrap import wrapped
from wizard.checks import arrival, inside
from wizard.checks.smtp.message import CODE_LENGTH, accepted
from wizard.model.codes import Check
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Event, Exchange
from wizard.setup.flow import To

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.model.details import Delivery
    from wizard.model.secret import Secret
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState

_ARRIVED = "arrived"
_CODE = "test_mail-code"


class TestMailScreen(FormScreen):
    """Asks for a recipient, sends, and asks for the code."""

    __test__ = False  # not a test class, whatever pytest thinks

    KEY = "test_mail"
    AUTO_FOCUS = "#test_mail-recipient"
    HINTS = {"test_mail.recipient": "blank: no mail is sent"}
    BINDINGS = [
        Binding("enter", "advance", show=False),
        Binding("f4", "paste", show=False),
        Binding("s", "send", show=False),
        Binding("n", "not_arrived", show=False),
        Binding("a,f5", "ask_postal", show=False),
        Binding("i,f6", "send_inside", show=False),
    ]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self.findings = Findings(whole=True)
        self._timeline = Static("", classes="block")

    def body(self) -> Iterator[Widget]:
        """Yield recipient, the way of the mail, what was found, and the field for the code."""
        yield from self.fields()
        yield self._timeline
        yield self.status
        yield Field("test_mail.code", "Its code", "", "n and Enter: it did not arrive", width=6, boxed=True)
        yield self.findings

    def on_mount(self) -> None:
        """Ask for the code only when there is one."""
        super().on_mount()
        self.show_code()

    @property
    def accepted(self) -> bool:
        """Whether the mail that was sent last was accepted."""
        return self.delivery is not None

    @property
    def delivery(self) -> Delivery | None:
        """What is known of the mail that was accepted last."""
        return accepted(self.flow.findings.get(self.KEY, ()))

    @property
    def arrived(self) -> bool:
        """Whether its arrival is proven."""
        return _ARRIVED in self.flow.confirmed

    def show_code(self) -> None:
        """Ask for the code of an accepted mail; once it is proven, say that it arrived."""
        self.query_one("#field-test_mail-code", Field).display = self.accepted and not self.arrived
        if self.accepted and self.arrived:
            self.say("OK    arrived: its code came back")
        elif self.accepted:
            where = self.session.mailbox
            place = f"In this rehearsal it lies in {where}." if where else ""
            lines = ["Postal accepts mail that it may still hold. Did it arrive?", *([place] if place else [])]
            self.say("\n".join(wrapped(lines)))

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.typing:
            ask = ["F5 ask Postal"] if self.accepted else []
            return [self.enter_key, *ask, "F6 inside", "F4 headers"]
        first = "Enter more" if self.findings.has_focus and self.findings.shown else self.enter_key
        no = ["n not arrived", "a ask Postal"] if self.accepted else []
        return [first, "s send", *no, "i inside", "F4 headers", *(["d"] if self.exchanges else [])]

    @property
    def enter_key(self) -> str:
        """What Enter does now."""
        wanted = self.draft.test_mail is not None
        return "Enter send" if wanted and self.is_stale else f"Enter next{self.open_count}"

    def subject(self) -> Any:
        """Return what the sending was about."""
        return (self.draft.server, self.draft.credential, self.draft.app, self.draft.test_mail, self.session.key)

    def has_checks(self) -> bool:
        """Whether a mail is wanted."""
        return self.draft.test_mail is not None

    def worth_showing(self, found: Any) -> list[Finding]:
        """Return what is about this mail, and whatever went wrong before it."""
        wanted = {"sender", "received", arrival.STATE, Check.INSIDE}
        return [finding for finding in found if finding.check in wanted or finding.verdict is not Verdict.PASS]

    def checks(self, on_event: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Send."""
        from wizard.checks.smtp import message as delivery
        from wizard.checks.smtp import run as smtp

        self.flow.code = delivery.new_code()
        self.flow.confirmed -= {_ARRIVED}
        self.flow.findings.pop(self.KEY, None)
        self._timeline.update(Content(""))
        self.show_code()
        return smtp.check(self.draft, self.session, on_event, send=True, code=self.flow.code)

    def hear(self, event: Event) -> None:
        """Draw the way of the mail as it goes."""
        super().hear(event)
        if isinstance(event, Exchange):
            self._timeline.update(Content("\n".join(wrapped([drawings.timeline(self.exchanges)]))))

    def found(self, found: list[Finding]) -> None:  # noqa: ARG002  # what was found stands in the walk
        """Ask for the code once the mail was accepted."""
        self.show_code()
        if self.accepted and self.query_one("#test_mail-recipient").has_focus:
            self.query_one(f"#{_CODE}").focus()

    @on(Input.Changed, f"#{_CODE}")
    def compare(self, event: Input.Changed) -> None:
        """Take the right code as proof of arrival, at once."""
        typed = event.value.strip().upper()
        field = self.query_one("#field-test_mail-code", Field)
        if len(typed) < CODE_LENGTH:
            field.show(None)
        elif typed == self.flow.code:
            self.flow.confirmed |= {_ARRIVED}
            self.flow.save()
            self.query_one("#test_mail-recipient").focus()
            self.show_code()
            self.show_keys()
        else:
            field.show("That is not the code of this mail.")

    def submitted(self, identity: str, value: str) -> None:
        """Send; at the code's field a blank puts the proof off, and ``n`` says that the mail did not arrive."""
        typed = value.strip()
        if identity != _CODE:
            self.advance()
        elif not typed:
            self.leave(To.NEXT)
        elif typed.lower() == "n":
            self.action_not_arrived()
        else:
            self.query_one("#field-test_mail-code", Field).show(
                "That is not the code of this mail: it has six characters."
            )

    def action_send(self) -> None:
        """Send the test mail, again if need be."""
        if self.judged() and self.draft.test_mail is not None and not self.checking:
            self.start_checks()

    def action_check_again(self) -> None:
        """Send again."""
        self.action_send()

    def action_not_arrived(self) -> None:
        """Say what Postal may hold a mail for, the most likely first; what it told of this one before all."""
        if not self.accepted:
            return
        from wizard.postal import held as postal_held

        lines = ["Postal said 250 and may still hold the mail. The most likely first:", ""]
        known = next((found for found in self.findings.shown if found.check == arrival.STATE), None)
        if known is not None:
            lines = [f"Asked, Postal told: {known.summary}", f"    then  {known.remedy}", "", *lines]
        else:
            lines = ["Press a there: with an API key Postal tells which of these it is.", "", *lines]
        for number, held in enumerate(postal_held.HELD, 1):
            status = f" ({held.status}{': ' + held.text if held.text else ''})"
            lines += [f"{number:>2}  {held.cause}{status}", f"    see   {held.where}", f"    then  {held.release}", ""]
        self.app.push_screen(Page("Accepted, but it did not arrive", lines, hang=6))

    def action_ask_postal(self) -> None:
        """Ask for an API key, and Postal with it."""
        if self.accepted:
            address = arrival.web_address(self.draft, self.session)
            self.app.push_screen(AskPostal(address, self.session.api_key), self.ask_postal)

    def ask_postal(self, told: tuple[str, Secret] | None) -> None:
        """Ask what became of the mail; the key stays in the session, which nothing saves."""
        delivery = self.delivery
        if told is None or delivery is None:
            return
        address, key = told
        self.session = replace(self.session, api_key=key, web_address=address)
        self.say("asking Postal ...")
        ids = self.session.message_ids
        self.find_out(arrival.state(address, key, delivery.message_id, self.flow.all_findings, ids=ids))

    def action_send_inside(self) -> None:
        """Let GlitchTip send by itself, from each of its containers."""
        if self.draft.test_mail is None:
            self.say("Type the recipient first: GlitchTip's own mail goes there.")
        elif self.judged():
            self.say("GlitchTip sends from inside its containers ...")
            self.find_out(inside.inside(self.draft, self.session, compare=self.flow.receipt is not None))

    @work(exclusive=True, group="arrival", exit_on_error=False, description="arrival")
    async def find_out(self, asked: Coroutine[Any, Any, Finding | list[Finding]]) -> None:
        """Show what comes of *asked*, beside what was found before."""
        try:
            told = await asked
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
            return
        self.add([told] if isinstance(told, Finding) else told)

    def add(self, found: list[Finding]) -> None:
        """Show *found* and keep it for the report, in place of what was found of the same before."""
        known = {(each.check, each.subject): each for each in (*self.flow.findings.get(self.KEY, ()), *found)}
        self.flow.found(self.KEY, known.values())
        self.findings.show(self.worth_showing(known.values()))
        skipped = [each.summary for each in found if each.verdict is Verdict.SKIP]
        self.show_code()
        if skipped:
            self.say("\n".join(wrapped(skipped)))
        elif not self.accepted:
            self.say("")
        self.show_keys()

    def action_paste(self) -> None:
        """Take the headers of the received mail."""
        self.app.push_screen(Paste("Paste the received mail's headers, or its whole source."), self.judge)

    def judge(self, text: str | None) -> None:
        """Judge pasted headers."""
        if not text:
            return
        from wizard.checks import received

        if self.accepted and self.flow.code and self.flow.code in text:
            self.flow.confirmed |= {_ARRIVED}
        self.add(received.judge(text, self.draft))
