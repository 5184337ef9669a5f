"""Review: the exact change, this project's own faults, and the gate before the one writing.

Where the target has every value already nothing is offered to be written; what is proven then is that the containers
run with these values, and where they do not, the review says what makes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks import one_cause, registry
from wizard.model.codes import Check
from wizard.model.containers import Restartable
from wizard.model.draft import InfisicalTarget
from wizard.model.exit_codes import Exit
from wizard.model.finding import Verdict
from wizard.model.flow import Flow, Move, To
from wizard.setup import commit, configuration, keeping, place, press_check, proofs, report, services
from wizard.setup.flow import OPEN
from wizard.setup.step import Checks, Gate, Offer, Passage, Problem, Result, Section, Step, flat
from wizard.setup.steps import credential, sender, server, target, test_mail
from wizard.targets import Refused, StoppedWritingError, UncertainError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given

KEY: Final = "review"
NEEDED: Final[dict[str, Callable[[FlowState], list[Problem]]]] = {
    server.KEY: server.problems,
    credential.KEY: credential.problems,
    sender.KEY: sender.problems,
    target.KEY: place.problems,
    test_mail.KEY: test_mail.problems,
}
"""The steps without whose answers nothing is written."""
_SERVER: Final = frozenset({Check.RESOLVE, Check.CONNECT})


def missing(state: FlowState) -> list[tuple[str, Problem]]:
    """Return what is wrong in the steps that a writing needs, each with its step."""
    return [(key, problem) for key, judge in NEEDED.items() for problem in judge(state)]


async def _enter(state: FlowState, on_event: Listener) -> Result:
    """Make the plan and judge the configuration."""
    if missing(state) or _unproven(state):
        state.plan = None
        return Result()
    await test_mail.judge(state, on_event)
    return Result()


def _checks(state: FlowState) -> Checks:
    async def run(on_event: Listener) -> list[Finding]:
        return await test_mail.judge(state, on_event)

    return Checks(run, configuration.about, automatic=True)


def _unproven(state: FlowState) -> bool:
    """Whether a rotation's new key has not been granted."""
    return state.kind is Flow.ROTATE and not state.key_is_proven


def stopping(state: FlowState) -> list[Finding]:
    """Return what is fail or unknown; that nobody knows of the arrival stops nothing."""
    return [
        one
        for one in state.open_findings
        if one.verdict is Verdict.FAIL
        or (one.verdict is Verdict.UNKNOWN and one.check not in {Check.ARRIVAL, Check.RECEIVED, Check.INSIDE})
    ]


def unchecked(state: FlowState) -> list[str]:
    """Return what was never checked with these answers: server, credential, configuration."""
    seen = {str(one.check) for one in state.all_findings if one.verdict is not Verdict.SKIP}
    names = []
    if not seen & _SERVER:
        names.append("server")
    if Check.AUTH not in seen:
        names.append("credential")
    if not state.is_checked(configuration.RECORD):
        names.append("configuration")
    return names


def gate(state: FlowState) -> Gate:
    """Return whether it may be written: the one gate, for every front end (design.md section 5)."""
    wrong = missing(state)
    if wrong:
        step, problem = wrong[0]
        return Gate(Passage.CLOSED, problem.sentence, exit=Exit.USAGE, step=step)
    if _unproven(state):
        sentence = "The new key is not proven: GlitchTip keeps the old one. Go back, then check the login."
        return Gate(Passage.CLOSED, sentence, exit=Exit.FAILED, step=credential.KEY)
    if state.plan is None:
        why = state.refusal or "The target has not been read yet."
        return Gate(Passage.CLOSED, f"Nothing was written: {why}", exit=Exit.UNWRITTEN, step=target.KEY)
    if state.plan.changes_nothing:
        return Gate()  # there is no writing to ask about; what is wrong is shown
    bad, never = stopping(state), unchecked(state)
    if not bad and not never:
        return Gate()
    ids = tuple(dict.fromkeys([*(str(one.check) for one in bad), *never]))
    failing = [registry.name(one.check) for one in bad if one.verdict is Verdict.FAIL]
    unknown = [registry.name(one.check) for one in bad if one.verdict is not Verdict.FAIL]
    groups = (("not right", failing), ("not known", unknown), ("not checked", never))
    exit_code = Exit.FAILED if failing else Exit.UNKNOWN
    sentence = "; ".join(f"{words}: {', '.join(dict.fromkeys(names))}" for words, names in groups if names)
    return Gate(Passage.ASK, f"{sentence[:1].upper()}{sentence[1:]}. Write anyway?", ids, exit_code)


def sections(state: FlowState) -> list[Section]:
    """Return the change as it will be written, the project's own faults, and what is not right elsewhere."""
    wrong = missing(state)
    if wrong:
        return [Section("Something is missing", tuple(problem.sentence for _, problem in wrong))]
    if _unproven(state):
        sentence = "The new key is not proven: GlitchTip keeps the old one."
        return [Section("The new key", (sentence, "A rotation needs the login check to pass."))]
    if state.plan is None:
        why = f"Nothing can be written: {state.refusal}" if state.refusal else "Reading the target ..."
        return [Section("The change", (why,))]
    nothing = "Every key has its value already: there is nothing to write."
    first = nothing if state.plan.changes_nothing else "Nothing has been written yet."
    parts = [Section("The change", (first, *report.diff(state.plan)))]
    if state.plan.changes_nothing:
        parts.append(Section("GlitchTip", tuple(services.without_writing(state))))
    shown_too = {*OPEN, Verdict.WARN}
    faults = [one for one in state.findings(configuration.RECORD) if one.verdict in shown_too]
    if faults:
        project = tuple(report.all_rows(faults, evidence=True, width=report.WHOLE))
        parts.append(Section("In this project", project))
    press = press_check.lines(state)
    if press:
        parts.append(Section("In Postal", tuple(press)))
    others = [one for one in stopping(state) if one not in faults]
    if others:
        parts.append(Section(_title(others), _by_cause(state, others)))
    return parts


