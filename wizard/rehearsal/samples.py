"""The `.env` and docker-compose.yml of the rehearsal's projects, as operators have them."""

from __future__ import annotations

from typing import Final

MAIL: Final = """\
# Until Postal is there, mail goes to the container's log.
EMAIL_URL=consolemail://
DEFAULT_FROM_EMAIL=glitchtip@shop.example
"""

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

HOST_NETWORK: Final = "    network_mode: host\n"
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

_WORKER: Final = "celery -A glitchtip worker -l info\n    network_mode: host\n    environment:\n"
_SETTINGS: Final = "      EMAIL_URL: ${EMAIL_URL}\n      DEFAULT_FROM_EMAIL: ${DEFAULT_FROM_EMAIL}\n"

PROJECTS: Final = {
    "bare-worker": BARE_WORKER,
    "whole-worker": BARE_WORKER.replace(_WORKER, _WORKER + _SETTINGS),
    "inline-mail": COMPOSE.replace("EMAIL_URL: ${EMAIL_URL}", "EMAIL_URL: consolemail://"),
}
"""The compose files beside the sample."""
