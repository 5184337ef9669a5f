"""The files of a rehearsal: what an operator would have at hand, in a directory that holds nothing else."""

from __future__ import annotations

import os
import secrets
import socket
from typing import TYPE_CHECKING, Final

from wizard.model import answers
from wizard.model.draft import App, Credential, Draft, EnvTarget, Server, TestMail

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.draft import Domain
    from wizard.rehearsal.scenarios import State

RECIPIENT: Final = "you@example.net"
ANSWERS: Final = "answers.toml"
_MARK: Final = ".rehearsal"
"""The file by which a directory is known as a rehearsal's own."""


class DirectoryTakenError(Exception):
    """The directory holds something else; the message is one sentence."""


def claim(directory: Path) -> None:
    """Make *directory* (0700) the rehearsal's own, or take it up again. Raises DirectoryTakenError and OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark = directory / _MARK
    if not mark.is_file() and any(directory.iterdir()):
        raise DirectoryTakenError(
            f"{directory} holds other files: give the rehearsal an empty directory, or one of an earlier rehearsal."
        )
    put(mark, "This directory belongs to `postal-wizard demo`; it may be deleted.\n")


def write(directory: Path, state: State, server: tuple[str, int], domain: Domain) -> Path:
    """Rewrite the answers file, and the rest where it is missing; return the answers file's path.

    A second rehearsal in the same directory thus finds the settings that the first one wrote, as a rotation does.
    """
    # The bare address needs no resolver, so that whatever reads EMAIL_URL afterwards can send with it too. Where a
    # certificate is looked at it has to be a name, and this one every resolver knows (RFC 6761 6.3).
    address, port = server
    host = "localhost" if state.starttls or state.own_network else address
    draft = Draft(
        app=App(from_=state.from_, compose_file="docker-compose.yml", services=("web", "worker")),
        server=Server(host, port, "starttls" if state.starttls else "none"),
        credential=Credential(f"{state.organisation}/{state.server}"),
        domain=domain,
        test_mail=TestMail(RECIPIENT),
        target=EnvTarget(".env"),
    )
    path = directory / ANSWERS
    put(path, answers.dumps(draft))
    env = EXPORTED_ENV if state.bare_worker else ENV
    for name, text in (
        (".env", env.replace("RANDOM", secrets.token_hex(16)).replace("8000", str(_free_port()))),
        ("docker-compose.yml", compose(state, directory)),
        (".gitignore", "# A rehearsal inside somebody's repository stays out of it.\n*\n"),
    ):
        if not (directory / name).exists():
            put(directory / name, text)
    return path


def _free_port() -> int:
    """Return a port for the pretend web service, which must not meet what the operator runs on 8000."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def compose(state: State, directory: Path) -> str:
    """Return docker-compose.yml: GlitchTip on the host's network, where localhost is this host; or on its own."""
    sample = BARE_WORKER if state.bare_worker else COMPOSE
    text = sample.replace(_HOST_NETWORK, "") if state.own_network else sample
    if state.tls == "off":
        return text
    # As an operator gives GlitchTip a private CA.
    return text.replace("  EMAIL_TIMEOUT:", f"  SSL_CERT_FILE: {directory / 'ca.pem'}\n  EMAIL_TIMEOUT:", 1)


def put(path: Path, text: str) -> None:
    """Write *text* into the file at *path*, 0600 where it is new. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


ENV: Final = """\
# GlitchTip on shop.example
# Read by docker compose for ${...} in docker-compose.yml. Not in git.

# --- Where it is reached --------------------------------------------------
GLITCHTIP_DOMAIN=https://errors.shop.example
PORT=8000
ALLOWED_HOSTS=errors.shop.example

# --- Secrets --------------------------------------------------------------
# openssl rand -hex 32
SECRET_KEY=RANDOM
POSTGRES_PASSWORD=RANDOM

# --- Database and queue ---------------------------------------------------
POSTGRES_USER=glitchtip
POSTGRES_DB=glitchtip
DATABASE_URL=postgres://glitchtip:RANDOM@postgres:5432/glitchtip
DATABASE_POOL=True
REDIS_URL=redis://redis:6379/0

# --- Mail -----------------------------------------------------------------
# Until Postal is there, mail goes to the container's log.
EMAIL_URL=consolemail://
DEFAULT_FROM_EMAIL=glitchtip@shop.example
EMAIL_TIMEOUT=10

# --- Who may come in ------------------------------------------------------
ENABLE_USER_REGISTRATION=False
ENABLE_ORGANIZATION_CREATION=False
ENABLE_SOCIAL_APPS_USER_REGISTRATION=False

# --- What is kept, and for how long ----------------------------------------
# Days
GLITCHTIP_MAX_EVENT_LIFE_DAYS=90
GLITCHTIP_MAX_TRANSACTION_EVENT_LIFE_DAYS=30
GLITCHTIP_MAX_FILE_LIFE_DAYS=180

