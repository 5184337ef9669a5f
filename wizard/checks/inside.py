"""A test mail from inside: GlitchTip sends it by its own code, from each of its services that sends mail.

The settings are compared first and only then a mail is sent, because the command ends well without a way out too. What
was accepted with other settings than those decided here is never an OK. Asked for by hand alone: each press sends one
mail a service.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.checks import container_settings, log_cause
from wizard.glitchtip import docker, probe, running, sendtestemail
from wizard.glitchtip.mail_log import email_lines
from wizard.model.codes import Check, Code
from wizard.model.containers import NotAsked
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted
from wizard.rollout import restart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.checks.container_settings import Fault
    from wizard.diagnosis import Ranked
    from wizard.glitchtip.replaced import Replaced
    from wizard.glitchtip.running import Running
    from wizard.model.containers import Container, Ran
    from wizard.model.draft import Draft
    from wizard.model.session import Session

_LINES: Final = 12
"""Lines of a log that a finding shows, the newest."""
_LOG: Final = 400


async def inside(
    draft: Draft,
    session: Session,
    on_event: Listener = nobody,
    *,
    compare: bool = True,
    replaced: Replaced | None = None,
) -> list[Finding]:
    """Send a mail from each service of GlitchTip; one ``inside`` finding a service, or one for all.

    *compare* and *replaced* as for the container check: before a writing, and between the writing and the restart,
    a container with the old settings is not yet proven, and no fault. Never raises.
    """
    findings = await _findings(draft, session, compare=compare, replaced=replaced)
    for finding in findings:
        on_event(finding)
    return findings


async def _findings(
    draft: Draft, session: Session, *, compare: bool, replaced: Replaced | None
) -> list[Finding]:  # fmt: skip
    if draft.test_mail is None or not draft.test_mail.recipient.strip():
        remedy = "Give test_mail.recipient: an address whose mailbox you can read."
        return [
            Finding.skip(Code.INSIDE_NO_VALUE, "docker", "Not sent from inside: no recipient is known.", remedy=remedy)
        ]
    if session.key is None:
        remedy = "Give the key of the SMTP credential: --password-fd N."
        words = "Not sent from inside: no key is known here to compare with the containers' key."
        return [Finding.skip(Code.INSIDE_NO_VALUE, "docker", words, remedy=remedy)]
    found = await running.find(draft, session)
    if isinstance(found, NotAsked):
        words = f"Not sent from inside: {found.reason}; the checks ran on this host."
        return [container_settings.not_asked(Check.INSIDE, "docker", words, found)]
    sending = _Sending(draft, session, found, draft.test_mail.recipient.strip(), compare, replaced)
    # One after the other: the mails, and with them the log lines, have an order.
    return [await sending.service(name) for name in found.services]


@dataclass(frozen=True, slots=True)
class _Sending:
    draft: Draft
    session: Session
    found: Running
    recipient: str
    compare: bool
    replaced: Replaced | None

    async def service(self, name: str) -> Finding:
        started = time.monotonic()
        container = self.found.up().get(name)
        finding = self._stopped(name) if container is None else await self._from(name, container)
        return finding.timed(time.monotonic() - started)

    def _stopped(self, name: str) -> Finding:
        containers = self.found.services[name]
        words = f"No mail was sent from {name}, because it does not run"
        if not self.compare:
            return Finding.skip(Code.INSIDE_BEFORE_WRITING, name, f"{words}; the new settings may be what it needs.")
        if self.replaced is not None and containers and self.replaced.is_older(containers[0]):
            words += ", and nobody has recreated it since the writing."
            return Finding.skip(Code.INSIDE_BEFORE_RESTART, name, words, remedy=f"{self._restart()}.")
        loss = "alerts and invitations wait" if self.found.is_worker(name) else "no mail leaves it"
        remedy = f"Start it: {self._restart()}. The check of the containers says why it stopped."
        return Finding.fail(Code.INSIDE_DOWN, name, f"{words}: {loss}.", remedy=remedy, proven_from=f"container {name}")

    async def _from(self, name: str, container: Container) -> Finding:
        question = probe.Question()
        ran = await docker.of(self.session).run_python(container, ("-",), question.script, seconds=docker.PROBING)
        probed = probe.read(ran.stdout, question)
        if probed is None:
            words = f"No mail was sent from {name}, because its settings could not be read there."
            remedy = f"Check whether it is healthy: docker logs --tail 50 {Untrusted(container.name, 60)}"
            return Finding.unknown(
                Code.INSIDE_NO_ANSWER, name, words, remedy=remedy, proven_from=f"container {name}"
            )  # fmt: skip
        once = bytes.fromhex(question.once)
        decided = container_settings.decided(self.draft, self.session)
        equal = container_settings.compared(probed, decided, once)
        faults = container_settings.faults(probed, equal, self.draft)
        if not faults:
            with_key = "with the chosen settings and key"
            without = "with the chosen settings; its key was not compared, because none is known here"
            return self._judged(name, await self._sent(container), with_key if "key" in decided else without)
        replaced = self.replaced is not None and self.replaced.is_in(probed, once)
        sends = probed.scheme in container_settings.TRANSPORTS
        if sends and (replaced or container_settings.is_old_key_alone(probed, equal, self.draft)):
            return self._old(name, await self._sent(container))
        return self._not_meant(name, faults, replaced=replaced)

    async def _sent(self, container: Container) -> _Mail:
        sent = await sendtestemail.send(self.session, container, self.recipient)
        log = "" if sent.succeeded else await docker.of(self.session).logs(container, _LOG)
        recreate = restart.of_reading(self.found.reading, self.draft, self.session)
        return _Mail(sent, log, None if sent.succeeded else log_cause.first(sent.text, log, restart=recreate))

    def _judged(self, name: str, mail: _Mail, settings: str) -> Finding:
        more: dict[str, Any] = {"proven_from": f"container {name}"}
        if mail.sent.succeeded:
            words = f"The mail server accepted a mail that GlitchTip itself sent from {name}, {settings}."
            return Finding.ok(Code.INSIDE_ACCEPTED, name, words, **more)
        if mail.sent.succeeded is None:
            waited = f"{sendtestemail.SECONDS:.0f} s"
            words = f"GlitchTip's own mail from {name} had no answer within {waited}; it may be queued."
            remedy = "Look at Postal's Messages before you send again. EMAIL_TIMEOUT ends such a wait."
            return Finding.unknown(Code.INSIDE_NOT_IN_TIME, name, words, mail.evidence, remedy=remedy, **more)
        cause, remedy = mail.cause(name)
        words = f"GlitchTip's own mail from {name} failed, {settings}: {cause}"
        return Finding.fail(Code.INSIDE_FAILED, name, words, mail.evidence, remedy=remedy, **more)

    def _old(self, name: str, mail: _Mail) -> Finding:
        """Judge a mail that went with the old settings: it says something about the old key, nothing about the new."""
        code = Code.INSIDE_BEFORE_WRITING if not self.compare else Code.INSIDE_BEFORE_RESTART
        what = {
            True: "was accepted with the old key, which proves that the old key still works",
            False: "failed with the old key",
            None: "had no answer in time with the old key, and may be queued",
        }[mail.sent.succeeded]
        then = "" if not self.compare else f"Start it with the new one: {self._restart()}."
        words = f"GlitchTip's own mail from {name} {what}. It proves nothing about the new key."
        return Finding.skip(code, name, words, mail.evidence, remedy=then)

    def _not_meant(self, name: str, faults: Sequence[Fault], *, replaced: bool) -> Finding:
        words = f"No mail was sent from {name}: there, {', and '.join(fault.words for fault in faults)}"
        if not self.compare:
            words += ". It is compared again once the new settings are written."
            return Finding.skip(Code.INSIDE_BEFORE_WRITING, name, words)
        if replaced:
            words = f"No mail was sent from {name}: it still runs with the old settings."
            return Finding.skip(Code.INSIDE_BEFORE_RESTART, name, words, remedy=f"{self._restart()}.")
        nothing = any(fault.code is Code.CONTAINER_SENDS_NOTHING for fault in faults)
        code = Code.INSIDE_SENDS_NOTHING if nothing else Code.INSIDE_OTHER_SETTINGS
        remedy = container_settings.remedy(name, self.draft, list(faults), self._restart())
        words += ". A mail from there would prove nothing about the chosen settings."
        return Finding.of(Verdict.FAIL, code, name, words, remedy=remedy, proven_from=f"container {name}")

    def _restart(self) -> str:
        return restart.command(self.draft, self.session, reading=self.found.reading) or restart.GENERAL


@dataclass(frozen=True, slots=True)
class _Mail:
    sent: Ran
    log: str
    found: Ranked | None
    """Why it failed, as far as its own words or the log say."""

    @property
    def evidence(self) -> list[str]:
        """The last line that the command printed about e-mail, and the newest of the log."""
        last = email_lines(self.sent.text)[-1:]
        return [*last, *(f"log  {line}" for line in email_lines(self.log)[-_LINES:])]

    def cause(self, name: str) -> tuple[str, str]:
        """Return why it failed and what to do."""
        if self.found is not None:
            return self.found.cause, self.found.remedy
        by_hand = f"Read what it prints: docker compose exec -T {name} python manage.py sendtestemail ADDRESS"
        return "the command gives no reason that the wizard knows.", by_hand
