"""Troubleshooting by the services' own logs, through the line prompts of the real program."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.checks.container.conftest import Scene

ROOT: Final = Path(__file__).parents[3]
REFUSED: Final = [
    "Traceback (most recent call last):",
    '  File "/usr/local/lib/python3.13/smtplib.py", line 669, in auth',
    "    raise SMTPAuthenticationError(code, resp)",
    "smtplib.SMTPAuthenticationError: (535, b'Invalid credential')",
]


async def typed(scene: Scene, *lines: str) -> str:
    """Return what the prompts say, started in GlitchTip's directory."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wizard", "--plain",
        cwd=scene.host.directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await asyncio.wait_for(process.communicate("".join(f"{line}\n" for line in lines).encode()), 90)
    return " ".join(said.decode().split())


async def test_the_cause_in_the_worker_s_own_log_is_named_and_checked(scene: Scene) -> None:
    scene.host.becomes(logs={"web": ["Listening at: http://0.0.0.0:8000"], "worker": REFUSED})
    said = await typed(scene, "troubleshoot", "logs")
    before, named, *_ = [part for part in said.split("Which? [1]") if "docker logs" in part]
    assert "Read what GlitchTip's own services logged last (docker logs)" in before
    # The key is right by now: what the log names is excluded by the login, and what the checks find comes first.
    assert "1 EMAIL_URL names localhost, and inside a container that is the container itself. proven: " in named
    assert "x Postal knows no SMTP credential with this key" in named
    assert "Excluded: Login: Granted for shop/apps" in named


async def test_logs_without_a_cause_say_what_to_send_instead(scene: Scene) -> None:
    scene.host.becomes(logs={"web": ["Listening at: http://0.0.0.0:8000"], "worker": ["Task ok"]})
    said = await typed(scene, "troubleshoot", "logs")
    assert "Nothing recognised." in said


async def test_where_docker_may_not_be_asked_the_reason_and_a_way_are_said(scene: Scene) -> None:
    scene.host.becomes(permitted=False)
    said = await typed(scene, "troubleshoot", "logs")
    assert "The logs could not be read: " in said
    assert "usermod" in said
