"""Certificates: judged as GlitchTip's Python will, also by a newer Python than this one."""

from __future__ import annotations

import ssl
import sys
from typing import TYPE_CHECKING

import pytest

from tests.checks.smtp import certificates
from tests.checks.smtp.hostile import Peer, draft, session, verdicts
from wizard.checks.smtp import addresses as smtp_addresses
from wizard.checks.smtp import run as smtp
from wizard.checks.smtp import tls
from wizard.model.codes import Code

if TYPE_CHECKING:
    from pathlib import Path

    from tests.checks.smtp.certificates import Chain, Fault
    from wizard.model.finding import Finding

_STRICT_BY_DEFAULT = sys.version_info >= (3, 13)
SHORT = smtp.Limits(to_rcpt=3.0, data=3.0)


def _handshake(chain: Chain, client: ssl.SSLContext, tmp_path: Path) -> str:
    """Shake hands in memory; return what the client refuses, empty where it does not."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = chain.server(tmp_path / "server.pem").wrap_bio(to_server, to_client, server_side=True)
    ours = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    for _ in range(10):
        for side in (ours, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_message
            except ssl.SSLError:
                continue
            if side is ours:
                return ""
    raise AssertionError("the handshake did not end")


@pytest.mark.parametrize("elliptic", [False, True], ids=["RSA", "elliptic"])
@pytest.mark.parametrize("fault", certificates.FAULTS)
def test_the_second_opinion_is_that_of_a_real_strict_handshake(
    fault: Fault, elliptic: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = certificates.make(fault, elliptic=elliptic)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain.trust(tmp_path / "ca.pem")))
    real = _handshake(chain, tls.context(strict=True), tmp_path)
    assert tls.second_opinion(chain.der, "localhost") == real
    assert (real == "") == (fault == "none")


def test_the_second_opinion_of_rubbish_is_none() -> None:
    assert tls.second_opinion([b"no certificate"], "localhost") is None


async def _checked(fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Finding, Peer]:
    chain = certificates.make(fault)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain.trust(tmp_path / "ca.pem")))
    async with Peer(context=chain.server(tmp_path / "server.pem")) as peer:
        findings = await smtp.check(draft(peer.port, "starttls"), session(), limits=SHORT)
    (finding,) = [finding for finding in findings if finding.check == "tls"]
    reached = finding.verdict.value in {"pass", "warn"}
    assert verdicts(findings)["auth"] == ("pass" if reached else "skip")
    assert b"AUTH" not in peer.received
    assert peer.auths == int(reached)
    assert peer.connections == 1
    return finding, peer


async def test_a_good_certificate_passes_with_its_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finding, peer = await _checked("none", tmp_path, monkeypatch)
    assert finding.code is Code.TLS_VERIFIED
    assert finding.verdict.value == "pass"
    assert "A CA of our own" in finding.summary
    assert "names: localhost" in finding.evidence
    assert peer.verbs[:3] == ["EHLO", "STARTTLS", "EHLO"]
    assert peer.verbs.count("EHLO") == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [("ca without key usage", "key usage"), ("no authority key", "Authority Key Identifier")],
)
async def test_what_only_newer_pythons_refuse_is_a_warn(
    fault: Fault, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding, _ = await _checked(fault, tmp_path, monkeypatch)
    assert finding.verdict.value == ("fail" if _STRICT_BY_DEFAULT else "warn")
    assert words in finding.summary
    assert finding.code is (Code.TLS_UNTRUSTED if _STRICT_BY_DEFAULT else Code.TLS_STRICT_REFUSES)
    assert finding.remedy


@pytest.mark.parametrize(
    ("fault", "code", "remedy"),
    [
        ("expired", Code.TLS_EXPIRED, "Renew"),
        ("not yet", Code.TLS_NOT_YET_VALID, "clocks"),
        ("other name", Code.TLS_OTHER_NAME, "issued for localhost"),
        ("self-signed", Code.TLS_SELF_SIGNED, "SSL_CERT_FILE"),
    ],
)
async def test_a_certificate_that_fails_says_why(
    fault: Fault, code: Code, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding, _ = await _checked(fault, tmp_path, monkeypatch)
    assert finding.verdict.value == "fail"
    assert finding.code is code
    assert remedy in finding.remedy
    assert "nothing is sent in plain text" in finding.summary


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.0.4.7", True), ("172.31.0.1", True), ("192.168.1.1", True), ("127.0.0.2", True), ("::1", True),
        ("fd00::7", True), ("fe80::1%eth0", True), ("169.254.1.1", True), ("::ffff:10.0.0.1", True),
        ("172.32.0.1", False), ("203.0.113.5", False), ("192.0.2.25", False), ("2001:db8::1", False),
        ("100.64.0.1", False), ("8.8.8.8", False), ("::ffff:8.8.8.8", False),
    ],
)  # fmt: skip
def test_private_is_what_is_no_public_network(address: str, private: bool) -> None:
    assert smtp_addresses.is_private(address) is private


def test_plain_text_over_a_public_address_is_a_warn_with_the_ways_out() -> None:
    finding = tls.plain("smtp.example:25", "smtp.example", 25, ["203.0.113.5"], ["10.0.0.1"], offered=False)
    assert finding.verdict.value == "warn"
    assert finding.code is Code.TLS_PLAIN_PUBLIC
    assert "203.0.113.5" in finding.summary
    assert "10.0.0.1" not in finding.summary
    assert all(words in finding.remedy for words in ("STARTTLS", "wg-quick up", "ssh -N -L"))
