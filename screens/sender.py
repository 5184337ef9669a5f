"""The sender: From, From domain and what Postal's Setup page says; DNS judged record by record, live."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content

from screens.shell.dialogs import Page
from screens.shell.form_screen import FormScreen
from screens.widgets import drawings
from screens.widgets.field import Field
from screens.widgets.panel import Panel, Text
from wizard.model.finding import Finding, stale_seconds
from wizard.setup.step import SecretField
from wizard.setup.steps.sender import WATCH_SECONDS, still_open

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.timer import Timer
    from textual.widget import Widget

    from wizard.setup.flow import FlowState


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
        Binding("t", "tree", "SPF tree"),
        Binding("w", "watch", "watch"),
        Binding("o", "all_fields", "values"),
    ]
    RESULTS = "DNS"
    _watching = False
    _shows_all = False
    """Whether the fields that Postal's page fills are shown."""
    _waiting: Timer | None = None
    """Counts the seconds for which a resolver still gives an old answer."""
    _gone_at = 0.0

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._facts = Text("", classes="facts")

    def form(self) -> Iterator[Widget]:
        """Yield the fields that always count; those that a page fills are there on demand."""
        fields = []
        for field in self.fields():
            widget = self.widget(field)
            if not isinstance(field, SecretField) and field.from_page:
                widget.add_class("more")
                widget.display = False
            fields.append(widget)
        yield Panel("From", *fields, self._facts, id="form")

    def on_mount(self) -> None:
        """Check what is known already; questions to DNS change nothing."""
        super().on_mount()
        self._timer = self.set_interval(WATCH_SECONDS, self.look_again, pause=True)

    def refresh_step(self) -> None:
        """Show how many of Postal's values are known."""
        super().refresh_step()
        self._facts.update(Content("   ".join(self.step.lines(self.flow))))

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does now."""
        if self._shows_all and binding.key == "enter" and not self.is_stale:
            return "back to the rows"
        match binding.action:
            case "watch":
                return "stop watching" if self._watching else "watch"
            case "all_fields":
                return "rows" if self._shows_all else "values"
            case "back" if self._shows_all:
                return "back to the rows"
        return super().describe(binding)

    def found(self, findings: list[Finding]) -> None:
        """Count down to when a resolver drops an old answer; stop watching when nothing is open."""
        super().found(findings)
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
            self.say("Nothing fails now: no longer watching.")

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
        """Show or hide the fields that Postal's page fills, in place of the rows."""
        self._shows_all = not self._shows_all
        self.query(".more").set(display=self._shows_all)
        self.show_rows()
        if self._shows_all:
            next(iter(self.query(".more").results(Field))).input.focus()
        else:
            self.findings.focus()
        self.show_keys()

    def close_values(self) -> bool:
        """Show the rows in place of the values; say whether the values were shown."""
        if self._shows_all:
            self.action_all_fields()
            return True
        return False

    @property
    def enter_words(self) -> str:
        """What Enter does in a field: what is proposed is taken first, all together."""
        proposed = self.offer_of("u")
        return proposed.name if proposed is not None and not self._shows_all else super().enter_words

    def submitted(self, identity: str, value: str) -> None:
        """Take what is proposed, all together; without a proposal check or continue."""
        proposed = self.offer_of("u")
        if proposed is not None and not self._shows_all:
            self.take(proposed)
        else:
            super().submitted(identity, value)

    def advance(self) -> None:
        """Check or continue; from the values, back to the rows first."""
        if self.judged() and self.close_values() and not self.is_stale:
            return
        super().advance()

    def action_back(self) -> None:
        """Go back: from the values to the rows."""
        if not self.close_values():
            super().action_back()

    @property
    def has_rows(self) -> bool:
        """Whether there are rows to show: not while all fields are shown in their place."""
        return super().has_rows and not self._shows_all
