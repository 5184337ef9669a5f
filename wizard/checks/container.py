"""The container check: the settings that GlitchTip's processes really have, and the way from there to Postal.

The wizard stands on the host; the container has its own resolver, routes and environment. Where docker is not there
the check is ``skip`` and the other verdicts are the host's alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import secrets
import shutil
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.checks.inside import PROBE, SEND
from wizard.finding import Finding, Verdict
from wizard.foreign import Foreign
from wizard.secret import clear
from wizard.session import Listener, nobody

if TYPE_CHECKING:
    from wizard.draft import Draft
    from wizard.session import Session

DEADLINE: Final = 20.0
"""Seconds for one command in a container: the probe's own time-outs are 5 s each."""
_PRELUDE: Final = 5.0
"""Seconds for docker to say whether it is there."""
_LARGEST: Final = 262_144
_MARK: Final = b"POSTAL-WIZARD "
_VANTAGE: Final = "the verdicts about the server are the host's, not the container's"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said."""

    code: int | None
    """None where it did not end in time."""
    stdout: bytes
    stderr: bytes


async def check(draft: Draft, session: Session, heard: Listener = nobody) -> list[Finding]:
    """Judge every service of GlitchTip that runs here; one ``container`` finding a service, or one skip."""
    started = time.monotonic()
    compose = await Compose.here(draft, session)
    if isinstance(compose, str):
        findings = [_skip("docker", f"{compose}; {_VANTAGE}")]
    else:
        findings = list(await asyncio.gather(*(_service(compose, name, draft, session) for name in compose.services)))
    findings = [finding.timed(time.monotonic() - started) for finding in findings]
    for finding in findings:
        heard(finding)
    return findings


@dataclass(frozen=True, slots=True)
class Compose:
    """A compose project that answers."""

    command: tuple[str, ...]
    services: tuple[str, ...]

    @classmethod
    async def here(cls, draft: Draft, session: Session) -> Compose | str:
        """Return the project that GlitchTip runs in, or why there is none to ask."""
        if shutil.which("docker") is None:
            return "docker is not installed here"
        from wizard.targets import compose

        try:
            reading = compose.read(draft, session)
        except compose.ComposeError as error:
            return f"the compose file cannot be read: {error}"
        if reading is None:
            return "there is no compose file"
        command = ("docker", "compose", "-f", str(reading.file))
        version = await run(("docker", "compose", "version"), deadline=_PRELUDE)
        if version.code != 0:
            return "docker has no compose plugin, or did not answer"
        listed = await run((*command, "ps", "--services", "--status", "running"), deadline=_PRELUDE)
        if listed.code != 0:
            return "the docker daemon did not answer"
        running = {line.strip() for line in listed.stdout.decode("utf-8", "replace").splitlines()}
        services = tuple(name for name in reading.services if name in running)
        return cls(command, services) if services else "no service of GlitchTip is running"

    async def execute(self, service: str, words: tuple[str, ...], given: bytes = b"") -> Ran:
        """Run *words* in *service*, with *given* on standard input."""
        return await run((*self.command, "exec", "-T", service, *words), given)

    async def logs(self, lines: int = 400) -> str:
        """Return the last *lines* of both services' logs."""
        ran = await run((*self.command, "logs", "--no-color", "--tail", str(lines), *self.services))
        return ran.stdout.decode("utf-8", "replace")

    async def send_test_mail(self, service: str, recipient: str) -> Ran:
        """Let GlitchTip itself send a mail to *recipient*: proves the container that it runs in, and no other."""
        return await self.execute(service, (*SEND, recipient))


async def run(words: tuple[str, ...], given: bytes = b"", *, deadline: float = DEADLINE) -> Ran:
    """Run a command with a deadline; it and its children are killed at the end of it, or when cancelled."""
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError:
        return Ran(None, b"", b"")
    try:
        async with asyncio.timeout(deadline):
            stdout, stderr = await process.communicate(given)
    except TimeoutError:
        return Ran(None, b"", b"")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return Ran(process.returncode, stdout[:_LARGEST], stderr[:_LARGEST])


