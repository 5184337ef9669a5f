"""Why Postal may hold a mail that it accepted with 250: app/lib/message_dequeuer/* of 3.3.6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Held:
    """Why Postal accepted a mail with 250 and yet did not deliver it."""

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


HELD: Final[tuple[Held, ...]] = (
    Held(
        "The mail server is in Development mode",
        "Held",
        "Server is in development mode.",
        "Messages, Held, and the stripe Development across the server's pages",
        "Set the mode to Live under Settings, or press Release on the message.",
    ),
    Held(
        "Postal's host cannot reach port 25 outside (Hetzner blocks it for new accounts)",
        "SoftFail",
        "No SMTP servers were available for",
        "Queue, and the message's Deliveries",
        "Have the provider open outgoing port 25; Postal tries again by itself.",
    ),
    Held(
        "Postal's worker is not running",
        "Pending",
        "No delivery attempts yet.",
        "Queue: the message has no delivery; postal status on Postal's host",
        "Start the worker: postal start, or docker compose up -d worker.",
    ),
    Held(
        "The recipient's server refused it or put it into spam",
        "HardFail",
        "Permanent SMTP delivery error when sending to",
        "Messages, Outgoing, the message's Deliveries with the words of that server; the recipient's spam folder",
        "Do what those words ask: most often SPF, DKIM or PTR, which the sender step checks.",
    ),
    Held(
        "The recipient is on the suppression list (a second hard fail in 24 hours puts it there for 30 days)",
        "Held",
        "Recipient (",
        "Messages, Suppressions",
        "Press Release on the message: a success removes the recipient from the list.",
    ),
    Held(
        "The credential is set to hold all its messages",
        "Held",
        "Credential is configured to hold all messages authenticated by it.",
        "Credentials: the label Holding",
        "Edit the credential: Hold off. Then press Release on the message.",
    ),
    Held(
        "The send limit of the last 60 minutes has been reached",
        "Held",
        "Message held because send limit (",
        "Messages, Held, and the bar at the top; Settings, Send Limit",
        "Raise the limit, or press Release when the hour is over.",
    ),
    Held(
        "Postal's own filter took it for spam",
        "HardFail",
        "Message is likely spam. Threshold is",
        "Messages, Outgoing, the message's Spam Checks",
        "Raise the outbound spam threshold under Settings, Advanced (admins only).",
    ),
    Held(
        "The mail server or its organisation was suspended after the mail was accepted",
        "Held",
        "Mail server has been suspended.",
        "Messages, Held",
        "An admin unsuspends it; then press Release on the message.",
    ),
    Held(
        "It was delivered and came back later",
        "Bounced",
        "",
        "Messages, Outgoing: status Bounced",
        "Open the message: the bounce says why.",
    ),
    Held(
        "All 18 attempts were used up",
        "HardFail",
        "Maximum number of delivery attempts (",
        "Messages, Outgoing; Messages, Suppressions (too many soft fails)",
        "Mend what the earlier attempts name, then send again.",
    ),
    Held(
        "The domain was deleted from Postal",
        "HardFail",
        "Message's domain no longer exist",
        "Domains",
        "Add the domain again and verify it.",
    ),
    Held(
        "The stored message was removed before it went out",
        "HardFail",
        "Raw message has been removed.",
        "Messages, Outgoing",
        "Send again.",
    ),
)
"""The most likely first, for a test mail on a new installation. Held messages are dropped after 7 days."""
