"""One request to the pretend Infisical, from method and path to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from wizard.rehearsal.infisical import routes
from wizard.rehearsal.infisical.rows import BROKEN, now
from wizard.rehearsal.infisical.store import LOGIN, REVOKE

if TYPE_CHECKING:
    from wizard.rehearsal.infisical.rows import Answer
    from wizard.rehearsal.infisical.store import Store


def handle(store: Store, method: str, target: str, authorization: str, body: Any) -> Answer:
    """Answer one request."""
    parts = urlsplit(target)
    path, query = parts.path.rstrip("/"), dict(parse_qsl(parts.query, keep_blank_values=True))
    store.log.append((method, path))
    if (method, path) == ("GET", "/api/status"):
        return 200, {
            "date": now(), "message": "Ok", "emailConfigured": False, "inviteOnlySignup": True,
            "redisConfigured": True, "secretScanningConfigured": False,
        }  # fmt: skip
    if body is BROKEN:
        return store.error(500, "Something went wrong", "InternalServerError")
    if (method, path) == ("POST", LOGIN):
        return store.login(body)
    if (method, path) == ("POST", REVOKE):
        return store.revoke(body)
    if not store.knows(method, path):
        words = f"Route {method}:{target} not found"
        return 404, {"message": words, "error": "Not Found", "statusCode": 404}
    refusal = store.refuse_token(authorization)
    if refusal is not None:
        return refusal
    if "folders" in path:
        return routes.folders(store, method, query, body)
    if "/secrets" in path:
        return routes.secrets(store, method, path, query, body)
    return store.project(path)
