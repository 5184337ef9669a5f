"""A message's state read from Postal's HTTP API: as Postal answered, and as what else may stand at its address does."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from typing import TYPE_CHECKING, Any, Final

import pytest
import trustme

from tests.postal.fake_api import RECORDED, Answer, Server, recorded, served
from wizard.model.codes import Code
from wizard.model.secret import Secret
from wizard.model.session import MessageIds
from wizard.postal import api
from wizard.postal.api import MessageState, StateUnknownError
from wizard.postal.api_search import MOST

if TYPE_CHECKING:
    from collections.abc import Callable

KEY: Final = Secret("7YHSmb0nQeZ8YcMwqrllBnWz")
STATES: Final = {
    "held_dev": (68, "Held", "Server is in development mode."),
    "held_supp": (60, "Held", "Recipient (reject-a@inbox.example) is on the suppression list"),
    "held_limit": (75, "Held", "Message held because send limit (1) has been reached."),
    "held_cred": (71, "Held", "Credential is configured to hold all messages authenticated by it."),
    "hardfail": (63, "HardFail", "Permanent SMTP delivery error when sending to 192.0.2.80:25 (mx.inbox.example)"),
    "softfail_nohosts": (70, "SoftFail", "No SMTP servers were available for rival.example. Tried mx.rival.example."),
    "softfail_refused": (73, "SoftFail", "No SMTP servers were available for rival.example. Tried mx.rival.example."),
    "softfail": (65, "Held", "Server is in development mode."),
    "sent": (86, "Sent", "Message for dev@inbox.example accepted by 192.0.2.80:25 (mx.inbox.example)"),
    "suspended": (76, "Held", "Mail server has been suspended."),
}
"""What each recorded case is: number, status, how the details of its newest delivery begin."""


def message_id(case: str) -> str:
    return str(json.loads(RECORDED[case, "message"])["data"]["details"]["message_id"])


async def refusal(url: str, key: Secret = KEY) -> StateUnknownError:
    with pytest.raises(StateUnknownError) as refused:
        await api.find(url, key, "<x@y>")
    assert key.reveal() not in str(refused.value)
    return refused.value


@pytest.mark.parametrize("case", STATES)
async def test_a_recorded_message_is_found_with_its_newest_delivery(case: str) -> None:
    number, status, details = STATES[case]
    async with served(recorded(case)) as postal:
        found = await api.find(postal.url, KEY, f"<{message_id(case)}>", MessageIds(newest=number - 1))
    assert (found.id, found.status) == (number, status)
    assert found.details.startswith(details)


async def test_what_the_other_side_said_comes_with_it() -> None:
    async with served(recorded("hardfail")) as postal:
        found = await api.find(postal.url, KEY, message_id("hardfail"), MessageIds(newest=62))
    assert found.output == "554 5.7.1 Message rejected due to content restrictions"


class TestTheSearch:
    """Calls are counted: each is a turn over a slow line, on a server that others use."""

    @staticmethod
    async def calls(server: Server, number: int, ids: MessageIds) -> int:
        async with served(server) as postal:
            found = await api.find(postal.url, KEY, server.message_id(number), ids)
        assert found.id == number
        assert len(postal.calls) == len(set(postal.calls)), "a call was made twice"
        return len(postal.calls)

    @pytest.mark.slow
    @pytest.mark.parametrize("oldest", [1, 2, 100_000, 131_073, 250_000, 500_001, 600_000, 700_000, 786_433, 875_000])
    @pytest.mark.parametrize("behind", [0, 1, 3])
    async def test_a_million_messages_take_at_most_45_calls(
        self, oldest: int, behind: int, reached: Callable[..., None]
    ) -> None:
        calls = await self.calls(Server(oldest, 1_000_000), 1_000_000 - behind, MessageIds())
        reached(most_calls_of_a_million=calls)
        assert calls <= 45

    @pytest.mark.parametrize(("oldest", "newest"), [(935_000, 1_000_000), (61_000, 65_000), (880, 1_000), (18, 20)])
    async def test_a_server_that_keeps_little_is_searched_with_some_calls_more(
        self, oldest: int, newest: int, reached: Callable[..., None]
    ) -> None:
        calls = await self.calls(Server(oldest, newest), newest, MessageIds())
        reached(most_calls=calls)
        assert calls <= 120

    @pytest.mark.parametrize("newest", [1, 2, 3, 7, 16, 333, 4_096, 70_000, 3_000_000, 8_388_608, 20_000_000])
    async def test_every_size_of_server_is_searched(self, newest: int) -> None:
        assert await self.calls(Server(1, newest), newest, MessageIds()) <= 45

    @pytest.mark.parametrize("came", [1, 2, 3, 17, 31, 32, 33, 58, 59])
    @pytest.mark.parametrize("behind", [0, 1, 4])
    async def test_from_the_newest_known_at_most_12(self, came: int, behind: int) -> None:
        number = max(1_000_001, 1_000_000 + came - behind)
        calls = await self.calls(Server(900_000, 1_000_000 + came), number, MessageIds(newest=1_000_000))
        assert calls <= 12

    @pytest.mark.parametrize("came", [63, 64, 65, 500, 40_000])
    async def test_from_a_number_known_long_ago_it_is_found_too(self, came: int) -> None:
        server = Server(1, 1_000 + came)
        assert await self.calls(server, server.newest, MessageIds(newest=1_000)) <= 45

    async def test_from_a_number_that_was_pruned_it_is_found_too(self) -> None:
        await self.calls(Server(5_000, 9_000), 9_000, MessageIds(newest=100))

    async def test_with_the_number_of_another_mail_server_it_is_found_too(self) -> None:
        await self.calls(Server(1, 40), 40, MessageIds(newest=1_000_000, by_message_id={"40@x": 7}))

    async def test_a_second_press_takes_two_and_the_newest_is_kept(self) -> None:
        ids = MessageIds()
        server = Server(1, 90)
        await self.calls(server, 88, ids)
        assert ids.newest >= 88
        assert await self.calls(server, 88, ids) == 2

    async def test_a_mail_is_found_on_a_busy_server_by_the_time_in_its_message_id(self) -> None:
        server = Server(1, 50_000)
        ours = f"{int((server.now - 3_000) * 100)}.27429.9197539998196275166@vm"

        def respond(method: str, asked: dict[str, Any]) -> Answer:
            status, body = server(method, asked)
            return status, body.replace(f'"{server.message_id(47_003)}"', f'"{ours}"')

        async with served(respond) as postal:
            found = await api.find(postal.url, KEY, f"<{ours}>")
        assert found.id == 47_003
        assert len(postal.calls) <= 45

    @pytest.mark.parametrize("skew", [-500.0, 500.0])
    async def test_hosts_whose_clocks_differ_do_no_harm(self, skew: float) -> None:
        server = Server(1, 5_000)
        ours = f"{int((server.now + skew) * 100)}.27429.9197539998196275166@vm"

        def respond(method: str, asked: dict[str, Any]) -> Answer:
            status, body = server(method, asked)
            return status, body.replace(f'"{server.message_id(5_000)}"', f'"{ours}"')

        async with served(respond) as postal:
            assert (await api.find(postal.url, KEY, ours)).id == 5_000

    async def test_what_is_not_there_ends_soon(self) -> None:
        async with served(Server(400_000, 1_000_000)) as postal:
            with pytest.raises(StateUnknownError) as refused:
                await api.find(postal.url, KEY, "<nobody@vm>")
        assert refused.value.code is Code.ARRIVAL_NOT_FOUND
        assert len(postal.calls) <= 70

    @pytest.mark.parametrize(("oldest", "newest"), [(500, 1_000), (5_000, 10_000), (33_000, 65_000), (10, 20)])
    async def test_a_small_server_that_keeps_half_takes_at_most_60_calls(self, oldest: int, newest: int) -> None:
        assert await self.calls(Server(oldest, newest), newest, MessageIds()) <= 60

    @pytest.mark.parametrize(
        ("oldest", "newest"), [(994_000, 1_000_000), (1_320_000, 1_400_000), (9_950, 10_000), (11_900_000, 12_000_000)]
    )
    async def test_a_server_that_keeps_next_to_nothing_is_not_searched_for_ever_and_nothing_is_claimed(
        self, oldest: int, newest: int
    ) -> None:
        server = Server(oldest, newest)
        async with served(server) as postal:
            with pytest.raises(StateUnknownError) as refused:
                await api.find(postal.url, KEY, server.message_id(newest), MessageIds())
        assert refused.value.code is Code.ARRIVAL_NONE_MET
        assert f"none of the {len(postal.calls)} message numbers" in str(refused.value)
        assert "keeps only its newest few of very many" in str(refused.value)
        assert len(postal.calls) <= MOST


class TestRefusals:
    @pytest.mark.parametrize(
        ("case", "code"),
        [
            ("no key", Code.ARRIVAL_KEY_MISSING),
            ("wrong key", Code.ARRIVAL_KEY_INVALID),
            ("SMTP key", Code.ARRIVAL_KEY_INVALID),
        ],
    )
    async def test_a_recorded_refusal_has_its_code(self, case: str, code: Code) -> None:
        async with served(recorded(case)) as postal:
            assert (await refusal(postal.url)).code is code

    async def test_the_key_that_postal_echoes_is_neither_said_nor_logged(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        echoed = Secret("abcdefghijklmnopqrstuvwx")
        async with served(recorded("wrong key")) as postal:
            error = await refusal(postal.url, echoed)
        assert echoed.reveal() not in caplog.text
        assert echoed.reveal() not in repr(error.__cause__) + repr(error.__context__)

    async def test_a_suspended_server_says_so_to_every_call(self) -> None:
        body = '{"status":"error","time":0.002,"flags":{},"data":{"code":"ServerSuspended"}}'
        async with served(lambda _method, _asked: (200, body)) as postal:
            assert (await refusal(postal.url)).code is Code.ARRIVAL_SUSPENDED

    async def test_another_refusal_is_named(self) -> None:
        body = '{"status":"parameter-error","time":0.003,"flags":{},"data":{"message":"`id` parameter"}}'
        async with served(lambda _method, _asked: (200, body)) as postal:
            assert (await refusal(postal.url)).code is Code.ARRIVAL_API_REFUSED

    @pytest.mark.parametrize("key", ["", " ", "schlüssel", "two\nlines"])
    async def test_what_no_header_can_hold_is_not_sent(self, key: str) -> None:
        with pytest.raises(StateUnknownError) as refused:
            await api.find("http://127.0.0.1:9", Secret(key), "<x@y>")
        assert refused.value.code is Code.ARRIVAL_KEY_UNUSABLE


class TestWhoElseAnswers:
    """Only Postal's own JSON is its answer."""

    @pytest.mark.parametrize(
        "body",
        [
            "<html>Sign in</html>",
            "",
            "[]",
            '{"status":"success"}',
            '{"status":"success","data":{}}',
            '{"status":"error","message":"upstream","code":"MessageNotFound"}',
            '{"status":"error","data":{"code":"MessageNotFound"}}',
            '{"status":"ok","time":1,"flags":{},"data":null}',
            '{"status":"success","time":0.1,"flags":{},"data":[]}',
            '{"status":"success","time":0.1,"flags":{},"data":{"id":-1}}',
            "[" * 2_000,
            "x" * 1_100_000,
        ],
    )
    async def test_other_text_is_no_answer(self, body: str) -> None:
        async with served(lambda _method, _asked: (200, body)) as postal:
            assert (await refusal(postal.url)).code is Code.ARRIVAL_NOT_POSTAL

    @pytest.mark.parametrize("status", [301, 403, 404, 502, 503])
    async def test_a_status_that_postal_never_gives_is_no_answer_even_with_its_json(self, status: int) -> None:
        async with served(lambda _method, _asked: (status, RECORDED["not found", "message"])) as postal:
            error = await refusal(postal.url)
        assert error.code is Code.ARRIVAL_HTTP_STATUS
        assert str(status) in str(error)


