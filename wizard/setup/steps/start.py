"""Start: what is found in this directory, and what can be done from here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.checks import registry
from wizard.glitchtip import compose
from wizard.model import answers, infisical
from wizard.model.draft import POSTAL_PORT
from wizard.model.finding import Verdict
from wizard.model.flow import Flow, Move, To, position
from wizard.model.session import Session
from wizard.model.untrusted import Untrusted
from wizard.setup import check as check_run
from wizard.setup import configuration, keeping, places, report, rotation
from wizard.setup.step import Offer, Page, Result, Step
from wizard.system.threads import aside
from wizard.targets.env_file import facts as env_facts
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.draft import Draft
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given
    from wizard.state.journal import Saved

KEY: Final = "start"
_FOUND: Final = "start.found"
_KEPT: Final = "start.kept"
_NEEDS_NO_KEY: Final = frozenset({"start", "server", "credential", "troubleshoot"})


# What is found


def found_here(directory: Path, draft: Draft) -> list[str]:
    """Return a line for each thing found, ready to be shown."""
    found = []
    path = rotation.env_path(directory, draft)
    if path.exists():
        found.append(f"  {Untrusted(path.name, 30):<20} {'; '.join(env_facts.lines(path))}")
    found += _compose(directory, draft)
    found += _conventions(directory)
    return found or ["  nothing yet: no .env, no docker-compose.yml"]


def _compose(directory: Path, draft: Draft) -> list[str]:

    try:
        reading = compose.read(draft, Session(directory=directory))
    except compose.ComposeError as error:
        return [f"  {'docker-compose.yml':<20} {error}"]
    if reading is None:
        return []
    services = ", ".join(reading.services) or "none that sends GlitchTip's mail"
    silent = f"; no mail from {', '.join(reading.silent)}" if reading.silent else ""
    return [f"  {Untrusted(reading.file.name, 30):<20} services {Untrusted(f'{services}{silent}', 120)}"]


def _conventions(directory: Path) -> list[str]:
    """Return what the official CLI's conventions tell of an Infisical; it only prefills what is asked later."""
    told = cli_settings.discover(directory)
    name = cli_settings.NAME
    file = [line.removeprefix(name).lstrip(": ") for line in told.messages if line.startswith(name)]
    if told.domain_from_file:
        file.append("the wizard asks about that domain before it sends anything there")
    if told.above:
        file.insert(0, f"in {told.above}")
    # Of a variable its name will do, but where the client secret would go is shown.
    variables = [
        line.partition(" ")[0] if line.startswith(infisical.DOMAINS) else line.partition("=")[0]
        for line in told.messages
        if line.startswith("INFISICAL_")
    ]
    variables = [word.removesuffix(" of the environment is set") for word in variables]
    # Where a secret would go, and which secret is there, is named in any case.
    named = [word for word in variables if word.startswith(infisical.DOMAINS) or word in infisical.SECRETS]
    if len(variables) > len(named) + 1:
        variables = [*named, f"{len(variables) - len(named)} more"]
    found = [f"  {name:<20} {', '.join(file)}"] if file else []
    return [*found, *([f"  {'environment':<20} {', '.join(variables)}"] if variables else [])]


async def _enter(state: FlowState, on_event: Listener) -> Result:
    """Look round: files alone are read, then the configuration is judged and the places are compared."""
    lines = await aside(found_here, state.session.directory, state.draft)
    saved = state.left()
    if saved is not None:
        when = saved.when.astimezone()
        lines.append(f"  {'draft':<20} left at {_place(saved)}, on {when:%A %Y-%m-%d %H:%M}")
    state.facts[_FOUND] = lines
    since = await keeping.kept_since(state)
    state.facts[_KEPT] = [f"{since:%Y-%m-%d}"] if since is not None else []
    await configuration.glance(state, on_event)
    await places.look(state, log_in=False)
    return Result()


def _lines(state: FlowState) -> list[str]:
    lines = list(state.facts.get(_FOUND, []))
    if not lines:
        return ["  looking ..."]
    summary, _ = places.table(state)
    if summary:
        lines.append(f"  {'all places':<20} {summary}")
    faults = [one for one in state.findings(KEY) if one.verdict in {Verdict.FAIL, Verdict.WARN}]
    lines += [f"  {one.verdict.word:<5} {registry.name(one.check):<14} {one.summary}" for one in faults[:3]]
    if len(faults) > 3:
        lines.append(f"  and {len(faults) - 3} more; the review shows them")
    return lines


