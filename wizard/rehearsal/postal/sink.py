"""Where accepted mail goes: in memory, and as files of a directory where one is given."""

from __future__ import annotations

import json
import os
import secrets
import string
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.rehearsal.scenarios import Outcome

HOLD_DAYS: Final = 7
"""``postal.default_maximum_hold_expiry_days``"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message for one recipient, as Postal's message database keeps it."""

    id: int
    """Counted from 1, as Postal does for each server."""
    token: str
    mail_from: str
    rcpt_to: str
    raw: bytes
    """With Postal's own Received line on top."""
    with_tls: bool
    timestamp: float
    outcome: Outcome
    """What the worker made of it, with the recipient's own words."""

    @property
    def status(self) -> str:
        """Postal's word: Sent, Held, ..."""
        return self.outcome.status

    @property
    def held(self) -> bool:
        """Whether it waits for somebody to release it."""
        return self.outcome.status == "Held"

    def header(self, name: str) -> str:
        """Return the first header called *name* in one line, empty where there is none."""
        from email.parser import BytesHeaderParser

        return " ".join(str(BytesHeaderParser().parsebytes(self.raw).get(name, "")).split())

    def as_json(self) -> dict[str, Any]:
        """Return everything but the message itself."""
        told = asdict(self)
        del told["raw"]
        return {**told, "subject": self.header("Subject"), "message_id": self.header("Message-ID")}


class Sink:
    """The mails that were accepted, in order of arrival."""

    def __init__(self, directory: Path | None = None, received: Callable[[Mail], bytes] | None = None) -> None:
        """Keep mails in memory, and as ``ID.eml`` beside ``ID.json`` in *directory* (0700, made if absent) too.

        *received* gives a mail that was Sent the look it has in the recipient's mailbox.
        """
        self.mails: list[Mail] = []
        self._directory = directory
        self._received = received
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def accept(self, mail_from: str, rcpt_to: str, raw: bytes, outcome: Outcome, *, with_tls: bool) -> Mail:
        """Keep one message and return it."""
        from dataclasses import replace

        token = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))
        details = outcome.details.replace("{rcpt_to}", rcpt_to).replace("{domain}", rcpt_to.rpartition("@")[2])
        made = replace(outcome, details=details)
        mail = Mail(len(self.mails) + 1, token, mail_from, rcpt_to, raw, with_tls, time.time(), made)
        self.mails.append(mail)
        if self._directory is not None:
            look = self._received if mail.status == "Sent" else None
            self._write(f"{mail.id:04}.eml", raw if look is None else look(mail))
            self._write(f"{mail.id:04}.json", json.dumps(mail.as_json()).encode())
        return mail

    def _write(self, name: str, content: bytes) -> None:
        assert self._directory is not None
        # Named at the end only: whoever watches the directory never reads half a mail.
        temporary = self._directory / f".{name}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.replace(self._directory / name)
