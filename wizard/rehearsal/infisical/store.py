"""What the stand-in's Infisical holds, and its login, token and project routes; no socket.

Sources: infisical.md and the recorded exchanges (v3, a build of 2024-10); the shapes of v4 are in schemas_v4.json.
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import unquote
from uuid import uuid4

from wizard.rehearsal.infisical.rows import ENVIRONMENTS, Answer, Folder, Row, now

Generation: TypeAlias = Literal["v3", "v4"]

LARGEST: Final = 1_048_576
"""Bytes of a request's body that the server takes; over it, it answers 500."""
LOGIN: Final = "/api/v1/auth/universal-auth/login"
REVOKE: Final = "/api/v1/auth/token/revoke"
_LOCK_AFTER: Final = 3
"""Failed logins that lock the identity on a v4 server."""


@dataclass(slots=True)
class Store:
    """What one server holds, and how it answers. ``handle`` is one request."""

    generation: Generation = "v4"
    client_id: str = field(default_factory=lambda: str(uuid4()))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(32))
    project_id: str = field(default_factory=lambda: str(uuid4()))
    project_slug: str = "glitchtip"
    folders: set[Folder] = field(default_factory=lambda: {(slug, "/") for _, slug in ENVIRONMENTS})
    rows: dict[Folder, list[Row]] = field(default_factory=dict)
    """A list for each folder, for there is no unique index."""
    imports: dict[Folder, list[Folder]] = field(default_factory=dict)
    protected: set[Folder] = field(default_factory=set)
    """Folders under an approval policy."""
    requested: list[tuple[Folder, str, str]] = field(default_factory=list)
    """What waits for approval: folder, key and value."""
    hidden: bool = False
    """The identity may describe secrets but not read their values."""
    read_only: bool = False
    no_access: bool = False
    """The identity is a member without any right on secrets."""
    member: bool = True
    trusted: bool = True
    """Whether the client's address is among those that the identity may log in from."""
    token_trusted: bool = True
    """Whether it is among those that the access token may be used from, which is a list of its own."""
    tokens: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    """Tokens that were revoked."""
    expired: set[str] = field(default_factory=set)
    failures: int = 0
    log: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of every request."""

    def value(self, environment: str, path: str, key: str) -> str | None:
        """Return the value of *key*, None where it is not there."""
        row = self.row((environment, path), key)
        return row.value if row else None

    def put(self, environment: str, path: str, key: str, value: str) -> None:
        """Put a secret there as somebody else would."""
        self.make((environment, path))
        row = self.row((environment, path), key)
        if row is None:
            self.rows.setdefault((environment, path), []).append(Row(key, value))
        else:
            row.value, row.version = value, row.version + 1

    def approve(self) -> None:
        """Merge every change request."""
        waiting, self.requested = self.requested, []
        for (environment, path), key, value in waiting:
            self.put(environment, path, key, value)

    def row(self, folder: Folder, key: str) -> Row | None:
        """Return one row of *key*: the first, where there are several."""
        return next((row for row in self.rows.get(folder, []) if row.key == key), None)

    def make(self, folder: Folder) -> None:
        """Make *folder* with its parents."""
        environment, path = folder
        parts = [part for part in path.split("/") if part]
        for length in range(len(parts) + 1):
            self.folders.add((environment, "/" + "/".join(parts[:length])))

    def error(self, status: int, message: Any, error: str) -> Answer:
        """Return an error as this generation spells it."""
        answer: dict[str, Any] = {"statusCode": status, "message": message, "error": error}
        if self.generation == "v4":
            alphabet = string.ascii_letters + string.digits
            answer["reqId"] = "req-" + "".join(secrets.choice(alphabet) for _ in range(14))
        return status, answer

    def invalid(self, *fields: str) -> Answer:
        """Return the answer to a body whose *fields* are missing or of a wrong type."""
        issues = [
            {"code": "invalid_type", "expected": "string", "received": "undefined", "path": [name] if name else [],
             "message": "Required"}
            for name in fields
        ]  # fmt: skip
        return self.error(422 if self.generation == "v4" else 401, issues, "ValidationFailure")

    def stranger(self, project: str) -> Answer:
        """Return the answer to an identity that is not a member of *project*."""
        words = f"Identity is not a member of the specified project with ID '{project}'"
        return self.error(403, "You are not allowed to access this resource", words)

    def forbidden(self, action: str) -> Answer:
        """Return the answer to an identity whose role lacks *action*."""
        return self.error(403, f"You are not allowed to {action} on secrets", "PermissionDenied")

    def knows(self, method: str, path: str) -> bool:
        """Whether this generation has such a route."""
        v4 = self.generation == "v4"
        known = [
            r"/api/v1/folders",
            r"/api/v3/secrets/raw(/[^/]{1,100})?",
            *((r"/api/v2/folders", r"/api/v4/secrets(/[^/]{1,100})?", r"/api/v1/projects/(slug/)?[^/]+") if v4 else ()),
            *(() if v4 else (r"/api/v1/workspace/[^/]+", r"/api/v2/workspace/[^/]+")),
        ]
        return method in {"GET", "POST", "PATCH", "DELETE"} and any(re.fullmatch(route, path) for route in known)

    def login(self, body: Any) -> Answer:
        """Answer a Universal Auth login."""
        if not isinstance(body, dict):
            return self.invalid("")
        wrong = [name for name in ("clientId", "clientSecret") if not isinstance(body.get(name), str)]
        if wrong:
            return self.invalid(*wrong)
        if self.generation == "v4" and self.failures >= _LOCK_AFTER:
            words = "This identity auth method is temporarily locked, please try again later"
            return self.error(401, words, "UnauthorizedError")
        if body["clientId"].strip() != self.client_id:
            if self.generation == "v3":
                return self.error(404, "No identity with specified client ID was found", "NotFound")
            return self.error(401, "Invalid credentials", "UnauthorizedError")
        if not self.trusted:
            words = "You are not allowed to access this resource from the current IP address"
            return self.error(403, words, "ForbiddenError")
        if body["clientSecret"].strip() != self.client_secret:
            self.failures += 1
            return self.error(401, "Invalid credentials", "UnauthorizedError")
        token = f"eyJhbGciOiJIUzI1NiJ9.{secrets.token_urlsafe(240)}.{secrets.token_urlsafe(32)}"
        self.tokens.add(token)
        limits = {"expiresIn": 2_592_000, "accessTokenMaxTTL": 2_592_000}
        return 200, {"accessToken": token, **limits, "tokenType": "Bearer"}

    def revoke(self, body: Any) -> Answer:
        """Answer the revoking of a token."""
        token = body.get("accessToken") if isinstance(body, dict) else None
        if token not in self.tokens:
            return self.error(401, "No identity access token found", "UnauthorizedError")
        self.tokens.discard(token)
        self.gone.add(token)
        return 200, {"message": "Successfully revoked access token"}

    def refuse_token(self, authorization: str) -> Answer | None:
        """Return the refusal of the token in the *authorization* header, None where it is good."""
        _, _, token = authorization.partition(" ")
        if not authorization:
            return self.error(401, "Token missing", "UnauthorizedError")
        if not token:
            return self.error(403, "jwt must be provided", "TokenError")
        if token in self.gone:
            return self.error(401, "No identity access token found", "UnauthorizedError")
        if token in self.expired:
            return self.error(403, "Your token has expired. Please re-authenticate.", "TokenError")
        if token in self.tokens:
            if self.token_trusted:
                return None
            words = "You are not allowed to access this resource from the current IP address"
            return self.error(403, words, "ForbiddenError")
        if not token.startswith("eyJ"):
            return self.error(403, "The provided access token is malformed. Please use a valid token.", "TokenError")
        return self.error(403, "invalid signature", "TokenError")

    def project(self, path: str) -> Answer:
        """Answer a look-up of a project by slug or id."""
        name = unquote(path.rpartition("/")[2])
        by_slug = "/slug/" in path or path.startswith("/api/v2/")
        if name != (self.project_slug if by_slug else self.project_id):
            if self.generation == "v4":
                return self.error(404, f"Project with {'slug' if by_slug else 'ID'} '{name}' not found", "NotFound")
            words = f"Failed to find project by {'slug' if by_slug else 'id'}"
            return self.error(500, "Something went wrong", words)
        if not self.member:
            return self.stranger(self.project_id)
        project: dict[str, Any] = {
            "id": self.project_id, "name": "GlitchTip", "slug": self.project_slug, "autoCapitalization": True,
            "orgId": str(uuid4()), "createdAt": now(), "updatedAt": now(), "version": 3, "upgradeStatus": None,
            "pitVersionLimit": 10, "kmsCertificateKeyId": None, "auditLogsRetentionDays": None, "_id": self.project_id,
            "environments": [{"name": label, "slug": slug, "id": f"env-{slug}"} for label, slug in ENVIRONMENTS],
        }  # fmt: skip
        if by_slug:
            return 200, project
        return 200, {"project" if self.generation == "v4" else "workspace": project}
