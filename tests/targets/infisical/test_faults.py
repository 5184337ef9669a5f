"""Fault injection: whatever goes wrong at whichever request, each key ends old, new, or announced."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.effort import each_once
from wizard.model.draft import InfisicalTarget
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal.infisical.server import Answer, Server, Store
from wizard.targets import WRITTEN, KeyState, Receipt, Refused, UncertainError
from wizard.targets.infisical import http as http_module
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.rehearsal.infisical.server import Generation

FOLDER = ("prod", "/glitchtip/application")
OLD = {
    "DEFAULT_FROM_EMAIL": "old@example.com",
    "EMAIL_URL": "smtp://old%2Fserver:OldOldOldOldOldOldOldOld@h.example:25",
}
NEW = {
    "DEFAULT_FROM_EMAIL": "new@example.com",
    "EMAIL_URL": "smtp://org%2Fserver:NewNewNewNewNewNewNewNew@h.example:25",
}
VALUES: dict[str, str | Secret] = {**NEW, "EMAIL_URL": Secret(NEW["EMAIL_URL"])}

FAULTS: dict[str, Any] = {
    "time-out before effect": "before",
    "time-out after effect": "after",
    "reset before effect": "close",
    "reset after effect": "close after",
    "401": (401, {"statusCode": 401, "message": "No identity access token found", "error": "UnauthorizedError"}),
    "403 token": (403, {"statusCode": 403, "message": "Your token has expired.", "error": "TokenError"}),
    "403 permission": (403, {"statusCode": 403, "message": "not allowed to edit", "error": "PermissionDenied"}),
    "404": (404, {"statusCode": 404, "message": "Secret with name X not found", "error": "NotFound"}),
    "422": (422, {"statusCode": 422, "message": [{"path": ["x"]}], "error": "ValidationFailure", "reqId": "req-1"}),
    "429": (429, {"statusCode": 429, "message": "Rate limit exceeded.", "error": "RateLimitExceeded"}),
    "429 with Retry-After": (
        429,
        {"statusCode": 429, "message": "Rate limit.", "error": "RateLimitExceeded"},
        {"retry-after": "0"},
    ),
    "500": (500, {"statusCode": 500, "message": "Something went wrong", "error": "InternalServerError"}),
    "502 of a gateway": (502, b"<html><title>502 Bad Gateway</title>"),
    "504 in a gateway's own JSON": (504, {"message": "The upstream server is timing out"}),
    "524": (524, {"statusCode": 524, "message": "A timeout occurred", "error": "Timeout"}),
    "gateway after effect": "gateway after",
    "HTML": (200, b"<!DOCTYPE html><title>Sign in</title>"),
    "HTML 404": (404, b"<!DOCTYPE html><title>Not here</title>"),
    "approval": (200, {"approval": {"id": "1", "slug": "change-1", "status": "open"}}),
    "hidden": (200, {"secret": {"secretValue": "<hidden-by-infisical>", "secretValueHidden": True}}),
    "nonsense": (200, {"secret": 7, "folders": None, "imports": [None, {"secrets": 1}]}),
    "nothing": (200, None),
}


HANGING = ("before", "after")
RUNNING: list[Faulty] = []


class Faulty(Server):
    """A server with a fault at the n-th request, or from it on."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.fault: Any = None
        self.at, self.lasting, self.number, self.met = 0, False, 0, 0
        self.hang = threading.Event()

    def arm(self, fault: Any, at: int, *, lasting: bool) -> None:
        self.fault, self.at, self.lasting, self.number, self.met = fault, at, lasting, 0, 0

    @property
    def hangs_next(self) -> bool:
        """Whether the next request gets no answer."""
        comes = self.number + 1
        return self.fault in HANGING and (comes == self.at or (self.lasting and comes > self.at))

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        self.number += 1
        self.headers = {}
        if self.fault is None or not (self.number == self.at or (self.lasting and self.number > self.at)):
            return super().answer(method, target, authorization, body)
        self.met += 1
        if isinstance(self.fault, tuple):
            self.headers = self.fault[2] if len(self.fault) == 3 else {}
            return self.fault[0], self.fault[1]
        if "after" in self.fault:
            super().answer(method, target, authorization, body)
        if "gateway" in self.fault:
            return 504, {"message": "The upstream server is timing out"}
        if "close" not in self.fault:
            self.hang.wait(5)
        return None

    def seed(self, values: dict[str, str]) -> None:
        self.store.rows.clear()
        self.store.failures = 0
        for key, value in values.items():
            self.store.put(*FOLDER, key, value)

    @property
    def logins(self) -> int:
        return sum(path.endswith("/login") for _, path in self.store.log)

    def held(self, key: str) -> str | None:
        return self.store.value(*FOLDER, key)


