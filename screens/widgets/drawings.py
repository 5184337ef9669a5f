"""What a finding carries beside its words, drawn as lines: the SPF tree, the alignment triangle, the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.details import Published, Triangle
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.model.finding import Finding
    from wizard.model.session import Exchange

_STAGES: Final = ("connect", "greeting", "EHLO", "STARTTLS", "tls", "AUTH", "MAIL", "RCPT", "DATA", "message")
_OTHER_NAMES: Final = {"banner": "greeting"}
_LONGEST_BAR: Final = 4
_BARS: Final = "▏▎▍▌▋▊▉█"


def trees(findings: Iterable[Finding]) -> list[str]:
    """Return the SPF tree of each sending IP, and what aligns with the From."""
    from wizard.checks.spf import tree as spf_tree  # start-up: 48 ms

    lines: list[str] = []
    for finding in findings:
        for evaluation in finding.detail.spf if isinstance(finding.detail, Published) else ():
            lines += [f"{finding.check}: {finding.subject}", *spf_tree.lines(evaluation), ""]
        if isinstance(finding.detail, Triangle):
            triangle = finding.detail
            lines.append(f"alignment with the From domain {Untrusted(triangle.from_domain)}")
            for name, leg in (("DKIM d=", triangle.dkim), ("envelope sender", triangle.spf)):
                lines.append(f"   {name:<16} {Untrusted(leg.name or '(not known)')}: {leg.state}")
                lines.append(f"   {'':<16} {Untrusted(leg.words)}")
            lines.append("")
    return lines


def timeline(exchanges: Sequence[Exchange], width: int = 200) -> str:
    """Return ``connect ▏ greeting ▍ ... 0.31 s``: a bar in eighths of a cell for each stage, as long as *width* allows.

    Of several addresses the one that was talked to is drawn.
    """
    took: dict[str, float] = {}
    talked = next((exchange.address for exchange in reversed(exchanges) if exchange.verb != "connect"), "")
    for exchange in exchanges:
        if talked and exchange.address != talked:
            continue
        stage = _OTHER_NAMES.get(exchange.verb, exchange.verb)
        if stage in _STAGES:
            took[stage] = took.get(stage, 0.0) + exchange.seconds
    if not took:
        return ""
    longest = max(took.values()) or 1.0
    for cells in range(_LONGEST_BAR, 0, -1):
        drawn = [f"{stage} {bar(seconds / longest, cells)}" for stage, seconds in took.items()]
        line = f"{' '.join(drawn)} {sum(took.values()):.2f} s"
        if len(line) <= width:
            break
    return line


def bar(share: float, cells: int) -> str:
    """Return a bar of *share* of so many cells, drawn in eighths: at least one, for nothing takes no time."""
    eighths = max(1, round(share * cells * 8))
    return "█" * (eighths // 8) + (_BARS[eighths % 8 - 1] if eighths % 8 else "")
