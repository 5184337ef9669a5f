"""What a rehearsal adds to every step: its greeting, the menu of scenarios, the mailbox, and "pretend I did this".

The steps know nothing of it. Without a world in the session, as in every real run, nothing is added.
"""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING, Final

from wizard.model.containers import Restartable
from wizard.model.flow import Move, To
from wizard.model.untrusted import Untrusted
from wizard.model.world import WorldError
from wizard.setup.flow import OPEN
from wizard.setup.step import Offer, Page, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any

    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.model.world import Fix, Group, World
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given, Step

PRETEND: Final = "pretend_fix"
MAILBOX: Final = "mailbox"
SCENARIOS: Final = "scenarios"
_START: Final = "start"
_MENU: Final = "rehearsal.menu"
"""Under this key ``FlowState.facts`` has which part of the menu is open: a group's key, or ``_ALL``."""
_ALL: Final = "all"
_CHECKED: Final = "rehearsal.checked"
"""Under this key ``FlowState.facts`` has the ids of what the check of everything found wrong, the worst first."""
_ALSO: Final = {"test_mail": "review", "target": "review"}
"""The record whose findings a step shows beside its own."""
_LONGEST_MAIL: Final = 40
"""Lines of a mail that are shown."""
_GREETING: Final = "Postal, DNS, Infisical and host are pretend here"


def with_world(step: Step) -> Step:
    """Return *step* with what the world of a rehearsal adds to it."""
    more = replace(step, offers=lambda state: _offers(step, state), lines=lambda state: _lines(step, state))
    if step.key != _START:
        return more

    async def enter(state: FlowState, on_event: Listener) -> Result:
        return Result() if _open_menu(state) else await step.enter(state, on_event)

    return replace(more, enter=enter, heading=lambda state: _heading(step, state))


# The start: greeting and menu


def _open_menu(state: FlowState) -> str:
    """Return which part of the menu is open, empty where none is."""
    return next(iter(state.facts.get(_MENU, [])), "") if state.session.world is not None else ""


def _heading(step: Step, state: FlowState) -> str:
    menu = _open_menu(state)
    if not menu:
        return step.asked(state)
    return "Which kind of scenario?" if menu == _ALL else "Which scenario?"


def _lines(step: Step, state: FlowState) -> list[str]:
    world = state.session.world
    if world is None or step.key != _START:
        return step.lines(state)
    menu = _open_menu(state)
    if menu:
        return [] if menu == _ALL else [f"{_group(world, menu).title}: {_group(world, menu).lesson}."]
    scenario = world.scenario
    rows = [
        ("rehearsal", _GREETING),
        ("scenario", f"{scenario.name}: {scenario.lesson}"),
        ("try first", f"{scenario.first}: Enter takes each answer"),
    ]
    if world.fixes:
        rows.append(("what fails", "m pretends that you did its remedy, r checks again"))
    return [*(f"  {name:<20} {text}" for name, text in rows), *step.lines(state)]


def _group(world: World, key: str) -> Group:
    return next(one for one in world.groups if one.key == key)


def _menu(world: World, menu: str) -> tuple[Offer, ...]:
    """Return the choices of the menu: its groups, or the scenarios of one; each with what one learns there."""
    if menu == _ALL:
        groups = [
            Offer(
                f"group_{group.key}",
                "",
                f"{group.title} ({len(group.scenarios)})",
                _opens(group.key),
                choice=True,
                note=group.lesson,
            )
            for group in world.groups
        ]
        return (*groups, Offer("no_scenario", "", "Back to the start", _opens(""), choice=True))
    scenarios = [
        Offer(one.name, "", one.name, _rehearses(one.name), choice=True, note=one.lesson)
        for one in _group(world, menu).scenarios
    ]
    return (*scenarios, Offer("groups", "", "Back to the groups", _opens(_ALL), choice=True))


def _opens(menu: str) -> Callable[[FlowState, Given, Listener], Coroutine[Any, Any, Result]]:
    async def opened(state: FlowState, _given: Given, _on_event: Listener) -> Result:
        state.facts[_MENU] = [menu] if menu else []
        return Result(move=Move(To.GOTO, _START))

    return opened


def _rehearses(name: str) -> Callable[[FlowState, Given, Listener], Coroutine[Any, Any, Result]]:
    async def rehearse(state: FlowState, _given: Given, _on_event: Listener) -> Result:
        """Leave the present scenario behind, with its servers, containers and answers, and begin *name*."""
        from wizard.setup.rehearsed import again  # start-up: 5 ms

        world = state.session.world
        assert world is not None
        await state.close()
        try:
            await world.rehearse(name)
        except WorldError as error:
            return Result(sentences=(str(error),))
        again(state, world)
        state.message = f"The rehearsal is {name} now."
        return Result(move=Move(To.GOTO, _START))

    return rehearse


