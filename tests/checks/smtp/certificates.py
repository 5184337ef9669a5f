"""Certificates with single faults, as operators make them by hand."""

from __future__ import annotations

import datetime as dt
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Fault: TypeAlias = Literal[
    "none", "ca without key usage", "no authority key", "expired", "other name", "self-signed", "not yet"
]
FAULTS: tuple[Fault, ...] = (
    "none", "ca without key usage", "no authority key", "expired", "other name", "self-signed", "not yet",
)  # fmt: skip
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Chain:
    """A server's certificate with its key, and the CA to trust."""

    key: Key
    leaf: x509.Certificate
    ca: x509.Certificate

    @property
    def der(self) -> list[bytes]:
        return [self.leaf.public_bytes(serialization.Encoding.DER)]

    def trust(self, path: Path) -> Path:
        """Write the CA for SSL_CERT_FILE."""
        path.write_bytes(self.ca.public_bytes(_PEM))
        return path

    def server(self, path: Path) -> ssl.SSLContext:
        """Return a server's context."""
        secret = self.key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(secret + self.leaf.public_bytes(_PEM))  # the key first, as Postfix wants it
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def make(fault: Fault, *, elliptic: bool = False) -> Chain:
    """Make a CA and a certificate for localhost with one fault."""
    ca_key, key = _key(elliptic=elliptic), _key(elliptic=elliptic)
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A CA of our own")])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    authority = (
        _builder(ca_name, ca_name, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
    )
    if fault != "ca without key usage":
        authority = authority.add_extension(usage, critical=True)
    ca = authority.sign(ca_key, hashes.SHA256())

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    shift = {"expired": -dt.timedelta(days=60), "not yet": dt.timedelta(days=60)}.get(fault, dt.timedelta())
    host = "mail.elsewhere.example" if fault == "other name" else "localhost"
    issuer, signer = (name, key) if fault == "self-signed" else (ca_name, ca_key)
    builder = (
        _builder(name, issuer, key, shift)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if fault not in {"no authority key", "self-signed"}:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    return Chain(key, builder.sign(signer, hashes.SHA256()), ca)


def _key(*, elliptic: bool) -> Key:
    return ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, 2048)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, shift: dt.timedelta = dt.timedelta()
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC) + shift
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=30))
    )
