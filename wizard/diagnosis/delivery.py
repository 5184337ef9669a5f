"""What Postal's delivery met -> signs: its worker's log, its pages, webhooks, bounces, and headers of received mail.

Here the recipient's server speaks to Postal, so nothing in it is about GlitchTip's login or EMAIL_URL (postal.md 6).
Sources: Postal 3.3.6 app/senders/smtp_sender.rb, app/lib/smtp_client/*, app/lib/message_dequeuer/*.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.diagnosis.causes_held import key_of
from wizard.diagnosis.model import Sign, first, row
from wizard.diagnosis.speakers import Speaker
from wizard.postal import server as postal
from wizard.postal.refusals import refusal

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Line


_VAGUE_HELD: Final = ("No SMTP servers were available for", "Permanent SMTP delivery error when sending to")

HELD: Final = (
    *(
        # A paste may lack the full stop; without it the suspended server's words are those of a refusal at RCPT.
        row(key_of(held), re.escape(held.text if "suspended" in held.text else held.text.rstrip(".")))
        for held in postal.HELD
        if len(held.text) > 12 and held.text not in _VAGUE_HELD
    ),
    row("held-suppressed", r"Recipient \([^)]{1,254}\) is on the suppression list"),
    row("held-suppressed", r"Added \S{1,254} to suppression list", "noise"),
    row("held-bounced", r"\"status\": ?\"Bounced\"|\"event\": ?\"MessageBounced\""),
    row("held-limit", r"\"event\": ?\"SendLimitExceeded\""),
    row("spam-folder", r"\bdmarc ?= ?fail\b"),
    # What the worker logs beside the details, in its own words.
    row("held-development", r"server is in development mode, holding"),
    row("held-credential", r"credential wants us to hold messages"),
    row("held-suppressed", r"recipient is on the suppression list, holding"),
    row("held-limit", r"server send limit has been exceeded, holding"),
    row("held-spam", r"message is spam \([\d.-]{1,12}\), hard failing"),
    row("held-suspended", r"server is suspended, holding message"),
    row("held-attempts", r"message has reached maximum number of attempts"),
    row("held-raw", r"raw message has been removed, not sending"),
    row("held-domain", r"message has no domain, hard failing"),
)
"""What Postal itself says of a mail that it does not deliver, and receivers of DMARC: nobody else has these words."""

_CONNECT: Final = r"\bconnect to \S{1,200}\[[0-9a-fA-F.:]{2,45}\]:25: "
"""How Postfix begins what it says of a server that it could not reach."""
MET: Final = (
    # Postal's worker and its own database.
    row("database-column", r"Mysql2::Error: .{0,20}Data too long for column"),
    row(
        "worker-database",
        r"Mysql2::Error\b.{0,40}(?:Can't connect|Lost connection|gone away|Unknown MySQL server host|Access denied"
        r"|Connection refused)"
        r"|Mysql2::Error::(?:ConnectionError|TimeoutError)|ActiveRecord::(?:ConnectionNotEstablished|ConnectionTimeoutError|DatabaseConnectionError)",
    ),
    row("worker-database", r"Mysql2::Error.{0,60}(?:Lock wait timeout|Deadlock found|Too many connections)"),
    # Nobody to connect to, or nobody who answers.
    row("delivery-no-hosts", r"No hosts to try\b"),
    # Postfix and Exim, of the domain and its MX.
    row(
        "relay-no-hosts",
        r"Name service error for name=|all relevant MX records point to non-existent hosts"
        r"|host lookup did not complete",
    ),
    row(
        "delivery-refused-there",
        r"Errno::ECONNREFUSED|Connection refused - connect\(2\)|^\W{0,4}Connection refused\b"
        rf"|{_CONNECT}Connection refused",
    ),
    row(
        "held-port-25",
        r"\((?:Net::OpenTimeout|Errno::E(?:TIMEDOUT|HOSTUNREACH))|Net::OpenTimeout"
        r"|Connection timed out - |^\W{0,4}(?:execution expired|Connection timed out)",
    ),
    row("relay-port-25", rf"{_CONNECT}\w{{5,12}} timed out"),
    row(
        "delivery-certificate",
        r"does not match the server certificate|certificate verify failed|SSL_connect (?:SYSCALL )?returned"
        r"|OpenSSL::SSL::SSLError",
    ),
    row("delivery-silent", r"Net::ReadTimeout"),
    # What a receiver found in the mail.
    row("delivery-spf", r"^Received-SPF: ?(?:soft)?fail\b|^Received-SPF: ?(?:permerror|none|neutral)\b"),
    row("delivery-spf", r"^(?!.*\bdmarc ?= ?pass\b).{0,2000}\bspf ?= ?(?:soft)?(?:fail|permerror)\b"),
    row("delivery-dkim", r"^(?!.*\bdmarc ?= ?pass\b).{0,2000}\bdkim ?= ?(?:fail|permerror|temperror)\b"),
    # Postal's own frame around the words of the recipient's server.
    row("delivery-tried", r"No SMTP servers were available for"),
    row("held-refused", r"Permanent SMTP delivery error when sending to"),
    row("held-deferred", r"Temporary SMTP delivery error when sending"),
)
"""What the lines of a delivery say."""

_RUBY: Final = re.compile(r"Net::SMTP(?P<kind>\w{4,40}): ?")
_REPLY: Final = re.compile(
    r"(?:^|[\s:>\"'(\[])(?P<code>[45]\d\d)[- ](?!(?:bytes|ms|seconds?|messages?)\b)(?P<text>\S.{0,400})"
)
_WORDS_ALONE: Final = re.compile(r"^Diagnostic-Code: ?[\w-]{2,20}; ?(?P<text>\D.{4,400})")
"""A bounce with the words of a refusal and no code, as Postfix writes of what its own filter refused."""
_STATUS: Final = ("Status: 4", "Status: 5")
"""The field of a bounce that says whether its refusal is for good (RFC 3464)."""
_ACCEPTED: Final = re.compile(r"\bAccepted by \S{1,80} .{0,260}\bfor \S{1,254}@|\bstatus=sent\b")
"""What Postal's worker and Postfix log when the recipient's server has taken a mail."""
_RETURN_PATH: Final = re.compile(r"\b(psrp\.[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})\b")
_ABOUT_IT: Final = re.compile(r"verif|resolv|look-?up|\bDNS\b|\bsuch domain\b|\bdomain\b.{0,40}\bexist", re.IGNORECASE)
"""Words about an address that cannot be checked; beside a return path of Postal's they are about its domain."""
_NOT_ITS_OWN: Final = frozenset({None, "held-deferred", "delivery-recipient"})
"""What else such words would be taken for: no recipient has an address at ``psrp.``."""
_NEAR: Final = 6
"""Lines between Postal's frame and the words it frames."""

