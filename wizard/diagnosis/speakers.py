"""Who speaks in a line: GlitchTip, Postal's SMTP server, Postal's delivery, or a relay between them.

The same words mean different things by who says them to whom. ``550 Authentication required`` in GlitchTip's log is
about GlitchTip's login; behind "SMTP delivery error when sending to" it is the recipient's server that speaks to Postal
(postal.md 6). Every line gets one speaker before anything is recognised in it.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wizard.diagnosis.log_parsing import Line


class Speaker(StrEnum):
    """Who wrote a line."""

    OTHER = ""
    """GlitchTip, docker compose, Infisical, a dialogue by hand: whatever is not one of the others."""
    SMTP_SERVER = "smtp-server"
    """Postal's SMTP process about its clients, of which GlitchTip is one."""
    DELIVERY = "delivery"
    """Postal's worker, its pages, webhooks and bounces, a received mail: what the recipient's server says to Postal."""
    RELAY = "relay"
    """A mail server between GlitchTip and the recipient, about the next server."""


_SMTP_SERVER: Final = re.compile(
    r"\bcomponent\"?[=:] ?\"?smtp-server\b|^\[smtp\.\d{1,5}|\bDEBUG -- : \[[A-Z0-9]{6,12}\] {1,4}"
    r"(?:<=|=>|Connection |Client )"
)
_RELAY: Final = re.compile(
    r"\bpostfix(?:/[\w-]{1,30})?/(?:smtp|lmtp|error)\[\d{1,9}\]:|\bsendmail\[\d{1,9}\]: .{0,200}\bdsn="
    # Exim's main log of what it could not deliver, and what it and OpenSMTPD show of the dialogue with the next server.
    r"|(?:^|\s)(?:==|\*\*) [^\s@]{1,64}@[^\s@:]{1,190}(?:: | <\S{1,254}>| R=)"
    r"|\bSMTP<< [245]\d\d|\bmta: .{0,40}<<< [245]\d\d"
)
_PAGE: Final = re.compile(
    # A page of Postal, or a question with what it shows.
    r"\bSMTP delivery error when sending to\b|\bNo SMTP servers were available\b|\bNo hosts to try\b"
    r"|^\W{0,3}(?:Soft ?Fail|Hard ?Fail|Bounced|Held)\b"
    # Its API and webhooks.
    r"|\"(?:event|status)\": ?\"(?:Message(?:Sent|Delayed|DeliveryFailed|Held|Bounced)|SoftFail|HardFail"
    r"|Bounced|Held)\""
    r"|\"sent_with_ssl\""
    # A bounce, in the words of Postfix, Exim, Sendmail and Exchange.
    r"|^(?:Diagnostic-Code|Final-Recipient|Remote-MTA|Reporting-MTA|Original-Recipient): ?\w"
    r"|\(in reply to (?:end of )?[A-Z ]{4,12}command\)|^\W{0,8}Remote [Ss]erver returned\b"
    r"|\bresponse (?:from|of) the (?:destination|remote|receiving) (?:host|server)\b"
    r"|\bhost \S{1,200}\[[0-9a-fA-F.:]{2,45}\] said:|\bSMTP error from remote (?:mail )?server\b"
    # A return path of Postal's.
    r"|@psrp\.[A-Za-z0-9-]"
    # A received mail.
    r"|^(?:Received-SPF|(?:ARC-)?Authentication-Results): ?\w"
    r"|(?:^|[\s;])(?:spf|dkim|dmarc)=(?:pass|(?:soft)?fail|none|neutral|(?:perm|temp)error)\b"
)
_WORKER: Final = re.compile(
    # 3.x, and 2.x with its [server::message queued] numbers.
    r"\bcomponent\"?[=:] ?\"?worker\b|\[\d{1,6}::\d{1,9}(?: \d{1,9})?\]|^\[worker\.\d{1,5}"
    r"|\bNet::(?:SMTP\w{4,40}|ReadTimeout|OpenTimeout)\b|\bMysql2::Error\b|\bActiveRecord::Connection\w{5,40}"
)
_CONTINUES: Final = re.compile(
    r"^\W{0,12}[245]\d\d[ -]|^\s|^(?:Time|Support Ref|Status|Action|Sent with|Output)\b|^\W*$|^ log_id="
)
"""Lines that belong to the delivery line before them: a reply, an indented line, what Postal's page shows below."""
_ENDS: Final = re.compile(
    r"Traceback \(most recent call last\)|\bsmtplib\.|\bEMAIL_URL\b|^\s*File \"|\bdjango\b"
    r"|\bSMTP\w{5,30}(?:Error|Refused|Disconnected)\b"
)
"""What GlitchTip alone writes: it is never part of a delivery."""
_HINTS: Final = (
    "smtp", "SMTP", "mta: ", "== ", "** ", " -- : ",
    "postfix", "sendmail[", "component", "::", "worker", "o hosts", "Fail", "ounced", "eld",
    '"event"', '"status"', "sent_with_ssl", "iagnostic", "inal-Recipient", "-MTA", "riginal-Recipient", "n reply to",
    "emote", "esponse ", "said:", "psrp.", "eceived-SPF", "uthentication-Results",
    "spf=", "dkim=", "dmarc=",
)  # fmt: skip
"""Parts of words of which every line that is not GlitchTip's has one, or comes behind such a line."""
_QUOTE: Final = re.compile(r"^\W{0,12}[45]\d\d[ -]")
_WINDOW: Final = 8
"""Lines behind a delivery line that may still belong to it."""
_LONGEST: Final = 2_000


def speakers(stream: list[Line]) -> list[Speaker]:
    """Return who wrote each line of *stream*, in its order."""
    found: list[Speaker] = []
    left = 0
    for line in stream:
        text = line.text[:_LONGEST]
        if left == 0 and not any(hint in text for hint in _HINTS):
            found.append(Speaker.OTHER)
            continue
        if _SMTP_SERVER.search(text) is not None:
            who, left = Speaker.SMTP_SERVER, 0
        elif _RELAY.search(text) is not None:
            who, left = Speaker.RELAY, 0
        elif _WORKER.search(text) is not None:
            who, left = Speaker.DELIVERY, _WINDOW - 1
        elif _PAGE.search(text) is not None and _ENDS.search(text) is None:
            who, left = Speaker.DELIVERY, _WINDOW
            _reach_back(stream, found)
        elif left > 0 and _ENDS.search(text) is None and (_CONTINUES.search(text) is not None or left == _WINDOW):
            who, left = Speaker.DELIVERY, left - 1
        else:
            who, left = Speaker.OTHER, 0
        found.append(who)
    return found


def _reach_back(stream: list[Line], found: list[Speaker]) -> None:
    """Give a reply just before its delivery line to the delivery: some pages show the output first."""
    at = len(found) - 1
    while at >= 0 and at >= len(found) - 2 and found[at] is Speaker.OTHER and _QUOTE.match(stream[at].text):
        found[at] = Speaker.DELIVERY
        at -= 1
