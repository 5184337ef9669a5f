"""Texts of the kinds that people paste: the true cause first, who speaks never mistaken, the innocent left alone."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.diagnosis.found import FOUND
from tests.diagnosis.logs import NOISE
from tests.diagnosis.reported import REPORTED, SILENT
from tests.diagnosis.spellings import SPELLINGS
from tests.diagnosis.table import ROWS
from wizard.diagnosis import CAUSES, State, as_text, delivery, diagnose, dialogue, log_lines, speakers
from wizard.diagnosis.leads_words import WORDS

EVERY = pytest.mark.parametrize(
    ("key", "text"),
    [row[1:] for row in REPORTED],
    ids=[f"{row[0]}: {row[1]} {number}" for number, row in enumerate(REPORTED)],
)
AT_A_DELIVERY = [row for row in REPORTED if row[0] in {"delivery", "reached"}]


@EVERY
def test_the_true_cause_stands_first(key: str, text: str) -> None:
    found = diagnose(text)
    assert [ranked.key for ranked in found.standing][:1] == [key], [ranked.key for ranked in found.causes]
    assert found.standing[0].state in {State.LIKELY, State.POSSIBLE}
    assert found.excluded == ()


@EVERY
def test_the_block_is_short_and_repeats_no_line(key: str, text: str) -> None:
    block = as_text(diagnose(text)).partition("\n\n")[0]
    assert len(block) <= 600
    assert [line for line in text.splitlines() if len(line.strip()) >= 25 and line.strip() in block] == []


@pytest.mark.parametrize("name", SILENT)
def test_the_innocent_is_left_alone(name: str) -> None:
    assert diagnose(SILENT[name]).causes == ()
    assert diagnose(NOISE + SILENT[name] + "\n" + NOISE).causes == ()


@pytest.mark.parametrize(
    "text", [row[2] for row in AT_A_DELIVERY], ids=[f"{row[1]} {number}" for number, row in enumerate(AT_A_DELIVERY)]
)
def test_what_the_recipients_server_says_is_never_about_glitchtips_login(text: str) -> None:
    keys = {ranked.key for ranked in diagnose(text).standing}
    assert keys
    assert all(key.startswith(("delivery-", "held-")) for key in keys), keys
    assert "EMAIL_URL" not in as_text(diagnose(text))


def test_every_kind_has_at_least_five_texts() -> None:
    counts = Counter(kind for kind, _, _ in REPORTED)
    assert len(REPORTED) >= 100
    assert min(counts.values()) >= 5, counts


def test_every_family_of_words_leads_to_a_cause() -> None:
    assert {lead.cause for leads in WORDS.values() for lead in leads} <= CAUSES.keys()


def test_strangers_are_counted_where_glitchtip_is_known() -> None:
    strangers = SILENT["strangers at Postal"]
    own = (
        "2026-11-24 08:09:07 +0000 DEBUG  Client identified as 10.0.4.9 trace_id=OWNOWN11 component=smtp-server\n"
        "2026-11-24 08:09:07 +0000 DEBUG  <= ehlo web trace_id=OWNOWN11 component=smtp-server\n"
        "2026-11-24 08:09:08 +0000 DEBUG  <= rcpt TO:<kim@shop.example> trace_id=OWNOWN11 component=smtp-server\n"
        "2026-11-24 08:09:08 +0000 DEBUG  => 535 Mail server has been suspended "
        "trace_id=OWNOWN11 component=smtp-server\n"
    )
    for text in (strangers + own, own + strangers):
        found = diagnose(text)
        assert [ranked.key for ranked in found.standing] == ["suspended"]
        assert found.aside.startswith("5 failed logins of 5 other addresses")
        assert "Ignored\n   5 failed logins" in as_text(found)


def test_a_delivery_and_a_login_in_one_text_keep_their_own_words() -> None:
    text = (
        "HardFail\nPermanent SMTP delivery error when sending to mx2.partner.example (198.51.100.40)\n"
        "550 Authentication required\n\n"
        "smtplib.SMTPAuthenticationError: (535, b'Invalid credential')\n"
    )
    keys = [ranked.key for ranked in diagnose(text).standing]
    assert keys[0] == "wrong-key"
    assert "delivery-relay" in keys
    assert "no-login" not in keys


@pytest.mark.slow
def test_no_hint_that_saves_time_hides_a_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for _, _, text in (*REPORTED, *FOUND, *ROWS, *SPELLINGS)] + list(SILENT.values())
    was = [[ranked.key for ranked in diagnose(text).causes] for text in texts]
    for module in (delivery, log_lines, speakers):
        monkeypatch.setattr(module, "_HINTS", ("",))
    monkeypatch.setattr(dialogue, "_SPOKEN", ("",))
    assert [[ranked.key for ranked in diagnose(text).causes] for text in texts] == was