SAID: Final = {
    "helo_refused": "delivery-helo",
    "ptr_missing": "delivery-ptr",
    "list_unreadable": "delivery-list-unreadable",
    "mail_loop": "delivery-loop",
    "message_malformed": "delivery-malformed",
    "domain_listed": "delivery-domain-listed",
    "block_listed": "delivery-listed",
    "reputation": "delivery-listed",
    "client_not_allowed": "delivery-relay",
    "tls_wanted": "delivery-tls",
    "unauthenticated": "delivery-unauthenticated",
    "login_wanted": "delivery-relay",
    "relay_denied": "delivery-relay",
    "sender_domain": "delivery-return-path",
    "sender_refused": "delivery-policy",
    "sender_malformed": "delivery-return-path",
    "policy": "delivery-policy",
    "server_full": "delivery-server-full",
    "mailbox_full": "delivery-mailbox-full",
    "recipient_unknown": "delivery-recipient",
    "too_large": "delivery-size",
    "spam": "delivery-spam",
    "greylisted": "delivery-greylisted",
    "rate_limited": "delivery-rate",
    "temporary": "held-deferred",
}
"""Family of the words -> what they mean where the recipient's server says them to Postal."""
_OF_POSTAL: Final = (
    ("From/Sender name is not valid", "data-from"),
    ("Mail server has been suspended", "rcpt-suspended"),
)
"""Postal's own words to whoever is logged in: between two servers, a relay before Postal has them from it."""
RELAYED: Final = {"login_wanted": "relay-login", "plain_login_off": "relay-login", "client_not_allowed": "relay-login"}
"""The same where a relay of one's own speaks to its next server; what is not here is as at a delivery."""
_COMMON_WORDS: Final = frozenset({"spam", "mailbox_full", "rate_limited", "temporary", "policy"})
"""What other programs say of other things too: it takes an enhanced code, such as 5.7.1, to make it a mail server's."""
_MAIL_ALONE: Final = frozenset({("policy", 550), ("policy", 554)})
"""Common words behind a code that no web server has."""
REFUSES: Final = re.compile(
    r"\b(?:reject|refus|block|limited|required|not accept|classified)|den(?:ied|y)", re.IGNORECASE
)
"""Words that make a number and other common words a refusal: a program may also count spam."""
_VAGUE: Final = frozenset(
    {"held-refused", "held-deferred", "delivery-tried", "held-bounced", "held-port-25", "relay-port-25"}
)
_BY_WORDS_ALONE: Final = frozenset(
    {
        "ptr_missing", "block_listed", "reputation", "unauthenticated", "spam", "mailbox_full", "recipient_unknown",
        "greylisted", "rate_limited", "temporary", "sender_domain", "policy", "domain_listed", "list_unreadable",
        "mail_loop", "message_malformed",
    }
)  # fmt: skip
"""What servers on the internet say to each other. GlitchTip would show an exception, so such words without anything
around them are most often the output of a delivery."""


