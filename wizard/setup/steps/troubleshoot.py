"""Troubleshooting: name the candidates, run only the checks that can prove or exclude them, and rank again."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from wizard.checks.registry import Group, runs
from wizard.checks.registry import ids as ids_of
from wizard.checks.registry import name as name_of
from wizard.diagnosis import CAUSES, CHOICES, read, step_of
from wizard.diagnosis.rank import choice, rank
from wizard.diagnosis.render import SEND_INSTEAD
from wizard.model.codes import Check
from wizard.model.containers import NotAsked
from wizard.model.exit_codes import Exit
from wizard.model.finding import Finding
from wizard.model.flow import Move, To
from wizard.model.secret import plaintext
from wizard.model.session import nobody
from wizard.rollout.restart import find
from wizard.setup import rotation
from wizard.setup.step import Offer, Result, Step
from wizard.system.threads import aside

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from wizard.diagnosis import Diagnosis
    from wizard.diagnosis.model import Ranked
    from wizard.model.draft import Draft
    from wizard.model.session import Event, Listener, Session
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given

LONGEST: Final = 16 * 1024 * 1024
"""Bytes of log text that are kept, the newest; what is piped in may be without end."""
_PIECE: Final = 256 * 1024
DEADLINE: Final = 25.0
"""Seconds for all checks together; what was found by then counts."""

_IMPLICIT_TLS: Final = 465


def newest(stream: BinaryIO, most: int = LONGEST) -> tuple[bytearray, int]:
    """Return the last *most* bytes of *stream*, from the beginning of a line, and how many were left out.

    In bounded memory, however much comes; they stay bytes, because a text of them could take four times as much.
    """
    kept: deque[bytes] = deque()
    size = skipped = 0
    while piece := stream.read(_PIECE):
        kept.append(piece)
        size += len(piece)
        while size - len(kept[0]) >= most:
            size -= len(kept[0])
            skipped += len(kept.popleft())
    raw = bytearray()
    while kept:
        raw += kept.popleft()
    if size > most:
        begins = raw.find(b"\n", size - most - 1, size - most + _PIECE) + 1 or size - most
        del raw[:begins]
        skipped += begins
    return raw, skipped


async def run(
    text: str | bytes | bytearray,
    draft: Draft | None,
    session: Session,
    on_event: Listener = nobody,
    *,
    symptom: str | None = None,
    on_diagnosis: Callable[[Diagnosis], None] | None = None,
    deadline: float = DEADLINE,
) -> Diagnosis:
    """Return the causes of *text*, or of the chosen *symptom*; with a *draft* after the proving checks have run.

    One connection with at most one AUTH, and no mail is sent. *on_event* gets every event of the checks,
    *on_diagnosis* the causes ranked again after each finding: so a front end crosses them out one by one.
    """
    signs, facts = await aside(read, text)
    if not signs and symptom is not None:
        signs = choice(symptom)
    if draft is not None and draft.server.port == _IMPLICIT_TLS:
        facts["url_tls"] = "y"
    restart = await aside(find, draft, session) if draft is not None else None
    first = rank(signs, (), facts, restart)
    if draft is None or not first.causes:
        return first
    if on_diagnosis is not None:
        on_diagnosis(first)
    findings: list[Finding] = []

    def listen(event: Event) -> None:
        on_event(event)
        if isinstance(event, Finding):
            findings.append(event)
            if on_diagnosis is not None:
                on_diagnosis(rank(signs, findings, facts, restart))

    checks = _checks(wanted(first), draft, session, listen)
    try:
        async with asyncio.timeout(deadline), asyncio.TaskGroup() as group:
            for check in checks:
                group.create_task(check)
    except TimeoutError:
        pass  # the findings until now are what is known
    return rank(signs, findings, facts, restart)


def wanted(diagnosis: Diagnosis) -> frozenset[str]:
    """Return the ids of the checks that can prove or exclude a cause that is open."""
    return frozenset(
        check
        for ranked in diagnosis.standing
        if ranked.key in CAUSES
        for rule in CAUSES[ranked.key].rules
        for check in rule.checks
    )


def _checks(
    ids: frozenset[str], draft: Draft, session: Session, listen: Listener
) -> list[Coroutine[None, None, list[Finding]]]:
    """Return the checks for *ids*, not started yet; without a server only those that need none."""
    wanted_ids = {Check(one) for one in ids if one in set(Check)}
    smtp = wanted_ids & ids_of(Group.SMTP)
    if not draft.server.host:
        wanted_ids -= smtp
    until = "tls" if smtp <= {Check.RESOLVE, Check.CONNECT, Check.GREETING, Check.TLS} else None
    return runs(wanted_ids, draft, session, listen, until=until)


# The step

KEY: Final = "troubleshoot"
_LOGS: Final = "Read what GlitchTip's own services logged last (docker logs)"
_PROMPT: Final = "Paste or type the error, or a few lines of GlitchTip's or Postal's log. What is pasted is not shown."


async def _diagnose(state: FlowState, text: str, symptom: str | None, on_event: Listener) -> Result:
    """Name the causes; the proving checks run on what GlitchTip reads now, or on the draft."""
    draft, session = rotation.for_checking(state.session, state.draft)
    known = draft if draft.server.host and draft.server.port else None

    def show(diagnosis: Diagnosis) -> None:
        state.diagnosis = diagnosis

    state.diagnosis = await run(text, known, session, on_event, symptom=symptom, on_diagnosis=show)
    unchecked = bool(state.diagnosis.causes) and not state.diagnosis.checked
    sentences = ("Nothing was checked: no settings are known here.",) if unchecked else ()
    return Result(sentences=sentences, exit=Exit.DONE if state.diagnosis.causes else Exit.UNKNOWN)


async def _paste(state: FlowState, given: Given, on_event: Listener) -> Result:
    return await _diagnose(state, plaintext(given["block"]), None, on_event)


async def _own_logs(state: FlowState, _given: Given, on_event: Listener) -> Result:
    """Name the causes of what GlitchTip's services logged last, fetched where docker answers."""
    from wizard.glitchtip.service_logs import service_logs  # start-up: 8 ms

    text = await service_logs(state.session, state.draft)
    if isinstance(text, NotAsked):
        sentence = f"The logs could not be read: {text.reason}. {text.remedy}".rstrip()
        return Result(sentences=(sentence,), exit=Exit.UNKNOWN)
    return await _diagnose(state, text, None, on_event)


