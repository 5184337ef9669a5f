"""Evidence -> order: signs of the text and findings of the checks decide which cause comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.diagnosis import (
    causes_delivery,
    causes_held,
    causes_login,
    causes_reach,
    causes_refused,
    causes_settings,
    causes_tls,
)
from wizard.diagnosis.exceptions import AT_START
from wizard.diagnosis.leads import LEADS
from wizard.diagnosis.model import REMEDY_WIDTH, Cause, Diagnosis, Lead, Ranked, Rule, Sign, State
from wizard.diagnosis.repair_step import FINDING
from wizard.diagnosis.symptom_menu import CHOICE
from wizard.model.finding import Finding, Verdict, granted
from wizard.postal import server as postal
from wizard.rollout.restart import GENERAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.rollout.restart import Restart

CAUSES: Final[dict[str, Cause]] = {
    cause.key: cause
    for part in (causes_settings, causes_reach, causes_tls, causes_login, causes_refused, causes_held, causes_delivery)
    for cause in part.CAUSES
}
"""Every cause by its key, in the order of the way a mail goes."""

_TIERS: Final = {"root": 2, "failure": 1, "noise": 0}
_MOST_SIGNS: Final = 3
_MOST: Final = 6
_MOST_UNDELIVERED: Final = 13
_MOST_EXCLUDED: Final = 6
_PENALTY: Final = 200
"""An older or lesser sign never outranks a newer or weightier one."""
_ORDER: Final = (State.PROVEN, State.LIKELY, State.POSSIBLE, State.EXCLUDED)
_LIKELY: Final = 60
"""The score from which a lead of the weightiest sign makes a cause likely; below it is possible."""


@dataclass(slots=True)
class _Candidate:
    key: str
    score: int
    why: str
    state: State = State.POSSIBLE
    ruled_out: bool = False
    """Whether the words of the text rule it out: then only a check can bring it back."""
    check: str = ""
    """The check that settled it."""
    by_warning: bool = False
    """Whether it is proven by a finding that only warns: that explains no failure which another finding explains."""

    @property
    def is_open(self) -> bool:
        """Whether no check has had its say."""
        return self.state in {State.LIKELY, State.POSSIBLE}


def rank(
    signs: Sequence[Sign], findings: Sequence[Finding], facts: Mapping[str, str], restart: Restart | None = None
) -> Diagnosis:
    """Rank the causes of *signs* by *findings* and by *facts* of the whole text.

    *restart*: the command of the project at hand, for the remedies; None where no project is known.
    """
    ordered = _ordered(signs)
    candidates = _candidates(ordered, facts)
    settled = _settled(findings)
    for place, (key, (state, finding)) in enumerate(settled.items()):
        candidate = candidates.get(key)
        if candidate is None and state is State.PROVEN:
            candidate = candidates[key] = _Candidate(key, -_PENALTY * _MOST_SIGNS - place, "")
        if candidate is not None:
            candidate.state, candidate.why, candidate.ruled_out = state, finding.summary, False
            candidate.check = finding.check
            candidate.by_warning = finding.verdict is Verdict.WARN
    spoken_for = _uphold(candidates, findings) | {
        id(finding) for state, finding in settled.values() if state is State.PROVEN
    }
    server, known = granted(findings), {**facts, **(ordered[0].facts if ordered else {})}
    ranked = [
        (
            candidate.state,
            (candidate.by_warning, -candidate.score),
            _made(CAUSES[candidate.key], candidate, known, server, restart),
        )
        for candidate in candidates.values()
        if not candidate.ruled_out
    ]
    ranked += [
        (made.state, (False, 10_000 + place), made)
        for place, made in enumerate(_unexplained(findings, spoken_for, candidates))
    ]
    ranked.sort(key=lambda each: (_ORDER.index(each[0]), each[1]))
    causes = [made for _, _, made in ranked]
    standing = [made for made in causes if made.state is not State.EXCLUDED]
    excluded = [made for made in causes if made.state is State.EXCLUDED]
    if ordered and not standing and findings:
        cause = CAUSES["old-environment"]
        why = "every check from this host passes"
        standing = [_made(cause, _Candidate(cause.key, 0, why, State.LIKELY), {}, server, restart)]
    most = _MOST_UNDELIVERED if ordered and ordered[0].key == "choice-undelivered" else _MOST
    return Diagnosis((*standing[:most], *excluded[:_MOST_EXCLUDED]), bool(findings), _aside(facts))


def _aside(facts: Mapping[str, str]) -> str:
    """Return what strangers did to Postal's SMTP server, in one sentence; empty where nothing was left aside."""
    logins, addresses = int(facts.get("strangers", "0")), int(facts.get("stranger_addresses", "0"))
    if not logins:
        return ""
    return f"{logins} failed logins of {addresses} other addresses: on port 25 strangers try all day"


