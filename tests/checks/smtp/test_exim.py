"""Exim's own refusals: the check, a log of the same failure and the two together name one cause."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp.exim import Exim
from tests.checks.smtp.hostile import draft, one
from tests.checks.smtp.outcome import Outcome, raised
from wizard.checks.smtp import run as smtp
from wizard.diagnosis import diagnose
from wizard.model.codes import Code
from wizard.model.draft import TestMail
from wizard.model.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMITS = smtp.Limits(resolve=2.0, connect=2.0, silent=1.0, wake=5.0, to_rcpt=15.0, data=15.0)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def exim() -> Iterator[Exim]:
    with tempfile.TemporaryDirectory(prefix="exim-") as folder:
        yield Exim(Path(folder))


async def at(exim: Exim, variant: str, to: str = "you@example.net") -> Outcome:
    """Check with a test mail; then send as Django would."""
    async with exim.serving(variant) as server:
        told = draft(server.port, test_mail=TestMail(to))
        findings = await smtp.check(told, Session(), send=True, limits=LIMITS)
        return Outcome(findings, await asyncio.to_thread(raised, told, Session(), name=socket.getfqdn(), timeout=10))


def causes(found: Outcome) -> set[str]:
    """Return the first cause by log and findings, by the findings alone, and by the log alone."""
    return {
        diagnosis.standing[0].key if diagnosis.standing else "-"
        for diagnosis in (found.with_log(), found.diagnosis(), diagnose(found.log))
    }


async def test_it_is_known_as_exim_and_a_mail_is_accepted(exim: Exim) -> None:
    found = await at(exim, "open")
    assert one(found.findings, "greeting").code is Code.GREETING_OTHER_SERVER
    assert "Exim answers" in one(found.findings, "greeting").summary
    assert one(found.findings, "sender").code is Code.SENDER_ACCEPTED
    assert found.log == ""


@pytest.mark.parametrize(
    ("variant", "to", "code", "verdict", "cause"),
    [
        ("closed relay", "you@example.net", Code.RECIPIENT_RELAY_DENIED, "fail", "relay-denied"),
        ("closed relay", "you@local.example", Code.RECIPIENT_RECIPIENT_UNKNOWN, "fail", "recipient-unknown"),
        ("sender verified", "you@example.net", Code.RECIPIENT_SENDER_DOMAIN, "fail", "sender-domain"),
        ("no client", "you@example.net", Code.GREETING_CLIENT_REFUSED, "fail", "blocked-client"),
        ("unsure", "you@example.net", Code.RECIPIENT_TEMPORARY, "unknown", "recipient-later"),
        ("greylistd", "you@example.net", Code.RECIPIENT_GREYLISTED, "unknown", "greylisted"),
        ("small", "you@example.net", Code.RECIPIENT_TOO_LARGE, "fail", "too-large"),
    ],
)
async def test_a_refusal_has_one_cause_live_and_in_the_log(
    variant: str, to: str, code: Code, verdict: str, cause: str, exim: Exim
) -> None:
    found = await at(exim, variant, to)
    finding = one(found.findings, code.check)
    assert (finding.code, finding.verdict.value) == (code, verdict), finding
    assert causes(found) == {cause}


async def test_a_container_name_with_an_underscore_is_refused_at_ehlo(
    exim: Exim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda: "glitchtip_web_1")
    found = await at(exim, "open")
    assert one(found.findings, "greeting").code is Code.GREETING_HELO_REFUSED
    assert causes(found) == {"ehlo-name"}
