"""Infisical's REST API, both generations, over one client: total deadlines, no redirects, capped answers, one login.

Routes and shapes: infisical.md sections 1 to 5; ``v3`` are servers before 2025-09, ``v4`` those since.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit

from wizard.secret import Secret
from wizard.targets.infisical_words import LOGIN_PATH, ApiError, not_json, of_answer, of_redirect

if TYPE_CHECKING:
    import httpx

DEADLINE: Final = 10.0
"""Seconds for one request in all, from the look-up of the name to the last byte."""
LARGEST: Final = 1_048_576
"""Bytes read of an answer."""
LONGEST_WAIT: Final = 60.0
"""Seconds of Retry-After that are waited for; the limiter's window is one minute."""
TRIES: Final = 3
HIDDEN: Final = "<hidden-by-infisical>"

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PATH: Final = re.compile(r"(/[A-Za-z0-9_-]+)+|/")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Generation: TypeAlias = Literal["v3", "v4"]


class Hidden(Exception):  # noqa: N818  # a state, not a failure
    """The identity may see that a secret is there but not its value."""


def normalised(url: str, *, allow_http: bool) -> str:
    """Return scheme and host of *url*, as the official CLI does: with ``/api`` or without, both are taken.

    Raises ApiError with a sentence for anything that is no such URL.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ApiError("The Infisical URL cannot be read: write it as https://secrets.example.com.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ApiError("The Infisical URL must begin with https:// and a host: such as https://secrets.example.com.")
    if "@" in parts.netloc:
        raise ApiError("The Infisical URL must hold no user name or password.")
    if parts.query or parts.fragment or parts.path.rstrip("/") not in {"", "/api"}:
        raise ApiError("The Infisical URL is scheme and host alone: leave out the path behind the host.")
    if parts.scheme == "http" and not (allow_http or host in _LOOPBACK):
        raise ApiError("The Infisical URL is plain http: secrets would cross the network in clear; use https://.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")


def problem_with_url(url: str, *, allow_http: bool) -> str | None:
    """Judge a URL as it is typed, without a connection."""
    if not url.strip():
        return "The URL is missing: such as https://secrets.example.com."
    try:
        normalised(url, allow_http=allow_http)
    except ApiError as error:
        return str(error)
    return None


def problem_with_path(path: str) -> str | None:
    """Judge a folder: servers accept other names and then answer nothing or fail (infisical.md section 4)."""
    if _PATH.fullmatch(path):
        return None
    return "The folder must begin with / and hold letters, digits, - and _ between single slashes, none at the end."


class Api:
    """One conversation with one server. Every method raises ApiError."""

    def __init__(self, url: str, *, ca_file: str | None = None, allow_http: bool = False) -> None:
        self.base = normalised(url, allow_http=allow_http)
        self._ca_file = ca_file
        self._client: httpx.AsyncClient | None = None
        self._token: Secret | None = None
        self._own_token = False
        self.generation: Generation | None = None
        self.logins = 0

    @property
    def logged_in(self) -> bool:
        """Whether there is a token."""
        return self._token is not None

    async def probe(self) -> None:
        """Make sure that this is Infisical, and learn its generation; needs no credential."""
        status = await self.call("GET", "/api/status")
        if not isinstance(status, dict) or "date" not in status:
            raise ApiError("This server answers, but not as Infisical does: check the URL.")
        try:
            await self.call("GET", "/api/v4/secrets")
        except ApiError as error:
            if error.is_unknown_route or error.status in {200, 404}:
                self.generation = "v3"
                return
            if error.status not in {400, 401, 403, 422}:
                raise
        self.generation = "v4"

    async def login(self, client_id: str, secret: Secret) -> None:
        """Log in by Universal Auth: once, never again by itself, for three failures lock the identity."""
        for what, value in (("client id", client_id), ("client secret", secret.reveal())):
            if not value.strip() or not value.isascii() or not value.strip().isprintable():
                raise ApiError(f"The Infisical {what} is empty or holds a character that is not printable ASCII.")
        self.logins += 1
        body = {"clientId": client_id.strip(), "clientSecret": secret.reveal().strip()}
        answer = await self.call("POST", LOGIN_PATH, body=body)
        self.use_token(Secret(_text(answer, "accessToken")))
        self._own_token = True

    def use_token(self, token: Secret) -> None:
        """Use *token* in place of a login; it is not revoked at the end."""
        value = token.reveal()
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise ApiError("The Infisical token is empty or holds a character that no token has.")
        self._token, self._own_token = token, False

    async def close(self) -> None:
        """Revoke the token of our own login, as well as that goes, and close the connections."""
        if self._token is not None and self._own_token:
            with contextlib.suppress(ApiError):
                await self.call("POST", "/api/v1/auth/token/revoke", body={"accessToken": self._token.reveal()})
        self._token = None
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def project(self, name: str) -> dict[str, Any]:
        """Return the project with slug or id *name*: ``{id, name, slug, environments: [{name, slug}]}``."""
        by_id = _UUID.fullmatch(name) is not None
        segment = quote(name, safe="")
        if self.generation == "v4":
            path = f"/api/v1/projects/{segment}" if by_id else f"/api/v1/projects/slug/{segment}"
        else:
            path = f"/api/v1/workspace/{segment}" if by_id else f"/api/v2/workspace/{segment}"
        answer = await self.call("GET", path)
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
        answer = await self.call("GET", route, query=query)
        folders = answer.get("folders", []) if isinstance(answer, dict) else []
        return any(isinstance(folder, dict) and folder.get("name") == name for folder in folders)

    async def make_folder(self, project: str, environment: str, path: str) -> None:
        """Make the folder *path* with its parents; making one that is there changes nothing."""
        parent, _, name = path.rpartition("/")
        route = "/api/v2/folders" if self.generation == "v4" else "/api/v1/folders"
        body = {self._project_key: project, "environment": environment, "path": parent or "/", "name": name}
        await self.call("POST", route, body=body)

    async def get(self, place: dict[str, str], key: str) -> Secret | None:
        """Return the folder's own value of *key*, None where it has none. Raises Hidden."""
        query = {**place, "expandSecretReferences": "false", "include_imports": "false"}
        if self.generation == "v4":
            query["viewSecretValue"] = "true"
        try:
            answer = await self.call("GET", self._secret(key), query=query)
        except ApiError as error:
            if error.is_absent:
                return None
            raise
        secret = answer.get("secret") if isinstance(answer, dict) else None
        value = secret.get("secretValue") if isinstance(secret, dict) else None
        if not isinstance(secret, dict) or not isinstance(value, str):
            raise ApiError("Infisical's answer holds no secret where one was asked for.")
        if secret.get("secretValueHidden") or value == HIDDEN:
            raise Hidden
        return Secret(value)

    async def imported_from(self, place: dict[str, str], keys: tuple[str, ...]) -> dict[str, str]:
        """Return, for each of *keys* that comes in by an import, the environment and folder it comes from."""
        query = {**place, "expandSecretReferences": "false", "include_imports": "true"}
        if self.generation == "v4":
            query["viewSecretValue"] = "false"
        route = "/api/v4/secrets" if self.generation == "v4" else "/api/v3/secrets/raw"
        answer = await self.call("GET", route, query=query)
        found: dict[str, str] = {}
        for imported in answer.get("imports", []) if isinstance(answer, dict) else []:
            for secret in imported.get("secrets", []):
                if secret.get("secretKey") in keys:
                    found[secret["secretKey"]] = f"{imported.get('environment')}:{imported.get('secretPath')}"
        return found

    async def put(self, place: dict[str, str], key: str, value: str, *, new: bool) -> str | None:
        """Create (*new*) or change *key*; return the slug of the change request where approval is needed, else None."""
        body = {**place, "secretValue": value}
        return _approval(await self.call("POST" if new else "PATCH", self._secret(key), body=body))

    async def delete(self, place: dict[str, str], key: str) -> str | None:
        """Remove *key*; return the slug of the change request where approval is needed, else None."""
        return _approval(await self.call("DELETE", self._secret(key), body=place))

    def place(self, project: str, environment: str, path: str) -> dict[str, str]:
        """Return what names a folder in queries and bodies."""
        return {self._project_key: project, "environment": environment, "secretPath": path}

    @property
    def _project_key(self) -> str:
        return "projectId" if self.generation == "v4" else "workspaceId"

    def _secret(self, key: str) -> str:
        route = "/api/v4/secrets" if self.generation == "v4" else "/api/v3/secrets/raw"
        return f"{route}/{quote(key, safe='')}"

    async def call(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: dict[str, str] | None = None
    ) -> Any:
        """Make one request and return the parsed JSON of a 200; a GET is tried again after a 429, up to three times."""
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(method, path, query, body)
            except ApiError as error:
                wait = error.retry_after
                if method != "GET" or wait is None or wait > LONGEST_WAIT or attempt == TRIES:
                    raise
            await asyncio.sleep(wait)
        raise AssertionError("every try returns or raises")

    async def _once(self, method: str, path: str, query: dict[str, str] | None, body: dict[str, str] | None) -> Any:
        import httpx

        headers = {"Authorization": f"Bearer {self._token.reveal()}"} if self._token is not None else {}
        try:
            async with asyncio.timeout(DEADLINE):
                client = await self._connected()
                request = client.build_request(method, path, params=query, json=body, headers=headers)
                response = await client.send(request, stream=True)
                try:
                    raw = await _read(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise ApiError(f"Infisical did not answer within {DEADLINE:g} seconds.", maybe=True) from None
        except httpx.HTTPError as error:
            raise _broken(error) from None
        return _parsed(path, response.status_code, response.headers, raw)

    async def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            import logging

            import httpx

            logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines hold URLs
            secure = self.base.startswith("https:")
            verify = await asyncio.to_thread(_context, self._ca_file) if secure else False
            self._client = httpx.AsyncClient(
                base_url=self.base,
                verify=verify,
                follow_redirects=False,
                timeout=httpx.Timeout(DEADLINE, connect=5.0),
                # In clear there is no proxy: it would read the token.
                trust_env=secure,
                headers={"User-Agent": "postal-wizard", "Accept": "application/json"},
            )
        return self._client


def _context(ca_file: str | None) -> ssl.SSLContext:
    import httpx

    context = httpx.create_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError):
            raise ApiError("The CA file of the Infisical target cannot be read: a PEM file is wanted.") from None
    return context


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for part in response.aiter_bytes():
        raw += part
        if len(raw) > LARGEST:
            raise ApiError("The answer is larger than 1 MiB and was not read: is this Infisical?", maybe=True)
    return bytes(raw)


