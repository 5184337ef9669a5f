"""``apply``: the front end without questions, on the same steps, checks and gate as every other."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from wizard.checks import registry
from wizard.model import exit_codes
from wizard.model.codes import Code
from wizard.model.draft import InfisicalTarget
from wizard.model.exit_codes import Exit
from wizard.model.session import Listener, nobody
from wizard.model.untrusted import Untrusted
from wizard.rollout import restart
from wizard.setup import commit, keeping, services
from wizard.setup.flow import FlowState
from wizard.setup.step import Passage
from wizard.setup.steps import credential, review, sender, test_mail
from wizard.system import files
from wizard.targets import Copy, KeyState, Refused, StoppedWritingError, UncertainError, change_object

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.session import Session
    from wizard.state.journal import Journal

from wizard.setup.check import Next, Outcome, ask_postal, proofs_of


async def apply(
    draft: Draft,
    session: Session,
    journal: Journal,
    *,
    dry_run: bool = False,
    despite_failures: bool = False,
    on_event: Listener = nobody,
) -> Outcome:
    """Judge everything, send the test mail, and write where the review's gate is open.

    Configuration and target come first: a mail of settings that cannot work, or cannot be written, is not sent.
    """
    state = FlowState(draft, session, journal, dry_run=dry_run)
    try:
        return await _apply(state, despite_failures=despite_failures, on_event=on_event)
    finally:
        await state.close()


async def _judge(state: FlowState, on_event: Listener, *, despite_failures: bool) -> None:
    """Run the checks of all steps; the login and the mail wait for configuration and target, DNS for nothing."""

    async def judge_dns() -> None:
        checks = sender.STEP.checks(state)
        if checks is not None:
            state.found(sender.KEY, await checks.run(on_event), checks.about)

    async def judge_mail() -> None:
        await test_mail.judge(state, on_event)
        mail = test_mail.STEP.checks(state)
        sends = mail is not None and not state.dry_run and state.plan is not None and not mail.closed
        if mail is not None and sends and (despite_failures or not mail.question):
            findings = await mail.run(on_event)
            arrived = await ask_postal(state.draft, state.session, findings, on_event)
            state.found(test_mail.KEY, [*findings, arrived], mail.about)
        elif (login := credential.STEP.checks(state)) is not None:
            state.found(credential.KEY, await login.run(on_event), login.about)

    async with asyncio.TaskGroup() as group:
        group.create_task(judge_dns())
        group.create_task(judge_mail())


_UNTIL_RESTARTED: Final = {
    Code.CONTAINER_NO_EMAIL_URL, Code.CONTAINER_URL_UNREADABLE, Code.CONTAINER_SENDS_NOTHING, Code.CONTAINER_OTHER_KEY,
    Code.CONTAINER_OTHER_SERVER, Code.CONTAINER_OTHER_USER, Code.CONTAINER_OTHER_TLS, Code.CONTAINER_NO_FROM,
    Code.CONTAINER_OTHER_FROM, Code.CONTAINER_FROM_LINE_BREAK,
}  # fmt: skip
"""What is wrong with a service until it is restarted. Where all values are there already, apply ends with 0 all the
same (design.md section 6)."""


async def _apply(state: FlowState, *, despite_failures: bool, on_event: Listener) -> Outcome:
    started = time.monotonic()
    with files.once():
        await _judge(state, on_event, despite_failures=despite_failures)
    findings = tuple(state.all_findings)
    seconds = time.monotonic() - started
    found = exit_codes.of_findings(findings)
    gate = review.gate(state)
    values = state.plan.changes if state.plan is not None else ()
    names = [change.key for change in values] or ["DEFAULT_FROM_EMAIL", "EMAIL_URL"]
    kind = str(state.draft.target.kind) if state.draft.target is not None else "env"
    not_written = change_object(kind, dict.fromkeys(names, KeyState.NOT_WRITTEN), _unwritten_copy(state, names))

    def outcome(code: Exit, change: dict[str, Any], *said: str, following: Next | None = None) -> Outcome:
        despite = gate.ids if despite_failures else ()
        return Outcome(
            findings, seconds, code, change, said, state.plan, state.receipt, despite, following, proofs_of(findings)
        )

    if gate.passage is Passage.CLOSED:
        return outcome(gate.exit, not_written, gate.sentence)
    plan = state.plan
    if plan is None:
        return outcome(Exit.UNWRITTEN, not_written, f"Nothing was written: {state.refusal}")
    if plan.changes_nothing:
        words = ["Every key has its value already: there was nothing to write.", *services.without_writing(state)]
        words += () if state.dry_run else keeping.for_later(state)
        failing = [one for one in review.stopping(state) if one.code not in _UNTIL_RESTARTED]
        code = Exit.DONE if despite_failures else exit_codes.of_findings(failing)
        return outcome(code, plan.as_json(), *words)
    if gate.passage is Passage.ASK and not despite_failures:
        code = found if found is not Exit.DONE else gate.exit
        unmet = ", ".join(map(registry.name, gate.ids))
        return outcome(code, not_written, f"Nothing was written. These must be right first: {unmet}.")
    if state.dry_run:
        return outcome(Exit.DONE, plan.as_json(), "Dry run: nothing was written.")
    try:
        await commit.write(state, plan)
    except Refused as error:
        return outcome(Exit.UNWRITTEN, not_written, f"Nothing was written: {Untrusted(error, 500)}")
    except UncertainError as error:
        following = _after_uncertain(state, error)
        states = Untrusted(f"{error} {error.states}", 1000)
        return outcome(Exit.UNWRITTEN, error.as_json(kind), states, following=following)
    receipt = state.receipt
    if receipt is None:
        return outcome(Exit.UNWRITTEN, not_written, "Nothing was written.")
    code = Exit.DONE if receipt.complete else Exit.UNWRITTEN
    following = _next(state)
    said = [*receipt.facts, following.because]
    if following.command:
        said += restart.lines(state.draft, state.session, state.known, receipt)
        said += restart.notes(state.draft, state.session, state.known, receipt)
    said += keeping.for_later(state)
    return outcome(code, receipt.as_json(), *said, following=following)


def _unwritten_copy(state: FlowState, names: list[str]) -> Copy | None:
    target = state.draft.target
    if not isinstance(target, InfisicalTarget) or not target.env_copy:
        return None
    return Copy(str(state.session.path(target.env_copy)), dict.fromkeys(names, KeyState.NOT_WRITTEN))


def _next(state: FlowState) -> Next:
    """Return what to do after the writing (contract.md: ``next``)."""
    receipt = state.receipt
    if receipt is not None and receipt.awaits_approval:
        return Next("A change request waits for approval in Infisical; nothing changes until it is approved.")
    command = services.command(state)
    because = "A container reads its settings only when it is created: a plain restart keeps the old ones."
    if command is None:
        return Next(restart.find(state.draft, state.session).because, revoke_old_key=services.may_revoke(state))
    return Next(because, command, revoke_old_key=services.may_revoke(state))


def _after_uncertain(state: FlowState, error: UncertainError) -> Next | None:
    """Return what to do after a writing that did not come to its end; nothing where nothing can have changed."""
    if isinstance(error, StoppedWritingError) and error.receipt is not None:
        state.receipt = error.receipt
        return _next(state)
    if error.written or KeyState.UNCERTAIN in error.keys.values():
        return Next(f"{Untrusted(error, 500)} Look at the target before you restart anything.")
    return None
