"""The selected finding in the panel below the rows: what it means, what to do, the record to paste."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widgets import Static

from wizard.checks import registry

if TYPE_CHECKING:
    from wizard.model.finding import Finding

_LABEL: Final = 11
_COMPARED: Final = ("is ", "should be ", "differs")
"""How the lines of evidence begin that set what is against what should be."""


def detail_lines(finding: Finding, width: int, height: int) -> list[Content]:
    """Return *finding* as at most *height* lines of *width*: what to do, the record, and what it means.

    Where there is too little room, the meaning gives way first.
    """
    to_do = [Content.styled(line, "bold") for line in _wrapped(finding.remedy, width)] if finding.remedy else []
    seen = [line for line in finding.evidence if line.startswith(_COMPARED)]
    if finding.record is not None and all(line.startswith("should be ") for line in seen):
        seen = []  # the record says it
    compared = [_compared(line, width) for line in seen]
    meaning = [Content(line) for line in _wrapped(finding.summary, width)]
    lines = [*to_do, *compared, *_record(finding, width), *meaning]
    if len(lines) > height:
        more = Content.styled("… Enter shows all of it", "$foreground-muted")
        lines = [*lines[: height - 1], more]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _compared(line: str, width: int) -> Content:
    name = next(word for word in _COMPARED if line.startswith(word))
    return _labelled(name.strip(), line.removeprefix(name).lstrip(" :"), width)


def _record(finding: Finding, width: int) -> list[Content]:
    """Return the record to paste: its name, its type and as much of its value as one line takes."""
    record = finding.record
    if record is None:
        return []
    beside = f"{record.type}, name" if record.relative == record.name else f"{record.type}, name, without the domain"
    return [
        _labelled("name", f"{record.relative}   ({beside})", width),
        _labelled("value", record.value, width),
    ]


def _labelled(label: str, text: str, width: int) -> Content:
    room = width - _LABEL
    shown = text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"
    return Content.assemble((f"{label:<{_LABEL}}", "$foreground-muted"), shown)


class Detail(Static):
    """What there is to know of one finding, in as many lines as there is room for."""

    def __init__(self) -> None:
        super().__init__("", classes="detail")
        self._finding: Finding | None = None

    def show(self, finding: Finding | None) -> None:
        """Show *finding*; None: nothing."""
        self._finding = finding
        self.on_resize()

    @staticmethod
    def title(finding: Finding) -> str:
        """Return the panel's title for *finding*."""
        name = registry.name(finding.check)
        return f"{name}: what to do" if finding.remedy else name

    def on_resize(self) -> None:
        """Show as much as there is room for."""
        if self._finding is None:
            self.update(Content(""))
        elif self.size.height:
            self.update(Content("\n").join(detail_lines(self._finding, self.size.width, self.size.height)))
