"""The container check: whether GlitchTip's services run, with which mail settings, and whether they reach Postal.

The wizard runs on the host; a container has its own resolver, routes and environment. Where no container can be asked
the check is ``skip``, and the other verdicts are the host's alone.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.checks import container_settings as compare_settings
from wizard.checks import services_down
from wizard.glitchtip import docker, probe, running
from wizard.model import validation
from wizard.model.codes import Check, Code
from wizard.model.containers import NotAsked
from wizard.model.draft import POSTAL_PORT
from wizard.model.finding import Finding, Verdict, worst
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted
from wizard.rollout import restart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.glitchtip.probe import Probed
    from wizard.glitchtip.replaced import Replaced
    from wizard.glitchtip.running import Running
    from wizard.model.containers import Container, Ran
    from wizard.model.draft import Draft
    from wizard.model.session import Session

_VANTAGE: Final = "the server was checked from this host, not from the container"

_REACH: Final = {
    ("resolve", -3): ("the container's resolver gives no answer", Code.CONTAINER_NO_ADDRESS),
    ("resolve", None): ("the container's resolver gives no answer within 6 s", Code.CONTAINER_NO_ADDRESS),
    ("resolve", ""): ("the name does not resolve there", Code.CONTAINER_NO_ADDRESS),
    ("connect", 111): ("the connection is refused", Code.CONTAINER_NO_CONNECTION),
    ("connect", 101): ("there is no route to it", Code.CONTAINER_NO_CONNECTION),
    ("connect", 113): ("there is no route to it", Code.CONTAINER_NO_CONNECTION),
    ("connect", ""): ("nothing answers within 4 s", Code.CONTAINER_NO_CONNECTION),
    ("greeting", ""): ("it connects, but no mail server greets", Code.CONTAINER_NO_GREETING),
    ("ehlo", ""): ("the connection is cut after EHLO", Code.CONTAINER_NO_GREETING),
}
"""What the probe's exception means, by stage and errno; an empty errno matches any other."""
_WAYS_OUT: Final = {
    Code.CONTAINER_NO_ADDRESS: 'Try it there: docker exec {container} python -c "import socket; '
    "print(socket.gethostbyname('{host}'))\". A network with internal: true has no DNS outside; otherwise set dns: or "
    "extra_hosts: for {service} in docker-compose.yml.",
    Code.CONTAINER_NO_CONNECTION: "The host and the container differ in routes and firewall: check networks: of "
    "{service} in docker-compose.yml, and the firewall between docker's network and Postal. In a container localhost "
    "is the container itself: for Postal on this host, give the host's address.",
    Code.CONTAINER_NO_GREETING: "Compare with the greeting seen from the host: a proxy or firewall between docker's "
    "network and Postal answers instead.",
}


async def check(
    draft: Draft,
    session: Session,
    on_event: Listener = nobody,
    *,
    compare: bool = True,
    replaced: Replaced | None = None,
) -> list[Finding]:
    """Judge every service of GlitchTip that sends mail; one ``container`` finding a service, or one for all.

    Without *compare* (before a writing) what is about to be replaced is not a fault: only a server out of reach
    from inside is. *replaced* is what this run's writing replaced: a container that still has exactly that waits for
    its restart.
    """
    started = time.monotonic()
    found = await running.find(draft, session)
    if isinstance(found, NotAsked):
        words = f"Not checked: {found.reason}; {_VANTAGE}."
        findings = [compare_settings.not_asked(Check.CONTAINER, "docker", words, found)]
    else:
        findings = await _Judge(draft, session, found, compare, replaced).all()
    findings = [finding.timed(time.monotonic() - started) for finding in findings]
    for finding in findings:
        on_event(finding)
    return findings


