"""The front end without questions: ``check`` and ``apply``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.model import exit_codes
from wizard.model.exit_codes import Exit
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted
from wizard.setup import flow, report
from wizard.system import files
from wizard.targets import KeyState, Plan, Receipt, Refused, UncertainError

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.state.journal import Journal
    from wizard.targets import TargetWriter

GROUPS: Final = ("config", "dns", "smtp")
"""What ``--only`` takes, in the order in which the findings stand."""

_STOPPING: Final = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found and did; the CLI renders it and exits with its code."""

    findings: tuple[Finding, ...]
    seconds: float
    exit: Exit
    change: dict[str, Any] | None = None
    said: tuple[str, ...] = ()
    """Sentences for people."""
    plan: Plan[object] | None = None
    receipt: Receipt[object] | None = None
    despite: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the contract's JSON object."""
        return report.as_json(self.findings, self.seconds, self.change)


@dataclass(slots=True)
class _Clock:
    """Seconds from the first question to now."""

    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        return time.monotonic() - self.started


async def check(
    draft: Draft,
    session: Session,
    only: tuple[str, ...] = GROUPS,
    *,
    send: bool = False,
    compare: bool = True,
    on_event: Listener = nobody,
) -> Outcome:
    """Run the checks of the groups in *only* side by side; nothing is written anywhere.

    Without *compare* neither the containers' present settings nor the target's own are a fault: they are about to be
    replaced.
    """
    runs = await _imported(only, send=send, compare=compare)
    clock = _Clock()
    with files.once():
        found = await asyncio.gather(*(run(draft, session, on_event) for run in runs))
    findings = tuple(finding for group in found for finding in group)
    return Outcome(findings, clock.seconds(), exit_codes.of_findings(findings))


_Run = Callable[["Draft", "Session", Listener], Awaitable[list[Finding]]]


async def _imported(only: tuple[str, ...], *, send: bool, compare: bool) -> list[_Run]:
    """Import what the groups need, so that no import falls into the measured time."""
    runs: list[_Run] = []
    if "config" in only:
        from wizard.checks import container
        from wizard.checks.config import run as config

        async def judge(draft: Draft, session: Session, on_event: Listener) -> list[Finding]:
            return await config.check(draft, session, on_event, replacing=not compare)

        async def ask(draft: Draft, session: Session, on_event: Listener) -> list[Finding]:
            return await container.check(draft, session, on_event, compare=compare)

        runs += [judge, ask]
    if "dns" in only:
        from wizard.checks.dns import run as dns

        runs.append(dns.check)
    if "smtp" in only:
        from wizard.checks.smtp import run as smtp

        async def talk(draft: Draft, session: Session, on_event: Listener) -> list[Finding]:
            from wizard.checks.smtp import message

            code = message.new_code() if send else None
            return await smtp.check(draft, session, on_event, send=send, code=code)

        runs.append(talk)
    return runs


async def apply(
    draft: Draft,
    session: Session,
    journal: Journal,
    *,
    dry_run: bool = False,
    despite_failures: bool = False,
    on_event: Listener = nobody,
) -> Outcome:
    """Check everything, send the test mail, and write only when nothing is fail or unknown.

    The plan is made first: a target that refuses costs no test mail.
    """
    target = flow.writer(_target(draft), session, journal)
    try:
        return await _apply(draft, session, target, dry_run, despite_failures, on_event)
    finally:
        await target.close()


async def _apply(
    draft: Draft, session: Session, target: TargetWriter, dry_run: bool, despite_failures: bool, on_event: Listener
) -> Outcome:
    values = flow.settings(draft, session)
    not_written = {"target": _kind(draft), "written": False, "keys": dict.fromkeys(values, KeyState.NOT_WRITTEN.value)}
    plan, refusal = None, None
    try:
        plan = await target.plan(values)
    except Refused as error:
        refusal = f"Nothing was written: {error}"
    send = draft.test_mail is not None and plan is not None and not dry_run
    done = await check(draft, session, send=send, compare=False, on_event=on_event)
    stopping = sorted({finding.check for finding in done.findings if finding.verdict in _STOPPING})

    def outcome(code: Exit, change: dict[str, Any], *said: str, receipt: Receipt[object] | None = None) -> Outcome:
        despite = tuple(stopping) if despite_failures else ()
        return Outcome(done.findings, done.seconds, code, change, said, plan, receipt, despite)

    if plan is None:
        return outcome(Exit.UNWRITTEN, not_written, str(refusal))
    if stopping and not despite_failures:
        names = ", ".join(stopping)
        return outcome(done.exit, not_written, f"Nothing was written: {names} must be right first.")
    if dry_run:
        keys = {change.key: change.state.value for change in plan.changes}
        return outcome(Exit.DONE, {**not_written, "keys": keys}, "Dry run: nothing was written.")
    try:
        receipt = await _to_the_end(target.apply(plan))
    except Refused as error:
        return outcome(Exit.UNWRITTEN, not_written, f"Nothing was written: {Untrusted(error, 500)}")
    except UncertainError as error:
        return outcome(Exit.UNWRITTEN, error.as_json(_kind(draft)), *_states(error))
    code = Exit.DONE if receipt.complete else Exit.UNWRITTEN
    return outcome(code, receipt.as_json(), *receipt.facts, receipt=receipt)


async def _to_the_end(writing: Awaitable[Receipt[object]]) -> Receipt[object]:
    """Finish a commit in flight even when the run is cancelled by a signal, then let the cancellation through."""
    task = asyncio.ensure_future(writing)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _states(error: UncertainError) -> tuple[str, ...]:
    states = ", ".join(f"{key} {state.value.replace('_', ' ')}" for key, state in error.keys.items())
    return (f"{Untrusted(error, 500)} Now: {states}.",)


def _target(draft: Draft) -> Any:
    assert draft.target is not None
    return draft.target


def _kind(draft: Draft) -> str:
    return str(_target(draft).kind)
