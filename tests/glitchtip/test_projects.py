"""Whole projects of three generations and of four panels: who sends mail, by which settings, and the one command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.glitchtip.sample_projects import NAMES, copied
from wizard.glitchtip import compose, compose_variables
from wizard.glitchtip.exported_copy import exported_copy
from wizard.glitchtip.roles import Role
from wizard.model.draft import Draft, EnvTarget
from wizard.model.session import Session
from wizard.rollout import restart

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.glitchtip.compose import ComposeReading

SENDING = {
    "3-celery": {"web": Role.WEB, "worker": Role.WORKER},
    "5-celery": {"web": Role.WEB, "worker": Role.WORKER},
    "6-worker": {"web": Role.WEB, "tasks": Role.WORKER},
    "minimal": {"web": Role.ALL_IN_ONE},
    "notes": {"web": Role.WEB, "worker": Role.WORKER},
    "coolify": {"glitchtip-web": Role.WEB, "glitchtip-worker": Role.WORKER},
    "portainer": {"web": Role.WEB, "worker": Role.WORKER},
    "unraid": {"glitchtip": Role.ALL_IN_ONE},
    "include": {"web": Role.WEB, "worker": Role.WORKER},
}
SILENT = {
    "3-celery": {"migrate": Role.ONE_SHOT},
    "5-celery": {"beat": Role.BEAT, "migrate": Role.ONE_SHOT},
    "6-worker": {"prepare": Role.ONE_SHOT},
    "notes": {"beat": Role.BEAT},
    "coolify": {"glitchtip-migrate": Role.ONE_SHOT},
}


def reading(name: str, directory: Path) -> ComposeReading:
    found = compose.read(Draft(), Session(directory=copied(name, directory)))
    assert found is not None
    return found


def test_every_project_of_the_folder_has_its_expectation() -> None:
    assert set(NAMES) == set(SENDING)


@pytest.mark.parametrize("name", NAMES)
def test_who_sends_mail_and_who_does_not_is_known(name: str, tmp_path: Path) -> None:
    found = reading(name, tmp_path)
    assert {key: service.role for key, service in found.services.items()} == SENDING[name]
    assert {key: service.role for key, service in found.silent.items()} == SILENT.get(name, {})


@pytest.mark.parametrize("name", NAMES)
def test_the_command_names_those_that_send(name: str, tmp_path: Path) -> None:
    session = Session(directory=copied(name, tmp_path))
    draft = Draft(target=EnvTarget())
    assert restart.command(draft, session) == f"docker compose up -d {' '.join(SENDING[name])}"


@pytest.mark.parametrize(
    ("name", "service", "variable", "origin", "text"),
    [
        ("3-celery", "worker", "EMAIL_URL", "inline", "consolemail://"),
        ("5-celery", "worker", "EMAIL_URL", "passed on", None),
        ("minimal", "web", "EMAIL_URL", "inline", "consolemail://"),
        ("coolify", "glitchtip-web", "EMAIL_URL", "passed on", "consolemail://"),
        ("portainer", "worker", "DEFAULT_FROM_EMAIL", "env_file", "errors@example.com"),
        ("unraid", "glitchtip", "EMAIL_USE_TLS", "inline", "yes"),
        ("unraid", "glitchtip", "EMAIL_PORT", "inline", "587"),
        ("include", "web", "EMAIL_URL", "inline", "consolemail://"),
        ("include", "worker", "EMAIL_TIMEOUT", "env_file", "10"),
    ],
)
def test_where_a_setting_comes_from_is_known(
    name: str, service: str, variable: str, origin: str, text: str | None, tmp_path: Path
) -> None:
    setting = reading(name, tmp_path).services[service].environment[variable]
    assert (setting.origin, setting.text) == (origin, text)


def test_a_row_has_the_file_and_line_that_it_is_written_in(tmp_path: Path) -> None:
    found = reading("include", tmp_path)
    console = found.services["web"].environment["EMAIL_URL"]
    assert (console.file, console.line) == (tmp_path / "include/apps/errors/compose.yml", 4)
    timeout = found.services["worker"].environment["EMAIL_TIMEOUT"]
    assert (timeout.file, timeout.line) == ((tmp_path / "include/common/mail.env").resolve(), 1)
    anchored = reading("3-celery", tmp_path).services["worker"].environment["EMAIL_URL"]
    assert anchored.line == 7


def test_the_include_has_a_dotenv_of_its_own(tmp_path: Path) -> None:
    assert reading("include", tmp_path).services["web"].tag == "6.0"


class TestNotes:
    """The deployment that the notes describe."""

    def test_the_worker_gets_none_of_the_mail_rows(self, tmp_path: Path) -> None:
        found = reading("notes", tmp_path)
        assert not found.services["worker"].environment
        assert {"EMAIL_URL", "DEFAULT_FROM_EMAIL", "GLITCHTIP_DOMAIN"} <= set(found.services["web"].environment)

    def test_the_dotenv_is_known_for_an_exported_copy(self, tmp_path: Path) -> None:
        directory = copied("notes", tmp_path)
        evidence = exported_copy(directory / ".env")
        assert "infisical export" in evidence[0]
        assert any(".infisical.json" in sentence for sentence in evidence)
        assert any(".env.template" in sentence for sentence in evidence)
        assert "k3Yx" not in repr(evidence)

    def test_it_is_still_known_once_the_wizard_has_written_it(self, tmp_path: Path) -> None:
        directory = copied("notes", tmp_path)
        text = (directory / ".env").read_text()
        url = next(line for line in text.splitlines() if line.startswith("EMAIL_URL"))
        (directory / ".env").write_text(text.replace(url, url.replace("'", "")))
        assert exported_copy(directory / ".env")

    def test_the_variables_that_the_written_folder_does_not_give_are_listed(self, tmp_path: Path) -> None:
        directory = copied("notes", tmp_path)
        (directory / ".env").unlink()
        found = compose.read(Draft(), Session(directory=directory))
        assert found is not None
        folder = ("SECRET_KEY", "EMAIL_URL", "DEFAULT_FROM_EMAIL")
        assert [each.name for each in compose_variables.missing(found.variables, folder)] == ["POSTGRES_PASSWORD"]

    def test_none_is_listed_where_the_dotenv_gives_it(self, tmp_path: Path) -> None:
        assert compose_variables.missing(reading("notes", tmp_path).variables) == ()


class TestMissingVariables:
    def test_a_default_is_enough_and_a_required_one_is_marked(self, tmp_path: Path) -> None:
        found = {
            each.name: each.required for each in compose_variables.missing(reading("5-celery", tmp_path).variables)
        }
        assert found == {
            "POSTGRES_PASSWORD": False,
            "SECRET_KEY": True,
            "EMAIL_URL": False,
            "DEFAULT_FROM_EMAIL": False,
            "GLITCHTIP_DOMAIN": False,
        }

    def test_labels_ports_and_bare_names_count_too(self, tmp_path: Path) -> None:
        (tmp_path / "compose.yml").write_text(
            "services:\n  web:\n    image: glitchtip/glitchtip\n    environment: [EMAIL_URL, A=$$NO]\n"
            "    labels: ['traefik.rule=Host(`${HOST_NAME}`)']\n    ports: ['${PORT:-${OTHER}}:8000']\n"
            "x-unused: ${UNUSED}\n"
        )
        found = compose.read(Draft(), Session(directory=tmp_path))
        assert found is not None
        assert {each.name for each in compose_variables.missing(found.variables)} == {"EMAIL_URL", "HOST_NAME", "OTHER"}


class TestExportedCopy:
    @pytest.mark.parametrize(
        "text",
        [
            "EMAIL_URL=smtp://a_b:c@h:25\nA=1\n",
            "# made by hand\nEMAIL_URL='smtp://a_b:c@h:25'\nA='1'\n",
            "EMAIL_URL='smtp://a_b:c@h:25'\n",
            "A='1'\nB='2'\n",
            'EMAIL_URL="smtp://a_b:c@h:25"\nA="1"\n',
            "export EMAIL_URL='x'\nexport A='1'\n",
            "",
        ],
    )
    def test_a_file_made_by_hand_is_none(self, text: str, tmp_path: Path) -> None:
        (tmp_path / ".infisical.json").write_text("{}")
        (tmp_path / ".env").write_text(text)
        assert not exported_copy(tmp_path / ".env")

    def test_without_infisicals_own_file_the_choice_of_infisical_is_needed(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("EMAIL_URL='smtp://a_b:c@h:25'\nSECRET_KEY='1'\n")
        assert not exported_copy(tmp_path / ".env")
        assert exported_copy(tmp_path / ".env", uses_infisical=True)

    def test_a_file_that_is_not_there_or_is_a_directory_is_none(self, tmp_path: Path) -> None:
        assert not exported_copy(tmp_path / ".env", uses_infisical=True)
        assert not exported_copy(tmp_path, uses_infisical=True)
