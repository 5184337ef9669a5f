"""Headers of a received mail, pasted: who signed it, who vouched for it, how long it took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.checks import received
from wizard.model.draft import App, Domain, Draft
from wizard.model.finding import Verdict

DRAFT = Draft(
    app=App(from_="GlitchTip <glitchtip@example.com>"),
    domain=Domain(return_path_target="rp.postal.example.com", dkim_selector="postal-a1b2c3"),
)

GOOD = """\
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
Subject: Test

body
"""


def judged(text: str) -> dict[str, Verdict]:
    return {finding.subject: finding.verdict for finding in received.judge(text, DRAFT)}


def test_a_good_mail_passes_in_everything() -> None:
    assert judged(GOOD) == dict.fromkeys(["dkim", "spf", "dmarc", "return path", "way"], Verdict.PASS)


def test_the_fallback_key_means_press_check_my_records() -> None:
    text = GOOD.replace("example.com header.s=postal-a1b2c3", "rp.postal.example.com header.s=postal").replace(
        "d=example.com;\n\ts=postal-a1b2c3", "d=rp.postal.example.com;\n\ts=postal"
    )
    finding = next(found for found in received.judge(text, DRAFT) if found.subject == "dkim")
    assert finding.verdict is Verdict.WARN
    assert "Check my records are correct" in finding.remedy


def test_the_installation_s_return_path_is_named() -> None:
    text = GOOD.replace("psrp.example.com>", "rp.postal.example.com>")
    assert judged(text)["return path"] is Verdict.WARN


def test_a_mail_without_a_signature_fails() -> None:
    head, _, rest = GOOD.partition("DKIM-Signature")
    text = head.replace("dkim=pass", "x=none") + "X-Was" + rest
    assert judged(text)["dkim"] is Verdict.FAIL


@pytest.mark.parametrize("result", ["fail", "softfail", "none", "permerror"])
def test_spf_that_did_not_pass_fails(result: str) -> None:
    assert judged(GOOD.replace("spf=pass", f"spf={result}"))["spf"] is Verdict.FAIL


def test_a_temporary_error_is_not_known_rather_than_wrong() -> None:
    assert judged(GOOD.replace("spf=pass", "spf=temperror"))["spf"] is Verdict.UNKNOWN
    assert judged(GOOD.replace("dmarc=pass", "dmarc=temperror"))["dmarc"] is Verdict.UNKNOWN


def test_a_hop_that_waited_is_named() -> None:
    finding = next(
        found for found in received.judge(GOOD.replace("13:31:20 +0000", "13:45:20 +0000"), DRAFT)
        if found.subject == "way"
    )  # fmt: skip
    assert finding.verdict is Verdict.WARN
    assert "842 s" in finding.summary
    assert "mx.example.net" in finding.summary


def test_a_lower_authentication_results_is_not_believed() -> None:
    forged = "Authentication-Results: mx.example.net; dmarc=pass header.from=example.com\n"
    text = GOOD.replace("dmarc=pass", "dmarc=fail").replace("From: GlitchTip", forged + "From: GlitchTip")
    assert judged(text)["dmarc"] is Verdict.FAIL


def test_what_is_no_header_says_how_to_get_them() -> None:
    (finding,) = received.judge("Hello, here is the mail!", DRAFT)
    assert finding.verdict is Verdict.UNKNOWN
    assert "source" in finding.remedy


@pytest.mark.parametrize(
    "text",
    [
        "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +9999999999999999999999999",
        "Received: from a by b; Mon, 1 Jan 0000 99:99:99 +9999",
        "Received: from \udcff by \u00e9; Mon, 1 Jan 2024 00:00:00 +0000",
    ],
)
def test_a_field_that_no_server_writes_is_a_hop_all_the_same(text: str) -> None:
    way = next(found for found in received.judge(text, DRAFT) if found.subject == "way")
    assert way.verdict is Verdict.PASS
    assert "1 hop," in way.summary


@given(st.text(max_size=400))
def test_nothing_pasted_raises_or_reaches_the_terminal_raw(text: str) -> None:
    for finding in received.judge(f"Received: {text}\nAuthentication-Results: {text}\n{text}", DRAFT):
        assert not any(
            ord(character) < 32 or ord(character) == 127 for character in finding.summary + "".join(finding.evidence)
        )
