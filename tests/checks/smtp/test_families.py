"""A live peer for each family of refusals: the check, a log of the same failure and both together name one cause."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp.hostile import Peer, draft, one, session
from tests.checks.smtp.outcome import LIMITS, Outcome, raised
from tests.postal.test_refusals import SAID
from wizard.checks.smtp import run as smtp
from wizard.diagnosis import diagnose
from wizard.model.codes import Check, Code
from wizard.postal.refusals import FAMILIES, TEMPORARY

if TYPE_CHECKING:
    from wizard.diagnosis import Diagnosis

FAMILY_NAMES = [name for name in FAMILIES if name != TEMPORARY]
AT_GREETING = [name for name in FAMILY_NAMES if f"greeting.{name}" in {code.value for code in Code}]
OF_LOGIN = {"plain_login_off"}
"""Said at AUTH alone."""


def on_the_wire(reply: str) -> str:
    """Return a reply as a server sends it, every line but the last with a hyphen behind the code."""
    code, (*first, last) = reply[:3], reply[4:].split("\n")
    return "\r\n".join([*(f"{code}-{line}" for line in first), f"{code} {last}"])


async def met(replies: dict[str, str]) -> Outcome:
    async with Peer(replies=replies) as peer:
        told = draft(peer.port)
        findings = await smtp.check(told, session(), send=True, limits=LIMITS)
        return Outcome(findings, await asyncio.to_thread(raised, told, session()))


def first(diagnosis: Diagnosis) -> str:
    return diagnosis.standing[0].key if diagnosis.standing else "-"


def causes(found: Outcome) -> tuple[str, str, str]:
    """Return the first cause by the findings, by the log, and by both."""
    return first(found.diagnosis()), first(diagnose(found.log)), first(found.with_log())


@pytest.mark.parametrize("family", [name for name in FAMILY_NAMES if name not in OF_LOGIN])
@pytest.mark.parametrize(("stage", "check"), [("RCPT", Check.RECIPIENT), ("message", Check.SENDER)])
async def test_the_words_name_one_cause_wherever_they_come(family: str, stage: str, check: Check) -> None:
    reply = SAID[family][0]
    found = await met({stage: on_the_wire(reply)})
    finding = one(found.findings, check)
    assert finding.code is Code(f"{check}.{family}")
    assert finding.verdict.value == ("unknown" if FAMILIES[family].waits and reply[0] == "4" else "fail")
    assert finding.remedy == FAMILIES[family].remedy
    assert causes(found) == (FAMILIES[family].cause,) * 3


@pytest.mark.parametrize("family", AT_GREETING)
async def test_so_they_do_in_the_greeting(family: str) -> None:
    reply = next(said for said in SAID[family] if said[0] in "45")
    found = await met({"banner": on_the_wire(reply)})
    finding = one(found.findings, "greeting")
    assert finding.code is Code(f"greeting.{family}")
    assert finding.verdict.value == "fail"
    # No mail server greets with words about spam: another program answers in its place.
    cause = "intercepted" if family == "spam" else FAMILIES[family].cause
    assert first(found.diagnosis()) == first(found.with_log()) == cause


@pytest.mark.parametrize("reply", SAID["plain_login_off"])
async def test_a_login_that_needs_another_password_is_no_wrong_key(reply: str) -> None:
    found = await met({"AUTH": on_the_wire(reply)})
    assert one(found.findings, "auth").code is Code.AUTH_PLAIN_LOGIN_OFF
    assert first(found.diagnosis()) == first(found.with_log()) == FAMILIES["plain_login_off"].cause
