"""A mail that was Sent lies in the sink as the recipient's mailbox shows it."""

from __future__ import annotations

import asyncio
import base64
import re
import smtplib
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import dns.message
import dns.query
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from wizard.rehearsal.scenarios import state
from wizard.rehearsal.servers import Servers

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

MAIL = (
    "From: GlitchTip <glitchtip@shop.example>\r\nTo: you@example.net\r\nSubject: [GlitchTip]\r\n  folded  twice\r\n"
    "Message-ID: <1@shop.example>\r\n\r\nhello   world \r\n\r\nend\r\n\r\n\r\n"
)


async def arrived(scenario: str, directory: Path, name: str = "0001.eml") -> tuple[bytes, str]:
    """Return the file in the sink, and the DKIM record that its signature points to."""
    servers = Servers(state(scenario), directory)
    info = await servers.start()
    host, _, port = info["smtp"].rpartition(":")

    def send() -> None:
        with smtplib.SMTP(host, int(port), timeout=5) as smtp:
            smtp.login("shop/apps", info["smtp_key"])
            smtp.sendmail("glitchtip@shop.example", ["you@example.net"], MAIL)

    try:
        await asyncio.to_thread(send)
        raw = (directory / "sink" / name).read_bytes()
        tags = signature(message_from_bytes(raw))
        record = f"{tags.get('s', 'none')}._domainkey.{tags.get('d', 'shop.example')}"
        return raw, await asyncio.to_thread(published, info, record)
    finally:
        await servers.stop()


def published(info: dict[str, Any], name: str) -> str:
    host, _, port = info["dns"].rpartition(":")
    reply = dns.query.udp(dns.message.make_query(name, "TXT", use_edns=0), host, 3, int(port))
    return "".join(b"".join(record.strings).decode() for group in reply.answer for record in group)


def signature(mail: Message) -> dict[str, str]:
    value = re.sub(r"\s+", "", mail.get("DKIM-Signature", ""))
    return dict(tag.split("=", 1) for tag in value.split(";") if tag)


def verify(mail: Message, record: str) -> None:
    """Check the header's signature by RFC 6376 3.7, written out for this one mail."""
    tags = signature(mail)
    signed = [f"{name}:{' '.join(mail[name].split())}\r\n" for name in tags["h"].split(":")]
    bare = re.sub(r"(\sb=)[^;]*$", r"\1", " ".join(mail["DKIM-Signature"].split()))
    found = re.search(r"p=([^;]+);", record)
    assert found is not None
    key = serialization.load_der_public_key(base64.b64decode(found[1]))
    assert isinstance(key, rsa.RSAPublicKey)
    told = "".join(signed) + f"dkim-signature:{bare}"
    key.verify(base64.b64decode(tags["b"]), told.encode(), padding.PKCS1v15(), hashes.SHA256())


async def test_it_is_signed_with_the_key_that_the_zone_publishes(tmp_path: Path) -> None:
    raw, record = await arrived("good", tmp_path)
    mail = message_from_bytes(raw)
    verify(mail, record)
    hashed = hashes.Hash(hashes.SHA256())
    hashed.update(b"hello world\r\n\r\nend\r\n")
    assert signature(mail)["bh"] == base64.b64encode(hashed.finalize()).decode()
    mail.replace_header("Subject", "another")
    with pytest.raises(InvalidSignature):
        verify(mail, record)


@pytest.mark.parametrize(
    ("scenario", "signer", "sender", "spf"),
    [
        ("good", "shop.example", "psrp.shop.example", "pass"),
        ("dkim-missing", "rp.postal.shop.example", "psrp.shop.example", "pass"),
        ("no-return-path", "shop.example", "rp.postal.shop.example", "pass"),
        ("no-spf", "shop.example", "psrp.shop.example", "none"),
    ],
)
async def test_its_headers_tell_what_postal_used(
    tmp_path: Path, scenario: str, signer: str, sender: str, spf: str
) -> None:
    raw, record = await arrived(scenario, tmp_path)
    mail = message_from_bytes(raw)
    verify(mail, record)
    judged = " ".join(mail["Authentication-Results"].split())
    assert signature(mail)["d"] == signer
    assert mail["Return-Path"].endswith(f"@{sender}>")
    assert f"dkim=pass header.d={signer}" in judged
    assert f"spf={spf} smtp.mailfrom={sender}" in judged
    assert mail["Received"].startswith("from postal.shop.example (postal.shop.example [192.0.2.25])")


async def test_a_held_mail_is_kept_apart_as_postal_has_it(tmp_path: Path) -> None:
    raw, _ = await arrived("development", tmp_path, "held/0001.eml")
    assert raw.startswith(b"Received: from ")
    assert b"DKIM-Signature" not in raw
    assert list((tmp_path / "sink").glob("*.eml")) == []
