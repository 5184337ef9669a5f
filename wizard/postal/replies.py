"""What the replies of Postal's SMTP server mean, and those of other servers that answer in Postal's place.

Source: app/lib/smtp_server/client.rb of Postal 3.3.6; each row was seen on the wire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from wizard.postal.web_ui import place

Stage: TypeAlias = Literal["banner", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "message", "any"]
"""Where in the dialogue a reply belongs; ``message`` is the answer to the final dot, ``any`` fits everywhere."""


@dataclass(frozen=True, slots=True)
class Known:
    """A reply whose meaning is known."""

    stage: Stage
    code: str
    """A regular expression over the three digits."""
    text: str
    """A regular expression that must match somewhere in the text; empty: any text."""
    meaning: str
    """What it means, to follow ``Postal answered 535 Invalid credential:``; no capital, no full stop."""
    remedy: str
    """What to do next; ``{credentials}`` and the other tabs are replaced by their places."""
    outcome: str
    """The outcome's part of the ``Code`` of the check that met the reply."""
    postal: bool = True
    """Whether only Postal says this: such a row goes before the families of refusals.py, any other one behind."""

    def fix(self, server: str | None = None) -> str:
        """Return the remedy with the places of *server* (``org/server``) filled in."""
        return self.remedy.format_map(_Places(server))


class _Places(dict[str, str]):
    """Fills ``{credentials}`` in a remedy with where that tab is."""

    def __init__(self, server: str | None) -> None:
        super().__init__()
        self._server = server

    def __missing__(self, tab: str) -> str:
        return place(tab, self._server)


_NEW_CREDENTIAL: Final = (
    "Make a new credential of type SMTP at {new_credential} and enter its key, 24 letters and digits, "
    "as Postal shows it."
)

