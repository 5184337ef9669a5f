"""The verdict table: replies that differ from Postal's in one thing, and drafts that cannot be sent."""

from __future__ import annotations

import pytest

from tests.checks.smtp.hostile import Peer, draft, one, session, verdicts
from wizard.checks.smtp import run as smtp
from wizard.model.codes import Code
from wizard.model.draft import App, Credential, Draft, TestMail
from wizard.model.secret import Secret
from wizard.model.session import Session

SHORT = smtp.Limits(resolve=0.4, connect=1.0, silent=0.4, wake=0.2, to_rcpt=5.0, data=5.0)


class TestOtherReplies:
    """One reply is exchanged for another."""

    @pytest.mark.parametrize(
        ("stage", "reply", "verdict", "code"),
        [
            ("AUTH", "535 5.7.8 Authentication failed", "fail", Code.AUTH_OTHER_SERVER),
            ("AUTH", "530 5.7.0 Must issue a STARTTLS command first", "fail", Code.AUTH_TLS_WANTED),
            ("AUTH", "538 Encryption required", "fail", Code.AUTH_TLS_WANTED),
            ("AUTH", "454 4.7.0 Temporary", "unknown", Code.AUTH_TEMPORARY),
            ("AUTH", "554 No", "fail", Code.AUTH_REFUSED),
            ("AUTH", "535 Denied", "fail", Code.AUTH_DENIED),
            ("AUTH", "534 5.7.9 Application-specific password required", "fail", Code.AUTH_PLAIN_LOGIN_OFF),
            ("MAIL", "530 5.7.0 Authentication required", "fail", Code.RECIPIENT_LOGIN_WANTED),
            ("MAIL", "451 Later", "unknown", Code.RECIPIENT_SENDER_TEMPORARY),
            ("RCPT", "550 Invalid server token", "fail", Code.RECIPIENT_RETURN_PATH_ADDRESS),
            ("RCPT", "550 5.1.1 User unknown", "fail", Code.RECIPIENT_RECIPIENT_UNKNOWN),
            ("RCPT", "550 No", "fail", Code.RECIPIENT_REFUSED),
            ("RCPT", "451 Later", "unknown", Code.RECIPIENT_TEMPORARY),
            ("RCPT", "450 Greylisted", "unknown", Code.RECIPIENT_GREYLISTED),
            ("DATA", "451 Later", "unknown", Code.SENDER_TEMPORARY),
            ("DATA", "554 No", "fail", Code.SENDER_REFUSED),
            ("message", "552 Message too large (maximum size 14MB)", "fail", Code.SENDER_TOO_LARGE),
            ("message", "550 Loop detected", "fail", Code.SENDER_LOOP),
            ("message", "451 Later", "unknown", Code.SENDER_TEMPORARY),
            ("message", "554 5.7.1 Spam", "fail", Code.SENDER_SPAM),
            ("EHLO", "501 Invalid hostname", "fail", Code.GREETING_HELO_REFUSED),
            ("EHLO", "500 No", "fail", Code.GREETING_EHLO_REFUSED),
        ],
    )
    async def test_come_to_their_verdict(self, stage: str, reply: str, verdict: str, code: Code) -> None:
        replies = {stage: reply, "HELO": reply} if stage == "EHLO" else {stage: reply}
        async with Peer(replies=replies) as peer:
            findings = await smtp.check(draft(peer.port), session(), send=True, limits=SHORT)
        finding = one(findings, code.check)
        assert finding.verdict.value == verdict
        assert finding.code is code
        assert finding.remedy
        assert reply in finding.summary
        later = smtp.IDS[smtp.IDS.index(code.check) + 1 :]
        assert [verdicts(findings)[check] for check in later] == ["skip"] * len(later)

    async def test_no_auth_offered_is_a_fail(self) -> None:
        async with Peer(replies={"EHLO": "250 smtp.example.test"}) as peer:
            findings = await smtp.check(draft(peer.port), session(), limits=SHORT)
        assert one(findings, "auth").verdict.value == "fail"
        assert one(findings, "auth").code is Code.AUTH_NOT_OFFERED

    async def test_only_unknown_mechanisms_are_a_fail(self) -> None:
        async with Peer(replies={"EHLO": "250-smtp.example.test\r\n250 AUTH XOAUTH2"}) as peer:
            findings = await smtp.check(draft(peer.port), session(), limits=SHORT)
        assert one(findings, "auth").verdict.value == "fail"
        assert one(findings, "auth").code is Code.AUTH_NO_MECHANISM
        assert peer.auths == 0

    async def test_cram_md5_that_is_not_offered_makes_any_user_name_right(self) -> None:
        async with Peer(replies={"EHLO": "250-My capabilities are\r\n250 AUTH PLAIN LOGIN"}) as peer:
            told = draft(peer.port, credential=Credential("glitchtip@app"))
            findings = await smtp.check(told, session(), limits=SHORT)
        assert one(findings, "username").verdict.value == "pass"


