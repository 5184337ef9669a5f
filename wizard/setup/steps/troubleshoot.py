"""Troubleshooting: name the candidates, run only the checks that can prove or exclude them, and rank anew."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, Final

from wizard.diagnosis import CAUSES, read
from wizard.diagnosis.rank import choice, rank
from wizard.model.finding import Finding
from wizard.model.session import nobody
from wizard.system.threads import aside

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from wizard.diagnosis import Diagnosis
    from wizard.model.draft import Draft
    from wizard.model.session import Event, Listener, Session

LONGEST: Final = 16 * 1024 * 1024
"""Bytes of log text that are kept, the newest; what is piped in may be without end."""
_PIECE: Final = 256 * 1024
DEADLINE: Final = 25.0
"""Seconds for all checks together; what was found by then counts."""

_IMPLICIT_TLS: Final = 465
_UNTIL_TLS: Final = frozenset({"resolve", "connect", "greeting", "tls"})
_SMTP: Final = _UNTIL_TLS | {"auth", "username", "recipient", "sender"}
_CONFIG: Final = frozenset({"email_url", "from_address", "environment", "git", "compose"})
_INSIDE: Final = frozenset({"container"})


def newest(stream: BinaryIO, most: int = LONGEST) -> tuple[str, int]:
    """Return the last *most* bytes of *stream* as text, from the beginning of a line, and how many were left out.

    In bounded memory, however much comes.
    """
    kept: deque[bytes] = deque()
    size = skipped = 0
    while piece := stream.read(_PIECE):
        kept.append(piece)
        size += len(piece)
        while size - len(kept[0]) >= most:
            size -= len(kept[0])
            skipped += len(kept.popleft())
    raw = b"".join(kept)
    if size > most:
        begins = raw.find(b"\n", size - most - 1, size - most + _PIECE) + 1 or size - most
        raw, skipped = raw[begins:], skipped + begins
    return raw.decode("utf-8", "replace"), skipped


async def run(
    text: str,
    draft: Draft | None,
    session: Session,
    on_event: Listener = nobody,
    *,
    symptom: str | None = None,
    told: Callable[[Diagnosis], None] | None = None,
    deadline: float = DEADLINE,
) -> Diagnosis:
    """Return the causes of *text*, or of the chosen *symptom*; with a *draft* after the proving checks have run.

    One connection with at most one AUTH, and no mail is sent. *heard* gets every event of the checks, *told* the causes
    ranked anew after each finding: that is how a front end crosses them out one by one.
    """
    signs, facts = await aside(read, text)
    if not signs and symptom is not None:
        signs = choice(symptom)
    if draft is not None and draft.server.port == _IMPLICIT_TLS:
        facts["url_tls"] = "y"
    first = rank(signs, (), facts)
    if draft is None or not first.causes:
        return first
    if told is not None:
        told(first)
    findings: list[Finding] = []

    def listen(event: Event) -> None:
        on_event(event)
        if isinstance(event, Finding):
            findings.append(event)
            if told is not None:
                told(rank(signs, findings, facts))

    checks = _checks(wanted(first), draft, session, listen)
    try:
        async with asyncio.timeout(deadline), asyncio.TaskGroup() as group:
            for check in checks:
                group.create_task(check)
    except TimeoutError:
        pass  # what was heard until now is what is known
    return rank(signs, findings, facts)


def wanted(diagnosis: Diagnosis) -> frozenset[str]:
    """Return the ids of the checks that can prove or exclude a cause that stands."""
    return frozenset(
        proof.check for ranked in diagnosis.standing if ranked.key in CAUSES for proof in CAUSES[ranked.key].proofs
    )


def _checks(
    ids: frozenset[str], draft: Draft, session: Session, listen: Listener
) -> list[Coroutine[None, None, list[Finding]]]:
    """Return the checks for *ids*, not started yet. Those of DNS are the ids that belong to no other group."""
    checks: list[Coroutine[None, None, list[Finding]]] = []
    if ids & _SMTP and draft.server.host:
        from wizard.checks.smtp import run as smtp

        until = "tls" if ids & _SMTP <= _UNTIL_TLS else None
        checks.append(smtp.check(draft, session, listen, until=until))
    if ids & _CONFIG:
        checks.append(config_check(draft, session, listen))
    if ids & _INSIDE:
        from wizard.checks import container

        checks.append(container.check(draft, session, listen))
    if asked := ids - _SMTP - _CONFIG - _INSIDE:
        from wizard.checks.dns import run as dns

        checks.append(dns.check(draft, session, listen, only=asked))
    return checks


async def config_check(draft: Draft, session: Session, listen: Listener) -> list[Finding]:
    """Run the check of the configuration, imported when it is needed."""
    from wizard.checks.config import run as config

    return await config.check(draft, session, listen)
