"""The guided list after the writing: this project's own commands and services, and what the program does itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.draft import App, Draft, EnvTarget
from wizard.model.session import Session
from wizard.rollout import next_steps

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """\
services:
  frontend:
    image: registry.example/glitchtip/glitchtip:v5
    environment: {GLITCHTIP_DOMAIN: "https://errors.shop.example", ENABLE_USER_REGISTRATION: "False"}
  alerts:
    image: registry.example/glitchtip/glitchtip:v5
    command: celery -A glitchtip worker -l info
    environment: {EMAIL_URL: "${EMAIL_URL}"}
  beat:
    image: registry.example/glitchtip/glitchtip:v5
    command: celery -A glitchtip beat -l info
"""


def lines(directory: Path, file: str) -> str:
    (directory / file).parent.mkdir(exist_ok=True)
    (directory / file).write_text(COMPOSE)
    draft = Draft(app=App(from_="g@shop.example", compose_file=file), target=EnvTarget(".env"))
    return "\n".join(next_steps.lines(draft, Session(directory=directory)))


def test_services_go_by_what_they_do_and_not_by_their_names(tmp_path: Path) -> None:
    shown = lines(tmp_path, "docker-compose.yml")
    assert "This mail is sent by frontend" in shown
    assert "This mail is sent by alerts" in shown
    assert "sent by beat" not in shown


def test_commands_are_those_of_this_project(tmp_path: Path) -> None:
    shown = lines(tmp_path, "stack/glitchtip.yml")
    assert "docker compose -f stack/glitchtip.yml --env-file .env logs --tail 50 alerts" in shown
    assert "docker compose -f stack/glitchtip.yml --env-file .env exec frontend ./manage.py createsuperuser" in shown
    assert "alerts has no GLITCHTIP_DOMAIN" in shown
    assert "docker compose -f stack/glitchtip.yml --env-file .env up -d frontend alerts" in shown


def test_what_the_program_does_itself_is_named(tmp_path: Path) -> None:
    assert "check --flow" in lines(tmp_path, "docker-compose.yml")


def test_without_a_compose_file_the_list_is_there_all_the_same(tmp_path: Path) -> None:
    draft = Draft(app=App(from_="g@shop.example"), target=EnvTarget(".env"))
    shown = "\n".join(next_steps.lines(draft, Session(directory=tmp_path)))
    assert "docker compose logs --tail 50 worker" in shown