REPLIES: Final[tuple[Known, ...]] = (
    Known(
        "AUTH",
        "535",
        r"^Invalid credential\s*$",
        "no SMTP credential of any mail server has this key (a wrong or revoked key, one of type API, a blank "
        "before it, or a $ that compose removed); the user name does not matter",
        _NEW_CREDENTIAL,
        "invalid_credential",
    ),
    Known(
        "AUTH",
        "535",
        r"^Denied\s*$",
        "CRAM-MD5 found no mail server by this user name, or no credential of it with exactly this key",
        "Use org/server as the user name, as {help} shows it, and copy the key again from {credentials}.",
        "denied",
    ),
    Known(
        "AUTH",
        "535",
        "^Authenticated failed",
        "it cannot read the login",
        "Copy user name and key again from {help}: one of them contains a character that Postal cannot read.",
        "unreadable_login",
    ),
    Known(
        "STARTTLS",
        "502",
        "TLS not available",
        "smtp_server.tls_enabled is false",
        "Choose no TLS (EMAIL_USE_TLS off) on a private network, or set smtp_server.tls_enabled: true with a "
        "certificate for this name in postal.yml and restart Postal's smtp process.",
        "not_offered",
    ),
    Known(
        "RCPT",
        "530",
        "^Authentication required",
        "there was no login, and no SMTP-IP credential covers this client's address",
        "Give user name and key of a credential at {credentials}: without both, GlitchTip does not log in.",
        "no_login",
    ),
    Known(
        "RCPT",
        "535",
        "suspended",
        "the mail server or its organisation is suspended; the key is right",
        'An admin ends it at {advanced}: "Unsuspend". The same form suspends organisations, one level higher.',
        "suspended",
    ),
    Known(
        "RCPT",
        "550",
        "^Invalid server token",
        "the recipient is an address of a return path, where only bounces go",
        "Use a recipient that a person reads.",
        "return_path_address",
    ),
    Known(
        "RCPT",
        "550",
        "^Invalid route token",
        "the recipient is in Postal's route domain and names no route",
        "Use a recipient outside Postal's own domains.",
        "route_unknown",
    ),
    Known(
        "RCPT",
        "550",
        "^Route does not accept",
        "the recipient's route in Postal is set to Reject",
        "Use another recipient, or change the route's endpoint in Postal under Routing.",
        "route_rejects",
    ),
    Known("RCPT", "501", "RCPT TO", "it saw no address in RCPT", "Type the recipient as name@domain.", "malformed"),
    Known(
        "message",
        "530",
        "^From/Sender name is not valid",
        "the domain of the From is not a verified domain of the mail server that this key belongs to (a "
        "subdomain of a verified one does not count)",
        'Add or verify exactly this domain at {domains} ("Verify TXT record"), or use a From in a domain '
        "verified there.",
        "from_not_valid",
    ),
    Known(
        "message",
        "552",
        "^Message too large .maximum",
        "the message is over smtp_server.max_message_size",
        "Raise smtp_server.max_message_size in postal.yml: a test mail has less than 2 kB.",
        "too_large",
    ),
    Known(
        "message",
        "550",
        "^Loop detected",
        "the message passed this Postal more than four times",
        "Look for a relay that hands Postal's own mail back to it: the host must be Postal itself.",
        "loop",
    ),
    Known(
        "any",
        "502",
        "^Proxy Error",
        "it expects a PROXY protocol line first (smtp_server.proxy_protocol is true)",
        "Connect to the load balancer in front of Postal, or set smtp_server.proxy_protocol: false.",
        "proxy_protocol",
    ),
    Known(
        "any",
        "503",
        "^(?:EHLO/HELO|HELO/EHLO).*(?:first please|before sending data)$",
        "it has lost the state of this connection, which happens behind a proxy, or when a program sends "
        "several mails on one connection",
        "Check again. If it happens again, connect to Postal's own port without a proxy in between.",
        "out_of_order",
    ),
    Known(
        "AUTH",
        "535",
        "",
        "this is not how Postal refuses a key (Postal says Invalid credential), so another server answered",
        "Check host and port: they must lead to Postal itself.",
        "other_server",
        postal=False,
    ),
    Known(
        "AUTH",
        "530|538",
        "",
        "it requires TLS before a login",
        "Choose STARTTLS (EMAIL_USE_TLS on). Postal never asks for that: check that the host is Postal.",
        "tls_wanted",
        postal=False,
    ),
    Known("AUTH", "4..", "", "it cannot check logins right now", "Check again in a minute.", "temporary", postal=False),
    Known(
        "AUTH",
        "5..",
        "(?i)auth|credential|login|password",
        "this is not how Postal refuses a key (Postal says 535 Invalid credential), so another server answered",
        "Check host and port: they must lead to Postal itself.",
        "other_server",
        postal=False,
    ),
    Known(
        "AUTH",
        "5..",
        "",
        "it does not accept this login",
        "Check host and port: Postal answers a login with 235 or 535.",
        "refused",
        postal=False,
    ),
    Known(
        "MAIL",
        "530",
        "",
        "it requires a login first",
        "Give user name and key; Postal would say so at RCPT: check that the host is Postal.",
        "login_wanted",
        postal=False,
    ),
    Known(
        "MAIL",
        "501",
        "",
        "it cannot read the envelope sender as an address",
        "Set DEFAULT_FROM_EMAIL to name@domain; Postal accepts every envelope sender: check that the host is Postal.",
        "sender_malformed",
        postal=False,
    ),
    Known(
        "MAIL",
        "4..",
        "",
        "it does not accept this envelope sender right now",
        "Check again in some minutes, then look at the log of the server that answered: Postal never says so.",
        "sender_temporary",
        postal=False,
    ),
    Known(
        "MAIL",
        "5..",
        "",
        "it does not accept this envelope sender",
        "Postal accepts every envelope sender: check that the host is Postal, then the From address.",
        "sender_refused",
        postal=False,
    ),
    Known(
        "RCPT",
        "5..",
        "",
        "it does not accept this recipient",
        "Check the recipient's spelling. Postal accepts every recipient after a login: check that the host is Postal.",
        "refused",
        postal=False,
    ),
    Known(
        "DATA",
        "503",
        "",
        "it has lost MAIL or RCPT, though both were accepted",
        "A proxy that reconnects in between does that: connect to the server's own port without it.",
        "out_of_order",
        postal=False,
    ),
    Known(
        "banner",
        "421",
        "",
        "it accepts no connections right now",
        "Wait some minutes and check again; if it happens again, look for a limit or a block on this client's "
        "address there.",
        "busy",
        postal=False,
    ),
    Known(
        "banner",
        "5..",
        "",
        "it refuses this client, most often by a block list",
        "Postal never greets like that: check host and port, then the block list of whatever answers there.",
        "client_refused",
        postal=False,
    ),
    Known(
        "EHLO",
        "5..",
        "",
        "it does not accept this host's name in EHLO",
        "Postal accepts any name: check host and port. On another server set hostname: in docker-compose.yml to a "
        "full name.",
        "ehlo_refused",
        postal=False,
    ),
    Known(
        "message",
        "5..",
        "",
        "it refused the message",
        "Its words say why; they are not Postal's.",
        "refused",
        postal=False,
    ),
    Known("any", "4..", "", "it cannot do this right now", "Check again in a minute.", "temporary", postal=False),
    Known("any", "5..", "", "it refused", "Look at the log of the server that answered.", "refused", postal=False),
)
"""Postal's own replies first, then what other servers mean. The first row that fits counts."""


def meaning(stage: str, code: int, text: str) -> Known | None:
    """Return what a reply means, None where nothing is known about it."""
    digits = f"{code:03d}"
    for known in REPLIES:
        if known.stage in {stage, "any"} and re.fullmatch(known.code, digits) and re.search(known.text, text):
            return known
    return None
