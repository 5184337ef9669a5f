"""The Infisical target: the settings as secrets of one folder, written one after the other and read back.

There is no transaction over two secrets, so the end state is always named key by key: old, new, or announced.
DEFAULT_FROM_EMAIL goes first and EMAIL_URL last, since it switches mail over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.secret import Secret, clear
from wizard.targets import Change, KeyState, Plan, Receipt, Refused, Uncertain, Values
from wizard.targets.infisical_api import Api, Hidden, problem_with_path
from wizard.targets.infisical_words import ApiError

if TYPE_CHECKING:
    from wizard.draft import InfisicalTarget
    from wizard.session import Session

LAST: Final = "EMAIL_URL"
_NO_VALUE_RIGHT: Final = (
    "The identity may see that the secret is there but not read its value, so nothing could be proven: "
    "give its role the permission to read values."
)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What apply needs of the plan."""

    place: dict[str, str]
    folder: tuple[str, str, str] | None
    """Project, environment and path of the folder to make; None where it is there."""
    before: dict[str, Secret | None]
    values: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Undo:
    """What undo needs of the receipt: for each key the value before and ours."""

    place: dict[str, str]
    keys: dict[str, tuple[Secret | None, Secret]]


class _Stopped(Exception):  # noqa: N818  # carries a state
    """Writing one key stopped; ``state`` says in which state it is."""

    def __init__(self, reason: str, state: KeyState) -> None:
        super().__init__(reason)
        self.state = state


