"""Handing a mail over: whether the recipient is accepted, and after the final dot the message with its From."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from wizard.checks.smtp.client import FloodedError, SilentError
from wizard.checks.smtp.refused import judged
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted
from wizard.postal import server as postal

if TYPE_CHECKING:
    from wizard.checks.smtp.dialogue import BrokenError, Reply
    from wizard.checks.smtp.message import BadAddressError
    from wizard.model.details import Delivery

_BLOCKED: Final = (
    "Postal looks up this host's name between DATA and 354, and a slow resolver delays it: fix "
    "/etc/resolv.conf on Postal's host, or lower dns.timeout (never below 2), or set EMAIL_TIMEOUT=60 for "
    "GlitchTip until then."
)


def unusable(code: Code, address: str, what: str, error: BadAddressError) -> Finding:
    """Judge an address that Django refuses, or that smtplib would cut off in silence; nothing was sent."""
    return Finding.fail(
        code,
        address,
        f"The {what} {Untrusted(address, 80)!s} cannot be used: {error}. GlitchTip's mail fails before it is sent.",
        remedy=f"Type the {what} again as name@domain.",
    )


def recipient(
    subject: str, verb: Literal["MAIL", "RCPT"], reply: Reply, server: str | None, peer: postal.Peer
) -> Finding:
    """Judge the answer to RCPT, or to the MAIL before it."""
    if verb == "RCPT" and reply.code in {250, 251}:
        also = "; Postal accepts every one" if peer.is_postal else ""
        words = f"{Untrusted(subject, 80)} is accepted as recipient{also}."
        return Finding.ok(Code.RECIPIENT_ACCEPTED, subject, words, reply.shown[:1], seconds=reply.seconds)
    judgement = judged(Check.RECIPIENT, verb, reply, server)
    whom = "the recipient" if verb == "RCPT" else "the envelope sender"
    return Finding.of(
        judgement.verdict,
        judgement.code,
        subject,
        f'The answer to {whom} is "{reply.words}": {judgement.meaning}; no mail was sent.',
        (*reply.shown[:5], *peer.log),
        remedy=judgement.remedy,
        seconds=reply.seconds,
    )


def recipient_dropped(subject: str, error: BrokenError, peer: postal.Peer) -> Finding:
    """Judge a MAIL or RCPT without an answer."""
    flooded = isinstance(error, FloodedError)
    ended = Code.RECIPIENT_SILENT if isinstance(error, SilentError) else Code.RECIPIENT_DROPPED
    return Finding.of(
        Verdict.FAIL if flooded else Verdict.UNKNOWN,
        Code.RECIPIENT_FLOODED if flooded else ended,
        subject,
        f"MAIL or RCPT got no proper answer, {error}, so it is not known whether mail can be sent.",
        (str(error),),
        remedy=f"Look at {peer.where}. Then check again.",
    )


def sent(subject: str, reply: Reply, delivered: Delivery, peer: postal.Peer, timeout: float | None = None) -> Finding:
    """Judge a message that was accepted: its From is proven, its arrival is not.

    *timeout* is GlitchTip's EMAIL_TIMEOUT where it is known: over half of it between DATA and 354 is a warning.
    """
    slow = delivered.seconds_to_354 > (postal.SLOW_DATA if timeout is None else timeout / 2)
    limit = "usually 10 s" if timeout is None else f"{timeout:g} s"
    also = (
        f", but 354 came only {delivered.seconds_to_354:.1f} s after DATA, and GlitchTip gives up at EMAIL_TIMEOUT, "
        f"{limit}"
        if slow
        else f"; {'Postal' if peer.is_postal else 'that server'} may still hold it"
    )
    return Finding.of(
        Verdict.WARN if slow else Verdict.PASS,
        Code.SENDER_ACCEPTED_SLOWLY if slow else Code.SENDER_ACCEPTED,
        subject,
        f"The test mail was accepted in {delivered.seconds:.2f} s{also}.",
        (
            *reply.shown[:1],
            f"Message-ID {delivered.message_id}",
            f"DATA to 354: {delivered.seconds_to_354:.2f} s",
            *peer.log,
        ),
        remedy=_BLOCKED if slow else "",
        seconds=delivered.seconds,
        detail=delivered,
    )


def refused(
    subject: str, verb: Literal["DATA", "message"], reply: Reply, server: str | None, peer: postal.Peer
) -> Finding:
    """Judge a message that was refused."""
    judgement = judged(Check.SENDER, verb, reply, server)
    return Finding.of(
        judgement.verdict,
        judgement.code,
        subject,
        f'The answer to the test mail is "{reply.words}": {judgement.meaning}; it was not sent.',
        (*reply.shown[:5], *peer.log),
        remedy=judgement.remedy,
        seconds=reply.seconds,
    )


def dropped(subject: str, error: BrokenError, server: str | None, peer: postal.Peer) -> Finding:
    """Judge a message whose fate is not known. It is never sent again without the operator."""
    return Finding.unknown(
        Code.SENDER_DROPPED,
        subject,
        f"The test mail got no proper answer, {error}: it may be queued anyway, and is not sent a second time.",
        (str(error), *peer.log),
        remedy=f"Check whether it is there, {postal.place('messages', server)}, before you send another. {_BLOCKED}",
    )
