"""From a text to the first cause."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.diagnosis.logs import NOISE, docker, mail
from tests.diagnosis.table import ROWS, SEVERAL
from wizard.diagnosis import as_text, diagnose

RECORDED: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "errors.json").read_text())["errors"]
RAISED = {name: error["traceback_last_line"] for name, error in RECORDED.items() if "traceback_last_line" in error}
ALL = (*ROWS, *SEVERAL)
EVERY = pytest.mark.parametrize(
    ("key", "text"), [row[::2] for row in ALL], ids=[f"{key}: {name}" for key, name, _ in ALL]
)
FIRST = {
    "connection refused": "nothing-listens", "connect timeout (SYN dropped)": "firewall",
    "ssh on that port": "ssh-port", "STARTTLS wanted, not offered": "starttls-off",
    "535 5.7.8": "not-postal", "Postal 535 Mail server has been suspended": "suspended",
    "no credentials, Postal RCPT 530": "no-login", "From with unquoted comma": "from-comma",
    "Postal wrong key (CRAM 535 Denied, PLAIN+LOGIN 535 Invalid credential)": "wrong-key",
    "Postal 530 From not valid (unverified domain) after DATA": "from-unverified",
    "STARTTLS, expired certificate": "cert-expired", "tls+ssl both": "both-tls",
}  # fmt: skip


@EVERY
def test_the_true_cause_stands_first(key: str, text: str) -> None:
    found = diagnose(text)
    assert found.standing[0].key == key, [ranked.key for ranked in found.causes]


def test_the_table_is_as_large_and_as_varied_as_promised() -> None:
    assert len(ROWS) >= 120
    remedies = Counter(diagnose(text).standing[0].remedy for _, _, text in ROWS)
    assert {remedy: count for remedy, count in remedies.items() if count > 3} == {}


@pytest.mark.parametrize("name", RAISED)
def test_every_recorded_failure_is_recognised_in_the_midst_of_a_log(name: str) -> None:
    found = diagnose(NOISE + docker(mail(RAISED[name])) + NOISE)
    assert found.standing
    assert found.standing[0].key == FIRST.get(name, found.standing[0].key)


@pytest.mark.parametrize("name", RAISED)
def test_every_recorded_failure_is_recognised_by_its_last_line_alone(name: str) -> None:
    assert diagnose(RAISED[name]).standing[0].key == diagnose(mail(RAISED[name])).standing[0].key


@EVERY
def test_the_first_block_is_short_and_repeats_no_line_of_the_text(key: str, text: str) -> None:
    shown = as_text(diagnose(text))
    block = shown.partition("\n\n")[0]
    assert block.startswith("1  ")
    assert len(block) <= 600
    assert "\nExcluded" in shown
    said = [line.strip() for line in text.splitlines() if len(line.strip()) >= 12]
    assert said
    assert [line for line in said if line in block] == []


@pytest.mark.parametrize("key", [row[0] for row in ROWS if "s3cr3t" in row[2]])
def test_the_table_has_rows_with_a_secret_in_them(key: str) -> None:
    texts = [text for name, _, text in ROWS if name == key and "s3cr3t" in text]
    assert texts
    for text in texts:
        assert "s3cr" not in as_text(diagnose(text))
