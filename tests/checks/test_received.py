"""Headers of a received mail, pasted: whose it is, who signed it, who vouched for it, how long it took."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.checks import received
from wizard.model.codes import Code
from wizard.model.details import Signature
from wizard.model.draft import App, Domain, Draft
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

MAILS: Final = Path(__file__).with_name("mails")
ACME: Final = Draft(
    app=App(from_="GlitchTip <glitchtip@acme.example>"),
    domain=Domain(return_path_target="rp.postal.mailhost.example", dkim_selector="postal-kRSMYn"),
)
DRAFT: Final = Draft(
    app=App(from_="GlitchTip <glitchtip@example.com>"),
    domain=Domain(return_path_target="rp.postal.example.com", dkim_selector="postal-a1b2c3"),
)
SENT: Final = "<179578493367.2304.1606571821412037941@vm>"

GOOD: Final = """\
Return-Path: <wzj1ob@psrp.example.com>
Authentication-Results: mx.example.net;
\tdkim=pass (1024-bit key) header.d=example.com header.s=postal-a1b2c3 header.b=abc;
\tspf=pass (allowed) smtp.mailfrom=wzj1ob@psrp.example.com;
\tdmarc=pass (p=QUARANTINE) header.from=example.com
Received: from postal.example.com (postal.example.com [192.0.2.25])
\tby mx.example.net with ESMTPS id 1; Mon, 23 Nov 2026 13:31:20 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
\td=example.com;
\ts=postal-a1b2c3; t=1795440678; bh=x; h=from; b=y
Received: from web (web [10.0.4.9]) by smtp.postal.example.com with SMTP; Mon, 23 Nov 2026 13:31:18 -0000
From: GlitchTip <glitchtip@example.com>
Message-ID: <179544067800.7.123456789@web>
Subject: Test