def choice(symptom: str) -> list[Sign]:
    """Return the sign of a symptom that was chosen from the list; none where it leads nowhere."""
    key = f"{CHOICE}{symptom}"
    return [Sign(key)] if key in LEADS else []


def _ordered(signs: Sequence[Sign]) -> list[Sign]:
    """Return one sign of each kind: those that keep all from starting first, then the newest first."""
    newest: dict[str, Sign] = {}
    for sign in signs:
        if sign.key not in newest or sign.place >= newest[sign.key].place:
            newest[sign.key] = sign
    kept = list(newest.values())

    def tier(sign: Sign) -> int:
        if sign.weight == "root" and (sign.service or sign.key in AT_START) and _ran_later(sign, kept):
            return _TIERS["failure"]
        return _TIERS[sign.weight]

    return sorted(kept, key=lambda sign: (tier(sign), sign.place), reverse=True)


def _ran_later(sign: Sign, kept: Sequence[Sign]) -> bool:
    """Whether the container of *sign* failed at a mail afterwards: then it did start in the end."""
    return any(
        other.service == sign.service and other.place > sign.place and other.weight == "failure" for other in kept
    )


def _candidates(ordered: Sequence[Sign], facts: Mapping[str, str]) -> dict[str, _Candidate]:
    found: dict[str, _Candidate] = {}
    for number, sign in enumerate(ordered[:_MOST_SIGNS]):
        own = {**facts, **sign.facts}
        for lead in LEADS.get(sign.key, (Lead(sign.key, 85, "the text says so"),)):
            if not all(re.fullmatch(pattern, own.get(name, "")) for name, pattern in lead.given):
                continue
            score = lead.score - _PENALTY * number
            known = found.get(lead.cause)
            said = number == 0 and not sign.key.startswith(CHOICE)
            state = State.LIKELY if said and lead.score >= _LIKELY else State.POSSIBLE
            if lead.score == 0:
                # The newest sign's ruling counts; an older one does not rule out what a newer one points to.
                if known is None:
                    found[lead.cause] = _Candidate(lead.cause, score, _filled(lead.why, own), ruled_out=True)
            elif known is None or (known.ruled_out and number > 0):
                # Ruled out for the newer failure, but an older one in the same text may still speak for it.
                found[lead.cause] = _Candidate(lead.cause, score, _filled(lead.why, own), state)
            elif not known.ruled_out and score > known.score:
                found[lead.cause] = _Candidate(lead.cause, score, _filled(lead.why, own), state)
    return found


def _settled(findings: Sequence[Finding]) -> dict[str, tuple[State, Finding]]:
    """Return what findings prove or exclude by themselves; a proof wins over an exclusion."""
    settled: dict[str, tuple[State, Finding]] = {}
    for cause in CAUSES.values():
        for rule in cause.rules:
            finding = _fitting(rule, findings) if rule.alone else None
            if finding is not None and (cause.key not in settled or rule.state is State.PROVEN):
                settled[cause.key] = (rule.state, finding)
    return settled


