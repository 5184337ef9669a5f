"""The checks really run, against the rehearsal's Postal in its states: what they prove stands first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.diagnosis.logs import mail
from tests.watch import Watch
from wizard.checks.smtp import run as smtp
from wizard.diagnosis import State as Sure
from wizard.diagnosis import diagnose
from wizard.model.codes import Code
from wizard.model.draft import App, Credential, Draft, Server, TestMail
from wizard.model.finding import Finding
from wizard.model.secret import Secret
from wizard.model.session import Exchange, Session
from wizard.rehearsal.postal.smtp_server import Postal
from wizard.rehearsal.scenarios import State, state
from wizard.setup.steps import troubleshoot as troubleshoot_step

if TYPE_CHECKING:
    from wizard.diagnosis import Diagnosis
    from wizard.model.session import Event

SHORT = smtp.Limits(resolve=0.4, connect=1.0, silent=0.4, wake=0.2, to_rcpt=4.0, data=4.0)
REFUSED = mail("ConnectionRefusedError: [Errno 111] Connection refused", "_get_socket")
WRONG_KEY = mail("smtplib.SMTPAuthenticationError: (535, b'Invalid credential')", "login", "auth")
CLOSED = mail("smtplib.SMTPServerDisconnected: Connection unexpectedly closed", "connect", "getreply")


def told(port: int, given: State, *, host: str = "127.0.0.1", username: str = "shop/apps") -> Draft:
    return Draft(
        App(from_=given.from_),
        Server(host, port, "starttls" if given.starttls else "none"),
        Credential(username),
        test_mail=TestMail("you@example.net"),
    )


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the SMTP check wait as long as a test may."""
    real = smtp.check

    async def check(*given: Any, **options: Any) -> Any:
        return await real(*given, **options, limits=SHORT)

    monkeypatch.setattr(smtp, "check", check)

    async def nothing(*_: Any, **__: Any) -> list[Any]:
        return []

    monkeypatch.setattr("wizard.checks.config.run.check", nothing)


async def found(given: State, *, send: bool = True, **options: Any) -> Diagnosis:
    """Return what the findings alone say."""
    async with Postal(given) as postal:
        findings = await smtp.check(
            told(postal.address[1], given, **options), Session(key=Secret(given.key)), send=send
        )
    return diagnose(None, findings)


PROVEN = {
    "wrong-key": "wrong-key", "api-key": "wrong-key", "smtp-ip": "wrong-key", "suspended": "suspended",
    "unverified": "from-unverified", "subdomain": "from-unverified", "no-tls": "starttls-off", "too-large": "too-large",
    "proxy-protocol": "proxy-protocol", "busy": "busy",
}  # fmt: skip
"""Scenario of the rehearsal -> what its findings prove."""


@pytest.mark.parametrize("scenario", PROVEN)
async def test_findings_alone_name_the_cause(scenario: str) -> None:
    first = (await found(state(scenario))).standing[0]
    assert (first.key, first.state) == (PROVEN[scenario], Sure.PROVEN)


async def test_where_all_is_well_nothing_is_named() -> None:
    assert (await found(state("good"))).standing == ()


async def test_a_user_name_that_is_not_the_servers_is_named_and_no_more() -> None:
    diagnosis = await found(state("good"), username="glitchtip@app")
    assert [ranked.key for ranked in diagnosis.standing] == ["cram-noise"]


CERTIFICATES = {"self-signed": "cert-self-signed", "expired": "cert-expired", "wrong-name": "cert-name"}


