"""The container check: the settings that GlitchTip's processes really have, and the way from there to Postal.

The wizard stands on the host; the container has its own resolver, routes and environment. Where docker is not there
the check is ``skip`` and the other verdicts are the host's alone.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from typing import TYPE_CHECKING, Final

from wizard.glitchtip import probe
from wizard.glitchtip.docker import DEADLINE, Compose
from wizard.model import validation
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from wizard.glitchtip.probe import Question, Told
    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.system.command import Ran

_VANTAGE: Final = "the verdicts about the server are the host's, not the container's"
_MODES: Final = {"none": "no TLS", "starttls": "STARTTLS", "implicit": "TLS from the first byte", "both": "both TLS"}

_REACH: Final = {
    ("resolve", -3): ("the container's resolver gives no answer", "dns"),
    ("resolve", None): ("the container's resolver gives no answer within 6 s", "dns"),
    ("resolve", ""): ("the name does not resolve there", "dns"),
    ("connect", 111): ("the connection is refused", "route"),
    ("connect", 101): ("there is no route to it", "route"),
    ("connect", 113): ("there is no route to it", "route"),
    ("connect", ""): ("nothing answers within 4 s", "route"),
    ("greeting", ""): ("it connects, but no mail server greets", "greeting"),
    ("ehlo", ""): ("it is cut off after EHLO", "greeting"),
}
"""What the probe's exception means, by stage and errno; an empty errno stands for any other."""
_WAYS_OUT: Final = {
    "dns": 'Try there: docker compose exec -T {service} python -c "import socket; '
    "print(socket.gethostbyname('{host}'))\". An internal: network has no DNS outside; else set dns: or extra_hosts: "
    "for the service in docker-compose.yml.",
    "route": "The host and the container differ in routes and firewall: look at the service's networks: in "
    "docker-compose.yml, and at the firewall between docker's network and Postal. localhost is the container itself "
    "there: for Postal on this host, name its address.",
    "greeting": "Compare with the greeting seen from the host: a proxy or firewall between docker's network and Postal "
    "answers in its place.",
}


async def check(
    draft: Draft, session: Session, on_event: Listener = nobody, *, compare: bool = True
) -> list[Finding]:  # fmt: skip
    """Judge every service of GlitchTip; one ``container`` finding a service, or one skip.

    Without *compare* only the way to the server is judged: before new settings are written the old ones are no fault.
    """
    started = time.monotonic()
    compose = await Compose.here(draft, session)
    if isinstance(compose, str):
        findings = [_skip("docker", compose)]
    else:
        # A group waits for all of its tasks when it is cancelled; ``gather`` would leave some still killing.
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_service(compose, name, draft, session, compare)) for name in compose.services]
        findings = [task.result() for task in tasks]
        findings += [_skip(name, "it is not running") for name in compose.stopped]
    findings = [finding.timed(time.monotonic() - started) for finding in findings]
    for finding in findings:
        on_event(finding)
    return findings


def _skip(subject: str, reason: str) -> Finding:
    return Finding("container", subject, Verdict.SKIP, f"Not looked at: {reason}; {_VANTAGE}.")


async def _service(compose: Compose, name: str, draft: Draft, session: Session, compare: bool) -> Finding:
    question = probe.Question(validation.bare_host(draft.server.host), draft.server.port or 25)
    ran = await compose.python(name, ("-",), question.script, deadline=DEADLINE)
    told = probe.read(ran.stdout, question)
    if told is None:
        return _silent(name, ran)
    wanted = wanted_of(draft, session) if compare else {}
    return _judge(name, told, wanted, question, draft, compare=compare)


def _silent(name: str, ran: Ran) -> Finding:
    said = ran.stderr.lower()
    if b"is not running" in said or b"no such service" in said:
        return _skip(name, "it is not running")
    why = (
        f"gave no answer within {DEADLINE:.0f} s" if ran.code is None
        else "has no Python that could be asked" if ran.code in {126, 127}
        else "could not run the probe"
    )  # fmt: skip
    last = [Untrusted(line) for line in ran.stderr.splitlines()[-1:] if line.strip()]
    return Finding(
        "container", name, Verdict.UNKNOWN, f"The container {why}, so its settings are not known.", tuple(last),
        f"Look whether it is healthy: docker compose ps {name}; then docker compose logs {name}",
    )  # fmt: skip


def wanted_of(draft: Draft, session: Session) -> dict[str, str]:
    """Return what is known of the settings that the container should have, by part: in clear, for the HMACs alone."""
    parts = {
        probe.FROM: draft.app.from_,
        "user name": draft.credential.username,
        "key": session.key.reveal() if session.key is not None else "",
        "host": _ascii(validation.bare_host(draft.server.host)).lower(),
        "port": str(draft.server.port or ""),
    }
    return {part: value for part, value in parts.items() if value}


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host


