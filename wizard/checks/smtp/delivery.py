"""Handing a mail over: whether the recipient is taken, and after the final dot the message with its From."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted
from wizard.postal import server as postal

if TYPE_CHECKING:
    from wizard.checks.smtp.dialogue import BrokenError, Reply
    from wizard.checks.smtp.message import BadAddressError
    from wizard.model.details import Delivery

_BLOCKED: Final = (
    "Postal looks up this host's name between DATA and 354, and a slow resolver delays it: mend /etc/resolv.conf on "
    "Postal's host, or lower dns.timeout (never below 2), or set EMAIL_TIMEOUT=60 for GlitchTip meanwhile."
)


def unusable(check: str, address: str, what: str, error: BadAddressError) -> Finding:
    """Judge an address that Django refuses, or that smtplib would cut off in silence; nothing was sent."""
    return Finding(
        check,
        address,
        Verdict.FAIL,
        f"The {what} {Untrusted(address, 80)!s} cannot be used, {error}; GlitchTip's mail fails before it is sent.",
        (),
        f"Type the {what} again as name@domain.",
    )


def recipient(subject: str, verb: str, reply: Reply, server: str | None, peer: postal.Peer) -> Finding:
    """Judge the answer to RCPT, or to the MAIL before it."""
    if verb == "RCPT" and reply.code in {250, 251}:
        words = f"{Untrusted(subject, 80)} is taken as recipient{'; Postal takes every one' if peer.is_postal else ''}."
        return Finding("recipient", subject, Verdict.PASS, words, reply.shown[:1], "", reply.seconds)
    known = postal.meaning(verb, reply.code, reply.text)
    whom = "The recipient" if verb == "RCPT" else "The envelope sender"
    return Finding(
        "recipient",
        subject,
        Verdict.UNKNOWN if 400 <= reply.code < 500 else Verdict.FAIL,
        f'{whom} was answered with "{reply.words}": {known.meaning if known else "250 is wanted"}; no mail was sent.',
        (*reply.shown[:5], *peer.log),
        known.fix(server) if known else "Check host and port: this is no answer that a mail server gives.",
        reply.seconds,
    )


def recipient_dropped(subject: str, error: BrokenError, peer: postal.Peer, verdict: Verdict) -> Finding:
    """Judge a MAIL or RCPT without an answer."""
    return Finding(
        "recipient",
        subject,
        verdict,
        f"MAIL or RCPT got no proper answer, {error}, so it is not known whether mail can be sent.",
        (str(error),),
        f"Look at {peer.where}. Then check again.",
    )


def sent(subject: str, reply: Reply, delivered: Delivery, peer: postal.Peer, timeout: float | None = None) -> Finding:
    """Judge a message that was taken: its From is proven, its arrival is not.

    *timeout* is GlitchTip's EMAIL_TIMEOUT where one is told: over half of it between DATA and 354 is a warning.
    """
    slow = delivered.seconds_to_354 > (postal.SLOW_DATA if timeout is None else timeout / 2)
    limit = "usually 10 s" if timeout is None else f"{timeout:g} s"
    also = (
        f", but 354 came only {delivered.seconds_to_354:.1f} s after DATA, and GlitchTip gives up at EMAIL_TIMEOUT, "
        f"{limit}"
        if slow
        else f"; {'Postal' if peer.is_postal else 'that server'} may still hold it"
    )
    return Finding(
        "sender",
        subject,
        Verdict.WARN if slow else Verdict.PASS,
        f"The test mail was accepted in {delivered.seconds:.2f} s{also}.",
        (
            *reply.shown[:1],
            f"Message-ID {delivered.message_id}",
            f"DATA to 354: {delivered.seconds_to_354:.2f} s",
            *peer.log,
        ),
        _BLOCKED if slow else "",
        delivered.seconds,
        detail=delivered,
    )


def refused(subject: str, verb: str, reply: Reply, server: str | None, peer: postal.Peer) -> Finding:
    """Judge a message that was not taken."""
    known = postal.meaning(verb, reply.code, reply.text)
    later = 400 <= reply.code < 500
    return Finding(
        "sender",
        subject,
        Verdict.UNKNOWN if later else Verdict.FAIL,
        f'The test mail was answered with "{reply.words}": {known.meaning if known else "250 is wanted"}; '
        "it was not sent.",
        (*reply.shown[:5], *peer.log),
        known.fix(server) if known else "Look at the log of the server that answered.",
        reply.seconds,
    )


def dropped(subject: str, error: BrokenError, server: str | None, peer: postal.Peer) -> Finding:
    """Judge a message whose fate nobody told. It is never sent again by itself."""
    return Finding(
        "sender",
        subject,
        Verdict.UNKNOWN,
        f"The test mail got no proper answer, {error}: it may be queued all the same, and is not sent again by itself.",
        (str(error), *peer.log),
        f"Look whether it is there, {postal.place('messages', server)}, before you send another. {_BLOCKED}",
    )
