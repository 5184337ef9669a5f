"""The client over the recorded answers: each comes to its outcome, in words, with no key in an unknown state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.effort import each_once
from tests.targets.infisical.provoked import NOT_PROVOKED, TOLD_TWICE
from tests.targets.infisical.recorded import EXCHANGES, PROJECT, SLUG, WIZARD, Exchange
from tests.targets.infisical.scripted import Scripted, kind
from wizard.model.draft import InfisicalTarget
from wizard.model.secret import MASK, Secret, spellings
from wizard.model.session import Session
from wizard.targets import KeyState, Refused, UncertainError
from wizard.targets.infisical import http as http_module
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from wizard.targets import Plan, Receipt

FOLDER = ("dev", "/glitchtip/application")
KEY = "NewNewNewNewNewNewNewNew"
NEW_URL = f"smtp://org%2Fserver:{KEY}@h.example:25"
OLD_URL = "smtp://org%2Fserver:OldOldOldOldOldOldOldOld@h.example:25"
FROM = "GlitchTip <new@example.com>"

PROVOKED = {exchange.number: exchange for exchange in EXCHANGES.values() if exchange.number not in NOT_PROVOKED}


def _is_dead(exchange: Exchange) -> bool:
    of_login = kind(exchange.method, exchange.path) == "login" or exchange.path.endswith("/renew")
    return exchange.error == "TokenError" or (exchange.error == "UnauthorizedError" and not of_login)


DEAD = [exchange.number for exchange in EXCHANGES.values() if _is_dead(exchange)]
"""Answers to a token that has gone."""


def numbers(*kinds: str, status: int | None = None) -> list[str]:
    """Return the provoked exchanges of *kinds*, with *status* or with any other than 200."""
    return [
        number
        for number, exchange in PROVOKED.items()
        if kind(exchange.method, exchange.path) in kinds
        and (exchange.status != 200 if status is None else exchange.status == status)
    ]


@dataclass
class Ran:
    """What one run came to."""

    refused: str = ""
    uncertain: str = ""
    states: dict[str, KeyState] | None = None
    plan: Plan[object] | None = None
    receipt: Receipt[object] | None = None


def target_of(server: Scripted, *, project: str = SLUG) -> Infisical:
    told = InfisicalTarget(server.url, project, *FOLDER, WIZARD)
    return Infisical(told, Session(client_secret=Secret(server.store.client_secret)))


async def run(server: Scripted, target: Infisical, *, from_: str = FROM) -> Ran:
    ran = Ran()
    try:
        ran.plan = await target.plan({"DEFAULT_FROM_EMAIL": from_, "EMAIL_URL": Secret(NEW_URL)})
        ran.receipt = await target.apply(ran.plan)
        ran.states = dict(ran.receipt.keys)
    except Refused as error:
        ran.refused = str(error)
    except UncertainError as error:
        ran.uncertain, ran.states = str(error), error.keys
    logins = server.logins
    await target.close()
    assert logins <= 1
    told = f"{ran!r}{ran.plan!r}{ran.receipt!r}"
    for secret in (server.store.client_secret, KEY, *server.store.tokens, *server.store.gone):
        assert not [spelling for spelling in spellings(secret) if spelling in told]
    return ran


def held(server: Scripted) -> tuple[str | None, str | None]:
    return server.store.value(*FOLDER, "DEFAULT_FROM_EMAIL"), server.store.value(*FOLDER, "EMAIL_URL")


def seed(server: Scripted) -> None:
    server.store.put(*FOLDER, "DEFAULT_FROM_EMAIL", "old@example.com")
    server.store.put(*FOLDER, "EMAIL_URL", OLD_URL)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    # The recorded Retry-After is 59 seconds: over this patience it is told, not waited for.
    monkeypatch.setattr(http_module, "LONGEST_WAIT", 1.0)


def test_every_exchange_is_replayed_or_has_a_reason_not_to_be() -> None:
    replayed = {
        *LOGINS, *numbers("login", status=200), *numbers("project", "folders", "folder", "list", "probe", "revoke"),
        *numbers("status", "project", "folders", "folder", "list", "probe", "revoke", status=200),
        *numbers("get", "create", "update", "delete"), *numbers("get", "create", "update", "delete", status=200), *DEAD,
    }  # fmt: skip
    everything = {exchange.number for exchange in EXCHANGES.values()}
    assert len(everything) == 272
    assert set(NOT_PROVOKED) <= everything
    assert TOLD_TWICE == 0
    assert everything == replayed | set(NOT_PROVOKED)
    assert len(PROVOKED) > 100


LOGINS = {
    "b002": "refuses the login", "b003": "this client id", "b004": "this client id", "b019": "refuses the login",
    "b020": "refuses the login", "b021": "refuses the login", "b022": "refuses the login", "b023": "refuses the login",
    "b024": "refuses the login", "b039": "usage limit reached", "b040": "refuses the login",
    "b042": "expired client secret", "b043": "refuses the login", "b046": "refuses the login", "b048": "trusted IPs",
    "e016": "asks to wait 60 seconds",
}  # fmt: skip


@pytest.mark.parametrize("number", LOGINS)
async def test_a_refused_login_is_said_and_not_tried_again(number: str) -> None:
    with Scripted(PROVOKED[number]) as server:
        server.every = True
        ran = await run(server, target_of(server))
        assert LOGINS[number] in ran.refused
        assert server.served == server.logins == 1
        assert held(server) == (None, None)


@pytest.mark.parametrize("number", numbers("login", status=200))
async def test_a_granted_login_leads_to_both_keys_written(number: str) -> None:
    with Scripted(PROVOKED[number]) as server:
        ran = await run(server, target_of(server))
        assert ran.states == {"DEFAULT_FROM_EMAIL": KeyState.CREATED, "EMAIL_URL": KeyState.CREATED}
        assert server.served == 1
        assert held(server) == (FROM, NEW_URL)


SAID = {
    ("project", 403): "Add the identity to the project",
    ("project", 500): "finds no project",
    ("project", 401): "Start the action again",
    ("folders", 403): "Add the identity to the project",
    ("folder", 403): ("Add the identity to the project", "lacks a permission"),
    ("create", 400): "Infisical refuses the request",
    ("create", 403): ("Add the identity to the project", "lacks a permission"),
    ("create", 404): "does not find it",
    ("update", 403): "lacks a permission",
    ("update", 404): "does not find it",
}


def words_of(exchange: Exchange) -> tuple[str, ...]:
    words = SAID[kind(exchange.method, exchange.path), exchange.status]
    return (words,) if isinstance(words, str) else tuple(words)


@pytest.mark.parametrize("number", numbers("project", "folders", "folder"))
async def test_what_stops_the_way_to_the_folder_is_said_and_nothing_is_written(number: str) -> None:
    exchange = PROVOKED[number]
    with Scripted(exchange) as server:
        by_id = exchange.path.startswith("/api/v1/workspace/")
        ran = await run(server, target_of(server, project=PROJECT if by_id else SLUG))
        assert any(words in ran.refused for words in words_of(exchange))
        assert server.served == 1
        assert held(server) == (None, None)


@pytest.mark.parametrize("number", numbers("status", "probe", "project", "folders", "folder", "revoke", status=200))
async def test_what_goes_well_on_the_way_leads_to_both_keys_written(number: str) -> None:
    exchange = PROVOKED[number]
    with Scripted(exchange) as server:
        if server.at == "folders":
            server.store.make(FOLDER)
        ran = await run(server, target_of(server, project=PROJECT if "/v1/workspace/" in exchange.path else SLUG))
        assert ran.states == {"DEFAULT_FROM_EMAIL": KeyState.CREATED, "EMAIL_URL": KeyState.CREATED}
        assert server.served == 1
        assert held(server) == (FROM, NEW_URL)
        assert server.store.tokens == set()


@pytest.mark.parametrize("number", numbers("probe"))
async def test_the_unknown_route_tells_the_older_generation(number: str) -> None:
    with Scripted(PROVOKED[number]) as server:
        await run(server, target_of(server))
        assert server.served == 1
        assert not [path for _, path, _ in server.requests if "/v4/" in path and path != "/api/v4/secrets"]


@pytest.mark.parametrize("number", numbers("list") + numbers("list", status=200))
async def test_a_listing_that_fails_stops_nothing_unless_it_is_forbidden_or_the_token_is_dead(number: str) -> None:
    with Scripted(PROVOKED[number]) as server:
        server.store.make(FOLDER)
        ran = await run(server, target_of(server))
        assert server.served == 1
        words = "logs in again" if number in DEAD else "Access Control" if PROVOKED[number].status == 403 else ""
        assert words in ran.refused if words else ran.states is not None
        assert held(server) == (None, None) if words else held(server) == (FROM, NEW_URL)


@pytest.mark.parametrize("number", numbers("get", status=404))
async def test_a_key_that_is_absent_is_created(number: str) -> None:
    with Scripted(PROVOKED[number]) as server:
        ran = await run(server, target_of(server))
        assert ran.states == {"DEFAULT_FROM_EMAIL": KeyState.CREATED, "EMAIL_URL": KeyState.CREATED}
        assert server.served == 1


@pytest.mark.parametrize("number", numbers("get", status=200))
async def test_a_value_that_is_there_is_shown_and_only_overwritten_while_it_stays(number: str) -> None:
    exchange = PROVOKED[number]
    with Scripted(exchange) as server:
        seed(server)
        ran = await run(server, target_of(server))
        assert ran.plan is not None
        before = {change.key: change.before for change in ran.plan.changes}
        assert before["DEFAULT_FROM_EMAIL"] == exchange.answer["secret"]["secretValue"]
        assert before["EMAIL_URL"] == f"smtp://org%2Fserver:{MASK}@h.example:25"
        assert "changed in Infisical since it was read" in ran.refused
        assert held(server) == ("old@example.com", OLD_URL)


@pytest.mark.parametrize("number", numbers("create"))
async def test_a_refused_creation_leaves_neither_key(number: str) -> None:
    with Scripted(PROVOKED[number]) as server:
        ran = await run(server, target_of(server))
        assert any(words in ran.refused for words in words_of(PROVOKED[number]))
        assert server.served == 1
        assert held(server) == (None, None)


@pytest.mark.parametrize("number", numbers("update"))
async def test_a_refused_change_leaves_both_keys_as_they_were(number: str) -> None:
    with Scripted(PROVOKED[number]) as server:
        seed(server)
        ran = await run(server, target_of(server))
        assert any(words in ran.refused for words in words_of(PROVOKED[number]))
        assert held(server) == ("old@example.com", OLD_URL)


@pytest.mark.parametrize("number", numbers("create", "update", status=200))
async def test_what_is_written_is_read_back_and_what_awaits_approval_is_announced(number: str) -> None:
    exchange = PROVOKED[number]
    value = FROM
    if exchange.number.startswith("c08") or exchange.number in {"c074", "c090"}:
        value = exchange.body["secretValue"]
    with Scripted(exchange) as server:
        if server.at == "update":
            seed(server)
        ran = await run(server, target_of(server), from_=value)
        assert ran.states is not None
        if "approval" in exchange.answer:
            assert ran.states["DEFAULT_FROM_EMAIL"] is KeyState.AWAITING_APPROVAL
            assert exchange.answer["approval"]["slug"] in str(ran.receipt.facts if ran.receipt else "")
            assert held(server)[0] == ("old@example.com" if server.at == "update" else None)
        else:
            done = KeyState.CREATED if server.at == "create" else KeyState.CHANGED
            assert set(ran.states.values()) == {done}
            assert held(server) == (value, NEW_URL)


@pytest.mark.parametrize("number", numbers("delete") + numbers("delete", status=200))
async def test_taking_a_creation_back_ends_done_or_says_what_is_left(number: str) -> None:
    exchange = PROVOKED[number]
    with Scripted(exchange) as server:
        server.armed = False
        target = target_of(server)
        await target.apply(await target.plan({"EMAIL_URL": Secret(NEW_URL)}))
        server.armed = True
        if exchange.status == 200 and "approval" not in exchange.answer:
            assert (await target.roll_back()).keys == {"EMAIL_URL": KeyState.CHANGED}
            assert held(server) == (None, None)
        else:
            words = "change request" if exchange.status == 200 else "not put back"
            with pytest.raises(Refused, match=words):
                await target.roll_back()
            assert held(server) == (None, NEW_URL)
        await target.close()
        assert server.served == 1


KINDS = ("project", "folders", "list", "get", "folder", "create", "update")


@pytest.mark.parametrize(("number", "at"), each_once(DEAD, KINDS))
async def test_a_dead_token_stops_the_action_and_the_next_one_logs_in_anew(number: str, at: str) -> None:
    exchange = next(exchange for exchange in EXCHANGES.values() if exchange.number == number)
    with Scripted(exchange) as server:
        server.at = at
        if at == "update":
            seed(server)
        if at == "list":
            server.store.make(FOLDER)
        target = target_of(server)
        values: dict[str, str | Secret] = {"DEFAULT_FROM_EMAIL": FROM, "EMAIL_URL": Secret(NEW_URL)}
        with pytest.raises(Refused, match="logs in again"):
            await target.apply(await target.plan(values))
        assert (server.served, server.logins) == (1, 1)
        receipt = await target.apply(await target.plan(values))
        assert receipt.written
        assert server.logins == 2
        await target.close()


@pytest.mark.parametrize("at", KINDS)
async def test_a_limit_of_the_rate_is_said_where_it_lasts_too_long(at: str) -> None:
    with Scripted(PROVOKED["e014"]) as server:
        server.at, server.every = at, True
        if at == "update":
            seed(server)
        if at == "list":
            server.store.make(FOLDER)
        ran = await run(server, target_of(server))
        assert server.served >= 1
        assert "asks to wait 59 seconds" in ran.refused or (at == "list" and ran.states is not None)


@pytest.mark.parametrize("retry_after", ["0", "Sun, 06 Nov 1994 08:49:37 GMT"])
@pytest.mark.parametrize("at", ["project", "folders", "get", "update"])
async def test_a_short_limit_is_waited_for(at: str, retry_after: str) -> None:
    exchange = PROVOKED["e014"]
    exchange = Exchange(**{**vars(exchange), "headers": {"retry-after": retry_after}})
    with Scripted(exchange) as server:
        seed(server)
        server.store.rows[FOLDER] = [row for row in server.store.rows[FOLDER] if at == "update" or row.key == "x"]
        server.at = at
        ran = await run(server, target_of(server))
        assert ran.states is not None
        assert server.served == 1
        assert held(server) == (FROM, NEW_URL)


async def test_a_limited_creation_or_login_is_never_sent_again() -> None:
    exchange = Exchange(**{**vars(PROVOKED["e014"]), "headers": {"retry-after": "0"}})
    for at in ("login", "folder", "create"):
        with Scripted(exchange) as server:
            server.at, server.every = at, True
            ran = await run(server, target_of(server))
            assert ran.refused
            assert server.served == 1
