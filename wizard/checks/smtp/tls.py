"""STARTTLS as GlitchTip does it: the same context, and what Python 3.13 in newer images would say."""

from __future__ import annotations

import contextlib
import os
import ssl
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.postal import server as postal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.checks.smtp.dialogue import BrokenError, Reply

STRICT: Final = ssl.VerifyFlags.VERIFY_X509_STRICT | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
"""What ``ssl.create_default_context()`` adds from Python 3.13 on."""


class _Closing(ssl.SSLSocket):
    """Closes itself: ``wrap_socket`` of CPython leaves its socket open when a reset comes before the handshake."""

    def __del__(self) -> None:
        self.close()


def context(*, strict: bool = False) -> ssl.SSLContext:
    """Return the context that Django's backend makes: chain and name are checked, SSL_CERT_FILE is honoured."""
    made = ssl.create_default_context()
    made.sslsocket_class = _Closing
    if strict:
        made.verify_flags |= STRICT
    return made


def second_opinion(chain: Iterable[bytes], host: str) -> str | None:
    """Return why STRICT and PARTIAL_CHAIN refuse *chain* (DER, leaf first) for *host*: empty if not, None if unknown.

    OpenSSL itself judges, without another connection: a client in memory is served a TLS 1.2 ServerHello with the chain
    that was seen, and verifies it before it asks for any proof of the key.
    """
    judge = context(strict=True)
    judge.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = judge.wrap_bio(incoming, outgoing, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    hello = b"\x03\x03" + os.urandom(32) + b"\0" + b"\xc0\x2f" + b"\0" + b"\x00\x05\xff\x01\x00\x01\x00"
    certificates = b"".join(_sized(der) for der in chain)
    for record in _records(b"\x02" + _sized(hello), b"\x0b" + _sized(_sized(certificates))):
        incoming.write(record)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return ""
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except ssl.SSLError as error:
        # An elliptic key does not fit the cipher suite above; OpenSSL looks at that after the chain.
        return "" if error.reason == "WRONG_CERTIFICATE_TYPE" else None
    return None


def _sized(body: bytes) -> bytes:
    return struct.pack(">I", len(body))[1:] + body


def _records(*messages: bytes) -> Iterable[bytes]:
    for message in messages:
        for start in range(0, len(message), 16_000):
            part = message[start : start + 16_000]
            yield b"\x16\x03\x03" + struct.pack(">H", len(part)) + part


def chain_of(sock: ssl.SSLSocket) -> list[bytes]:
    """Return the chain as the server sent it, DER, leaf first."""
    public = getattr(sock, "get_unverified_chain", None)  # Python 3.13
    if public is not None:
        return [bytes(der) for der in public()]
    import _ssl

    inner: Any = sock._sslobj  # type: ignore[attr-defined]  # noqa: SLF001  # the only way before 3.13
    der: Any = _ssl.ENCODING_DER
    return [certificate.public_bytes(der) for certificate in inner.get_unverified_chain() or ()]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a verified certificate says of itself."""

    version: str
    names: tuple[str, ...]
    issuer: str
    until: str
    """Its last moment, in OpenSSL's words."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The facts as evidence."""
        return (self.version, f"names: {', '.join(self.names)}", f"issuer: {self.issuer}", f"valid until: {self.until}")


def certificate_of(sock: ssl.SSLSocket) -> Certificate:
    """Read the certificate of a connection whose chain was verified."""
    peer: dict[str, Any] = sock.getpeercert() or {}
    issuer = {key: value for part in peer.get("issuer", ()) for key, value in part}
    names = tuple(str(value) for _, value in peer.get("subjectAltName", ()))
    return Certificate(
        sock.version() or "TLS",
        names,
        str(issuer.get("commonName") or issuer.get("organizationName") or "nameless"),
        str(peer.get("notAfter", "")),
    )


# --- verdicts ---------------------------------------------------------------------------------------------------------

_WAYS_OUT: Final = (
    "Choose STARTTLS once Postal has it (smtp_server.tls_enabled: true, a certificate for {host}), or use a "
    "private connection: WireGuard (wg-quick up wg0, then Postal's address in it as host), or an SSH tunnel "
    "(ssh -N -L 172.17.0.1:2525:localhost:{port} POSTAL-HOST, then that address and port)."
)


def plain(subject: str, host: str, port: int, public: list[str], private: list[str], *, offered: bool) -> Finding:
    """Judge a connection without TLS by the addresses that GlitchTip would use."""
    if not public:
        words = f"No TLS chosen: plain text stays on a private network ({', '.join(private)})."
        return Finding.ok(Code.TLS_PLAIN_PRIVATE, subject, words, ("It offers STARTTLS.",) if offered else ())
    return Finding.warn(
        Code.TLS_PLAIN_PUBLIC,
        subject,
        f"No TLS chosen, but {', '.join(public)} is a public address: key and mails cross the network in plain text.",
        ("STARTTLS is offered." if offered else "STARTTLS is not offered.",),
        remedy=("Choose STARTTLS: it is offered. Otherwise: " if offered else "")
        + _WAYS_OUT.format(host=host, port=port),
    )


def not_offered(subject: str, ehlo: tuple[str, ...], trace: str | None) -> Finding:
    """STARTTLS was chosen and EHLO does not list it: a hard stop, whoever took it out."""
    known = postal.meaning("STARTTLS", 502, "TLS not available")
    return Finding.fail(
        Code.TLS_NOT_OFFERED,
        subject,
        "STARTTLS was chosen, but the server does not offer it (Postal: smtp_server.tls_enabled is false, or "
        "something on the way removed it); nothing is sent in plain text.",
        (*ehlo, "GlitchTip: smtplib.SMTPNotSupportedError: STARTTLS extension not supported by server."),
        remedy=f"{known.fix() if known else ''} See {postal.log_line(trace)}.",
    )


def refused(subject: str, reply: Reply) -> Finding:
    """Judge an answer to STARTTLS that is not 220."""
    return Finding.fail(
        Code.TLS_REFUSED,
        subject,
        f'STARTTLS was offered and then refused with "{reply.words}"; nothing is sent in plain text.',
        reply.shown,
        remedy="Look at the server's log for its certificate: Postal's tls_certificate_path and tls_private_key_path "
        "must be readable in the smtp container; restart it afterwards.",
    )


def broken(subject: str, error: BrokenError) -> Finding:
    """Judge a handshake that ended without a certificate to speak of."""
    return Finding.fail(
        Code.TLS_HANDSHAKE_FAILED,
        subject,
        f"STARTTLS started, but {error}; nothing is sent in plain text.",
        (str(error),),
        remedy="Look at Postal's log (postal logs smtp): a certificate or key that cannot be read closes the "
        "connection here.",
    )


def untrusted(subject: str, host: str, error: ssl.SSLCertVerificationError) -> Finding:
    """Judge a certificate that GlitchTip would refuse."""
    other = (Code.TLS_UNTRUSTED, f"is refused ({error.verify_message})", _PROPER)
    code, words, remedy = _FAULTS.get(error.verify_code, other)
    return Finding.fail(
        code,
        subject,
        f"The certificate {words.replace('{host}', host)}, so GlitchTip refuses the connection; "
        "nothing is sent in plain text.",
        (f"ssl.SSLCertVerificationError: {error.verify_message}",),
        remedy=remedy.replace("{host}", host),
    )


def verified(subject: str, facts: Certificate, opinion: str | None, host: str) -> Finding:
    """Judge a certificate that this Python accepted, with the second opinion about it."""
    if opinion:
        return Finding.warn(
            Code.TLS_STRICT_REFUSES,
            subject,
            f"The certificate verifies here, but Python 3.13, as in newer GlitchTip images, refuses it: {opinion}.",
            (*facts.lines, f"with VERIFY_X509_STRICT and VERIFY_X509_PARTIAL_CHAIN: {opinion}"),
            remedy="Have the certificate issued again: the CA with basicConstraints and keyUsage keyCertSign, the "
            "certificate with authorityKeyIdentifier (a public CA and step-ca do so without being asked).",
        )
    also = () if opinion == "" else ("what Python 3.13 would say is not known",)
    words = f"{facts.version}: the certificate is for {host}, by {facts.issuer}, until {facts.until}, and verifies."
    return Finding.ok(Code.TLS_VERIFIED, subject, words, (*facts.lines, *also))


_PROPER: Final = (
    "Give Postal a certificate for {host} from a public CA (the whole chain in tls_certificate_path), and restart its "
    "smtp process."
)
_PRIVATE_CA: Final = (
    "Use a certificate from a public CA, with the whole chain in tls_certificate_path; or mount your CA's "
    "certificate into GlitchTip's containers and set SSL_CERT_FILE to it there, and for this check too."
)
_OTHER_NAME: Final = (
    "Use the host name that the certificate is for, or have it issued for {host}; then restart Postal's smtp process."
)
_FAULTS: Final = {
    9: (Code.TLS_NOT_YET_VALID, "for {host} is not valid yet", "Correct the clocks of both hosts: timedatectl."),
    10: (
        Code.TLS_EXPIRED,
        "for {host} has expired",
        "Renew it and restart Postal's smtp process: it reads the certificate only at start.",
    ),
    18: (Code.TLS_SELF_SIGNED, "for {host} is self-signed", _PRIVATE_CA),
    19: (
        Code.TLS_PRIVATE_CA,
        "for {host} comes from a CA of its own that is not trusted here (self-signed in the chain)",
        _PRIVATE_CA,
    ),
    20: (
        Code.TLS_UNKNOWN_ISSUER,
        "for {host} comes from a CA that is not known here, or its intermediate is missing",
        _PRIVATE_CA,
    ),
    21: (Code.TLS_NO_CHAIN, "for {host} has no chain to a known CA", _PRIVATE_CA),
    62: (Code.TLS_OTHER_NAME, "is not for {host} but for another name", _OTHER_NAME),
    64: (Code.TLS_OTHER_ADDRESS, "is not for the address {host}: certificates are for names", _OTHER_NAME),
}
"""By OpenSSL's X509_V_ERR codes (x509_vfy.h): the outcome, what is wrong, and what to do."""