class Infisical:
    """A folder of a project's environment; one login per object, its token revoked by ``close``."""

    def __init__(self, target: InfisicalTarget, session: Session) -> None:
        self._target = target
        self._session = session
        self._api: Api | None = None
        self._project: dict[str, object] = {}

    @property
    def logins(self) -> int:
        """How many logins were sent: never more than one."""
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
        except Hidden:
            raise Refused(_NO_VALUE_RIGHT) from None
        except ApiError as error:
            raise Refused(str(error)) from None

    async def plan(self, values: Values) -> Plan:
        """Say what writing *values* would change; reads, writes nothing. Raises Refused."""
        before = await self.read(tuple(values))
        api, place = await self._ready()
        target, facts = self._target, []
        folder = None
        try:
            if None in before.values():
                ids = (str(self._project["id"]), target.environment, target.secret_path)
                if not await api.folder_exists(*ids):
                    folder = ids
                    facts.append(f"the folder {target.secret_path} is made, with its parents")
                else:
                    imported = await api.imported_from(place, tuple(key for key in before if before[key] is None))
                    facts += [
                        f"{key} comes in by an import from {source}; ours overrides it"
                        for key, source in imported.items()
                    ]
        except ApiError as error:
            raise Refused(str(error)) from None
        facts += [
            f"{key} holds ${{...}}, which `infisical run` expands as a reference"
            for key, value in values.items()
            if "${" in clear(value)
        ]
        changes = tuple(_change(key, before[key], value) for key, value in _in_order(values))
        wanted = {key: clear(value).strip() for key, value in _in_order(values)}
        slug = self._project.get("slug", target.project)
        name = f"{api.base}, {slug}, {target.environment}, {target.secret_path}"
        return Plan("infisical", name, changes, tuple(facts), _Sealed(place, folder, before, wanted))

    async def apply(self, plan: Plan) -> Receipt:
        """Write *plan* key by key and read each back. Raises Refused (nothing changed) and Uncertain."""
        sealed: _Sealed = plan.sealed
        api, _ = await self._ready()
        await self._refuse_what_moved(api, sealed)
        if sealed.folder is not None:
            try:
                await api.make_folder(*sealed.folder)
            except ApiError as error:
                raise Refused(f"The folder could not be made. {error}") from None
        states = dict.fromkeys(sealed.values, KeyState.NOT_WRITTEN)
        facts: list[str] = []
        for key, value in sealed.values.items():
            try:
                states[key] = await self._write(api, sealed.place, key, value, sealed.before[key], facts)
            except _Stopped as stopped:
                states[key] = stopped.state
                await self._give_up(api, sealed, states, key, str(stopped))
        undo = _Undo(sealed.place, {key: (sealed.before[key], Secret(value)) for key, value in sealed.values.items()})
        return Receipt("infisical", plan.place, states, tuple(facts), undo)

    async def undo(self, receipt: Receipt) -> Receipt:
        """Put the old values back where ours still stand, EMAIL_URL first. Raises Refused and Uncertain."""
        sealed: _Undo = receipt.sealed
        api, _ = await self._ready()
        changed = {key: pair for key, pair in sealed.keys.items() if receipt.keys[key] is not KeyState.UNCHANGED}
        for key, (_, ours) in changed.items():
            try:
                now = await api.get(sealed.place, key)
            except (ApiError, Hidden) as error:
                raise Refused(f"{key} cannot be read, so nothing was put back. {error}") from None
            if now != ours:
                raise Refused(f"{key} in Infisical is no longer the value written here; nothing was put back.")
        states = dict.fromkeys(sealed.keys, KeyState.UNCHANGED)
        for key, (before, ours) in reversed(changed.items()):
            try:
                states[key] = await self._put_back(api, sealed.place, key, before, ours)
            except _Stopped as stopped:
                states[key] = stopped.state
                raise Uncertain(f"{key} could not be put back. {stopped}", states) from None
        return Receipt("infisical", receipt.place, states)

    async def close(self) -> None:
        """Revoke the token and close the connections."""
        if self._api is not None:
            await self._api.close()
            self._api, self._project = None, {}

    async def _ready(self) -> tuple[Api, dict[str, str]]:
        """Probe, log in once, and resolve project and environment; later calls answer from memory. Raises Refused."""
        target = self._target
        problem = problem_with_path(target.secret_path)
        if problem is not None:
            raise Refused(problem)
        try:
            if self._api is None:
                ca_file = str(self._session.path(target.ca_file)) if target.ca_file else None
                self._api = Api(target.url, ca_file=ca_file, allow_http=target.allow_http)
            if not self._project:
                if self._api.generation is None:
                    await self._api.probe()
                await self._log_in(self._api)
                self._project = await self._api.project(target.project)
        except ApiError as error:
            raise Refused(str(error)) from None
        self._judge_environment()
        return self._api, self._api.place(str(self._project["id"]), target.environment, target.secret_path)

    async def _log_in(self, api: Api) -> None:
        if api.logged_in:
            return
        if self._session.client_secret is not None and self._target.client_id:
            if api.logins:
                # The first was refused; three refusals lock the identity, so the operator starts anew.
                raise ApiError("The login was refused before; start the action again with the right client secret.")
            await api.login(self._target.client_id, self._session.client_secret)
        elif self._session.token is not None:
            api.use_token(self._session.token)
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
        hint = f"; is {meant} meant" if meant else ""
        raise Refused(f"The project has no environment {wanted}{hint}? Its slugs are {', '.join(slugs) or 'none'}.")

    async def _refuse_what_moved(self, api: Api, sealed: _Sealed) -> None:
        for key, before in sealed.before.items():
            try:
                now = await api.get(sealed.place, key)
            except (ApiError, Hidden) as error:
                raise Refused(f"{key} could not be read again before writing. {error}") from None
            if now != before:
                raise Refused(f"{key} changed in Infisical since it was read: look at the change again.")

    async def _write(
        self, api: Api, place: dict[str, str], key: str, value: str, before: Secret | None, facts: list[str]
    ) -> KeyState:
        """Write one key and read it back. Raises _Stopped."""
        wanted = Secret(value)
        if before == wanted:
            return KeyState.UNCHANGED
        done = KeyState.CREATED if before is None else KeyState.CHANGED
        try:
            slug = await api.put(place, key, value, new=before is None)
        except ApiError as error:
            await self._make_sure(api, place, key, wanted, before, error)
            return done
        if slug is not None:
            facts.append(f"{key}: nothing is written yet; change request {slug} was opened and needs approval")
            return KeyState.AWAITING_APPROVAL
        try:
            now = await api.get(place, key)
        except (ApiError, Hidden) as error:
            raise _Stopped(f"{key} was accepted but cannot be read back. {error}", KeyState.UNCERTAIN) from None
        if now != wanted:
            raise _Stopped(f"{key} was accepted but reads back differently.", KeyState.UNCERTAIN)
        return done

    async def _make_sure(
        self, api: Api, place: dict[str, str], key: str, wanted: Secret, before: Secret | None, error: ApiError
    ) -> None:
        """After a failed write, re-read before anything else: return if *wanted* is there. Raises _Stopped.

        A POST is never sent again: there is no unique index, and a late first one would make a second row.
        """
        if not error.maybe:
            raise _Stopped(f"{key} was not written. {error}", KeyState.NOT_WRITTEN) from None
        try:
            now = await api.get(place, key)
        except (ApiError, Hidden):
            raise _Stopped(f"Whether {key} was written cannot be told. {error}", KeyState.UNCERTAIN) from None
        if now == wanted:
            return
        if now != before:
            raise _Stopped(f"{key} holds a value that is neither the old nor ours. {error}", KeyState.UNCERTAIN)
        if error.status is not None:
            # The server has answered, so it is done with the request.
            raise _Stopped(f"{key} was not written. {error}", KeyState.NOT_WRITTEN)
        raise _Stopped(f"{key} holds the old value, but the write may still land. {error}", KeyState.UNCERTAIN)

    async def _give_up(self, api: Api, sealed: _Sealed, states: dict[str, KeyState], failed: str, reason: str) -> None:
        """Undo the keys written before *failed* where that is safe, and raise Refused or Uncertain."""
        written = [key for key, state in states.items() if state in {KeyState.CREATED, KeyState.CHANGED}]
        if states[failed] is KeyState.NOT_WRITTEN:
            for key in reversed(written):
                try:
                    await self._put_back(api, sealed.place, key, sealed.before[key], Secret(sealed.values[key]))
                    states[key] = KeyState.NOT_WRITTEN
                except _Stopped as stopped:
                    reason += f" {stopped}"
        if all(state in {KeyState.NOT_WRITTEN, KeyState.UNCHANGED} for state in states.values()):
            raise Refused(reason) from None
        raise Uncertain(reason, states) from None

    async def _put_back(
        self, api: Api, place: dict[str, str], key: str, before: Secret | None, ours: Secret
    ) -> KeyState:
        """Give *key* its old value if ours still stands there. Raises _Stopped."""
        try:
            if await api.get(place, key) != ours:
                raise _Stopped(f"{key} is no longer the value written here and was left.", KeyState.UNCERTAIN)
            if before is None:
                slug = await api.delete(place, key)
            else:
                slug = await api.put(place, key, before.reveal(), new=False)
            if slug is not None:
                raise _Stopped(f"{key}: change request {slug} was opened to put it back.", KeyState.AWAITING_APPROVAL)
            if await api.get(place, key) != before:
                raise _Stopped(f"{key} was put back but reads differently.", KeyState.UNCERTAIN)
        except (ApiError, Hidden) as error:
            raise _Stopped(f"{key} could not be put back. {error}", KeyState.UNCERTAIN) from None
        return KeyState.CHANGED


def _in_order(values: Values) -> list[tuple[str, str | Secret]]:
    return sorted(values.items(), key=lambda item: item[0] == LAST)


def _change(key: str, before: Secret | None, value: str | Secret) -> Change:
    shown = _masked(key, clear(value))
    if before is None:
        return Change(key, KeyState.CREATED, None, shown)
    old = before.reveal()
    if old == clear(value).strip():
        return Change(key, KeyState.UNCHANGED, shown, shown)
    was = _masked(key, old)
    return Change(key, KeyState.CHANGED, was, shown, "new key" if was == shown else "")


def _masked(key: str, value: str) -> str:
    if key != LAST:
        return value
    from wizard import email_url

    return email_url.masked(value)
