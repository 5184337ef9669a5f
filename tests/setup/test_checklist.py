"""The eight items of Postal's checklist: each is as good as the worst finding of the checks that prove it."""

from __future__ import annotations

import pytest

from wizard.model.codes import Check, Code
from wizard.model.finding import Finding, Verdict
from wizard.setup import checklist

PROVED_BY = {
    "deployed": {Check.GREETING},
    "mail_server": {Check.AUTH},
    "credential": {Check.AUTH},
    "domain_verified": {Check.SENDER},
    "spf": {Check.SPF_FROM, Check.SPF_MAILFROM},
    "dkim": {Check.DKIM},
    "return_path": {Check.RETURN_PATH, Check.RP_MX},
    "port": {Check.CONNECT},
}
"""The eight items of the notes (facts/notes.md), with the ids that design.md 3 lists for their proofs."""
ITEMS = [(item, check) for item, checks in PROVED_BY.items() for check in sorted(checks)]


def of(check: Check, verdict: Verdict) -> Finding:
    """Return any finding of *check* with *verdict*."""
    code = next(one for one in Code if one.split(".")[0] == check and not one.endswith(("no_value", "not_applicable")))
    remedy = "Do something." if verdict in {Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN} else ""
    return Finding.of(verdict, code, "shop.example", "A sentence.", remedy=remedy)


def mark(key: str, *findings: Finding) -> checklist.Mark:
    return next(one for one in checklist.marks(findings) if one.item.key == key)


def test_the_items_are_the_eight_of_the_notes() -> None:
    assert [item.key for item in checklist.ITEMS] == list(PROVED_BY)


@pytest.mark.parametrize(("item", "check"), ITEMS)
@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN])
def test_whatever_is_not_right_in_one_of_its_checks_marks_the_item(item: str, check: Check, verdict: Verdict) -> None:
    others = [of(other, Verdict.PASS) for other in Check if other is not check and has_codes(other)]
    assert mark(item, *others, of(check, verdict)).verdict is verdict


def has_codes(check: Check) -> bool:
    return any(one.split(".")[0] == check for one in Code)


@pytest.mark.parametrize("item", PROVED_BY)
def test_no_other_check_marks_it(item: str) -> None:
    others = [of(check, Verdict.FAIL) for check in Check if check not in PROVED_BY[item] and has_codes(check)]
    assert mark(item, *others).verdict is None
    assert mark(item, *others).word == ".."
