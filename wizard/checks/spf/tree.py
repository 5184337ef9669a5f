"""The SPF tree drawn: one row a term, the branch that matched marked, the running count of 10 beside it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.checks.spf.evaluate import MOST_TERMS, MOST_VOIDS
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.spf import Evaluation, Node, TermNode

WIDTH: Final = 76
"""Characters of a line: fits 80 columns with a frame."""
MOST_ROWS: Final = 60
"""Rows drawn of a hostile tree."""

_MARK: Final = "=>"
_COUNT_WIDTH: Final = 6
_STATE_WIDTH: Final = 14
_GIVES: Final = {"+": "gives pass", "-": "gives fail", "~": "gives softfail", "?": "gives neutral"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the drawing as data."""

    lead: str
    """The branches drawn in front of the text, ASCII."""
    text: Untrusted
    """The name of the record (the first row) or the term as written."""
    state: str
    """What became of it, in plain words; at most 14 characters."""
    count: int
    """Which of the 10 terms that may query DNS it is; 0 for none."""
    on_path: bool
    """Whether it lies on the branch that gave the verdict."""

    def line(self, width: int = WIDTH) -> str:
        """Return the row in ASCII apart from what the text holds, at most *width* characters wide."""
        count = f"{self.count}/{MOST_TERMS}" if self.count else ""
        room = max(width - len(_MARK) - 3 - _COUNT_WIDTH - _STATE_WIDTH, 8)
        shown = self.lead + self.text
        if len(shown) > room:
            shown = shown[: room - 3] + "..."
        mark = _MARK if self.on_path else "  "
        return f"{mark} {shown:<{room}} {count:>{_COUNT_WIDTH - 1}}  {self.state}".rstrip()[:width]


def rows(evaluation: Evaluation) -> tuple[Row, ...]:
    """Return the drawing as data: ``MOST_ROWS`` rows, how many terms are left out, and what of those matched."""
    root = evaluation.tree
    result = evaluation.result or "not settled"
    drawn = [Row("", Untrusted(root.domain), result, 0, on_path=bool(evaluation.match))]
    left = 0
    late: list[Row] = []
    for row in _walk(root, "", _Counter(), marked=True):
        if len(drawn) < MOST_ROWS:
            drawn.append(row)
        elif row.on_path:
            late.append(row)
        else:
            left += 1
    if left:
        drawn.append(Row("", Untrusted(f"... {left} more terms ..."), "", 0, on_path=False))
    return (*drawn, *late)


def lines(evaluation: Evaluation, width: int = WIDTH) -> list[str]:
    """Return the drawing as text, the counts and what found nothing below it."""
    drawn = [row.line(width) for row in rows(evaluation)]
    drawn.append(f"   {counts(evaluation)}")
    notes = [f"nothing found: {void.type} of {void.name}, needed by {void.term}" for void in evaluation.voids]
    for note in filter(None, [*notes, evaluation.problem]):
        drawn += textwrap.wrap(Untrusted(note, 600), width, initial_indent="   ", subsequent_indent="     ")
    return drawn


def counts(evaluation: Evaluation) -> str:
    """Return the counts that RFC 7208 4.6.4 limits."""
    return f"terms {evaluation.terms}/{MOST_TERMS}, voids {len(evaluation.voids)}/{MOST_VOIDS}"


@dataclass(slots=True)
class _Counter:
    """The running number of terms that query DNS, in the order they were evaluated."""

    value: int = 0

    def next(self, term: TermNode) -> int:
        if not term.counts_lookup or term.state == "not reached":
            return 0
        self.value += 1
        return self.value


def _walk(node: Node, lead: str, counter: _Counter, *, marked: bool) -> Iterator[Row]:
    last = len(node.terms) - 1
    for at, term in enumerate(node.terms):
        branch, below = ("`- ", "   ") if at == last else ("|- ", "|  ")
        on_path = marked and term.state == "matched"
        state = _state(term, on_path=on_path)
        yield Row(lead + branch, Untrusted(term.text), state, counter.next(term), on_path=on_path)
        if term.child:
            yield from _walk(term.child, lead + below, counter, marked=on_path)


def _state(term: TermNode, *, on_path: bool) -> str:
    if not term.qualifier and term.mechanism != "redirect":
        return "ERROR" if term.state == "error" else "modifier"
    if on_path:
        return "MATCHES" if term.qualifier else "followed"
    if term.state == "matched":  # inside an include whose verdict is not pass, so that the include does not match
        return _GIVES.get(term.qualifier, "followed")
    return {"void": "nothing found", "error": "ERROR", "not reached": "not reached"}.get(term.state, "no match")
