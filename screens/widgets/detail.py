"""The selected finding in the panel below the rows: what it means, what to do, the record to paste."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from screens.widgets.panel import Text
from wizard.checks import registry

if TYPE_CHECKING:
    from wizard.model.finding import Finding

_LABEL: Final = 11
_ENDLESS: Final = 10_000
_COMPARED: Final = ("is ", "should be ", "differs")
"""How the lines of evidence begin that set what is against what should be."""


def detail_lines(finding: Finding, width: int, height: int) -> list[Content]:
    """Return *finding* as at most *height* lines of *width*: what to do, the record, and what it means.

    Where there is too little room, long values are cut, and then the meaning gives way.
    """
    width = max(width, 2 * _LABEL)
    parts = _parts(finding, width)
    room = height - len(parts)
    lines: list[Content] = []
    for label, wrapped in parts:
        kept = max(1, min(len(wrapped), 1 + room))
        room -= kept - 1
        shown = wrapped[:kept]
        if kept < len(wrapped):
            shown[-1] = f"{shown[-1][: width - _LABEL - 1].rstrip()}…"
        lines += [_line(label, number, text) for number, text in enumerate(shown)]
    if len(lines) > height:
        more = Content.styled("... Enter on its row shows all of it", "$foreground-muted")
        lines = [*lines[: height - 1], more]
    return lines


def _parts(finding: Finding, width: int) -> list[tuple[str, list[str]]]:
    """Return what there is to say: a label with its text wrapped, or a line of text alone, which is never cut."""
    seen = [line for line in finding.evidence if line.startswith(_COMPARED)]
    if finding.record is not None and all(line.startswith("should be ") for line in seen):
        seen = []  # the record says it
    labelled = [*map(_compared, seen), *_record(finding)]
    return [
        *(("bold", [line]) for line in (_wrapped(finding.remedy, width) if finding.remedy else [])),
        *((label, _wrapped(text, width - _LABEL)) for label, text in labelled),
        *(("", [line]) for line in _wrapped(finding.summary, width)),
    ]


def _line(label: str, number: int, text: str) -> Content:
    if label in {"", "bold"}:
        return Content.styled(text, label)
    head = label if number == 0 else ""
    return Content.assemble((f"{head:<{_LABEL}}", "$foreground-muted"), text)


def _wrapped(text: str, width: int) -> list[str]:
    if cell_len(text) != len(text):  # characters of two columns
        return [set_cell_size(text, width - 1).rstrip() + "…" if cell_len(text) > width else text]
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _compared(line: str) -> tuple[str, str]:
    name = next(word for word in _COMPARED if line.startswith(word))
    return name.strip(), line.removeprefix(name).lstrip(" :")


def _record(finding: Finding) -> list[tuple[str, str]]:
    """Return the record to paste: its name, its type and its value."""
    record = finding.record
    if record is None:
        return []
    beside = f"{record.type}, name" if record.relative == record.name else f"{record.type}, name, without the domain"
    return [("name", f"{record.relative}   ({beside})"), ("value", record.value)]


class Detail(Text):
    """What there is to know of one finding, in as many lines as there is room for."""

    def __init__(self) -> None:
        super().__init__("", classes="detail")
        self._finding: Finding | None = None

    def show(self, finding: Finding | None) -> None:
        """Show *finding*; None: nothing."""
        self._finding = finding
        self.write()

    def wanted(self, width: int) -> int:
        """Return how many lines of *width* everything takes."""
        return len(detail_lines(self._finding, width, _ENDLESS)) if self._finding is not None else 0

    @staticmethod
    def title(finding: Finding) -> str:
        """Return the panel's title for *finding*."""
        name = registry.name(finding.check)
        return f"{name}: what to do" if finding.remedy else name

    def on_resize(self) -> None:
        """Show as much as there is room for."""
        self.write()

    def write(self) -> None:
        """Show as much as there is room for."""
        if self._finding is None:
            self.update(Content(""))
        elif self.size.height:
            self.update(Content("\n").join(detail_lines(self._finding, self.size.width, self.size.height)))
