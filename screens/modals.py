"""Pages over a step: help, evidence, a question, a block to paste. Esc leaves each, and none changes anything."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static, TextArea

from wizard.foreign import Foreign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from wizard.finding import Finding
    from wizard.session import Exchange


class Page(Screen[None]):
    """Lines to read."""

    BINDINGS = [Binding("escape,q,enter,f1", "close", "back", show=False)]

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Lay out the lines, and the way back."""
        with VerticalScroll(classes="page"):
            yield Static(Content("\n".join(self._lines)))
        yield Static(Content("Esc back   arrows scroll"), classes="keys")

    def action_close(self) -> None:
        """Go back to the step."""
        self.dismiss(None)


class Help(Page):
    """The step's page from ``assets/help``; the part of the focused field first."""

    def __init__(self, key: str, field: str | None) -> None:
        super().__init__(help_lines(key, field))


def help_lines(key: str, field: str | None) -> list[str]:
    """Return the help of step *key*; the section headed by the answer's key (``## server.host``) comes first."""
    page = files("assets") / "help" / f"{key}.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else "There is no help for this step."
    head, *sections = text.split("\n## ")
    wanted = (field or "").replace("-", ".", 1)
    sections.sort(key=lambda section: section.partition("\n")[0].partition(" ")[0] != wanted)
    ordered = [head.strip(), *(section.strip() for section in sections)]
    if sections and sections[0].startswith(f"{wanted}") and wanted:
        ordered = [ordered[1], head.strip(), *ordered[2:]]
    return "\n\n".join(ordered).replace("# ", "").splitlines()


class Evidence(Page):
    """Everything about one finding, and the dialogue it rests on."""

    BINDINGS = [Binding("c", "copy", "copy", show=False)]

    def __init__(self, finding: Finding | None, exchanges: Sequence[Exchange]) -> None:
        self._finding = finding
        super().__init__([*(_finding_lines(finding) if finding else []), *_dialogue_lines(exchanges)])

    def action_copy(self) -> None:
        """Copy the record by OSC 52; it stands here whole for terminals that ignore that."""
        if self._finding is not None and self._finding.record is not None:
            self.app.copy_to_clipboard(self._finding.record.value)


def _finding_lines(finding: Finding) -> list[str]:
    lines = [f"{finding.verdict.word}  {finding.check}: {finding.subject}", "", finding.summary, *finding.evidence]
    if finding.remedy:
        lines += ["", finding.remedy]
    if finding.record is not None:
        record = finding.record
        lines += ["", f"name   {record.name}", f"       {record.relative}   in panels that add the domain themselves"]
        lines += [f"type   {record.type}", "value", record.value, "", "c copies the value"]
    return [*lines, ""]


def _dialogue_lines(exchanges: Sequence[Exchange]) -> list[str]:
    lines = ["Dialogue"] if exchanges else []
    longest = max((exchange.seconds for exchange in exchanges), default=0.0)
    for exchange in exchanges:
        bar = "#" * max(1, round(exchange.seconds / longest * 20)) if longest else ""
        lines.append(f"{exchange.seconds * 1000:>7.0f} ms {bar:<20} {exchange.verb:<9} {Foreign(exchange.sent, 80)}")
        lines += [f"{'':>31} {Foreign(line)}" for line in exchange.reply]
    return lines


class Confirm(Screen[bool]):
    """A question whose answer is no unless ``y`` is pressed."""

    BINDINGS = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,escape,enter", "answer(False)", "no", show=False),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        yield Static(Content(self._question), classes="page")
        yield Static(Content("y yes   n no"), classes="keys")

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)


class PasteArea(TextArea):
    """A field of several lines whose cursor stands still."""

    def __init__(self) -> None:
        super().__init__(compact=True, show_line_numbers=False, soft_wrap=True)
        self.cursor_blink = False


class Paste(Screen[str]):
    """Takes a pasted block; F4 again uses it, Esc forgets it."""

    BINDINGS = [
        Binding("f4,ctrl+d", "use", "use", show=False, priority=True),
        Binding("escape", "forget", "back", show=False, priority=True),
    ]
    AUTO_FOCUS = "TextArea"

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self._prompt = prompt

    def compose(self) -> ComposeResult:
        """Lay out prompt and field."""
        yield Static(Content(self._prompt), classes="prompt")
        yield PasteArea()
        yield Static(Content("F4 use it   Esc back"), classes="keys")

    def action_use(self) -> None:
        """Return the text."""
        area = self.query_one(PasteArea)
        text = area.text
        area.clear()
        self.dismiss(text)

    def action_forget(self) -> None:
        """Return nothing."""
        self.query_one(PasteArea).clear()
        self.dismiss("")
