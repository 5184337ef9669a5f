"""Drift: the mail settings in every place that has them, side by side, without a value being held or shown.

Each place is reduced to keyed hashes at once, under a key that is made for one table and forgotten with it. What could
not be read is said to be so, and is never taken for equal.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip import compose, digests, docker, probe
from wizard.glitchtip.probe import Question
from wizard.model.containers import NotAsked
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.errors import UsageError
from wizard.model.secret import plaintext
from wizard.model.untrusted import Untrusted
from wizard.system.threads import in_daemon
from wizard.targets import Refused
from wizard.targets.env_file.values import env_values
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from wizard.glitchtip.probe import Probed
    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.targets import TargetWriter

KEYS: Final = ("EMAIL_URL", "DEFAULT_FROM_EMAIL")
REFERENCE: Final = "reference"
"""The place that the others are compared with."""
EQUAL: Final = "equal"
DIFFERS: Final = "differs"
UNREADABLE: Final = "unreadable"
ABSENT: Final = "absent"
PASSED_ON: Final = "passed on"
"""docker-compose.yml takes it from the environment that it is started with, which no file tells."""

INFISICAL: Final = "Infisical"
CONTAINER: Final = "container"
PATIENCE: Final = 20.0
"""Seconds for each place: what is silent for longer cannot be read."""
_ENV: Final = ".env"


@dataclass(frozen=True, slots=True)
class Row:
    """One key in all places."""

    key: str
    places: dict[str, str]
    """By place: reference, equal, differs, unreadable, absent, or passed on."""
    why: dict[str, str] = field(default_factory=dict)
    """By place that is unreadable: why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What one place has, by key: hashes by part, or a word in their place."""

    name: str
    cells: Mapping[str, Mapping[str, str] | str]
    why: str = ""


async def table(draft: Draft, session: Session, writer: TargetWriter | None = None) -> list[Row]:
    """Return a row for each key, in about ``PATIENCE`` seconds at most.

    Infisical is asked only where a login is at hand; *writer* spares a second one.
    """
    once = secrets.token_bytes(32)
    compose = Untrusted((draft.app.compose_file or "docker-compose.yml").rpartition("/")[2], 40)
    local, remote, containers = await asyncio.gather(
        # A file on a dead network mount would hold up the loop's own threads, and with them the end of the program.
        _in_time(
            (_ENV, compose),
            in_daemon(lambda: [_env(draft, session, once), *_compose(draft, session, once)], PATIENCE),
        ),
        _in_time((INFISICAL,), _infisical(draft, session, writer, once)),
        _in_time((CONTAINER,), _containers(draft, session, once)),
    )
    places = [*remote, *local, *containers] if isinstance(draft.target, InfisicalTarget) else [*local, *containers]
    return [_row(key, places) for key in KEYS]


async def _in_time(names: tuple[str, ...], places: Coroutine[Any, Any, list[_Place]]) -> list[_Place]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await places
    except TimeoutError:
        return [_unreadable(name, f"it did not answer within {PATIENCE:g} seconds.") for name in names]


def is_worthwhile(draft: Draft, session: Session) -> bool:
    """Whether there is a set-up whose places could differ: an EMAIL_URL in the file, or a named Infisical."""
    if isinstance(draft.target, InfisicalTarget):
        return bool(draft.target.url and draft.target.project)

    try:
        return bool(env_values(session.path(_env_name(draft))).get("EMAIL_URL"))
    except UsageError:
        return False


def _row(key: str, places: list[_Place]) -> Row:
    """Compare all places with the first that can be read: the target, where it can."""
    reference: Mapping[str, str] | None = None
    words: dict[str, str] = {}
    for place in places:
        cell = place.cells[key]
        if isinstance(cell, str):
            words[place.name] = cell
        elif reference is None:
            words[place.name], reference = REFERENCE, cell
        else:
            words[place.name] = EQUAL if digests.same(reference, cell) else DIFFERS
    why = {place.name: place.why for place in places if words[place.name] == UNREADABLE and place.why}
    return Row(key, words, why)


def _unreadable(name: str, why: str) -> _Place:
    return _Place(name, dict.fromkeys(KEYS, UNREADABLE), why)


def _place(name: str, values: Mapping[str, str | None], once: bytes) -> _Place:
    return _Place(name, {key: _cell(key, values.get(key), once) for key in KEYS})


def _cell(key: str, value: str | None, once: bytes) -> Mapping[str, str] | str:
    """Return *value* as hashes of its parts: two spellings of one EMAIL_URL are the same settings."""
    if value is None or (key == "EMAIL_URL" and not value):
        return ABSENT
    if key != "EMAIL_URL":
        return {key: digests.of_text(once, value)}
    try:
        return digests.of_url(once, value)
    except ValueError:
        return UNREADABLE


def _env_name(draft: Draft) -> str:
    target = draft.target
    if isinstance(target, InfisicalTarget):
        return target.env_copy or _ENV
    return target.path if isinstance(target, EnvTarget) else _ENV


def _env(draft: Draft, session: Session, once: bytes) -> _Place:

    path = session.path(_env_name(draft))
    shown = Untrusted(path.name, 40)
    if not path.exists() and not path.is_symlink():
        return _place(shown, {}, once)
    try:
        return _place(shown, env_values(path), once)
    except UsageError as error:
        return _unreadable(shown, str(error))


def _compose(draft: Draft, session: Session, once: bytes) -> list[_Place]:

    name = Untrusted((draft.app.compose_file or "docker-compose.yml").rpartition("/")[2], 40)
    try:
        reading = compose.read(draft, session)
    except compose.ComposeError as error:
        return [_unreadable(name, str(error))]
    if reading is None:
        return []  # no file, and so no place
    from_shell = isinstance(draft.target, InfisicalTarget)
    places = []
    for service in reading.services.values():
        cells: dict[str, Mapping[str, str] | str] = {}
        for key in KEYS:
            setting = service.environment.get(key)
            if setting is not None and setting.origin == "passed on" and (from_shell or setting.text is None):
                cells[key] = PASSED_ON
            else:
                cells[key] = _cell(key, setting.text if setting is not None else None, once)
        places.append(_Place(f"{Untrusted(reading.file.name, 40)} {Untrusted(service.name, 40)}", cells))
    return places


async def _infisical(draft: Draft, session: Session, writer: TargetWriter | None, once: bytes) -> list[_Place]:
    target = draft.target
    if not isinstance(target, InfisicalTarget):
        return []
    if writer is None and session.client_secret is None and session.token is None:
        return [_unreadable(INFISICAL, "that takes a login with the client secret.")]

    asked = writer if writer is not None else Infisical(target, session)
    try:
        found = await asked.read(KEYS)
        values = {key: None if (value := one.value) is None else plaintext(value) for key, one in found.items()}
        return [_place(INFISICAL, values, once)]
    except Refused as error:
        return [_unreadable(INFISICAL, str(error))]
    finally:
        if asked is not writer:
            await asked.close()


async def _containers(draft: Draft, session: Session, once: bytes) -> list[_Place]:
    from wizard.glitchtip import running  # start-up: 9 ms

    found = await running.find(draft, session)
    if isinstance(found, NotAsked):
        return [_unreadable(CONTAINER, f"{found.reason}.")]
    question = Question(once=once.hex())
    up = found.up()
    asked = await asyncio.gather(*(_container(session, name, up[name], question) for name in up))
    return [*asked, *(_unreadable(f"{CONTAINER} {Untrusted(name, 40)}", "it is not running.") for name in found.down())]


async def _container(session: Session, name: str, container: Container, question: Question) -> _Place:

    ran = await docker.of(session).run_python(container, ("-",), question.script, seconds=docker.PROBING)
    probed = probe.read(ran.stdout, question)
    place = f"{CONTAINER} {Untrusted(name, 40)}"
    if probed is None:
        return _unreadable(place, "it gave no answer.")
    return _Place(place, {key: _cell_of(key, probed) for key in KEYS})


def _cell_of(key: str, probed: Probed) -> Mapping[str, str] | str:
    if key != "EMAIL_URL":
        digest = digests.probed_from(probed)
        return ABSENT if digest is None else {key: digest}
    if not probed.is_set:
        return ABSENT
    return digests.probed_url(probed) or UNREADABLE
