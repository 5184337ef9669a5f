"""Troubleshooting: a symptom or pasted log text in, one named cause and its remedy out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.shell.dialogs import Paste
from screens.shell.step_screen import StepScreen
from screens.widgets.menu import Item, Menu
from screens.widgets.wrap import wrapped
from wizard import diagnosis
from wizard.diagnosis import Diagnosis, State
from wizard.setup.flow import To
from wizard.setup.steps import start as start_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from wizard.setup.flow import FlowState

_PASTE = "paste"
_MENDS = "mends"


class TroubleshootScreen(StepScreen):
    """Asks what is seen and names the cause."""

    KEY = "troubleshoot"
    AUTO_FOCUS = "#symptoms"
    BINDINGS = [Binding("f4", "paste", show=False)]

    def __init__(self, flow: FlowState) -> None:
        super().__init__(flow)
        self._told: Diagnosis | None = None
        self._symptoms = Menu([Item(key, title) for key, title in diagnosis.CHOICES], title_width=60, id="symptoms")
        self._way_out = Menu([Item(_MENDS, "")], title_width=0, id="mends")
        self._text = Static("", classes="block")

    def body(self) -> Iterator[Widget]:
        """Yield the symptoms, then what was diagnosed, then the step that mends it."""
        yield Static(Content("What do you see?"), classes="heading")
        yield self._symptoms
        yield self.status
        yield Static("")
        with VerticalScroll(can_focus=True, classes="page"):
            yield self._text
        self._way_out.display = False
        yield self._way_out

    def on_mount(self) -> None:
        """Show again what was diagnosed before a step was mended."""
        super().on_mount()
        kept = self.kept.get(self.KEY)
        if isinstance(kept, Diagnosis):
            self.show(kept, final=True)

    @property
    def kept(self) -> dict[str, object]:
        """What outlives the screen."""
        kept: dict[str, object] = getattr(self.app, "kept", {})
        return kept

    def keys(self) -> list[str]:
        """Return the keys that act now."""
        if self._way_out.has_focus:
            return ["Enter go to the step", "F4 paste log lines", "p report"]
        dialogue = ["d dialogue"] if self.exchanges else []
        return ["Enter choose", "F4 paste log lines", *dialogue, "p report"]

    @on(Menu.Chosen, "#symptoms")
    def choose(self, event: Menu.Chosen) -> None:
        """Diagnose the chosen symptom; for pasted text ask for it first."""
        if event.menu.key == _PASTE:
            self.action_paste()
        else:
            self.diagnose("", event.menu.key)

    @on(Menu.Chosen, "#mends")
    def mend(self) -> None:
        """Go to the step that mends the first cause; the way leads back here."""
        if self._told is not None and self._told.standing:
            self.leave(To.GOTO, diagnosis.step_of(self._told.standing[0].key))

    def action_paste(self) -> None:
        """Take log lines."""
        prompt = "Paste or type the error, or a few lines of GlitchTip's or Postal's log. What is pasted is not shown."
        self.app.push_screen(Paste(prompt), self.take)

    def take(self, text: str | None) -> None:
        """Diagnose pasted text."""
        if text and text.strip():
            self.diagnose(text, None)

    @work(exclusive=True, group="checks", exit_on_error=False, description="diagnosis")
    async def diagnose(self, text: str, symptom: str | None) -> None:
        """Run the proving checks; the causes are ranked anew after each finding."""
        from wizard.setup.steps import troubleshoot as troubleshoot_step

        self.exchanges.clear()
        self.say("checking ...")
        draft, session = start_step.for_checking(self.session, self.draft)
        known = draft if draft.server.host and draft.server.port else None
        try:
            found = await troubleshoot_step.run(text, known, session, self.hear, symptom=symptom, told=self.show)
        except Exception as error:
            self.app._handle_exception(error)  # noqa: SLF001  # the crash log without locals
            return
        self.say("" if found.checked or not found.causes else "Nothing was checked: no settings are known here.")
        self.show(found, final=True)

    def show(self, told: Diagnosis, *, final: bool = False) -> None:
        """Show the causes, the best named first, and what is excluded."""
        self._told = told
        self._text.update(Content("\n".join(_lines(told))))
        if not final:
            return
        self.kept[self.KEY] = told
        step = diagnosis.step_of(told.standing[0].key) if told.standing else "start"
        self._way_out.display = step != "start"
        if step != "start":
            self._way_out.show([Item(_MENDS, f"Go to the step that mends it: {step.replace('_', ' ')}, and come back")])
            self._way_out.focus()
        self.show_keys()


def _lines(told: Diagnosis) -> list[str]:
    if not told.causes:
        return ["Nothing recognised. Paste more of the log: the last lines before and after the error."]
    lines: list[str] = []
    for number, ranked in enumerate(told.standing, 1):
        word = "proven" if ranked.state is State.PROVEN else "likely"
        lines += wrapped([f"{number}  {ranked.cause}"], hang=3)
        lines += wrapped([f"   {word}: {ranked.evidence}", f"   {ranked.remedy}", ""])
    for ranked in told.excluded:
        lines += wrapped([f"x  {ranked.cause} Excluded: {ranked.evidence}"], hang=3)
    return lines
