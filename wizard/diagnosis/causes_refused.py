"""Causes that the words of a refusal name: one for each family of ``wizard.postal.refusals``, with its remedy.

A live refusal and the same words in a log have one cause and one remedy, because both come from that table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.diagnosis.model import Cause
from wizard.diagnosis.rules import passes, proven, upheld_by
from wizard.model.codes import Check, Code
from wizard.postal.refusals import FAMILIES

if TYPE_CHECKING:
    from wizard.diagnosis.model import Rule
    from wizard.postal.refusals import Family

_SENTENCES: Final = {
    "from-malformed": "The address in DEFAULT_FROM_EMAIL is malformed: no domain, quotes around it, or not an address "
    "at all.",
    "too-large": "The message is larger than the server accepts (Postal: smtp_server.max_message_size, 14 MB).",
    "server-full": "The server that answered has no room for mail: its disk is full, or another resource is used up.",
    "policy-refused": "The server refuses the mail by a rule of its own: a policy, a filter, or its operator's list.",
    "domain-listed": "The server refuses the mail because a domain in it (From, HELO or a link) is on a block list.",
    "list-unreadable": "The server's block list gives it no answers (open resolver), so it refuses every address.",
    "spam-refused": "The server takes the mail for spam, or a filter on the way does; Postal never says so in SMTP.",
}
"""Sentences of causes that more than a server's words lead to."""
_ALSO: Final = {
    "blocked-client": (Code.GREETING_CLIENT_REFUSED,),
    "ehlo-name": (Code.GREETING_EHLO_REFUSED,),
}
"""Outcomes of a stage that mean the same where the server gave no words for it."""
_OTHERS: Final = frozenset({Code.GREETING_SPAM, Code.AUTH_TEMPORARY, Code.RECIPIENT_TEMPORARY, Code.SENDER_TEMPORARY})
"""Outcomes that have a cause of their own at their step."""
_AT_LOGIN: Final = frozenset({"auth-needs-tls", "auth-plain-off"})
_WITH_THE_MESSAGE: Final = frozenset(
    {"domain-listed", "policy-refused", "too-large", "spam-refused", "unauthenticated"}
)


def _rules(family: Family) -> tuple[Rule, ...]:
    """Return what proves or excludes *family*: the outcomes named after it, and the check that gets past it."""
    named = [code for code in Code if code.outcome == family.suffix and code not in _OTHERS]
    past = Check.RECIPIENT
    if family.cause in _AT_LOGIN:
        past = Check.AUTH
    elif family.cause in _WITH_THE_MESSAGE:
        past = Check.SENDER
    more = (upheld_by(Check.FROM_ADDRESS),) if family.cause == "from-malformed" else ()
    known = [*named, *_ALSO.get(family.cause, ())]
    return (*((proven(*known),) if known else ()), *more, passes(past))


CAUSES: Final[tuple[Cause, ...]] = tuple(
    Cause(
        family.cause,
        _SENTENCES.get(family.cause, f"The server refuses: {family.meaning}."),
        family.remedy.replace("{", "{{").replace("}", "}}"),
        _rules(family),
    )
    for family in FAMILIES.values()
)
