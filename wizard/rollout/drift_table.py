"""The table of ``drift`` in words: the places side by side, why one was not read, what it means that one differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.untrusted import Untrusted
from wizard.rollout import restart
from wizard.rollout.drift import ABSENT, CONTAINER, DIFFERS, INFISICAL, REFERENCE, UNREADABLE

if TYPE_CHECKING:
    from wizard.rollout.drift import Row

_CONTAINERS: Final = "A container that differs: {restart}. A restart does not read the environment again."
_COMPOSE: Final = "A compose file that differs has the value inline, which overrides the target: pass the variable on."
_FILE: Final = (
    "docker compose starts with the values of a .env that differs from Infisical, unless infisical run gives them: "
    "write the settings again, or delete the keys from that .env."
)
_SAID: Final = (
    (DIFFERS, "differs in", "differ in"),
    (ABSENT, "is missing in", "are missing in"),
    (UNREADABLE, "was not read in", "were not read in"),
)


def lines(rows: list[Row], found: restart.Restart | None = None) -> list[str]:
    """Return the table, a line for each place, and under it what is to be said about it; ready to be shown.

    *found*: the restart command of this project, where it is known.
    """
    places = list(rows[0].places)
    width = max(map(len, places)) + 2
    shown = [" " * width + "".join(f"{row.key:<13}" for row in rows)]
    shown += [f"{place:<{width}}" + "".join(f"{row.places[place]:<13}" for row in rows) for place in places]
    reasons = {place: why for row in rows for place, why in row.why.items()}
    shown += [f"{place} was not read: {why}" for place, why in reasons.items()]
    differing = {place for row in rows for place, word in row.places.items() if word == DIFFERS}
    shown += [restart.filled(_CONTAINERS, found)] if any(place.startswith(CONTAINER) for place in differing) else []
    shown += [_COMPOSE] if any(not place.startswith((CONTAINER, INFISICAL, ".env")) for place in differing) else []
    shown += [_FILE] if INFISICAL in places and ".env" in differing else []
    return [Untrusted(line.rstrip(), 400) for line in shown]


def summary(rows: list[Row]) -> str:
    """Return the table in one sentence: what differs, what is missing, what could not be read; else that all agree."""
    said = []
    for word, one, several in _SAID:
        found = {row.key: [place for place in row.places if _counts(row, place, word)] for row in rows}
        keys = [key for key, places in found.items() if places]
        where = dict.fromkeys(place for places in found.values() for place in places)
        if keys:
            said.append(f"{' and '.join(keys)} {one if len(keys) == 1 else several} {', '.join(where)}")
    return Untrusted("; ".join(said) or f"{' and '.join(row.key for row in rows)} are the same in all places", 300)


def _counts(row: Row, place: str, word: str) -> bool:
    """Whether *place* is to be named: a .env without the key is as it should be where Infisical has it."""
    if word == ABSENT and (REFERENCE not in row.places.values() or (INFISICAL in row.places and place == ".env")):
        return False
    return row.places[place] == word
