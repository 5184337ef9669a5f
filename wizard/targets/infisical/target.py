"""The Infisical target: the settings as secrets of one folder, written one after the other and read back.

There is no transaction over two secrets, so the end state is always named key by key: old, new, or announced.
DEFAULT_FROM_EMAIL goes first and EMAIL_URL last, since it switches mail over.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from wizard.model.secret import Secret, plaintext
from wizard.model.untrusted import Untrusted
from wizard.targets import WRITTEN, KeyState, Plan, Receipt, Refused, UncertainError, Values, private_part
from wizard.targets.infisical.api import Api, HiddenError
from wizard.targets.infisical.errors import ApiError
from wizard.targets.infisical.folder import LAST, Folder, StoppedError, Value, change, stripped
from wizard.targets.infisical.location import problem_with_path
from wizard.targets.infisical.records import KIND, InfisicalPlanned, Undo, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wizard.model.draft import InfisicalTarget
    from wizard.model.session import Session

LOCK_WINDOW: Final = 31.0
"""Seconds between two tries of a login that was refused: servers lock an identity after three failures within 30."""
_NO_VALUE_RIGHT: Final = (
    "The identity may see that the secret is there but not read its value, so nothing could be proven: "
    "give its role the permission to read values."
)


class Infisical:
    """A folder of a project's environment; one login per object, its token revoked by ``close``."""

    def __init__(self, target: InfisicalTarget, session: Session) -> None:
        self._target = target
        self._session = session
        self._api: Api | None = None
        self._project: dict[str, object] = {}
        self._refused_at = -LOCK_WINDOW
        self._one_at_a_time = asyncio.Lock()

    @property
    def logins(self) -> int:
        """How many logins were sent: at most one for each action of the operator."""
        return self._api.logins if self._api is not None else 0

    @property
    def project_id(self) -> str:
        """The project's id, empty before it was looked up."""
        return str(self._project.get("id", ""))

    async def read(self, keys: tuple[str, ...]) -> dict[str, Secret | None]:
        """Return the folder's own value of each key. Raises Refused."""
        api, place = await self._ready()
        try:
            return {key: await api.get(place, key) for key in keys}
        except HiddenError:
            raise Refused(_NO_VALUE_RIGHT) from None
        except ApiError as error:
            raise Refused(str(error)) from None

    async def plan(self, values: Values) -> Plan[InfisicalPlanned]:
        """Say what writing *values* would change; reads, writes nothing. Raises Refused."""
        api, place = await self._ready()
        wanted: dict[str, Value] = {key: stripped(value) for key, value in _in_order(values)}
        reading = Folder(api, place, frozenset(key for key, value in wanted.items() if isinstance(value, Secret)))
        try:
            before = {key: await reading.get(key) for key in wanted}
        except HiddenError:
            raise Refused(_NO_VALUE_RIGHT) from None
        except ApiError as error:
            raise Refused(str(error)) from None
        target, facts = self._target, []
        folder = None
        try:
            if None in before.values():
                ids = (str(self._project["id"]), target.environment, target.secret_path)
                if not await api.folder_exists(*ids):
                    folder = ids
                    facts.append(f"the folder {target.secret_path} is made, with its parents")
                else:
                    facts += await _imports(api, place, tuple(key for key in before if before[key] is None))
        except ApiError as error:
            raise Refused(str(error)) from None
        facts += [
            f"{key} holds ${{...}}, which `infisical run` expands as a reference"
            for key, value in values.items()
            if "${" in plaintext(value)
        ]
        changes = tuple(change(key, before[key], value) for key, value in wanted.items())
        return Plan(
            KIND, self._place_shown(api), changes, tuple(facts), private=InfisicalPlanned(place, folder, before, wanted)
        )

    async def apply(self, plan: Plan[object]) -> Receipt[Undo | None]:
        """Write *plan* key by key and read each back. Raises Refused (nothing changed) and Uncertain."""
        planned = private_part(plan, InfisicalPlanned)
        api, _ = await self._ready()
        folder = Folder(api, planned.place, planned.secret)
        await _refuse_what_moved(folder, planned)
        if planned.folder is not None:
            try:
                await api.make_folder(*planned.folder)
            except ApiError as error:
                raise Refused(f"The folder could not be made. {error}") from None
        states = dict.fromkeys(planned.values, KeyState.NOT_WRITTEN)
        for key, value in planned.values.items():
            try:
                states[key] = await folder.write(key, value, planned.before[key])
            except StoppedError as stopped:
                states[key] = stopped.state
                await _give_up(folder, planned, states, key, str(stopped))
        pairs = {key: (planned.before[key], value) for key, value in planned.values.items()}
        undo = Undo(planned.place, pairs, planned.secret)
        return Receipt(KIND, plan.place, states, tuple(folder.facts), private=undo)

    async def undo(self, receipt: Receipt[object]) -> Receipt[Undo | None]:
        """Put the old values back where ours still stand, EMAIL_URL first. Raises Refused and Uncertain."""
        undo = private_part(receipt, Undo)
        api, _ = await self._ready()
        folder = Folder(api, undo.place, undo.secret)
        changed = replaced(receipt)
        for key, (_, ours) in changed.items():
            try:
                now = await folder.get(key)
            except (ApiError, HiddenError) as error:
                raise Refused(f"{key} cannot be read, so nothing was put back. {error}") from None
            if now != ours:
                raise Refused(f"{key} in Infisical is no longer the value written here; nothing was put back.")
        states = dict.fromkeys(undo.keys, KeyState.UNCHANGED)
        for key, (before, ours) in reversed(changed.items()):
            try:
                await folder.put_back(key, before, ours)
            except StoppedError as stopped:
                if stopped.state is KeyState.CHANGED and KeyState.CHANGED not in states.values():
                    raise Refused(f"Nothing was put back. {stopped}") from None
                # In the words of a receipt: what was not put back is not written.
                at = KeyState.NOT_WRITTEN if stopped.state is KeyState.CHANGED else stopped.state
                raise UncertainError(str(stopped), {**states, key: at, **_after(key, changed)}) from None
            states[key] = KeyState.CHANGED
        return Receipt(KIND, receipt.place, states, private=None)

    async def take_back(
        self, before: Mapping[str, Value | None], is_ours: Callable[[str, str], bool], secret: frozenset[str]
    ) -> Receipt[Undo | None]:
        """Put back values of an earlier run where *is_ours* still says so of what stands there, EMAIL_URL first.

        Raises Refused and Uncertain.
        """
        api, place = await self._ready()
        folder = Folder(api, place, secret)
        pairs: dict[str, tuple[Value | None, Value]] = {}
        try:
            for key, old in before.items():
                now = await folder.get(key)
                if now is None or not is_ours(key, plaintext(now)):
                    raise Refused(f"{key} in Infisical is no longer the value written here; nothing was put back.")
                pairs[key] = (old, now)
        except (ApiError, HiddenError) as error:
            raise Refused(f"The present values cannot be read, so nothing was put back. {error}") from None
        states = dict.fromkeys(pairs, KeyState.CHANGED)
        return await self.undo(Receipt(KIND, self._place_shown(api), states, private=Undo(place, pairs, secret)))

    async def close(self) -> None:
        """Revoke the token and close the connections."""
        async with self._one_at_a_time:
            if self._api is not None:
                await self._api.close()
                self._api, self._project = None, {}

    def _place_shown(self, api: Api) -> str:
        slug = self._project.get("slug", self._target.project)
        return f"{api.base}, {slug}, {self._target.environment}, {self._target.secret_path}"

    async def _ready(self) -> tuple[Api, dict[str, str]]:
        """Probe, log in once, and resolve project and environment; later calls answer from memory. Raises Refused.

        Who comes meanwhile waits, for two that begin side by side must not become two logins; and who is cancelled
        leaves it to come to its end, for a token that nobody took could not be revoked.
        """
        task = asyncio.ensure_future(self._in_turn())
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)

    async def _in_turn(self) -> tuple[Api, dict[str, str]]:
        async with self._one_at_a_time:
            return await self._made_ready()

    async def _made_ready(self) -> tuple[Api, dict[str, str]]:
        target = self._target
        problem = problem_with_path(target.secret_path)
        if problem is not None:
            raise Refused(problem)
        try:
            if self._api is None:
                ca_file = str(self._session.path(target.ca_file)) if target.ca_file else None
                self._api = Api(target.url, ca_file=ca_file, allow_http=target.allow_http)
            if self._api.generation is None:
                await self._api.probe()
            if not self._api.logged_in:
                await self._log_in(self._api)
            if not self._project:
                self._project = await self._api.project(target.project)
        except ApiError as error:
            raise Refused(str(error)) from None
        self._judge_environment()
        return self._api, self._api.place(str(self._project["id"]), target.environment, target.secret_path)

    async def _log_in(self, api: Api) -> None:
        session, client_id = self._session, self._target.client_id
        if session.client_secret is not None and client_id:
            since = time.monotonic() - self._refused_at
            if since < LOCK_WINDOW:
                raise ApiError(
                    f"Infisical refused this login {since:.0f} seconds ago: give another client secret, or try this "
                    f"one again in {LOCK_WINDOW - since:.0f} seconds, for three failures within 30 lock the identity."
                )
            try:
                await api.login(client_id, session.client_secret)
            except ApiError as error:
                if error.status in {401, 403, 404}:
                    self._refused_at = time.monotonic()
                raise
        elif session.token is not None:
            api.use_token(session.token)
        elif session.client_secret is not None:
            raise ApiError("The client id is missing: Identity, Authentication, Universal Auth.")
        else:
            raise ApiError("Infisical's client secret is missing: give it by --client-secret-fd N or in the form.")

    def _judge_environment(self) -> None:
        """Refuse an environment that the project does not have: a listing would answer 200 with nothing in it."""
        listed = self._project.get("environments")
        known = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        slugs = [str(item.get("slug")) for item in known]
        wanted = self._target.environment
        if wanted in slugs:
            return
        names = {str(item.get("name")).lower(): str(item.get("slug")) for item in known}
        meant = names.get(wanted.lower()) or next((slug for slug in slugs if slug.lower() == wanted.lower()), None)
        hint = f"; is {Untrusted(meant, 40)} meant?" if meant else "."
        known_slugs = Untrusted(", ".join(slugs) or "none", 160)
        raise Refused(f"The project has no environment {Untrusted(wanted, 40)}{hint} Its slugs are {known_slugs}.")


