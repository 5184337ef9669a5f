"""What a refusal is about, by its words: the same for a live reply and for one in a log.

A server may put a refusal off to a later command: Postfix and Exim complain about EHLO and the sender only at RCPT. So
words come before the stage. ``refusal(code, text)`` is the one classifier; the checks (``wizard/checks/smtp``) and the
diagnosis both import it from here: ``from wizard.postal.refusals import FAMILIES, Family, refusal``. Who speaks to whom
is not judged here: a delivery's refusal is the recipient's server speaking to Postal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from wizard.postal.refusal_words import ROWS


@dataclass(frozen=True, slots=True)
class Family:
    """One thing that a server may refuse mail for."""

    suffix: str
    """The outcome's part of a ``Code``: ``recipient.helo_refused`` has ``helo_refused``."""
    cause: str
    """The key of the cause in the diagnosis, where the refusing server is the one that GlitchTip talks to."""
    meaning: str
    """A clause that follows the quoted reply; no capital, no full stop."""
    remedy: str
    waits: bool = False
    """Whether waiting may be enough: a 4xx of this family says nothing for sure, every other one is a fail."""


_ALLOW_FROM: Final = "webmaster@localhost means that DEFAULT_FROM_EMAIL is not set."

_TABLE: Final = (
    Family(
        "helo_refused",
        "ehlo-name",
        "it does not accept the host name in EHLO; the recipient and the From do not matter",
        "Set hostname: for web and worker in docker-compose.yml to a full name that exists in DNS, such as "
        "glitchtip.example.com. Postal accepts any name, so check also that the host is Postal.",
    ),
    Family(
        "ptr_missing",
        "ptr-missing",
        "the address that the connection comes from has no reverse DNS (PTR), or one that does not match",
        "Have the provider set the PTR record of this host's public address to a name that resolves back to it. "
        "Postal does not ask for that: check that host and port lead to Postal.",
    ),
    Family(
        "block_listed",
        "blocked-client",
        "it refuses the address that the connection comes from: a block list or an access rule",
        "Look up this host's public address at the list that the reply names and ask for its removal. Postal refuses "
        "no client by its address: check that host and port lead to Postal.",
    ),
    Family(
        "mail_loop",
        "mail-loop",
        "the mail goes around in a circle: it passed too many servers",
        "Look at the routes of the server that answers and at the MX records of the recipient's domain: one of them "
        "leads back. Postal has no such words: check host and port.",
    ),
    Family(
        "message_malformed",
        "malformed",
        "the message breaks a rule of mail: a header is missing or doubled, or its lines end wrongly",
        "Send the wizard's test mail over the same server: its headers are complete. If it passes, a relay or filter "
        "on the way changes GlitchTip's mail. Postal has no such answer: check host and port.",
    ),
    Family(
        "list_unreadable",
        "list-unreadable",
        "its block list gives it no answers (open resolver), so it refuses every address, listed or not",
        "Give that server a resolver of its own, or remove the block list from its settings. Postal refuses no client "
        "by its address: check that host and port lead to Postal.",
    ),
    Family(
        "domain_listed",
        "domain-listed",
        "a domain in the mail (From, HELO or a link) is on a block list; the sending address is not the reason",
        "Look up the domains of DEFAULT_FROM_EMAIL and GLITCHTIP_DOMAIN, and this host's own name, at the list that "
        "the reply names, and ask for removal there. Postal has no such answer: check host and port.",
    ),
    Family(
        "reputation",
        "reputation",
        "it refuses the sending address or domain for its reputation",
        "Stop other programs that send from this address, send little for some days, and ask the provider "
        "that answered for a review (its reply names the page).",
    ),
    Family(
        "client_not_allowed",
        "relay-client",
        "this relay does not list the address of this client as allowed; key and From do not matter",
        "Add this host's public address to the allowed clients of that relay, or use its host for logins instead.",
    ),
    Family(
        "tls_wanted",
        "auth-needs-tls",
        "it requires TLS first",
        "Choose STARTTLS (EMAIL_USE_TLS on). Postal never asks for that: check that the host is Postal.",
    ),
    Family(
        "plain_login_off",
        "auth-plain-off",
        "it accepts no plain password for this account: it requires an app password, or has SMTP logins switched off",
        "Make an app password at that provider, or switch SMTP AUTH on there. Postal has no such rule: check that "
        "host and port lead to Postal.",
    ),
    Family(
        "account_suspended",
        "account-suspended",
        "the account, domain or server that sends is suspended there; another key does not change that",
        "Look at that provider's console for the reason and have the account released.",
    ),
    Family(
        "unauthenticated",
        "unauthenticated",
        "the mail does not pass SPF, DKIM or DMARC there",
        'Run postal-wizard check --only dns and publish what it names; then press "Check my records are '
        'correct" in Postal.',
    ),
    Family(
        "from_not_verified",
        "from-not-verified-there",
        "the From is not verified at this relay, and it is not Postal that answers",
        f"Verify the From's address or domain at that relay, or use Postal's host and port. {_ALLOW_FROM}",
    ),
    Family(
        "from_not_allowed",
        "from-not-owned",
        "this login is not allowed to send with this From",
        "Set DEFAULT_FROM_EMAIL to an address that belongs to this login, or allow the From for it on that server. "
        f"{_ALLOW_FROM} Postal has no such rule: check the host.",
    ),
    Family(
        "login_wanted",
        "no-login-elsewhere",
        "it requires a login first, and accepted none on this connection",
        "Give user name and key, both percent-encoded in EMAIL_URL. Postal says this only at RCPT and in its own "
        "words: check that the host is Postal.",
    ),
    Family(
        "sender_domain",
        "sender-domain",
        "it cannot verify the From: its domain or address does not exist for that server",
        f"Use a From whose domain has a DNS record (MX or A) and whose address exists. {_ALLOW_FROM}",
    ),
    Family(
        "sender_malformed",
        "from-malformed",
        "it cannot read the envelope sender as an address",
        f"Set DEFAULT_FROM_EMAIL to name@domain, with the whole domain. {_ALLOW_FROM}",
    ),
    Family(
        "sender_refused",
        "sender-refused",
        "it does not accept this envelope sender",
        f"Allow DEFAULT_FROM_EMAIL on that server, or set another one. {_ALLOW_FROM} Postal accepts every envelope "
        "sender: check that the host is Postal.",
    ),
    Family(
        "relay_denied",
        "relay-denied",
        "it does not relay mail to this recipient's domain for this client",
        "Postal has no such answer: check host and port. If you use a relay, allow GlitchTip's login or address there.",
    ),
    Family(
        "policy",
        "policy-refused",
        "it refuses the mail by a rule of its own: a policy, a filter, or a list that its operator keeps",
        "Open the page that the reply names, or ask the operator of that server which rule it is. Postal has no such "
        "answer: check that host and port lead to Postal.",
    ),
    Family(
        "server_full",
        "server-full",
        "it has no room for the mail: its disk is full, or another of its resources is used up",
        "On the server that answered, df -h shows which disk is full. Free space there, but delete no queued mail. "
        "User name, key and From do not matter. Then send the mail again.",
        waits=True,
    ),
    Family(
        "mailbox_full",
        "mailbox-full",
        "the recipient's mailbox is full",
        "Free space in that mailbox, or choose another recipient.",
    ),
    Family(
        "recipient_suppressed",
        "recipient-suppressed",
        "the recipient is on the suppression list of that server, after earlier mails bounced",
        "Remove the address from that server's suppression list, or choose another recipient.",
    ),
    Family(
        "recipient_unknown",
        "recipient-unknown",
        "it has no such recipient",
        "Check the recipient's spelling. Postal accepts every recipient after a login: check that the host is Postal.",
    ),
    Family(
        "too_large",
        "too-large",
        "the message is larger than that server accepts",
        "Raise the size limit there (Postal: smtp_server.max_message_size): GlitchTip's mails have a few kB.",
    ),
    Family(
        "spam",
        "spam-refused",
        "it, or a filter on the way, takes the mail for spam; Postal never says so in SMTP",
        "Look at the filter of the server that answered. An antivirus or a provider may answer instead of "
        "Postal: compare the greeting with Postal's (ESMTP Postal/).",
    ),
    Family(
        "greylisted",
        "greylisted",
        "it asks new senders to come back later (greylisting)",
        "Check again in ten minutes. Postal never does that to a client: check that the host is Postal.",
        waits=True,
    ),
    Family(
        "rate_limited",
        "rate-limited",
        "it limits how much may be sent or connected at a time",
        "Wait until the limit is over and check again; then lower what is sent, or raise the limit there.",
        waits=True,
    ),
    Family(
        "temporary",
        "server-later",
        "it cannot do this right now",
        "Check again in a minute; if it happens again, look at the log of the server that answered.",
        waits=True,
    ),
)
TEMPORARY: Final = "temporary"
"""The family of replies that only ask to come back later."""
FAMILIES: Final = {family.suffix: family for family in _TABLE}
"""Every family by its suffix."""


_LONGEST: Final = 1_000
"""Characters of a reply that are read."""
_JOINTS: Final = re.compile(r"(?:\\r|\\n|\s)+(?:[45]\d\d[- ])?(?:(?<=[\sn])[245]\.\d{1,3}\.\d{1,3} )?")
"""Where one line of a reply ends, be it a line feed or its escape in a Python log, and the codes that repeat there."""


def refusal(code: int, text: str) -> Family | None:
    """Return what the reply *code* *text* refuses mail for; None where its words do not say it.

    *text* is the reply without its code: its lines joined by line feeds, or as ``repr`` shows them in a traceback.
    """
    if not 400 <= code <= 599:
        return None
    words = _JOINTS.sub(" ", text[:_LONGEST].strip())
    digits = str(code)
    for row in ROWS:
        if re.fullmatch(row.codes, digits) and row.words.search(words):
            return FAMILIES[row.family]
    return None