def _fitting(rule: Rule, findings: Sequence[Finding]) -> Finding | None:
    """Return the finding that fits *rule*, a fail before any other; of a check that also failed no pass fits."""
    failed = {finding.check for finding in findings if finding.verdict is Verdict.FAIL}
    fitting = [
        finding
        for finding in findings
        if rule.fits(finding) and not (finding.verdict is Verdict.PASS and finding.check in failed)
    ]
    return min(fitting, key=lambda finding: finding.verdict is not Verdict.FAIL, default=None)


def _uphold(candidates: Mapping[str, _Candidate], findings: Sequence[Finding]) -> set[int]:
    """Prove the best of the candidates that a finding of many causes upholds; return the findings that did so."""
    used: set[int] = set()
    for candidate in sorted(candidates.values(), key=lambda each: -each.score):
        for rule in CAUSES[candidate.key].rules:
            if rule.alone or not candidate.is_open or candidate.ruled_out:
                continue
            finding = _fitting(rule, findings)
            if finding is not None and id(finding) not in used:
                used.add(id(finding))
                candidate.state, candidate.why, candidate.check = State.PROVEN, finding.summary, finding.check
    return used


def _unexplained(
    findings: Sequence[Finding], spoken_for: set[int], candidates: Mapping[str, _Candidate]
) -> list[Ranked]:
    """Return the failed findings that no cause speaks for: such a finding is a cause with a remedy itself.

    Not where causes are still open that its check has a say in: they are what it may come from.
    """
    open_checks = {
        check
        for candidate in candidates.values()
        if candidate.is_open and not candidate.ruled_out
        for rule in CAUSES[candidate.key].rules
        for check in rule.checks
    }
    made = []
    for finding in findings:
        if id(finding) in spoken_for or finding.verdict not in {Verdict.FAIL, Verdict.UNKNOWN}:
            continue
        if finding.check in open_checks:
            continue
        state = State.PROVEN if finding.verdict is Verdict.FAIL else State.LIKELY
        key = f"{FINDING}{finding.check}"
        made.append(Ranked(key, finding.summary, state, finding.subject, _remedy(finding), finding.check))
    return made


def _remedy(finding: Finding) -> str:
    """Return the remedy of *finding* for a place that does not show its record."""
    if finding.record is None:
        return finding.remedy
    return finding.remedy.replace(" below", " that postal-wizard check --only dns shows")


def _made(
    cause: Cause, candidate: _Candidate, facts: Mapping[str, str], server: str | None, restart: Restart | None
) -> Ranked:
    return Ranked(
        cause.key,
        _filled(cause.sentence, facts, server),
        candidate.state,
        candidate.why,
        remedy_of(cause, facts, server, restart),
        candidate.check,
    )


def remedy_of(cause: Cause, facts: Mapping[str, str], server: str | None, restart: Restart | None) -> str:
    """Return the remedy with the restart command of this project, as far as it fits: a command is never cut."""
    named = GENERAL if restart is None else restart.phrase
    for phrase in (named, _RESTART_IN_SHORT):
        remedy = _filled(cause.remedy, {**facts, "restart": phrase, "Restart": phrase[0].upper() + phrase[1:]}, server)
        if len(remedy) <= REMEDY_WIDTH:
            break
    return remedy


_RESTART_IN_SHORT: Final = "recreate web and worker (docker compose up -d)"
_MISSING: Final = {"return_path": "its psrp. or rp. name", "code": "see its reply"}
"""What is in a sentence where the text had no such fact."""


class _Filling(dict[str, str]):
    """Fills facts by name and Postal's tabs by their place."""

    def __init__(self, facts: Mapping[str, str], server: str | None) -> None:
        super().__init__(facts)
        self._server = server

    def __missing__(self, name: str) -> str:
        return postal.place(name, self._server) if name in postal.TABS else _MISSING.get(name, "it")


def _filled(text: str, facts: Mapping[str, str], server: str | None = None) -> str:
    return text.format_map(_Filling(facts, server))