def _parsed(path: str, status: int, headers: httpx.Headers, raw: bytes) -> Any:
    if 300 <= status < 400:
        raise of_redirect(status, headers.get("location", ""))
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise not_json(status) from None
    if status == 200:
        return body
    raise of_answer(path, status, body, _retry_after(status, headers))


def _retry_after(status: int, headers: httpx.Headers) -> float | None:
    if status != 429:
        return None
    text = str(headers.get("retry-after", ""))
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else LONGEST_WAIT


def _broken(error: Exception) -> ApiError:
    """Say what became of a connection, by the class of *error* alone: its text may hold a header."""
    import httpx

    text = f"{error}{error.__cause__}"
    if isinstance(error, httpx.ConnectError):
        if "CERTIFICATE_VERIFY_FAILED" in text:
            return ApiError("Infisical's certificate cannot be verified: for a private CA name its file as ca_file.")
        if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
            return ApiError("This port does not speak TLS: is the URL https:// where the server has http only?")
        if "Name or service not known" in text or "name resolution" in text or "nodename" in text:
            return ApiError("Infisical's host name cannot be resolved: check the URL.")
        return ApiError("Infisical cannot be reached: nothing accepts the connection at this URL.")
    if isinstance(error, httpx.ConnectTimeout):
        return ApiError("Infisical cannot be reached: the connection was not accepted in time.")
    if isinstance(error, httpx.TimeoutException):
        return ApiError("Infisical did not answer in time.", maybe=True)
    if isinstance(error, httpx.ProxyError):
        return ApiError("The proxy of the environment refused the way to Infisical.")
    return ApiError(
        "The connection to Infisical broke off; is the URL http:// where the server speaks TLS?", maybe=True
    )


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
    raise ApiError("Infisical's answer to the write tells neither a secret nor a change request.", maybe=True)