async def _refuse_what_moved(folder: Folder, planned: InfisicalPlanned) -> None:
    for key, before in planned.before.items():
        try:
            now = await folder.get(key)
        except (ApiError, HiddenError) as error:
            raise Refused(f"{key} could not be read again before writing. {error}") from None
        if now != before:
            raise Refused(f"{key} changed in Infisical since it was read: look at the change again.")


async def _give_up(
    folder: Folder, planned: InfisicalPlanned, states: dict[str, KeyState], failed: str, reason: str
) -> None:
    """Undo the keys written before *failed* where that is safe, and raise Refused or Uncertain."""
    if states[failed] is KeyState.NOT_WRITTEN:
        for key in reversed([key for key, state in states.items() if state in WRITTEN]):
            if key in folder.unanswered:
                continue  # a lost write of the new value could land after it was undone
            try:
                await folder.put_back(key, planned.before[key], planned.values[key])
                states[key] = KeyState.NOT_WRITTEN
            except StoppedError as stopped:
                reason += f" {stopped}"
                if stopped.state is KeyState.UNCERTAIN:
                    states[key] = stopped.state
    if all(state in {KeyState.NOT_WRITTEN, KeyState.UNCHANGED} for state in states.values()):
        raise Refused(reason) from None
    raise UncertainError(" ".join([reason, *(f"{fact}." for fact in folder.facts)]), states) from None


def _after(key: str, changed: dict[str, tuple[Value | None, Value]]) -> dict[str, KeyState]:
    """Return the keys whose turn to be put back never came, for *key* stopped it."""
    order = list(reversed(changed))
    return dict.fromkeys(order[order.index(key) + 1 :], KeyState.NOT_WRITTEN)


async def _imports(api: Api, place: dict[str, str], keys: tuple[str, ...]) -> list[str]:
    try:
        imported = await api.imported_from(place, keys)
    except ApiError as error:
        if error.is_dead_token:
            raise
        return []  # a courtesy: a folder over 1 MiB or without the right to list is no reason not to write
    return [f"{key} comes in by an import from {source}; ours overrides it" for key, source in imported.items()]


def _in_order(values: Values) -> list[tuple[str, str | Secret]]:
    return sorted(values.items(), key=lambda item: item[0] == LAST)
