"""What a row says of a finding behind the check's human name: two to six words, from the finding's code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.checks import briefs_config, briefs_dns, briefs_smtp
from wizard.model.codes import Check, Code
from wizard.model.details import Login, PageStatus, Published, ServiceRows, Signature, Triangle
from wizard.model.untrusted import Untrusted
from wizard.system.ascii import columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.model.finding import Finding
    from wizard.model.spf import Evaluation

MOST_WORDS: Final = 6
MOST_CELLS: Final = 44
WORDS: Final = briefs_config.WORDS | briefs_dns.WORDS | briefs_smtp.WORDS
"""Every outcome -> its words, without the finding's own values."""
NAMED: Final = briefs_config.NAMED | briefs_dns.NAMED | briefs_smtp.NAMED
"""An outcome -> a pattern that its finding's values fill, for where they are known and fit."""

NEEDS: Final = {
    "domain.sending_ips": "needs the sending addresses",
    "domain.helo": "needs Postal's HELO name",
    "domain.return_path_target": "needs Postal's return-path host",
    "domain.dkim_selector": "needs the selector that Postal shows",
    "domain.dkim_value": "needs the record that Postal shows",
    "domain.spf_include": "needs Postal's SPF host",
    "app.from": "needs the From address",
}
"""The answers key that a skip's remedy names (contract.md) -> what the row says of it."""

BY_SERVICE: Final = frozenset({Check.ENVIRONMENT, Check.COMPOSE, Check.CONTAINER, Check.INSIDE})
"""Checks with a row for each service, which the words then begin with."""
_DOCKER: Final = "docker"
"""The subject where no service was looked at."""
_CLAUSE: Final = re.compile(r"[.:;,](?:\s|$)")


def brief(finding: Finding) -> str:
    """Return what the row of *finding* says: 2 to 6 words, 44 cells at most, inert, without a final full stop.

    Without a code it is the first clause of the summary, cut at a word.
    """
    if finding.code is None:
        return _clause(finding.summary)
    return next(text for text in _candidates(finding, finding.code) if text and _fits(text))


def _candidates(finding: Finding, code: Code) -> Iterator[str]:
    """Yield what the row may say, the most telling first, some of it empty; the last always fits."""
    yield _filled(NAMED.get(code, ""), _values(finding))
    words = WORDS[code]
    if code.outcome == "no_value":
        named = [text for key, text in NEEDS.items() if re.search(rf"\b{re.escape(key)}\b", finding.remedy)]
        words = named[0] if len(named) == 1 else words
    if code.check in BY_SERVICE and finding.subject != _DOCKER:
        yield Untrusted(f"{finding.subject}: {words}")
    yield words


def _filled(pattern: str, values: dict[str, str]) -> str:
    """Return *pattern* with *values* in it; empty where one of them is not known."""
    try:
        return Untrusted(pattern.format_map(values))
    except KeyError:
        return ""


def _values(finding: Finding) -> dict[str, str]:
    """Return what patterns may name; only what is known."""
    values = {"subject": finding.subject}
    match finding.detail:
        case Login(granted=server):
            values["server"] = server or ""
        case Published(stale=stale, spf=spf):
            values["seconds"] = "" if stale is None else f"{stale:.0f}"
            values["allowed"] = _addresses([one for one in spf if one.result == "pass"])
            values["missed"] = _addresses([one for one in spf if one.result != "pass"])
        case Triangle(dkim=dkim, spf=spf_leg):
            values |= {"signed": dkim.name, "envelope": spf_leg.name}
        case Signature(domain=domain):
            values["signed"] = domain
        case ServiceRows(rows=(worst, *_)):
            values["row"] = worst.name
        case PageStatus(orange=orange):
            values["orange"] = ", ".join(orange)
    return {name: value for name, value in values.items() if value}


def _addresses(judged: Sequence[Evaluation]) -> str:
    return judged[0].ip if len(judged) == 1 else f"{len(judged)} addresses" if judged else ""


def _fits(text: str) -> bool:
    return len(text.split()) <= MOST_WORDS and _cells(text) <= MOST_CELLS


def _cells(text: str) -> int:
    return len(text) if text.isascii() else sum(map(columns, text))


def _clause(summary: str) -> str:
    """Return the first clause of *summary* that has two words, with an ellipsis where it is cut."""
    ends = (match.start() for match in _CLAUSE.finditer(summary))
    clause = next((summary[:end] for end in ends if " " in summary[:end]), summary).rstrip(".")
    if _fits(clause):
        return clause
    words = clause.split()[:MOST_WORDS]
    while len(words) > 1 and not _fits(_cut(words)):
        words.pop()
    text = _cut(words)
    if len(text) > MOST_CELLS:  # one word that is longer than a row
        text = f"{text[: MOST_CELLS - 1]}…"
    while not _fits(text):  # of characters that take two cells
        text = f"{text[:-2]}…"
    return text


def _cut(words: Sequence[str]) -> str:
    return f"{' '.join(words).rstrip(',;:.')}…"
