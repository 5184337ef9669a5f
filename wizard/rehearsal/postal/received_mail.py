"""An accepted mail as it lies in the recipient's mailbox: signed by Postal, judged by the server that took it.

What Postal puts on top was seen on the wire (Resent-Sender, DKIM-Signature, X-Postal-MsgID); which key and which
envelope sender it uses is app/lib/dkim_header.rb and app/senders/smtp_sender.rb.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from email.utils import formatdate, parseaddr
from typing import TYPE_CHECKING, Final

from wizard.rehearsal.dns import zone

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from wizard.model.draft import Domain
    from wizard.rehearsal.postal.sink import Mail
    from wizard.rehearsal.state import State, Zone

_SIGNED: Final = (
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
_FALLS_BACK: Final[frozenset[Zone]] = frozenset({"dkim-missing", "dkim-wrong", "dkim-doubled", "silent"})
"""Zones for which Postal's stored DKIM status is not OK, so that it signs with the installation's key."""
_SPF: Final[dict[Zone, str]] = {"no-spf": "none", "two-spf": "permerror", "silent": "temperror"}
"""What the recipient's server says of the envelope sender; ``pass`` for every other zone."""
_LINE: Final = 72
"""Characters of the signature in a line."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Makes mails of one rehearsal look as they arrive."""

    state: State
    domain: Domain
    domain_key: RSAPrivateKey
    installation_key: RSAPrivateKey

    @property
    def _falls_back(self) -> bool:
        """Whether Postal signs with the installation's key."""
        return self.state.never_checked or self.state.zone in _FALLS_BACK

    def received(self, mail: Mail) -> bytes:
        """Return *mail* with what Postal and the recipient's server put on top of it."""
        # The server token of a Postal mail server: six characters, the same in every envelope.
        token = hashlib.sha256(self.state.server.encode()).hexdigest()[:6]
        own = self.state.never_checked or self.state.zone == "no-return-path"
        path = self.domain.return_path_target if own else self.domain.return_path
        sender = f"{token}@{path}"
        place = mail.rcpt_to.rpartition("@")[2]
        when = formatdate(mail.timestamp)
        top = [
            f"Return-Path: <{sender}>",
            f"Authentication-Results: mx.{place};\r\n\t{self._judged(path)}",
            f"Received: from {zone.POSTAL} ({zone.POSTAL} [{zone.SENDING_IP}])\r\n\tby mx.{place} with ESMTP; {when}",
            f"Resent-Sender: {sender}",
            self._signature(mail),
            f"X-Postal-MsgID: {mail.token}",
        ]
        return "".join(f"{line}\r\n" for line in top).encode() + mail.raw

    def _judged(self, path: str) -> str:
        signer, selector = self._signer()
        sender = parseaddr(self.state.from_)[1].rpartition("@")[2]
        lost = self.state.zone == "silent"
        dkim = "temperror" if lost else "pass"
        spf = _SPF.get(self.state.zone, "pass")
        # Both signers share the From's organisational domain: relaxed, either aligns.
        dmarc = "fail" if self.state.strict and signer != sender else dkim
        return (
            f"dkim={dkim} header.d={signer} header.s={selector};\r\n"
            f"\tspf={spf} smtp.mailfrom={path};\r\n"
            f"\tdmarc={dmarc} header.from={sender}"
        )

    def _signer(self) -> tuple[str, str]:
        if self._falls_back:
            return self.domain.return_path_target, "postal"
        return zone.DOMAIN, self.domain.dkim_selector

    def _signature(self, mail: Mail) -> str:
        """Return a DKIM-Signature (RFC 6376), relaxed/relaxed, that the published key verifies."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        signer, selector = self._signer()
        head, _, body = mail.raw.decode("latin-1").partition("\r\n\r\n")
        fields = dict(reversed(headers(head)))
        named = [name for name in _SIGNED if name in fields]
        body_hash = base64.b64encode(hashlib.sha256(relaxed_body(body).encode("latin-1")).digest()).decode()
        unsigned = (
            f" v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td={signer};\r\n\ts={selector}; t={int(mail.timestamp)};\r\n"
            f"\tbh={body_hash};\r\n\th={':'.join(named)};\r\n\tb="
        )
        told = "".join(f"{relaxed(name, fields[name])}\r\n" for name in named) + relaxed("dkim-signature", unsigned)
        key = self.installation_key if self._falls_back else self.domain_key
        text = base64.b64encode(key.sign(told.encode("latin-1"), padding.PKCS1v15(), hashes.SHA256())).decode()
        lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
        return f"DKIM-Signature:{unsigned}" + "\r\n\t".join(lines)


def headers(head: str) -> list[tuple[str, str]]:
    """Return the header fields of *head*, names in lower case, folding left in place."""
    unfolded = re.split(r"\r\n(?![ \t])", head)
    return [(name.strip().lower(), value) for name, _, value in (line.partition(":") for line in unfolded)]


def relaxed(name: str, value: str) -> str:
    """Return a header field in the relaxed form of RFC 6376 3.4.2, without its line end."""
    words = re.sub(r"[ \t]+", " ", value.replace("\r\n", ""))
    return f"{name}:{words.strip()}"


def relaxed_body(body: str) -> str:
    """Return a body in the relaxed form of RFC 6376 3.4.4."""
    lines = [re.sub(r"[ \t]+", " ", line).rstrip(" ") for line in body.split("\r\n")]
    text = "\r\n".join(lines).rstrip("\r\n")
    return f"{text}\r\n" if text else ""
