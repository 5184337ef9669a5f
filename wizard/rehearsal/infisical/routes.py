"""The routes of the pretend Infisical, both generations (infisical.md sections 1, 4 and 5)."""

from __future__ import annotations

import re
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from wizard.rehearsal.infisical.rows import BROKEN, ENVIRONMENTS, Row, now
from wizard.rehearsal.infisical.store import LOGIN, REVOKE

if TYPE_CHECKING:
    from wizard.rehearsal.infisical.rows import Answer, Folder
    from wizard.rehearsal.infisical.store import Store

_SLUGS: Final = frozenset(slug for _, slug in ENVIRONMENTS)
_READABLE: Final = re.compile(r"[A-Za-z0-9_/-]*")
"""Paths that the server finds its way with; any other ends in 500."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_REFERENCE: Final = re.compile(r"\$\{(\w+)\}")


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
        return folders(store, method, query, body)
    if "/secrets" in path:
        return secrets(store, method, path, query, body)
    return store.project(path)


def folders(store: Store, method: str, query: dict[str, str], body: Any) -> Answer:
    """Answer GET and POST of folders."""
    given = query if method == "GET" else body if isinstance(body, dict) else {}
    project = given.get("projectId") or given.get("workspaceId")
    environment, path = given.get("environment", ""), given.get("path") or given.get("directory") or "/"
    if not store.member or project != store.project_id:
        return store.stranger(str(project))
    if method != "GET" and (store.read_only or store.no_access):
        return store.forbidden("create")
    if environment not in _SLUGS:
        return store.error(404, f"Environment with slug '{environment}' not found", "NotFound")
    if method == "GET":
        prefix = path.rstrip("/")
        names = sorted(name for slug, name in store.folders if slug == environment and name != "/")
        return 200, {"folders": [_folder((environment, name)) for name in names if name.rpartition("/")[0] == prefix]}
    name = given.get("name")
    if not isinstance(name, str) or (store.generation == "v4" and not _NAME.fullmatch(name)):
        return store.invalid("name")
    full = "/" + "/".join(part for part in f"{path}/{name}".split("/") if part)
    if not _READABLE.fullmatch(full):
        return store.error(500, "Something went wrong", "Find by secret path")
    store.make((environment, full))
    made = {**_folder((environment, full)), "name": name}
    return 200, {"folder": {**made, "path": full} if store.generation == "v4" else made}


def _folder(folder: Folder) -> dict[str, Any]:
    return {
        "id": f"folder-{folder[0]}-{folder[1]}", "name": folder[1].rpartition("/")[2], "version": 1,
        "createdAt": now(), "updatedAt": now(), "envId": f"env-{folder[0]}", "parentId": str(uuid4()),
        "isReserved": False,
    }  # fmt: skip


def secrets(store: Store, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
    """Answer what is asked of secrets, one or all of a folder."""
    listing = path in {"/api/v4/secrets", "/api/v3/secrets/raw"}
    if listing and method != "GET":
        # The path without a name is the older end-to-end encrypted route's, whose fields nobody sends today.
        return store.invalid("secretKeyCiphertext", "secretKeyIV", "secretKeyTag")
    if method != "GET" and not isinstance(body, dict):
        return store.invalid("")
    given = query if method == "GET" else body
    project = _project(store, path, given, reading=method == "GET")
    if isinstance(project, tuple):
        return project
    wrong = _wrong(method, given, required=listing and store.generation == "v3")
    if wrong is not None:
        return store.error(*wrong) if isinstance(wrong, tuple) else store.invalid(*wrong)
    if project != store.project_id:
        words = f"Project with ID '{project}' not found during bot lookup. Are you sure you are using the right ID?"
        return store.error(404, words, "NotFound")
    if not store.member:
        return store.stranger(project)
    verb = {"GET": "read", "POST": "create", "PATCH": "edit", "DELETE": "delete"}[method]
    if store.no_access or (store.read_only and method != "GET"):
        return store.forbidden(verb)
    where = str(given.get("secretPath", "/"))
    if not _READABLE.fullmatch(where):
        return store.error(500, "Something went wrong", "Find by secret path")
    folder = (str(given.get("environment", "")), where.rstrip("/") if len(where) > 1 else where)
    if listing:
        return _list(store, folder, query)
    if folder not in store.folders:
        operation = {"GET": "GetSecretByName", "POST": "CreateSecret", "PATCH": "UpdateSecret"}
        words = f"Folder with path '{folder[1]}' in environment with slug '{folder[0]}' not found"
        return store.error(404, words, operation.get(method, "DeleteSecret"))
    key = unquote(path.rpartition("/")[2]).strip()
    return _get(store, folder, key, query) if method == "GET" else _write(store, method, folder, key, given)


def _project(store: Store, path: str, given: dict[str, Any], *, reading: bool) -> str | Answer:
    """Return the project's id as it was given, or the answer to one that is missing."""
    name = "projectId" if path.startswith("/api/v4/") else "workspaceId"
    project = given.get(name)
    if isinstance(project, str):
        return project
    if name == "projectId" or not reading:
        return store.invalid(name)
    slug = given.get("workspaceSlug")
    if slug is None:
        return store.error(400, "Missing workspace id or environment", "BadRequest")
    if slug != store.project_slug:
        return store.error(500, "Something went wrong", "Failed to find project by slug")
    return store.project_id


