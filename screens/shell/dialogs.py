"""Pages over a step: evidence, a question, a block to paste. Esc leaves each, and none changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.shell.frame import Frame, Result
from screens.widgets.chrome import Keys, Rule
from screens.widgets.drawings import bar
from screens.widgets.paste_box import Block
from screens.widgets.wrap import wrapped
from wizard.checks import registry
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.model.session import Exchange


_BAR: Final = 8
"""Cells of the longest step's bar."""


class Modal(Frame[Result]):
    """A screen with a title in place of the steps."""

    TITLE_LINE = ""
    KEYS: tuple[str, ...] = ("Esc back",)

    def head(self) -> Iterator[Widget]:
        """Yield the title."""
        yield Static(Content(f" {self.TITLE_LINE}"), classes="step-line")
        yield Rule()

    def foot(self) -> Keys:
        """Return the line of keys."""
        return Keys(*self.KEYS)


class Page(Modal[None]):
    """Lines to read."""

    BINDINGS = [Binding("escape,q,enter,f1", "close", "back", show=False)]
    KEYS: tuple[str, ...] = ("up down scroll", "Esc back")
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, title: str, lines: Sequence[str], *, hang: int = 0) -> None:
        super().__init__()
        self.TITLE_LINE = title
        self._lines = wrapped(lines, hang=hang)

    def body(self) -> Iterator[Widget]:
        """Yield the lines."""
        with VerticalScroll(classes="page"):
            yield Static(Content("\n".join(self._lines)))

    def action_close(self) -> None:
        """Go back to the step."""
        self.dismiss(None)


class Evidence(Page):
    """Everything about one finding, and the dialogue it rests on."""

    BINDINGS = [Binding("c", "copy", "copy", show=False)]

    def __init__(self, finding: Finding | None, exchanges: Sequence[Exchange], *, copied: bool = False) -> None:
        self._finding = finding
        lines = [*(_finding_lines(finding, copied=copied) if finding else []), *_dialogue_lines(exchanges)]
        super().__init__("Evidence" if finding else "Dialogue", lines)
        if finding is not None and finding.record is not None:
            self.KEYS = ("c copy the value", *Page.KEYS)

    def action_copy(self) -> None:
        """Copy the record by OSC 52; the page shows it whole for terminals that ignore that."""
        if self._finding is not None and self._finding.record is not None:
            self.app.copy_to_clipboard(self._finding.record.value)


def _finding_lines(finding: Finding, *, copied: bool) -> list[str]:
    lines = [f"{finding.verdict.word}  {registry.name(finding.check)} ({finding.check}): {finding.subject}", ""]
    record = _record_lines(finding, copied=copied)
    lines += [*record, "", finding.summary] if copied else [finding.summary]
    if finding.remedy:
        lines += ["", "What to do:", f"  {finding.remedy}"]
    lines += ["", *record] if record and not copied else []
    seen = [*finding.evidence, *([f"after {finding.seconds * 1000:.0f} ms"] if finding.seconds >= 0.001 else [])]
    if seen:
        lines += ["", "Seen:", *(f"  {line}" for line in seen)]
    return [*lines, ""]


def _record_lines(finding: Finding, *, copied: bool) -> list[str]:
    """Return the record to paste, whole: not every terminal takes it from the clipboard sequence."""
    record = finding.record
    if record is None:
        return []
    lines = [f"name   {record.name}"]
    if record.relative != record.name:
        lines.append(f"       {record.relative}   in panels that add the domain themselves")
    said = "The value was sent to the clipboard (OSC 52)." if copied else "c copies the value."
    return [*lines, f"type   {record.type}", "value", record.value, said]


def _dialogue_lines(exchanges: Sequence[Exchange]) -> list[str]:
    """Return the raw dialogue, the time of each step before it as a number and as a bar, all to one scale."""
    lines = ["Dialogue, its bars to scale", ""] if exchanges else []
    longest = max((exchange.seconds for exchange in exchanges), default=0.0) or 1.0
    for exchange in exchanges:
        drawn = bar(exchange.seconds / longest, _BAR)
        took = f"{exchange.seconds * 1000:>6.0f} ms {drawn:<{_BAR}} {exchange.verb:<9}"
        lines.append(f"{took} {Untrusted(exchange.sent)}".rstrip())
        lines += [f"{'':>{_BAR + 21}}{Untrusted(line)}" for line in exchange.reply]
    return lines


class Confirm(Modal[bool]):
    """A question: ``y`` is yes, ``n`` is no, Esc goes back without an answer (None)."""

    TITLE_LINE = "A question"
    KEYS: tuple[str, ...] = ("y yes", "n no", "Esc back")
    BINDINGS = [
        Binding("y", "answer(True)", "yes", show=False),
        Binding("n,enter", "answer(False)", "no", show=False),
        Binding("escape", "close", "back", show=False),
    ]

    def __init__(self, question: str, *, leaving: bool = False) -> None:
        super().__init__()
        self._question = question
        self.leaving = leaving
        """Whether the question is about leaving: Ctrl+Q again is a yes."""
        if leaving:
            self.KEYS = ("y or Ctrl+Q leave", "n or Esc stay")

    def body(self) -> Iterator[Widget]:
        """Yield the question."""
        yield Static(Content("\n".join(wrapped(self._question.split("\n")))), classes="block")

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)

    def action_close(self) -> None:
        """Return no answer."""
        self.dismiss(None)


class Paste(Modal[str]):
    """Takes a pasted block; F4 again uses it, Esc forgets it."""

    TITLE_LINE = "Paste"
    KEYS: tuple[str, ...] = ("F4 use it", "Backspace takes back", "Esc back")
    BINDINGS = [
        Binding("f4,ctrl+d", "use", "use", show=False),
        Binding("escape", "forget", "back", show=False),
    ]
    AUTO_FOCUS = "Block"

    def __init__(self, prompt: str, *, secret: bool = False) -> None:
        super().__init__()
        self._prompt = prompt
        self._block = Block(secret=secret)

    def body(self) -> Iterator[Widget]:
        """Yield prompt and field."""
        yield Static(Content("\n".join(wrapped([self._prompt, ""]))), classes="prompt")
        yield self._block

    def action_use(self) -> None:
        """Return the text."""
        text = self._block.text
        self._block.clear()
        self.dismiss(text)

    def action_forget(self) -> None:
        """Return nothing."""
        self._block.clear()
        self.dismiss("")
