"""The hand-over from Infisical: its lines are run by a shell, with stand-ins for the two programs that they call."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from wizard.model.draft import Draft, InfisicalTarget
from wizard.model.session import Session
from wizard.rollout import restart
from wizard.rollout.infisical_run import HandOver
from wizard.targets.infisical.records import InfisicalFacts

if TYPE_CHECKING:
    from pathlib import Path

ID = "dee161f6-adfa-4822-8de0-e9c5cb10abc3"
TARGET = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/glitchtip/application", "client id")
UP = "docker compose up -d web worker"
KNOWN = InfisicalFacts(ID, "v4")
STAND_IN = """#!/usr/bin/env python3
import json, os, sys
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
with open(os.environ["LOG"], "a") as log:
    log.write(json.dumps([name, words, os.environ.get("INFISICAL_TOKEN")]) + "\\n")
if name == "infisical" and words[0] == "login":
    if os.environ.get("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET") != "right":
        sys.exit(1)
    print("eyJtoken")
elif name == "infisical":
    os.execvp("docker", words[words.index("--") + 1:])
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("infisical", "docker"):
        path = directory / name
        path.write_text(STAND_IN)
        path.chmod(0o755)
    return directory


def run(lines: str, programs: Path, **environment: str) -> list[Any]:
    """Run *lines* in bash and return what was started: name, words, and the token that it had."""
    log = programs.parent / "log"
    log.write_text("")
    env = {"PATH": f"{programs}:{os.environ['PATH']}", "LOG": str(log), "HOME": str(programs.parent), **environment}
    asked = f'{lines}\nprintf "%s" "${{INFISICAL_TOKEN-unset}}"'
    done = subprocess.run(["bash", "-c", asked], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("unset") or "INFISICAL_TOKEN" in environment
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize("form", ["steps", "command"])
def test_the_lines_log_in_and_give_the_token_to_infisical_run_and_to_nothing_after_it(
    form: str, programs: Path
) -> None:
    hand_over = HandOver(TARGET, KNOWN, UP)
    text = "\n".join(hand_over.steps) if form == "steps" else hand_over.command
    started = run(text, programs, INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET="right")
    assert [one[0] for one in started] == ["infisical", "infisical", "docker"]
    assert started[0][1] == [
        "login", "--method=universal-auth", "--domain=https://secrets.example.com/api", "--plain", "--silent",
    ]  # fmt: skip
    assert started[1][1:] == [
        [
            "run", "--domain=https://secrets.example.com/api", f"--projectId={ID}", "--env=prod",
            "--path=/glitchtip/application", "--", "docker", "compose", "up", "-d", "web", "worker",
        ],
        "eyJtoken",
    ]  # fmt: skip
    assert started[2][1] == ["compose", "up", "-d", "web", "worker"]


@pytest.mark.parametrize("form", ["steps", "command"])
def test_after_a_failed_login_nothing_is_started(form: str, programs: Path) -> None:
    hand_over = HandOver(TARGET, KNOWN, UP)
    text = "\n".join(hand_over.steps) if form == "steps" else hand_over.command
    started = run(text, programs, INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET="wrong")
    assert [one[1][0] for one in started] == ["login"]


def test_with_a_token_there_is_no_login(programs: Path) -> None:
    hand_over = HandOver(TARGET, InfisicalFacts(ID, "v4", by_token=True), UP)
    started = run(hand_over.command, programs, INFISICAL_TOKEN="eyJmine")
    assert [(one[0], one[2]) for one in started] == [("infisical", "eyJmine"), ("docker", "eyJmine")]
    shown = " ".join(hand_over.lines)
    assert "read -rs" not in shown
    assert "with INFISICAL_TOKEN in the environment" in shown


def test_what_a_shell_would_read_is_quoted(programs: Path) -> None:
    target = InfisicalTarget("https://a.example", ID, "$(id)", "/", "x; touch y")
    started = run(
        HandOver(target, InfisicalFacts(), UP).command, programs, INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET="right"
    )
    assert "--env=$(id)" in started[1][1]


def test_a_slug_is_never_given_as_an_id(programs: Path) -> None:
    hand_over = HandOver(TARGET, InfisicalFacts(), UP)
    assert '--projectId="${PROJECT_ID:?}"' in hand_over.command
    assert any("PROJECT_ID is the id of glitchtip" in line for line in hand_over.lines)
    started = run(hand_over.command, programs, INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET="right", PROJECT_ID=ID)
    assert f"--projectId={ID}" in started[1][1]


@pytest.mark.parametrize("url", ["https://secrets.example.com", "https://secrets.example.com/api/"])
def test_the_domain_has_one_spelling(url: str) -> None:
    assert (
        HandOver(InfisicalTarget(url, ID), InfisicalFacts(), UP).command.count(
            "--domain=https://secrets.example.com/api "
        )
        == 2
    )


def test_a_server_of_the_older_api_is_named_with_the_version_that_cannot_read_it() -> None:
    shown = HandOver(TARGET, InfisicalFacts(ID, "v3"), UP).lines
    assert "0.43.99" in shown[0]
    assert not any("0.43.99" in line for line in HandOver(TARGET, KNOWN, UP).lines)


def test_the_secret_comes_by_a_descriptor_or_unseen_and_is_never_an_argument() -> None:
    hand_over = HandOver(TARGET, KNOWN, UP)
    shown = " ".join([*hand_over.lines, *hand_over.notes])
    assert "3< <(gopass show PATH)" in shown
    assert "read -rs INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET" in shown
    assert "--client-secret=" not in shown
    assert "logs in by itself" not in shown


def test_what_compose_needs_and_nothing_gives_is_listed_before_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docker-compose.yml").write_text(
        """services:
  web:
    image: glitchtip/glitchtip
    environment:
      EMAIL_URL: ${EMAIL_URL}
      SECRET_KEY: ${SECRET_KEY:?}
      DATABASE_URL: postgres://postgres:${POSTGRES_PASSWORD}@postgres/x
      PORT: ${PORT:-8000}
      FROM_SHELL: ${FROM_SHELL}
      FROM_FILE: ${FROM_FILE}
  postgres: {image: postgres, environment: {POSTGRES_PASSWORD: "${POSTGRES_PASSWORD}"}}
"""
    )
    (tmp_path / ".env").write_text("FROM_FILE=x\n")
    monkeypatch.setenv("FROM_SHELL", "x")
    monkeypatch.delenv("POSTGRES_PASSWORD", raising=False)
    known = replace(KNOWN, names=frozenset({"EMAIL_URL", "DEFAULT_FROM_EMAIL", "SECRET_KEY"}))
    shown = restart.lines(Draft(target=TARGET), Session(directory=tmp_path), known)
    assert "needs POSTGRES_PASSWORD, and" in shown[0]
    assert "blank" in shown[0]
