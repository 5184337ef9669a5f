"""The sender: From, From domain and what Postal's Setup page says; DNS judged record by record, live."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.binding import Binding

from screens.shell.dialogs import Page
from screens.shell.form_screen import FormScreen
from screens.widgets import drawings
from wizard.model.finding import Finding, Verdict, stale_seconds
from wizard.setup.step import SecretField
from wizard.setup.steps.sender import WATCH_SECONDS, still_open

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.timer import Timer
    from textual.widget import Widget


class SenderScreen(FormScreen):
    """Asks for the From and takes Postal's values."""

    KEY = "sender"
    AUTO_FOCUS = "#app-from"
    SHOWS_LINES = False
    WIDTHS = {
        "app.from": 0, "domain.name": 30, "domain.dkim_value": 0, "domain.ownership": 0, "domain.spf_include": 0,
        "domain.return_path_target": 0,
    }  # fmt: skip
    LABELS = {
        "domain.dkim_selector": "DKIM name", "domain.return_path_target": "points to", "domain.mx": "MX hosts",
        "domain.ownership": "Ownership",
    }  # fmt: skip
    BINDINGS = [
        Binding("t", "tree", show=False),
        Binding("w", "watch", show=False),
        Binding("o", "all_fields", show=False),
    ]
    _watching = False
    _waiting: Timer | None = None
    """Counts the seconds for which a resolver still gives an old answer."""
    _gone_at = 0.0

    def body(self) -> Iterator[Widget]:
        """Yield the fields that always count, then what was found; those that a page fills are there on demand."""
        more = []
        for field in self.fields():
            widget = self.widget(field)
            if not isinstance(field, SecretField) and field.from_page:
                widget.add_class("more")
                widget.display = False
                more.append(widget)
            else:
                yield widget
        yield from more
        yield self.status
        yield self.findings

    def on_mount(self) -> None:
        """Check what is known already; questions to DNS change nothing."""
        super().on_mount()
        self._timer = self.set_interval(WATCH_SECONDS, self.look_again, pause=True)
        if not self.findings.shown:
            self.say_lines(self.step.lines(self.flow))

    def letter_keys(self) -> list[str]:
        """Return the letters that act on what was found."""
        if self.typing:
            return []
        watch = "w stop" if self._watching else "w watch"
        other = "o values" if self.findings.display else "o rows"
        return ["t tree", watch, other, *super().letter_keys()]

    def found(self, findings: list[Finding]) -> None:
        """Show how much was answered; stop watching when nothing is open."""
        asked = [finding for finding in findings if finding.verdict is not Verdict.SKIP]
        answered = sum(finding.verdict is not Verdict.UNKNOWN for finding in asked)
        self.say_lines([f"{answered} of {len(asked)} questions answered; {self.step.lines(self.flow)[0]}"])
        stale = stale_seconds(findings)
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        if stale is not None:
            self._gone_at = time.monotonic() + stale
            self.count_down()
            self._waiting = self.set_interval(1.0, self.count_down)
        elif self._watching and not still_open(findings):
            self.action_watch()
            self.say("Everything is right now; no longer watching.")

    def count_down(self) -> None:
        """Say how long the old answer is still given; check again when it is not."""
        left = self._gone_at - time.monotonic()
        if left > -1:
            self.say(f"The resolver gives the old answer for {max(left, 0):.0f} s more, then this is checked again.")
        elif self._waiting is not None and self.is_current:  # not under a page: when that is closed
            self._waiting.stop()
            self.look_again()

    def action_watch(self) -> None:
        """Check again and again until all is right, or stop doing so."""
        self._watching = not self._watching
        if self._watching:
            self._timer.reset()
            self._timer.resume()
            self.say(f"watching: checked again every {WATCH_SECONDS:.0f} s")
        else:
            self._timer.pause()
            self.say("")
        self.show_keys()

    def look_again(self) -> None:
        """Check again while watching; rows stay until they are found again."""
        if self.is_current and not self.checking and not self.step.problems(self.flow):
            self.start_checks(anew=False)

    def action_tree(self) -> None:
        """Draw the SPF tree, and what aligns with the From."""
        lines = drawings.trees(self.flow.findings(self.KEY))
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
