"""Tracebacks that Django really raised, through log prefixes, to the first cause."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.diagnosis.logs import NOISE, docker
from wizard.diagnosis import as_text, diagnose

FIRST = {
    "refused": "nothing-listens", "connect-timeout": "firewall", "silent": "tls-port",
    "closed-at-once": "proxy-closes", "ssh": "ssh-port", "http": "web-port", "banner-421": "rate-limited",
    "banner-554": "blocked-client", "proxy": "proxy-protocol", "ehlo-501": "ehlo-name",
    "closed-at-ehlo": "proxy-closes", "silent-at-ehlo": "postal-blocked", "starttls-off": "starttls-off",
    "starttls-454": "starttls-refused", "ssl-on-plain": "implicit-tls", "self-signed": "cert-self-signed",
    "private-ca": "cert-issuer", "wrong-name": "cert-name", "by-address": "cert-address", "expired": "cert-expired",
    "no-auth": "auth-absent", "oauth-only": "auth-mechanism", "wrong-key": "wrong-key", "535-other": "not-postal",
    "530-at-auth": "auth-needs-tls", "454-at-auth": "auth-later", "closed-at-auth": "postal-exception",
    "ascii": "ascii", "mail-530": "no-login-elsewhere", "mail-553": "sender-refused", "rcpt-530": "no-login",
    "suspended": "suspended", "rcpt-550": "recipient-unknown", "relay": "relay-denied",
    "greylisted": "greylisted", "silent-at-rcpt": "postal-blocked", "slow-354": "slow-reverse-dns",
    "silent-after-dot": "lost-after-dot", "closed-at-data": "postal-exception", "from-unverified": "from-unverified",
    "too-large": "too-large", "spam": "spam-refused", "from-newline": "from-newline", "from-comma": "from-comma",
    "timeout-text": "timeout-type", "timeout-zero": "timeout-zero", "both-tls": "both-tls", "no-host": "no-host",
    "double-dot": "bad-host-name", "no-such-name": "no-such-host", "url-slash-in-key": "unencoded-key",
    "url-bracket": "brackets", "url-blank": "text-after-port", "url-wide": "wide-character", "url-port": "port-range",
    "url-quoted": "quoted-url", "url-submission": "scheme", "url-dollar": "dollar-reference",
}  # fmt: skip
"""Case of ``genuine.py`` -> the cause that must stand first."""


@pytest.fixture(scope="module")
def raised() -> dict[str, str]:
    """Run every case once, in a process of its own."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("genuine.py"))],
        capture_output=True,
        timeout=60,
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    found: dict[str, str] = json.loads(done.stdout)
    assert found.keys() == FIRST.keys()
    return found


@pytest.mark.parametrize("case", FIRST)
def test_the_true_cause_stands_first(case: str, raised: dict[str, str]) -> None:
    text = raised[case]
    assert text.startswith("Traceback")
    assert diagnose(text).standing[0].key == FIRST[case]
    assert diagnose(NOISE + docker(text, "worker-1", stamp=True) + NOISE).standing[0].key == FIRST[case]


@pytest.mark.parametrize("case", FIRST)
def test_the_key_in_a_traceback_is_not_shown(case: str, raised: dict[str, str]) -> None:
    shown = as_text(diagnose(raised[case]))
    assert "canary" not in shown
    assert "ca/nary" not in shown
