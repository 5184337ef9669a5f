"""The operator's keyring, opt-in: each call in a child process with a deadline, for a Secret Service may never answer.

Kept there are two things only: Infisical's client secret, and the previous EMAIL_URL until the new one is confirmed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wizard.model import infisical
from wizard.model.numbers import as_float
from wizard.model.secret import Secret
from wizard.model.untrusted import Untrusted
from wizard.system import command

DEADLINE: Final = 3.0
"""Seconds for one call; a mute D-Bus alone costs 1.1 s (security.md section 2)."""
KEPT_DAYS: Final = 7
"""A previous EMAIL_URL is given up after this long, confirmed or not."""
_CHOICE: Final = ("PYTHON_KEYRING_BACKEND", "XDG_CONFIG_HOME")
"""Where keyring reads which backend to use."""
_CHILD: Final = Path(__file__).with_name("keyring_child.py")
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the keyring said."""

    works: bool
    """Whether a keyring that may hold a secret answered in time."""
    reason: str = ""
    """Why it does not work, in one sentence."""
    backend: str = ""
    """The backend's class, such as ``keyring.backends.SecretService.Keyring``."""
    value: Secret | None = None
    """What was asked for; None where nothing is kept under that name."""


def client_secret_name(url: str, client_id: str) -> str:
    """Return the name under which an Infisical client secret is kept."""
    return f"client secret of {client_id.strip()} at {infisical.bare_url(url)}"


def previous_name(target: str) -> str:
    """Return the name under which the previous EMAIL_URL of *target* is kept."""
    return f"previous EMAIL_URL of {target}"


async def probe() -> Answer:
    """Say whether a keyring is there that may hold a secret; nothing is stored."""
    return await _call({"do": "probe"})


async def get(name: str) -> Answer:
    """Return what is kept under *name*."""
    return await _call({"do": "get", "name": name})


async def put(name: str, secret: Secret) -> Answer:
    """Keep *secret* under *name*; it works only if the same value could be read back."""
    return await _call({"do": "put", "name": name, "value": secret.reveal()})


async def forget(name: str) -> Answer:
    """Remove what is kept under *name*, if anything is."""
    return await _call({"do": "forget", "name": name})


async def put_previous(target: str, url: Secret) -> Answer:
    """Keep the EMAIL_URL that *target* held before, with the time, until ``forget`` or for seven days."""
    dated = Secret(json.dumps({"when": time.time(), "value": url.reveal()}))
    return await put(previous_name(target), dated)


async def previous(target: str) -> Answer:
    """Return the EMAIL_URL that *target* held before; one that is too old is removed and not returned."""
    kept = await get(previous_name(target))
    if kept.value is None:
        return kept
    try:
        dated = json.loads(kept.value.reveal())
        value, when = Secret(str(dated["value"])), as_float(dated["when"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Answer(kept.works, "The keyring holds a value that this program did not write.", kept.backend)
    if time.time() - when > KEPT_DAYS * _DAY:
        await forget(previous_name(target))
        return Answer(
            kept.works, f"The previous EMAIL_URL was older than {KEPT_DAYS} days and is deleted.", kept.backend
        )
    return Answer(kept.works, "", kept.backend, value)


async def _call(request: dict[str, Any]) -> Answer:
    """Ask the child process; whatever happens to it becomes an answer."""
    # keyring's own choice of a backend goes over the pipe: the child sets it in itself.
    chosen = {name: os.environ[name] for name in _CHOICE if name in os.environ}
    # A single-file build has its packages where the bare interpreter does not look.
    spec = importlib.util.find_spec("keyring")
    packages = str(Path(spec.origin).parents[1]) if spec and spec.origin else ""
    ran = await command.run(
        (sys.executable, "-I", str(_CHILD)),
        json.dumps({**request, "choice": chosen, "packages": packages}).encode(),
        deadline=DEADLINE,
        passed=command.KEYRING,
    )
    if ran.not_started:
        return Answer(works=False, reason=f"The keyring's process could not be started: {ran.not_started}.")
    if ran.code is None:
        return Answer(works=False, reason=f"The keyring did not answer within {DEADLINE:g} seconds; it may be locked.")
    return _answer(ran.stdout, request["do"])


def _answer(raw: bytes, did: str) -> Answer:
    try:
        said: dict[str, Any] = json.loads(raw)
        works, backend = bool(said["works"]), str(Untrusted(said.get("backend", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Answer(works=False, reason="The keyring's process ended without an answer.")
    value = said.get("value")
    kept = Secret(value) if did == "get" and isinstance(value, str) else None
    return Answer(works, str(Untrusted(said.get("reason", ""))), backend, kept)
