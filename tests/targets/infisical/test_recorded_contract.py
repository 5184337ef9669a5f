"""The stand-in answers recorded requests as the genuine server did: status, ``error`` and the shape of the body."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.targets.infisical.recorded import EXCHANGES, LOGIN, OTHER_PROJECT, PROJECT, SLUG, WIZARD, Exchange
from wizard.rehearsal.infisical.routes import handle
from wizard.rehearsal.infisical.server import Store, body_of

ABSENT = {
    "a route for administrators, which the wizard never asks": (
        "b037 b041 b044 b045 b047 d027 d041 d042 e017 i009"
    ),
    "renewing a token, which the wizard never does": "b029 b033 b036 d009",
    "a limit of a client secret that the stand-in's has not": "b039 b040 b042 b043 e014 e016",
    "the list of projects, forbidden to machine identities": "b049 b060 b068 d002",
    "a batch route, which the wizard never asks": "d011 d012 d014 d015 d017 d018 d019 e006 e007 f004",
    "versions, snapshots and approval boards, which the wizard never asks": (
        "d033 d034 d035 e010 e011 e012 e013 i004 i005"
    ),
    "a user's personal secret": "d021",
    "a method that the wizard never sends": "g008 g009",
    "state that only a route left out here brings about": "d010 d016 d023 d037 d038 d039 h004 i006 i010",
    "several rows of one name, which need requests that race": "h002 h003",
}  # fmt: skip
"""Exchanges that are not replayed, by reason."""
OF_OTHERS = {number: reason for reason, numbers in ABSENT.items() for number in numbers.split()}


class Replay:
    """The stand-in in the state that the recording was in, exchange by exchange."""

    def __init__(self) -> None:
        self.store = Store(generation="v3", client_id=WIZARD, project_id=PROJECT, project_slug=SLUG)
        self.token = self._new_token()

    def answer(self, exchange: Exchange) -> tuple[int, Any]:
        store, name = self.store, exchange.name
        store.project_id = OTHER_PROJECT if exchange.number.startswith("i") else PROJECT
        store.member = "outsider" not in name
        store.no_access = "noaccess" in name
        store.read_only = "viewer" in name
        store.trusted = "ip_not_allowed" not in name
        store.protected = {("dev", "/protected")} if exchange.number.startswith("f") else set()
        if exchange.number == "d031":
            store.imports[("dev", "/glitchtip/application")] = [("dev", "/shared")]
        return handle(store, exchange.method, exchange.target, self._authorization(exchange), self._body(exchange))

    def _new_token(self) -> str:
        _, answer = handle(
            self.store, "POST", LOGIN, "", {"clientId": self.store.client_id, "clientSecret": self.store.client_secret}
        )
        return str(answer["accessToken"])

    def _authorization(self, exchange: Exchange) -> str:
        """Return a header in the state that the recorded one was in: its value is masked."""
        if not exchange.authorization:
            return ""
        dead = {"No identity access token found": self.store.gone, "Your token has expired": self.store.expired}
        said = str(exchange.answer.get("message", "")) if isinstance(exchange.answer, dict) else ""
        for words, tokens in dead.items():
            if said.startswith(words):
                token = f"eyJ{words}".replace(" ", "")
                tokens.add(token)
                return f"Bearer {token}"
        if exchange.authorization == "Bearer <other>":
            return {"g006": "Bearer ", "g007": "Basic dTpw"}.get(exchange.number, "Bearer garbage")
        return "Bearer eyJforged" if "invalid signature" in said else f"Bearer {self.token}"

    def _body(self, exchange: Exchange) -> Any:
        body = exchange.body
        if isinstance(body, str) or body is None:
            text = (body or "").replace("<client-secret>", self.store.client_secret)
            return body_of(text.encode(), exchange.content_type)
        if exchange.path.rstrip("/") == LOGIN:
            body = self._login(exchange, dict(body))
        elif "accessToken" in body:
            body = {**body, "accessToken": self._new_token()}
        elif exchange.number == "c093":
            body = {**body, "secretValue": "x" * exchange.length}  # recorded abridged
        return body_of(json.dumps(body).encode(), "application/json")

    def _login(self, exchange: Exchange, body: dict[str, Any]) -> dict[str, Any]:
        # Other identities have their own ids; here they are one that is a member or not.
        if isinstance(body.get("clientId"), str) and exchange.error != "NotFound":
            body["clientId"] = body["clientId"].replace(body["clientId"].strip(), WIZARD)
        if isinstance(body.get("clientSecret"), str):
            right = f" {self.store.client_secret}\n" if "padded" in exchange.name else self.store.client_secret
            body["clientSecret"] = right if exchange.status in {200, 403} else "wrong"
        return body


def shape(body: Any) -> Any:
    """Return the keys of *body*, and of what is in it; of a list those of its first item."""
    if isinstance(body, dict):
        return {key: shape(value) for key, value in body.items() if key not in {"message", "statusCode"}}
    if isinstance(body, list):
        return [shape(item) for item in body[:1]]
    return ...


def test_every_recorded_request_is_answered_as_recorded() -> None:
    replay, compared = Replay(), 0
    for name, exchange in EXCHANGES.items():
        if exchange.number in OF_OTHERS:
            continue
        status, answer = replay.answer(exchange)
        assert status == exchange.status, (name, answer)
        assert str(answer.get("error", "")) == exchange.error, name
        assert type(answer.get("message")) is type(exchange.answer.get("message")), name
        assert shape(answer) == shape(exchange.answer), name
        compared += 1
    assert compared == len(EXCHANGES) - len(OF_OTHERS) > 200


def test_what_is_not_replayed_is_named_with_its_reason() -> None:
    numbers = {exchange.number for exchange in EXCHANGES.values()}
    assert len(numbers) == len(EXCHANGES) == 272
    assert set(OF_OTHERS) <= numbers
    assert sum(len(told.split()) for told in ABSENT.values()) == len(OF_OTHERS)


@pytest.mark.parametrize("number", ["c074", "c077", "c078", "c079", "c080", "c089"])
def test_values_are_trimmed_as_recorded(number: str) -> None:
    exchange = next(exchange for exchange in EXCHANGES.values() if exchange.number == number)
    replay = Replay()
    replay.store.make(("dev", "/glitchtip/application"))
    _, answer = replay.answer(exchange)
    assert answer["secret"]["secretValue"] == exchange.answer["secret"]["secretValue"]
