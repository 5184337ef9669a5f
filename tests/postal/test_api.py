"""A message's state read from Postal's HTTP API, against the rehearsal's stand-in of it."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING, Any

import pytest

from wizard.model.secret import Secret
from wizard.postal import api as postal_api
from wizard.postal.api import StateUnknownError
from wizard.rehearsal import lifetime, scenarios
from wizard.rehearsal.postal.api import Api
from wizard.rehearsal.postal.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["good", "development", "no-worker", "hard-fail"])
def rehearsal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[lifetime.Rehearsal]:
    running = lifetime.start(request.param, tmp_path / "rehearsal")
    yield running
    running.stop()


def send(info: dict[str, Any], number: int) -> str:
    host, port = info["smtp"].split(":")
    with smtplib.SMTP(host, int(port)) as client:
        client.login("shop/apps", info["smtp_key"])
        message = f"From: glitchtip@shop.example\r\nMessage-ID: <{number}@web>\r\nSubject: x\r\n\r\nhello\r\n"
        client.sendmail("glitchtip@shop.example", ["you@example.net"], message)
    return f"<{number}@web>"


async def test_the_state_of_this_very_message_is_found_among_others(rehearsal: lifetime.Rehearsal) -> None:
    ids = [send(rehearsal.info, number) for number in range(7)]
    key = Secret(rehearsal.info["api_key"])
    found = await postal_api.find(rehearsal.info["http"], key, ids[4])
    wanted = {"good": "Sent", "development": "Held", "no-worker": "Pending", "hard-fail": "HardFail"}
    assert found.id == 5
    assert found.status == wanted[rehearsal.info["scenario"]]


async def test_a_wrong_api_key_is_named_and_not_echoed(tmp_path: Path) -> None:
    running = lifetime.start("good", tmp_path / "rehearsal")
    try:
        key = Secret("Wrong0Api0Key0000000Test")
        with pytest.raises(StateUnknownError) as refused:
            await postal_api.find(running.info["http"], key, "<x@y>")
        assert "type API" in str(refused.value)
        assert key.reveal() not in str(refused.value)
    finally:
        running.stop()


async def test_a_port_where_nothing_listens_gives_one_sentence() -> None:
    with pytest.raises(StateUnknownError, match="cannot be reached"):
        await postal_api.find("http://127.0.0.1:9", Secret("k" * 24), "<x@y>")


@pytest.mark.parametrize("url", ["http://192.0.2.7", "http://postal.example.com", "ftp://127.0.0.1", "postal", ""])
async def test_the_key_never_crosses_the_network_in_plain_text(url: str) -> None:
    with pytest.raises(StateUnknownError, match="https://"):
        await postal_api.find(url, Secret("k" * 24), "<x@y>")


async def test_the_newest_is_found_among_hundreds(tmp_path: Path) -> None:
    state = scenarios.state("good")
    sink = Sink()
    for number in range(333):
        raw = f"Subject: x\r\nMessage-ID: <{number}@web>\r\n\r\nhello\r\n".encode()
        sink.accept("glitchtip@shop.example", "you@example.net", raw, scenarios.Outcome(), with_tls=False)
    api = Api(state, sink)
    host, port = await api.start()
    try:
        found = await postal_api.find(f"http://{host}:{port}", Secret(state.api_key), "<330@web>")
        assert found.id == 331
        with pytest.raises(StateUnknownError, match="none with this Message-ID"):
            await postal_api.find(f"http://{host}:{port}", Secret(state.api_key), "<3@web>")
    finally:
        await api.stop()
