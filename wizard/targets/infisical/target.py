"""The Infisical target: the settings as secrets of one folder, written one after the other and read back.

There is no transaction over two secrets, so the end state is always named key by key: old, new, or announced.
DEFAULT_FROM_EMAIL goes first and EMAIL_URL last, since it switches mail over.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, NoReturn

from wizard.glitchtip.exported_copy import exported_copy
from wizard.model.secret import Secret, plaintext
from wizard.model.untrusted import Untrusted
from wizard.targets import (
    WRITTEN,
    KeyState,
    NothingToRollBackError,
    Plan,
    Present,
    PreviousValues,
    Receipt,
    Refused,
    UncertainError,
    Values,
    private_part,
)
from wizard.targets.env_copy import WithCopy
from wizard.targets.env_file.target import EnvFile
from wizard.targets.infisical import reading, roll_back
from wizard.targets.infisical.access import Access
from wizard.targets.infisical.api import HiddenError, Value
from wizard.targets.infisical.errors import ApiError
from wizard.targets.infisical.folder import LAST, Folder, StoppedError, change, stripped
from wizard.targets.infisical.records import KIND, InfisicalPlanned, ReplacedSecrets
from wizard.targets.stopping import Writing, finish

if TYPE_CHECKING:
    from wizard.model.draft import InfisicalTarget
    from wizard.model.session import Session
    from wizard.targets import TargetWriter
    from wizard.targets.infisical.api import InfisicalApi
    from wizard.targets.infisical.reading import SecretReading
    from wizard.targets.infisical.records import Earlier, InfisicalFacts

_COURTESY_TIMEOUT: Final = 2.0
"""Seconds for a listing that only a hint needs."""
_UNNAMED_COPY: Final = (
    ".env here has the EMAIL_URL that Infisical has now, so it is probably an exported copy. The next docker "
    "compose up -d would start the old key from it: name it as the copy at the step Target (env_copy in an answers "
    "file), and the wizard writes both"
)
_NOT_KNOWN_BEFORE: Final = (
    "only the writing shows whether this identity is allowed to write here: Infisical does not say so earlier"
)


class Infisical:
    """A folder of a project's environment; one login per object, its token revoked by ``close``."""

    def __init__(self, target: InfisicalTarget, session: Session) -> None:
        self._target = target
        self._session = session
        self._access = Access(target, session)
        self._earlier: Earlier | None = None
        self._requests: tuple[str, ...] = ()

    @property
    def known(self) -> InfisicalFacts:
        """What is known of the server so far."""
        return self._access.known

    async def read(self, keys: tuple[str, ...]) -> dict[str, Present]:
        """Return each key as GlitchTip gets it: references expanded, imports followed. Raises Refused."""
        api, place = await self._access.ready()
        found = await reading.read(api, place, keys, frozenset(keys))
        return {key: one.present for key, one in found.items()}

    async def plan(self, values: Values) -> Plan[InfisicalPlanned]:
        """Say what writing *values* would change; reads, writes nothing. Raises Refused."""
        api, place = await self._access.ready()
        in_order = sorted(values.items(), key=lambda item: item[0] == LAST)
        wanted: dict[str, Value] = {key: stripped(value) for key, value in in_order}
        secret = frozenset(key for key, value in wanted.items() if isinstance(value, Secret))
        before = await reading.read(api, place, wanted, secret)
        changes = tuple(change(key, before[key], value) for key, value in wanted.items())
        unchanged = frozenset(one.key for one in changes if one.state is KeyState.UNCHANGED)
        is_made = any(before[key].own is None for key in wanted.keys() - unchanged)
        folder = await self._missing_folder(api) if is_made else None
        facts = [f"the folder {folder[2]} is made, with its parents"] if folder is not None else []
        facts += [*_of_origins(before), *_of_values(values), *self._access.facts]
        if len(unchanged) < len(changes):
            facts += [_NOT_KNOWN_BEFORE, *await self._of_unnamed_copy(before)]
        private = InfisicalPlanned(place, folder, before, wanted, unchanged)
        return Plan(KIND, self._access.shown, changes, tuple(facts), private=private)

    async def apply(self, plan: Plan[object]) -> Receipt[ReplacedSecrets | None]:
        """Write *plan* key by key and read each back. Raises as the protocol says."""
        planned = private_part(plan, InfisicalPlanned)
        writing = Writing(dict.fromkeys(planned.values, KeyState.NOT_WRITTEN))
        return await finish(writing, self._apply(plan, planned, writing))

    async def previous(self) -> PreviousValues:
        """Return what ``roll_back`` would put back, if it is still ours to put back. Raises Refused."""
        earlier = self._known_earlier()
        api, place = await self._access.ready()
        return await roll_back.previous(api, place, earlier)

    async def roll_back(self) -> Receipt[None]:
        """Put back what the last writing replaced where its values are still there. Raises as the protocol says."""
        earlier = self._known_earlier()
        writing = Writing(dict.fromkeys(earlier.values, KeyState.NOT_WRITTEN))
        receipt = await finish(writing, self._roll_back(earlier, writing))
        self._earlier = None
        return receipt

    def remember(self, earlier: Earlier) -> None:
        """Take *earlier* (from the operator's keyring) for what ``roll_back`` puts back."""
        self._earlier = earlier

    async def close(self) -> None:
        """Revoke the token and close the connections."""
        await self._access.close()

    async def _of_unnamed_copy(self, before: dict[str, SecretReading]) -> list[str]:
        """Return a fact where a `.env` here has the same EMAIL_URL as is replaced: an export that nobody named."""
        now = before.get(LAST)
        path = self._session.path(".env")
        if self._target.env_copy or now is None or now.value is None:
            return []
        if exported_copy(path, uses_infisical=True):
            return []  # the check of the configuration warns of it
        try:
            there = (await EnvFile(path, self._session.directory).read((LAST,)))[LAST].value
        except Refused:
            return []
        if there is None or there != now.value:
            return []
        return [_UNNAMED_COPY]

    def _known_earlier(self) -> Earlier:
        if self._earlier is not None:
            return self._earlier
        if self._requests:
            requests = Untrusted(", ".join(self._requests), 160)
            raise NothingToRollBackError(
                f"Nothing has changed in Infisical: change request {requests} awaits approval. Close it in Infisical, "
                "and nothing will change."
            )
        raise NothingToRollBackError(
            "This run has written nothing to Infisical, so there is nothing to put back. Infisical keeps the "
            "values before it: the project, the secret, Version history."
        )

    async def _roll_back(self, earlier: Earlier, writing: Writing) -> Receipt[None]:
        api, place = await self._access.ready()
        return await roll_back.put_back(api, place, self._access.shown, earlier, writing)

    async def _missing_folder(self, api: InfisicalApi) -> tuple[str, str, str] | None:
        """Return what names the folder where it has to be made, None where it is there. Raises Refused."""
        ids = (self.known.project_id, self._target.environment, self._target.secret_path)
        try:
            return None if await api.folder_exists(*ids) else ids
        except ApiError as error:
            raise Refused(str(error)) from None

    async def _apply(
        self, plan: Plan[object], planned: InfisicalPlanned, writing: Writing
    ) -> Receipt[ReplacedSecrets | None]:
        api, _ = await self._access.ready()
        folder = Folder(api, planned.place, planned.secret)
        await _refuse_what_changed(folder, planned)
        writing.refuse_if_stopped()
        if planned.folder is not None:
            try:
                await api.make_folder(*planned.folder)
            except ApiError as error:
                raise Refused(f"The folder could not be made. {error}") from None
            writing.refuse_if_stopped()
        for key, value in planned.values.items():
            await _write(folder, planned, writing, key, value)
        done = [key for key, state in writing.keys.items() if state in WRITTEN]
        before = {key: planned.before[key] for key in done}
        ours = ReplacedSecrets(
            {key: found.own for key, found in before.items()},
            {key: found.value if found.own is not None else None for key, found in before.items()},
            {key: planned.values[key] for key in done},
        )
        if done:
            self._earlier, self._requests = ours, ()
        if folder.requests:
            self._requests = tuple(folder.requests)
        await self._list_names(api, planned.place)
        return Receipt(KIND, plan.location, dict(writing.keys), _awaiting(folder), private=ours if done else None)

    async def _list_names(self, api: InfisicalApi, place: dict[str, str]) -> None:
        """Learn what else the folder gives, for the hand-over; a courtesy that neither fails nor takes long."""
        with contextlib.suppress(ApiError, TimeoutError):
            async with asyncio.timeout(_COURTESY_TIMEOUT):
                self._access.names = await api.names(place)


