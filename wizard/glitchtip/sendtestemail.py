"""GlitchTip's own test mail, sent by Django's ``manage.py sendtestemail`` inside one of its containers.

The command prints nothing and ends with 0 when the mail was handed over, with a traceback otherwise. It also ends with
0 under ``consolemail://`` and ``dummymail://``: its exit code proves nothing about the way out without the probe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.glitchtip import docker

if TYPE_CHECKING:
    from wizard.model.containers import Container, Ran
    from wizard.model.session import Session

SECONDS: Final = 45.0
"""For GlitchTip to send a mail: 15 to the answer to RCPT and 30 for DATA (security.md section 5)."""


async def send(session: Session, container: Container, recipient: str) -> Ran:
    """Let GlitchTip in *container* send one mail to *recipient*; where that did not end in time, it may be queued."""
    guard = ("--",) if recipient.startswith("-") else ()
    words = ("manage.py", "sendtestemail", *guard, recipient)
    return await docker.of(session).run_python(container, words, seconds=SECONDS)
