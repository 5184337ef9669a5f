"""Why Postal may not deliver a mail that it accepted with 250: app/lib/message_dequeuer/* of 3.3.6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wizard.model.codes import Code


@dataclass(frozen=True, slots=True)
class Held:
    """Why Postal accepted a mail with 250 and yet did not deliver it."""

    code: Code
    cause: str
    """A clause without its full stop."""
    status: str
    """The message's status in Postal."""
    text: str
    """How the details of its last delivery begin."""
    where: str
    """Where to see it."""
    release: str
    """What lets the mail out."""
    tab: str = "messages"
    """The page of ``web_ui.TABS`` where it is seen or released."""


HELD: Final[tuple[Held, ...]] = (
    Held(
        Code.ARRIVAL_HELD_DEVELOPMENT,
        "The mail server is in Development mode",
        "Held",
        "Server is in development mode.",
        "Messages, Held, and the stripe Development across the server's pages",
        "Set the mode to Live under Settings, then press Release on the message.",
        "settings",
    ),
    Held(
        Code.ARRIVAL_NO_CONNECTION,
        "The recipient's mail server did not answer Postal's host on port 25",
        "SoftFail",
        "No SMTP servers were available for",
        "Messages, Queue, and the message's deliveries",
        "Have the provider of Postal's host open outgoing port 25 (Hetzner blocks it for new accounts). Postal tries "
        "again in a few minutes.",
        "queue",
    ),
    Held(
        Code.ARRIVAL_PENDING,
        "Postal has not tried to deliver it yet: its worker is busy or not running",
        "Pending",
        "No delivery attempts yet.",
        "Messages, Queue: the message has no delivery; postal status on Postal's host",
        "Wait a minute. If it is still there, start the worker on Postal's host: postal start, or docker compose up -d "
        "worker.",
        "queue",
    ),
    Held(
        Code.ARRIVAL_REFUSED,
        "The recipient's mail server refused it",
        "HardFail",
        "Permanent SMTP delivery error when sending to",
        "Messages, Outgoing: the message's deliveries have the words of that server",
        "Do what those words ask: most often SPF, DKIM or PTR, which the step Sender checks.",
    ),
    Held(
        Code.ARRIVAL_HELD_SUPPRESSED,
        "The recipient is on the suppression list (a second hard fail in 24 hours puts it there for 30 days)",
        "Held",
        "Recipient (",
        "Messages, Suppressions",
        "Press Release on the message: a delivery removes the recipient from the list.",
        "held",
    ),
    Held(
        Code.ARRIVAL_HELD_CREDENTIAL,
        "The credential holds all mail that is sent with it",
        "Held",
        "Credential is configured to hold all messages authenticated by it.",
        "Credentials: the label Holding",
        "Edit the credential and switch Hold off, then press Release on the message.",
        "credentials",
    ),
    Held(
        Code.ARRIVAL_HELD_SEND_LIMIT,
        "The send limit of the last 60 minutes is reached",
        "Held",
        "Message held because send limit (",
        "Messages, Held, and the bar at the top; Settings, Send Limit",
        "Have the limit raised, or press Release on the message when the hour is over.",
        "held",
    ),
    Held(
        Code.ARRIVAL_SPAM,
        "Postal's own filter took it for spam",
        "HardFail",
        "Message is likely spam. Threshold is",
        "Messages, Outgoing: the message's Spam Checks",
        "Raise the outbound spam threshold under Settings, Advanced Settings (admins only).",
        "advanced",
    ),
    Held(
        Code.ARRIVAL_HELD_SUSPENDED,
        "The mail server or its organisation was suspended after the mail was accepted",
        "Held",
        "Mail server has been suspended.",
        "Messages, Held",
        "Have an admin of Postal end the suspension, then press Release on the message.",
        "held",
    ),
    Held(
        Code.ARRIVAL_BOUNCED,
        "It was delivered and came back later",
        "Bounced",
        "",
        "Messages, Outgoing: status Bounced",
        "Open the message: the bounce says why.",
    ),
    Held(
        Code.ARRIVAL_ATTEMPTS_USED,
        "All 18 attempts are used up",
        "HardFail",
        "Maximum number of delivery attempts (",
        "Messages, Outgoing; Messages, Suppressions (too many soft fails)",
        "Correct what the earlier attempts name, then send again.",
    ),
    Held(
        Code.ARRIVAL_DOMAIN_DELETED,
        "The From domain was deleted from Postal",
        "HardFail",
        "Message's domain no longer exist",
        "Domains",
        "Add the domain again and verify it, then send again.",
        "domains",
    ),
    Held(
        Code.ARRIVAL_RAW_REMOVED,
        "The stored message was removed before it was sent",
        "HardFail",
        "Raw message has been removed.",
        "Messages, Outgoing",
        "Send again.",
    ),
)
"""The most likely first, for a test mail on a new installation. Held messages are dropped after 7 days."""

NO_HOSTS: Final = Held(
    Code.ARRIVAL_NO_HOSTS,
    "Postal found no mail server for the recipient's domain and connected to none",
    "SoftFail",
    "No SMTP servers were available for",
    "Messages, Queue, and the message's deliveries: No hosts to try.",
    "Check the spelling of the recipient's domain. If it is right, the resolver on Postal's host is at fault: try dig "
    "MX there.",
    "queue",
)
"""The same beginning as ``ARRIVAL_NO_CONNECTION``; the end of the details tells them apart."""
REFUSED: Final = Held(
    Code.ARRIVAL_CONNECTION_REFUSED,
    "The recipient's mail server refuses connections from Postal's host",
    "SoftFail",
    "No SMTP servers were available for",
    "Messages, Queue, and the message's deliveries: Connection refused",
    "Ask the operator of the recipient's mail server: it is down, or it blocks Postal's address. Postal tries again in "
    "a few minutes.",
    "queue",
)
DEFERRED: Final = Held(
    Code.ARRIVAL_DEFERRED,
    "The recipient's mail server defers the mail",
    "SoftFail",
    "Temporary SMTP delivery error when sending to",
    "Messages, Queue: the message's deliveries have the words of that server",
    "Wait: greylisting ends after a few minutes, and Postal tries up to 18 times. A block list or a missing PTR does "
    "not end: the words of that server name it.",
    "queue",
)


def reason(status: str, details: str, output: str = "") -> Held | None:
    """Return why a message has *status*, by *details* and *output* of its last delivery; None where that is not known.

    What was tried differs by the end of the details, and by what came back: a refusal, or nothing in time.
    """
    if status == "SoftFail" and details.startswith(NO_HOSTS.text):
        if details.rstrip(".").endswith("No hosts to try"):
            return NO_HOSTS
        if "refused" in output.lower():
            return REFUSED
    return next(
        (
            held
            for held in (*HELD, DEFERRED)
            if held.status == status and (details.startswith(held.text) or status in {"Pending", "Bounced"})
        ),
        None,
    )
