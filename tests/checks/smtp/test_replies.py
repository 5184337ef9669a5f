"""The verdict table: replies that differ from Postal's in one thing, and drafts that cannot be sent."""

from __future__ import annotations

import pytest

from tests.checks.smtp.hostile import Peer, draft, one, session, verdicts
from wizard.checks.smtp import run as smtp
from wizard.model.draft import App, Credential, Draft, TestMail
from wizard.model.secret import Secret
from wizard.model.session import Session

SHORT = smtp.Limits(resolve=0.4, connect=1.0, silent=0.4, wake=0.2, to_rcpt=5.0, data=5.0)


class TestOtherReplies:
    """One reply is exchanged for another."""

    @pytest.mark.parametrize(
        ("stage", "reply", "check", "verdict", "words"),
        [
            ("AUTH", "535 5.7.8 Authentication failed", "auth", "fail", "another server"),
            ("AUTH", "530 5.7.0 Must issue a STARTTLS command first", "auth", "fail", "TLS before"),
            ("AUTH", "538 Encryption required", "auth", "fail", "TLS before"),
            ("AUTH", "454 4.7.0 Temporary", "auth", "unknown", "right now"),
            ("MAIL", "530 5.7.0 Authentication required", "recipient", "fail", "login first"),
            ("MAIL", "451 Later", "recipient", "unknown", "right now"),
            ("RCPT", "550 Invalid server token", "recipient", "fail", "return path"),
            ("RCPT", "550 5.1.1 User unknown", "recipient", "fail", "recipient"),
            ("RCPT", "450 Greylisted", "recipient", "unknown", "right now"),
            ("DATA", "451 Later", "sender", "unknown", "right now"),
            ("DATA", "554 No", "sender", "fail", "refused"),
            ("message", "552 Message too large (maximum size 14MB)", "sender", "fail", "max_message_size"),
            ("message", "550 Loop detected", "sender", "fail", "more than four times"),
            ("message", "451 Later", "sender", "unknown", "right now"),
            ("message", "554 5.7.1 Spam", "sender", "fail", "refused the message"),
            ("EHLO", "501 Invalid hostname", "greeting", "fail", "EHLO"),
        ],
    )
    async def test_come_to_their_verdict(self, stage: str, reply: str, check: str, verdict: str, words: str) -> None:
        replies = {stage: reply, "HELO": reply} if stage == "EHLO" else {stage: reply}
        async with Peer(replies=replies) as peer:
            findings = await smtp.check(draft(peer.port), session(), send=True, limits=SHORT)
        finding = one(findings, check)
        assert finding.verdict.value == verdict
        assert words in finding.summary
        assert finding.remedy
        later = smtp.IDS[smtp.IDS.index(check) + 1 :]
        assert [verdicts(findings)[check] for check in later] == ["skip"] * len(later)

    async def test_no_auth_offered_is_a_fail(self) -> None:
        async with Peer(replies={"EHLO": "250 smtp.example.test"}) as peer:
            findings = await smtp.check(draft(peer.port), session(), limits=SHORT)
        assert one(findings, "auth").verdict.value == "fail"
        assert "no login at all" in one(findings, "auth").summary

    async def test_only_unknown_mechanisms_are_a_fail(self) -> None:
        async with Peer(replies={"EHLO": "250 AUTH XOAUTH2"}) as peer:
            findings = await smtp.check(draft(peer.port), session(), limits=SHORT)
        assert one(findings, "auth").verdict.value == "fail"
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
        assert "ASCII" in one(findings, "auth").summary
        assert peer.auths == 0

    @pytest.mark.parametrize("recipient", ["a@b.example>, x", "a@b.example, c@d.example", "a b@c.example", "nobody"])
    async def test_a_recipient_that_smtplib_would_cut_is_a_fail(self, recipient: str) -> None:
        async with Peer() as peer:
            told = draft(peer.port, test_mail=TestMail(recipient))
            findings = await smtp.check(told, session(), send=True, limits=SHORT)
        assert one(findings, "recipient").verdict.value == "fail"
        assert "MAIL" not in peer.verbs

    async def test_no_recipient_is_a_skip(self) -> None:
        async with Peer() as peer:
            findings = await smtp.check(draft(peer.port, test_mail=None), session(), send=True, limits=SHORT)
        assert [verdicts(findings)[check] for check in ("recipient", "sender")] == ["skip", "skip"]
        assert "MAIL" not in peer.verbs

    async def test_a_from_that_django_refuses_sends_nothing(self) -> None:
        async with Peer() as peer:
            told = draft(peer.port, app=App(from_="Glitch, Tip <a@example.test>"))
            findings = await smtp.check(told, session(), send=True, limits=SHORT)
        assert one(findings, "sender").verdict.value == "fail"
        assert "MAIL" not in peer.verbs

    @pytest.mark.parametrize(("username", "key"), [("", "k" * 24), ("acme/app", None), ("", None)])
    async def test_half_a_login_is_none(self, username: str, key: str | None) -> None:
        async with Peer() as peer:
            told = draft(peer.port, credential=Credential(username))
            findings = await smtp.check(told, Session(key=Secret(key) if key else None), limits=SHORT)
        assert one(findings, "auth").verdict.value == "skip"
        assert peer.auths == 0

    async def test_no_host_is_a_skip_that_names_the_key(self) -> None:
        findings = await smtp.check(Draft(), session(), limits=SHORT)
        assert set(verdicts(findings).values()) == {"skip"}
        assert len(findings) == len(smtp.IDS)
        assert "server.host" in findings[0].summary
