"""A real mail server that is not Postal: every verdict that the table has for it, and the cause behind each refusal."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp import outcome
from tests.checks.smtp.hostile import draft, one, verdicts
from tests.checks.smtp.postfix import PASSWORD, USER
from wizard.checks.smtp import run as smtp
from wizard.diagnosis import State
from wizard.model.codes import Check, Code
from wizard.model.draft import Credential, TestMail
from wizard.model.finding import granted
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.setup.steps import troubleshoot as troubleshoot_step

if TYPE_CHECKING:
    from tests.checks.smtp.outcome import Outcome
    from tests.checks.smtp.postfix import Postfix
    from wizard.model.draft import Tls


async def at(
    postfix: Postfix,
    variant: str,
    user: str = "",
    key: str = "",
    *,
    tls: Tls = "none",
    to: str = "you@example.net",
    log: bool = True,
) -> Outcome:
    told = draft(postfix.ports[variant], tls, credential=Credential(user), test_mail=TestMail(to))
    return await outcome.observed(told, Session(key=Secret(key) if key else None), log=log)


async def test_the_greeting_is_a_warn_that_names_postfix(postfix: Postfix) -> None:
    found = await at(postfix, "open")
    assert verdicts(found.findings) == {
        "resolve": "skip", "connect": "pass", "greeting": "warn", "tls": "pass", "auth": "skip",
        "username": "skip", "recipient": "pass", "sender": "pass",
    }  # fmt: skip
    assert one(found.findings, "greeting").summary.startswith("Postfix answers, not Postal")
    assert one(found.findings, "greeting").remedy
    assert found.log == ""
    assert [ranked.key for ranked in found.diagnosis().standing] == ["not-postal"]


async def test_a_granted_login_is_a_pass_and_no_user_name_is_predicted(postfix: Postfix) -> None:
    found = await at(postfix, "login", USER, PASSWORD)
    assert [verdicts(found.findings)[check] for check in smtp.IDS[4:]] == ["pass", "skip", "pass", "pass"]
    assert "235" not in found.log
    assert granted(found.findings) is None


async def test_a_refused_login_is_a_fail_that_is_not_postals(postfix: Postfix) -> None:
    found = await at(postfix, "login", USER, "wrong")
    auth = one(found.findings, "auth")
    assert auth.verdict.value == "fail"
    assert auth.code is Code.AUTH_OTHER_SERVER
    assert found.with_log().standing[0].key == "not-postal"
    assert found.diagnosis().standing[0].key == "not-postal"


async def test_a_login_that_cannot_be_checked_now_is_unknown(postfix: Postfix) -> None:
    found = await at(postfix, "login server gone", "later", "whatever")
    assert verdicts(found.findings)["auth"] == "unknown"
    assert found.with_log().standing[0].key == found.diagnosis().standing[0].key == "auth-later"


async def test_no_auth_offered_is_a_fail_where_a_key_is_given(postfix: Postfix) -> None:
    found = await at(postfix, "open", USER, PASSWORD)
    assert verdicts(found.findings)["auth"] == "fail"
    assert one(found.findings, "auth").code is Code.AUTH_NOT_OFFERED
    assert [verdicts(found.findings)[check] for check in smtp.IDS[5:]] == ["skip"] * 3
    assert "AUTH extension not supported" in found.log
    assert found.with_log().standing[0].key == found.diagnosis().standing[0].key == "auth-absent"


async def test_a_login_that_is_offered_after_starttls_only_says_so(postfix: Postfix) -> None:
    found = await at(postfix, "login after TLS", USER, PASSWORD)
    assert verdicts(found.findings)["auth"] == "fail"
    assert "STARTTLS" in one(found.findings, "auth").remedy


async def test_starttls_and_login_pass_with_a_trusted_certificate(
    postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(postfix.trusted["none"]))
    found = await at(postfix, "login after TLS", USER, PASSWORD, tls="starttls")
    assert [verdicts(found.findings)[check] for check in smtp.IDS[2:]] == [
        "warn", "pass", "pass", "skip", "pass", "pass",
    ]  # fmt: skip
    assert found.log == ""


@pytest.mark.parametrize(
    ("variant", "cause", "codes"),
    [
        ("self-signed", "cert-self-signed", {Code.TLS_SELF_SIGNED}),
        ("expired", "cert-expired", {Code.TLS_EXPIRED}),
        ("other name", "cert-name", {Code.TLS_OTHER_NAME}),
        ("certificate lost", "starttls-refused|tls-broken", {Code.TLS_REFUSED, Code.TLS_HANDSHAKE_FAILED}),
        ("open", "starttls-off", {Code.TLS_NOT_OFFERED}),
    ],
)
async def test_a_fault_of_tls_stops_before_any_login(
    variant: str, cause: str, codes: set[Code], postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variant in postfix.trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(postfix.trusted[variant]))
    found = await at(postfix, variant, USER, PASSWORD, tls="starttls")
    assert verdicts(found.findings)["tls"] == "fail"
    assert one(found.findings, "tls").code in codes
    assert [verdicts(found.findings)[check] for check in smtp.IDS[4:]] == ["skip"] * 4
    assert found.with_log().standing[0].key in cause.split("|")
    assert found.diagnosis().standing[0].key in cause.split("|")


REFUSED = {
    # variant: its verdict, its code, the true cause
    "closed relay": ("fail", Code.RECIPIENT_RELAY_DENIED, "relay-denied"),
    "no client": ("fail", Code.RECIPIENT_BLOCK_LISTED, "blocked-client"),
    "no client, at once": ("fail", Code.GREETING_BLOCK_LISTED, "blocked-client"),
    "no name": ("fail", Code.GREETING_HELO_REFUSED, "ehlo-name"),
    "no name, at RCPT": ("fail", Code.RECIPIENT_HELO_REFUSED, "ehlo-name"),
    "no sender": ("fail", Code.RECIPIENT_SENDER_REFUSED, "sender-refused"),
    "no sender, at RCPT": ("fail", Code.RECIPIENT_SENDER_REFUSED, "sender-refused"),
    "no reverse name": ("fail", Code.RECIPIENT_PTR_MISSING, "ptr-missing"),
    "sender later": ("unknown", Code.RECIPIENT_SENDER_TEMPORARY, "sender-later"),
    "no recipient": ("fail", Code.RECIPIENT_POLICY, "policy-refused"),
    "recipient later": ("unknown", Code.RECIPIENT_TEMPORARY, "recipient-later"),
    "small": ("fail", Code.RECIPIENT_TOO_LARGE, "too-large"),
    "no message": ("fail", Code.SENDER_REFUSED, "message-refused"),
    "message later": ("unknown", Code.SENDER_TEMPORARY, "message-later"),
    "TLS wanted": ("fail", Code.RECIPIENT_TLS_WANTED, "auth-needs-tls"),
    "proxy": ("fail", Code.GREETING_PROXY_PROTOCOL, "proxy-protocol"),
}


@pytest.mark.parametrize("variant", REFUSED)
async def test_a_refusal_is_told_where_it_happens_and_its_cause_stands_first(variant: str, postfix: Postfix) -> None:
    verdict, code, cause = REFUSED[variant]
    found = await at(postfix, variant)
    finding = one(found.findings, code.check)
    assert (finding.verdict.value, finding.code) == (verdict, code)
    assert finding.remedy
    assert all(verdicts(found.findings)[later] == "skip" for later in smtp.IDS[smtp.IDS.index(code.check) + 1 :])
    assert found.with_log().standing[0].key == cause
    assert found.diagnosis().standing[0].key == cause


async def test_a_login_that_does_not_own_the_from_is_the_from(postfix: Postfix) -> None:
    found = await at(postfix, "not the owner", USER, PASSWORD)
    assert verdicts(found.findings)["auth"] == "pass"
    assert one(found.findings, "recipient").code is Code.RECIPIENT_FROM_NOT_ALLOWED
    assert found.with_log().standing[0].key == found.diagnosis().standing[0].key == "from-not-owned"


async def test_no_login_where_the_from_belongs_to_one_is_the_login(postfix: Postfix) -> None:
    found = await at(postfix, "not the owner")
    assert one(found.findings, "recipient").code is Code.RECIPIENT_LOGIN_WANTED
    assert found.with_log().standing[0].key == found.diagnosis().standing[0].key == "no-login-elsewhere"


async def test_an_unknown_user_is_the_recipient(postfix: Postfix) -> None:
    found = await at(postfix, "known users", to="you@local.example")
    assert one(found.findings, "recipient").code is Code.RECIPIENT_RECIPIENT_UNKNOWN
    assert found.with_log().standing[0].key == found.diagnosis().standing[0].key == "recipient-unknown"


async def test_tls_from_the_first_byte_is_a_fail_at_the_greeting(postfix: Postfix) -> None:
    found = await at(postfix, "TLS first", USER, PASSWORD)
    assert verdicts(found.findings)["greeting"] == "fail"
    assert one(found.findings, "greeting").code is Code.GREETING_SILENT
    assert found.with_log().standing[0].key == "tls-port"


async def test_one_connection_too_many_is_busy(postfix: Postfix) -> None:
    with socket.create_connection(("127.0.0.1", postfix.ports["one client"]), timeout=5) as held:
        assert held.recv(200).startswith(b"220")
        found = await at(postfix, "one client")
    assert one(found.findings, "greeting").code is Code.GREETING_RATE_LIMITED
    assert found.with_log().standing[0].key == found.diagnosis().standing[0].key == "rate-limited"


async def test_troubleshooting_proves_by_itself_that_it_is_not_postal(postfix: Postfix) -> None:
    log = (await at(postfix, "login", USER, "wrong")).log
    assert "535" in log
    told = draft(postfix.ports["login"], credential=Credential(USER))
    diagnosis = await troubleshoot_step.run(log, told, Session(key=Secret("wrong")), deadline=10)
    assert (diagnosis.standing[0].key, diagnosis.standing[0].state) == ("not-postal", State.PROVEN)
    assert diagnosis.standing[0].check is Check.AUTH
    assert diagnosis.standing[0].evidence.startswith('The answer to the login is "535 5.7.8')
