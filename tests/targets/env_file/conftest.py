"""A `.env` with settings of before, and where the wizard keeps what it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.targets.env_file.settings import OLD

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text(OLD)
    path.chmod(0o600)
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state" / "postal-wizard" / "entry"
