"""Findings in words: the rows that people read, and the redacted report. Nothing here can hold a secret."""

from __future__ import annotations

import platform
import re
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wizard import __version__
from wizard.checks import one_cause, registry
from wizard.model import answers
from wizard.model.details import ServiceRows
from wizard.model.finding import Verdict, worst
from wizard.model.secret import redact
from wizard.model.secret_shapes import mask_secrets
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wizard.model.draft import Draft
    from wizard.model.finding import Finding
    from wizard.targets import Plan, Receipt

SCHEMA: Final = 1
_WIDTH: Final = 79
WHOLE: Final = 10_000
"""A width for rows that are wrapped where they are shown."""
_NAME: Final = max(len(entry.name) for entry in registry.CHECKS)
_HEAD: Final = _NAME + 7
"""Columns of verdict and name in front of a row."""
_WORDS: Final = frozenset(verdict.word for verdict in Verdict)
_NAMES: Final = frozenset(entry.name for entry in registry.CHECKS)
_LABELLED: Final = re.compile(r"  (?=\S).{19}  (?=\S)")
"""How a line of what was found begins: its label in a column of 20."""
_PROOF: Final = re.compile(r"(?:OK|FAIL|\.\.) {1,4}[A-Z][A-Za-z]{2,9} {2,}(?=\S)")
"""How the line of a proof begins."""
_LIBRARIES: Final = ("textual", "dnspython", "httpx", "python-dotenv", "dj-email-url", "keyring")


def as_json(
    findings: Sequence[Finding],
    seconds: float,
    proofs: Mapping[str, str],
    change: Mapping[str, Any] | None = None,
    following: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the contract's JSON object; *following* is its ``next``, left out where there is nothing to do."""
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "verdict": worst(findings).value,
        "seconds": round(seconds, 3),
        "findings": [finding.as_json() for finding in findings],
    }
    report["proofs"] = dict(proofs)
    if change is not None:
        report["change"] = change
    if following is not None:
        report["next"] = following
    return report


def rows(finding: Finding, *, evidence: bool = False, width: int = _WIDTH) -> list[str]:
    """Return *finding* as lines of at most *width* characters: verdict, name, sentence, the remedy right under it."""
    head = f"{finding.verdict.word:<5} {registry.name(finding.check):<{_NAME}} "
    named = finding.subject in finding.summary
    lines = _wrapped(finding.summary if named else f"{finding.subject}: {finding.summary}", head, width)
    indent = " " * len(head)
    if evidence:
        for line in finding.evidence:
            lines += _wrapped(line, indent, width)
    if finding.remedy and finding.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN}:
        lines += _wrapped(finding.remedy, indent, width)
    if isinstance(finding.detail, ServiceRows) and finding.detail.paste:
        # Whole, however long: what is pasted into a compose file must not be wrapped.
        lines.append(f"{indent}paste into {finding.detail.paste_into}:")
        lines += [f"{indent}{line}" for line in finding.detail.paste]
    if finding.record is not None and finding.verdict is not Verdict.PASS:
        record = finding.record
        lines.append(f"{indent}name  {record.name}  (in the panel: {record.relative})")
        lines.append(f"{indent}type  {record.type}")
        lines.append(f"{indent}value {record.value}")
    return lines


def all_rows(findings: Iterable[Finding], *, evidence: bool = False, width: int = _WIDTH) -> list[str]:
    """Return *findings* as lines, a row for each cause, and under it what else is so for the same reason."""
    lines = []
    for group in one_cause.grouped(findings):
        lines += rows(group[0], evidence=evidence, width=width)
        if same := one_cause.others(group):
            lines += _wrapped(f"for the same reason: {same}", " " * _HEAD, width)
    return lines


def sentences(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what *findings* say, a sentence for each cause."""
    said = ((group[0].summary, one_cause.others(group)) for group in one_cause.grouped(findings))
    return tuple(f"{summary} The same holds for {same}." if same else summary for summary, same in said)


def hang(line: str) -> int:
    """Return where *line* continues when it is wrapped: behind verdict and name, or its label; 0 without one."""
    if line[:6].rstrip() in _WORDS and line[6 : _HEAD - 1].rstrip() in _NAMES:
        return _HEAD
    begin = _PROOF.match(line) or _LABELLED.match(line)
    return begin.end() if begin is not None else 0


def folded(lines: Iterable[str], width: int = _WIDTH) -> list[str]:
    """Return *lines* with rows and sentences in as many lines as they take.

    Any other line stays as it is: one to copy, such as a command, must not be broken.
    """
    out = []
    for line in lines:
        head = line[: hang(line)] or line[: len(line) - len(line.lstrip(" "))]
        is_prose = bool(hang(line)) or len(head) == _HEAD or line.endswith((".", "?", ":"))
        out += _wrapped(line[len(head) :], head, width) if is_prose and len(line) > width else [line]
    return out


def _wrapped(text: str, head: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [head.rstrip()]


def conclusion(findings: Sequence[Finding]) -> str:
    """Return the last line: how many of each verdict."""
    counts = {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict}
    told = [f"{count} {verdict.word}" for verdict, count in counts.items() if count and verdict is not Verdict.SKIP]
    if counts[Verdict.SKIP]:
        told.append(f"{counts[Verdict.SKIP]} not applicable")
    return ", ".join(told) or "nothing was checked"


def diff(plan: Plan[object]) -> list[str]:
    """Return the plan as the review shows it: minus and plus lines, masked, its copy's behind its own."""
    return [line for part in plan.parts for line in _diff(part)]


def _diff(plan: Plan[object]) -> list[str]:
    lines = [f"{plan.location}", *(f"  {fact}" for fact in plan.facts)]
    for change in plan.changes:
        note = f"   {change.note}" if change.note else ""
        if change.before is not None and change.before == change.after and change.state.value == "unchanged":
            lines.append(f"  {change.key}={change.after}   unchanged{f', {change.note}' if change.note else ''}")
            continue
        if change.before is not None:
            lines.append(f"- {change.key}={change.before}")
        lines.append(f"+ {change.key}={change.after}{note}")
    return lines


def text(
    draft: Draft,
    findings: Iterable[Finding],
    *,
    plan: Plan[object] | None = None,
    receipt: Receipt[object] | None = None,
    despite: Sequence[str] = (),
    width: int = _WIDTH,
) -> str:
    """Return the whole report as text that can be sent to somebody else: no secret, every foreign character inert.

    What looks like a key is masked too: one that was pasted into a plain field is unknown to ``redact``.
    """
    found = list(findings)
    sections = [
        "# postal-wizard report",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, postal-wizard {__version__}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES),
        "",
        "## Answers",
        *answers.dumps(draft).splitlines(),
        "",
        f"## Findings: {conclusion(found)}",
    ]
    for finding in found:
        sections += [*rows(finding, evidence=True, width=width), f"{'':<{_NAME + 7}}code: {finding.as_json()['code']}"]
    if plan is not None:
        sections += ["", "## Change", *diff(plan)]
    if despite:
        sections += ["", f"Continued despite: {', '.join(map(registry.name, despite))}."]
    if receipt is not None:
        heading = "## Written and read back" if receipt.complete else "## Not everything is written"
        sections += ["", heading, *(f"{key}: {state.value}" for key, state in receipt.keys.items())]
        sections += receipt.facts
    return mask_secrets(redact("\n".join(Untrusted(line, 4096) for line in sections))) + "\n"


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # a megabyte that only a report needs

    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
