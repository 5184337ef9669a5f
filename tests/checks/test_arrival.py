"""What became of an accepted mail, by Postal's API: each state with its code, its place and its release."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.postal.fake_api import RECORDED, Answer, Server, recorded, served
from wizard.checks import arrival
from wizard.checks.smtp import message
from wizard.checks.smtp import run as smtp
from wizard.model.codes import Check, Code
from wizard.model.details import Arrival, Login
from wizard.model.draft import Domain, Draft
from wizard.model.draft import Server as SmtpServer
from wizard.model.finding import Finding, Verdict
from wizard.model.secret import Secret
from wizard.model.session import MessageIds, Session
from wizard.rehearsal import lifetime
from wizard.state import answers_file

if TYPE_CHECKING:
    from pathlib import Path

KEY: Final = Secret("7YHSmb0nQeZ8YcMwqrllBnWz")
GRANTED: Final = Finding("auth", "x", Verdict.PASS, "x", detail=Login("acme/glitchtip", "acme/glitchtip", "PLAIN"))
RECORDED_CASES: Final = {
    "held_dev": (Verdict.FAIL, Code.ARRIVAL_HELD_DEVELOPMENT, "/org/acme/servers/glitchtip/edit"),
    "held_supp": (Verdict.FAIL, Code.ARRIVAL_HELD_SUPPRESSED, "/org/acme/servers/glitchtip/messages/held"),
    "held_limit": (Verdict.FAIL, Code.ARRIVAL_HELD_SEND_LIMIT, "/org/acme/servers/glitchtip/messages/75"),
    "held_cred": (Verdict.FAIL, Code.ARRIVAL_HELD_CREDENTIAL, "/org/acme/servers/glitchtip/credentials"),
    "hardfail": (Verdict.FAIL, Code.ARRIVAL_REFUSED, "/org/acme/servers/glitchtip/messages/63"),
    "softfail_nohosts": (Verdict.UNKNOWN, Code.ARRIVAL_CONNECTION_REFUSED, "/org/acme/servers/glitchtip/queue"),
    "softfail_refused": (Verdict.UNKNOWN, Code.ARRIVAL_CONNECTION_REFUSED, "/org/acme/servers/glitchtip/queue"),
    "softfail": (Verdict.FAIL, Code.ARRIVAL_HELD_DEVELOPMENT, "/org/acme/servers/glitchtip/messages/65"),
    "sent": (Verdict.PASS, Code.ARRIVAL_SENT, ""),
    "suspended": (Verdict.FAIL, Code.ARRIVAL_HELD_SUSPENDED, "/org/acme/servers/glitchtip/messages/held"),
}
SCENARIOS: Final = {
    "good": (Verdict.PASS, Code.ARRIVAL_SENT),
    "development": (Verdict.FAIL, Code.ARRIVAL_HELD_DEVELOPMENT),
    "no-worker": (Verdict.UNKNOWN, Code.ARRIVAL_PENDING),
    "held-credential": (Verdict.FAIL, Code.ARRIVAL_HELD_CREDENTIAL),
    "port-25-blocked": (Verdict.UNKNOWN, Code.ARRIVAL_NO_CONNECTION),
    "hard-fail": (Verdict.FAIL, Code.ARRIVAL_REFUSED),
    "suppressed": (Verdict.FAIL, Code.ARRIVAL_HELD_SUPPRESSED),
    "send-limit": (Verdict.FAIL, Code.ARRIVAL_HELD_SEND_LIMIT),
}


@pytest.mark.parametrize("case", RECORDED_CASES)
async def test_a_recorded_state_has_its_verdict_its_code_and_its_release(case: str) -> None:
    data = json.loads(RECORDED[case, "message"])["data"]
    verdict, code, path = RECORDED_CASES[case]
    async with served(recorded(case)) as postal:
        ids = MessageIds(newest=data["id"] - 1)
        finding = await arrival.state(postal.url, KEY, data["details"]["message_id"], [GRANTED], ids=ids)
    assert (finding.check, finding.verdict, finding.code) == (Check.ARRIVAL, verdict, code)
    assert finding.proven_from == "postal"
    assert path in finding.remedy
    assert bool(finding.remedy) is (verdict is not Verdict.PASS)
    assert finding.detail == Arrival(data["id"], data["status"]["status"])
    assert "ORG" not in finding.remedy


async def state_of(status: str, deliveries: list[dict[str, Any]]) -> Finding:
    def respond(method: str, _asked: dict[str, Any]) -> Answer:
        answer = json.loads(RECORDED["sent", method])
        if method == "message":
            answer["data"]["status"]["status"] = status
        else:
            answer["data"] = deliveries
        return 200, json.dumps(answer)

    ids = MessageIds(by_message_id={"179578643751.27174.14256463209221480210@vm": 86})
    async with served(respond) as postal:
        return await arrival.state(postal.url, KEY, "<179578643751.27174.14256463209221480210@vm>", ids=ids)


def delivery(status: str, details: str, output: str | None = None) -> dict[str, Any]:
    return {"status": status, "details": details, "output": output}


@pytest.mark.parametrize(
    ("status", "details", "verdict", "code"),
    [
        ("Pending", None, Verdict.UNKNOWN, Code.ARRIVAL_PENDING),
        ("Bounced", "Message for x accepted by y", Verdict.FAIL, Code.ARRIVAL_BOUNCED),
        ("HoldCancelled", "The hold on this message has been removed.", Verdict.FAIL, Code.ARRIVAL_HOLD_CANCELLED),
        ("Held", "A reason of a later version", Verdict.FAIL, Code.ARRIVAL_HELD),
        ("HardFail", "Maximum number of delivery attempts (18) has been reached.", Verdict.FAIL,
         Code.ARRIVAL_ATTEMPTS_USED),
        ("HardFail", "Message is likely spam. Threshold is 5.0", Verdict.FAIL, Code.ARRIVAL_SPAM),
        ("HardFail", "Message's domain no longer exist", Verdict.FAIL, Code.ARRIVAL_DOMAIN_DELETED),
        ("HardFail", "Raw message has been removed. Cannot send message.", Verdict.FAIL, Code.ARRIVAL_RAW_REMOVED),
        ("HardFail", "Something else", Verdict.FAIL, Code.ARRIVAL_HARD_FAIL),
        ("SoftFail", "No SMTP servers were available for nosuch.example. No hosts to try.", Verdict.UNKNOWN,
         Code.ARRIVAL_NO_HOSTS),
        ("SoftFail", "No SMTP servers were available for x.example. Tried mx.x.example.", Verdict.UNKNOWN,
         Code.ARRIVAL_NO_CONNECTION),
        ("SoftFail", "Temporary SMTP delivery error when sending to 192.0.2.80:25 (mx.inbox.example)", Verdict.UNKNOWN,
         Code.ARRIVAL_DEFERRED),
        ("SoftFail", "Something else", Verdict.UNKNOWN, Code.ARRIVAL_SOFT_FAIL),
        ("Processed", "", Verdict.UNKNOWN, Code.ARRIVAL_OTHER),
        ("Error", "", Verdict.UNKNOWN, Code.ARRIVAL_OTHER),
    ],
)  # fmt: skip
async def test_each_other_state_has_its_code(status: str, details: str | None, verdict: Verdict, code: Code) -> None:
    finding = await state_of(status, [] if details is None else [delivery(status, details)])
    assert (finding.verdict, finding.code) == (verdict, code)
    assert finding.remedy


async def test_the_newest_delivery_counts_which_comes_last() -> None:
    finding = await state_of(
        "Sent", [delivery("SoftFail", "Temporary SMTP delivery error"), delivery("Sent", "Message")]
    )
    assert finding.code is Code.ARRIVAL_SENT
    assert "Temporary" not in " ".join(finding.evidence)


async def test_the_words_of_the_server_that_refused_are_shown() -> None:
    sentence = "Permanent SMTP delivery error when sending to 192.0.2.80:25 (mx.inbox.example)"
    finding = await state_of("HardFail", [delivery("HardFail", sentence, "554 5.7.1 \x1b[31mrejected")])
    assert "554 5.7.1" in finding.summary
    assert "\x1b" not in str(finding.as_json())


async def test_a_suspended_server_is_a_fail_with_its_release() -> None:
    body = '{"status":"error","time":0.002,"flags":{},"data":{"code":"ServerSuspended"}}'
    async with served(lambda _method, _asked: (200, body)) as postal:
        finding = await arrival.state(postal.url, KEY, "<x@y>", [GRANTED])
    assert (finding.verdict, finding.code) == (Verdict.FAIL, Code.ARRIVAL_SUSPENDED)
    assert "/org/acme/servers/glitchtip/advanced" in finding.remedy


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://postal.example.com", "https://127.0.0.1:9"])
async def test_what_could_not_be_asked_is_unknown_and_says_what_to_do(url: str) -> None:
    finding = await arrival.state(url, KEY, "<x@y>")
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.remedy
    assert KEY.reveal() not in str(finding.as_json())


class TestUnattended:
    """``arrival``: asks for as long as Postal has not tried."""

    @staticmethod
    def session(url: str) -> tuple[Draft, Session]:
        return Draft(server=SmtpServer("h.example", 25, web_url=url)), Session(api_key=KEY)

    async def test_it_waits_for_a_mail_that_is_pending(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(arrival, "_PAUSES", (0.05,))
        server = Server(1, 9)
        since = time.monotonic()

        def respond(method: str, asked: dict[str, Any]) -> Answer:
            status, body = server(method, asked)
            pending = time.monotonic() - since < 0.2
            return status, body.replace('"Sent"', '"Pending"') if pending else body

        async with served(respond) as postal:
            draft, session = self.session(postal.url)
            finding = await arrival.arrival(draft, session, server.message_id(9), 5)
        assert finding.code is Code.ARRIVAL_SENT
        assert finding.seconds >= 0.2
        assert [method for method, _ in postal.calls[-2:]] == ["message", "deliveries"]

    async def test_it_ends_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(arrival, "_PAUSES", (0.05,))
        server = Server(1, 9)
        async with served(
            lambda method, asked: (200, server(method, asked)[1].replace('"Sent"', '"Pending"'))
        ) as postal:
            draft, session = self.session(postal.url)
            finding = await arrival.arrival(draft, session, server.message_id(9), 1.5)
        assert (finding.verdict, finding.code) == (Verdict.UNKNOWN, Code.ARRIVAL_PENDING)
        assert finding.seconds < 8

    async def test_a_silent_server_costs_no_more_than_that(self) -> None:
        silent: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(lambda _reader, writer: silent.append(writer), "127.0.0.1", 0)
        draft, session = self.session(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        try:
            finding = await arrival.arrival(draft, session, "<x@y>", 0.3)
        finally:
            server.close()
            for writer in silent:
                writer.close()
            await asyncio.sleep(0.01)
        assert (finding.verdict, finding.code) == (Verdict.UNKNOWN, Code.ARRIVAL_TOO_SLOW)
        assert finding.seconds < 3
        assert finding.remedy

    async def test_it_does_not_wait_for_what_will_not_change(self) -> None:
        data = json.loads(RECORDED["held_dev", "message"])["data"]
        async with served(recorded("held_dev")) as postal:
            draft, session = self.session(postal.url)
            session.message_ids.newest = data["id"] - 1
            finding = await arrival.arrival(draft, session, data["details"]["message_id"])
        assert finding.verdict is Verdict.FAIL
        assert finding.seconds < 3

    async def test_a_second_question_of_the_same_run_takes_two_calls(self) -> None:
        server = Server(1, 90_000)
        async with served(server) as postal:
            draft, session = self.session(postal.url)
            await arrival.arrival(draft, session, server.message_id(90_000))
            before = len(postal.calls)
            await arrival.arrival(draft, replace(session, mailbox="x"), server.message_id(90_000))
        assert len(postal.calls) - before == 2

    async def test_without_a_key_an_address_or_a_mail_it_is_a_skip_that_says_so(self) -> None:
        draft, session = self.session("https://postal.example.com")
        no_key = await arrival.arrival(draft, Session(), "<x@y>")
        no_address = await arrival.arrival(Draft(), session, "<x@y>")
        no_mail = await arrival.arrival(draft, session, "")
        assert [one.code for one in (no_key, no_address, no_mail)] == [
            Code.ARRIVAL_NOT_ASKED, Code.ARRIVAL_NO_VALUE, Code.ARRIVAL_NOT_REACHED
        ]  # fmt: skip
        assert {one.verdict for one in (no_key, no_address, no_mail)} == {Verdict.SKIP}
        assert "server.web_url" in no_address.remedy


async def asked(scenario: str, directory: Path, key: str | None = None) -> tuple[Finding, str]:
    """Send the test mail of a rehearsal and ask its Postal what became of it."""
    running = lifetime.start(scenario, directory)
    try:
        draft = answers_file.load(directory / "answers.toml")
        session = Session(directory=directory, key=Secret(running.info["smtp_key"]), web_address=running.info["http"])
        found = await smtp.check(draft, session, send=True)
        sent = message.accepted(found)
        assert sent is not None
        typed = key or running.info["api_key"]
        address = arrival.web_address(draft, session)
        return await arrival.state(address, Secret(typed), sent.message_id, found), typed
    finally:
        running.stop()


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_each_scenario_of_the_rehearsal_ends_as_postal_would(scenario: str, tmp_path: Path) -> None:
    finding, key = await asked(scenario, tmp_path / "rehearsal")
    assert (finding.verdict, finding.code) == SCENARIOS[scenario]
    assert key not in str(finding.as_json())


async def test_a_key_that_postal_does_not_know_leaves_it_open_and_is_said_nowhere(tmp_path: Path) -> None:
    finding, key = await asked("good", tmp_path / "rehearsal", "Wrong0Api0Key0000000Test")
    assert (finding.verdict, finding.code) == (Verdict.UNKNOWN, Code.ARRIVAL_KEY_INVALID)
    assert "/org/shop/servers/apps/credentials/new" in finding.remedy
    assert key not in str(finding.as_json())


def test_the_web_address_is_that_of_the_answers_else_guessed_by_the_helo_name() -> None:
    draft = Draft(server=SmtpServer("smtp.example.com", 25), domain=Domain(helo="postal.example.com"))
    assert arrival.web_address(draft, Session()) == "https://postal.example.com"
    told = replace(draft, server=replace(draft.server, web_url="https://mail.example.com"))
    assert arrival.web_address(told, Session()) == "https://mail.example.com"
    assert arrival.web_address(told, Session(web_address="https://other.example")) == "https://other.example"
