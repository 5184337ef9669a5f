"""Done: what was written and read back, the five proofs, the one command that makes it effective, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.registry import Proof
from wizard.model.containers import Restartable
from wizard.model.draft import EnvTarget
from wizard.model.finding import Verdict
from wizard.model.flow import Flow, Move, To
from wizard.rollout import restart
from wizard.setup import keeping, places, press_check, proofs, rollback, services
from wizard.setup.step import Checks, Offer, Page, Result, Section, Step, flat
from wizard.setup.writing import state_of
from wizard.targets.env_file.backups import Backups

if TYPE_CHECKING:
    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given
    from wizard.targets import Receipt

KEY: Final = "done"


def _checks(state: FlowState) -> Checks | None:
    if state.receipt is None:
        return None

    async def run(on_event: Listener) -> list[Finding]:
        return await services.look(state, on_event)

    return Checks(run, services.about, automatic=True)


async def _enter(state: FlowState, _on_event: Listener) -> Result:
    """Keep in the keyring what the operator chose; the checks, which run at once, compare the places."""
    if state.receipt is None:
        return Result()
    return Result(sentences=(*await keeping.after_writing(state), *keeping.for_later(state)))


def title(state: FlowState) -> str:
    """Return what the last screen begins with: what fails, before anything else."""
    if state.rolled_back:
        return "Rolled back: the earlier settings are there again."
    if state.receipt is None:
        return "Nothing was written."
    shown = proofs.of_state(state)
    if not state.receipt.complete:
        if state.receipt.awaits_approval:
            return "Not written: a change request waits for approval in Infisical."
        return "Not everything is written."
    against = [one for one in shown.values() if one.standing is proofs.Standing.DISPROVEN]
    if against:
        return f"Written, but {proofs.TITLES[against[0].proof]} fails: {against[0].sentence}"
    if proofs.all_proven(shown):
        return proofs.EVERYTHING
    return "Settings written."


def sections(state: FlowState) -> list[Section]:
    """Return the proofs, what is left to do, what becomes of the old key, and what was written."""
    receipt = state.receipt
    if receipt is None:
        return [Section("", tuple(state.rolled_back))] if state.rolled_back else []
    parts = [Section("What is proven", tuple(proofs.rows(proofs.of_state(state))))]
    if receipt.awaits_approval:
        waiting = "Nothing changes until it is approved; close the change request to take it back."
        return [*parts, Section("In Infisical", (waiting,)), _written(state, receipt)]
    parts.append(Section("What is left", _on_this_host(state)))
    press = press_check.lines(state)
    if press:
        parts.append(Section("In Postal", tuple(press)))
    if services.may_revoke(state):
        parts.append(Section("The old key", (services.revoke(state),)))
    elif services.replaced_another_key(state):
        kept = "Keep the old key until every service that sends mail runs with the new one."
        parts.append(Section("The old key", (kept,)))
    parts.append(_written(state, receipt))
    if services.is_something_left(state):
        notes = restart.notes(state.draft, state.session, state.known, receipt)
        parts += [Section("About these commands", tuple(notes))] if notes else []
    return parts


def _on_this_host(state: FlowState) -> tuple[str, ...]:
    """Return what has to be done there; once every service was seen with the new settings, that nothing has to be."""
    said = _said_of_services(state)
    return said or tuple(restart.lines(state.draft, state.session, state.known, state.receipt))


def _said_of_services(state: FlowState) -> tuple[str, ...]:
    """Return the remedies of what fails in the services, or that nothing is left; empty: the command is to be run."""
    wrong = [one.remedy for one in services.found(state) if one.verdict is Verdict.FAIL]
    return tuple(dict.fromkeys(wrong)) or tuple(filter(None, (services.nothing_left(state),)))


def _written(state: FlowState, receipt: Receipt[object]) -> Section:
    """Return what was written, where, and whether all places have it."""
    word = "OK   written and read back" if receipt.complete else "WARN not everything is written"
    lines = [f"{word}: {receipt.location}"]
    lines += [f"     {key} {each.value.replace('_', ' ')}" for key, each in receipt.keys.items()]
    if receipt.copy is not None:
        lines.append(f"     copy {receipt.copy.path}")
        lines += [f"     {key} {each.value.replace('_', ' ')}" for key, each in receipt.copy.keys.items()]
    lines += [f"     {fact}" for fact in receipt.facts]
    summary, _ = places.table(state)
    return Section("Written", (*lines, *([f"     {summary}"] if summary else [])))


# What can be done


async def _roll_back(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    outcome = await rollback.run(state.draft, state.session, state.journal, writer=state.writer())
    if outcome.receipt is not None and outcome.receipt.written:
        await keeping.put_back(state)
        state.receipt, state.rolled_back = None, outcome.sentences
        state.replaced = None
        places.forget(state)
    return Result(sentences=() if state.rolled_back else outcome.sentences, exit=outcome.exit)


async def _keep_values(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    return Result(sentences=(await keeping.keep_values(state),))


async def _keep_client(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    state.keep_secret = True
    return Result(sentences=tuple(await keeping.after_writing(state)))


async def _guide(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    from wizard.rollout import next_steps  # start-up: 6 ms

    return Result(page=Page("What now", tuple(next_steps.lines(state.draft, state.session))))


async def _show_places(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    return Result(page=Page("All places that have the settings", places.table(state)[1]))


async def _running(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    state.confirmed |= {services.CONFIRMED}
    return Result(sentences=(services.revoke(state),) if services.may_revoke(state) else ("Noted.",))


async def _pretend(state: FlowState, _given: Given, on_event: Listener) -> Result:
    """Recreate the rehearsal's containers, as the command would recreate real ones, and look at them again."""
    await services.recreate(state)
    return Result(findings=tuple(await services.look(state, on_event)))


