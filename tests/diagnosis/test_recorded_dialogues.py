"""Dialogues recorded from Postal's own server, piped in whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.diagnosis import diagnose

DIALOGUES = Path(__file__).parents[1] / "rehearsal" / "dialogues"
FIRST = {
    "01-smtplib-glitchtip@app-right": "cram-noise",
    "02-smtplib-glitchtip@app-wrong": "wrong-key",
    "03-smtplib-org_server-right": None,
    "05-smtplib-org-server-wrong": "wrong-key",
    "08b-key-leading-space": "wrong-key",
    "10-only-CRAM-MD5-glitchtip@app": "cram-only",
    "10-only-CRAM-MD5-right": None,
    "11-auth-plain-malformed": "login-protocol",
    "11-auth-unknown-mechanism": None,
    "20-from-unknown-domain": "from-unverified",
    "22-from-subdomain-of-verified": "from-unverified",
    "25-from-display-name": None,
    "25-from-webmaster@localhost": "from-default",
    "30-no-auth-relay": "no-login",
    "31-rcpt-return-path-bad-token": "recipient-postal",
    "32-rcpt-bad-syntax": "recipient-malformed",
    "33-order-and-unknown": "out-of-order",
    "34-smtplib-starttls-not-enabled": "starttls-off",
    "34-starttls-not-enabled": "starttls-off",
    "35-implicit-tls-on-plain-port": "implicit-tls",
    "36-message-too-large": "too-large",
    "37-many-received": "loop",
    "41-tls-starttls-verified-selfsigned": "cert-self-signed",
    "42-tls-starttls-own-ca": None,
    "50-suspended-server": "suspended",
    "51-smtp-ip-no-auth": None,
    "53-smtp-ip-with-wrong-auth": "wrong-key",
    "77-legacy-api-development-mode": "held-development",
    "swaks-cram-glitchtip@app": "cram-only",
    "swaks-from-unverified": "from-unverified",
    "swaks-login-wrong": "wrong-key",
    "swaks-noauth": "no-login",
    "swaks-plain-right": None,
    "swaks-starttls-disabled": "starttls-off",
}


@pytest.mark.parametrize("name", FIRST)
def test_a_recorded_dialogue_names_its_cause_and_a_good_one_names_none(name: str) -> None:
    standing = diagnose((DIALOGUES / f"{name}.txt").read_text(errors="replace")).standing
    assert (standing[0].key if standing else None) == FIRST[name]
