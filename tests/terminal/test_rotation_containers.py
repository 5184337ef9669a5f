"""After a rotation the containers are compared, and only when they have the new value the old key may be revoked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.standin import Host
from tests.terminal import test_rotation
from tests.terminal.test_rotation import FROM, Place, place, shows_no_secret

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["place"]

pytestmark = pytest.mark.slow


@pytest.fixture
def host(place: Place, tmp_path: Path) -> Host:
    """GlitchTip in containers that were started with the old key, beside the set-up in force."""
    settings = {
        "SECRET_KEY": "s3cret-0f-django",
        "GLITCHTIP_DOMAIN": "https://errors.shop.example",
        "EMAIL_URL": place.url(place.old_key),
        "DEFAULT_FROM_EMAIL": FROM,
    }
    made = Host.made(tmp_path / "glitchtip", settings)
    if place.infisical is None:
        place.words[1] = str(made.directory / ".env")
    else:
        told = made.directory / "told.toml"
        told.write_text((place.served.answers.parent / "told.toml").read_text())
        place.words[1] = str(told)
    place.env["PATH"] = f"{made.bin}{os.pathsep}{os.environ['PATH']}"
    return made


def started_anew(host: Host, place: Place) -> None:
    """Do what the operator is told to: ``docker compose up -d``, by ``infisical run`` where that has the settings."""
    if place.infisical is not None:
        path = host.directory / ".env"
        path.write_text(path.read_text().replace(place.old_key, place.new_key))
    host.up()


def test_they_differ_until_they_are_started_anew_and_then_the_old_key_may_be_revoked(place: Place, host: Host) -> None:
    with place.started() as terminal:
        terminal.wait_for("all places")
        test_rotation.TestScreens().to_the_review(terminal, place.new_key)
        terminal.press("\r")
        terminal.wait_for("written and read back")
        terminal.wait_for("(a shows all places)")
        assert "may be revoked in Postal now" not in terminal.words
        assert "differs in" in terminal.words
        terminal.press("a")
        terminal.wait_for("container web")
        terminal.settle()
        row = next(line for line in terminal.text.splitlines() if "container web" in line)
        assert row.split() == ["container", "web", "differs", "equal"]
        terminal.press("\x1b")
        terminal.wait_for("written and read back")
        started_anew(host, place)
        terminal.press("r")
        terminal.wait_for("The containers have the new value")
        assert "The old key may be revoked in Postal now" in terminal.words
        terminal.settle()
        terminal.press("a")
        terminal.wait_for("container web")
        row = next(line for line in terminal.text.splitlines() if "container web" in line)
        assert row.split() == ["container", "web", "equal", "equal"]
    assert shows_no_secret(terminal, place)


def test_a_daemon_that_is_down_is_unreadable_and_nothing_may_be_revoked(place: Place, host: Host) -> None:
    host.becomes(daemon=False)
    with place.started() as terminal:
        test_rotation.TestScreens().to_the_review(terminal, place.new_key)
        terminal.press("\r")
        terminal.wait_for("cannot be read in container")
        assert "may be revoked in Postal now" not in terminal.words


def test_line_prompts_compare_too(place: Place, host: Host) -> None:
    with place.started("--plain") as terminal:
        terminal.wait_for("Which? [1]")
        terminal.press("2\r")
        terminal.wait_for("container web")
        assert "equal" in next(line for line in terminal.text.splitlines() if "container web" in line)
        terminal.wait_for("[shop/apps]:")
        terminal.press("\r")
        terminal.wait_for("Key, not shown [stored]:")
        terminal.press(f"{place.new_key}\r")
        terminal.wait_for("Write this?")
        terminal.press("y\r")
        terminal.wait_for("A container that differs: run docker compose up -d")
        assert host.calls()
    assert shows_no_secret(terminal, place)