def _judge(
    name: str, told: Told, wanted: dict[str, str], question: Question, draft: Draft, *, compare: bool
) -> Finding:  # fmt: skip
    equal = {part: _equal(told.digests.get(part), value, question.once) for part, value in wanted.items()}
    evidence = [
        f"Python {Untrusted(told.python, 20)}; settings of {Untrusted(told.source, 30)}",
        f"set there: {Untrusted(', '.join(told.names), 160) or 'nothing'}",
        *(f"{part}: {_word(told, part, same)}" for part, same in equal.items()),
        *(f"{Untrusted(key, 40)}_FILE: {_FILES[word]}" for key, word in told.files.items() if word in _FILES),
    ]
    if told.stage == "done":
        evidence.append(f"{Untrusted(told.banner, 80)} from {Untrusted(told.address, 50)}, {told.seconds:.2f} s")
    else:
        evidence.append(f"{Untrusted(told.error, 40)} at {Untrusted(told.stage, 20)} after {told.seconds:.1f} s")
    place = f"{Untrusted(draft.server.host)}:{draft.server.port}"

    def finding(verdict: Verdict, summary: str, remedy: str = "") -> Finding:
        return Finding("container", name, verdict, summary, tuple(evidence), remedy)

    if (faults := _faults(told, equal, draft)) and compare:
        return finding(
            Verdict.FAIL, f"In the running {name}, {' and '.join(faults)}: it does not send as decided here.",
            _remedy(name, told, faults),
        )  # fmt: skip
    if told.stage != "done":
        known = (told.stage, told.errno)
        words, way = _REACH.get(known) or _REACH.get((told.stage, "")) or ("it cannot be reached", "route")
        return finding(
            Verdict.FAIL, f"From inside the container {place} cannot be reached: {words}.",
            _WAYS_OUT[way].format(service=name, host=Untrusted(draft.server.host, 80)),
        )  # fmt: skip
    if not compare:
        return finding(Verdict.SKIP, f"{place} answers inside; the settings are compared once they are written.")
    if "key" not in wanted:
        return finding(Verdict.SKIP, f"{place} answers inside; no key is known here that could be compared.")
    return finding(Verdict.PASS, f"The running container has these settings, and {place} answers there.")


_FILES: Final = {
    "read": "read in place of the variable",
    "newline": "read in place of the variable; it ends with a line break",
    "unreadable": "cannot be read there, so GlitchTip does not start",
    "ignored": "ignored, for EMAIL_URL itself is not set",
}


def _faults(told: Told, equal: dict[str, bool], draft: Draft) -> list[str]:
    """Return what is not as it should be, each with the setting's name."""
    faults = []
    if (file := told.files.get("EMAIL_URL")) in {"unreadable", "ignored"}:
        faults.append(f"EMAIL_URL_FILE {_FILES[str(file)]}")
    elif told.scheme == "":
        faults.append("EMAIL_URL is not set (GlitchTip then tries localhost:25)")
    elif told.scheme in {"unknown", "unreadable"}:
        faults.append("EMAIL_URL cannot be read by GlitchTip")
    elif told.scheme not in {"smtp", "smtps", "smtp+tls", "smtp+ssl", "variables"}:
        faults.append(f"EMAIL_URL is {Untrusted(told.scheme, 20)}://, which sends nothing")
    elif other := [part for part in probe.PARTS if equal.get(part) is False]:
        faults.append(f"EMAIL_URL has another {' and another '.join(other)}")
    elif told.tls != draft.server.tls:
        faults.append(
            f"EMAIL_USE_TLS and EMAIL_USE_SSL give {_MODES.get(told.tls, 'another mode')} "
            f"in place of {_MODES[draft.server.tls]}"
        )
    if equal.get(probe.FROM) is False:
        how = "is another" if told.digests.get(probe.FROM) else "is not set"
        faults.append(f"{probe.FROM} {'ends with a line break' if _breaks(told) else how}")
    return faults


def _breaks(told: Told) -> bool:
    return told.files.get(probe.FROM) == "newline"


def _remedy(name: str, told: Told, faults: list[str]) -> str:
    if _breaks(told) and len(faults) == 1:
        return f"Write the file behind {probe.FROM}_FILE without a line break at its end: printf %s '...' > FILE."
    if told.files.get("EMAIL_URL") == "ignored":
        return f"Set EMAIL_URL itself too, to anything, or instead of the file; then docker compose up -d {name}."
    missing = [key for key in ("EMAIL_URL", probe.FROM) if any(f"{key} is not set" in fault for fault in faults)]
    if missing:
        rows = ", ".join(f"{key}: ${{{key}}}" for key in missing)
        return (
            f"Pass it on to {name} in docker-compose.yml, under environment: ({rows}); then "
            f"docker compose up -d {name} (restart does not re-read the environment)."
        )
    if any("EMAIL_USE_TLS" in fault for fault in faults) and len(faults) == 1:
        row = 'EMAIL_USE_TLS: "True"' if "place of STARTTLS" in faults[0] else "neither of the two rows"
        return f"In docker-compose.yml {name} needs {row}; then docker compose up -d {name}."
    return (
        f"docker compose up -d {name} (restart does not re-read the environment). If it stays so, an inline value in "
        "docker-compose.yml or a variable of the shell wins over the value written here."
    )


def _equal(digest: str | None, value: str, once: str) -> bool:
    ours = hmac.new(bytes.fromhex(once), value.encode("utf-8", "surrogateescape"), "sha256").hexdigest()
    # As bytes: compare_digest refuses text that is not ASCII, and the container may have said anything.
    return digest is not None and hmac.compare_digest(ours.encode(), digest.encode("utf-8", "surrogatepass"))


def _word(told: Told, part: str, same: bool) -> str:
    return "equal" if same else "differs" if told.digests.get(part) else "not set"
