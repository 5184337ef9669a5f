"""One failure has many spellings: whatever shipped the log, the true cause stands first."""

from __future__ import annotations

import pytest

from tests.diagnosis.spellings import SPELLINGS
from wizard.diagnosis import diagnose


@pytest.mark.parametrize(("key", "text"), [row[::2] for row in SPELLINGS], ids=[" ".join(row[:2]) for row in SPELLINGS])
def test_the_true_cause_stands_first_in_every_spelling(key: str, text: str) -> None:
    found = diagnose(text)
    assert [ranked.key for ranked in found.standing[:1]] == [key], [ranked.key for ranked in found.causes]