async def _delete_backup(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Delete the backups of the file that was written, or the kept values, on the operator's word."""
    target = state.draft.target
    if isinstance(target, EnvTarget):
        Backups(state_of(target, state.session, state.journal), state.session.path(target.path)).forget()
        return Result(sentences=("The backup is deleted.",))
    return Result(sentences=(await keeping.delete(state),))


def _backup_question(state: FlowState) -> str:
    """Return the question about the backup where it is time to ask, else empty: never while a restart is awaited."""
    running = services.all_run_with_new_key(state)
    arrived = proofs.of_state(state)[Proof.ARRIVAL].standing is proofs.Standing.PROVEN
    if not (running if state.kind is Flow.ROTATE else arrived and not services.waits(state)):
        return ""
    begins = "The new settings work. Delete" if running else "If GlitchTip already runs with the new settings: delete"
    if isinstance(state.draft.target, EnvTarget):
        return f"{begins} the backup with the old values?"
    return f"{begins} the kept old values from your keyring?" if state.kept_values else ""


def _offers(state: FlowState) -> tuple[Offer, ...]:
    if state.receipt is None:
        return (Offer("guide", "g", "tests", _guide),)
    offers = []
    if not state.old_key_refused and not state.receipt.awaits_approval:
        mute = rollback.without_mail(state.replaced.email_url) if state.replaced is not None else ""
        question = f"{mute} Put the previous values back?".strip()
        closed = "" if state.receipt.written else "This run has changed nothing: there is nothing to roll back."
        offers.append(Offer("roll_back", "b", "roll back", _roll_back, question=question, closed=closed))
    if keeping.values_to_keep(state) and not state.kept_values:
        question = keeping.KEEP_VALUES
        needless = proofs.all_proven(proofs.of_state(state))  # it can be had, but nobody is asked for it
        offers.append(
            Offer("keep_values", "k", "keep the old values", _keep_values, question=question, on_leave=not needless)
        )
    if keeping.secret_to_keep(state):
        offers.append(
            Offer("keep_client", "", "keep the secret", _keep_client, question=keeping.KEEP_CLIENT, on_leave=True)
        )
    may_run = not state.receipt.awaits_approval
    if may_run and isinstance(state.session.containers, Restartable) and services.waits(state):
        offers.append(Offer("pretend", "m", "pretend I ran it", _pretend))
    only_skips = bool(services.found(state)) and all(one.verdict is Verdict.SKIP for one in services.found(state))
    if only_skips and services.replaced_another_key(state) and services.CONFIRMED not in state.confirmed:
        question = "Does every service that sends mail run with the new key?"
        offers.append(Offer("running", "z", "they run with the new key", _running, question=question))
    question = _backup_question(state)
    if question:
        offers.append(Offer("delete_backup", "", "delete the backup", _delete_backup, question=question, on_leave=True))
    if places.table(state)[1]:
        offers.append(Offer("places", "", "show all places", _show_places))
    offers.append(Offer("guide", "g", "tests", _guide))
    return tuple(offers)


async def _proceed(state: FlowState, _on_event: Listener) -> Result:
    if state.receipt is not None:
        state.farewell = farewell(state)
    return Result(move=Move(To.LEAVE))


def farewell(state: FlowState) -> tuple[str, ...]:
    """Return what is said once the front end is gone."""
    if state.receipt is None:
        return ()
    if state.receipt.awaits_approval:
        return (title(state),)
    line = services.command(state)
    now = f"Now on the host: {line}" if line else restart.find(state.draft, state.session).because
    return (
        title(state),
        *(_said_of_services(state) or (now,)),
        *([services.revoke(state)] if services.may_revoke(state) else []),
    )


def last_words(state: FlowState) -> tuple[str, ...]:
    """Return what a front end says that a signal ends: in which state each key is, or what was written and the rest."""
    return (state.uncertainty,) if state.uncertain else farewell(state)


STEP: Final = Step(
    KEY,
    "Done",
    "Settings written.",
    checks=_checks,
    enter=_enter,
    lines=lambda state: flat(sections(state)),
    offers=_offers,
    proceed=_proceed,
    heading=title,
    onward=lambda _state: "finishes",
    sections=sections,
)
