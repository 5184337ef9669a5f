"""The sender: From, From domain and what Postal's Setup page says; DNS judged record by record, live."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from textual.binding import Binding

from screens.shell.dialogs import Page, Paste
from screens.shell.form_screen import FormScreen
from screens.widgets import drawings
from wizard.model.details import stale_seconds
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from textual.timer import Timer
    from textual.widget import Widget

    from wizard.model.session import Listener
    from wizard.setup.questions import Question

_WATCH = 15.0
"""Seconds between two looks while watching."""
_ALWAYS = ("app.from", "domain.name")
_STILL_OPEN = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


class SenderScreen(FormScreen):
    """Asks for the From and takes Postal's values."""

    KEY = "sender"
    AUTO_FOCUS = "#app-from"
    WIDTHS = {
        "app.from": 0, "domain.name": 30, "domain.dkim_value": 0, "domain.ownership": 0, "domain.spf_include": 0,
        "domain.return_path_target": 0,
    }  # fmt: skip
    LABELS = {
        "domain.dkim_selector": "DKIM name", "domain.return_path_target": "points to", "domain.mx": "MX hosts",
        "domain.ownership": "Ownership",
    }  # fmt: skip
    BINDINGS = [
        Binding("enter", "advance", show=False),
        Binding("f4", "paste", show=False),
        Binding("t", "tree", show=False),
        Binding("w", "watch", show=False),
        Binding("o", "all_fields", show=False),
    ]
    _watching = False
    _waiting: Timer | None = None
    """Counts the seconds that a resolver still gives an old answer."""
    _gone_at = 0.0

    @property
    def always(self) -> tuple[Question, ...]:
        """The questions that always count; Postal's page answers the others."""
        return tuple(question for question in self.questions() if question.key.rstrip("_") in _ALWAYS)

    def body(self) -> Iterator[Widget]:
        """Yield the two fields that always count, then what was found; the others are there on demand."""
        yield from self.fields(*_ALWAYS)
        for question in self.questions():
            if question not in self.always:
                field = self.field(question)
                field.add_class("more")
                field.display = False
                yield field
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Check what is told already; questions to DNS change nothing."""
        super().on_mount()
        self._timer = self.set_interval(_WATCH, self.look_again, pause=True)
        if self.is_stale and not self.problems():
            self.check_by_itself()
        elif not self.findings.shown:
            self.say(self.page_facts())

    def page_facts(self) -> str:
        """Return how much of Postal's Setup page is known."""
        optional = [question for question in self.questions() if question not in self.always]
        known = sum(1 for question in optional if question.get(self.draft))
        if known:
            return f"Postal's page: {known} of {len(optional)} values known"
        return "F4 takes Postal's Setup page as one block"

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self.typing:
            return ["F4 paste Postal's Setup page", self.enter_key]
        first = "Enter more" if self.findings.has_focus and self.findings.shown else self.enter_key
        watch = "w stop" if self._watching else "w watch"
        record = self.findings.selected is not None and self.findings.selected.record is not None
        other = "o values" if self.findings.display else "o rows"
        return [first, *(["c copy"] if record else []), "t tree", "r again", watch, other, "p report"]

    def subject(self) -> Any:
        """Return what the checks are about."""
        return (self.draft.app, self.draft.domain)

    def has_checks(self) -> bool:
        """Whether there is anything to check here."""
        return True

    def checks(self, on_event: Listener) -> Coroutine[Any, Any, list[Finding]]:
        """Judge every record."""
        from wizard.checks.dns import run as dns

        return dns.check(self.draft, self.session, on_event)

    def found(self, found: list[Finding]) -> None:
        """Say how much could be told; stop watching when nothing is open."""
        asked = [finding for finding in found if finding.verdict is not Verdict.SKIP]
        told = sum(finding.verdict is not Verdict.UNKNOWN for finding in asked)
        self.say(f"{told} of {len(asked)} questions answered; {self.page_facts()}")
        stale = stale_seconds(found)
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        if stale is not None:
            self._gone_at = time.monotonic() + stale
            self.count_down()
            self._waiting = self.set_interval(1.0, self.count_down)
        elif self._watching and not any(finding.verdict in _STILL_OPEN for finding in found):
            self.action_watch()
            self.say("Nothing is open any more; no longer watching.")

    def count_down(self) -> None:
        """Say how long the old answer is still given; check again when it is not."""
        left = self._gone_at - time.monotonic()
        if left > -1:
            self.say(f"Still answered from an old copy for {max(left, 0):.0f} s, then checked again by itself.")
        elif self._waiting is not None and self.is_current:  # not under a page: when that is closed
            self._waiting.stop()
            self.look_again()

    def action_watch(self) -> None:
        """Check again by itself until all is right, or stop doing so."""
        self._watching = not self._watching
        if self._watching:
            self._timer.reset()
            self._timer.resume()
            self.say(f"watching: checked again every {_WATCH:.0f} s")
        else:
            self._timer.pause()
            self.say("")
        self.show_keys()

    def look_again(self) -> None:
        """Check again while watching; rows stay until they are found again."""
        if self.is_current and not self.checking and not self.problems():
            self.start_checks(anew=False)

    def action_tree(self) -> None:
        """Draw the SPF tree, and what aligns with the From."""
        lines = drawings.trees(self.flow.findings.get(self.KEY, ()))
        self.app.push_screen(
            Page("SPF tree and alignment", lines or ["There is no tree to draw yet: r checks."], hang=4)
        )

    def action_all_fields(self) -> None:
        """Show or hide the fields that Postal's page fills."""
        more = self.query(".more")
        shown = any(field.display for field in more)
        more.set(display=not shown)
        self.findings.display = shown
        self.show_keys()

    def action_paste(self) -> None:
        """Take Postal's page as a block."""
        prompt = (
            "Paste Postal's page Domains, the domain, DNS Setup, selected whole in the browser. The pages Verify and "
            "Help may come along."
        )
        self.app.push_screen(Paste(prompt), self.take)

    def take(self, text: str | None) -> None:
        """Put what the page tells into the draft, and say what was taken."""
        if not text:
            return
        from wizard.postal import page_merge, pages

        proven = page_merge.proven_keys(self.flow.all_findings)
        page = pages.read(text, self.draft.app.name)
        merged = page_merge.merge(page, self.draft, proven, key=self.session.key)
        self.draft = merged.draft
        for question in self.questions():
            if question.key.rstrip("_") in merged.taken:
                self.set_field(question.key, question.get(self.draft))
        self.app.push_screen(
            Page("Taken from the page", [*merged.sentences, "", "Esc goes back; the records are checked."], hang=4)
        )
        self.check_by_itself()
