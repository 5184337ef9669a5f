"""What became of an accepted mail, by Postal's API: each state with its cause and its remedy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wizard.checks import arrival
from wizard.checks.smtp import message
from wizard.checks.smtp import run as smtp
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal import lifetime
from wizard.state import answers_file

if TYPE_CHECKING:
    from pathlib import Path

WANTED = {
    "good": (Verdict.PASS, "handed the mail over"),
    "development": (Verdict.FAIL, "Development mode"),
    "no-worker": (Verdict.WARN, "worker is not running"),
    "held-credential": (Verdict.FAIL, "set to hold"),
    "hard-fail": (Verdict.FAIL, "refused it"),
    "port-25-blocked": (Verdict.WARN, "port 25"),
    "suppressed": (Verdict.FAIL, "suppression list"),
    "send-limit": (Verdict.FAIL, "send limit"),
}


async def told(scenario: str, directory: Path, key: str | None = None) -> tuple[Finding, str]:
    """Send the test mail of a rehearsal and ask its Postal what became of it."""
    running = lifetime.start(scenario, directory)
    try:
        draft = answers_file.load(directory / "answers.toml")
        session = Session(directory=directory, key=Secret(running.info["smtp_key"]), web_address=running.info["http"])
        found = await smtp.check(draft, session, send=True)
        sent = message.accepted(found)
        assert sent is not None
        typed = key or running.info["api_key"]
        address = arrival.web_address(draft, session)
        return await arrival.state(address, Secret(typed), sent.message_id, found), typed
    finally:
        running.stop()


@pytest.mark.parametrize("scenario", WANTED)
async def test_each_state_names_its_cause(scenario: str, tmp_path: Path) -> None:
    finding, key = await told(scenario, tmp_path / "rehearsal")
    verdict, words = WANTED[scenario]
    assert finding.verdict is verdict
    assert words in finding.summary
    assert bool(finding.remedy) is (verdict is not Verdict.PASS)
    assert key not in str(finding.as_json())


async def test_a_key_that_postal_does_not_know_leaves_it_open_and_is_nowhere_told(tmp_path: Path) -> None:
    finding, key = await told("good", tmp_path / "rehearsal", "Wrong0Api0Key0000000Test")
    assert finding.verdict is Verdict.UNKNOWN
    assert "/org/shop/servers/apps/credentials/new" in finding.remedy
    assert key not in str(finding.as_json())


def test_the_web_address_is_guessed_by_the_name_that_postal_says_in_helo(tmp_path: Path) -> None:
    running = lifetime.start("good", tmp_path / "rehearsal")
    try:
        draft = answers_file.load(tmp_path / "rehearsal" / "answers.toml")
    finally:
        running.stop()
    named = replace(draft, domain=replace(draft.domain, helo="postal.example.com"))
    assert arrival.web_address(named, Session()) == "https://postal.example.com"