@dataclass(frozen=True, slots=True)
class _Judge:
    draft: Draft
    session: Session
    found: Running
    compare: bool
    replaced: Replaced | None

    async def all(self) -> list[Finding]:
        # A group waits for all of its tasks when it is cancelled; ``gather`` would leave some still killing.
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._service(name)) for name in self.found.services]
        return [task.result() for task in tasks]

    async def _service(self, name: str) -> Finding:
        containers = self.found.services[name]
        up = [container for container in containers if container.is_up]
        if not up:
            return await self._down(name, containers)
        findings = [await self._running(name, container) for container in up]
        # Of a service with several containers the one that is worst off speaks.
        return next(finding for finding in findings if finding.verdict is _worst(findings))

    async def _down(self, name: str, containers: Sequence[Container]) -> Finding:
        container = containers[0] if containers else None
        if not self.compare:
            words = f"{name} is down; the new settings may be what it needs."
            return Finding.skip(Code.CONTAINER_BEFORE_WRITING, name, words)
        if self.replaced is not None and container is not None and self.replaced.is_older(container):
            words = f"{name} is down, and nobody has recreated it since the writing."
            return Finding.skip(Code.CONTAINER_BEFORE_RESTART, name, words, remedy=f"{self._restart()}.")
        worker = self.found.is_worker(name) and bool(self.found.up())
        recreate = restart.of_reading(self.found.reading, self.draft, self.session)
        return await services_down.judge(
            self.session, name, container, worker=worker, recreate=recreate, command=self._restart()
        )  # fmt: skip

    async def _running(self, name: str, container: Container) -> Finding:
        question = probe.Question(validation.bare_host(self.draft.server.host), self.draft.server.port or POSTAL_PORT)
        asked = docker.of(self.session)
        ran = await asked.run_python(container, ("-",), question.script, seconds=docker.PROBING)
        probed = probe.read(ran.stdout, question)
        if probed is not None:
            return self._judged(name, container, probed, question)
        # A container that crashes at its start runs for a moment each time: its present state tells.
        now = await running.find(self.draft, self.session)
        if isinstance(now, NotAsked) or any(one.is_up for one in now.services.get(name, ())):
            return _silent(name, container, ran)
        return await self._down(name, now.services.get(name, ()))

    def _judged(self, name: str, container: Container, probed: Probed, question: probe.Question) -> Finding:
        once = bytes.fromhex(question.once)
        wanted = compare_settings.decided(self.draft, self.session) if self.compare else {}
        equal = compare_settings.compared(probed, wanted, once)
        evidence = [*compare_settings.evidence(probed, equal), _way(probed)]
        faults = compare_settings.faults(probed, equal, self.draft) if self.compare else []
        waiting = self.replaced is not None and self.replaced.is_in(probed, once)
        location = f"{Untrusted(self.draft.server.host)}:{self.draft.server.port}"

        def finding(verdict: Verdict, code: Code, summary: str, remedy: str = "") -> Finding:
            more: dict[str, Any] = {"remedy": remedy, "proven_from": f"container {name}"}
            return Finding.of(verdict, code, name, summary, evidence, **more)

        if faults and not waiting:
            words = ", and ".join(fault.words for fault in faults)
            return finding(
                Verdict.FAIL,
                faults[0].code,
                f"In the running {name}, {words}: it does not send mail with the chosen settings.",
                compare_settings.remedy(name, self.draft, faults, self._restart()),
            )
        if not question.host:
            return finding(*self._without_server(name))
        if probed.stage != "done":
            words, code = (
                _REACH.get((probed.stage, probed.errno)) or _REACH.get((probed.stage, "")) or _REACH["connect", ""]
            )
            way = _WAYS_OUT[code].format(
                service=name, container=Untrusted(container.name, 60), host=Untrusted(self.draft.server.host, 80)
            )
            return finding(Verdict.FAIL, code, f"From inside {name}, {location} cannot be reached: {words}.", way)
        if not self.compare:
            words = f"{location} answers from inside {name}; its settings are compared once the new ones are written."
            return finding(Verdict.SKIP, Code.CONTAINER_BEFORE_WRITING, words)
        if faults:
            words = f"{name} still runs with the old settings; {location} answers from inside."
            return finding(Verdict.SKIP, Code.CONTAINER_BEFORE_RESTART, words, f"{self._restart()}.")
        if "key" not in wanted:
            words = f"{location} answers from inside {name}; its key is not compared: none is known here."
            return finding(
                Verdict.SKIP, Code.CONTAINER_NO_VALUE, words,
                "Give the key of the SMTP credential: --password-fd N, or --env-file FILE with EMAIL_URL in it.",
            )  # fmt: skip
        words = f"The running {name} has the chosen settings, and {location} answers from inside it."
        return finding(Verdict.PASS, Code.CONTAINER_EQUAL, words)

    def _without_server(self, name: str) -> tuple[Verdict, Code, str, str]:
        """Return what is said of a service that runs while no mail server is decided yet."""
        if not self.compare:
            words = f"{name} runs; its settings and its connection to the mail server are checked later."
            return Verdict.SKIP, Code.CONTAINER_BEFORE_WRITING, words, ""
        words = f"{name} runs; its connection to the mail server is not checked: no server is known here."
        return Verdict.SKIP, Code.CONTAINER_NO_VALUE, words, "Give server.host: the name of Postal's SMTP server."

    def _restart(self) -> str:
        return restart.command(self.draft, self.session, reading=self.found.reading) or restart.GENERAL


def _worst(findings: list[Finding]) -> Verdict:
    found = worst(findings)
    return found if any(finding.verdict is found for finding in findings) else Verdict.SKIP


def _way(probed: Probed) -> str:
    if probed.stage == "done":
        return f"{Untrusted(probed.banner.strip(), 80)} from {Untrusted(probed.address, 50)}, {probed.seconds:.2f} s"
    return f"{Untrusted(probed.error, 40)} at {Untrusted(probed.stage, 20)} after {probed.seconds:.1f} s"


def _silent(name: str, container: Container, ran: Ran) -> Finding:
    code, why = (
        (Code.CONTAINER_NOT_IN_TIME, f"gave no answer within {docker.PROBING:.0f} s") if ran.code is None
        else (Code.CONTAINER_NO_PYTHON, "has no Python to run the probe") if ran.code in {126, 127}
        else (Code.CONTAINER_NO_ANSWER, "could not run the probe")
    )  # fmt: skip
    last = [Untrusted(line) for line in ran.stderr.splitlines()[-1:] if line.strip()]
    shown = Untrusted(container.name, 60)
    return Finding.unknown(
        code, name, f"The container of {name} {why}, so its settings are not known.", last,
        remedy=f"Check whether it is healthy: docker ps --filter name={shown}; then docker logs --tail 50 {shown}",
        proven_from=f"container {name}",
    )  # fmt: skip
