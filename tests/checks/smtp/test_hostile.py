"""Peers that drip, flood, fall silent, close, reset, strip and inject: the check ends in time and stays small."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp import hostile
from tests.checks.smtp.hostile import CHECK_OF, STAGES, TLS_STAGES, Peer, draft, session, verdicts
from tests.watch import Watch
from wizard.checks.smtp import run as smtp
from wizard.model.codes import Code
from wizard.model.finding import Finding, granted
from wizard.model.session import Event, Exchange

if TYPE_CHECKING:
    import trustme

    from wizard.model.draft import Draft

SHORT = smtp.Limits(resolve=1.0, connect=1.0, silent=0.5, wake=0.2, to_rcpt=1.0, data=1.0)
"""For peers that are silent somewhere; all others are given time, because the machine may be busy."""
ROOMY = smtp.Limits(resolve=5.0, connect=5.0, silent=0.5, wake=0.5, to_rcpt=10.0, data=10.0)
LONGEST = SHORT.to_rcpt + SHORT.data + 1.0
ALL_STAGES = (*STAGES, *TLS_STAGES)
LATER = {"greeting": "fail", "tls": "fail", "auth": "unknown", "recipient": "unknown", "sender": "unknown"}
"""What silence and a lost connection come to."""
LOST = {
    "greeting": Code.GREETING_CLOSED,
    "tls": Code.TLS_HANDSHAKE_FAILED,
    "auth": Code.AUTH_DROPPED,
    "recipient": Code.RECIPIENT_DROPPED,
    "sender": Code.SENDER_DROPPED,
}
FLOODED = {
    "greeting": Code.GREETING_FLOODED,
    "tls": Code.TLS_HANDSHAKE_FAILED,
    "auth": Code.AUTH_FLOODED,
    "recipient": Code.RECIPIENT_FLOODED,
    "sender": Code.SENDER_DROPPED,
}


def _peer(stage: str, trick: hostile.Trick, ca: trustme.CA) -> Peer:
    context = hostile.server_context(ca.issue_cert("localhost")) if stage in TLS_STAGES else None
    return Peer(stage, trick, context=context)


def _draft(stage: str, port: int) -> Draft:
    return draft(port, "starttls" if stage in TLS_STAGES else "none")


async def _checked(
    stage: str, trick: hostile.Trick, ca: trustme.CA, limits: smtp.Limits = SHORT
) -> tuple[list[Finding], Watch, Peer]:
    async with _peer(stage, trick, ca) as peer:
        watch = Watch()
        findings = await smtp.check(_draft(stage, peer.port), session(), send=True, limits=limits)
        return findings, watch, peer


@pytest.mark.parametrize("stage", ALL_STAGES)
@pytest.mark.parametrize("trick", [hostile.silence, hostile.drip], ids=["silent", "dripping"])
async def test_a_slow_peer_is_left_at_the_deadline(stage: str, trick: hostile.Trick, trusted_ca: trustme.CA) -> None:
    findings, watch, peer = await _checked(stage, trick, trusted_ca)
    check = CHECK_OF[stage]
    dripped_out = stage == "tls" and trick is hostile.drip  # TLS sees at once that this is no TLS
    assert peer.reached.is_set()
    assert verdicts(findings)[check] == LATER[check]
    assert watch.seconds < LONGEST
    assert dripped_out or watch.all_seconds >= SHORT.to_rcpt
    assert {finding.check for finding in findings} == set(smtp.IDS)


@pytest.mark.parametrize("stage", ALL_STAGES)
@pytest.mark.parametrize("trick", [hostile.close, hostile.reset], ids=["closed", "reset"])
async def test_a_lost_connection_is_told_at_its_stage(stage: str, trick: hostile.Trick, trusted_ca: trustme.CA) -> None:
    findings, watch, peer = await _checked(stage, trick, trusted_ca, ROOMY)
    check = CHECK_OF[stage]
    finding = next(finding for finding in findings if finding.check == check)
    assert peer.reached.is_set()
    assert finding.verdict.value == LATER[check]
    assert finding.remedy
    assert finding.code is LOST[check]
    assert watch.seconds < LONGEST


async def test_a_lost_answer_to_the_message_is_no_reason_to_send_it_again(trusted_ca: trustme.CA) -> None:
    findings, _, peer = await _checked("message", hostile.close, trusted_ca)
    sender = next(finding for finding in findings if finding.check == "sender")
    assert sender.code is Code.SENDER_DROPPED
    assert "may be queued" in sender.summary
    assert peer.verbs.count("DATA") == 1
    assert peer.connections == 1


@pytest.mark.parametrize("stage", [stage for stage in ALL_STAGES if stage != "tls"])
@pytest.mark.parametrize("trick", [hostile.endless, hostile.long_line], ids=["endless reply", "10 MB line"])
async def test_a_flood_is_cut_off_and_takes_no_memory(stage: str, trick: hostile.Trick, trusted_ca: trustme.CA) -> None:
    tracemalloc.start()
    try:
        # A machine that is busy needs longer than a peer that is silent may take.
        findings, watch, peer = await _checked(stage, trick, trusted_ca, ROOMY)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    finding = next(finding for finding in findings if finding.check == CHECK_OF[stage])
    assert peer.reached.is_set()
    assert finding.verdict.value == ("unknown" if finding.check == "sender" else "fail")
    assert finding.code is FLOODED[finding.check]
    assert watch.seconds < ROOMY.to_rcpt
    assert peak < 20_000_000


@pytest.mark.parametrize("stage", [stage for stage in ALL_STAGES if stage != "tls"])
async def test_hostile_text_is_inert_wherever_it_stands(stage: str, trusted_ca: trustme.CA) -> None:
    code = hostile.REPLIES[stage][:3]
    text = f"{code}-[/] [link=http://evil.test]x[/link]\r\n{code} \x1b]52;c;aGk=\x07\x1b[2J\x9b31m\xff\r\n"
    on_event: list[Event] = []
    async with _peer(stage, hostile.saying(text), trusted_ca) as peer:
        await smtp.check(_draft(stage, peer.port), session(), on_event.append, send=True, limits=ROOMY)
    texts = [
        text
        for event in on_event
        for text in (
            (event.summary, event.subject, event.remedy, *event.evidence)
            if isinstance(event, Finding)
            else (event.sent, *event.reply)
            if isinstance(event, Exchange)
            else ()
        )
    ]
    assert peer.reached.is_set()
    assert any("\\x1b" in text for text in texts)
    assert [text for text in texts if not text.isprintable()] == []


async def test_a_server_that_echoes_the_login_does_not_get_it_shown() -> None:
    async def echo(peer: Peer, writer: asyncio.StreamWriter, _reply: str) -> None:
        writer.write(b"535 you said " + peer.received.splitlines()[-1] + b" " + hostile.KEY.encode() + b"\r\n")

    on_event: list[Event] = []
    async with Peer("AUTH", echo) as peer:
        findings = await smtp.check(draft(peer.port), session(), on_event.append, limits=ROOMY)
    login = next(line for line in peer.received.splitlines() if line.startswith(b"AUTH")).split()[-1].decode()
    told = repr(on_event) + repr([finding.as_json() for finding in findings])
    assert verdicts(findings)["auth"] == "fail"
    assert hostile.KEY not in told
    assert len(login) > 20
    assert login[16:-4] not in told
    assert any(isinstance(event, Exchange) and event.sent == "AUTH PLAIN ****" for event in on_event)


class TestTlsIsNeverDowngraded:
    """Neither AUTH nor the key goes out in clear once STARTTLS was chosen."""

    async def _nothing_in_clear(self, peer: Peer) -> list[Finding]:
        findings = await smtp.check(draft(peer.port, "starttls"), session(), send=True, limits=ROOMY)
        assert peer.connections == 1
        assert b"EHLO" in peer.received.upper()
        assert b"AUTH" not in peer.received.upper()
        assert b"MAIL" not in peer.received.upper()
        return findings

    async def test_a_stripped_starttls_is_a_hard_stop(self, ca: trustme.CA) -> None:
        async with Peer(context=hostile.server_context(ca.issue_cert("localhost")), advertise=False) as peer:
            findings = await self._nothing_in_clear(peer)
        assert verdicts(findings)["tls"] == "fail"
        assert verdicts(findings)["auth"] == "skip"
        assert peer.auths == 0

    async def test_a_refused_starttls_is_a_hard_stop(self, ca: trustme.CA) -> None:
        context = hostile.server_context(ca.issue_cert("localhost"))
        async with Peer("STARTTLS", hostile.saying("454 TLS not available\r\n"), context=context) as peer:
            findings = await self._nothing_in_clear(peer)
        assert verdicts(findings)["tls"] == "fail"
        assert peer.auths == 0

    async def test_words_injected_after_starttls_are_not_believed(self, trusted_ca: trustme.CA) -> None:
        context = hostile.server_context(trusted_ca.issue_cert("localhost"))
        injected = "220 Ready to start TLS\r\n250-evil\r\n250 AUTH PLAIN\r\n235 Granted for evil/evil\r\n"
        async with Peer("STARTTLS", hostile.saying(injected), context=context) as peer:
            findings = await self._nothing_in_clear(peer)
        assert "evil" not in repr([finding.as_json() for finding in findings])
        assert verdicts(findings)["tls"] in {"fail", "pass"}
        if verdicts(findings)["tls"] == "pass":
            assert peer.auths == 1
            assert granted(findings) == "acme/app"

    async def test_an_untrusted_certificate_is_a_hard_stop(self, ca: trustme.CA) -> None:
        async with Peer(context=hostile.server_context(ca.issue_cert("localhost"))) as peer:
            findings = await self._nothing_in_clear(peer)
        assert verdicts(findings)["tls"] == "fail"
        assert peer.auths == 0


@pytest.mark.parametrize(
    ("banner", "code"),
    [
        ("SSH-2.0-OpenSSH_9.6\r\n", Code.GREETING_SSH_SERVER),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", Code.GREETING_WEB_SERVER),
        ("<html><head>\r\n", Code.GREETING_WEB_SERVER),
        ("\x15\x03\x01\x00\x02\x02\x16\r\n", Code.GREETING_IMPLICIT_TLS),
        ("421 Too many connections\r\n", Code.GREETING_RATE_LIMITED),
        ("421 Not now\r\n", Code.GREETING_BUSY),
        ("554 Not you\r\n", Code.GREETING_CLIENT_REFUSED),
        ("502 Proxy Error\r\n", Code.GREETING_PROXY_PROTOCOL),
        ("554 5.7.1 Blocked using lists.test\r\n", Code.GREETING_BLOCK_LISTED),
        ("+OK POP3 ready\r\n", Code.GREETING_NOT_SMTP),
        ("\r\n", Code.GREETING_NOT_SMTP),
        ("250 Not the code wanted\r\n", Code.GREETING_NOT_SMTP),
    ],
)
async def test_first_words_that_are_no_220_say_what_listens(banner: str, code: Code) -> None:
    async with Peer("banner", hostile.saying(banner)) as peer:
        findings = await smtp.check(draft(peer.port), session(), limits=ROOMY)
    greeting = next(finding for finding in findings if finding.check == "greeting")
    assert greeting.verdict.value == "fail"
    assert greeting.code is code
    assert greeting.remedy
    assert peer.auths == 0


async def test_a_port_of_tls_from_the_first_byte_is_recognised(ca: trustme.CA) -> None:
    async with Peer(context=hostile.server_context(ca.issue_cert("localhost")), tls_first=True) as peer:
        findings = await smtp.check(draft(peer.port), session(), limits=SHORT)
    greeting = next(finding for finding in findings if finding.check == "greeting")
    assert greeting.verdict.value == "fail"
    assert greeting.code is Code.GREETING_SILENT


@pytest.mark.parametrize("offered", ["PLAIN", "LOGIN", "CRAM-MD5", "LOGIN PLAIN", "CRAM-MD5 LOGIN"])
@pytest.mark.parametrize("reply", ["535 Invalid credential", "454 Later", "235 Granted for acme/app", "503 Twice"])
async def test_one_check_sends_one_auth_command(offered: str, reply: str) -> None:
    replies = {"EHLO": f"250-My capabilities are\r\n250 AUTH {offered}", "AUTH": reply}
    async with Peer(replies=replies) as peer:
        findings = await smtp.check(draft(peer.port), session(), limits=ROOMY)
    first = next(mechanism for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5") if mechanism in offered)
    assert peer.auths == 1
    assert f"AUTH {first}".encode() in peer.received
    expected = {"535": "fail", "454": "unknown", "235": "pass", "503": "fail"}[reply[:3]]
    assert verdicts(findings)["auth"] == expected


async def test_a_challenge_without_end_is_left(trusted_ca: trustme.CA) -> None:
    async def challenge(_peer: Peer, writer: asyncio.StreamWriter, _reply: str) -> None:
        for _ in range(20):
            writer.write(b"334 UGFzc3dvcmQ6\r\n")
            await asyncio.sleep(0)

    async with Peer("AUTH", challenge) as peer:
        findings = await smtp.check(draft(peer.port), session(), limits=ROOMY)
    assert verdicts(findings)["auth"] == "unknown"
    assert peer.auths == 1
