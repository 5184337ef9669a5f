"""The flow that the notes do by hand, done through GlitchTip itself: a password reset, a task, where links lead.

Only where it is asked for: it sends one mail. No account is made. GlitchTip answers 200 for an address that has no
account too, so the mail itself is the last word.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.checks import container_settings, log_cause
from wizard.glitchtip import docker, flow_questions, probe, running
from wizard.glitchtip import settings as glitchtip
from wizard.glitchtip.mail_log import email_lines
from wizard.glitchtip.roles import Role
from wizard.model.codes import Check, Code
from wizard.model.containers import NotAsked
from wizard.model.finding import Finding
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted
from wizard.rollout import restart

if TYPE_CHECKING:
    from wizard.glitchtip.running import Running
    from wizard.model.containers import Container
    from wizard.model.draft import Draft
    from wizard.model.session import Session

RESET: Final = "password reset"
WORKER: Final = "worker"
LINKS: Final = "links"
"""The subjects: one finding a part."""
_LOG: Final = 200
_SHOWN: Final = 6
_NO_CELERY: Final = frozenset({"ModuleNotFoundError", "ImportError", "AttributeError"})
"""What the import of Celery, or of GlitchTip's Celery app, ends with where there is none."""
_TOO_MANY: Final = 429


async def check(draft: Draft, session: Session, on_event: Listener = nobody) -> list[Finding]:
    """Go through GlitchTip once: one finding a part, or one for all. Sends one mail, to ``test_mail.recipient``."""
    findings = await _findings(draft, session)
    for finding in findings:
        on_event(finding)
    return findings


async def _findings(draft: Draft, session: Session) -> list[Finding]:
    recipient = draft.test_mail.recipient.strip() if draft.test_mail is not None else ""
    if not recipient:
        remedy = "Give test_mail.recipient: the address of an account in GlitchTip whose mailbox you can read."
        return [Finding.skip(Code.FLOW_NO_VALUE, "flow", "Not tested: no recipient is known.", remedy=remedy)]
    found = await running.find(draft, session)
    if isinstance(found, NotAsked):
        return [container_settings.not_asked(Check.FLOW, "flow", f"Not tested: {found.reason}.", found)]
    parts = _Parts(draft, session, found, recipient)
    return [await _timed(part) for part in (parts.reset, parts.worker, parts.links)]


