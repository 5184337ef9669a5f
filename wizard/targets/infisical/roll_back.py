"""Infisical rolled back: what a writing replaced is put back key by key, where its values are still there.

Its own versions cannot serve: an identity may not read them, and a snapshot reverts other people's keys as well
(infisical.md section 5). EMAIL_URL goes first, since it switches mail over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.secret import plaintext
from wizard.targets import KeyState, PreviousValues, Receipt, Refused, UncertainError
from wizard.targets.infisical.api import HiddenError, Value
from wizard.targets.infisical.errors import ApiError
from wizard.targets.infisical.folder import Folder, StoppedError
from wizard.targets.infisical.reading import NO_VALUE_RIGHT
from wizard.targets.infisical.records import KIND
from wizard.targets.showing import masked

if TYPE_CHECKING:
    from wizard.targets.infisical.api import InfisicalApi
    from wizard.targets.infisical.records import Earlier
    from wizard.targets.stopping import Writing


async def previous(api: InfisicalApi, place: dict[str, str], earlier: Earlier) -> PreviousValues:
    """Return what ``put_back`` would put back, as GlitchTip would get it. Raises Refused where it is not ours."""
    await _ours(Folder(api, place, _secret(earlier)), earlier)
    return earlier.expanded


async def put_back(
    api: InfisicalApi, place: dict[str, str], shown: str, earlier: Earlier, writing: Writing
) -> Receipt[None]:
    """Put the values of *earlier* back where *earlier* says that what is there is ours. Raises as a target does."""
    folder = Folder(api, place, _secret(earlier))
    now = await _ours(folder, earlier)
    writing.refuse_if_stopped()
    states = writing.keys
    in_order = sorted(earlier.values.items(), key=lambda item: item[0] != "EMAIL_URL")
    for key, before in in_order:
        states[key] = KeyState.UNCERTAIN
        try:
            await folder.put_back(key, before, now[key])
        except StoppedError as stopped:
            # In the words of a receipt: what was not put back is not written.
            states[key] = KeyState.NOT_WRITTEN if stopped.state is KeyState.CHANGED else stopped.state
            if set(states.values()) == {KeyState.NOT_WRITTEN}:
                raise Refused(f"Nothing was put back. {stopped}") from None
            raise UncertainError(str(stopped), states) from None
        states[key] = KeyState.CHANGED
    return Receipt(KIND, shown, dict(states), _afterwards(earlier), private=None)


async def _ours(folder: Folder, earlier: Earlier) -> dict[str, Value]:
    """Return what is stored now for each key of *earlier*. Raises Refused where that is not what was written."""
    now: dict[str, Value] = {}
    for key in earlier.values:
        try:
            value = await folder.get(key)
        except HiddenError:
            raise Refused(f"{key} cannot be read, so nothing was put back. {NO_VALUE_RIGHT}") from None
        except ApiError as error:
            raise Refused(f"{key} cannot be read, so nothing was put back. {error}") from None
        if value is None or not earlier.is_ours(key, plaintext(value)):
            raise Refused(f"{key} in Infisical is no longer the value written here; nothing was put back.")
        now[key] = value
    return now


def _secret(earlier: Earlier) -> frozenset[str]:
    return frozenset(key for key in earlier.values if key != "DEFAULT_FROM_EMAIL")


def _afterwards(earlier: Earlier) -> tuple[str, ...]:
    """Return what the folder holds now, a sentence a key; each was read back."""
    return tuple(
        f"{key} is no longer in this folder of Infisical."
        if value is None
        else f"{key} in Infisical is now {masked(key, plaintext(value), secret=key != 'DEFAULT_FROM_EMAIL')}."
        for key, value in earlier.values.items()
    )
