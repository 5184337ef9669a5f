"""After a rotation the containers are compared, and only when they have the new value the old key may be revoked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.checks.container.standin import COMPOSE, Host
from tests.terminal import test_rotation
from tests.terminal.test_rotation import FROM, Place, place, shows_no_secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal.driver import Terminal

__all__ = ["place"]

pytestmark = pytest.mark.slow


@pytest.fixture
def host(place: Place, tmp_path: Path) -> Host:
    """GlitchTip in containers that were started with the old key, beside the set-up that works."""
    settings = {
        "SECRET_KEY": "s3cret-0f-django",
        "GLITCHTIP_DOMAIN": "https://errors.shop.example",
        "EMAIL_URL": place.url(place.old_key),
        "DEFAULT_FROM_EMAIL": FROM,
    }
    # As in the rehearsal: Postal is at an address of this host, which these containers share.
    image = "    image: glitchtip/glitchtip:v5\n"
    assert COMPOSE.count(image) == 2
    shared = COMPOSE.replace(image, f"{image}    network_mode: host\n")
    made = Host.made(tmp_path / "glitchtip", settings, shared)
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


MAY_REVOKE = "You may revoke the old key in Postal now"


def row_of(terminal: Terminal, service: str) -> list[str]:
    """Return the row of *service* in the table of all places."""
    terminal.wait_for(f"container {service}")
    terminal.settle()
    terminal.wait_for("All places")
    rows = [line.split() for line in terminal.lines]
    return next(row for row in rows if row[:2] == ["container", service])


@pytest.mark.full
def test_they_differ_until_they_are_started_anew_and_then_the_old_key_may_be_revoked(place: Place, host: Host) -> None:
    with place.started() as terminal:
        terminal.wait_for("all places")
        test_rotation.TestScreens().to_the_review(terminal, place.new_key)
        terminal.press("\r")
        terminal.wait_for("written and read back")
        terminal.wait_for("differs in")
        assert test_rotation.KEEP_IT in terminal.words
        assert MAY_REVOKE not in terminal.words
        terminal.command("Show all places")
        assert row_of(terminal, "web") == ["container", "web", "differs", "equal"]
        terminal.press("\x1b")
        terminal.wait_for("written and read back")
        started_anew(host, place)
        terminal.press("r")
        terminal.wait_for("are the same in all places")
        assert "differs in" not in terminal.words
        terminal.press("\x1b[F")  # the end of the page
        terminal.wait_for(MAY_REVOKE)
        terminal.wait_for("Other programs may use it too")
        assert test_rotation.KEEP_IT not in terminal.words
        terminal.settle()
        assert "differs in" not in terminal.words
        terminal.command("Show all places")
        assert row_of(terminal, "web") == ["container", "web", "equal", "equal"]
    assert shows_no_secret(terminal, place)


@pytest.mark.full
def test_a_daemon_that_is_down_is_unreadable_and_nothing_may_be_revoked_before_the_operator_says_so(
    place: Place, host: Host
) -> None:
    host.becomes(daemon=False)
    with place.started() as terminal:
        test_rotation.TestScreens().to_the_review(terminal, place.new_key)
        terminal.press("\r")
        terminal.wait_for("were not read in container")
        assert MAY_REVOKE not in terminal.words
        assert test_rotation.KEEP_IT in terminal.words


@pytest.mark.full
def test_line_prompts_compare_too(place: Place, host: Host) -> None:
    with place.started("--plain") as terminal:
        test_rotation.TestLinePrompts().to_the_review(terminal, place)
        terminal.press("\r")
        terminal.wait_for(test_rotation.KEEP_IT)
        assert MAY_REVOKE not in terminal.words
        terminal.wait_for("places show all places")
        terminal.press("places\r")
        assert row_of(terminal, "web") == ["container", "web", "differs", "equal"]
        started_anew(host, place)
        terminal.press("r\r")
        terminal.wait_for(MAY_REVOKE)
        assert host.calls()
    assert shows_no_secret(terminal, place)
