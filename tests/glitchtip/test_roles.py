"""Who sends mail, told by image, command and environment."""

from __future__ import annotations

import pytest

from tests.watch import Watch
from wizard.glitchtip import roles
from wizard.glitchtip.roles import Role

TABLE = [
    ("", {}, Role.WEB),
    ("./bin/run-web.sh", {}, Role.WEB),
    ("./bin/run-granian.sh", {}, Role.WEB),
    ("bin/run-uwsgi.sh", {}, Role.WEB),
    ("./bin/run-uvicorn.sh", {}, Role.WEB),
    ("uwsgi --ini uwsgi.ini", {}, Role.WEB),
    ("granian --interface asgi glitchtip.asgi:application", {}, Role.WEB),
    ("gunicorn glitchtip.wsgi", {}, Role.WEB),
    ("sh -c ./manage.py migrate && ./bin/run-web.sh", {}, Role.WEB),
    ("./manage.py runserver 0.0.0.0:8000", {}, Role.WEB),
    ("./bin/run-worker.sh", {}, Role.WORKER),
    ("./bin/run-celery.sh", {}, Role.WORKER),
    ("./bin/run-celery-with-beat.sh", {}, Role.WORKER),
    ("celery -A glitchtip worker -l info", {}, Role.WORKER),
    ("celery -A glitchtip worker -l info -B", {}, Role.WORKER),
    ("python manage.py runworker", {}, Role.WORKER),
    ("", {"SERVER_ROLE": "worker"}, Role.WORKER),
    ("", {"SERVER_ROLE": "worker_with_beat"}, Role.WORKER),
    ("./bin/run-all-in-one.sh", {}, Role.ALL_IN_ONE),
    ("", {"SERVER_ROLE": "all_in_one"}, Role.ALL_IN_ONE),
    ("", {"SERVER_ROLE": "All_In_One "}, Role.ALL_IN_ONE),
    ("", {"GLITCHTIP_EMBED_WORKER": "true"}, Role.ALL_IN_ONE),
    ("", {"GLITCHTIP_EMBED_WORKER": "false"}, Role.WEB),
    ("sh -c ./bin/run-worker.sh & ./bin/run-web.sh; ./bin/run-web.sh", {}, Role.ALL_IN_ONE),
    ("./bin/run-beat.sh", {}, Role.BEAT),
    ("celery -A glitchtip beat -l info", {}, Role.BEAT),
    ("", {"SERVER_ROLE": "beat"}, Role.BEAT),
    ("./bin/run-migrate.sh", {}, Role.ONE_SHOT),
    ("./manage.py migrate", {}, Role.ONE_SHOT),
    ("python manage.py createcachetable", {}, Role.ONE_SHOT),
    ("./manage.py maintain_partitions", {}, Role.ONE_SHOT),
    ("./manage.py collectstatic --noinput", {}, Role.ONE_SHOT),
    ("./manage.py createsuperuser --noinput", {}, Role.ONE_SHOT),
    ("sh -c ./manage.py migrate && ./manage.py createcachetable", {}, Role.ONE_SHOT),
    ("/entrypoint-of-our-own.sh", {}, Role.WEB),
]


@pytest.mark.parametrize(("command", "environment", "role"), TABLE)
def test_a_service_does_what_its_command_or_environment_says(
    command: str, environment: dict[str, str | None], role: Role
) -> None:
    assert roles.role(command, environment) is role


def test_what_only_queues_or_runs_once_sends_nothing() -> None:
    assert {role for role in Role if not role.sends} == {Role.BEAT, Role.ONE_SHOT}


@pytest.mark.parametrize(
    ("image", "is_it"),
    [
        ("glitchtip/glitchtip", True),
        ("docker.io/glitchtip/glitchtip:latest", True),
        ("registry.gitlab.com/glitchtip/glitchtip:latest", True),
        ("registry.example:5000/mirror/glitchtip@sha256:abc", True),
        ("registry.example/tools/glitchtip-backend:6", True),
        ("glitchtip:local", True),
        ("glitchtip/glitchtip-frontend", False),
        ("mine/glitchtip-postgres:16", False),
        ("myglitchtip/app", False),
        ("my-glitchtip", False),
        ("redis", False),
        ("", False),
    ],
)
def test_glitchtip_is_known_by_the_last_part_of_its_image(image: str, is_it: bool) -> None:
    assert roles.is_glitchtip(image, "") is is_it


@pytest.mark.parametrize(
    ("command", "is_it"),
    [
        ("./bin/run-web.sh", True),
        ("celery -A glitchtip worker", True),
        ("granian --interface asgi glitchtip.asgi:application", True),
        ("celery -A shop worker", False),
        ("uwsgi --ini app.ini", False),
        ("redis-server", False),
    ],
)
def test_under_another_image_its_command_must_be_glitchtips_own(command: str, is_it: bool) -> None:
    assert roles.is_glitchtip("mine:1", command) is is_it


@pytest.mark.parametrize(
    ("command", "celery"),
    [("celery -A glitchtip worker", True), ("./bin/run-celery-with-beat.sh", False), ("./bin/run-worker.sh", False)],
)
def test_only_celerys_own_program_is_known_to_be_gone(command: str, celery: bool) -> None:
    assert roles.uses_celery(command) is celery


@pytest.mark.parametrize("text", ["celery " * 6_000, "manage.py " * 5_000, "celery -" * 6_000, ";" * 44_000])
def test_a_long_command_costs_no_time(text: str) -> None:
    watch = Watch()
    roles.role(text, {})
    roles.is_glitchtip(text, text)
    assert watch.seconds < 2