async def _timed(part: Any) -> Finding:
    started = time.monotonic()
    finding: Finding = await part()
    return finding.timed(time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class _Parts:
    draft: Draft
    session: Session
    found: Running
    recipient: str

    def _web(self) -> str | None:
        """Return the service that serves the web interface, None where the project has none."""
        roles = {name: service.role for name, service in self.found.reading.services.items()}
        return next((name for name in roles if roles[name] in {Role.WEB, Role.ALL_IN_ONE}), None)

    async def reset(self) -> Finding:
        """Ask the running web service for a password reset, after its settings were compared."""
        name = self._web()
        if name is None:
            words = "No password reset: the project has no service that serves GlitchTip's web interface."
            return Finding.skip(Code.FLOW_NOT_APPLICABLE, RESET, words)
        web, more = self.found.up().get(name), {"proven_from": f"container {name}"}
        if web is None:
            words = f"No password reset was asked for, because {name} does not run: no mail leaves it."
            return Finding.fail(Code.FLOW_WEB_DOWN, RESET, words, remedy=f"Start it: {self._restart()}.", **more)
        wrong = await self._wrong_settings(name, web)
        if wrong is not None:
            return wrong
        at = await flow_questions.domain(self.session, web)
        answer = await flow_questions.reset(self.session, web, self.recipient, at.domain or glitchtip.DEFAULT_LINK)
        return await self._reset(name, web, answer, at.domain or glitchtip.DEFAULT_LINK)

    async def _wrong_settings(self, name: str, web: Container) -> Finding | None:
        """Return a fault where *web* has other settings: then 200 would prove nothing (``consolemail://`` gives it)."""
        question, more = probe.Question(), {"proven_from": f"container {name}"}
        ran = await docker.of(self.session).run_python(web, ("-",), question.script, seconds=docker.PROBING)
        probed = probe.read(ran.stdout, question)
        if probed is None:
            words = f"No password reset was asked for, because the settings of {name} could not be read there."
            remedy = f"Check whether it is healthy: docker logs --tail 50 {Untrusted(web.name, 60)}"
            return Finding.unknown(Code.FLOW_SETTINGS_UNKNOWN, RESET, words, remedy=remedy, **more)
        wanted = container_settings.decided(self.draft, self.session)
        equal = container_settings.compared(probed, wanted, bytes.fromhex(question.once))
        faults = container_settings.faults(probed, equal, self.draft)
        if not faults:
            return None
        words = " and ".join(fault.words for fault in faults)
        remedy = container_settings.remedy(name, self.draft, faults, self._restart())
        summary = f"No password reset was asked for: in the running {name}, {words}; it would prove nothing."
        return Finding.fail(Code.FLOW_OTHER_SETTINGS, RESET, summary, remedy=remedy, **more)

    async def _reset(self, name: str, web: Container, answer: flow_questions.Answer, domain: str) -> Finding:
        more: dict[str, Any] = {"proven_from": f"container {name}"}
        if answer.stage == "reset" and answer.status == 200:
            words = (
                f"{name} answered the password reset with 200: the mail to {Untrusted(self.recipient, 80)} went, if "
                "that address has an account in GlitchTip (200 is the answer for any address)."
            )
            remedy = f"Look into that mailbox. The link in it should begin with {Untrusted(domain.rstrip('/'), 80)}/"
            return Finding.ok(Code.FLOW_RESET_SENT, RESET, words, remedy=remedy, **more)
        if answer.stage == "reset" and answer.status == 500:
            log = await docker.of(self.session).logs(web, _LOG)
            cause = log_cause.first(log, restart=restart.of_reading(self.found.reading, self.draft, self.session))
            because = f" {cause.cause}" if cause is not None else ""
            by_hand = f"Read why: docker logs --tail 100 {Untrusted(web.name, 60)}"
            words = f"{name} answered the password reset with 500: the mail did not go.{because}"
            return Finding.fail(
                Code.FLOW_RESET_FAILED, RESET, words,
                [f"log  {line}" for line in email_lines(log)[-_SHOWN:]],
                remedy=cause.remedy if cause is not None else by_hand, **more,
            )  # fmt: skip
        if not answer.in_time or answer.error in {"TimeoutError", "timeout"}:
            waited = f"{flow_questions.RESET_SECONDS} s"
            words = f"{name} gave no answer to the password reset in {waited}; the mail may be queued."
            remedy = "Look at Postal's Messages before you try again. EMAIL_TIMEOUT ends such a wait."
            return Finding.unknown(Code.FLOW_RESET_NOT_IN_TIME, RESET, words, remedy=remedy, **more)
        if answer.status == 404:
            words = f"{name} has no address for a password reset that is known here: this GlitchTip is older or newer."
            remedy = f"Do it by hand: {Untrusted(domain.rstrip('/'), 80)}/reset-password"
            return Finding.skip(Code.FLOW_NOT_APPLICABLE, RESET, words, remedy=remedy)
        if answer.status is not None:
            words = f"{name} refused the password reset with {answer.status}; no mail went."
            return Finding.unknown(
                Code.FLOW_RESET_REFUSED, RESET, words, remedy=_refused(answer.status, domain), **more
            )
        words = f"No password reset was asked for: inside {name} nothing answers HTTP on the ports that GlitchTip uses."
        remedy = f"Do it by hand: {Untrusted(domain.rstrip('/'), 80)}/reset-password"
        return Finding.unknown(Code.FLOW_WEB_SILENT, RESET, words, remedy=remedy, **more)

    async def worker(self) -> Finding:
        """Have the worker take a task that does nothing."""
        down = [name for name in self.found.down() if self.found.is_worker(name)]
        if down:
            words = f"{', '.join(down)} does not run: alerts and invitations wait."
            remedy = f"Start it: {self._restart()}."
            return Finding.fail(Code.FLOW_WORKER_DOWN, WORKER, words, remedy=remedy, proven_from=f"container {down[0]}")
        up = self.found.up()
        name = self._web() if self._web() in up else next(iter(up), None)
        if name is None:
            words = "No task was given: no service of GlitchTip runs."
            return Finding.fail(Code.FLOW_WORKER_DOWN, WORKER, words, remedy=f"Start it: {self._restart()}.")
        return _task(name, await flow_questions.task(self.session, up[name]))

    async def links(self) -> Finding:
        """Compare where links in mails lead, by each running service's own environment."""
        up = self.found.up()
        answers = {name: await flow_questions.domain(self.session, container) for name, container in up.items()}
        domains = {name: answer.domain.strip().rstrip("/") for name, answer in answers.items() if answer.said}
        if not domains:
            words = "Where links in mails lead is not known: no service of GlitchTip could be asked."
            return Finding.unknown(Code.FLOW_LINKS_UNKNOWN, LINKS, words, remedy="Check again once GlitchTip runs.")
        return _links(domains, self._restart())

    def _restart(self) -> str:
        return restart.command(self.draft, self.session, reading=self.found.reading) or restart.GENERAL


def _refused(status: int, domain: str) -> str:
    shown = Untrusted(domain, 80)
    if status == 400:
        return f"400: the host name of {shown} is not allowed. Add it to ALLOWED_HOSTS, or correct GLITCHTIP_DOMAIN."
    if status == _TOO_MANY:
        return "429: too many resets in a short time. Wait a few minutes, then try again."
    return f"Do it by hand: {shown.rstrip('/')}/reset-password"


def _task(name: str, answer: flow_questions.Answer) -> Finding:
    more: dict[str, Any] = {"proven_from": f"container {name}"}
    by_hand = "By hand: invite an address in GlitchTip, under Settings, Members; the worker sends that mail."
    if answer.stage == "done":
        words = "A worker took a task from GlitchTip's queue: alerts and invitations do not wait there."
        return Finding.ok(Code.FLOW_TASK_TAKEN, WORKER, words, **more)
    if answer.stage in {"import", "app"} and answer.error in _NO_CELERY:
        words = "Whether a worker takes tasks cannot be asked: this GlitchTip has no Celery (6.0 and newer have none)."
        return Finding.skip(Code.FLOW_NOT_APPLICABLE, WORKER, words, remedy=by_hand)
    if answer.stage in {"import", "app", "queue", "send"} and answer.error:
        words = f"{name} cannot reach GlitchTip's queue ({Untrusted(answer.error, 40)}): no task reaches a worker."
        remedy = "Look at REDIS_URL, and whether redis runs: docker ps"
        return Finding.fail(Code.FLOW_NO_QUEUE, WORKER, words, remedy=remedy, **more)
    if answer.stage == "worker":
        words = "No worker answers at GlitchTip's queue: alerts and invitations wait."
        remedy = "Check whether the worker is healthy: docker ps, then its log; it needs the same REDIS_URL as web."
        return Finding.fail(Code.FLOW_NO_WORKER, WORKER, words, remedy=remedy, **more)
    if answer.stage == "task":
        words = "A worker answers, but took no task within 10 s: alerts and invitations wait."
        remedy = "The queue may be long, or a task may hang: read the worker's log, and see that EMAIL_TIMEOUT is set."
        return Finding.fail(Code.FLOW_TASK_NOT_TAKEN, WORKER, words, remedy=remedy, **more)
    words = f"Whether a worker takes tasks is not known: {name} gave no answer in time."
    return Finding.unknown(Code.FLOW_TASK_NOT_IN_TIME, WORKER, words, remedy=by_hand, **more)


def _links(domains: dict[str, str], restart_command: str) -> Finding:
    evidence = [
        f"{name}: {Untrusted(domain, 100) or f'not set, so {glitchtip.DEFAULT_LINK}'}"
        for name, domain in domains.items()
    ]
    more: dict[str, Any] = {"proven_from": f"container {', '.join(domains)}"}
    then = f"in docker-compose.yml, the same for each service that sends; then: {restart_command}."
    if missing := [name for name, domain in domains.items() if not domain]:
        default = glitchtip.DEFAULT_LINK
        words = f"{', '.join(missing)} has no GLITCHTIP_DOMAIN: links in the mails it sends lead to {default}."
        remedy = f"Set GLITCHTIP_DOMAIN: https://... {then}"
        return Finding.warn(Code.FLOW_LINKS_NOT_SET, LINKS, words, evidence, remedy=remedy, **more)
    if bare := [name for name, domain in domains.items() if not domain.startswith(("http://", "https://"))]:
        words = (
            f"GLITCHTIP_DOMAIN of {', '.join(bare)} does not begin with http:// or https://: GlitchTip does not start."
        )
        return Finding.fail(Code.FLOW_LINKS_NO_SCHEME, LINKS, words, evidence, remedy=f"Correct it {then}", **more)
    if len(set(domains.values())) > 1:
        words = "GLITCHTIP_DOMAIN differs between the services: links lead to different places."
        return Finding.warn(Code.FLOW_LINKS_DIFFER, LINKS, words, evidence, remedy=f"Set it {then}", **more)
    words = f"Links in alerts and invitations lead to {Untrusted(next(iter(domains.values())), 100)}."
    return Finding.ok(Code.FLOW_LINKS, LINKS, words, evidence, **more)
