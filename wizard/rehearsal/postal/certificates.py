"""Certificates of the rehearsal, made at each start: none is kept, none is trusted anywhere else."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from wizard.rehearsal.state import Tls

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA of one rehearsal."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey
    pem: bytes
    """The certificate, for whoever trusts it."""


def authority() -> Authority:
    """Return a new CA."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("Rehearsal CA", key, None, key, names=None)
    return Authority(ca, key, ca.public_bytes(serialization.Encoding.PEM))


def context(kind: Tls, hostname: str, ca: Authority) -> ssl.SSLContext:
    """Return what a server of *kind* shows: good for *hostname*, localhost, 127.0.0.1 and ::1 if at all."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName("mail.elsewhere.example")]
    if kind != "wrong-name":
        loopback = (ipaddress.ip_address(text) for text in ("127.0.0.1", "::1"))
        names = [x509.DNSName(hostname), x509.DNSName("localhost"), *map(x509.IPAddress, loopback)]
    ended = kind == "expired"
    if kind == "self-signed":
        leaf = _certificate(hostname, key, None, key, names=names)
    else:
        leaf = _certificate(hostname, key, ca.certificate, ca.key, names=names, ended=ended)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(made, leaf.public_bytes(serialization.Encoding.PEM) + secret)
    return made


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: EllipticCurvePrivateKey,
    *,
    names: list[x509.GeneralName] | None,
    ended: bool = False,
) -> x509.Certificate:
    """Make one; without *names* it is a CA. Its extensions are what VERIFY_X509_STRICT asks for (RFC 5280 4.2.1)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    is_ca = names is None
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 30 * _DAY)
        .not_valid_after(now - _DAY if ended else now + _DAY)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=is_ca,
                crl_sign=is_ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if names is not None:
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return built.sign(issuer_key, hashes.SHA256())


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    # OpenSSL reads a chain from a file only; the key lives there for this one call.
    descriptor, name = tempfile.mkstemp(prefix="rehearsal-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(name)
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()
