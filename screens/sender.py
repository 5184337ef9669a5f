"""The sender: From, From domain and what Postal's Setup page says; DNS judged record by record, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.binding import Binding
from textual.content import Content

from screens.form import FormScreen
from screens.modals import Page, Paste
from wizard.finding import Finding, Verdict
from wizard.questions import answered

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.widget import Widget

    from wizard.session import Listener

_WATCH = 15.0
"""Seconds between two looks while watching."""


class SenderScreen(FormScreen):
    """Asks for the From and takes Postal's values."""

    KEY = "sender"
    AUTO_FOCUS = "#app-from"
    FOOT = "F4 paste Postal's Setup page   Enter check, then next   Esc back   F1 help"
    FOOT_LETTERS = "c copy record   t tree   r again   w watch   o all fields"
    BINDINGS = [
        Binding("enter", "advance", show=False),
        Binding("f4", "paste", show=False),
        Binding("t", "tree", show=False),
        Binding("w", "watch", show=False),
        Binding("o", "all_fields", show=False),
    ]

    def body(self) -> Iterator[Widget]:
        """Yield the two fields that always count, then what was found; the others are there on demand."""
        yield from self.fields("app.from", "domain.name")
        for field in self.fields(
            *(item.key for item in self.questions() if item.key not in {"app.from", "domain.name"})
        ):
            field.add_class("more")
            yield field
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Hide the fields that Postal's page fills."""
        super().on_mount()
        self.query(".more").set(display=False)
        known = sum(1 for item in self.questions()[2:] if item.get(self.draft))
        words = f"Postal's Setup page: {known} of {len(self.questions()) - 2} values known"
        self.status.update(Content(words if known else "F4 takes Postal's Setup page as one block"))
        self._timer = self.set_interval(_WATCH, self.look_again, pause=True)

    def subject(self) -> Any:
        """Return what the checks are about."""
        return (self.draft.app, self.draft.domain)

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return True

    def checks(self, heard: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Judge every record."""
        from wizard.checks import dns

        return dns.check(self.draft, self.session, heard)

    def found(self, found: list[Finding]) -> None:
        """Stop watching when nothing is open."""
        if not any(finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN} for finding in found):
            self._timer.pause()

    def action_advance(self) -> None:
        """Go on."""
        self.advance()

    def action_watch(self) -> None:
        """Check again by itself until all is right."""
        self._timer.reset()
        self._timer.resume()
        self.status.update(Content(f"watching: checked again every {_WATCH:.0f} s"))

    def look_again(self) -> None:
        """Check again while watching."""
        if not any(worker.is_running for worker in self.workers if worker.group == "checks"):
            self.start_checks()

    def action_tree(self) -> None:
        """Draw the SPF tree, and what aligns with the From."""
        lines: list[str] = []
        for finding in self.walk.findings.get(self.KEY, ()):
            drawn = getattr(finding.detail, "lines", None)
            if callable(drawn):
                lines += [f"{finding.check}: {finding.subject}", *drawn(), ""]
        if lines:
            self.app.push_screen(Page(lines))

    def action_all_fields(self) -> None:
        """Show or hide the fields that Postal's page fills."""
        more = self.query(".more")
        shown = any(field.display for field in more)
        more.set(display=not shown)

    def action_paste(self) -> None:
        """Take Postal's page as a block."""
        prompt = "Paste Postal's page Domains, DNS Setup, whole as the browser selects it (Verify and Help too)"
        self.app.push_screen(Paste(prompt), self.take)

    def take(self, text: str | None) -> None:
        """Put what the page tells into the draft, and say what was taken."""
        if not text:
            return
        from wizard import paste

        taken = paste.take(text, self.draft)
        self.draft = answered(self.draft, taken.values)
        for question in self.questions():
            if question.key in taken.values:
                self.set_field(question.key, question.get(self.draft))
        self.app.push_screen(Page(["Taken from the page:", "", *taken.said, "", "r on the step checks them."]))
