"""Causes between plain text and TLS, and certificates."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Cause
from wizard.diagnosis.rules import excluded, passes, proven, upholds
from wizard.model.codes import Check, Code

CAUSES: Final[tuple[Cause, ...]] = (
    Cause(
        "starttls-off",
        "STARTTLS is switched on (EMAIL_USE_TLS=True or smtps://), and the server does not offer it: tls_enabled "
        "is false in Postal.",
        "On a private network: smtp:// and no EMAIL_USE_TLS row. Otherwise in postal.yml smtp_server.tls_enabled:"
        " true with tls_certificate_path and tls_private_key_path of a public CA's certificate, and restart "
        "Postal's smtp process.",
        (proven(Code.TLS_NOT_OFFERED), excluded(Code.TLS_VERIFIED, Code.TLS_STRICT_REFUSES)),
    ),
    Cause(
        "starttls-refused",
        "STARTTLS is offered and then refused: the server cannot use its own certificate right now.",
        "Look at the log of the server that answers (postal logs smtp): its certificate or key file is missing, "
        "unreadable in the container, or the pair does not match. Restart it afterwards.",
        (proven(Code.TLS_REFUSED), excluded(Code.TLS_VERIFIED, Code.TLS_STRICT_REFUSES)),
    ),
    Cause(
        "cut-at-starttls",
        "The connection was cut when TLS began: a firewall or antivirus on the way, or the server itself.",
        "Test from GlitchTip's host: openssl s_client -starttls smtp -connect HOST:PORT. If it is cut too, look "
        "at postal logs smtp at that second; with nothing there, switch off mail scanning on the way, or use port"
        " 2525.",
        (excluded(Code.TLS_VERIFIED, Code.TLS_STRICT_REFUSES),),
    ),
    Cause(
        "implicit-tls",
        "EMAIL_USE_SSL (or smtp+ssl://) begins with TLS on a port that begins with plain SMTP; Postal has no "
        "implicit TLS at all.",
        'Remove the EMAIL_USE_SSL row (a "False" row is harmful on old images, too) and use smtp:// in EMAIL_URL;'
        ' for encryption EMAIL_USE_TLS: "True", if Postal offers STARTTLS. Then {restart}.',
        (upholds(Code.ENVIRONMENT_IMPLICIT_TLS),),
    ),
    Cause(
        "tls-broken",
        "The TLS handshake broke off: the server cannot read its certificate or key, or the two share no TLS version.",
        "On Postal's host: postal logs smtp at that second. tls_certificate_path and tls_private_key_path must be"
        " readable inside the smtp container; remove an old smtp_server.ssl_version or tls_ciphers.",
        (proven(Code.TLS_HANDSHAKE_FAILED), excluded(Code.TLS_VERIFIED, Code.TLS_STRICT_REFUSES)),
    ),
    Cause(
        "tls-weak",
        "The server's TLS key or certificate is too weak for today's OpenSSL (small Diffie-Hellman or RSA key, SHA-1).",
        "Renew it on the server: a certificate with RSA 2048 or ECDSA and SHA-256, Diffie-Hellman parameters of "
        "2048 bits or none (Postal 2 and old proxies have small ones). GlitchTip has no setting that accepts weak"
        " keys.",
        (upholds(Code.TLS_HANDSHAKE_FAILED, Code.TLS_UNTRUSTED), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "tls-version",
        "Server and container share no TLS version or cipher: the server offers TLS 1.0 or 1.1, or a narrow list.",
        "In postal.yml remove smtp_server.ssl_version and tls_ciphers and restart Postal's smtp process, or "
        "update the proxy that does TLS for it. Test: openssl s_client -starttls smtp -tls1_2 -connect "
        "HOST:PORT.",
        (upholds(Code.TLS_HANDSHAKE_FAILED), excluded(Code.TLS_VERIFIED, Code.TLS_STRICT_REFUSES)),
    ),
    Cause(
        "cert-self-signed",
        "The server's certificate is self-signed, and Django always verifies it.",
        "Give Postal a certificate from a public CA. Or mount this certificate into web and worker and set "
        "SSL_CERT_FILE to it there (it replaces the system's list). Or drop TLS on a private network. There is no"
        " switch to skip the check.",
        (proven(Code.TLS_SELF_SIGNED), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-chain",
        "The certificate's chain ends in a CA of its own, which the container does not trust.",
        "Mount that CA's certificate into web and worker and set SSL_CERT_FILE to a bundle with it in "
        "docker-compose.yml, then {restart}; or have a public CA issue Postal's certificate.",
        (proven(Code.TLS_PRIVATE_CA), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-issuer",
        "The issuer of the certificate is not known: the intermediate is missing, or it is a private CA.",
        "Put the whole chain into the file of smtp_server.tls_certificate_path (fullchain.pem, not cert.pem) and "
        "restart Postal's smtp process. For a private CA: SSL_CERT_FILE in web and worker.",
        (proven(Code.TLS_UNKNOWN_ISSUER, Code.TLS_NO_CHAIN), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-name",
        "The certificate is for another name than the host in EMAIL_URL.",
        "Use in EMAIL_URL the name the certificate is for (openssl s_client -starttls smtp -connect HOST:PORT "
        "shows it), or have it issued for this host and restart Postal's smtp process.",
        (proven(Code.TLS_OTHER_NAME), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-address",
        "EMAIL_URL names an IP address, and the certificate is for a host name.",
        "Put the host name into EMAIL_URL instead of the address; where only the address is reachable, map it "
        "with extra_hosts: in docker-compose.yml.",
        (proven(Code.TLS_OTHER_ADDRESS), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-expired",
        "The server's certificate has expired.",
        "Renew it and then restart Postal's smtp process: Postal reads the certificate only at start, so a "
        "renewed file has no effect before a restart. Put the restart into the renewal's deploy hook.",
        (proven(Code.TLS_EXPIRED), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-early",
        "The certificate is not valid yet: a clock is wrong, or it was issued for later.",
        "Compare the clocks: timedatectl on GlitchTip's host and on Postal's. If both are right, wait or issue it"
        " again.",
        (proven(Code.TLS_NOT_YET_VALID), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-strict",
        "Python 3.13 and newer, as in new GlitchTip images, refuse this private CA's certificate: key identifier "
        "or key usage missing.",
        "Issue it again: the CA with basicConstraints critical and keyUsage keyCertSign, the certificate with "
        "authorityKeyIdentifier (step-ca or a public CA do so). Plain openssl req -x509 does not.",
        (proven(Code.TLS_STRICT_REFUSES), excluded(Code.TLS_VERIFIED)),
    ),
    Cause(
        "cert-unknown-ca",
        "The client does not know who issued Postal's certificate: self-signed, a private CA, or no chain beside it.",
        "Put a public CA's certificate with its whole chain (fullchain.pem) into smtp_server.tls_certificate_path"
        " and restart Postal's smtp process. For a private CA: SSL_CERT_FILE in web and worker. Postal's own "
        "script makes a self-signed one.",
        (
            upholds(Code.TLS_SELF_SIGNED, Code.TLS_PRIVATE_CA, Code.TLS_UNKNOWN_ISSUER, Code.TLS_NO_CHAIN),
            excluded(Code.TLS_VERIFIED),
        ),
    ),
    Cause(
        "cert-other",
        "The server's certificate does not pass verification.",
        "See what it is: openssl s_client -starttls smtp -connect HOST:PORT -verify_return_error. Then put a "
        "public CA's certificate for exactly this host, with its chain, into smtp_server.tls_certificate_path.",
        (
            upholds(Code.TLS_UNTRUSTED, Code.TLS_SELF_SIGNED, Code.TLS_PRIVATE_CA, Code.TLS_OTHER_NAME),
            excluded(Code.TLS_VERIFIED),
        ),
    ),
    Cause(
        "both-tls",
        'EMAIL_USE_TLS and EMAIL_USE_SSL are both true for GlitchTip; images older than May 2024 take even "False"'
        " for true.",
        'Remove both rows from docker-compose.yml (leave EMAIL_USE_TLS: "True" only for STARTTLS; EMAIL_USE_SSL '
        "never works with Postal), use smtp:// in EMAIL_URL, then {restart}. Better still: pull a newer image.",
        (proven(Code.ENVIRONMENT_BOTH_TLS), passes(Check.ENVIRONMENT)),
    ),
)
