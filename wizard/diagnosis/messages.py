"""Messages without the class that raised them: what an operator types, or what a logger made of an exception.

They count only where nothing else in a text was recognised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.diagnosis.exceptions import OTHERS_NEAR, of_another_task
from wizard.diagnosis.model import Sign
from wizard.diagnosis.symptom_menu import CHOICE

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Line
    from wizard.diagnosis.model import Weight


@dataclass(frozen=True, slots=True)
class Row:
    """A message with a meaning."""

    sign: str
    pattern: re.Pattern[str]
    only_mail: bool
    """Whether nothing but mail says this; any other message needs a word about mail beside it."""


def _only(sign: str, pattern: str) -> Row:
    return Row(sign, re.compile(pattern, re.IGNORECASE), only_mail=True)


def _any(sign: str, pattern: str) -> Row:
    return Row(sign, re.compile(pattern, re.IGNORECASE), only_mail=False)


_MAIL_PORT: Final = r"(?:\.\w[\w-]{0,62}|\]):(?:25|465|587|2525)\b"
"""A host with a port for mail; a time of the day ends in such digits, too."""
ROWS: Final = (
    _only("data-from", r"From/Sender name is not valid"),
    _only("rcpt-suspended", r"mail server has been suspended"),
    _only("starttls-absent", r"STARTTLS extension not supported"),
    _only("auth-absent", r"SMTP AUTH extension not supported"),
    _only("auth-mechanism", r"no suitable authentication method"),
    _only("both-tls", r"EMAIL_USE_TLS/EMAIL_USE_SSL are mutually exclusive"),
    _only("scheme", r"invalid email schema ['\"]?\w"),
    _only("scheme-empty", r"invalid email schema"),
    _only("no-host", r"please run connect\(\) first"),
    _only("read-timeout", r"connection unexpectedly closed: .{0,40}timed out"),
    _only("reset", r"connection unexpectedly closed: .{0,40}(?:reset|broken pipe)"),
    _only("closed", r"connection unexpectedly closed"),
    _only("held-development", r"server is in development mode"),
    _only("choice-connect", r"SMTP connect\(\) failed|could not connect to (?:the )?SMTP (?:host|server)"),
    _only("choice-login", r"SMTP Error: could not authenticate"),
    _only("refused", rf"{_MAIL_PORT}.{{0,40}}connection refused"),
    _only("connect-timeout", rf"{_MAIL_PORT}.{{0,40}}(?:i/o timeout|timed out)"),
    _any("auth-535-postal", r"\binvalid credential\b"),
    _any("auth-535-other", r"\b535\b.{0,20}authentication (?:failed|unsuccessful|credentials invalid)"),
    _any("rcpt-530", r"\b530\b.{0,12}authentication required|^authentication required$"),
    _any("port-cast", r"port could not be cast to integer"),
    _any("ipv6-url", r"invalid IPv6 URL"),
    _any("nfkc", r"invalid characters under NFKC"),
    _any("from-newline", r"header values can.t contain newlines"),
    _any("from-empty", r"invalid address:? (?:\"\"|'')"),
    _any("cert-expired", r"certificate (?:has )?expired|expired certificate"),
    _any("cert-early", r"certificate is not yet valid"),
    _any("cert-name", r"hostname mismatch|certificate is not valid for '(?![\d.]+')"),
    _any("cert-address", r"IP address mismatch"),
    _any("cert-chain", r"self[- ]signed certificate in certificate chain"),
    _any("cert-self-signed", r"self[- ]signed certificate"),
    _any("cert-issuer", r"unable to (?:get (?:local )?issuer|verify the first) certificate"),
    _any("cert-strict", r"missing (?:authority|subject) key identifier"),
    _any("cert-issuer", r"certificate signed by unknown authority"),
    _any("cert-other", r"certificate verify failed"),
    _any("tls-broken", r"alert[_ ]handshake[_ ]failure"),
    _any("ssl-on-plain", r"wrong[_ ]version[_ ]number|record layer failure"),
    _any("dns-unknown", r"name or service not known|name does not resolve"),
    _any("dns-address", r"no address associated with hostname"),
    _any("dns-server", r"temporary failure in name resolution"),
    _any(
        "no-local-address",
        r"cannot assign requested address|network is unreachable|address family not supported|\berrno (?:97|99|101)\b",
    ),
    _any("no-route", r"no route to host"),
    _any("refused", r"\bconnection refused|\berrno 111\b|actively refused it"),
    _any("reset", r"connection reset by peer"),
    _any("connect-timeout", r"\berrno 110\b|connection timed out|^timed out$|did not properly respond after a period"),
)
"""The first row that fits a line counts."""

_MAIL: Final = re.compile(r"\bsmtp|\be-?mails?\b|\bpostal\b|\bmail\b", re.IGNORECASE)
_NOT_MAIL: Final = re.compile(r"\bHTTP \d{3}\b|\bSSL_accept\b")
"""A web server's codes, and what a server says of a client that began TLS wrongly."""
_OTHER_SERVICES: Final = re.compile(
    r"(?:traefik|nginx|caddy|haproxy|certbot|postgres|db|redis|valkey|minio|vector|promtail|loki|grafana|prometheus)\b"
)
"""Containers beside GlitchTip, as docker compose names them."""
_SHORT: Final = 300
"""Characters of a text that may speak for itself: nobody pastes so little of what is about something else."""


def signs(found: list[Line]) -> list[Sign]:
    """Return the signs of messages alone, one a line."""
    said = [line for line in found if line.text.strip()]
    whole = "\n".join(line.text for line in said[:20])
    alone = len(whole) <= _SHORT and len(said) <= 6 and not OTHERS_NEAR.search(whole) and "://" not in whole
    seen = []
    for line in said:
        text = line.text.strip()[:1_000]
        if (
            of_another_task(text)
            or _NOT_MAIL.search(text) is not None
            or _OTHER_SERVICES.match(line.service) is not None
        ):
            continue
        about_mail = alone or (_MAIL.search(text) is not None and OTHERS_NEAR.search(text) is None)
        for row in ROWS:
            if (row.only_mail or about_mail) and row.pattern.search(text):
                weight: Weight = "noise" if row.sign.startswith(CHOICE) else "failure"
                seen.append(Sign(row.sign, weight, line.place, line.service))
                break
    return seen
