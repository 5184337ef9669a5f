"""``rollback``: the values before come back, but only a key that is still good, and only over values that are ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.terminal.test_commands import Served, end, postal_wizard, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = serve(tmp_path / "rehearsal")
    yield running
    end(running)


def rotated(served: Served, old_key: str) -> str:
    """Write a set-up with *old_key*, apply the rehearsal's own over it, and return the file as it was."""
    host = served.info["smtp"]
    before = f"# kept\nEMAIL_URL=smtp://shop%2Fapps:{old_key}@{host}\nDEFAULT_FROM_EMAIL=glitchtip@shop.example\n"
    served.env_file.write_text(before)
    done = postal_wizard(
        "apply", "--answers", str(served.answers), "--json", *served.network, key=served.info["smtp_key"]
    )
    assert json.loads(done.stdout)["change"]["written"] is True, done.stderr
    return before


def test_an_old_key_that_is_still_good_comes_back(served: Served) -> None:
    before = rotated(served, served.info["old_smtp_key"])
    done = postal_wizard("rollback", "--env-file", str(served.env_file))
    assert done.returncode == 0, done.stderr
    assert served.env_file.read_text() == before


@pytest.mark.full
def test_an_old_key_that_was_revoked_is_refused_and_nothing_changes(served: Served) -> None:
    rotated(served, "Revoked0Key0000000000000")
    now = served.env_file.read_bytes()
    done = postal_wizard("rollback", "--env-file", str(served.env_file))
    assert done.returncode == 1
    assert "no longer works" in done.stderr
    assert served.env_file.read_bytes() == now


@pytest.mark.full
def test_a_value_that_somebody_changed_since_is_not_overwritten(served: Served) -> None:
    rotated(served, served.info["old_smtp_key"])
    text = served.env_file.read_text().replace("shop%2Fapps", "somebody%2Felse")
    served.env_file.write_text(text)
    done = postal_wizard("rollback", "--env-file", str(served.env_file))
    assert done.returncode == 1
    assert served.env_file.read_text() == text


def test_without_a_backup_it_is_impossible(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("EMAIL_URL=smtp://a:b@127.0.0.1:9\n")
    done = postal_wizard("rollback", "--env-file", str(tmp_path / ".env"))
    assert done.returncode == 2
    assert "no backup" in done.stderr