async def _service(compose: Compose, name: str, draft: Draft, session: Session) -> Finding:
    once = secrets.token_hex(32)
    wanted = _wanted(draft, session)
    asked = {"once": once, "keys": list(wanted), "host": draft.server.host, "port": draft.server.port}
    script = f"ASKED = {json.dumps(json.dumps(asked))}\n{PROBE}"
    ran = await compose.execute(name, ("python", "-"), script.encode())
    told = _told(ran.stdout)
    if told is None:
        words = "did not answer in time" if ran.code is None else "could not run the probe"
        return Finding(
            "container", name, Verdict.UNKNOWN, f"The container {words}, so its settings are not known.",
            remedy=f"Look whether it is healthy: docker compose ps {name}",
        )  # fmt: skip
    return _judge(name, told, wanted, once, draft)


def _wanted(draft: Draft, session: Session) -> dict[str, str]:
    """Return the settings that the container should have; empty where the key is not known."""
    if session.key is None or draft.server.port is None:
        return {}
    from wizard import walk

    return {key: clear(value) for key, value in walk.settings(draft, session).items()}


def _told(stdout: bytes) -> dict[str, Any] | None:
    """Return the probe's answer. It stands on a line of its own; an image may print a banner before it."""
    line = next((line for line in stdout.splitlines() if line.startswith(_MARK)), None)
    if line is None:
        return None
    try:
        told = json.loads(line.removeprefix(_MARK))
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _judge(name: str, told: dict[str, Any], wanted: dict[str, str], once: str, draft: Draft) -> Finding:
    digests = told.get("digests") if isinstance(told.get("digests"), dict) else {}
    assert isinstance(digests, dict)
    evidence = [
        f"Python {Foreign(told.get('python', '?'), 20)}, settings read from {Foreign(told.get('source', '?'), 30)}",
        f"set there: {Foreign(', '.join(map(str, told.get('names', []))), 160) or 'nothing'}",
        *(f"{key}: {_compared(digests.get(key), value, once)}" for key, value in wanted.items()),
    ]
    place = f"{draft.server.host}:{draft.server.port}"
    if "error" in told:
        evidence.append(f"{Foreign(told['error'], 60)} after {told.get('seconds')} s")
        return Finding(
            "container", name, Verdict.FAIL,
            f"From inside the container {place} cannot be reached ({Foreign(told['error'], 60)}).", tuple(evidence),
            "The host and the container differ in routes, DNS or firewall: look at the service's networks in "
            "docker-compose.yml and at the firewall between docker's network and Postal.",
        )  # fmt: skip
    evidence.append(f"{Foreign(told.get('banner', ''), 80)} from {Foreign(told.get('address', ''), 50)}")
    differing = [key for key, value in wanted.items() if not _equal(digests.get(key), value, once)]
    if differing:
        return Finding(
            "container", name, Verdict.FAIL,
            f"The running container still has another {' and '.join(differing)} than the one decided here.",
            tuple(evidence),
            f"docker compose up -d {name} (restart does not re-read the environment); if it stays so, the service's "
            "environment in docker-compose.yml does not pass the variable on.",
        )  # fmt: skip
    if not wanted:
        return Finding(
            "container", name, Verdict.PASS,
            f"{place} answers inside; the settings were not compared, for no key is known.", tuple(evidence),
        )  # fmt: skip
    return Finding(
        "container", name, Verdict.PASS, f"The running container has these settings, and {place} answers there.",
        tuple(evidence),
    )  # fmt: skip


def _equal(digest: object, value: str, once: str) -> bool:
    ours = hmac.new(bytes.fromhex(once), value.encode(), "sha256").hexdigest()
    return isinstance(digest, str) and hmac.compare_digest(ours, digest)


def _compared(digest: object, value: str, once: str) -> str:
    if digest is None:
        return "not set"
    return "equal" if _equal(digest, value, once) else "differs"


def _skip(subject: str, reason: str) -> Finding:
    return Finding("container", subject, Verdict.SKIP, f"Not looked at: {reason}.")
