"""Postal's HTTP API: the recorded calls, and what else a wizard may meet."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from wizard.rehearsal.postal.api import Api
from wizard.rehearsal.postal.sink import Sink
from wizard.rehearsal.scenarios import Outcome, State, state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

RECORDED: Final = Path(__file__).with_name("dialogues")
DEVELOPMENT: Final = state("development").outcome
HARD_FAIL: Final = state("hard-fail").outcome
OUTCOMES: Final = {
    "73-legacy-api.txt": (Outcome(), HARD_FAIL),
    "77-legacy-api-development-mode.txt": (DEVELOPMENT,),
}
RAW: Final = b"Subject: test\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n"
CHANGING: Final = {"time", "token", "timestamp", "last_delivery_attempt", "hold_expiry", "message_id", "size", "log_id"}
"""What differs from run to run; that it is there, and of which type, is compared."""


@asynccontextmanager
async def served(given: State, *outcomes: Outcome) -> AsyncIterator[httpx.AsyncClient]:
    sink = Sink()
    for outcome in outcomes:
        sink.accept("glitchtip@example.test", "you@example.net", RAW, outcome, with_tls=False)
    api = Api(given, sink)
    host, port = await api.start()
    headers = {"X-Server-API-Key": given.api_key}
    try:
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", headers=headers, trust_env=False) as client:
            yield client
    finally:
        await api.stop()


def recorded() -> list[tuple[str, str, str, str]]:
    calls = []
    for name in OUTCOMES:
        found = re.findall(r"^C: POST (\S+) (.*)\nS: (.*)$", (RECORDED / name).read_text(), re.MULTILINE)
        calls += [(name, *call) for call in found]
    return calls


def normal(value: Any, key: str = "") -> Any:
    if key in CHANGING:
        return type(value).__name__
    if key in {"details", "output"} and isinstance(value, str):
        return re.sub(r"127\.0\.0\.1:\d+|queued.*", "X", value)
    if isinstance(value, dict):
        return {name: normal(inner, name) for name, inner in value.items()}
    return [normal(inner) for inner in value] if isinstance(value, list) else value


ANSWERS: Final = json.loads((Path(__file__).parents[1] / "postal" / "api-answers.json").read_text(encoding="utf-8"))
"""Calls and answers of a whole Postal 3.3.6, by case."""


def outcome_of(case: str) -> Outcome | None:
    """Return the newest delivery of a recorded case; None where it has none."""
    body = next(
        (json.loads(one["body"]) for one in ANSWERS if one["case"] == case and one["method"] == "deliveries"), None
    )
    return None if body is None else Outcome(*(body["data"][-1][key] for key in ("status", "details", "output")))


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: f"{one['case']}-{one['method']}")
async def test_a_recorded_answer_is_given_for_the_same_outcome(answer: dict[str, Any]) -> None:
    outcome = outcome_of(answer["case"])
    recorded = json.loads(answer["body"])
    given = replace(state("good"), api_key="" if answer["case"] == "no key" else state("good").api_key)
    async with served(given, *([outcome] if outcome else [])) as client:
        if "key" in answer["case"]:
            client.headers["X-Server-API-Key"] = recorded["data"].get("token", "")
        body = {"id": 1 if outcome else 999_999, "_expansions": ["status", "details"]}
        reply = await client.post(f"/api/v1/messages/{answer['method']}", json=body)
    assert reply.status_code == answer["http"]
    ours, theirs = normal(reply.json()), normal(recorded)
    if answer["method"] == "deliveries":
        theirs["data"] = theirs["data"][-1:]
    for told in (ours, theirs):
        of_one_run = told["data"] if isinstance(told["data"], dict) else told["data"][0]
        for key in ("id", "subject", "rcpt_to", "mail_from") if outcome else ():
            of_one_run.pop(key, None)
            if isinstance(of_one_run.get("details"), dict):
                of_one_run["details"].pop(key, None)
    assert ours == theirs


def test_all_nine_recorded_calls_are_read() -> None:
    assert len(recorded()) == 9


@pytest.mark.parametrize(("name", "path", "body", "wanted"), recorded())
async def test_a_recorded_call_is_answered_as_postal_did(name: str, path: str, body: str, wanted: str) -> None:
    async with served(state("good"), *OUTCOMES[name]) as client:
        reply = await client.post(path, content=body)
    assert reply.status_code == 200
    assert json.dumps(normal(reply.json())) == json.dumps(normal(json.loads(wanted)))


class TestTheKey:
    PATH: Final = "/api/v1/messages/message"

    async def test_missing_is_access_denied(self) -> None:
        async with served(state("good")) as client:
            reply = await client.post(self.PATH, json={"id": 1}, headers={"X-Server-API-Key": ""})
        assert reply.json()["data"] == {"message": "Must be authenticated as a server.", "code": "AccessDenied"}

    async def test_of_an_smtp_credential_is_invalid_and_comes_back_in_the_reply(self) -> None:
        given = state("good")
        async with served(given) as client:
            reply = await client.post(self.PATH, json={"id": 1}, headers={"X-Server-API-Key": given.key})
        assert reply.json()["data"]["code"] == "InvalidServerAPIKey"
        assert reply.json()["data"]["token"] == given.key

    async def test_that_smtp_refused_is_good_here_where_it_is_of_type_api(self) -> None:
        given = state("api-key")
        async with served(given, Outcome()) as client:
            reply = await client.post(self.PATH, json={"id": 1}, headers={"X-Server-API-Key": given.key})
        assert reply.json()["status"] == "success"

    async def test_of_a_suspended_server_says_so(self) -> None:
        async with served(state("suspended")) as client:
            reply = await client.post(self.PATH, json={"id": 1})
        assert reply.json()["data"] == {"code": "ServerSuspended"}


async def test_an_id_that_is_no_number_is_http_500() -> None:
    async with served(state("good")) as client:
        reply = await client.post("/api/v1/messages/message", json={"id": "1"})
    assert reply.status_code == 500


async def test_an_unknown_path_is_http_404() -> None:
    async with served(replace(state("good"))) as client:
        assert (await client.get("/")).status_code == 404


async def test_a_waiting_message_has_no_deliveries() -> None:
    async with served(state("good"), state("no-worker").outcome) as client:
        reply = await client.post("/api/v1/messages/deliveries", json={"id": 1})
    assert reply.json()["data"] == []
