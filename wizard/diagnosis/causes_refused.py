"""Causes that the words of a refusal name: one for each family of ``wizard.postal.refusals``, with its remedy.

A live refusal and the same words in a log have one cause and one remedy, because both come from that table.
"""

from __future__ import annotations

from typing import Final

from wizard.diagnosis.model import Cause, Proof
from wizard.diagnosis.proofs import BAD, excluded, proven, upholds
from wizard.postal.refusals import FAMILIES

_SENTENCES: Final = {
    "from-malformed": "The address in DEFAULT_FROM_EMAIL is malformed: no domain, quotes around it, or not an address "
    "at all.",
    "too-large": "The message is larger than the server accepts (Postal: smtp_server.max_message_size, 14 MB).",
    "spam-refused": "The server takes the mail for spam, or a filter on the way does; Postal never says so in SMTP.",
}
"""Sentences of causes that more than a server's words lead to."""
_PROOFS: Final[dict[str, tuple[Proof, ...]]] = {
    "ehlo-name": (proven("greeting", "EHLO and HELO were answered"), excluded("greeting")),
    "blocked-client": (
        proven("greeting", r'words are "5\d\d (?!Proxy)'),
        proven("recipient", r'answered with "5\d\d .*Client host'),
        excluded("recipient"),
    ),
    "auth-needs-tls": (
        proven("auth", r'with "(?:530|538|523|534) '),
        proven("recipient", 'sender was answered with "530 .*STARTTLS'),
        excluded("auth"),
    ),
    "no-login-elsewhere": (
        proven("recipient", 'sender was answered with "530 (?!.*STARTTLS)'),
        excluded("greeting", "Postal answers"),
    ),
    "from-malformed": (upholds("from_address"), excluded("from_address")),
    "sender-refused": (
        proven("recipient", 'envelope sender was answered with "5(?!30)'),
        excluded("recipient"),
    ),
    "relay-denied": (proven("recipient", "[Rr]elay"), excluded("recipient")),
    "recipient-unknown": (
        proven("recipient", r'recipient was answered with "55\d (?!.*(?:token|Route|[Rr]elay|Client host))'),
        excluded("recipient"),
    ),
    "too-large": (proven("sender", 'too large|with "552 '), excluded("sender")),
    "rate-limited": (proven("greeting", r'words are "4\d\d', BAD), excluded("greeting")),
}

CAUSES: Final[tuple[Cause, ...]] = tuple(
    Cause(
        family.cause,
        _SENTENCES.get(family.cause, f"The server refuses: {family.meaning}."),
        family.remedy.replace("{", "{{").replace("}", "}}"),
        _PROOFS.get(family.cause, ()),
    )
    for family in FAMILIES.values()
)
