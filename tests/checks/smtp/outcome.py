"""What the check finds at a peer, and what GlitchTip's log would say of the same peer."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.checks.smtp import run as smtp
from wizard.checks.smtp.message import as_bytes, build_message, envelope

if TYPE_CHECKING:
    from wizard.diagnosis import Diagnosis
    from wizard.model.draft import Draft
    from wizard.model.finding import Finding
    from wizard.model.session import Session

LIMITS = smtp.Limits(resolve=0.4, connect=0.6, silent=0.4, wake=0.2, to_rcpt=2.0, data=2.0)
TIMEOUT = 0.5
"""Seconds of EMAIL_TIMEOUT."""


@dataclass(frozen=True)
class Outcome:
    """Findings, and the traceback of smtplib walking as Django does; empty where it raised nothing or was not asked."""

    findings: list[Finding]
    log: str = ""

    def diagnosis(self) -> Diagnosis:
        """Say what the findings alone come to."""
        from wizard.diagnosis import diagnose

        return diagnose(None, self.findings)

    def with_log(self) -> Diagnosis:
        """Say what log and findings together come to."""
        from wizard.diagnosis import diagnose

        return diagnose(self.log, self.findings)


async def observed(draft: Draft, session: Session, *, log: bool = True, limits: smtp.Limits = LIMITS) -> Outcome:
    """Check with a test mail; then send as Django would."""
    findings = await smtp.check(draft, session, send=True, limits=limits)
    return Outcome(findings, await asyncio.to_thread(raised, draft, session) if log else "")


def raised(draft: Draft, session: Session, *, name: str = "web", timeout: float = TIMEOUT) -> str:
    """Return the traceback of what smtplib raises on Django's way through it (django/core/mail/backends/smtp.py)."""
    server, recipient = draft.server, draft.test_mail.recipient if draft.test_mail else ""
    try:
        with smtplib.SMTP(server.host, server.port or 25, local_hostname=name, timeout=timeout) as client:
            if server.tls == "starttls":
                client.starttls(context=ssl.create_default_context())
            if draft.credential.username and session.key is not None:
                client.login(draft.credential.username, session.key.reveal())
            client.sendmail(envelope(draft.app.from_), [recipient], as_bytes(build_message(draft, "ABC234", "web")))
    except Exception:  # whatever it is, the log shows it
        return traceback.format_exc()
    return ""
