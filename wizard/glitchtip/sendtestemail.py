"""GlitchTip's own test mail, sent by Django's ``manage.py sendtestemail`` inside one of its containers.

The command prints nothing and ends with 0 when the mail was handed over, with a traceback otherwise. It also ends with
0 under ``consolemail://`` and ``dummymail://``: its exit code proves nothing about the way out without the probe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import docker

if TYPE_CHECKING:
    from wizard.model.containers import Container
    from wizard.model.session import Session

SECONDS: Final = 45.0
"""For GlitchTip to send a mail: 15 to the answer to RCPT and 30 for DATA (security.md section 5)."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The end of the command."""

    succeeded: bool | None
    """None where it did not end in time, and the mail may be queued."""
    text: str
    """Both its streams, for ``diagnosis``: a traceback where it failed. Untrusted."""


async def send(session: Session, container: Container, recipient: str) -> Sent:
    """Let GlitchTip in *container* send one mail to *recipient*."""
    guard = ("--",) if recipient.startswith("-") else ()
    words = ("manage.py", "sendtestemail", *guard, recipient)
    ran = await docker.of(session).run_python(container, words, seconds=SECONDS)
    text = b"\n".join(part for part in (ran.stdout, ran.stderr) if part).decode("utf-8", "replace")
    return Sent(None if ran.code is None else ran.code == 0, text)
