"""What Postal answers, line by line, without a socket (app/lib/smtp_server/client.rb of 3.3.6, seen on the wire)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
import string
from email.utils import formatdate
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wizard.rehearsal.postal.parsing import collated, decoded, from_is_valid, path_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.rehearsal.postal.sink import Sink
    from wizard.rehearsal.state import State

Replies: TypeAlias = list[str]

_UPPER_ALNUM: Final = string.ascii_uppercase + string.digits
_ASK_USERNAME: Final = "334 VXNlcm5hbWU6"
_ASK_PASSWORD: Final = "334 UGFzc3dvcmQ6"  # noqa: S105  # the prompt "Password:" in base64
_MOST_RECEIVED: Final = 4


class DroppedError(Exception):
    """Postal ran into an exception of its own: it closes the connection without a word."""


class Dialogue:
    """One connection. ``line`` takes what the client sent and returns the replies; the flags say what else happens."""

    def __init__(self, state: State, sink: Sink, address: str) -> None:
        self.finished = False
        """Close once the replies are written."""
        self.wants_tls = False
        """Start the handshake once the replies are written."""
        self.pause = 0.0
        """Seconds to wait before the replies are written."""
        self._state = state
        self._sink = sink
        self._address = address
        self._trace = "".join(secrets.choice(_UPPER_ALNUM) for _ in range(8))
        self._next: Callable[[bytes], str | None] | None = None
        self._phase: Literal["preauth", "welcome", "welcomed", "mail", "rcpt"] = "welcome"
        self._helo = ""
        self._granted = False
        self._tls = False
        self._mail_from = ""
        self._recipients: list[str] = []
        self._data: list[bytes] = []
        self._in_headers = False
        self._headers: dict[str, list[str]] = {}
        self._header = ""
        self._crlf_before = self._crlf = True

    def greeting(self) -> Replies:
        """Return what is sent at connect."""
        if self._state.greeting == "proxy":
            self._phase = "preauth"
            return []
        return [self._banner()]

    def line(self, line: bytes) -> Replies:
        """Take *line* without its LF (a CR may end it). Raises Dropped."""
        self._crlf_before, self._crlf = self._crlf, line.endswith(b"\r")
        line = line.removesuffix(b"\r")
        if self._phase == "preauth":
            return self._proxy(line)
        if self._next is not None:
            reply = self._next(line)
            return [] if reply is None else [reply]
        return self._command(line.decode("latin-1"))

    def tls_started(self) -> None:
        """Note that the handshake is done; everything said before stays valid, as with Postal."""
        self.wants_tls = False
        self._tls = True

    def _banner(self) -> str:
        return f"220 {self._state.hostname} ESMTP Postal/{self._trace}"

    def _proxy(self, line: bytes) -> Replies:
        # HAProxy's protocol, version 1: PROXY TCP4 source destination port port.
        words = line.decode("latin-1").split(" ")
        if words[0] != "PROXY" or len(words) < 6:
            self.finished = True
            return ["502 Proxy Error"]
        self._address = words[2]
        self._phase = "welcome"
        return [self._banner()]

    def _command(self, line: str) -> Replies:
        said = line.upper()
        for prefix, answer in (
            ("QUIT", self._quit),
            ("STARTTLS", self._starttls),
            ("EHLO", self._ehlo),
            ("HELO", self._hello),
            ("RSET", self._rset),
            ("NOOP", lambda _line: ["250 OK"]),
            ("AUTH PLAIN", self._auth_plain),
            ("AUTH LOGIN", self._auth_login),
            ("AUTH CRAM-MD5", self._auth_cram_md5),
            ("MAIL FROM", self._mail),
            ("RCPT TO", self._rcpt),
            ("DATA", self._start_data),
        ):
            if said.startswith(prefix):
                return answer(line)
        return ["502 Invalid/unsupported command"]

    def _quit(self, _line: str) -> Replies:
        self.finished = True
        return ["221 Closing Connection"]

    def _starttls(self, _line: str) -> Replies:
        if self._state.tls == "off":
            return ["502 TLS not available"]
        self.wants_tls = True
        return ["220 Ready to start TLS"]

    def _ehlo(self, line: str) -> Replies:
        self._hello(line)
        offered = ["250-STARTTLS"] if self._state.tls != "off" and not self._tls else []
        return ["250-My capabilities are", *offered, "250 AUTH CRAM-MD5 PLAIN LOGIN"]

    def _hello(self, line: str) -> Replies:
        # The name is never judged; an empty one will do.
        self._helo = line.strip().partition(" ")[2]
        self._forget("welcomed")
        return [f"250 {self._state.hostname}"]

    def _rset(self, _line: str) -> Replies:
        self._forget("welcomed")
        return ["250 OK"]

    def _forget(self, phase: Literal["welcomed", "mail"]) -> None:
        """Begin a new transaction. AUTH stays granted."""
        self._mail_from, self._recipients, self._data, self._headers = "", [], [], {}
        self._phase = phase

    # AUTH

    def _auth_plain(self, line: str) -> Replies:
        told = line[len("AUTH PLAIN") :].strip()
        if told:
            return [self._plain(told.encode("latin-1"))]
        self._next = self._plain
        return ["334"]

    def _plain(self, line: bytes) -> str:
        self._next = None
        parts = decoded(line).rstrip(b"\0").split(b"\0")
        return "535 Authenticated failed - protocol error" if len(parts) < 2 else self._granted_by_key(parts[-1])

    def _auth_login(self, line: str) -> Replies:
        if line[len("AUTH LOGIN") :].strip():
            return [self._username(b"")]
        self._next = self._username
        return [_ASK_USERNAME]

    def _username(self, _line: bytes) -> str:
        # The user name is thrown away: the key alone decides.
        self._next = self._password
        return _ASK_PASSWORD

    def _password(self, line: bytes) -> str:
        self._next = None
        return self._granted_by_key(decoded(line))

    def _granted_by_key(self, key: bytes) -> str:
        if collated(key.decode("utf-8", "replace")) not in map(collated, self._good_keys()):
            return "535 Invalid credential"
        return self._grant()

    def _good_keys(self) -> list[str]:
        """Return the keys of the server's SMTP credentials."""
        own = [self._state.key] if self._state.key_is == "SMTP" else []
        return [*own, *([self._state.old_key] if self._state.old_key else [])]

    def _auth_cram_md5(self, _line: str) -> Replies:
        challenge = f"<{secrets.token_hex(10)}@{self._state.hostname}>"

        def answer(line: bytes) -> str:
            self._next = None
            # Ruby's split(" ", 2) ignores blanks in front.
            words = decoded(line).decode("latin-1").split(None, 1)
            if not words:
                raise DroppedError
            organisation, _, server = re.sub(r"[/_]", "\0", words[0], count=1).partition("\0")
            ours = (collated(self._state.organisation), collated(self._state.server))
            right = [hmac.new(key.encode(), challenge.encode(), hashlib.md5).hexdigest() for key in self._good_keys()]
            if (collated(organisation), collated(server)) != ours or len(words) != 2 or words[1] not in right:
                return "535 Denied"
            return self._grant()

        self._next = answer
        return [f"334 {base64.b64encode(challenge.encode()).decode()}"]

    def _grant(self) -> str:
        self._granted = True
        return f"235 Granted for {self._state.organisation}/{self._state.server}"

    # The transaction

    def _mail(self, line: str) -> Replies:
        if self._phase not in {"welcomed", "mail"}:
            return ["503 EHLO/HELO first please"]
        self._forget("mail")
        self._mail_from = path_of(re.sub(r" *AUTH=.*", "", line), "MAIL FROM")
        return ["250 OK"]

    def _rcpt(self, line: str) -> Replies:
        if self._phase not in {"mail", "rcpt"}:
            return ["503 EHLO/HELO and MAIL FROM first please"]
        recipient = path_of(line, "RCPT TO")
        domain = recipient.partition("@")[2]
        if not recipient:
            return ["501 RCPT TO should not be empty"]
        if not domain:
            return ["501 Invalid RCPT TO"]
        if domain == self._state.return_path_domain or domain.startswith("psrp."):
            self._phase = "rcpt"
            return ["550 Invalid server token"]
        if domain == self._state.route_domain:
            self._phase = "rcpt"
            return ["550 Invalid route token"]
        if not self._granted and not self._admitted_by_address():
            return ["530 Authentication required"]
        self._granted = True
        self._phase = "rcpt"
        if self._state.suspended:
            return ["535 Mail server has been suspended"]
        self._recipients.append(recipient)
        return ["250 OK"]

    def _admitted_by_address(self) -> bool:
        return any(ipaddress.ip_address(self._address) in ipaddress.ip_network(net) for net in self._state.smtp_ips)

    def _start_data(self, _line: str) -> Replies:
        if self._phase != "rcpt":
            return ["503 HELO/EHLO, MAIL FROM and RCPT TO before sending data"]
        received = (
            f"from {self._helo} ({self._address} [{self._address}]) by {self._state.hostname} with SMTP; {formatdate()}"
        )
        self._data = [f"Received: {received}".encode("latin-1")]
        self._headers = {"received": [received]}
        self._header = ""
        self._in_headers = True
        self._next = self._data_line
        self.pause = self._state.data_delay
        return ["354 Go ahead"]

    def _data_line(self, line: bytes) -> str | None:
        # Only CRLF . CRLF ends it: with bare line feeds Postal waits for ever.
        if line == b"." and self._crlf and self._crlf_before:
            self._next = None
            return self._judge()
        if line.startswith(b".."):
            line = line[1:]
        if self._in_headers:
            self._header_line(line.decode("latin-1"))
        self._data.append(line)
        return None

    def _header_line(self, line: str) -> None:
        if not line.strip():
            self._in_headers = False
        elif line[0].isspace():
            if self._header in self._headers:
                self._headers[self._header][-1] += line
        else:
            name, _, value = line.partition(":")
            self._header = name.lower()
            self._headers.setdefault(self._header, []).append(value.lstrip())

    def _judge(self) -> str:
        """Answer the final dot; the order of the refusals is Postal's."""
        raw = b"".join(line + b"\r\n" for line in self._data)
        state, sender, recipients = self._state, self._mail_from, self._recipients
        headers = self._headers
        self._forget("welcomed")
        if len(raw) > state.max_message_size * 1024 * 1024:
            return f"552 Message too large (maximum size {state.max_message_size}MB)"
        if sum(f"by {state.hostname}" in received for received in headers["received"]) > _MOST_RECEIVED:
            return "550 Loop detected"
        if self._granted and not from_is_valid(state, headers):
            return "530 From/Sender name is not valid"
        for recipient in recipients:
            self._sink.accept(sender, recipient, raw, state.outcome, with_tls=self._tls)
        return "250 OK"
