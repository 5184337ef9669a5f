"""The credential: one AUTH at each press, what Postal grants, and the EMAIL_URL that comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from screens.shell.dialogs import Paste
from screens.shell.form_screen import FormScreen
from screens.widgets.field import Field
from screens.widgets.wrap import wrapped
from wizard.email_url import url as email_url
from wizard.model.draft import Server
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.timer import Timer
    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import To

_REVEALED = 10.0
"""Seconds for which the key is shown."""


class CredentialScreen(FormScreen):
    """Asks for user name and key."""

    KEY = "credential"
    AUTO_FOCUS = "#credential-username"
    BINDINGS = [
        Binding("enter", "advance", show=False),
        Binding("f4", "paste", show=False),
        Binding("u", "use_granted", show=False),
        Binding("v", "reveal", show=False),
    ]
    _hiding: Timer | None = None

    def body(self) -> Iterator[Widget]:
        """Yield the fields, the URL, then what was found."""
        yield from self.fields()
        yield Field("credential.key", "Key", "", secret=True, width=36)
        self._url = Static("", classes="block")
        yield self._url
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Show the URL of what is known already."""
        super().on_mount()
        self.show_key_facts("")
        if self.flow.kind is Flow.ROTATE:
            # The new key alone is asked for, and typed into the user name it would be readable.
            self.query_one("#credential-key").focus()

    @property
    def granted(self) -> str:
        """The name that Postal granted, where it is another one than the user name."""
        told = next((found.detail for found in self.findings.shown if found.check == "auth"), None)
        granted = Untrusted(getattr(told, "granted", None) or "", 80)
        return granted if granted != self.draft.credential.username else ""

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.typing:
            return ["F4 paste an EMAIL_URL", self.enter_key]
        use = [f"u use {self.granted}"] if self.granted else []
        letters = [key for key in self.letter_keys() if not key.startswith("p ")]
        first = "Enter more" if self.findings.has_focus and self.findings.shown else self.enter_key
        return [first, *use, "v reveal", *letters]

    @on(Input.Changed, "#credential-key")
    def keep_key(self, event: Input.Changed) -> None:
        """Keep the key for the run; a blank field keeps the stored one."""
        typed = event.value
        self.session = replace(self.session, key=Secret(typed) if typed else self.flow.session.key)
        self.show_key_facts(typed)
        self.show_keys()

    @on(Input.Changed, "#credential-username")
    def keep_username(self) -> None:
        """Show the URL with another user name, once that is in the draft."""
        self.call_next(self.show_url)

    def show_key_facts(self, typed: str) -> None:
        """Say how long the key is and what is odd about it; never what it is."""
        field = self.query_one("#field-credential-key", Field)
        stored = self.session.key is not None
        field.hint(f"{len(typed)} characters" if typed else "blank keeps the stored key" if stored else "of type SMTP")
        field.show(" ".join(email_url.warnings(typed)) if typed else None)
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
            self._url.update(Content("\n".join(wrapped([str(error)]))))
            return
        # Of the key only how many: which ones it has is a part of it.
        became = [f"{was} became {code}" for was, code in email_url.encoded_characters(self.draft.credential.username)]
        special = len(email_url.encoded_characters(key.reveal()))
        if special:
            became.append(f"in the key {special} kind{'s' * (special > 1)} of special character encoded")
        said = wrapped([f"EMAIL_URL   {email_url.masked(url)}"], hang=12)
        self._url.update(Content("\n".join([*said, *([f"{'':<12}{', '.join(became)}"] if became else [])])))

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return True

    def checks(self, on_event: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Log in once and prove the recipient's RCPT where one is known."""
        from wizard.checks.smtp import run as smtp

        return smtp.check(self.draft, self.session, on_event)

    def subject(self) -> Any:
        """Return what the checks are about."""
        return (self.draft.server, self.draft.credential, self.session.key)

    def action_use_granted(self) -> None:
        """Take the name that Postal granted as user name; Enter then proves it."""
        if self.granted:
            self.set_field("credential.username", self.granted)
            self.query_one("#credential-username").focus()

    def action_reveal(self) -> None:
        """Show the key that was typed for ten seconds; the operator asked for it."""
        field = self.query_one("#credential-key", Input)
        if not field.value:
            self.say("There is no key in the field: a stored one is never shown.")
            return
        field.password = False
        if self._hiding is not None:
            self._hiding.stop()
        self._hiding = self.set_timer(_REVEALED, self.hide)

    def hide(self) -> None:
        """Mask the key again."""
        self.query_one("#credential-key", Input).password = True

    def action_paste(self) -> None:
        """Take an EMAIL_URL, or Postal's Help page, as a block."""
        prompt = "Paste an EMAIL_URL, or one of Postal's pages Help or Credentials, selected whole in the browser."
        self.app.push_screen(Paste(prompt, secret=True), self.take)

    def take(self, text: str | None) -> None:
        """Put what was pasted into the fields."""
        if not text:
            return
        if "://" in text:
            self.take_url(text)
        else:
            self.take_page(text)
        self.show_key_facts("")

    def take_url(self, text: str) -> None:
        """Take an EMAIL_URL, encoded or not."""
        try:
            parts = email_url.parse(text)
        except email_url.CredentialError as error:
            self.say("\n".join(wrapped([str(error)])))
            return
        self.session = replace(self.session, key=parts.key)
        self.draft = replace(self.draft, server=Server(parts.host, parts.port, self.draft.server.tls))
        self.set_field("credential.username", parts.username)
        self.set_field("credential.key", "")
        taken = f"Taken: {parts.host}:{parts.port}, user name {parts.username}, a key of {len(parts.key)} characters."
        self.say("\n".join(wrapped([parts.guessed or "", taken] if parts.guessed else [taken])))

    def take_page(self, text: str) -> None:
        """Take the values of one of Postal's pages."""
        from wizard.postal import page_merge, pages

        # This step's own answers are what is pasted here; the server's are an earlier step's.
        proven = page_merge.proven_keys(self.flow.all_findings) & {"server.host", "server.port"}
        page = pages.read(text, self.draft.app.name)
        merged = page_merge.merge(page, self.draft, proven)
        self.draft = merged.draft
        if merged.key is not None:
            self.session = replace(self.session, key=merged.key)
            self.set_field("credential.key", "")
        self.set_field("credential.username", self.draft.credential.username)
        self.say("\n".join(wrapped([*merged.sentences, *page.hints])))

    def leave(self, to: To, step: str | None = None) -> None:
        """Leave, with no key left in a field."""
        super().leave(to, step)
        self.query_one("#credential-key", Input).value = ""