class TestWhatIsTold:
    """The draft's own values decide some verdicts before anything is sent."""

    @pytest.mark.parametrize("key", ["schlüssel", "a\tb"])
    async def test_a_key_that_cannot_be_sent_is_not_tried(self, key: str) -> None:
        async with Peer() as peer:
            findings = await smtp.check(draft(peer.port), Session(key=Secret(key)), limits=SHORT)
        assert one(findings, "auth").verdict.value == "fail"
        assert one(findings, "auth").code is Code.AUTH_NOT_ASCII
        assert peer.auths == 0

    @pytest.mark.parametrize("recipient", ["a@b.example>, x", "a@b.example, c@d.example", "a b@c.example", "nobody"])
    async def test_a_recipient_that_smtplib_would_cut_is_a_fail(self, recipient: str) -> None:
        async with Peer() as peer:
            told = draft(peer.port, test_mail=TestMail(recipient))
            findings = await smtp.check(told, session(), send=True, limits=SHORT)
        assert one(findings, "recipient").verdict.value == "fail"
        assert one(findings, "recipient").code is Code.RECIPIENT_INVALID_ADDRESS
        assert "MAIL" not in peer.verbs

    async def test_no_recipient_is_a_skip(self) -> None:
        async with Peer() as peer:
            findings = await smtp.check(draft(peer.port, test_mail=None), session(), send=True, limits=SHORT)
        assert [verdicts(findings)[check] for check in ("recipient", "sender")] == ["skip", "skip"]
        assert one(findings, "recipient").code is Code.RECIPIENT_NO_VALUE
        assert "test_mail.recipient" in one(findings, "recipient").remedy
        assert "MAIL" not in peer.verbs

    async def test_a_from_that_django_refuses_sends_nothing(self) -> None:
        async with Peer() as peer:
            told = draft(peer.port, app=App(from_="Glitch, Tip <a@example.test>"))
            findings = await smtp.check(told, session(), send=True, limits=SHORT)
        assert one(findings, "sender").verdict.value == "fail"
        assert one(findings, "sender").code is Code.SENDER_INVALID_ADDRESS
        assert "MAIL" not in peer.verbs

    @pytest.mark.parametrize(("username", "key"), [("", "k" * 24), ("acme/app", None), ("", None)])
    async def test_half_a_login_is_none(self, username: str, key: str | None) -> None:
        async with Peer() as peer:
            told = draft(peer.port, credential=Credential(username))
            findings = await smtp.check(told, Session(key=Secret(key) if key else None), limits=SHORT)
        assert one(findings, "auth").verdict.value == "skip"
        assert one(findings, "auth").code is Code.AUTH_NO_VALUE
        assert ("credential.username" in one(findings, "auth").remedy) is not bool(username)
        assert peer.auths == 0

    async def test_no_host_is_a_skip_that_names_the_key(self) -> None:
        findings = await smtp.check(Draft(), session(), limits=SHORT)
        assert set(verdicts(findings).values()) == {"skip"}
        assert len(findings) == len(smtp.IDS)
        assert findings[0].code is Code.RESOLVE_NO_VALUE
        assert "server.host" in findings[0].remedy
        assert {finding.code.outcome for finding in findings[1:] if finding.code} == {"not_reached"}
