"""From words to causes: refusals by their family, and what a delivery met."""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Lead
from wizard.postal.refusals import FAMILIES

_SAID: Final = "the server's own words say so, whatever the step ({code})"
_ABOUT_THE_SENDER: Final = frozenset(
    {"from_not_verified", "from_not_allowed", "sender_domain", "sender_malformed", "sender_refused"}
)
_WHO_IS_NOT_TOLD: Final = "mail servers say so to each other; who said it is not in the text ({code})"
_BY_THE_RECIPIENT: Final = "the recipient's server said so to Postal ({code})"

WORDS: Final[dict[str, tuple[Lead, ...]]] = {
    **{
        f"words-{family.suffix}": (
            *(
                (Lead("from-default", 97, "the refused sender is webmaster@localhost", (("localhost_from", "."),)),)
                if family.suffix in _ABOUT_THE_SENDER
                else ()
            ),
            Lead(family.cause, 85, _SAID),
        )
        for family in FAMILIES.values()
    },
    "delivery-tried": (
        Lead("delivery-tried", 58, "Postal names the servers it tried, and the text has no output"),
        Lead("held-port-25", 50, "usual where a provider blocks outgoing port 25"),
        Lead("delivery-refused-there", 40, "usual where that server is down"),
    ),
    "held-port-25": (
        Lead("held-port-25", 70, "the connection on port 25 got no answer"),
        Lead("delivery-silent", 40, "a server that drops packets looks the same"),
    ),
    "held-refused": (Lead("held-refused", 70, "Postal says that the recipient's server refused the mail"),),
    "held-deferred": (
        Lead("held-deferred", 75, "Postal says that the recipient's server deferred the mail", (("alone", ""),)),
        Lead("held-deferred", 50, _WHO_IS_NOT_TOLD, (("alone", "."),)),
    ),
    **{
        key: (
            Lead(key, 88, _BY_THE_RECIPIENT, (("alone", ""),)),
            Lead(key, 58, _WHO_IS_NOT_TOLD, (("alone", "."),)),
        )
        for key in (
            "delivery-return-path", "delivery-ptr", "delivery-listed", "delivery-unauthenticated", "delivery-recipient",
            "delivery-mailbox-full", "delivery-relay", "delivery-tls", "delivery-helo", "delivery-size",
            "delivery-spam", "delivery-greylisted", "delivery-rate", "delivery-policy", "delivery-server-full",
            "delivery-domain-listed", "delivery-list-unreadable", "delivery-loop", "delivery-malformed",
        )
    },
    "relay-port-25": (
        Lead("held-port-25", 58, "a relay got no answer on port 25: its own provider may block that port"),
        Lead("delivery-silent", 40, "a server that drops packets looks the same"),
    ),
    "relay-no-hosts": (Lead("delivery-no-hosts", 58, "a relay found no mail server for a domain"),),
    "relay-login": (Lead("relay-login", 88, "the relay's next server said so ({code})"),),
}  # fmt: skip
