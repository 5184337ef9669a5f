"""The SMTP check: reach Postal, log in once and send, step by step as GlitchTip's Django will."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wizard.checks.smtp import delivery, greeting, login, message, tls
from wizard.checks.smtp.client import SilentError
from wizard.checks.smtp.connect import shortage
from wizard.checks.smtp.dialogue import BrokenError
from wizard.checks.smtp.limits import LIMITS, Apart, Limits
from wizard.checks.smtp.stages import Stages
from wizard.checks.smtp.stop import StopError
from wizard.glitchtip import networks
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding
from wizard.model.session import nobody

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Listener, Session

__all__ = ["IDS", "LIMITS", "Limits", "check"]

IDS: Final = (
    Check.RESOLVE, Check.CONNECT, Check.GREETING, Check.TLS, Check.AUTH, Check.USERNAME, Check.RECIPIENT, Check.SENDER,
)  # fmt: skip
"""The check ids in the order of the dialogue."""


async def check(
    draft: Draft,
    session: Session,
    on_event: Listener = nobody,
    *,
    send: bool = False,
    code: str | None = None,
    until: str | None = None,
    limits: Limits = LIMITS,
    apart: Apart = networks.apart,
) -> list[Finding]:
    """Return a finding for every id, each given to *on_event* as soon as it is known, with every step of the dialogue.

    One connection and one AUTH. Without *send* the recipient is proven by MAIL, RCPT and RSET; with it the test mail,
    with *code* in it, goes to the draft's recipient, and the finding ``sender`` has a ``Delivery`` as its detail.
    ``until="tls"`` leaves before AUTH. *apart* tells which services of GlitchTip have a network of their own; it is
    asked only where the host is written as loopback, and with ``resolve.loopback`` no mail is sent.
    """
    run = _Run(
        draft, session, on_event, send=send, code=code or message.new_code(), until=until, limits=limits, apart=apart
    )
    try:
        await run.all()
    finally:
        await run.close()
    return sorted(run.findings, key=lambda finding: IDS.index(Check(finding.check)))


_EXHAUSTED: Final = {
    Check.RESOLVE: Code.RESOLVE_NO_RESOURCES,
    Check.CONNECT: Code.CONNECT_NO_RESOURCES,
    Check.GREETING: Code.GREETING_NO_RESOURCES,
    Check.TLS: Code.TLS_NO_RESOURCES,
}
"""The stages at which files and threads are asked for."""


class _Run(Stages):
    """One check: its stages, its deadline, and a verdict for whatever end it comes to."""

    async def all(self) -> None:
        """Go through the stages; whatever ends them, every id has its finding."""
        why = StopError("Not reached.")
        try:
            async with asyncio.timeout(self._limits.to_rcpt) as clock:
                await self._go_through(clock)
                await self._leave()
        except StopError as stop:
            why = stop
        except TimeoutError:
            seconds = self._limits.data if self._stage is Check.SENDER else self._limits.to_rcpt
            self._broken(SilentError(f"the deadline of {seconds:g} s passed"), silent=True)
        except BrokenError as error:
            self._broken(error, silent=self._talk is not None and self._talk.woken)
        except OSError as error:
            # What the network does is a BrokenError by now: this host itself gave no file or thread.
            self._exhausted(error)
        if self._talk is not None:
            self._talk.abort()
        for coming in self._coming:
            await coming
        for check_id in IDS:
            if not any(finding.check == check_id for finding in self.findings):
                self.report(self._skipped(check_id, why))

    async def close(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self._talk is not None:
            self._talk.abort()
        tasks = [task for task in (*self._coming, self._naming, self._loading) if task is not None]
        for task in tasks:
            task.cancel()
        if self._reach is not None:
            self._reach.close()
        # A docker that was asked is killed and waited for; an error that nobody needs any more is not asyncio's to log.
        await asyncio.gather(*tasks, return_exceptions=True)

    def _skipped(self, check: Check, why: StopError) -> Finding:
        code = why.codes.get(check, Code.RESOLVE_NO_VALUE if check is Check.RESOLVE else Code(f"{check}.not_reached"))
        return Finding.skip(
            code, self._subject(check), str(why), remedy=why.remedy if code.value.endswith(".no_value") else ""
        )

    def _exhausted(self, error: OSError) -> None:
        """Judge the stage at which this host had no file or thread left."""
        code = _EXHAUSTED.get(self._stage)
        if code is None:
            raise error
        self.report(
            Finding.unknown(
                code,
                self._subject(self._stage),
                f"This could not be checked: this host gives the program no more files or threads ({shortage(error)}).",
                remedy="Close other programs or raise the limits (ulimit -n, ulimit -u), then check again.",
            )
        )

    def _broken(self, error: BrokenError, *, silent: bool) -> None:
        """Judge the stage at which the dialogue ended out of turn."""
        match self._stage:
            case Check.CONNECT if self._reach is not None:
                self._reach.give_up(error)
            case Check.GREETING:
                self.report(greeting.broken(self._at, self._port, error, silent=silent))
            case Check.TLS:
                self.report(tls.broken(self._at, error))
            case Check.AUTH:
                self.report(login.dropped(self._username, error, self._peer))
            case Check.RECIPIENT:
                self.report(delivery.recipient_dropped(self._subject(Check.RECIPIENT), error, self._peer))
            case Check.SENDER:
                self.report(delivery.dropped(self._subject(Check.SENDER), error, self._granted, self._peer))
