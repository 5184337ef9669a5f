"""Troubleshooting: a symptom or pasted log text in, one named cause and its remedy out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.base import StepScreen
from screens.modals import Paste
from wizard import found_here
from wizard.walk import To

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

_PASTE = "paste"


class TroubleshootScreen(StepScreen):
    """Asks what is seen and names the cause."""

    KEY = "troubleshoot"
    AUTO_FOCUS = "OptionList"
    FOOT = "Enter choose   F4 paste log lines   d dialogue   Esc back   F1 help"
    BINDINGS = [Binding("f4", "paste", show=False)]

    def body(self) -> Iterator[Widget]:
        """Yield the symptoms, then what was diagnosed."""
        from wizard import diagnosis

        yield Static(Content("What do you see?"), classes="heading")
        options = [Option(Content(title), id=key) for key, title in diagnosis.CHOICES]
        yield OptionList(*options, compact=True, markup=False)
        yield self.status
        with VerticalScroll(can_focus=True, classes="page"):
            self._text = Static("", classes="page-text")
            yield self._text

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Diagnose the chosen symptom; for pasted text ask for it first."""
        chosen = str(event.option.id)
        if chosen == _PASTE:
            self.action_paste()
        else:
            self.diagnose("", chosen)

    def action_paste(self) -> None:
        """Take log lines."""
        self.app.push_screen(Paste("Paste the error, or a few lines of either log"), self.take)

    def take(self, text: str | None) -> None:
        """Diagnose pasted text."""
        if text:
            self.diagnose(text, None)

    @work(exclusive=True, group="checks", exit_on_error=False, description="diagnosis")
    async def diagnose(self, text: str, symptom: str | None) -> None:
        """Run the proving checks and show the causes."""
        from wizard import diagnosis, troubleshoot

        self.status.update(Content("checking ..."))
        draft, session = found_here.for_checking(self.session, self.draft)
        known = draft if draft.server.host else None
        try:
            found = await troubleshoot.run(text, known, session, self.hear, symptom=symptom)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash screen without locals
            return
        self.status.update(Content(""))
        self._text.update(Content(diagnosis.as_text(found)))

    def action_back(self) -> None:
        """Go back to the start."""
        self.leave(To.BACK)
