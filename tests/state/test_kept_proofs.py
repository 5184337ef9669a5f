"""Proofs that outlive a run: recalled as kept, and nothing that somebody else or another build has put there."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from wizard.state import kept_proofs
from wizard.state.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

ABOUT: Final = ("GlitchTip <glitchtip@shop.example>", "smtp.shop.example:25", "shop/apps")
WHEN: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ONE: Final = {"about": list(ABOUT), "when": WHEN.isoformat()}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state", "target")


def put(journal: Journal, kept: Any) -> Path:
    path = journal.ready() / "proofs.json"
    path.write_text(kept if isinstance(kept, str) else json.dumps(kept))
    path.chmod(0o600)
    return path


def test_what_was_kept_is_recalled_and_another_subject_drops_it(journal: Journal) -> None:
    kept_proofs.keep(journal, ["from", "arrival"], ABOUT, WHEN)
    assert kept_proofs.recall(journal) == dict.fromkeys(["from", "arrival"], kept_proofs.Proven(ABOUT, WHEN))
    other = (ABOUT[0], "smtp.other.example:25", ABOUT[2])
    kept_proofs.keep(journal, ["receivers"], other, WHEN)
    assert kept_proofs.recall(journal) == {"receivers": kept_proofs.Proven(other, WHEN)}


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        {"proofs": {"from": ONE}},
        {"schema": 2, "proofs": {"from": ONE}},
        {"schema": 1},
        {"schema": 1, "proofs": [ONE]},
        {"schema": 1, "proofs": {"from": WHEN.isoformat()}},
        {"schema": 1, "proofs": {"from": {"about": list(ABOUT[:2]), "when": WHEN.isoformat()}}},
        {"schema": 1, "proofs": {"from": {"about": None, "when": WHEN.isoformat()}}},
        {"schema": 1, "proofs": {"from": {"about": list(ABOUT), "when": 1_763_640_000}}},
        {"schema": 1, "proofs": {"from": {"about": list(ABOUT), "when": "0001-01-01T00:00:00+14:00"}}},
    ],
)
def test_what_another_build_or_a_broken_disk_has_left_is_none(journal: Journal, kept: Any) -> None:
    put(journal, kept)
    assert kept_proofs.recall(journal) == {}
    kept_proofs.keep(journal, ["from"], ABOUT, WHEN)
    assert kept_proofs.recall(journal) == {"from": kept_proofs.Proven(ABOUT, WHEN)}


def test_what_somebody_else_can_have_put_there_proves_nothing(journal: Journal, tmp_path: Path) -> None:
    path = put(journal, {"schema": 1, "proofs": {"from": ONE}})
    assert set(kept_proofs.recall(journal)) == {"from"}
    path.chmod(0o666)
    assert kept_proofs.recall(journal) == {}
    path.chmod(0o600)
    journal.directory.chmod(0o777)
    assert kept_proofs.recall(journal) == {}
    journal.directory.chmod(0o700)
    other = tmp_path / "planted.json"
    other.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(other)
    assert kept_proofs.recall(journal) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_proves_nothing(journal: Journal) -> None:
    os.chown(put(journal, {"schema": 1, "proofs": {"from": ONE}}), 65_534, 65_534)
    assert kept_proofs.recall(journal) == {}