body
"""
ALL_GOOD: Final = [
    Code.RECEIVED_DKIM_OWN, Code.RECEIVED_SPF_PASS, Code.RECEIVED_DMARC_PASS, Code.RECEIVED_ENVELOPE_OWN,
    Code.RECEIVED_HOPS,
]  # fmt: skip


def mail(name: str) -> str:
    return (MAILS / f"{name}.eml").read_text(encoding="utf-8")


def codes(text: str, draft: Draft = DRAFT, sent: str = "") -> list[Code | None]:
    return [finding.code for finding in received.judge(text, draft, sent)]


def of(text: str, subject: str) -> Finding:
    return next(found for found in received.judge(text, DRAFT) if found.subject == subject)


class TestGenuineMails:
    """As a Postal 3.3.6 delivered them; the server that took them added no judgement."""

    @pytest.mark.parametrize(
        ("name", "expected", "signature"),
        [
            (
                "good-domain-signed",
                [Code.RECEIVED_DKIM_OWN_NOT_JUDGED, Code.RECEIVED_ENVELOPE_OWN],
                Signature("acme.example", "postal-kRSMYn", "psrp.acme.example"),
            ),
            (
                "stale-ok-both-records-removed",
                [Code.RECEIVED_DKIM_OWN_NOT_JUDGED, Code.RECEIVED_ENVELOPE_OWN],
                Signature("acme.example", "postal-kRSMYn", "psrp.acme.example"),
            ),
            (
                "check-never-pressed-fallback-signed",
                [Code.RECEIVED_DKIM_FALLBACK, Code.RECEIVED_ENVELOPE_FALLBACK],
                Signature("rp.postal.mailhost.example", "postal", "rp.postal.mailhost.example"),
            ),
        ],
    )
    def test_say_which_key_and_which_envelope_postal_used(
        self, name: str, expected: list[Code], signature: Signature
    ) -> None:
        found = codes(mail(name), ACME)
        assert [code for code in found if "dkim" in str(code) or "envelope" in str(code)] == expected
        assert {Code.RECEIVED_SPF_NOT_APPLICABLE, Code.RECEIVED_DMARC_NOT_APPLICABLE} <= set(found)
        assert received.signature(mail(name), ACME) == signature

    def test_never_pressed_shows_where_to_press(self) -> None:
        findings = received.judge(mail("check-never-pressed-fallback-signed"), ACME, server="acme/glitchtip")
        fallback = next(one for one in findings if one.code is Code.RECEIVED_DKIM_FALLBACK)
        assert "Check my records are correct" in fallback.remedy
        assert "/org/acme/servers/glitchtip/domains" in fallback.remedy

    def test_their_message_id_proves_that_the_mail_arrived(self) -> None:
        found = received.judge(mail("check-never-pressed-fallback-signed"), ACME, SENT)
        assert (found[0].code, found[0].verdict) == (Code.RECEIVED_THIS_MAIL, Verdict.PASS)
        assert {one.proven_from for one in found if one.verdict is not Verdict.SKIP} == {"mail"}

    def test_those_of_another_mail_prove_nothing(self) -> None:
        assert codes(mail("good-domain-signed"), ACME, SENT) == [Code.RECEIVED_ANOTHER_MAIL]
        assert received.signature(mail("good-domain-signed"), ACME, SENT) is None
        assert codes(GOOD, DRAFT, "<other@web>") == [Code.RECEIVED_ANOTHER_MAIL]

    def test_those_without_a_message_id_prove_nothing(self) -> None:
        text = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith("Message-ID"))
        assert codes(text, DRAFT, SENT) == [Code.RECEIVED_NO_MESSAGE_ID]


def double_spaced(text: str) -> str:
    head, _, body = text.partition("\n\n")
    return head.replace("\n", "\n\n") + "\n\n" + body


def as_gmail_shows_it(text: str) -> str:
    return (
        "Original Message\n\nMessage ID\t<1@x>\nCreated at:\tMon, Nov 23, 2026 at 1:31 PM (Delivered after 2 seconds)\n"
        "From:\tGlitchTip <glitchtip@acme.example>\nTo:\tdev@inbox.example\nSubject:\tOther subject\n"
        "SPF:\tPASS with IP 192.0.2.25\tLearn more\nDKIM:\t'PASS' with domain acme.example\tLearn more\n"
        f"DMARC:\t'PASS'\tLearn more\n\n\nDownload Original\tCopy to clipboard\n \n{text}"
    )


PASTED: Final[dict[str, Callable[[str], str]]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "indentation lost": lambda text: text.replace("\n\t", "\n"),
    "unfolded": lambda text: text.replace("\n\t", " "),
    "folded by blanks": lambda text: text.replace("\n\t", "\n      "),
    "indented": lambda text: "".join(f"    {line}" for line in text.splitlines(keepends=True)),
    "double spaced": double_spaced,
    "CRLF, each end read as two": lambda text: text.replace("\n", "\n\n"),
    "double spaced, CRLF": lambda text: double_spaced(text).replace("\n", "\r\n"),
    "Gmail's page": as_gmail_shows_it,
    "blank lines first": lambda text: f"\r\n\r\n{text}",
    "no blank behind colons": lambda text: text.replace("DKIM-Signature: ", "DKIM-Signature:"),
}


@pytest.mark.parametrize("way", PASTED)
@pytest.mark.parametrize("name", [*sorted(path.stem for path in MAILS.glob("*.eml")), "judged"])
def test_headers_say_the_same_however_they_were_pasted(name: str, way: str) -> None:
    text, draft = (GOOD, DRAFT) if name == "judged" else (mail(name), ACME)
    mangled = PASTED[way](text)
    assert mangled != text
    assert received.judge(mangled, draft) == received.judge(text, draft)
    assert received.signature(mangled, draft) == received.signature(text, draft)
    assert len(received.judge(text, draft)) > 1


class TestWhatTheReceiverSays:
    def test_a_good_mail_passes_in_everything(self) -> None:
        assert codes(GOOD) == ALL_GOOD
        found = received.signature(GOOD, DRAFT)
        assert found == Signature("example.com", "postal-a1b2c3", "psrp.example.com")

    @pytest.mark.parametrize("result", ["fail", "softfail", "none", "permerror"])
    def test_spf_that_did_not_pass_fails(self, result: str) -> None:
        assert Code.RECEIVED_SPF_FAIL in codes(GOOD.replace("spf=pass", f"spf={result}"))

    def test_a_temporary_error_is_not_known_rather_than_wrong(self) -> None:
        for method in ("spf", "dmarc", "dkim"):
            found = received.judge(GOOD.replace(f"{method}=pass", f"{method}=temperror"), DRAFT)
            assert next(one for one in found if one.subject == method).verdict is Verdict.UNKNOWN

    def test_dmarc_that_failed_is_a_fail_of_its_own_code(self) -> None:
        assert Code.RECEIVED_DMARC_FAIL in codes(GOOD.replace("dmarc=pass", "dmarc=fail"))
        assert Code.RECEIVED_DMARC_NONE in codes(GOOD.replace("dmarc=pass", "dmarc=none"))

    def test_a_result_in_front_without_the_servers_name_is_read(self) -> None:
        # As Exchange Online writes it.
        text = GOOD.replace(
            "mx.example.net;\n\tdkim=pass", "spf=pass (sender IP is 192.0.2.25)\n\tsmtp.mailfrom=x; dkim=pass"
        )
        assert Code.RECEIVED_DMARC_PASS in codes(text)
        assert Code.RECEIVED_SPF_PASS in codes(text)

    def test_a_lower_judgement_is_not_believed(self) -> None:
        forged = "Authentication-Results: mx.example.net; dmarc=pass header.from=example.com\n"
        text = GOOD.replace("dmarc=pass", "dmarc=fail").replace("From: GlitchTip", forged + "From: GlitchTip")
        assert Code.RECEIVED_DMARC_FAIL in codes(text)

    def test_nor_is_one_that_came_with_the_mail_where_the_receiver_adds_none(self) -> None:
        forged = "Authentication-Results: inbox.example; dkim=pass header.d=acme.example; dmarc=pass\n"
        text = mail("good-domain-signed").replace("From: GlitchTip", forged + "From: GlitchTip")
        assert Code.RECEIVED_DMARC_NOT_APPLICABLE in codes(text, ACME)
        assert Code.RECEIVED_DKIM_OWN_NOT_JUDGED in codes(text, ACME)

    def test_nor_is_one_in_the_body(self) -> None:
        text = f"{mail('good-domain-signed')}\nAuthentication-Results: x; dmarc=pass\n"
        assert Code.RECEIVED_DMARC_NOT_APPLICABLE in codes(text, ACME)


class TestTheSignature:
    def test_a_mail_without_one_fails(self) -> None:
        head, _, rest = GOOD.partition("DKIM-Signature")
        text = (
            head.replace("dkim=pass (1024-bit key) header.d=example.com header.s=postal-a1b2c3", "dkim=none")
            + "X-Was"
            + rest
        )
        assert Code.RECEIVED_DKIM_UNSIGNED in codes(text)

    def test_some_headers_without_one_prove_nothing(self) -> None:
        text = "Received: from a by b; Mon, 23 Nov 2026 13:31:20 +0000\n"
        assert Code.RECEIVED_DKIM_NOT_APPLICABLE in codes(text)

    def test_the_receivers_words_name_it_where_it_was_not_pasted(self) -> None:
        text = GOOD[: GOOD.index("Received")]
        assert Code.RECEIVED_DKIM_OWN in codes(text)

    def test_one_of_a_forwarder_does_not_hide_postals(self) -> None:
        text = GOOD.replace(
            "Received: from postal", "DKIM-Signature: v=1; d=list.example; s=x; b=y\nReceived: from postal"
        )
        assert Code.RECEIVED_DKIM_OWN in codes(text)

    def test_the_fallback_key_is_known_by_postals_own_identifier(self) -> None:
        text = GOOD.replace("header.d=example.com header.s=postal-a1b2c3", "header.d=rp.mail.example header.s=acme")
        text = text.replace("d=example.com;\n\ts=postal-a1b2c3", "d=rp.mail.example;\n\ts=acme")
        draft = Draft(app=DRAFT.app, domain=Domain(dkim_selector="acme-a1b2c3"))
        assert Code.RECEIVED_DKIM_FALLBACK in codes(text, draft)
        assert Code.RECEIVED_DKIM_OTHER in codes(text)

    def test_one_that_failed_is_a_fail(self) -> None:
        assert Code.RECEIVED_DKIM_OWN_FAILED in codes(GOOD.replace("dkim=pass", "dkim=fail"))


class TestTheEnvelope:
    def test_the_installations_return_path_is_named(self) -> None:
        assert Code.RECEIVED_ENVELOPE_FALLBACK in codes(GOOD.replace("psrp.example.com>", "rp.postal.example.com>"))

    def test_postals_own_word_goes_before_a_forwarders(self) -> None:
        text = mail("good-domain-signed").replace("Resent", "Return-Path: <srs0=x@forwarder.example>\nResent", 1)
        assert Code.RECEIVED_ENVELOPE_OWN in codes(text, ACME)

    def test_another_domains_is_a_warning(self) -> None:
        assert Code.RECEIVED_ENVELOPE_OTHER in codes(GOOD.replace("psrp.example.com>", "bounce.other.example>"))


def test_a_hop_that_waited_is_named() -> None:
    finding = of(GOOD.replace("13:31:20 +0000", "13:45:20 +0000"), "way")
    assert finding.code is Code.RECEIVED_SLOW
    assert "842 s" in finding.summary
    assert "mx.example.net" in finding.summary


@pytest.mark.parametrize("text", ["Hello, here is the mail!", "", "From: a@b\nSubject: x\n\nReceived by hand"])
def test_what_is_no_header_says_how_to_get_them(text: str) -> None:
    (finding,) = received.judge(text, DRAFT)
    assert (finding.verdict, finding.code) == (Verdict.UNKNOWN, Code.RECEIVED_NO_HEADERS)
    assert "source" in finding.remedy
    assert received.signature(text, DRAFT) is None


@pytest.mark.parametrize(
    "text",
    [
        "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +9999999999999999999999999",
        "Received: from a by b; Mon, 1 Jan 0000 99:99:99 +9999",
        "Received: from \udcff by \u00e9; Mon, 1 Jan 2024 00:00:00 +0000",
    ],
)
def test_a_field_that_no_server_writes_is_a_hop_all_the_same(text: str) -> None:
    way = of(text, "way")
    assert way.verdict is Verdict.PASS
    assert "1 hop," in way.summary


@given(st.text(max_size=400))
def test_nothing_pasted_raises_or_reaches_the_terminal_raw(text: str) -> None:
    for finding in received.judge(f"Received: {text}\nAuthentication-Results: {text}\n{text}", DRAFT, text):
        assert not any(
            ord(character) < 32 or ord(character) == 127 for character in finding.summary + "".join(finding.evidence)
        )