async def _write(folder: Folder, planned: InfisicalPlanned, writing: Writing, key: str, value: Value) -> None:
    """Write one key and note its state. Raises Refused or UncertainError, after undoing what can be undone."""
    before = planned.before[key]
    if key in planned.unchanged:
        writing.keys[key] = KeyState.UNCHANGED
        return
    writing.keys[key] = KeyState.UNCERTAIN
    try:
        state = await folder.write(key, value, before.own)
    except StoppedError as stopped:
        writing.keys[key] = stopped.state
        await _give_up(folder, planned, writing.keys, key, str(stopped))
    # What came by an import was there for GlitchTip, though this folder had none of its own.
    writing.keys[key] = KeyState.CHANGED if state in WRITTEN and before.value is not None else state


async def _refuse_what_changed(folder: Folder, planned: InfisicalPlanned) -> None:
    for key, before in planned.before.items():
        try:
            now = await folder.get(key)
        except (ApiError, HiddenError) as error:
            raise Refused(f"{key} could not be read again before writing. {error}") from None
        if now != before.own:
            raise Refused(f"{key} changed in Infisical since it was read: look at the change again.")


async def _give_up(
    folder: Folder, planned: InfisicalPlanned, states: dict[str, KeyState], failed: str, reason: str
) -> NoReturn:
    """Undo the keys written before *failed* where that is safe, and raise Refused or UncertainError."""
    if states[failed] is KeyState.NOT_WRITTEN:
        for key in reversed([key for key, state in states.items() if state in WRITTEN]):
            if key in folder.unanswered:
                continue  # a lost write of the new value could land after it was undone
            try:
                await folder.put_back(key, planned.before[key].own, planned.values[key])
                states[key] = KeyState.NOT_WRITTEN
            except StoppedError as stopped:
                reason += f" {stopped}"
                if stopped.state is KeyState.UNCERTAIN:
                    states[key] = stopped.state
    if all(state in {KeyState.NOT_WRITTEN, KeyState.UNCHANGED} for state in states.values()):
        raise Refused(reason) from None
    raise UncertainError(" ".join([reason, *_awaiting(folder)]), states) from None


def _awaiting(folder: Folder) -> tuple[str, ...]:
    if not folder.requests:
        return ()
    requests = Untrusted(", ".join(folder.requests), 160)
    words = (
        f"Nothing has changed yet: change request {requests} was opened and awaits approval. GlitchTip keeps its old "
        "settings until then; closing the request in Infisical takes it back."
    )
    return (words,)


def _of_origins(before: dict[str, SecretReading]) -> list[str]:
    """Return a fact for each key that is a reference or comes from an import."""
    return [
        f"{key} is {found.present.remark} now"
        if found.own is not None
        else f"{key} is {found.present.remark}; the value written here overrides it"
        for key, found in before.items()
        if found.present.remark
    ]


def _of_values(values: Values) -> list[str]:
    return [
        f"{key} holds ${{...}}, which infisical run expands as a reference"
        for key, value in values.items()
        if "${" in plaintext(value)
    ]


def infisical_of(writer: TargetWriter) -> Infisical | None:
    """Return the Infisical behind *writer*, with a copy or without; None where it writes a file."""
    if isinstance(writer, WithCopy):
        return infisical_of(writer.main)
    return writer if isinstance(writer, Infisical) else None