@contextlib.contextmanager
def faulty(generation: Generation) -> Iterator[Faulty]:
    running = Faulty(Store(generation=generation))
    running.start()
    RUNNING.append(running)
    try:
        yield running
    finally:
        RUNNING.remove(running)
        running.hang.set()
        running.stop()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait shortly for the request that hangs, and long for others: a busy machine must not make a fault of its own."""
    once = http_module.Connection._once

    async def hurried(  # as the method it takes the place of
        self: http_module.Connection, method: str, path: str, query: Any, body: Any, deadline: float
    ) -> Any:
        hangs = any(server.hangs_next for server in RUNNING)
        return await once(self, method, path, query, body, 0.15 if hangs else max(deadline, 10.0))

    monkeypatch.setattr(http_module.Connection, "_once", hurried)
    monkeypatch.setattr(http_module, "LONGEST_WAIT", 0.0)


def target_of(server: Faulty) -> Infisical:
    told = InfisicalTarget(server.url, server.store.project_slug, *FOLDER, server.store.client_id)
    return Infisical(told, Session(client_secret=Secret(server.store.client_secret)))


def assert_told(server: Faulty, states: dict[str, KeyState], before: dict[str, str], where: object) -> None:
    """Each key holds what its state says; only what is uncertain may be either."""
    for key, wanted in NEW.items():
        old = before.get(key)
        allowed: dict[KeyState, set[str | None]] = {
            KeyState.CREATED: {wanted},
            KeyState.CHANGED: {wanted},
            KeyState.UNCHANGED: {wanted, old},
            KeyState.NOT_WRITTEN: {old},
            KeyState.UNCERTAIN: {old, wanted},
            KeyState.AWAITING_APPROVAL: {old},
        }
        assert server.held(key) in allowed[states[key]], (where, key, states)


async def write(target: Infisical) -> tuple[dict[str, KeyState], Receipt[object] | None]:
    try:
        receipt = await target.apply(await target.plan(VALUES))
        return dict(receipt.keys), receipt
    except Refused:
        return dict.fromkeys(NEW, KeyState.NOT_WRITTEN), None
    except UncertainError as uncertain:
        return uncertain.keys, None


MODES: dict[str, tuple[Generation, dict[str, str], bool]] = {
    "once, both there": ("v4", OLD, False),
    "once, neither there": ("v3", {}, False),
    "for good, one there": ("v3", {"DEFAULT_FROM_EMAIL": OLD["DEFAULT_FROM_EMAIL"]}, True),
    "once, the URL there": ("v3", {"EMAIL_URL": OLD["EMAIL_URL"]}, False),
    "for good, both there": ("v4", OLD, True),
}


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "mode"), each_once(FAULTS, MODES, 3))
async def test_after_a_fault_at_any_request_every_key_is_old_new_or_announced(
    fault: str, mode: str, reached: Callable[..., None]
) -> None:
    generation, before, lasting = MODES[mode]
    met = 0
    with faulty(generation) as server:
        for at in range(1, 24):
            server.seed(before)
            server.arm(FAULTS[fault], at, lasting=lasting)
            logins = server.logins
            target = target_of(server)
            states, _ = await write(target)
            hit = server.met
            await target.close()
            met += hit > 0
            assert_told(server, states, before, at)
            assert server.logins - logins <= 1
            if not hit and set(states.values()) <= WRITTEN | {KeyState.UNCHANGED}:
                break
    assert met >= 10
    reached(faults=met, silent_partial_states=0)


@pytest.mark.parametrize(("fault", "lasting"), each_once(FAULTS, (False, True), 3))
async def test_after_a_fault_while_undoing_every_key_is_back_new_or_announced(
    fault: str, reached: Callable[..., None], *, lasting: bool
) -> None:
    met = 0
    with faulty("v4") as server:
        for at in range(1, 12):
            server.seed(OLD)
            server.arm(None, 0, lasting=False)
            target = target_of(server)
            _, receipt = await write(target)
            assert receipt is not None
            server.arm(FAULTS[fault], at, lasting=lasting)
            try:
                undone = dict((await target.roll_back()).keys)
            except Refused:
                undone = dict.fromkeys(NEW, KeyState.NOT_WRITTEN)
            except UncertainError as uncertain:
                undone = uncertain.keys
            hit = server.met
            server.arm(None, 0, lasting=False)
            await target.close()
            met += hit > 0
            for key in NEW:
                allowed = {
                    KeyState.CHANGED: {OLD[key]},
                    KeyState.NOT_WRITTEN: {NEW[key]},
                    KeyState.UNCERTAIN: {OLD[key], NEW[key]},
                }[undone[key]]
                assert server.held(key) in allowed, (at, key, undone)
            if not hit:
                break
    assert met >= 2
    reached(faults=met, silent_partial_states=0)
