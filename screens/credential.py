"""The credential: one AUTH at each press, what Postal grants, and the EMAIL_URL that comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.form import FormScreen
from screens.modals import Paste
from screens.widgets.field import Field
from wizard import email_url, fields
from wizard.draft import Server
from wizard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.finding import Finding
    from wizard.session import Listener

_REVEALED = 10.0
"""Seconds for which the key is shown."""


class CredentialScreen(FormScreen):
    """Asks for user name and key."""

    KEY = "credential"
    AUTO_FOCUS = "#credential-username"
    FOOT = "F4 paste an EMAIL_URL   Enter check, then next   Esc back   F1 help"
    FOOT_LETTERS = "u use the granted name   v reveal   r again   d dialogue"
    BINDINGS = [
        Binding("enter", "advance", show=False),
        Binding("f4", "paste", show=False),
        Binding("u", "use_granted", show=False),
        Binding("v", "reveal", show=False),
    ]

    def body(self) -> Iterator[Widget]:
        """Yield the fields, the URL, then what was found."""
        yield from self.fields()
        stored = "blank keeps the stored key" if self.session.key is not None else ""
        yield Field("credential.key", "Key", "", stored, secret=True)
        self._url = Static("", classes="url")
        yield self._url
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Show the URL of what is known already."""
        super().on_mount()
        self.show_url()

    @on(Input.Changed)
    def keep_key(self, event: Input.Changed) -> None:
        """Keep the key for the run; a blank field keeps the stored one."""
        if event.input.id == "credential-key":
            typed = event.value
            self.session = replace(self.session, key=Secret(typed) if typed else self.walk.session.key)
            field = self.query_one("#field-credential-key", Field)
            field.show(fields.warning_about_key(typed) if typed else None)
        self.show_url()

    def show_url(self) -> None:
        """Show the EMAIL_URL masked, and what became of special characters."""
        key, server = self.session.key, self.draft.server
        if key is None or server.port is None or not self.draft.credential.username:
            self._url.update(Content(""))
            return
        try:
            url = email_url.build(self.draft.credential.username, key.reveal(), server.host, server.port)
        except email_url.CredentialError as error:
            self._url.update(Content(str(error)))
            return
        both = self.draft.credential.username
        became = ", ".join(f"{was} became {code}" for was, code in email_url.encoded_characters(both))
        self._url.update(Content(f"EMAIL_URL  {email_url.masked(url)}\n{'':<11}{became}".rstrip()))

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return True

    def checks(self, heard: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Log in once and prove the recipient's RCPT where one is known."""
        from wizard.checks import smtp

        return smtp.check(self.draft, self.session, heard)

    def subject(self) -> Any:
        """Return what the checks are about."""
        return (self.draft.server, self.draft.credential, self.session.key)

    def action_advance(self) -> None:
        """Go on."""
        self.advance()

    def action_use_granted(self) -> None:
        """Take the name that Postal granted as user name."""
        granted = next(
            (getattr(found.detail, "granted", None) for found in self.walk.findings.get(self.KEY, ())
             if found.check == "auth"), None,
        )  # fmt: skip
        if granted:
            self.set_field("credential.username", str(granted))

    def action_reveal(self) -> None:
        """Show the key for ten seconds; the operator asked for it."""
        field = self.query_one("#credential-key", Input)
        field.password = False
        self.set_timer(_REVEALED, self.hide)

    def hide(self) -> None:
        """Mask the key again."""
        self.query_one("#credential-key", Input).password = True

    def action_paste(self) -> None:
        """Take an EMAIL_URL, or Postal's Help page, as a block."""
        self.app.push_screen(Paste("Paste an EMAIL_URL, or Postal's Help page"), self.take)

    def take(self, text: str | None) -> None:
        """Put what was pasted into the fields."""
        if not text:
            return
        try:
            parts = email_url.parse(text)
        except email_url.CredentialError as error:
            self.status.update(Content(str(error)))
            return
        self.session = replace(self.session, key=parts.key)
        self.draft = replace(self.draft, server=Server(parts.host, parts.port, self.draft.server.tls))
        self.set_field("credential.username", parts.username)
        self.status.update(Content(parts.guessed or f"Taken: {parts.host}:{parts.port} and a key of {len(parts.key)}."))
        self.show_url()

    def on_unmount(self) -> None:
        """Leave no key in a field."""
        for field in self.query("#credential-key"):
            assert isinstance(field, Input)
            field.value = ""
