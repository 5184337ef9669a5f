"""Postal's facts: read against the dialogues recorded from Postal itself."""

from __future__ import annotations

import re

import pytest

from wizard.postal import server as postal

BANNER = "smtp.postal.example.test ESMTP Postal/KX0GMBKK"


class TestFingerprint:
    def test_the_banner_names_postal_and_its_trace(self) -> None:
        assert postal.fingerprint(BANNER) == postal.Peer("Postal", "KX0GMBKK")

    def test_the_capabilities_name_postal_behind_a_changed_banner(self) -> None:
        peer = postal.fingerprint("mail.example ESMTP", "My capabilities are\nAUTH CRAM-MD5 PLAIN LOGIN")
        assert peer.is_postal
        assert peer.trace is None

    @pytest.mark.parametrize(
        ("banner", "name"),
        [
            ("mail.example ESMTP Postfix (Debian/GNU)", "Postfix"),
            ("mail.example ESMTP Exim 4.96 Mon, 23 Nov 2026", "Exim"),
            ("mx.google.com ESMTP a1-2b - gsmtp", "Gmail"),
            ("host Python SMTP 1.4.6", "aiosmtpd"),
            ("postal.example ESMTP ready", "another mail server"),
            ("mail.postal.example ESMTP Postfix", "Postfix"),
        ],
    )
    def test_other_servers_are_named(self, banner: str, name: str) -> None:
        assert postal.fingerprint(banner, "mail.example\nPIPELINING").name == name

    def test_the_log_is_that_of_the_one_connection(self) -> None:
        assert postal.fingerprint(BANNER).log == ("Postal's log: postal logs smtp | grep trace_id=KX0GMBKK",)
        assert postal.fingerprint("x ESMTP Postfix").log == ()


class TestLogin:
    @pytest.mark.parametrize(
        ("reply", "server"),
        [
            ("Granted for acme/app", "acme/app"),
            ("Granted for acme/app\r\n", "acme/app"),
            ("2.7.0 Authentication successful", None),
            ("Granted for nobody", None),
            ("Granted for a/b and more", None),
        ],
    )
    def test_granted_is_read_as_postal_writes_it(self, reply: str, server: str | None) -> None:
        assert postal.granted(reply) == server

    @pytest.mark.parametrize(
        ("username", "succeeds"),
        [
            ("acme/app", True),
            ("acme_app", True),
            ("ACME/APP", True),
            ("glitchtip@app", False),
            ("acme", False),
            ("", False),
            ("acme/app/x", False),
            ("acme/app_x", False),
            ("acme//app", False),
            ("acme-app", False),
            ("acmeapp", False),
        ],
    )
    def test_cram_md5_splits_the_user_name_at_the_first_slash_or_underscore(
        self, username: str, succeeds: bool
    ) -> None:
        assert postal.cram_md5_succeeds(username, "acme/app") is succeeds


class TestReplies:
    @pytest.mark.parametrize(
        ("stage", "code", "text", "outcome"),
        [
            ("AUTH", 535, "Invalid credential", "invalid_credential"),
            ("AUTH", 535, "Denied", "denied"),
            ("AUTH", 535, "Authenticated failed - protocol error", "unreadable_login"),
            ("AUTH", 535, "5.7.8 Authentication failed", "other_server"),
            ("AUTH", 526, "Authentication failure[0]", "other_server"),
            ("AUTH", 535, "Invalid credentials", "other_server"),
            ("AUTH", 535, "Denied by policy", "other_server"),
            ("AUTH", 554, "No", "refused"),
            ("STARTTLS", 502, "TLS not available", "not_offered"),
            ("RCPT", 530, "Authentication required", "no_login"),
            ("RCPT", 535, "Mail server has been suspended", "suspended"),
            ("RCPT", 550, "Invalid server token", "return_path_address"),
            ("RCPT", 550, "Invalid route token", "route_unknown"),
            ("RCPT", 550, "Route does not accept incoming messages", "route_rejects"),
            ("RCPT", 501, "RCPT TO should not be empty", "malformed"),
            ("RCPT", 501, "Invalid RCPT TO", "malformed"),
            ("MAIL", 503, "EHLO/HELO first please", "out_of_order"),
            ("message", 530, "From/Sender name is not valid", "from_not_valid"),
            ("message", 552, "Message too large (maximum size 14MB)", "too_large"),
            ("message", 550, "Loop detected", "loop"),
            ("banner", 502, "Proxy Error", "proxy_protocol"),
        ],
    )
    def test_each_has_its_outcome_a_meaning_and_a_remedy(self, stage: str, code: int, text: str, outcome: str) -> None:
        known = postal.meaning(stage, code, text)
        assert known is not None
        assert known.outcome == outcome
        assert known.meaning
        assert known.fix()

    def test_535_means_another_thing_at_rcpt_than_at_auth(self) -> None:
        at_rcpt = postal.meaning("RCPT", 535, "Mail server has been suspended")
        at_auth = postal.meaning("AUTH", 535, "Invalid credential")
        assert at_rcpt is not None
        assert at_auth is not None
        assert "the key is right" in at_rcpt.meaning
        assert "/credentials/new" in at_auth.fix("acme/app")

    def test_a_good_reply_has_no_meaning_to_tell(self) -> None:
        assert postal.meaning("AUTH", 235, "Granted for acme/app") is None

    @pytest.mark.parametrize("known", postal.REPLIES, ids=lambda known: f"{known.stage} {known.code} {known.text}")
    def test_every_remedy_fills_its_places(self, known: postal.Known) -> None:
        assert not re.search(r"[{}]", known.fix("acme/app"))
        assert known.remedy.endswith(".")
        assert not known.meaning.endswith(".")


class TestPlaces:
    def test_a_known_server_gives_the_whole_path(self) -> None:
        assert "/org/acme/servers/app/credentials/new" in postal.place("new_credential", "acme/app")

    @pytest.mark.parametrize("tab", postal.TABS)
    def test_an_unknown_one_gives_no_path_with_placeholders(self, tab: str) -> None:
        assert "/org" not in postal.place(tab)
        assert "Postal, your mail server" in postal.place(tab)


class TestHeld:
    def test_the_likeliest_cause_comes_first(self) -> None:
        assert postal.HELD[0].text == "Server is in development mode."

    def test_every_row_says_where_to_look_and_what_to_do(self) -> None:
        assert len(postal.HELD) >= 12
        for held in postal.HELD:
            assert held.where
            assert held.release
            assert held.status in {"Pending", "Held", "HardFail", "SoftFail", "Bounced"}
            assert not held.cause.endswith(".")
