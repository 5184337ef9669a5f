"""The note about what was written to Infisical: of another build, broken or planted, it is refused in a sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from wizard.model.draft import InfisicalTarget
from wizard.model.secret import Secret
from wizard.state import keyring, previous_values
from wizard.state.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/mail", "id")
HEX: Final = "0f" * 32
NOTE: Final = {"schema": 1, "salt": HEX, "keys": {"EMAIL_URL": HEX}, "when": "2026-11-20T12:00:00+00:00"}
BEFORE: Final = {"EMAIL_URL": "smtp://u:k@h:25"}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state", "target")


def put(journal: Journal, note: Any) -> None:
    path = Journal(journal.home, previous_values.name_of(FOLDER)).ready() / "written.json"
    path.write_text(note if isinstance(note, str) else json.dumps(note))
    path.chmod(0o600)


def holding(monkeypatch: pytest.MonkeyPatch, stored: str) -> None:
    """Let the keyring, which no test machine has, hold *stored*."""

    async def previous(_name: str) -> keyring.Answer:
        return keyring.Answer(works=True, value=Secret(stored))

    monkeypatch.setattr(keyring, "previous", previous)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "[]",
        "[" * 100_000,
        {},
        {**NOTE, "salt": "zz"},
        {**NOTE, "salt": 7},
        {**NOTE, "keys": [HEX]},
        {**NOTE, "keys": {"EMAIL_URL": "a value in plain text"}},
        {"salt": HEX, "EMAIL_URL": HEX},
    ],
)
async def test_a_note_that_this_build_did_not_write_is_refused_in_a_sentence(
    journal: Journal, note: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(journal, note)
    holding(monkeypatch, json.dumps({"values": BEFORE, "expanded": BEFORE}))
    refused = await previous_values.recall(FOLDER, journal)
    assert isinstance(refused, str)
    assert refused.endswith(".")
    assert await previous_values.forget_old(FOLDER, journal) is None or "when" in note


@pytest.mark.parametrize(
    "stored",
    [
        "smtp://u:k@h:25",
        "null",
        "[" * 100_000,
        json.dumps(BEFORE),
        json.dumps({"values": BEFORE}),
        json.dumps({"values": BEFORE, "expanded": {}}),
        json.dumps({"values": {"EMAIL_URL": 7}, "expanded": {"EMAIL_URL": 7}}),
        json.dumps({"values": {"OTHER": "x"}, "expanded": {"OTHER": "x"}}),
    ],
)
async def test_what_another_build_has_put_into_the_keyring_is_refused_in_a_sentence(
    journal: Journal, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(journal, NOTE)
    holding(monkeypatch, stored)
    refused = await previous_values.recall(FOLDER, journal)
    assert refused == "the keyring holds a value that this program did not write."


async def test_what_this_build_has_kept_is_read(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    put(journal, NOTE)
    holding(monkeypatch, json.dumps({"values": BEFORE, "expanded": BEFORE}))
    kept = await previous_values.recall(FOLDER, journal)
    assert not isinstance(kept, str)
    assert kept.values == {"EMAIL_URL": Secret(BEFORE["EMAIL_URL"])}
    assert not kept.is_ours("EMAIL_URL", "another value")


@pytest.mark.parametrize("when", [None, 7, "yesterday", "2026-11-20", "9999-12-31T23:59:59-14:00"])
async def test_a_date_of_another_build_is_no_reason_to_end(journal: Journal, when: Any) -> None:
    put(journal, {**NOTE, "when": when})
    previous_values.kept_since(FOLDER, journal)
    await previous_values.forget_old(FOLDER, journal)
