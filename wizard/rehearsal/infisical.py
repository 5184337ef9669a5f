"""An Infisical on loopback, of either generation: what the wizard asks of one, answered as the recorded servers did.

Sources: infisical.md and the recorded exchanges (v3, a build of 2024-10); the shapes of v4 stand in schemas_v4.json.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

Generation: TypeAlias = Literal["v3", "v4"]
Answer: TypeAlias = tuple[int, dict[str, Any]]

_LOGIN: Final = "/api/v1/auth/universal-auth/login"
_REVOKE: Final = "/api/v1/auth/token/revoke"
_ENVIRONMENTS: Final = (("Development", "dev"), ("Staging", "staging"), ("Production", "prod"))
_LOCK_AFTER: Final = 3
"""Failed logins that lock the identity on a v4 server."""


@dataclass(slots=True)
class Row:
    """One secret."""

    key: str
    value: str
    version: int = 1
    id: str = field(default_factory=lambda: str(uuid4()))


@dataclass(slots=True)
class Store:
    """What one server holds, and how it answers; no socket. ``handle`` is one request."""

    generation: Generation = "v4"
    client_id: str = field(default_factory=lambda: str(uuid4()))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(32))
    project_id: str = field(default_factory=lambda: str(uuid4()))
    project_slug: str = "glitchtip"
    folders: set[tuple[str, str]] = field(default_factory=lambda: {(slug, "/") for _, slug in _ENVIRONMENTS})
    """Environment and path."""
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    """By environment and path. A list, for there is no unique index."""
    imports: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)
    protected: set[tuple[str, str]] = field(default_factory=set)
    """Folders under an approval policy."""
    hidden: bool = False
    """The identity may describe secrets but not read their values."""
    read_only: bool = False
    member: bool = True
    tokens: set[str] = field(default_factory=set)
    failures: int = 0
    log: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of every request."""

    def handle(self, method: str, target: str, authorization: str, body: Any) -> Answer:
        """Answer one request."""
        parts = urlsplit(target)
        path, query = parts.path, dict(parse_qsl(parts.query))
        self.log.append((method, path))
        if (method, path) == ("GET", "/api/status"):
            return 200, {"date": datetime.now(UTC).isoformat(), "message": "Ok", "emailConfigured": False}
        if (method, path) == ("POST", _LOGIN):
            return self._login(body)
        if (method, path) == ("POST", _REVOKE):
            return self._revoke(body)
        if not self._knows(method, path):
            return self._unknown_route(method, target)
        refusal = self._refuse_token(authorization)
        if refusal is not None:
            return refusal
        if not self.member:
            words = f"Identity is not a member of the specified project with ID '{self.project_id}'"
            return self._error(403, "You are not allowed to access this resource", words)
        if "folders" in path:
            return self._folders(method, query, body)
        if "/secrets" in path:
            return self._secrets(method, path, query, body)
        return self._project(path)

    def value(self, environment: str, path: str, key: str) -> str | None:
        """Return the value of *key*, None where it is not there; for tests."""
        row = self._row((environment, path), key)
        return row.value if row else None

    def put(self, environment: str, path: str, key: str, value: str) -> None:
        """Put a secret there as somebody else would; for tests and for the rehearsal's starting point."""
        self._make((environment, path))
        row = self._row((environment, path), key)
        if row is None:
            self.rows.setdefault((environment, path), []).append(Row(key, value))
        else:
            row.value, row.version = value, row.version + 1

    # Routes

    def _knows(self, method: str, path: str) -> bool:
        v4 = self.generation == "v4"
        known = [
            r"/api/v1/folders",
            r"/api/v3/secrets/raw(/[^/]{1,100})?",
            *((r"/api/v2/folders", r"/api/v4/secrets(/[^/]{1,100})?", r"/api/v1/projects/(slug/)?[^/]+") if v4 else ()),
            *(() if v4 else (r"/api/v1/workspace/[^/]+", r"/api/v2/workspace/[^/]+")),
        ]
        return method in {"GET", "POST", "PATCH", "DELETE"} and any(re.fullmatch(route, path) for route in known)

    def _unknown_route(self, method: str, target: str) -> Answer:
        return 404, {"message": f"Route {method}:{target} not found", "error": "Not Found", "statusCode": 404}

    def _error(self, status: int, message: Any, error: str) -> Answer:
        answer: dict[str, Any] = {"statusCode": status, "message": message, "error": error}
        if self.generation == "v4":
            answer["reqId"] = f"req-{secrets.token_hex(7)}"
        return status, answer

    def _login(self, body: Any) -> Answer:
        given = body if isinstance(body, dict) else {}
        client_id, secret = given.get("clientId"), given.get("clientSecret")
        if not isinstance(client_id, str) or not isinstance(secret, str):
            issue = [{"code": "invalid_type", "expected": "string", "path": ["clientSecret"], "message": "Required"}]
            return self._error(422 if self.generation == "v4" else 401, issue, "ValidationFailure")
        if self.generation == "v4" and self.failures >= _LOCK_AFTER:
            words = "This identity auth method is temporarily locked, please try again later"
            return self._error(401, words, "UnauthorizedError")
        if client_id.strip() != self.client_id:
            if self.generation == "v3":
                return self._error(404, "No identity with specified client ID was found", "NotFound")
            return self._error(401, "Invalid credentials", "UnauthorizedError")
        if secret.strip() != self.client_secret:
            self.failures += 1
            return self._error(401, "Invalid credentials", "UnauthorizedError")
        token = f"eyJhbGciOiJIUzI1NiJ9.{secrets.token_urlsafe(240)}.{secrets.token_urlsafe(32)}"
        self.tokens.add(token)
        limits = {"expiresIn": 2_592_000, "accessTokenMaxTTL": 2_592_000}
        return 200, {"accessToken": token, **limits, "tokenType": "Bearer"}

    def _revoke(self, body: Any) -> Answer:
        token = body.get("accessToken") if isinstance(body, dict) else None
        if token not in self.tokens:
            return self._error(401, "No identity access token found", "UnauthorizedError")
        self.tokens.discard(token)
        return 200, {"message": "Successfully revoked access token"}

    def _refuse_token(self, authorization: str) -> Answer | None:
        kind, _, token = authorization.partition(" ")
        if kind != "Bearer":
            return self._error(401, "Token missing", "UnauthorizedError")
        if not token.startswith("eyJ"):
            return self._error(403, "The provided access token is malformed. Please use a valid token.", "TokenError")
        if token not in self.tokens:
            return self._error(401, "No identity access token found", "UnauthorizedError")
        return None

    def _project(self, path: str) -> Answer:
        name = unquote(path.rpartition("/")[2])
        by_slug = "/slug/" in path or path.startswith("/api/v2/")
        if name != (self.project_slug if by_slug else self.project_id):
            if self.generation == "v4":
                return self._error(404, f"Project with {'slug' if by_slug else 'ID'} '{name}' not found", "NotFound")
            words = f"Failed to find project by {'slug' if by_slug else 'id'}"
            return self._error(500, "Something went wrong", words)
        environments = [{"name": label, "slug": slug, "id": f"env-{slug}"} for label, slug in _ENVIRONMENTS]
        project = {"id": self.project_id, "name": "GlitchTip", "slug": self.project_slug, "environments": environments}
        if by_slug:
            return 200, project
        return 200, {"project" if self.generation == "v4" else "workspace": project}

    def _folders(self, method: str, query: dict[str, str], body: Any) -> Answer:
        given = query if method == "GET" else body if isinstance(body, dict) else {}
        environment, path = given.get("environment", ""), given.get("path", "/")
        if environment not in {slug for _, slug in _ENVIRONMENTS}:
            return self._error(404, f"Environment with slug '{environment}' not found", "NotFound")
        if method == "GET":
            prefix = path.rstrip("/")
            names = [name for env, name in self.folders if env == environment and name.rpartition("/")[0] == prefix]
            return 200, {
                "folders": [{"id": name, "name": name.rpartition("/")[2]} for name in sorted(names) if name != "/"]
            }
        if self.read_only:
            return self._error(403, "You are not allowed to create on secrets", "PermissionDenied")
        full = f"{path.rstrip('/')}/{given.get('name', '')}"
        self._make((environment, full))
        return 200, {"folder": {"id": full, "name": given.get("name"), "version": 1, "isReserved": False}}

    def _make(self, folder: tuple[str, str]) -> None:
        environment, path = folder
        parts = path.strip("/").split("/")
        for length in range(1, len(parts) + 1):
            self.folders.add((environment, "/" + "/".join(parts[:length])))

    def _secrets(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        given = query if method == "GET" else body if isinstance(body, dict) else {}
        project = given.get("projectId" if path.startswith("/api/v4/") else "workspaceId")
        if not isinstance(project, str):
            issue = [{"code": "invalid_type", "expected": "string", "path": ["workspaceId"], "message": "Required"}]
            return self._error(422 if self.generation == "v4" else 401, issue, "ValidationFailure")
        folder = (given.get("environment", ""), given.get("secretPath", "/").rstrip("/") or "/")
        listing = path in {"/api/v4/secrets", "/api/v3/secrets/raw"}
        if project != self.project_id:
            words = f"Project with ID '{project}' not found during bot lookup. Are you sure you are using the right ID?"
            return self._error(404, words, "NotFound")
        if listing:
            return self._list(folder, query)
        key = unquote(path.rpartition("/")[2])
        if folder not in self.folders:
            operation = {"GET": "GetSecretByName", "POST": "CreateSecret", "PATCH": "UpdateSecret"}
            words = f"Folder with path '{folder[1]}' in environment with slug '{folder[0]}' not found"
            return self._error(404, words, operation.get(method, "DeleteSecret"))
        if method == "GET":
            return self._get(folder, key, query)
        return self._write(method, folder, key, given)

    def _list(self, folder: tuple[str, str], query: dict[str, str]) -> Answer:
        imports = []
        if query.get("include_imports") == "true":
            for environment, path in self.imports.get(folder, []):
                rows = [self._shown(row, (environment, path)) for row in self.rows.get((environment, path), [])]
                imports.append({"secretPath": path, "environment": environment, "secrets": rows})
        return 200, {"secrets": [self._shown(row, folder) for row in self.rows.get(folder, [])], "imports": imports}

    def _get(self, folder: tuple[str, str], key: str, query: dict[str, str]) -> Answer:
        row = self._row(folder, key)
        if row is None:
            return self._error(404, f"Secret with name '{key}' not found", "NotFound")
        if self.hidden and query.get("viewSecretValue", "true") == "true":
            return self._error(403, "You are not allowed to readValue on secrets", "PermissionDenied")
        return 200, {"secret": {**self._shown(row, folder), "tags": []}}

    def _write(self, method: str, folder: tuple[str, str], key: str, given: dict[str, Any]) -> Answer:
        row, value = self._row(folder, key), given.get("secretValue")
        verb = {"POST": "create", "PATCH": "edit", "DELETE": "delete"}[method]
        if self.read_only:
            return self._error(403, f"You are not allowed to {verb} on secrets", "PermissionDenied")
        if method == "POST" and row is not None:
            return self._error(400, "Secret already exist", "BadRequest")
        if method != "POST" and row is None:
            return self._error(404, f"Secret with name {key} not found", "NotFound")
        if folder in self.protected:
            slug = f"approval-{secrets.token_hex(4)}"
            return 200, {"approval": {"id": str(uuid4()), "slug": slug, "status": "open", "policyId": str(uuid4())}}
        if method == "DELETE":
            assert row is not None
            self.rows[folder] = [other for other in self.rows[folder] if other.key != key]
            return 200, {"secret": self._shown(row, folder)}
        self.put(*folder, key, _trimmed(str(value)))
        changed = self._row(folder, key)
        assert changed is not None
        return 200, {"secret": self._shown(changed, folder)}

    def _row(self, folder: tuple[str, str], key: str) -> Row | None:
        return next((row for row in self.rows.get(folder, []) if row.key == key), None)

    def _shown(self, row: Row, folder: tuple[str, str]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        shown = {
            "id": row.id, "_id": row.id, "workspace": self.project_id, "environment": folder[0],
            "version": row.version, "type": "shared", "secretKey": row.key, "secretValue": row.value,
            "secretComment": "", "createdAt": now, "updatedAt": now,
        }  # fmt: skip
        if self.generation == "v4":
            hidden = {"secretValue": "<hidden-by-infisical>"} if self.hidden else {}
            shown |= {"secretValueHidden": self.hidden, "secretPath": folder[1], **hidden}
        return shown


def _trimmed(value: str) -> str:
    """Trim as the server does: both ends, but one line feed at the end stays."""
    return value.strip() + ("\n" if value.endswith("\n") and value.strip() else "")


class Server:
    """A store behind HTTP on 127.0.0.1, in a thread of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._httpd.server_address[1]}"

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Stop and free the port."""
        self._httpd.shutdown()
        self._httpd.server_close()

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        """Answer one request; None closes the connection without a word. Tests put their faults in here."""
        with self._lock:
            return self.store.handle(method, target, authorization, body)

    def _handler(server: Server) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes: 40 ms a request otherwise

            def _respond(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(length)
                try:
                    body = json.loads(raw) if raw else None
                except ValueError:
                    body = None
                answered = server.answer(self.command, self.path, self.headers.get("authorization", ""), body)
                if answered is None:
                    self.close_connection = True
                    return
                status, content = answered
                data = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json; charset=utf-8")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = _respond  # noqa: N815  # http.server's names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
                """Say nothing: a request line may hold what a log should not."""

        return Handler
