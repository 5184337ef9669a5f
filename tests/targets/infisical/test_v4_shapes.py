"""API v4: what the client sends and what the stand-in answers, against the shapes taken from Infisical's source.

``schemas_v4.json`` tells each key with its type: ``str``, ``int``, ``'true'|'false'``; a ``?`` marks what may lack.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.targets.infisical.scripted import Scripted
from wizard.model.draft import InfisicalTarget
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal.infisical.routes import handle
from wizard.rehearsal.infisical.server import Store
from wizard.targets import KeyState, Refused
from wizard.targets.infisical.target import Infisical

SHAPES = json.loads(Path(__file__).with_name("schemas_v4.json").read_text(encoding="utf-8"))
FOLDER = ("prod", "/glitchtip/application")
VALUES: dict[str, str | Secret] = {
    "DEFAULT_FROM_EMAIL": "GlitchTip <g@example.com>",
    "EMAIL_URL": Secret("smtp://org%2Fserver:NewNewNewNewNewNewNewNew@h.example:25"),
}
SECRET = {**SHAPES["secret"], "secretValueHidden": "bool", "secretPath": "str"}
"""Of the routes of one secret and of a list: schemas_v4.json names the two more in its answers."""


def fits(value: Any, told: str) -> bool:
    """Whether *value* is of the type that *told* begins with."""
    word = told.split("|", maxsplit=1)[0].strip("? ").partition(" ")[0].rstrip(",;")
    kinds: dict[str, type | tuple[type, ...]] = {
        "str": str, "string": str, "slug": str, "iso": str, "jwt": str, "shared": str, "int": int,
        "number": (int, float), "num": (int, float), "bool": bool,
    }  # fmt: skip
    return isinstance(value, kinds[word]) or (value is None and "null" in told)


def assert_fits(table: dict[str, Any], shape: dict[str, str]) -> None:
    for key, told in shape.items():
        if key not in table:
            assert "?" in told, f"{key} is missing"
        else:
            assert fits(table[key], told), (key, table[key])


async def both_ways(server: Scripted) -> None:
    """Create both keys, change one and take it back, create a third and take it away."""
    told = InfisicalTarget(server.url, server.store.project_slug, *FOLDER, server.store.client_id)
    target = Infisical(told, Session(client_secret=Secret(server.store.client_secret)))
    assert (await target.apply(await target.plan(VALUES))).written
    changed = await target.apply(await target.plan({**VALUES, "DEFAULT_FROM_EMAIL": "other@example.com"}))
    assert changed.keys["DEFAULT_FROM_EMAIL"] is KeyState.CHANGED
    await target.roll_back()
    assert (await target.plan(VALUES)).changes_nothing
    await target.apply(await target.plan({"EMAIL_TIMEOUT": "10"}))
    await target.roll_back()
    await target.close()


@pytest.fixture(name="v4")
def _v4() -> Any:
    with Scripted(None) as server:
        server.store = Store(generation="v4")
        yield server


def shape_of(method: str, path: str) -> dict[str, Any] | None:
    """Return the part of the shapes that *method* and *path* belong to."""
    if path == SHAPES["login"]["path"]:
        return dict(SHAPES["login"])
    if path == "/api/v4/secrets":
        return dict(SHAPES["list"])
    if path.startswith("/api/v4/secrets/"):
        return dict(SHAPES[{"GET": "get", "POST": "create", "PATCH": "update", "DELETE": "delete"}[method]])
    return None


async def test_every_request_of_the_client_has_the_keys_and_types_of_the_shapes(v4: Scripted) -> None:
    await both_ways(v4)
    judged = set()
    for method, target, body in v4.requests:
        parts = urlsplit(target)
        shape = shape_of(method, parts.path)
        if shape is None or not (parts.query or body):
            continue  # the probe sends nothing
        sent = dict(parse_qsl(parts.query)) if method == "GET" else body
        allowed = shape["query"] if method == "GET" else shape["body"]
        if isinstance(allowed, str):  # "as create but ..."
            allowed = {**SHAPES["create"]["body"], "newSecretName": "string?"}
        assert set(sent) <= set(allowed), (method, target, sent)
        assert all(isinstance(value, str) for value in sent.values())
        for name, told in allowed.items():
            if name in sent and "'true'|'false'" in told:
                assert sent[name] in {"true", "false"}
        if parts.path != SHAPES["login"]["path"]:
            assert sent["projectId"] == v4.store.project_id
            assert sent["environment"] == FOLDER[0]
            assert sent["secretPath"] == FOLDER[1]
        judged.add((method, parts.path))
    assert {method for method, _ in judged} == {"GET", "POST", "PATCH", "DELETE"}
    assert len(judged) >= 9


async def test_folders_are_asked_and_made_by_the_newer_routes(v4: Scripted) -> None:
    await both_ways(v4)
    asked = [(method, urlsplit(target), body) for method, target, body in v4.requests if "/folders" in target]
    assert [method for method, _, _ in asked][:2] == ["GET", "POST"]
    assert {parts.path for _, parts, _ in asked} == {"/api/v2/folders"}
    assert set(dict(parse_qsl(asked[0][1].query))) == {"projectId", "environment", "path"}
    assert (
        set(asked[1][2])
        == {"projectId", "environment", "name", "path"}
        <= set(SHAPES["folders"]["POST /api/v2/folders"])
    )
    assert re.fullmatch(r"[A-Za-z0-9_-]+", asked[1][2]["name"])


async def test_no_older_route_is_asked_of_a_newer_server(v4: Scripted) -> None:
    await both_ways(v4)
    paths = [urlsplit(target).path for _, target, _ in v4.requests]
    assert len(paths) > 10
    assert not [path for path in paths if path.startswith(("/api/v3/", "/api/v1/workspace", "/api/v1/folders"))]


async def test_every_answer_of_the_stand_in_fits_the_shapes(v4: Scripted) -> None:
    await both_ways(v4)
    judged = 0
    for (method, target, _), (status, answer) in zip(v4.requests, v4.answers, strict=True):
        path = urlsplit(target).path
        if status != 200:
            assert_fits(answer, {"statusCode": "int", "message": "string", "error": "string"})
            assert re.fullmatch(r"req-[A-Za-z0-9]{14}", answer["reqId"])
        elif path == SHAPES["login"]["path"]:
            assert_fits(answer, {**SHAPES["login"]["200"], "tokenType": "string"})
        elif path == "/api/v4/secrets":
            for row in answer["secrets"]:
                assert_fits(row, SECRET)
        elif path.startswith("/api/v4/secrets/"):
            assert_fits(answer["secret"], SECRET)
        elif path.startswith("/api/v1/projects/slug/"):
            assert {"id", "slug", "name", "environments"} <= set(answer)
        elif path == "/api/v2/folders" and method == "POST":
            assert {"id", "name", "version", "envId", "parentId", "isReserved", "path"} <= set(answer["folder"])
        judged += 1
    assert judged > 10


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"clientId": "x"}, "ValidationFailure"),
        ({"clientId": "no such", "clientSecret": "x"}, "UnauthorizedError"),
    ],
)
def test_a_newer_server_tells_an_unknown_client_id_like_a_wrong_secret_and_validates_with_422(
    body: dict[str, str], words: str
) -> None:
    status, answer = handle(Store(generation="v4"), "POST", SHAPES["login"]["path"], "", body)
    assert answer["error"] == words
    assert status == (422 if words == "ValidationFailure" else 401)


async def test_a_locked_identity_is_refused_in_words_with_the_server_s_request_id(v4: Scripted) -> None:
    v4.store.failures = 3
    told = InfisicalTarget(v4.url, v4.store.project_slug, *FOLDER, v4.store.client_id)
    target = Infisical(told, Session(client_secret=Secret(v4.store.client_secret)))
    with pytest.raises(Refused, match=r"temporarily locked.*req-"):
        await target.plan(VALUES)
    await target.close()