def _title(findings: list[Finding]) -> str:
    verdicts = {one.verdict for one in findings}
    if verdicts == {Verdict.UNKNOWN}:
        return "Not known"
    return "Not right, and not known" if Verdict.UNKNOWN in verdicts else "Not right"


def _by_cause(state: FlowState, findings: list[Finding]) -> tuple[str, ...]:
    """Return a row for each cause, with the step that shows it and its remedy."""
    rows = []
    for group in one_cause.grouped(findings):
        names = ", ".join(filter(None, (registry.name(group[0].check), one_cause.others(group))))
        step = next((key for key in NEEDED if group[0] in state.findings(key)), "")
        at = f", at the step {step.replace('_', ' ')}" if step else ""
        rows.append(f"{group[0].verdict.word:<5}{names}{at}: {group[0].summary}")
    return tuple(rows)


def lines(state: FlowState) -> list[str]:
    """Return the sections one after the other."""
    return flat(sections(state))


async def _write(state: FlowState, _on_event: Listener) -> Result:
    """Write the plan that was shown; what is open is recorded."""
    plan = state.plan
    if plan is None:
        return Result(sentences=("There is no plan to write.",), exit=Exit.UNWRITTEN)
    if plan.changes_nothing:
        # Said before the receipt goes: what was seen of the containers was seen beside it.
        all_proven = proofs.all_proven(proofs.of_state(state))
        last = (proofs.EVERYTHING,) if all_proven else services.without_writing(state)
        state.farewell = ("Every key had its value already: nothing was written.", *last, *keeping.for_later(state))
        if state.receipt is not None and not state.receipt.complete:
            state.receipt = None  # what was not written before is there now
        return Result(move=Move(To.LEAVE))
    try:
        receipt = await commit.write(state, plan)
    except Refused as error:
        state.plan, state.refusal = None, str(error)
        return Result(sentences=(f"Nothing was written: {error}",), exit=Exit.UNWRITTEN)
    except UncertainError as error:
        return _half_written(state, error)
    state.despite = gate(state).ids
    state.uncertain = {}
    return Result(move=Move(To.NEXT), exit=Exit.DONE if receipt.complete else Exit.UNWRITTEN)


def _half_written(state: FlowState, error: UncertainError) -> Result:
    """Keep and say in which state each key is. A writing that had come to its end when it was stopped is complete."""
    if not isinstance(error, StoppedWritingError) or error.receipt is None:
        state.plan, state.uncertain = None, error.all_keys
    states = (f"  {key}: {each.value.replace('_', ' ')}" for key, each in error.all_keys.items())
    return Result(sentences=(str(error), *states), exit=Exit.UNWRITTEN)


async def _proceed(state: FlowState, on_event: Listener) -> Result:
    if state.dry_run:
        return await _dry_run(state, {}, on_event)
    return await _write(state, on_event)


def _onward(state: FlowState) -> str:
    """Return what continuing does: it writes, unless there is nothing to write, or nothing may be written."""
    passage = gate(state)
    if passage.passage is Passage.CLOSED:
        return "goes to what is missing" if passage.exit is Exit.USAGE else ""
    if state.dry_run:
        return "prints it and leaves"
    return "leaves" if state.plan is None or state.plan.changes_nothing else "writes it"


async def _dry_run(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    if state.plan is None:
        return Result(sentences=("There is no plan to show.",))
    state.farewell = (*report.diff(state.plan), "Dry run: nothing was written.")
    return Result(move=Move(To.LEAVE))


async def _pretend(state: FlowState, _given: Given, on_event: Listener) -> Result:
    """Recreate the rehearsal's containers, as the command would recreate real ones, and look at them again."""
    await services.recreate(state)
    return Result(findings=tuple(await test_mail.judge(state, on_event)))


def _only_restart_is_missing(state: FlowState) -> bool:
    """Whether nothing is to be written, and all that fails is that containers run with something else."""
    failing = {one.check for one in state.findings(configuration.RECORD) if one.verdict is Verdict.FAIL}
    return state.has_nothing_to_write and failing == {Check.CONTAINER}


async def _other_place(_state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Ask for Infisical's place and client secret again: in a rotation no way back leads to the target's step."""
    return Result(move=Move(To.GOTO, target.KEY))


def _offers(state: FlowState) -> tuple[Offer, ...]:
    offers = []
    if state.plan is not None:
        offers.append(Offer("dry_run", "", "print the change and leave", _dry_run))
        if _only_restart_is_missing(state) and isinstance(state.session.containers, Restartable):
            offers.append(Offer("pretend", "m", "pretend I ran it", _pretend))
    elif state.refusal and isinstance(state.draft.target, InfisicalTarget):
        offers.append(Offer("place", "o", "change Infisical's place or secret", _other_place))
    return tuple(offers)


STEP: Final = Step(
    KEY,
    "Review",
    "This is the whole change.",
    checks=_checks,
    enter=_enter,
    lines=lines,
    offers=_offers,
    gate=gate,
    sections=sections,
    proceed=_proceed,
    onward=_onward,
)
