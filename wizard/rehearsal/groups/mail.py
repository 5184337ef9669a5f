"""Scenarios of mail that is refused late, held, delayed or lost: 250 is not yet an arrival."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wizard.rehearsal.state import Change, Outcome, State, fix

_IN_POSTAL: Final = "in Postal"
_HOST: Final = "on Postal's host"
_HELD: Final = Outcome("Held", output=None)
_SENT: Final = Outcome()


def _released(place: str, done: str) -> Change:
    """Return a fix after which Postal delivers what it has kept."""
    return fix(place, done, "arrival", releases=True, outcome=_SENT)


STATES: Final = (
    State(
        "development",
        "The mail server is in Development mode: the mail is accepted with 250 and then Held.",
        "the mode that a new mail server starts in",
        (_released(_IN_POSTAL, "The mode is Live, and the held mails are released."),),
        outcome=replace(_HELD, details="Server is in development mode."),
    ),
    State(
        "held-credential",
        "The credential is set to hold: the mail is accepted with 250 and then Held.",
        "a switch of the credential that holds all of its mail",
        (_released(_IN_POSTAL, "The credential no longer holds mail, and the held mails are released."),),
        outcome=replace(_HELD, details="Credential is configured to hold all messages authenticated by it."),
    ),
    State(
        "suppressed",
        "The recipient is on the suppression list: the mail is accepted with 250 and then Held.",
        "what earlier bounces do to a recipient",
        (_released(_IN_POSTAL, "The recipient is off the suppression list, and the held mail is released."),),
        outcome=replace(
            _HELD, details="Recipient ({rcpt_to}) is on the suppression list (reason: too many hard fails)"
        ),
    ),
    State(
        "send-limit",
        "The send limit of the hour is reached: the mail is accepted with 250 and then Held.",
        "a limit that turns alerts into held mail",
        (_released(_IN_POSTAL, "The send limit is raised, and the held mails are released."),),
        outcome=replace(_HELD, details="Message held because send limit (50) has been reached."),
    ),
    State(
        "no-worker",
        "Postal's worker is not running: the mail is accepted with 250 and stays Pending.",
        "accepted is only the first half of Postal",
        (_released(_HOST, "The worker runs and delivers what waits."),),
        outcome=Outcome("Pending", "", None, attempted=False),
    ),
    State(
        "port-25-blocked",
        "Outbound port 25 is blocked: the mail is accepted with 250 and then SoftFail, again and again.",
        "what a hosting provider can block",
        (_released("at the provider of Postal's host", "Outgoing port 25 is open, and Postal has tried again."),),
        outcome=Outcome(
            "SoftFail", "No SMTP servers were available for {domain}. Tried mx.{domain}.", "execution expired"
        ),
    ),
    State(
        "hard-fail",
        "The recipient's server refuses for good: the mail is accepted with 250 and then HardFail.",
        "a mail that is lost: only a new one can arrive",
        (
            fix(
                "at the recipient's mail server",
                "The recipient has a mailbox there now. The refused mail is lost: send another one.",
                "arrival",
                outcome=_SENT,
            ),
        ),
        outcome=Outcome(
            "HardFail",
            "Permanent SMTP delivery error when sending to 127.0.0.1:25 (127.0.0.1)",
            "550 5.1.1 no such user",
        ),
    ),
    State(
        "slow-reverse-dns",
        "Postal's own resolver is dead: 354 comes 9 seconds after DATA.",
        "how close a slow Postal comes to GlitchTip's time limit",
        (fix(_HOST, "Postal's host has a resolver that answers.", "sender", data_delay=0.0),),
        data_delay=9.0,
    ),
    State(
        "too-large",
        "Postal's max_message_size is 0: every mail is refused with 552 after it was sent.",
        "a refusal that comes after the whole mail",
        (fix(_HOST, "max_message_size is 14, and Postal's smtp process is restarted.", "sender", max_message_size=14),),
        max_message_size=0,
    ),
)
