"""Where accepted mail goes: in memory, and as files of a directory where one is given.

Each mail has an ``ID.json``, which says what Postal made of it. Only one that was delivered is an ``ID.eml`` there, as
in the recipient's mailbox; one that Postal holds is in ``held/``, and one that waits or was lost is nowhere.
"""

from __future__ import annotations

import json
import os
import secrets
import string
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.rehearsal.state import Outcome

HELD: Final = "held"
"""The directory of what Postal holds."""
HOLD_DAYS: Final = 7
"""``postal.default_maximum_hold_expiry_days``"""

_KEPT: Final = frozenset({"Held", "Pending", "SoftFail"})
"""The statuses of a mail that Postal has still."""


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
        """Keep mails in memory, and as files in *directory* (0700, made if absent) too.

        *received* gives a mail that was Sent the look it has in the recipient's mailbox.
        """
        self.mails: list[Mail] = []
        self.received = received
        self._directory = directory
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def accept(self, mail_from: str, rcpt_to: str, raw: bytes, outcome: Outcome, *, with_tls: bool) -> Mail:
        """Keep one message and return it."""
        token = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))
        made = _worded(outcome, rcpt_to)
        mail = Mail(len(self.mails) + 1, token, mail_from, rcpt_to, raw, with_tls, time.time(), made)
        self.mails.append(mail)
        self._put(mail)
        return mail

    def release(self, outcome: Outcome) -> None:
        """Let *outcome* be what becomes of every mail that Postal holds or has not delivered yet."""
        for place, mail in enumerate(self.mails):
            if mail.status in _KEPT:
                self.mails[place] = replace(mail, outcome=_worded(outcome, mail.rcpt_to))
                self._put(self.mails[place])

    def _put(self, mail: Mail) -> None:
        """Write the files of *mail* for its present status."""
        if self._directory is None:
            return
        held = self._directory / HELD / f"{mail.id:04}.eml"
        if mail.held:
            held.parent.mkdir(exist_ok=True, mode=0o700)
            self._write(held, mail.raw)
        else:
            held.unlink(missing_ok=True)
        if mail.status == "Sent":
            look = self.received
            self._write(self._directory / f"{mail.id:04}.eml", mail.raw if look is None else look(mail))
        self._write(self._directory / f"{mail.id:04}.json", json.dumps(mail.as_json()).encode())

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        # Named at the end only: whoever watches the directory never reads half a mail.
        temporary = path.with_name(f".{path.name}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.replace(path)


def _worded(outcome: Outcome, rcpt_to: str) -> Outcome:
    details = outcome.details.replace("{rcpt_to}", rcpt_to).replace("{domain}", rcpt_to.rpartition("@")[2])
    return replace(outcome, details=details)
