"""What a refusal comes to: Postal's own words first, then any server's words, then the stage."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.checks.smtp.client import Reply
from wizard.checks.smtp.refused import judged
from wizard.model.codes import Check, Code
from wizard.model.finding import Verdict
from wizard.postal.refusals import FAMILIES
from wizard.postal.replies import REPLIES, Stage

CHECKS = (Check.GREETING, Check.AUTH, Check.RECIPIENT, Check.SENDER)


@pytest.mark.parametrize("check", [Check.RECIPIENT, Check.SENDER])
def test_every_family_has_a_code_where_mail_is_handed_over(check: Check) -> None:
    declared = {code.value for code in Code}
    assert [suffix for suffix in FAMILIES if f"{check}.{suffix}" not in declared] == []


@pytest.mark.parametrize(
    ("verb", "check"),
    [("AUTH", Check.AUTH), ("MAIL", Check.RECIPIENT), ("RCPT", Check.RECIPIENT), ("message", Check.SENDER)],
)
def test_every_known_reply_has_its_own_code_at_its_own_check(verb: Stage, check: Check) -> None:
    declared = {code.value for code in Code}
    assert [row for row in REPLIES if row.stage == verb and f"{check}.{row.outcome}" not in declared] == []


@given(
    st.sampled_from(CHECKS), st.sampled_from(get_args(Stage)), st.integers(0, 999), st.text(max_size=80)
)  # fmt: skip
def test_no_reply_is_without_a_judgement(check: Check, verb: Stage, code: int, text: str) -> None:
    judgement = judged(check, verb, Reply(code, text))
    assert judgement.code.check is check
    assert judgement.verdict in {Verdict.FAIL, Verdict.UNKNOWN}
    assert judgement.meaning
    assert judgement.remedy


@pytest.mark.parametrize("check", CHECKS)
def test_words_at_a_stage_where_they_do_not_belong_are_still_judged(check: Check) -> None:
    for text in ("Proxy Error", "Invalid credential", "Mailbox full", "Helo command rejected", "Too large", ""):
        for code in (421, 450, 502, 503, 530, 535, 552):
            assert judged(check, "any", Reply(code, text)).code.check is check


@pytest.mark.parametrize(
    ("code", "text", "outcome", "verdict"),
    [
        (450, "4.7.1 <web>: Helo command rejected: Host not found", "helo_refused", Verdict.FAIL),
        (450, "4.1.8 <a@b.example>: Sender address rejected: Domain not found", "sender_domain", Verdict.FAIL),
        (450, "4.7.25 Client host rejected: cannot find your reverse hostname", "ptr_missing", Verdict.FAIL),
        (450, "4.2.0 <you@example.net>: Recipient address rejected: Greylisted", "greylisted", Verdict.UNKNOWN),
        (451, "4.4.5 Rate limit exceeded, try again later.", "rate_limited", Verdict.UNKNOWN),
        (450, "4.3.2 <you@example.net>: Recipient address rejected: Try again later", "temporary", Verdict.UNKNOWN),
        (550, "5.4.5 Daily user sending limit exceeded.", "rate_limited", Verdict.FAIL),
    ],
)
def test_a_4xx_is_a_fail_only_where_its_words_name_what_waiting_does_not_change(
    code: int, text: str, outcome: str, verdict: Verdict
) -> None:
    judgement = judged(Check.RECIPIENT, "RCPT", Reply(code, text))
    assert judgement.code.outcome == outcome
    assert judgement.verdict is verdict
