"""Writing single keys: one after the other, each read back, and after a lost answer read before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.secret import Secret, plaintext
from wizard.targets import Change, KeyState
from wizard.targets.infisical.api import HiddenError, Value
from wizard.targets.infisical.errors import ApiError
from wizard.targets.infisical.http import TRIES
from wizard.targets.showing import difference, masked

if TYPE_CHECKING:
    from wizard.targets.infisical.api import InfisicalApi
    from wizard.targets.infisical.reading import SecretReading

LAST: Final = "EMAIL_URL"
"""Written last, since it switches mail over; shown as a URL with its key masked."""

_TWICE: Final = "are there two secrets of this name in the folder?"


class StoppedError(Exception):
    """Writing one key stopped; ``state`` says in which state it is."""

    def __init__(self, reason: str, state: KeyState) -> None:
        super().__init__(reason)
        self.state = state


class Folder:
    """One folder of one environment, for writing."""

    def __init__(self, api: InfisicalApi, place: dict[str, str], secret: frozenset[str]) -> None:
        """*secret* names the keys whose values are secrets."""
        self._api = api
        self._place = place
        self._secret = secret
        self.unanswered: set[str] = set()
        """Keys of which a write may still land, for its answer never came."""
        self.requests: list[str] = []
        """The change requests that were opened and await approval."""

    async def get(self, key: str) -> Value | None:
        """Return the present value. Raises ApiError and Hidden."""
        found = await self._api.get(self._place, key)
        return found if found is None or key in self._secret else found.reveal()

    async def write(self, key: str, wanted: Value, before: Value | None) -> KeyState:
        """Give *key* its value and read it back. Raises Stopped."""
        if before == wanted:
            return KeyState.UNCHANGED
        done = KeyState.CREATED if before is None else KeyState.CHANGED
        for attempt in range(1, TRIES + 1):
            try:
                slug = await self._api.put(self._place, key, plaintext(wanted), new=before is None)
                break
            except ApiError as error:
                if await self._landed(key, wanted, before, error, last=attempt == TRIES):
                    return done
        if slug is not None:
            self.requests.append(slug)
            return KeyState.AWAITING_APPROVAL
        try:
            now = await self.get(key)
        except (ApiError, HiddenError) as error:
            raise StoppedError(
                f"{key} was accepted but cannot be read back. {_said(error)}", KeyState.UNCERTAIN
            ) from None
        if now != wanted:
            raise StoppedError(f"{key} was accepted but reads back differently: {_TWICE}", KeyState.UNCERTAIN)
        return done

    async def _landed(self, key: str, wanted: Value, before: Value | None, error: ApiError, *, last: bool) -> bool:
        """After a failed write, re-read before anything else: whether *wanted* is there. Raises Stopped.

        False means that the same write may be sent again. That is never so for a POST: there is no unique index, and
        a late first one would make a second row.
        """
        if not error.maybe:
            raise StoppedError(f"{key} was not written. {error}", KeyState.NOT_WRITTEN) from None
        if not error.answered:
            self.unanswered.add(key)
        try:
            now = await self.get(key)
        except (ApiError, HiddenError):
            raise StoppedError(f"Whether {key} was written is not known. {error}", KeyState.UNCERTAIN) from None
        if now == wanted:
            return True
        if now != before:
            raise StoppedError(f"{key} holds a value that is neither the old nor ours. {error}", KeyState.UNCERTAIN)
        if error.answered and key not in self.unanswered:
            # Infisical itself has answered, so it is done with the request; a gateway may have given up on it.
            raise StoppedError(f"{key} was not written. {error}", KeyState.NOT_WRITTEN)
        if before is None or last:
            raise StoppedError(f"{key} holds the old value, but the write may still land. {error}", KeyState.UNCERTAIN)
        return False

    async def put_back(self, key: str, before: Value | None, ours: Value) -> None:
        """Give *key* its old value if ours is still there. Raises Stopped."""
        try:
            if await self.get(key) != ours:
                raise StoppedError(f"{key} is no longer the value written here and was left.", KeyState.UNCERTAIN)
        except (ApiError, HiddenError) as error:
            raise StoppedError(f"{key} was not put back. {_said(error)}", KeyState.CHANGED) from None
        problem = "It reads back differently."
        try:
            if before is None:
                slug = await self._api.delete(self._place, key)
            else:
                slug = await self._api.put(self._place, key, plaintext(before), new=False)
            if slug is not None:
                raise StoppedError(f"{key}: change request {slug} was opened to put it back.", KeyState.CHANGED)
        except ApiError as error:
            problem = str(error)
        try:
            now = await self.get(key)
        except (ApiError, HiddenError):
            raise StoppedError(f"Whether {key} was put back is not known. {problem}", KeyState.UNCERTAIN) from None
        if now != before:
            state = KeyState.CHANGED if now == ours else KeyState.UNCERTAIN
            raise StoppedError(f"{key} was not put back. {problem}", state)


def _said(error: ApiError | HiddenError) -> str:
    return str(error) or "Its value is hidden from this identity."


def stripped(value: Value) -> Value:
    """Return *value* as the server keeps it."""
    return Secret(value.reveal().strip()) if isinstance(value, Secret) else value.strip()


def change(key: str, before: SecretReading, value: Value) -> Change:
    """Return what the review shows of one key: compared is what GlitchTip gets, not how it is stored."""
    shown = _shown(key, value)
    if before.value is None:
        return Change(key, KeyState.CREATED, None, shown)
    remark = before.present.remark
    if value in (before.own, before.value):
        return Change(key, KeyState.UNCHANGED, shown, shown, f"{remark}, which stays" if remark else "")
    # A reference is shown as it is stored: what it expands to may hold a secret that nobody knows for one.
    was = before.own if before.own is not None and key != LAST else before.value
    verb = "replaces" if before.own is not None else "overrides"
    notes = [
        difference(key, plaintext(before.value), plaintext(value)),
        f"{verb} {remark.replace('a reference', 'the reference').replace('an import', 'the import')}" if remark else "",
    ]
    return Change(key, KeyState.CHANGED, _shown(key, was), shown, ", ".join(filter(None, notes)))


def _shown(key: str, value: Value) -> str:
    return masked(key, plaintext(value), secret=isinstance(value, Secret))