def signs(stream: list[Line], who: list[Speaker]) -> list[Sign]:
    """Return the signs of one container's lines that are about a delivery, in their order."""
    seen: list[Sign] = []
    begun = _Begun()
    status = "5"
    replies = [
        (number, match)
        for number, line in enumerate(stream)
        if who[number] in _THEIRS and (match := _REPLY.search(line.text)) is not None
    ]
    judged = dict(replies[-_MOST_REPLIES:])
    for number, line in enumerate(stream):
        if line.text.startswith(_STATUS):
            status = line.text[len("Status: ")]
        sign = first(HELD, line) if any(hint in line.text for hint in _HINTS) else None
        if sign is None and who[number] in _THEIRS:
            if _ACCEPTED.search(line.text) is not None:
                # One address of several was not to be had, and another was.
                while seen and seen[-1].key in _VAGUE:
                    seen.pop()
                continue
            sign = first(MET, line)
            if number in judged and (sign is None or sign.key in _VAGUE):
                sign = _said(line, who[number], *begun.whole(judged[number]))
            elif sign is None and (words := _WORDS_ALONE.match(line.text)) is not None:
                sign = bare(line, int(f"{status}50"), words["text"], enhanced=True)
        if sign is not None:
            _add(seen, sign)
    return seen


_THEIRS: Final = frozenset({Speaker.DELIVERY, Speaker.RELAY})
_MOST_REPLIES: Final = 400
"""Replies judged of one container's log: the newest."""


class _Begun:
    """A reply of several lines, ``550-`` and so on, as far as it was read."""

    def __init__(self) -> None:
        self._code = self._text = ""

    def whole(self, match: re.Match[str]) -> tuple[int, str]:
        """Return code and text of the reply that *match* found, with the lines of it that came before."""
        code, text = match["code"], match["text"]
        if code == self._code:
            text = f"{self._text} {text}"[-1_000:]
        goes_on = match.string[match.end("code") : match.end("code") + 1] == "-"
        self._code, self._text = (code, text) if goes_on else ("", "")
        return int(code), text


def bare(line: Line, code: int, text: str, *, enhanced: bool) -> Sign | None:
    """Judge a reply without anything around it, where its words are said from server to server alone."""
    found = refusal(code, text)
    sure = enhanced or (found is not None and (found.suffix, code) in _MAIL_ALONE)
    if found is not None and found.suffix == "spam" and code >= 550 and REFUSES.search(text) is not None:
        sure = True
    if found is not None and found.suffix in _COMMON_WORDS and not sure:
        return None
    if found is not None and (found.suffix in _BY_WORDS_ALONE or _RETURN_PATH.search(text) is not None):
        sign = _said(line, Speaker.DELIVERY, code, text)
        return replace(sign, facts={**sign.facts, "alone": "y"})
    return None


_HINTS: Final = (
    "hold", "held", "Held", "uppression", "imit", "spam", "uspended", "ttempts", "aw message", "no domain",
    "no longer exist", "dmarc", "ounced", "evelopment", "SMTP servers", "SMTP delivery",
)  # fmt: skip
"""Parts of words of which every line of ``HELD`` has one."""


def _said(line: Line, speaker: Speaker, code: int, text: str) -> Sign:
    """Judge what the recipient's server said: by its words, else only that it refused or put off."""
    facts = {"code": str(code)}
    own = next((sign for words, sign in _OF_POSTAL if words in text), None)
    if own is not None:
        return Sign(own, "failure", line.place, line.service, facts)
    found = refusal(code, text)
    if (name := _RETURN_PATH.search(text)) is not None:
        facts["return_path"] = name[1]
    key = None
    if found is not None:
        key = (RELAYED.get(found.suffix) if speaker is Speaker.RELAY else None) or SAID.get(found.suffix)
    if _RETURN_PATH.search(text) is not None and _ABOUT_IT.search(text) is not None and key in _NOT_ITS_OWN:
        key = "delivery-return-path"
    if key is None:
        key = "held-refused" if code >= 500 else "held-deferred"  # SMTP's own two classes
    return Sign(key, "failure", line.place, line.service, facts)


def _add(seen: list[Sign], sign: Sign) -> None:
    """Add *sign*; words that say more replace the frame near them, and a frame adds nothing to such words."""
    near = []
    for each in reversed(seen):
        if sign.place - each.place > _NEAR:
            break
        near.append(each)
    if sign.key in _VAGUE:
        if any(each.key not in _VAGUE and each.weight != "noise" for each in near):
            return
        if sign.key != "held-port-25" and any(each.key == "held-port-25" for each in near):
            return
    else:
        for each in near:
            if each.key in _VAGUE:
                seen.remove(each)
    seen.append(sign)