# What can be done


def _offers(step: Step, state: FlowState) -> tuple[Offer, ...]:
    own, world = step.offers(state), state.session.world
    if world is None:
        return own
    if step.key == _START:
        menu = _open_menu(state)
        if menu:
            return _menu(world, menu)
        count = sum(len(group.scenarios) for group in world.groups)
        note = f"{count} to try, with what fixes them"
        scenarios = Offer(SCENARIOS, "", "Choose a scenario", _opens(_ALL), choice=True, note=note)
        choices = [_noting(one) if one.id == "check" else one for one in own if one.choice]
        own = (*choices, scenarios, *(one for one in own if not one.choice))
    if step.key == "test_mail" and any(one.id == "not_arrived" for one in own):
        own = (*own, Offer(MAILBOX, "v", "look into the recipient's mailbox", _look_into_mailbox))
    fix = None if any(one.key == "m" for one in own) else _fix(step, state, world)
    if fix is None:
        return own
    return (*own, Offer(PRETEND, "m", fix.name, _pretends(step, fix)))


def _noting(check: Offer) -> Offer:
    """Return the offer *check* that notes what it finds wrong, so that it can be fixed from the start."""

    async def run(state: FlowState, given: Given, on_event: Listener) -> Result:
        result = await check.run(state, given, on_event)
        state.facts[_CHECKED] = [str(one.check) for one in _worst_first(result.findings)]
        return result

    return replace(check, run=run)


def _worst_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted((one for one in findings if one.verdict in OPEN), key=lambda one: OPEN.index(one.verdict))


def _fix(step: Step, state: FlowState, world: World) -> Fix | None:
    """Return what fixes the worst of what is wrong at *step* and can be fixed, else what can be done there anyway."""
    open_fixes = world.fixes
    if not open_fixes:
        return None
    for name in _wrong(step, state):
        found = next((fix for fix in open_fixes if name in fix.turns), None)
        if found is not None:
            return found
    return next((fix for fix in open_fixes if step.key in fix.at), None)


def _wrong(step: Step, state: FlowState) -> list[str]:
    """Return what is wrong at *step*, the worst first: ids of checks, keys of answers, ``target``."""
    shown = [*state.findings(step.key), *state.findings(_ALSO.get(step.key, ""))]
    refused = ["target"] if state.refusal and step.key in {"test_mail", "review"} else []
    checked = state.facts.get(_CHECKED, []) if step.key == _START else []
    problems = [problem.field for problem in step.problems(state)]
    return [*problems, *refused, *(str(one.check) for one in _worst_first(shown)), *checked]


def _pretends(step: Step, fix: Fix) -> Callable[[FlowState, Given, Listener], Coroutine[Any, Any, Result]]:
    async def pretend(state: FlowState, _given: Given, on_event: Listener) -> Result:
        """Change the world as the remedy would, and look at it again as the step does when it is entered."""
        world, containers = state.session.world, state.session.containers
        assert world is not None
        try:
            key = await world.fix(fix)
        except WorldError as error:
            return Result(sentences=(str(error),))
        if key is not None:
            state.session = replace(state.session, key=key)
        if fix.domain:
            state.draft = replace(state.draft, domain=replace(state.draft.domain, **dict(fix.domain)))  # type: ignore[arg-type]  # the fields of Domain, by name
        if fix.restarts and isinstance(containers, Restartable):
            await containers.restart()
        if step.key != "done":
            await step.enter(state, on_event)
        return Result(sentences=(f"Pretended: {fix.done}",))

    return pretend


async def _look_into_mailbox(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    """Show the newest mail that has arrived, as the recipient sees it; or that none has."""
    world = state.session.world
    assert world is not None
    mails = await world.mails()
    recipient = state.draft.test_mail.recipient if state.draft.test_mail is not None else ""
    if not mails:
        lines: tuple[str, ...] = (f"The mailbox of {Untrusted(recipient, 80)} is empty: no mail has arrived.",)
    else:
        more = f"; {len(mails) - 1} older" if len(mails) > 1 else ""
        lines = (f"1 new mail for {Untrusted(recipient, 80)}{more}.", "", *_mail(mails[0]))
    return Result(page=Page("The recipient's mailbox", lines))


def _mail(raw: bytes) -> list[str]:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    body = message.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    heads = [f"{name}: {Untrusted(str(message.get(name, '')), 120)}" for name in ("From", "Subject", "Date")]
    return [*heads, "", *(Untrusted(line, 120) for line in text.splitlines()[:_LONGEST_MAIL])]