# --- Workers --------------------------------------------------------------
CELERY_WORKER_AUTOSCALE=1,3
CELERY_WORKER_MAX_TASKS_PER_CHILD=10000
WEB_CONCURRENCY=2

# --- Limits ---------------------------------------------------------------
GLITCHTIP_ENABLE_UPTIME=True
GLITCHTIP_ENABLE_LOGS=True
THROTTLE_CHECK_INTERVAL=300

# --- Times and words ------------------------------------------------------
TZ=Etc/UTC
I18N=True

# --- Files ----------------------------------------------------------------
# Local files until there is object storage:
# DEFAULT_FILE_STORAGE=storages.backends.s3.S3Storage
# AWS_STORAGE_BUCKET_NAME=
# AWS_S3_ENDPOINT_URL=

# --- Monitoring of GlitchTip itself ---------------------------------------
PROMETHEUS_METRICS=False
# SENTRY_DSN=
"""
"""A starting point as operators have it: comments, other settings, and mail that goes nowhere yet."""

_HOST_NETWORK: Final = "    network_mode: host\n"
"""The rehearsal's servers listen on loopback: only from this host's network does GlitchTip reach them."""

COMPOSE: Final = """\
# GlitchTip's own sample, with its mail settings taken from .env
x-environment: &default-environment
  DATABASE_URL: ${DATABASE_URL}
  REDIS_URL: ${REDIS_URL}
  SECRET_KEY: ${SECRET_KEY}
  PORT: ${PORT}
  GLITCHTIP_DOMAIN: ${GLITCHTIP_DOMAIN}
  EMAIL_URL: ${EMAIL_URL}
  DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}
  EMAIL_TIMEOUT: ${EMAIL_TIMEOUT}

x-depends_on: &default-depends_on
  - postgres
  - redis

services:
  postgres:
    image: postgres:17
    environment:
      POSTGRES_USER: ${POSTGRES_USER}
      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}
      POSTGRES_DB: ${POSTGRES_DB}
    restart: unless-stopped
    volumes:
      - pg-data:/var/lib/postgresql/data
  redis:
    image: valkey/valkey
    restart: unless-stopped
  web:
    image: glitchtip/glitchtip
    depends_on: *default-depends_on
    network_mode: host
    environment: *default-environment
    restart: unless-stopped
    volumes:
      - uploads:/code/uploads
  worker:
    image: glitchtip/glitchtip
    command: ./bin/run-celery-with-beat.sh
    depends_on: *default-depends_on
    network_mode: host
    environment: *default-environment
    restart: unless-stopped
    volumes:
      - uploads:/code/uploads
  migrate:
    image: glitchtip/glitchtip
    depends_on: *default-depends_on
    command: ./bin/run-migrate.sh
    environment: *default-environment

volumes:
  pg-data:
  uploads:
"""

EXPORTED_ENV: Final = """\
PORT='8000'
POSTGRES_PASSWORD='RANDOM'
SECRET_KEY='RANDOM'
EMAIL_URL='consolemail://'
DEFAULT_FROM_EMAIL='glitchtip@shop.example'
"""
"""As ``infisical export --format=dotenv`` writes two folders into one file: every value in single quotes."""

BARE_WORKER: Final = """\
services:
  postgres:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}
  redis:
    image: valkey/valkey
  web:
    image: registry.gitlab.com/glitchtip/glitchtip:latest
    command: uwsgi
    network_mode: host
    environment:
      DATABASE_URL: postgres://postgres:${POSTGRES_PASSWORD}@postgres:5432/postgres
      REDIS_URL: redis://redis:6379/0
      SECRET_KEY: ${SECRET_KEY}
      PORT: ${PORT}
      GLITCHTIP_DOMAIN: https://errors.shop.example
      EMAIL_URL: ${EMAIL_URL}
      DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}
      EMAIL_TIMEOUT: "10"
    restart: unless-stopped
  worker:
    image: registry.gitlab.com/glitchtip/glitchtip:latest
    command: celery -A glitchtip worker -l info
    network_mode: host
    environment:
      DATABASE_URL: postgres://postgres:${POSTGRES_PASSWORD}@postgres:5432/postgres
      REDIS_URL: redis://redis:6379/0
      SECRET_KEY: ${SECRET_KEY}
    restart: unless-stopped
  beat:
    image: registry.gitlab.com/glitchtip/glitchtip:latest
    command: celery -A glitchtip beat -l info
    network_mode: host
    environment:
      DATABASE_URL: postgres://postgres:${POSTGRES_PASSWORD}@postgres:5432/postgres
      REDIS_URL: redis://redis:6379/0
      SECRET_KEY: ${SECRET_KEY}
    restart: unless-stopped
"""
"""A deployment as many have it: the mail settings were given to the service that shows the login page."""
