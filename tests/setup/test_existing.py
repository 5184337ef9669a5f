"""A set-up as GlitchTip's present settings tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wizard.model.draft import EnvTarget
from wizard.setup import existing

if TYPE_CHECKING:
    from pathlib import Path

URL = "smtp://org%2Fapp:Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7@smtp.example.com:2525"


@pytest.mark.parametrize(
    ("url", "row", "tls"),
    [
        (URL, None, "none"),
        (URL, "False", "none"),
        (URL, "enabled", "none"),
        (URL, "True", "starttls"),
        (URL, " yes ", "starttls"),
        (URL.replace("smtp:", "smtps:"), None, "starttls"),
        (URL.replace("smtp:", "smtp+tls:"), "False", "starttls"),
    ],
)
def test_starttls_is_what_glitchtip_makes_of_scheme_and_row(url: str, row: str | None, tls: str) -> None:
    told = existing.from_settings({"EMAIL_URL": url, "EMAIL_USE_TLS": row}, EnvTarget())
    assert told.problem is None
    assert told.draft.server.tls == tls


@pytest.mark.parametrize(("row", "tls"), [('"True"', "starttls"), ('"False"', "none"), ("${EMAIL_USE_TLS}", "none")])
def test_a_row_for_starttls_stands_in_the_compose_file_more_often(tmp_path: Path, row: str, tls: str) -> None:
    (tmp_path / ".env").write_text(f"EMAIL_URL={URL}\n")
    (tmp_path / "compose.yml").write_text(
        "services:\n  web:\n    image: glitchtip/glitchtip:v5\n    environment:\n      EMAIL_URL: ${EMAIL_URL}\n"
        f"      EMAIL_USE_TLS: {row}\n"
    )
    assert existing.from_env_file(tmp_path / ".env").draft.server.tls == tls


def test_the_files_own_row_counts_before_the_compose_files(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"EMAIL_URL={URL}\nEMAIL_USE_TLS=False\n")
    (tmp_path / "compose.yml").write_text(
        "services:\n  web:\n    image: glitchtip/glitchtip:v5\n    environment:\n"
        "      EMAIL_USE_TLS: ${EMAIL_USE_TLS:-True}\n"
    )
    assert existing.from_env_file(tmp_path / ".env").draft.server.tls == "none"


def test_a_compose_file_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"EMAIL_URL={URL}\n")
    (tmp_path / "compose.yml").write_text("services: [\n")
    assert existing.from_env_file(tmp_path / ".env").draft.server.host == "smtp.example.com"
