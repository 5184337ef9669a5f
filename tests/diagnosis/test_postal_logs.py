"""Logs recorded from Postal 3.3.6's own processes, whole: each names its cause, and a good one names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.diagnosis import diagnose

LOGS = Path(__file__).with_name("postal_logs")
KEY, FROM = "wrong-key", "from-unverified"
FIRST: dict[str, str | None] = {
    # what the worker logged
    "1line-credential": "held-credential", "1line-dev": "held-development", "1line-suppression": "held-suppressed",
    "1line-suspended": "held-suspended", "worker-added-to-suppression": "delivery-recipient",
    "worker-conn-refused": "delivery-refused-there", "worker-dev-mode": "held-development", "worker-good": None,
    "worker-hardfail-550": "delivery-recipient", "worker-hold-credential": "held-credential",
    "worker-send-limit": "held-limit", "worker-softfail-greylist": "delivery-greylisted",
    "worker-suspended": "held-suspended",
    # what the SMTP process logged
    "smtp-530-from": FROM, "smtp-530-subdomain": FROM, "smtp-API-key": KEY, "smtp-good": None,
    "smtp-right-key-glitchtip-app": "cram-noise", "smtp-starttls-expired": "cert-expired",
    "smtp-starttls-good": "cert-unknown-ca", "smtp-starttls-not-offered": None,
    "smtp-starttls-self": "cert-unknown-ca", "smtp-starttls-self-signed-server-side": "cert-unknown-ca",
    "smtp-starttls-wrong": "cert-name", "smtp-wrong-key-app": KEY, "smtp-wrong-key-smtplib-3-mechs": KEY,
    "smtp-wrong-key-wizard": KEY,
    # one situation at a time
    "by-situation/smtp-API-key": KEY, "by-situation/smtp-from-not-verified-full": FROM,
    "by-situation/smtp-from-not-verified": FROM, "by-situation/smtp-from-org-level-domain": None,
    "by-situation/smtp-from-other-org": FROM, "by-situation/smtp-from-subdomain": FROM,
    "by-situation/smtp-from-unknown-domain": FROM, "by-situation/smtp-from-with-key-of-rival": FROM,
    "by-situation/smtp-hold-key-with-send": None, "by-situation/smtp-key-cut-by-one": KEY,
    "by-situation/smtp-key-with-trailing-blank": None, "by-situation/smtp-other-server-key": None,
    "by-situation/smtp-right-key-empty-ish-user": None, "by-situation/smtp-right-key-glitchtip-app": None,
    "by-situation/smtp-right-key-org-server": None, "by-situation/smtp-right-key-org_server": None,
    "by-situation/smtp-right-key-other-server-user": None, "by-situation/smtp-right-key-wrong-case": None,
    "by-situation/smtp-smtp-ip-with-wrong-key": KEY, "by-situation/smtp-smtp-ip-without-user-and-key": None,
    "by-situation/smtp-starttls-available-but-none": None,
    "by-situation/smtp-starttls-good-ca-not-trusted": "cert-unknown-ca", "by-situation/smtp-starttls-good": None,
    "by-situation/smtp-starttls-good2": None, "by-situation/smtp-starttls-not-offered": None,
    "by-situation/smtp-starttls-self-trusted": "cert-name", "by-situation/smtp-starttls-self": "cert-unknown-ca",
    "by-situation/smtp-starttls-wrong": "cert-name", "by-situation/smtp-suspended-check": None,
    "by-situation/smtp-suspended-server-no-send": "suspended", "by-situation/smtp-to-be-revoked": None,
    "by-situation/smtp-wrong-key-glitchtip-app": KEY, "by-situation/smtp-wrong-key": KEY,
    "by-situation/smtplib-at-wrong": KEY, "by-situation/smtplib-cram-at": "cram-noise",
    "by-situation/smtplib-cram-ok": None, "by-situation/smtplib-cram-us": None,
    "by-situation/smtplib-cram-wrong": KEY, "by-situation/smtplib-cram-wrongcase": "cram-case",
}  # fmt: skip
"""Recording -> the cause that stands first. Of a client that did not know the issuer, Postal can say no more."""


def test_every_recording_is_listed() -> None:
    assert {str(path.relative_to(LOGS).with_suffix("")) for path in LOGS.rglob("*.log")} == FIRST.keys()


@pytest.mark.parametrize("name", FIRST)
def test_a_recorded_log_names_its_cause(name: str) -> None:
    text = (LOGS / f"{name}.log").read_text()
    for shown in (text, "".join(f"postal-1  | {line}\n" for line in text.splitlines())):
        standing = diagnose(shown).standing
        assert (standing[0].key if standing else None) == FIRST[name]