def _symptom(key: str) -> Callable[[FlowState, Given, Listener], Coroutine[Any, Any, Result]]:
    async def chosen(state: FlowState, _given: Given, on_event: Listener) -> Result:
        return await _diagnose(state, "", key, on_event)

    return chosen


def repair_step(state: FlowState, cause: str = "") -> str:
    """Return the key of the step that repairs the *cause*, or the first; empty where there is none."""
    found = state.diagnosis
    first = found.standing[0].key if found is not None and found.standing else ""
    step = step_of(cause or first) if cause or first else "start"
    return "" if step == "start" else step


async def _repair(state: FlowState, given: Given, _on_event: Listener) -> Result:
    step = repair_step(state, plaintext(given.get("cause") or ""))
    if not step:
        return Result(sentences=("No step of the wizard fixes this one: do what the remedy says.",))
    return Result(move=Move(To.GOTO, step))


def _offers(state: FlowState) -> tuple[Offer, ...]:
    choices = [
        Offer("paste", "f4", title, _paste, block=_PROMPT, choice=True)
        if key == "paste"
        else Offer(key, "", title, _symptom(key), choice=True)
        for key, title in CHOICES
    ]
    choices.append(Offer("logs", "", _LOGS, _own_logs, choice=True))
    step = repair_step(state)
    if step:
        name = f"go to the step that fixes it: {step.replace('_', ' ')}, and come back"
        choices.append(Offer("repair", "", name, _repair, choice=True))
    return tuple(choices)


def proof(ranked: Ranked) -> str:
    """Return what proves or excludes a cause, behind the name of its check."""
    return ranked.proof(name_of)


def _lines(state: FlowState) -> list[str]:
    found = state.diagnosis
    if found is None:
        return []
    if not found.causes:
        return ["Nothing recognised.", SEND_INSTEAD]
    lines: list[str] = []
    for number, ranked in enumerate(found.standing, 1):
        lines += [f"{number}  {ranked.cause}", f"   {ranked.state.value}: {proof(ranked)}", f"   {ranked.remedy}", ""]
    lines += [f"x  {ranked.cause} Excluded: {proof(ranked)}" for ranked in found.excluded]
    if found.aside:
        lines.append(f"Ignored: {found.aside}.")
    return lines


STEP: Final = Step(
    KEY,
    "Troubleshoot",
    "What do you see?",
    "Choose what you see, or paste an error or a few lines of a log.",
    lines=_lines,
    offers=_offers,
)
