"""Who answers on the port: Postal, another mail server, or something that is not a mail server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.smtp.client import FloodedError
from wizard.checks.smtp.refused import judged
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding
from wizard.model.untrusted import Untrusted
from wizard.postal import server as postal

if TYPE_CHECKING:
    from wizard.checks.smtp.client import BrokenError, Reply

_CHECK_PORT: Final = (
    "Check host and port: Postal listens on 25 unless smtp_server.default_port or a container mapping says otherwise."
)
_WAITED: Final = "a server that waits for the client and then refuses expects a PROXY protocol line first"
_NO_PROXY: Final = (
    "Connect to the load balancer in front of it, or switch the PROXY protocol off there "
    "(Postal: smtp_server.proxy_protocol: false)."
)


def greeted(subject: str, peer: postal.Peer, banner: Reply, ehlo: Reply) -> Finding:
    """Judge a server that greeted with 220 and took EHLO or HELO."""
    evidence = (*banner.shown[:1], *ehlo.shown[:10])
    seconds = banner.seconds + ehlo.seconds
    if peer.is_postal:
        host = Untrusted(banner.text.split(" ", 1)[0], 80)
        trace = f", trace {peer.trace}" if peer.trace else ""
        words = f"Postal answers as {host}{trace}."
        return Finding.ok(Code.GREETING_POSTAL, subject, words, (*evidence, *peer.log), seconds=seconds)
    return Finding.warn(
        Code.GREETING_OTHER_SERVER,
        subject,
        f"{peer.name[:1].upper() + peer.name[1:]} answers, not Postal: the other checks do not use Postal's rules.",
        evidence,
        remedy=f"{_CHECK_PORT} A relay in front of Postal is fine if you want one.",
        seconds=seconds,
    )


def unfit(subject: str, banner: Reply, *, woken: bool) -> Finding:
    """Judge a first reply that is not 220; *woken*: it came only when the server was spoken to."""
    code, meaning, remedy = _meant(banner, woken=woken)
    how = "It was silent and then answered" if woken else "The first words are"
    log = "smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out" if woken else raised(banner)
    return Finding.fail(
        code,
        subject,
        f'{how} "{banner.words}". It should be 220: {meaning}; GlitchTip cannot send here.',
        (*banner.shown[:5], f"GlitchTip: {log}"),
        remedy=remedy,
        seconds=banner.seconds,
    )


def refused(subject: str, ehlo: Reply) -> Finding:
    """Judge a server that greeted and then took neither EHLO nor HELO."""
    if ehlo.code < 0:
        code, meaning, remedy = Code.GREETING_EHLO_NOT_SMTP, "this is not SMTP", _CHECK_PORT
    else:
        judgement = judged(Check.GREETING, "EHLO", ehlo)
        code, meaning, remedy = judgement.code, judgement.meaning, judgement.remedy
    return Finding.fail(
        code,
        subject,
        f'The answer to EHLO and HELO is "{ehlo.words}". It should be 250: {meaning}; GlitchTip cannot send here.',
        ehlo.shown[:5],
        remedy=remedy,
        seconds=ehlo.seconds,
    )


def broken(subject: str, port: int, error: BrokenError, *, silent: bool) -> Finding:
    """Judge a connection that ended before a server introduced itself."""
    if isinstance(error, FloodedError):
        code, why, remedy = Code.GREETING_FLOODED, "no mail server answers like that", _CHECK_PORT
    elif silent and port == 465:
        code = Code.GREETING_SILENT_TLS_PORT
        why, remedy = "465 is the port of TLS from the first byte, which Postal does not have", _CHECK_PORT
    elif silent:
        code = Code.GREETING_SILENT
        why = "such a silence means TLS from the first byte, a PROXY protocol, or a blocked server"
        remedy = (
            f"{_CHECK_PORT} If it is Postal: is smtp_server.proxy_protocol on, and does its resolver answer? "
            "One dead resolver blocks its whole smtp process for 9 s at each mail."
        )
    else:
        code = Code.GREETING_CLOSED
        why = (
            "a load balancer without Postal behind it, a ban of this address or TLS from the first byte ends like that"
        )
        remedy = (
            f"Look on Postal's host: postal status, {postal.log_line(None)}; fail2ban may have banned this address."
        )
    return Finding.fail(
        code,
        subject,
        f"It accepted the connection, but {error} before it introduced itself: {why}; GlitchTip cannot send here.",
        (str(error),),
        remedy=remedy,
    )


def raised(banner: Reply) -> str:
    """Return what GlitchTip's log would show of a first reply that is not 220."""
    text = banner.first[4:] if banner.code < 0 else banner.text.encode("utf-8", "surrogateescape")
    return f"smtplib.SMTPConnectError: ({banner.code}, {text[:100]!r})"


def _meant(banner: Reply, *, woken: bool) -> tuple[Code, str, str]:
    if banner.code >= 0:
        known = postal.meaning("banner", banner.code, banner.text)
        if woken and banner.code >= 400 and (known is None or not known.postal):
            return Code.GREETING_PROXY_PROTOCOL, _WAITED, _NO_PROXY
        if known is None:
            return Code.GREETING_NOT_SMTP, "no mail server begins like that", _CHECK_PORT
        judgement = judged(Check.GREETING, "banner", banner)
        return judgement.code, judgement.meaning, judgement.remedy
    first = banner.first
    if first.startswith(b"SSH-"):
        return Code.GREETING_SSH_SERVER, "an SSH server listens on this port", _CHECK_PORT
    if first.startswith(b"HTTP/") or first.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return Code.GREETING_WEB_SERVER, "a web server listens on this port", _CHECK_PORT
    if first[:2] in {b"\x15\x03", b"\x16\x03"}:
        return (
            Code.GREETING_IMPLICIT_TLS,
            "this port expects TLS from the first byte (as 465 does), and Postal never does",
            f"{_CHECK_PORT} EMAIL_USE_SSL can never work with Postal.",
        )
    return Code.GREETING_NOT_SMTP, "no SMTP server listens on this port", _CHECK_PORT