def _place(saved: Saved) -> str:
    number, _ = position(saved.step, saved.kind)
    return f"step {number}, {saved.step.replace('_', ' ')}"


# What can be done


async def _resume(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Continue with the draft; without its key, or with nothing proven in this run, from the credential on."""
    saved = state.left()
    if saved is None:
        return Result(sentences=("The draft is gone.",))
    state.kind, state.confirmed, state.draft = saved.kind, saved.confirmed, saved.draft
    step = saved.step
    if step in {"review", "done"} or (state.session.key is None and step not in _NEEDS_NO_KEY):
        # Nothing was proven in this run yet, and a review without proof misleads.
        step = "credential"
    move = Move(To.NEXT, flow=saved.kind) if step == KEY else Move(To.GOTO, step, saved.kind)
    return Result(move=move)


async def _set_up(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    rotation.fill_known(state)
    server = state.draft.server
    if server.port is None:
        state.draft = replace(state.draft, server=replace(server, port=POSTAL_PORT))
    return Result(move=Move(To.NEXT, flow=Flow.SET_UP))


async def _troubleshoot(_state: FlowState, _given: Given, _on_event: Listener) -> Result:
    return Result(move=Move(To.NEXT, flow=Flow.TROUBLESHOOT))


async def _rotate(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Take everything but the key from what GlitchTip reads now; ask for the place where that is not enough."""
    sentence = await rotation.with_kept_secret(state)
    if rotation.asks_for_place(state):
        return rotation.ask_for_place(state, sentence)
    result = await rotation.begin(state)
    if result.move is None:
        return replace(result, sentences=tuple(filter(None, (sentence, *result.sentences))))
    # Where the secret came from is said on the step that the rotation begins with.
    state.message = " ".join(filter(None, (sentence, state.message)))
    return result


async def _check(state: FlowState, _given: Given, on_event: Listener) -> Result:
    """Run every check on what GlitchTip reads now, or on the draft; nothing is changed."""
    draft, session = rotation.for_checking(state.session, state.draft)
    missing = answers.missing(draft, for_apply=False)
    if missing:
        return Result(sentences=("There is nothing to check yet:", *missing))
    outcome = await check_run.check(draft, session, on_event=on_event)
    rows = report.all_rows(outcome.findings, width=report.WHOLE)
    title = "Check everything, change nothing"
    return Result(
        outcome.findings,
        (report.conclusion(outcome.findings),),
        Page(title, (report.conclusion(outcome.findings), "", *rows)),
        exit=outcome.exit,
    )


async def _forget_kept(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    sentence = await keeping.delete(state)
    since = await keeping.kept_since(state)
    state.facts[_KEPT] = [f"{since:%Y-%m-%d}"] if since is not None else []
    return Result(sentences=(sentence,))


async def _show_places(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Compare again, with Infisical where a login to it is at hand, and show the table."""
    await places.look(state, log_in=True)
    return Result(page=Page("All places that have the settings", places.table(state)[1]))


def _offers(state: FlowState) -> tuple[Offer, ...]:
    saved = state.left()
    choices = [
        Offer("set_up", "", "Set up from the beginning", _set_up, choice=True, note="about five minutes"),
        Offer("rotate", "", "Rotate the credential", _rotate, choice=True, note="a new key, everything else stays"),
        Offer("troubleshoot", "", "Troubleshoot", _troubleshoot, choice=True, note="mail fails or does not arrive"),
        Offer("check", "", "Check everything, change nothing", _check, choice=True),
    ]
    if saved is not None:
        note = _place(saved)
        choices.insert(0, Offer("resume", "", "Continue with the draft", _resume, choice=True, note=note))
    kept = state.facts.get(_KEPT)
    if kept:
        note = f"kept since {kept[0]}"
        choices.append(
            Offer("forget_kept", "", keeping.TITLE, _forget_kept, choice=True, note=note, question=keeping.DELETE)
        )
    side = [Offer("places", "", "show all places", _show_places)] if places.table(state)[1] else []
    return (*choices, *side)


STEP: Final = Step(
    KEY,
    "Start",
    "What do you want to do?",
    "Have Postal's pages at hand: Help, and Domains, DNS Setup.",
    enter=_enter,
    lines=_lines,
    offers=_offers,
)
