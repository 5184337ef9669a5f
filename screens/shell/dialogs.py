"""Boxes over a step: lines to read, a question, a block to paste. Esc leaves each, and none changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from screens.shell.frame import Modal
from screens.shell.textual_private import Words
from screens.widgets.drawings import bar
from screens.widgets.paste_box import Block
from screens.widgets.scrolling import Scrolling
from screens.widgets.wrap import wrapped
from wizard.checks import registry
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.widget import Widget

    from wizard.model.finding import Finding
    from wizard.model.session import Exchange


_BAR: Final = 8
"""Cells of the longest step's bar."""
_BORDERS: Final = 6
"""Columns round the text of a box: border, padding, scroll bar."""


class Page(Modal[None]):
    """Lines to read, wrapped to the box."""

    BINDINGS = [
        Binding("escape", "close", "back"),
        Binding("q,f1,enter", "close", show=False),
    ]
    AUTO_FOCUS = "Scrolling"
    TALL = True

    def __init__(self, title: str, lines: Sequence[str], *, hang: int = 0) -> None:
        super().__init__()
        self.TITLE_LINE = title
        self._lines = tuple(lines)
        self._hang = hang
        self._text = Words("")

    def body(self) -> Iterator[Widget]:
        """Yield the lines."""
        with Scrolling(classes="page"):
            yield self._text

    def on_resize(self, event: events.Resize) -> None:
        """Wrap the lines to the width that there is."""
        super().on_resize(event)
        self.write()

    def lines(self, width: int) -> Sequence[str]:  # noqa: ARG002  # for pages whose lines depend on it
        """Return the lines for a box of *width*."""
        return self._lines

    def write(self) -> None:
        """Wrap the lines again."""
        width = max(20, self.query_one(".box").size.width - 2 or self.app.size.width - _BORDERS)
        self._text.update(Content("\n".join(wrapped(self.lines(width), width=width, hang=self._hang))))


class Evidence(Page):
    """Everything about one finding, and the dialogue it rests on."""

    BINDINGS = [Binding("c", "copy", "copy"), Binding("x", "bare", "show bare")]

    def __init__(self, finding: Finding | None, exchanges: Sequence[Exchange], *, copied: bool = False) -> None:
        self._finding = finding
        lines = [*(_finding_lines(finding, copied=copied) if finding else []), *_dialogue_lines(exchanges)]
        super().__init__("Evidence" if finding else "Dialogue", lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether there is a record to copy."""
        if action in {"copy", "bare"}:
            return self._finding is not None and self._finding.record is not None
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """Copy the record by OSC 52; the page shows it whole for terminals that ignore that."""
        if self._finding is not None and self._finding.record is not None:
            self.app.copy_to_clipboard(self._finding.record.value)
            self.say("Sent to the clipboard")

    def action_bare(self) -> None:
        """Show the record alone."""
        if self._finding is not None and self._finding.record is not None:
            self.app.push_screen(Bare(self._finding.record.value))


class Bare(Modal[None]):
    """A value alone, from edge to edge, for selecting it with the mouse of the terminal."""

    BINDINGS = [Binding("escape", "close", "back"), Binding("x,enter,q", "close", show=False)]
    TITLE_LINE = "Select with the mouse; some terminals want Shift held down"
    TALL = True

    def __init__(self, value: str) -> None:
        super().__init__()
        self._value = Untrusted(value, 8192)

    def body(self) -> Iterator[Widget]:
        """Yield the value."""
        yield Words(Content(self._value), classes="bare")


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
    """A question: ``y`` is yes, Enter and ``n`` are no, Esc goes back without an answer (None)."""

    TITLE_LINE = "A question"
    BINDINGS = [
        Binding("y", "answer(True)", "yes"),
        Binding("enter", "answer(False)", "no"),
        Binding("n", "answer(False)", show=False),
        Binding("escape", "close", "back"),
    ]

    def __init__(self, question: str, *, yes: str = "yes", no: str = "no", leaving: bool = False) -> None:
        super().__init__()
        self._question = question
        self._words = {"y": yes, "enter": no}
        self.leaving = leaving
        """Whether the question is about leaving: Ctrl+Q again is a yes."""

    def body(self) -> Iterator[Widget]:
        """Yield the question."""
        yield Words(Content(Untrusted(self._question.replace("\n", " "), 4096)), classes="block")

    def describe(self, binding: Binding) -> str:
        """Return what the key of *binding* does."""
        return self._words.get(binding.key, binding.description)

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)


class Paste(Modal[str]):
    """Takes a pasted block; F4 again uses it, Esc forgets it."""

    TITLE_LINE = "Paste"
    BINDINGS = [
        Binding("f4", "use", "use it"),
        Binding("ctrl+d", "use", show=False),
        Binding("backspace", "none", "take back"),
        Binding("escape", "forget", "back"),
    ]
    AUTO_FOCUS = "Block"

    def __init__(self, prompt: str, *, secret: bool = False) -> None:
        super().__init__()
        self._prompt = prompt
        self._block = Block(secret=secret)

    def body(self) -> Iterator[Widget]:
        """Yield prompt and field."""
        yield Words(Content(self._prompt), classes="prompt")
        with VerticalScroll(classes="pasted", can_focus=False):
            yield self._block

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether there is something to take back, or to use."""
        if action in {"none", "use"}:
            return bool(self._block.text)
        return super().check_action(action, parameters)

    def on_block_changed(self) -> None:
        """Show the keys that act now."""
        self.refresh_bindings()

    def action_none(self) -> None:
        """Do nothing: the field takes the key."""

    def action_use(self) -> None:
        """Return the text."""
        text = self._block.text
        self._block.clear()
        self.dismiss(text)

    def action_forget(self) -> None:
        """Return nothing."""
        self._block.clear()
        self.dismiss("")
