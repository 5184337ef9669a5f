"""Postal's facts: how its SMTP server introduces itself and logs in; replies and held mail are beside it.

Source: app/lib/smtp_server/{server,client}.rb of Postal 3.3.6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from wizard.postal.held import HELD, Held
from wizard.postal.replies import REPLIES, Known, Stage, meaning
from wizard.postal.web_ui import TABS, log_line, place

__all__ = [
    "HELD",
    "REPLIES",
    "SLOW_DATA",
    "TABS",
    "Held",
    "Known",
    "Peer",
    "Stage",
    "cram_md5_log",
    "cram_md5_succeeds",
    "fingerprint",
    "granted",
    "log_line",
    "meaning",
    "place",
]

SLOW_DATA: Final = 5.0
"""Seconds from DATA to 354 above which mail is in danger: half of the usual EMAIL_TIMEOUT of 10."""

_BANNER: Final = re.compile(r"ESMTP Postal/([A-Za-z0-9]{1,16})\b")
_CAPABILITIES: Final = "My capabilities are"

_OTHERS: Final = (
    ("Postfix", r"\bPostfix\b"),
    ("Exim", r"\bExim\b"),
    ("Sendmail", r"\bSendmail\b"),
    ("OpenSMTPD", r"\bOpenSMTPD\b"),
    ("Microsoft Exchange", r"Microsoft ESMTP MAIL Service"),
    ("Gmail", r"\bgsmtp\b"),
    ("Amazon SES", r"SimpleEmailService"),
    ("Haraka", r"\bHaraka\b"),
    ("Mailpit", r"\bMailpit\b"),
    ("MailHog", r"\bMailHog\b"),
    ("aiosmtpd", r"\bPython SMTP\b"),
    ("Dovecot", r"\bDovecot\b"),
    ("hMailServer", r"\bhMailServer\b"),
    ("Stalwart", r"\bStalwart\b"),
    ("Mailgun", r"\bMailgun\b"),
    ("SendGrid", r"\bSG ESMTP\b|\bSendGrid\b"),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who answered, by its banner and its EHLO reply."""

    name: str
    """``Postal``, another server's name, or ``another mail server``."""
    trace: str | None = None
    """Postal's trace id of this connection: it greps Postal's log."""

    @property
    def is_postal(self) -> bool:
        """Whether Postal's own facts apply."""
        return self.name == "Postal"

    @property
    def where(self) -> str:
        """Where to read what the server made of this connection."""
        return f"Postal's log: {log_line(self.trace)}" if self.is_postal else "the log of the server that answered"

    @property
    def log(self) -> tuple[str, ...]:
        """The same as a line of evidence; nothing where it is not Postal."""
        return (self.where,) if self.is_postal else ()


def fingerprint(banner: str, ehlo: str = "") -> Peer:
    """Tell who sent *banner* (without its code) and *ehlo* (lines without codes)."""
    match = _BANNER.search(banner)
    if match:
        return Peer("Postal", match[1])
    if ehlo.lstrip().startswith(_CAPABILITIES):
        return Peer("Postal")
    for name, pattern in _OTHERS:
        if re.search(pattern, banner, re.IGNORECASE):
            return Peer(name)
    return Peer("another mail server")


_GRANTED: Final = re.compile(r"Granted for (\S+)/(\S+)\s*")


def granted(reply: str) -> str | None:
    """Return ``org/server`` from the text of a 235, None where it is not Postal's."""
    match = _GRANTED.fullmatch(reply.strip())
    return f"{match[1]}/{match[2]}" if match else None


def cram_md5_succeeds(username: str, server: str) -> bool:
    """Predict whether Postal finds *server* (``org/server``) by *username* in CRAM-MD5.

    client.rb splits at the first ``/`` or ``_``; permalinks compare without case. PLAIN and LOGIN ignore the user name.
    """
    names = re.split(r"[/_]", username, maxsplit=1)
    return "/".join(names).lower() == server.lower() and len(names) == 2


def cram_md5_log(username: str) -> str:
    """Return what Postal logs for each mail whose CRAM-MD5 attempt names no server."""
    return f"WARN Authentication failure for <ip> (no server found matching {username})"
