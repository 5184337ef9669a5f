"""A `.env` that is an export of Infisical is told from one that was written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wizard.targets.env_file.exported import looks_exported

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "exported"),
    [
        ("POSTGRES_PASSWORD='x'\nSECRET_KEY='a b#c'\nEMAIL_URL='smtp://u:k@h:25'\n", True),
        ("# of both folders\n\nEMAIL_URL='smtp://u:k@h:25'\n", True),
        ("EMAIL_URL='smtp://u:k@h:25'\nDEBUG=1\n", False),
        ("EMAIL_URL=smtp://u:k@h:25\n", False),
        ("SECRET_KEY='x'\n", False),
        ("export EMAIL_URL='x'\n", False),
        ("", False),
    ],
)
def test_by_the_spelling_of_every_line(text: str, exported: bool, tmp_path: Path) -> None:  # expected
    path = tmp_path / ".env"
    path.write_text(text)
    assert looks_exported(path) is exported


def test_what_is_not_there_or_no_file_is_none(tmp_path: Path) -> None:
    assert not looks_exported(tmp_path / ".env")
    (tmp_path / ".env").mkdir()
    assert not looks_exported(tmp_path / ".env")
