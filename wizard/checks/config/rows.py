"""Rows of a service that are not right, and the one finding that they make together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.glitchtip import discovery
from wizard.model.details import ConfigRow, ServiceRows
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wizard.glitchtip.compose import ComposeReading, Service
    from wizard.model.codes import Code


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing that is wrong, or may be, with a row of a service."""

    code: Code
    verdict: Verdict
    """FAIL or WARN."""
    sentence: str
    remedy: str
    name: str = ""
    """The variable; empty where it is about the service as a whole."""
    file: Path | None = None
    line: int = 0


def finding(
    faults: Sequence[RowFault],
    otherwise: Finding,
    service: Service,
    reading: ComposeReading,
    *,
    paste: Sequence[str] = (),
    then: str = "",
) -> Finding:
    """Return one finding about *service* with all *faults* in it, named after the worst; without any, *otherwise*.

    *then*: what makes the fix effective, as the end of the remedy.
    """
    if not faults:
        return otherwise
    ordered = sorted(faults, key=lambda fault: fault.verdict is not Verdict.FAIL)
    rows = tuple(_row(fault, service, reading) for fault in ordered)
    first = ordered[0]
    location = f" ({rows[0].location})" if rows[0].line else ""
    remedy = first.remedy.removesuffix(".") + (f"; then {then}." if then else ".")
    return Finding.of(
        first.verdict, first.code, service.name, f"{first.sentence.removesuffix('.')}{location}.",
        tuple(f"{row.location}: {row.sentence}" if row.line else row.sentence for row in rows[1:]),
        remedy=remedy, detail=ServiceRows(rows, tuple(paste), location_of(service.file, service.line, reading)),
    )  # fmt: skip


def _row(fault: RowFault, service: Service, reading: ComposeReading) -> ConfigRow:
    file, line = (fault.file, fault.line) if fault.file is not None else (service.file, service.line)
    return ConfigRow(fault.code, fault.name, shown(file, reading), line, fault.sentence)


def location_of(file: Path | None, line: int, reading: ComposeReading) -> str:
    """Return ``docker-compose.yml:12``."""
    return f"{shown(file, reading)}:{line}"


def shown(file: Path | None, reading: ComposeReading) -> str:
    """Return *file* relative to the project's directory, inert."""
    if file is None:
        return ""
    directory = reading.project.directory
    for base in (directory, discovery.resolved(directory)):
        if file.is_relative_to(base):
            return Untrusted(file.relative_to(base), 80)
    return Untrusted(file, 80)
