"""Scenarios of GlitchTip's own project: settings that are written and do not reach its containers."""

from __future__ import annotations

from typing import Final

from wizard.rehearsal.state import State, fix

_IN_COMPOSE: Final = "in docker-compose.yml"

STATES: Final = (
    State(
        "bare-worker",
        "All mail settings are on web alone: worker has none of them, so no alert can go out; beat needs none.",
        "which services send mail",
        (
            fix(
                _IN_COMPOSE,
                "worker has EMAIL_URL and DEFAULT_FROM_EMAIL too, and the containers are recreated.",
                "compose",
                "container",
                project="whole-worker",
            ),
        ),
        project="bare-worker",
    ),
    State(
        "old-containers",
        "The .env has a new key, and the containers were only restarted: they run with the old key still.",
        "a restart does not read the .env again",
        (
            fix(
                "on this host",
                "docker compose up -d web worker has recreated the containers.",
                "container",
                restarts=True,
            ),
        ),
        from_="glitchtip@shop.example",
        old_containers=True,
    ),
    State(
        "inline-mail",
        "docker-compose.yml has EMAIL_URL: consolemail:// in it: what is written to .env never reaches GlitchTip.",
        "the .env is only read where compose asks for it",
        (
            fix(
                _IN_COMPOSE,
                "It has EMAIL_URL: ${EMAIL_URL}, and the containers are recreated.",
                "compose",
                "container",
                project="sample",
            ),
        ),
        project="inline-mail",
    ),
    State(
        "starttls-not-set",
        "The server needs STARTTLS, and docker-compose.yml lacks EMAIL_USE_TLS: GlitchTip would send in plain text.",
        "the setting beside EMAIL_URL that STARTTLS needs",
        (
            fix(
                _IN_COMPOSE,
                'It has EMAIL_USE_TLS: "True", and the containers are recreated.',
                "environment",
                "container",
                project="sample",
            ),
        ),
        project="no-tls-setting",
        tls="good",
        starttls=True,
    ),
)
