"""What a service of GlitchTip does, by its image, command and environment: who sends mail, and who does not.

Source: GlitchTip's Dockerfile and bin/, in the generations 3 to 7; the table of facts about commands.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import settings

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """What a service does with mail."""

    WEB = "web"
    """Sends the mails of a request: password reset, confirmation."""
    WORKER = "worker"
    """Sends alerts and invitations."""
    ALL_IN_ONE = "all in one"
    """Both."""
    BEAT = "beat"
    """Only queues tasks: sends nothing."""
    ONE_SHOT = "one-shot"
    """Migrates, creates a user, and ends: sends nothing."""

    @property
    def sends(self) -> bool:
        """Whether mail leaves from it, so that it needs the settings."""
        return self in {Role.WEB, Role.WORKER, Role.ALL_IN_ONE}


_IMAGE: Final = re.compile(r"(?:^|/)glitchtip(?!-(?:frontend|postgres|db|redis|valkey|nginx|proxy))[^/:@]*(?:[:@]|\Z)")
"""Any registry, any tag: the last part of the path begins with glitchtip; what runs beside it is not GlitchTip."""
_TABLE: Final[tuple[tuple[Role, re.Pattern[str]], ...]] = (
    (Role.ALL_IN_ONE, re.compile(r"\brun-all-in-one\b")),
    (
        Role.WORKER,
        re.compile(r"\brun-(?:worker|celery)|\bcelery\s.{0,300}\bworker\b|manage\.py\s+runworker\b", re.DOTALL),
    ),
    (Role.BEAT, re.compile(r"\brun-beat\b|\bcelery\s.{0,300}\bbeat\b", re.DOTALL)),
    (Role.ONE_SHOT, re.compile(r"\brun-migrate\b|manage\.py\s+(?!runserver\b|runworker\b)\w+")),
    (
        Role.WEB,
        re.compile(
            r"\brun-(?:web|granian|uwsgi|uvicorn)\b|\b(?:uwsgi|granian|gunicorn|uvicorn)\b|manage\.py\s+runserver\b"
        ),
    ),
)
"""By the first pattern that a command matches: ``run-celery-with-beat.sh`` is a worker that has a beat inside."""
_OWN: Final = re.compile(
    r"\brun-(?:web|granian|uwsgi|uvicorn|worker|celery|all-in-one|beat|migrate)|\bglitchtip\.(?:asgi|wsgi)\b"
    r"|\bcelery\b.{0,300}-A\s*glitchtip\b",
    re.DOTALL,
)
"""Commands by which GlitchTip is known where its image has another name."""
_SERVER_ROLES: Final = {
    "web": Role.WEB, "worker": Role.WORKER, "worker_with_beat": Role.WORKER, "beat": Role.BEAT,
    "migrate": Role.ONE_SHOT, "all_in_one": Role.ALL_IN_ONE,
}  # fmt: skip
_STEPS: Final = re.compile(r"&&|\|\||;|\n")
_CELERY: Final = re.compile(r"(?<![-\w])celery\s")


def is_glitchtip(image: str, command: str) -> bool:
    """Whether a service is GlitchTip's: by its image, else by its command (entry point included)."""
    return _IMAGE.search(image) is not None or _OWN.search(command) is not None


def is_glitchtip_image(image: str) -> bool:
    """Whether *image* is GlitchTip's, of any registry and tag."""
    return _IMAGE.search(image) is not None


def role(command: str, environment: Mapping[str, str | None]) -> Role:
    """Return what a service of GlitchTip does.

    *command*: entry point and command as one line; empty for the image's own, which serves the web interface.
    A command that is not known counts as the image's own, so that its settings are judged.
    """
    roles = {found for step in _STEPS.split(command) if (found := _step(step)) is not None}
    if not roles:
        named = _SERVER_ROLES.get((environment.get("SERVER_ROLE") or "").strip().lower())
        roles = {named} if named is not None else {Role.WEB}
    if Role.WEB in roles and (Role.WORKER in roles or _embeds_worker(environment)):
        roles.add(Role.ALL_IN_ONE)
    order = (Role.ALL_IN_ONE, Role.WEB, Role.WORKER, Role.BEAT, Role.ONE_SHOT)
    return next(each for each in order if each in roles)


def _step(command: str) -> Role | None:
    return next((found for found, pattern in _TABLE if pattern.search(command)), None)


def _embeds_worker(environment: Mapping[str, str | None]) -> bool:

    return settings.is_true(environment.get("GLITCHTIP_EMBED_WORKER") or "")


def uses_celery(command: str) -> bool:
    """Whether *command* names Celery's own program, which GlitchTip's dependencies lack since 6.0.

    What the scripts ``run-celery*.sh`` start there is not known.
    """
    return _CELERY.search(command) is not None
