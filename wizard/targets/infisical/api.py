"""Infisical's REST API, both generations: its routes and shapes, one login, and what each answer means.

Routes and shapes: infisical.md sections 1 to 5; ``v3`` are servers before 2025-09, ``v4`` those since.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from wizard.model import infisical
from wizard.model.secret import Secret
from wizard.model.untrusted import Untrusted
from wizard.targets import held
from wizard.targets.infisical.errors import LOGIN_PATH, ApiError
from wizard.targets.infisical.http import Connection
from wizard.targets.infisical.location import normalised

REVOKE_TIMEOUTS: Final = (3.0, 0.5)
"""Seconds for revoking the token: of a server that answers, and of one that was silent last."""
HIDDEN: Final = "<hidden-by-infisical>"

Generation: TypeAlias = Literal["v3", "v4"]
Value: TypeAlias = str | Secret
"""A value as it was given: what is no ``Secret`` there is none here, for a ``Secret`` is masked wherever it shows."""


class HiddenError(Exception):
    """The identity may see that a secret is there but not its value."""


class InfisicalApi:
    """One conversation with one server. Every method raises ApiError.

    No method tries a login again: a wrong one is one of three that lock the identity.
    """

    def __init__(self, url: str, *, ca_file: str | None = None, allow_http: bool = False) -> None:
        self.base = normalised(url, allow_http=allow_http)
        self._connection = Connection(self.base, ca_file)
        self._own_token = False
        self._dead = False
        self.generation: Generation | None = None

    @property
    def facts(self) -> tuple[str, ...]:
        """What is to be said of the connection: the extra headers by name."""
        names = ", ".join(self._connection.custom_headers)
        return (f"{infisical.CUSTOM_HEADERS} of the environment is used: {Untrusted(names, 120)}",) if names else ()

    @property
    def logged_in(self) -> bool:
        """Whether there is a token that the server has not disowned."""
        return self._connection.token is not None and not self._dead

    async def probe(self) -> None:
        """Make sure that this is Infisical, and learn its generation; needs no credential."""
        status = await self._call("GET", "/api/status")
        if not isinstance(status, dict) or "date" not in status:
            raise ApiError("This server answers, but not as Infisical does: check the URL.")
        try:
            await self._call("GET", "/api/v4/secrets")
        except ApiError as error:
            # Old all-in-one images answer an unknown route with a web page.
            if error.is_unknown_route or error.status in {200, 404}:
                self.generation = "v3"
                return
            if error.status not in {400, 401, 403, 422}:
                raise
        self.generation = "v4"

    async def login(self, client_id: str, secret: Secret) -> None:
        """Log in by Universal Auth: once, and never again without a press, for three failures lock the identity."""
        for what, value in (("client id", client_id), ("client secret", secret.reveal())):
            if not value.strip() or not value.isascii() or not value.strip().isprintable():
                raise ApiError(f"The Infisical {what} is empty or holds a character that is not printable ASCII.")
        if infisical.is_like_a_token(secret.reveal().strip()):
            raise ApiError(
                f"What is given as Infisical's client secret is an access token: give it as {infisical.TOKEN}, or make "
                "a client secret: Identity, Authentication, Universal Auth."
            )
        self._connection.token = None
        stripped = Secret(secret.reveal().strip())  # known to the redactor for as long as the answer is judged
        body = {"clientId": client_id.strip(), "clientSecret": stripped.reveal()}
        answer = await self._call("POST", LOGIN_PATH, body=body)
        self.use_token(Secret(_text(answer, "accessToken")))
        self._own_token = True

    def use_token(self, token: Secret) -> None:
        """Use *token* in place of a login; it is not revoked at the end."""
        value = token.reveal()
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise ApiError("The Infisical token is empty or holds a character that no token has.")
        if infisical.is_like_a_client_secret(value):
            raise ApiError(
                f"{infisical.TOKEN} holds 64 hexadecimal digits: that is a client secret, not a token. Give it "
                f"with --client-secret-fd N or as {infisical.CLIENT_SECRET}, together with the client id."
            )
        self._connection.token, self._own_token, self._dead = token, False, False

    async def close(self) -> None:
        """Revoke the token of our own login, as well as that goes, and close the connections."""
        connection = self._connection
        token = connection.token
        try:
            if token is not None and self._own_token:
                seconds = REVOKE_TIMEOUTS[0] if connection.answers else REVOKE_TIMEOUTS[1]
                body = {"accessToken": token.reveal()}
                with contextlib.suppress(ApiError):
                    await connection.call("POST", "/api/v1/auth/token/revoke", body=body, deadline=seconds)
        finally:
            connection.token = None
            await connection.close()

    async def project(self, name: str) -> dict[str, Any]:
        """Return the project with slug or id *name*: ``{id, name, slug, environments: [{name, slug}]}``."""
        by_id = infisical.is_project_id(name)
        segment = quote(name, safe="")
        if self.generation == "v4":
            path = f"/api/v1/projects/{segment}" if by_id else f"/api/v1/projects/slug/{segment}"
        else:
            path = f"/api/v1/workspace/{segment}" if by_id else f"/api/v2/workspace/{segment}"
        try:
            answer = await self._call("GET", path)
        except ApiError as error:
            if error.is_absent or error.error.startswith("Failed to find project"):
                raise ApiError(_no_such_project(name), status=error.status, error=error.error) from None
            raise
        project = answer
        for wrapper in ("workspace", "project"):
            if isinstance(answer, dict) and isinstance(answer.get(wrapper), dict):
                project = answer[wrapper]
        _text(project, "id")
        return dict(project)

    async def folder_exists(self, project: str, environment: str, path: str) -> bool:
        """Whether the folder *path* is there; the root always is."""
        if path == "/":
            return True
        parent, _, name = path.rpartition("/")
        route = "/api/v2/folders" if self.generation == "v4" else "/api/v1/folders"
        query = {self._project_key: project, "environment": environment, "path": parent or "/"}
        answer = await self._call("GET", route, query=query)
        return any(folder.get("name") == name for folder in _tables(answer, "folders"))

    async def make_folder(self, project: str, environment: str, path: str) -> None:
        """Make the folder *path* with its parents; making one that is there changes nothing."""
        parent, _, name = path.rpartition("/")
        route = "/api/v2/folders" if self.generation == "v4" else "/api/v1/folders"
        body = {self._project_key: project, "environment": environment, "path": parent or "/", "name": name}
        try:
            await self._call("POST", route, body=body)
        except ApiError as error:
            if not (error.maybe and await self.folder_exists(project, environment, path)):
                raise

    async def get(self, place: dict[str, str], key: str, *, effective: bool = False) -> Secret | None:
        """Return the folder's own value of *key* as stored, None where it has none. Raises HiddenError.

        *effective*: as `infisical run` gives it instead, with references expanded and imports followed.
        """
        flag = "true" if effective else "false"
        query = {**place, "expandSecretReferences": flag, "include_imports": flag}
        if self.generation == "v4":
            query["viewSecretValue"] = "true"
        try:
            answer = await self._call("GET", self._secret(key), query=query)
        except ApiError as error:
            if error.is_absent:
                return None
            raise
        secret = answer.get("secret") if isinstance(answer, dict) else None
        value = secret.get("secretValue") if isinstance(secret, dict) else None
        if not isinstance(secret, dict) or not isinstance(value, str):
            raise ApiError("Infisical's answer holds no secret where one was asked for.")
        if secret.get("secretValueHidden") or value == HIDDEN:
            raise HiddenError
        return held(key, value)

    async def imported_from(self, place: dict[str, str], keys: tuple[str, ...]) -> dict[str, str]:
        """Return, for each of *keys* that comes in by an import, the environment and folder it comes from."""
        answer = await self._list(place)
        found: dict[str, str] = {}
        for imported in _tables(answer, "imports"):
            source = f"{imported.get('environment')}:{imported.get('secretPath')}"
            for secret in _tables(imported, "secrets"):
                if secret.get("secretKey") in keys:
                    found[str(secret["secretKey"])] = source
        return found

    async def names(self, place: dict[str, str]) -> frozenset[str]:
        """Return the names of the folder's own secrets and of those that it imports."""
        answer = await self._list(place)
        tables = [*_tables(answer, "secrets")]
        for imported in _tables(answer, "imports"):
            tables += _tables(imported, "secrets")
        return frozenset(str(secret.get("secretKey")) for secret in tables)

    async def _list(self, place: dict[str, str]) -> Any:
        """List the folder with its imports; a newer server leaves the values out."""
        query = {**place, "expandSecretReferences": "false", "include_imports": "true"}
        if self.generation == "v4":
            query["viewSecretValue"] = "false"
        route = "/api/v4/secrets" if self.generation == "v4" else "/api/v3/secrets/raw"
        return await self._call("GET", route, query=query)

    async def put(self, place: dict[str, str], key: str, value: str, *, new: bool) -> str | None:
        """Create (*new*) or change *key*; return the slug of the change request where approval is needed, else None."""
        body = {**place, "secretValue": value}
        return _approval(await self._call("POST" if new else "PATCH", self._secret(key), body=body))

    async def delete(self, place: dict[str, str], key: str) -> str | None:
        """Remove *key*; return the slug of the change request where approval is needed, else None."""
        return _approval(await self._call("DELETE", self._secret(key), body=place))

    def place(self, project: str, environment: str, path: str) -> dict[str, str]:
        """Return what names a folder in queries and bodies."""
        return {self._project_key: project, "environment": environment, "secretPath": path}

    @property
    def _project_key(self) -> str:
        return "projectId" if self.generation == "v4" else "workspaceId"

    def _secret(self, key: str) -> str:
        route = "/api/v4/secrets" if self.generation == "v4" else "/api/v3/secrets/raw"
        return f"{route}/{quote(key, safe='')}"

    async def _call(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: dict[str, str] | None = None
    ) -> Any:
        try:
            return await self._connection.call(method, path, query=query, body=body)
        except ApiError as error:
            self._dead = self._dead or (path != LOGIN_PATH and error.is_dead_token)
            raise


def _no_such_project(name: str) -> str:
    words = f"Infisical finds no project {Untrusted(name, 60)}: take the slug or the id from the project's settings."
    if infisical.is_project_id(name) or infisical.is_like_a_slug(name):
        return words
    return f"{words} This looks like the project's display name, and that is not its slug."


def _tables(answer: Any, name: str) -> list[dict[str, Any]]:
    """Return the objects in the list *name* of *answer*, none where there is no such list."""
    listed = answer.get(name) if isinstance(answer, dict) else None
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _text(answer: Any, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise ApiError(f"Infisical's answer lacks {name}: is this an Infisical server?")
    return value


def _approval(answer: Any) -> str | None:
    """Return the slug of the change request that a protected path answers with, at status 200; None for a write."""
    if isinstance(answer, dict) and isinstance(answer.get("approval"), dict):
        return str(answer["approval"].get("slug") or answer["approval"].get("id") or "unnamed")
    if isinstance(answer, dict) and isinstance(answer.get("secret"), dict):
        return None
    raise ApiError("Infisical's answer to the write holds neither a secret nor a change request.", maybe=True)
