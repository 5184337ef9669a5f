"""The start: what it finds in the directory and in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.draft import Draft
from wizard.setup.steps import start

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_of_many_variables_the_address_and_the_secret_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PROJECT_ID", "ENVIRONMENT", "SECRET_PATH", "UNIVERSAL_AUTH_CLIENT_ID"):
        monkeypatch.setenv(f"INFISICAL_{name}", "x")
    monkeypatch.setenv("INFISICAL_DOMAIN", "https://secrets.example.com")
    monkeypatch.setenv("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "s3cret" * 6)
    (line,) = [line for line in start.found_here(tmp_path, Draft()) if "environment" in line]
    assert "INFISICAL_DOMAIN=https://secrets.example.com" in line
    assert "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET" in line
    assert line.endswith(", 4 more")
    assert "s3cret" not in line
