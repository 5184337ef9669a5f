"""GlitchTip's own test mail from each of its containers, with what their logs say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.glitchtip.docker import Compose
from wizard.glitchtip.mail_log import email_lines

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.model.untrusted import Untrusted


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail from one container."""

    service: str
    accepted: bool | None
    """Whether Postal took it; None where the command did not end in time, and the mail may be queued."""
    text: str
    """What the command said, for ``diagnosis``: a traceback where it failed. Not inert."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What came of it."""

    sent: tuple[Sent, ...]
    log: tuple[Untrusted, ...]
    """The lines about e-mail of all services' logs."""

    @property
    def text(self) -> str:
        """What there is for ``diagnosis`` to read, the commands' own words last: they are the newest."""
        return "\n".join((*self.log, *(each.text for each in self.sent if each.text)))


async def send(draft: Draft, session: Session, recipient: str) -> Sending | str:
    """Send one mail to *recipient* from each service, one after the other; or say why there is no container to ask."""
    compose = await Compose.here(draft, session)
    if isinstance(compose, str):
        return compose
    sent = []
    for service in compose.services:
        ran = await compose.send_test_mail(service, recipient)
        sent.append(Sent(service, None if ran.code is None else ran.code == 0, ran.text))
    return Sending(tuple(sent), tuple(email_lines(await compose.logs())))
