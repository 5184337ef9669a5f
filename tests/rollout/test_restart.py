"""The command that hands the settings over is one that a shell takes as it stands."""

from __future__ import annotations

import shlex

import pytest

from wizard.model.draft import App, Draft, EnvTarget, InfisicalTarget
from wizard.rollout import restart

ID = "dee161f6-adfa-4822-8de0-e9c5cb10abc3"
TARGET = InfisicalTarget("https://secrets.example.com", ID, "prod", "/glitchtip/application", "client")


def test_an_env_file_needs_compose_alone_with_both_services() -> None:
    assert restart.command(Draft(target=EnvTarget())) == "docker compose up -d web worker"


def test_services_are_the_operator_s_own() -> None:
    draft = Draft(app=App(services=("site", "jobs")), target=EnvTarget())
    assert restart.command(draft) == "docker compose up -d site jobs"


@pytest.mark.parametrize(
    "url", ["https://secrets.example.com", "https://secrets.example.com/api", "https://secrets.example.com/"]
)
def test_infisical_run_gets_domain_environment_folder_and_project(url: str) -> None:
    target = InfisicalTarget(url, ID, "prod", "/glitchtip/application", "client")
    assert shlex.split(restart.command(Draft(target=target))) == [
        "infisical", "run", "--domain=https://secrets.example.com/api", "--env=prod", "--path=/glitchtip/application",
        f"--projectId={ID}", "--", "docker", "compose", "up", "-d", "web", "worker",
    ]  # fmt: skip


def test_a_slug_is_never_given_as_an_id() -> None:
    target = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/", "client")
    assert '--projectId="${PROJECT_ID:?}"' in restart.command(Draft(target=target))
    assert any("PROJECT_ID is the id of glitchtip" in line for line in restart.lines(Draft(target=target)))
    assert f"--projectId={ID}" in restart.command(Draft(target=target), ID)


def test_values_of_the_operator_are_quoted_for_the_shell() -> None:
    draft = Draft(app=App(services=("web; rm -rf /",)), target=InfisicalTarget("https://a.example", ID, "$(id)", "/"))
    words = shlex.split(restart.command(draft))
    assert "--env=$(id)" in words
    assert "'--env=$(id)'" in restart.command(draft)
    assert words[-1] == "web; rm -rf /"


def test_the_traps_are_named_for_infisical_alone() -> None:
    told = " ".join(restart.lines(Draft(target=TARGET)))
    assert "reads dev and /" in told
    assert "export --format=dotenv" in told
    assert "${EMAIL_URL}" in told
    assert "Traps" not in " ".join(restart.lines(Draft(target=EnvTarget())))
