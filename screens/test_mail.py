"""The test mail: sent as Django would, said to be accepted as soon as it is, proven by the code that comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.content import Content

from screens.form import FormScreen
from screens.modals import Page, Paste
from screens.widgets.field import Field
from wizard.finding import Finding, Verdict
from wizard.walk import To

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.session import Listener


class TestMailScreen(FormScreen):
    """Asks for a recipient, sends, and asks for the code."""

    __test__ = False  # not a test class, whatever pytest thinks

    KEY = "test_mail"
    AUTO_FOCUS = "#test_mail-recipient"
    FOOT = "Enter send, then next   F4 paste its headers   Esc back   F1 help"
    FOOT_LETTERS = "s send   n it did not arrive   d dialogue   Enter next"
    BINDINGS = [
        Binding("enter", "next", show=False),
        Binding("f4", "paste", show=False),
        Binding("s", "send", show=False),
        Binding("n", "not_arrived", show=False),
    ]

    def body(self) -> Iterator[Widget]:
        """Yield recipient, what was found, and the field for the code."""
        yield from self.fields()
        yield self.status
        yield self.findings
        yield Field("test_mail.code", "Code", "", "from the mail; n where it did not arrive")

    def on_mount(self) -> None:
        """Ask for the code only when there is one."""
        super().on_mount()
        self.query_one("#field-test_mail-code").display = bool(self.walk.code) and "arrived" not in self.walk.confirmed

    def subject(self) -> Any:
        """Return what the sending was about."""
        return (self.draft.server, self.draft.credential, self.draft.app, self.draft.test_mail, self.session.key)

    def has_checks(self) -> bool:
        """Whether a mail is wanted."""
        return self.draft.test_mail is not None

    def checks(self, heard: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Send."""
        from wizard import delivery
        from wizard.checks import smtp

        self.walk.code = delivery.new_code()
        return smtp.check(self.draft, self.session, heard, send=True, code=self.walk.code)

    def found(self, found: list[Finding]) -> None:
        """Ask for the code once the mail was accepted."""
        if any(finding.check == "sender" and finding.verdict is Verdict.PASS for finding in found):
            where = self.session.mailbox
            place = f"In this rehearsal it lies in {where}. " if where else ""
            self.status.update(Content(f"{place}Postal accepts mail that it may still hold. Did it arrive?"))
            field = self.query_one("#field-test_mail-code", Field)
            field.display = True
            field.input.focus()

    def submitted(self, identity: str, value: str) -> None:
        """Send; at the code's field compare it."""
        if identity == "test_mail-code":
            self.compare(value.strip())
        else:
            self.advance()

    def compare(self, typed: str) -> None:
        """Take the right code as proof of arrival; an empty one puts it off."""
        field = self.query_one("#field-test_mail-code", Field)
        if typed and typed.upper() != self.walk.code:
            field.show("That is not the code of this mail.")
            return
        if typed:
            self.walk.confirmed |= {"arrived"}
        self.leave(To.NEXT)

    def action_next(self) -> None:
        """Go on without sending, or after it."""
        if self.judged():
            self.leave(To.NEXT)

    def action_send(self) -> None:
        """Send the test mail, again if need be."""
        if self.judged() and self.draft.test_mail is not None:
            self.start_checks()

    def action_not_arrived(self) -> None:
        """Say what Postal may hold a mail for, the most likely first."""
        from wizard import postal_held

        lines = ["Postal said 250 and may still hold the mail. The most likely first:", ""]
        for number, held in enumerate(postal_held.HELD, 1):
            lines += [f"{number:>2}  {held.cause}", f"    see  {held.where}", f"    then {held.release}"]
        self.app.push_screen(Page(lines))

    def action_paste(self) -> None:
        """Take the headers of the received mail."""
        self.app.push_screen(Paste("Paste the received mail's headers, or its whole source"), self.judge)

    def judge(self, text: str | None) -> None:
        """Judge pasted headers."""
        if not text:
            return
        from wizard import received

        for finding in received.judge(text, self.draft):
            self.findings.add(finding)
        if self.walk.code and self.walk.code in text:
            self.walk.confirmed |= {"arrived"}
            self.status.update(Content("The code stands in what was pasted: the mail arrived."))
