"""One cause is one row: findings that are not right for one reason, put together for every front end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.checks import registry
from wizard.checks.briefs import BY_SERVICE
from wizard.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.model.finding import Finding


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return *findings* in groups of one reason each, by their first ones; what is right has no reason to share."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        groups.setdefault(_reason(finding) or number, []).append(finding)
    return list(groups.values())


def _reason(finding: Finding) -> tuple[Verdict, str] | None:
    if finding.verdict is Verdict.PASS:
        return None
    words = finding.summary
    if finding.code is not None and finding.code.outcome == "lookup_failed":
        words = words.rpartition(": ")[2]  # who did not answer, whatever was asked
    elif finding.check in BY_SERVICE:
        service = re.compile(rf"(?<![\w-]){re.escape(finding.subject)}(?![\w-])")
        words = f"{finding.check} {service.sub('', words)}"
    elif finding.record is not None:
        return None  # each is to be published
    return finding.verdict, words


def others(group: Sequence[Finding]) -> str:
    """Return what else has the reason of the first in *group*: services, or names of checks; empty for one alone."""
    named = (one.subject if one.check == group[0].check else registry.name(one.check) for one in group[1:])
    return ", ".join(dict.fromkeys(named))