def _wrong(method: str, given: dict[str, Any], *, required: bool) -> tuple[int, str, str] | list[str] | None:
    """Return what is wrong with the other fields: an error, or the names of the fields."""
    if required and not given.get("environment"):
        return 400, "Missing workspace id or environment", "BadRequest"
    if method in {"POST", "PATCH"} and not isinstance(given.get("secretValue"), str):
        return ["secretValue"]
    flags = ("expandSecretReferences", "include_imports", "viewSecretValue")
    wrong = [name for name in flags if given.get(name, "true") not in {"true", "false"}]
    if wrong:
        return wrong
    if given.get("type") == "personal" and method != "GET":
        return 400, "Must be user to create personal secret", "BadRequest"
    return None


def _list(store: Store, folder: Folder, query: dict[str, str]) -> Answer:
    imports = []
    with_imports = query.get("include_imports") == "true"
    if with_imports:
        for environment, path in store.imports.get(folder, []):
            rows = [_shown(store, row, (environment, path)) for row in store.rows.get((environment, path), [])]
            imports.append(
                {"secretPath": path, "environment": environment, "folderId": f"folder-{path}", "secrets": rows}
            )
    rows = [{**_shown(store, row, folder), "tags": []} for row in store.rows.get(folder, [])]
    if store.generation == "v3":
        rows = [{**row, "secretPath": folder[1]} for row in rows]
    if folder not in store.folders or with_imports:  # a folder that is not there answers as an empty one, with both
        return 200, {"secrets": rows, "imports": imports}
    return 200, {"secrets": rows}


def _get(store: Store, folder: Folder, key: str, query: dict[str, str]) -> Answer:
    row, own = store.row(folder, key), True
    if row is None and query.get("include_imports") == "true":
        own = False
        row = next((found for source in store.imports.get(folder, []) if (found := store.row(source, key))), None)
    if row is None:
        return store.error(404, f"Secret with name '{key}' not found", "NotFound")
    if store.hidden and query.get("viewSecretValue", "true") == "true":
        return store.forbidden("readValue")
    shown = _shown(store, row, folder)
    if query.get("expandSecretReferences") == "true":
        shown["secretValue"] = _expanded(store, folder, row.value)
    return 200, {"secret": {**shown, "tags": []} if own else shown}


def _expanded(store: Store, folder: Folder, value: str) -> str:
    def known(match: re.Match[str]) -> str:
        row = store.row(folder, match[1])
        return row.value if row else match[0]

    return _REFERENCE.sub(known, value)


def _write(store: Store, method: str, folder: Folder, key: str, given: dict[str, Any]) -> Answer:
    row = store.row(folder, key)
    if method == "POST" and row is not None:
        return store.error(400, "Secret already exist", "BadRequest")
    if method != "POST" and row is None:
        operation = "DeleteSecret" if method == "DELETE" else "NotFound"
        return store.error(404, f"Secret with name {key} not found", operation)
    if folder in store.protected:
        if method != "DELETE":
            store.requested.append((folder, key, trimmed(given["secretValue"])))
        return 200, {"approval": _approval(folder)}
    if row is None:
        row = Row(key, trimmed(given["secretValue"]))
        store.rows.setdefault(folder, []).append(row)
    elif method == "DELETE":
        store.rows[folder] = [other for other in store.rows[folder] if other.key != key]
    else:
        name = given.get("newSecretName", key)
        if name != key and store.row(folder, name) is not None:
            return store.error(400, "Secret with the new name already exist", "BadRequest")
        row.key, row.value, row.version = name, trimmed(given["secretValue"]), row.version + 1
    return 200, {"secret": _shown(store, row, folder)}


def _approval(folder: Folder) -> dict[str, Any]:
    return {
        "id": str(uuid4()), "policyId": str(uuid4()), "hasMerged": False, "status": "open", "conflicts": None,
        "slug": f"approval-{token_hex(4)}", "folderId": f"folder-{folder[1]}", "createdAt": now(), "updatedAt": now(),
        "isReplicated": None, "committerUserId": str(uuid4()), "statusChangedByUserId": None, "bypassReason": None,
    }  # fmt: skip


def _shown(store: Store, row: Row, folder: Folder) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": row.id, "_id": row.id, "workspace": store.project_id, "environment": folder[0], "version": row.version,
        "type": "shared", "secretKey": row.key, "secretValue": row.value, "secretComment": "",
        "secretReminderNote": None, "secretReminderRepeatDays": None, "skipMultilineEncoding": False,
        "createdAt": now(), "updatedAt": now(),
    }  # fmt: skip
    if store.generation == "v3":
        return {**shown, "metadata": None}
    hidden = {"secretValue": "<hidden-by-infisical>"} if store.hidden else {}
    return {**shown, "secretValueHidden": store.hidden, "secretPath": folder[1], **hidden}


def trimmed(value: str) -> str:
    r"""Trim as the server does: both ends, but one line feed at the end stays, whatever comes before it."""
    return value.strip() + ("\n" if value.endswith("\n") and value.strip() else "")
