"""The wizard in a stranger's directory: it runs nothing, stops at nothing, and says in time what it could not read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

from tests.effort import one_in

ROOT: Final = Path(__file__).parents[2]
AT_MOST: Final = 15.0
"""Seconds: 5 for all files together, what Python takes to start on a busy machine, and the checks themselves."""

ENV: Final = "EMAIL_URL=smtp://shop%2Fapps:aB3dE5gH7jK9mN1pQ3sT5vW7@127.0.0.1:25\nDEFAULT_FROM_EMAIL=a@shop.example\n"
COMPOSE: Final = "services:\n  web:\n    image: glitchtip/glitchtip\n    environment:\n      EMAIL_URL: ${EMAIL_URL}\n"


def fifo(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 36)


def directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def circle(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(path.name)


def environment_of_ours(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/proc/self/environ")


KINDS: Final = [fifo, endless, huge, directory, circle, environment_of_ours]
PLACES: Final = {
    "compose.yml": COMPOSE,
    "extended.yml": COMPOSE.replace("    image", "    extends: {file: other.yml, service: web}\n    image"),
    "included.yml": f"include: [other.yml]\n{COMPOSE}",
    "env_file.yml": COMPOSE + "    env_file: other.yml\n",
    ".infisical.json": COMPOSE,
    ".git/HEAD": COMPOSE,
    ".env.template": COMPOSE,
}
"""Where the hostile file lies, and the compose file that leads there."""


@pytest.mark.slow
@pytest.mark.parametrize("place", one_in(8, PLACES))
def test_no_file_of_the_directory_stops_it(place: str, tmp_path: Path) -> None:
    tried = 0
    for kind in KINDS:
        here = tmp_path / kind.__name__
        (here / ".git").mkdir(parents=True)
        (here / ".env").write_text(ENV)
        (here / "compose.yml").write_text(PLACES[place])
        (here / ".infisical.json").write_text('{"workspaceId": "x", "gitBranchToEnvironmentMapping": {"main": "prod"}}')
        kind(here / ("other.yml" if place.endswith(".yml") and place != "compose.yml" else place))
        run_in(here, kind)
        tried += 1
    assert tried == len(KINDS)


def run_in(here: Path, kind: Callable[[Path], None]) -> None:
    trap = here / "docker"
    trap.write_text(f"#!/bin/sh\ntouch {here}/ran\n")
    trap.chmod(0o755)
    (here / "git").symlink_to("docker")
    secret = "st.0123456789abcdef0123456789"
    path = f".:{here.name}::/usr/bin:/bin"
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "wizard", "check", "--only", "config", "--json"],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "EMAIL_HOST_PASSWORD": secret
        },
    )  # fmt: skip
    took = time.monotonic() - started
    assert done.returncode in {0, 1, 2, 3}, (kind, done.returncode, done.stderr)
    assert took < AT_MOST, kind
    assert "Traceback" not in done.stderr
    assert secret not in done.stdout + done.stderr
    assert not (here / "ran").exists()
    if done.returncode != 2:
        found = {finding["check"] for finding in json.loads(done.stdout)["findings"]}
        assert {"email_url", "from_address", "environment", "compose", "git", "container"} <= found
