"""The one command that makes GlitchTip read its settings: this project's own, and one that a shell takes as it is."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.containers import Container, ContainerState
from wizard.model.draft import App, Draft, EnvTarget, InfisicalTarget
from wizard.model.session import Session
from wizard.rollout import restart
from wizard.targets import Copy, KeyState, Receipt

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ID = "dee161f6-adfa-4822-8de0-e9c5cb10abc3"
TARGET = InfisicalTarget("https://secrets.example.com", ID, "prod", "/glitchtip/application", "client")
ENV = Draft(target=EnvTarget())
PROJECT = """services:
  site:
    image: glitchtip/glitchtip
    environment: {EMAIL_URL: "${EMAIL_URL}"}
  jobs:
    image: glitchtip/glitchtip
    command: ./bin/run-worker.sh
  clock: {image: glitchtip/glitchtip, command: ./bin/run-beat.sh}
  migrate: {image: glitchtip/glitchtip, command: ./bin/run-migrate.sh}
  redis: {image: redis}
"""


def project(directory: Path, name: str = "docker-compose.yml", text: str = PROJECT) -> Session:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Session(directory=directory)


def container(directory: Path, *files: str, name: str = "glitchtip", image: str = "glitchtip/glitchtip") -> Container:
    return Container(
        "1", f"{name}-site-1", image, ContainerState.RUNNING, project=name, working_dir=str(directory),
        config_files=tuple(str(directory / file) for file in files), service="site",
    )  # fmt: skip


class TestCommand:
    def test_it_names_the_services_that_send_mail_and_no_others(self, tmp_path: Path) -> None:
        assert restart.command(ENV, project(tmp_path)) == "docker compose up -d site jobs"

    def test_services_that_the_answers_name_count_where_the_project_has_them(self, tmp_path: Path) -> None:
        draft = replace(ENV, app=App(services=("jobs", "nowhere")))
        assert restart.command(draft, project(tmp_path)) == "docker compose up -d jobs"

    def test_a_file_that_compose_does_not_look_for_is_given(self, tmp_path: Path) -> None:
        draft = replace(ENV, app=App(compose_file="deploy/prod.yml"))
        assert restart.command(draft, project(tmp_path, "deploy/prod.yml")) == (
            "docker compose -f deploy/prod.yml --env-file .env up -d site jobs"
        )
        draft = replace(draft, target=EnvTarget("deploy/.env"))
        assert restart.command(draft, Session(directory=tmp_path)) == (
            "docker compose -f deploy/prod.yml up -d site jobs"
        )

    def test_files_that_the_dotenv_names_are_found_by_compose_too(self, tmp_path: Path) -> None:
        session = project(tmp_path, "a.yml")
        (tmp_path / "b.yml").write_text("services: {site: {environment: {EMAIL_TIMEOUT: 10}}}")
        (tmp_path / ".env").write_text("COMPOSE_FILE=a.yml:b.yml\n")
        assert restart.command(ENV, session) == "docker compose up -d site jobs"

    def test_the_dotenv_that_names_files_in_another_directory_is_given_where_compose_starts_elsewhere(
        self, tmp_path: Path
    ) -> None:
        project(tmp_path, "deploy/a.yml")
        (tmp_path / ".env").write_text("COMPOSE_FILE=deploy/a.yml\n")
        assert restart.command(ENV, Session(directory=tmp_path)) == "docker compose up -d site jobs"

    def test_files_that_only_this_shell_names_are_given(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        session = project(tmp_path, "a.yml")
        (tmp_path / "b.yml").write_text("services: {other: {image: redis}}")
        monkeypatch.setenv("COMPOSE_FILE", "a.yml;b.yml")
        monkeypatch.setenv("COMPOSE_PATH_SEPARATOR", ";")
        assert restart.command(ENV, session) == "docker compose -f a.yml -f b.yml up -d site jobs"

    def test_a_target_that_compose_would_not_read_is_given_beside_the_dotenv(self, tmp_path: Path) -> None:
        session = project(tmp_path)
        (tmp_path / ".env").write_text("POSTGRES_PASSWORD=x\n")
        draft = replace(ENV, target=EnvTarget("mail.env"))
        assert restart.command(draft, session) == ("docker compose --env-file .env --env-file mail.env up -d site jobs")

    def test_a_target_that_a_service_reads_itself_is_not_given(self, tmp_path: Path) -> None:
        session = project(tmp_path, text="services: {site: {image: glitchtip/glitchtip, env_file: mail.env}}")
        draft = replace(ENV, target=EnvTarget("mail.env"))
        assert restart.command(draft, session) == "docker compose up -d site"

    def test_values_of_the_operator_are_quoted_for_the_shell(self, tmp_path: Path) -> None:
        project(tmp_path, "a; rm -rf $HOME/prod.yml")
        session = Session(directory=tmp_path)
        target = InfisicalTarget("https://a.example", ID, "$(id)", "/")
        draft = Draft(app=App(compose_file="a; rm -rf $HOME/prod.yml"), target=target)
        line = restart.command(draft, session) or ""
        words = shlex.split(line)
        assert "--env=$(id)" in words
        assert "'--env=$(id)'" in line
        assert "a; rm -rf $HOME/prod.yml" in words
        assert "'a; rm -rf $HOME/prod.yml'" in line

    def test_a_path_that_a_terminal_would_act_on_is_in_no_command(self, tmp_path: Path) -> None:
        project(tmp_path, "a\x1b[31m/prod.yml")
        found = restart.find(replace(ENV, app=App(compose_file="a\x1b[31m/prod.yml")), Session(directory=tmp_path))
        assert found.command is None
        assert "\x1b" not in found.because


class TestLabels:
    def test_the_name_is_given_where_compose_would_choose_another(self, tmp_path: Path) -> None:
        session = project(tmp_path)
        seen = [container(tmp_path, "docker-compose.yml", name="errors")]
        found = restart.find(ENV, session, seen)
        assert found.command == "docker compose -p errors up -d site jobs"

    def test_the_directorys_own_name_is_not_given(self, tmp_path: Path) -> None:
        directory = tmp_path / "My.Errors"
        session = project(directory)
        seen = [container(directory, "docker-compose.yml", name="myerrors")]
        assert restart.find(ENV, session, seen).command == "docker compose up -d site jobs"

    def test_the_files_that_it_was_started_with_go_before_those_of_the_directory(self, tmp_path: Path) -> None:
        session = project(tmp_path, text="services: {old: {image: glitchtip/glitchtip}}")
        project(tmp_path, "base.yml")
        project(tmp_path, "mail.yml", "services: {site: {environment: {EMAIL_TIMEOUT: 10}}}")
        seen = [container(tmp_path, "base.yml", "mail.yml", name=tmp_path.name.lower())]
        line = restart.find(ENV, session, seen).command or ""
        assert line.endswith("-f base.yml -f mail.yml up -d site jobs")

    def test_the_env_files_that_it_was_started_with_are_given(self, tmp_path: Path) -> None:
        session = project(tmp_path)
        (tmp_path / "prod.env").write_text("A=1\n")
        seen = replace(container(tmp_path, "docker-compose.yml"), environment_files=(str(tmp_path / "prod.env"),))
        draft = Draft(target=EnvTarget("prod.env"))
        assert "--env-file prod.env up -d site jobs" in (restart.find(draft, session, [seen]).command or "")

    def test_a_project_elsewhere_is_named_by_its_whole_path(self, tmp_path: Path) -> None:
        project(tmp_path / "srv")
        (tmp_path / "here").mkdir()
        seen = [container(tmp_path / "srv", "docker-compose.yml", name="srv")]
        found = restart.find(ENV, Session(directory=tmp_path / "here"), seen)
        assert found.command is not None
        assert found.command.startswith(f"docker compose -f {tmp_path}/srv/docker-compose.yml")
        assert found.command.endswith("up -d site jobs")

    def test_a_project_of_this_directory_goes_before_another_of_this_host(self, tmp_path: Path) -> None:
        session = project(tmp_path / "here")
        project(tmp_path / "there", text="services: {other: {image: glitchtip/glitchtip}}")
        seen = [container(tmp_path / "there", "docker-compose.yml", name="there")]
        assert restart.find(ENV, session, seen).command == "docker compose up -d site jobs"


class TestWithoutAProject:
    def test_no_command_is_made_up(self, tmp_path: Path) -> None:
        session = Session(directory=tmp_path)
        found = restart.find(ENV, session)
        assert found.command is None
        assert "No compose project" in found.because
        assert restart.command(Draft(target=TARGET), session) is None
        assert "up -d web worker" not in " ".join(restart.lines(ENV, session))

    def test_a_project_without_a_sending_service_has_none_either(self, tmp_path: Path) -> None:
        session = project(tmp_path, text="services: {clock: {image: glitchtip/glitchtip, command: run-beat.sh}}")
        assert restart.command(ENV, session) is None

    def test_a_file_that_cannot_be_read_is_to_be_fixed_first(self, tmp_path: Path) -> None:
        found = restart.find(ENV, project(tmp_path, text="services: ["))
        assert found.command is None
        assert "docker-compose.yml" in found.because

    def test_a_stack_of_portainer_is_updated_there(self, tmp_path: Path) -> None:
        seen = [
            Container(
                "1", "errors-web-1", "glitchtip/glitchtip", ContainerState.RUNNING, project="errors",
                working_dir="/data/compose/5", config_files=("/data/compose/5/docker-compose.yml",), service="web",
            )
        ]  # fmt: skip
        found = restart.find(ENV, Session(directory=tmp_path), seen)
        assert found.command is None
        assert "Portainer" in found.because
        assert "errors" in found.because

    def test_a_container_without_compose_is_named(self, tmp_path: Path) -> None:
        seen = [Container("1", "GlitchTip", "glitchtip/glitchtip:latest", ContainerState.RUNNING)]
        found = restart.find(ENV, Session(directory=tmp_path), seen)
        assert found.command is None
        assert "GlitchTip was started without docker compose" in found.because


class TestInfisical:
    def test_it_goes_through_a_login_and_infisical_run(self, tmp_path: Path) -> None:
        line = restart.command(Draft(target=TARGET), project(tmp_path)) or ""
        assert line.startswith('export INFISICAL_TOKEN="$(infisical login --method=universal-auth ')
        assert f"--projectId={ID}" in line
        assert line.endswith("-- docker compose up -d site jobs; unset INFISICAL_TOKEN")

    def test_with_a_copy_that_is_current_docker_compose_alone_will_do(self, tmp_path: Path) -> None:
        session = project(tmp_path)
        draft = Draft(target=replace(TARGET, env_copy=".env"))
        assert "infisical run" in (restart.command(draft, session) or "")
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://u:k@h:25\n")
        assert restart.command(draft, session) == "docker compose up -d site jobs"

    def test_with_a_copy_that_was_not_written_it_goes_through_infisical_run(self, tmp_path: Path) -> None:
        session = project(tmp_path)
        (tmp_path / ".env").write_text("EMAIL_URL=smtp://u:k@h:25\n")
        changed, not_written = {"EMAIL_URL": KeyState.CHANGED}, {"EMAIL_URL": KeyState.NOT_WRITTEN}
        receipt = Receipt("infisical", "x", changed, (), Copy(".env", not_written), private=None)
        draft = Draft(target=replace(TARGET, env_copy=".env"))
        assert "infisical run" in " ".join(restart.lines(draft, session, receipt=receipt))

    def test_a_copy_elsewhere_is_named(self, tmp_path: Path) -> None:
        session = project(tmp_path)
        (tmp_path / ".env").write_text("A=1\n")
        (tmp_path / "mail.env").write_text("EMAIL_URL=smtp://u:k@h:25\n")
        draft = Draft(target=replace(TARGET, env_copy="mail.env"))
        assert restart.command(draft, session) == ("docker compose --env-file .env --env-file mail.env up -d site jobs")

    def test_while_approval_is_awaited_there_is_no_command(self, tmp_path: Path) -> None:
        receipt = Receipt("infisical", "x", {"EMAIL_URL": KeyState.AWAITING_APPROVAL}, private=None)
        (line,) = restart.lines(Draft(target=TARGET), project(tmp_path), receipt=receipt)
        assert "close the change request" in line
        assert "infisical run" not in line


def test_a_remedy_gets_the_command_or_what_to_do_in_general(tmp_path: Path) -> None:
    text = f"Fix the row, then {restart.PLACEHOLDER}."
    found = restart.find(ENV, project(tmp_path))
    assert restart.filled(text, found) == "Fix the row, then run docker compose up -d site jobs."
    assert restart.filled(text) == f"Fix the row, then {restart.GENERAL}."
