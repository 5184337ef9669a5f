"""Diagnosis matches codes: whatever a finding's sentences say, the order of the causes stays."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.diagnosis.test_ranking import CASES
from wizard.diagnosis import CAUSES, State, diagnose
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding, Verdict
from wizard.postal.refusals import FAMILIES, TEMPORARY

PACKAGE = Path(__file__).parents[2] / "wizard" / "diagnosis"
WORDS = (
    *("refused", "Invalid", "credential", "Denied", "timed", "out", "STARTTLS", "certificate", "expired", "suspended"),
    *("535", "550", "webmaster", "quiet", "river", "glass", "seven", "paper", "wind", "harbour"),
)


def reworded(finding: Finding, chance: random.Random) -> Finding:
    """Return *finding* with other sentences: words that mean something elsewhere among them."""

    def sentence() -> str:
        return " ".join(chance.choices(WORDS, k=9))

    return replace(finding, summary=sentence(), evidence=(sentence(), sentence()), remedy=sentence())


@pytest.mark.parametrize("name", CASES)
def test_random_sentences_leave_the_order_as_it_is(name: str) -> None:
    text, findings, *_ = CASES[name]
    was = [(ranked.key, ranked.state) for ranked in diagnose(text, findings).causes]
    for seed in range(3):
        chance = random.Random(seed)
        other = [reworded(finding, chance) for finding in findings]
        assert [(ranked.key, ranked.state) for ranked in diagnose(text, other).causes] == was


def test_another_code_changes_the_diagnosis() -> None:
    text, findings, *_ = CASES["nothing but the key"]
    other = [
        replace(finding, code=Code.AUTH_NOT_OFFERED) if finding.code is Code.AUTH_INVALID_CREDENTIAL else finding
        for finding in findings
    ]
    assert diagnose(text, findings).standing[0].key == "wrong-key"
    assert diagnose(text, other).standing[0].key == "auth-absent"


def test_no_regular_expression_meets_a_sentence_of_a_finding() -> None:
    read = {path.name: path.read_text() for path in PACKAGE.glob("*.py")}
    assert "rank.py" in read
    found = re.compile(r"\b(?:search|match|fullmatch|findall|split)\([^)\n]*\.(?:summary|evidence|remedy|subject)\b")
    assert [name for name, source in read.items() if found.search(source)] == []
    assert [name for name, source in read.items() if re.search(r"\bin \w+\.(?:summary|evidence)\b", source)] == []


def test_every_fail_of_the_smtp_checks_is_a_cause_or_its_own_remedy() -> None:
    smtp = {Check.RESOLVE, Check.CONNECT, Check.GREETING, Check.TLS, Check.AUTH, Check.RECIPIENT, Check.SENDER}
    seen = 0
    for code in Code:
        if code.check not in smtp or code.outcome.endswith(("not_reached", "not_asked", "no_value", "not_applicable")):
            continue
        finding = Finding.of(Verdict.FAIL, code, "subject", "summary", remedy="remedy")
        standing = diagnose(None, [finding]).standing
        assert standing, code
        assert standing[0].remedy
        seen += 1
    assert seen > 60


FAMILIES_AT_BOTH = sorted(
    family for family in FAMILIES if {f"recipient.{family}", f"sender.{family}"} <= set(Code) and family != TEMPORARY
)


@pytest.mark.parametrize("family", FAMILIES_AT_BOTH)
def test_a_family_has_one_cause_at_whatever_step_it_is_met_and_its_own_remedy(family: str) -> None:
    named = [
        diagnose(None, [Finding.fail(Code(f"{check}.{family}"), "x", "y", remedy="z")]).standing[0]
        for check in ("recipient", "sender")
    ]
    assert {ranked.key for ranked in named} == {FAMILIES[family].cause}
    assert {ranked.remedy for ranked in named} == {FAMILIES[family].remedy}


def test_the_families_at_both_steps_are_many() -> None:
    assert len(FAMILIES_AT_BOTH) > 15


def test_a_cause_is_excluded_by_a_check_alone() -> None:
    for text, *_ in CASES.values():
        if text is not None:
            assert diagnose(text).excluded == ()


def test_every_rule_can_fit_and_names_what_exists() -> None:
    for cause in CAUSES.values():
        for rule in cause.rules:
            assert rule.checks
            assert rule.codes <= set(Code)


ARRIVALS = {
    Code.ARRIVAL_HELD_DEVELOPMENT: "held-development", Code.ARRIVAL_NO_HOSTS: "delivery-no-hosts",
    Code.ARRIVAL_NO_CONNECTION: "held-port-25", Code.ARRIVAL_CONNECTION_REFUSED: "delivery-refused-there",
    Code.ARRIVAL_DEFERRED: "held-deferred", Code.ARRIVAL_HELD_SUPPRESSED: "held-suppressed",
    Code.ARRIVAL_ATTEMPTS_USED: "held-attempts",
}  # fmt: skip


@pytest.mark.parametrize("code", ARRIVALS)
def test_what_postal_says_of_the_test_mail_is_a_cause(code: Code) -> None:
    found = diagnose(None, [Finding.fail(code, "kim@shop.example", "summary", remedy="remedy")])
    assert (found.standing[0].key, found.standing[0].state) == (ARRIVALS[code], State.PROVEN)