class TestTheWay:
    async def test_a_port_where_nothing_listens_cannot_be_reached(self) -> None:
        assert (await refusal("http://127.0.0.1:9")).code is Code.ARRIVAL_UNREACHABLE

    @pytest.mark.parametrize("url", ["http://192.0.2.7", "http://postal.example.com", "ftp://127.0.0.1", "postal", ""])
    async def test_the_key_never_crosses_the_network_in_plain_text(self, url: str) -> None:
        assert (await refusal(url)).code is Code.ARRIVAL_NOT_HTTPS

    async def test_a_certificate_that_is_refused_is_named_and_no_key_is_sent(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        async with served(Server(1, 5), context) as postal:
            error = await refusal(postal.url)
        assert error.code is Code.ARRIVAL_TLS
        assert "certificate" in str(error)
        assert postal.calls == []

    async def test_plain_http_where_https_is_asked_for_is_a_fault_of_tls(self) -> None:
        async def bad_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(bad_request, "127.0.0.1", 0)
        try:
            error = await refusal(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        finally:
            server.close()
        assert error.code is Code.ARRIVAL_TLS

    async def test_a_trusted_certificate_lets_the_question_through(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
    ) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        server = Server(1, 5)
        async with served(server, context) as postal:
            found = await api.find(postal.url, KEY, server.message_id(5))
        assert isinstance(found, MessageState)

    async def test_silence_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(api, "TIMEOUT", 0.2)
        silent: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(lambda _reader, writer: silent.append(writer), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            assert (await refusal(f"http://127.0.0.1:{port}")).code is Code.ARRIVAL_TOO_SLOW
        finally:
            server.close()
            for writer in silent:
                writer.close()
            await asyncio.sleep(0.01)