@pytest.mark.parametrize("scenario", CERTIFICATES)
async def test_a_certificate_is_named_by_its_fault(
    scenario: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = state(scenario)
    async with Postal(given) as postal:
        (tmp_path / "ca.pem").write_bytes(postal.ca_pem or trustme.CA().cert_pem.bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        findings = await smtp.check(
            told(postal.address[1], given, host="localhost"), Session(key=Secret(given.key)), send=False
        )
    first = diagnose(None, findings).standing[0]
    assert first.state is Sure.PROVEN
    assert first.key in {CERTIFICATES[scenario], "cert-issuer", "cert-address"}, [f.summary for f in findings]


class TestWithADraft:
    """``troubleshoot -`` with ``--answers`` or ``--env-file``."""

    async def test_a_wrong_key_is_proven_and_its_rivals_stay(self) -> None:
        given = state("wrong-key")
        async with Postal(given) as postal:
            session = Session(key=Secret(given.key))
            diagnosis = await troubleshoot_step.run(WRONG_KEY, told(postal.address[1], given), session)
        assert (diagnosis.standing[0].key, diagnosis.standing[0].state) == ("wrong-key", Sure.PROVEN)
        assert "not-postal" in {ranked.key for ranked in diagnosis.excluded}

    async def test_a_granted_login_excludes_the_key_and_says_so(self) -> None:
        given = state("good")
        async with Postal(given) as postal:
            session = Session(key=Secret(given.key))
            diagnosis = await troubleshoot_step.run(WRONG_KEY, told(postal.address[1], given), session)
        (key,) = [ranked for ranked in diagnosis.excluded if ranked.key == "wrong-key"]
        assert "Granted for shop/apps" in key.evidence
        assert diagnosis.standing[0].key == "old-environment"

    async def test_a_suspended_server_is_proven_under_a_text_that_says_wrong_key(self) -> None:
        given = state("suspended")
        async with Postal(given) as postal:
            session = Session(key=Secret(given.key))
            diagnosis = await troubleshoot_step.run(WRONG_KEY, told(postal.address[1], given), session)
        assert (diagnosis.standing[0].key, diagnosis.standing[0].state) == ("suspended", Sure.PROVEN)
        assert "/org/shop/servers/apps/" in diagnosis.standing[0].remedy
        assert "wrong-key" in {ranked.key for ranked in diagnosis.excluded}

    async def test_a_port_that_answers_here_leaves_the_container(self) -> None:
        given = state("good")
        async with Postal(given) as postal:
            diagnosis = await troubleshoot_step.run(REFUSED, told(postal.address[1], given), Session())
        assert "nothing-listens" in {ranked.key for ranked in diagnosis.excluded}
        assert diagnosis.standing[0].key == "empty-url"

    async def test_a_port_that_refuses_here_too_is_proven(self) -> None:
        async with Postal(state("good")) as postal:
            port = postal.address[1]
        diagnosis = await troubleshoot_step.run(REFUSED, told(port, state("good")), Session())
        assert (diagnosis.standing[0].key, diagnosis.standing[0].state) == ("nothing-listens", Sure.PROVEN)

    async def test_a_fault_before_the_login_is_proven_without_any_login(self) -> None:
        given = state("good")
        on_event: list[Event] = []
        async with Postal(given) as postal:
            session = Session(key=Secret(given.key))
            await troubleshoot_step.run(CLOSED, told(postal.address[1], given), session, on_event.append)
        verbs = [event.verb for event in on_event if isinstance(event, Exchange)]
        assert "EHLO" in verbs
        assert verbs.count("AUTH") <= 2  # one command: PLAIN in one or two lines

    async def test_one_run_logs_in_once_and_sends_nothing(self) -> None:
        given = state("good")
        on_event: list[Event] = []
        async with Postal(given) as postal:
            session = Session(key=Secret(given.key))
            await troubleshoot_step.run(WRONG_KEY, told(postal.address[1], given), session, on_event.append)
            assert postal.mails == []
        sent = [event.sent for event in on_event if isinstance(event, Exchange) and event.verb == "AUTH"]
        assert len(sent) == 1
        assert given.key not in "".join(sent)

    async def test_causes_are_crossed_out_one_by_one(self) -> None:
        given = state("good")
        told_so_far: list[int] = []
        async with Postal(given) as postal:
            session = Session(key=Secret(given.key))
            await troubleshoot_step.run(
                WRONG_KEY,
                told(postal.address[1], given),
                session,
                on_diagnosis=lambda diagnosis: told_so_far.append(len(diagnosis.excluded)),
            )
        assert len(told_so_far) > 3
        assert told_so_far[0] < told_so_far[-1]

    async def test_a_chosen_symptom_is_proven_like_a_text(self) -> None:
        given = state("suspended")
        async with Postal(given) as postal:
            session = Session(key=Secret(given.key))
            diagnosis = await troubleshoot_step.run("", told(postal.address[1], given), session, symptom="login")
        assert (diagnosis.standing[0].key, diagnosis.standing[0].state) == ("suspended", Sure.PROVEN)

    async def test_an_unknown_text_runs_no_check(self) -> None:
        on_event: list[Event] = []
        async with Postal(state("good")) as postal:
            diagnosis = await troubleshoot_step.run(
                "hello", told(postal.address[1], state("good")), Session(), on_event.append
            )
        assert diagnosis.causes == ()
        assert on_event == []

    async def test_without_a_draft_no_check_runs(self) -> None:
        diagnosis = await troubleshoot_step.run(WRONG_KEY, None, Session())
        assert diagnosis.standing[0].state is Sure.LIKELY
        assert not diagnosis.checked

    async def test_checks_that_never_end_end_at_the_deadline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def never(*_: Any, **__: Any) -> list[Any]:
            await asyncio.Event().wait()
            return []

        monkeypatch.setattr(smtp, "check", never)
        watch = Watch()
        given = replace(state("good"))
        diagnosis = await troubleshoot_step.run(WRONG_KEY, told(1, given), Session(), deadline=0.2)
        assert watch.seconds < 2
        assert diagnosis.standing[0].key == "wrong-key"


def test_a_warning_about_the_image_s_tag_proves_nothing_by_its_own() -> None:
    warned = Finding.warn(Code.COMPOSE_CELERY_GONE, "worker", "It stops with the pull that brings 6.0.", remedy="x")
    alone = diagnose(WRONG_KEY, [warned])
    assert [cause.key for cause in alone.standing][:1] == ["wrong-key"]
    assert "no-celery" not in [cause.key for cause in alone.standing if cause.state is Sure.PROVEN]
    seen = diagnose("worker-1  | /bin/sh: 1: celery: not found\n", [warned])
    assert [(cause.key, cause.state) for cause in seen.standing] == [("no-celery", Sure.PROVEN)]
