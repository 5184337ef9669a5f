"""What a step is: data and functions that any front end can drive, after the manner of rclone's backend_config.go.

A front end shows ``question`` and ``hint``, asks ``fields`` until ``problems`` names none, calls ``enter`` once, runs
``checks``, shows ``lines`` and what was found, and offers ``offers``. An offer is carried out by ``perform`` alone,
which asks for its guard again: so every door has the same guard. ``gate`` says whether the step may be left for the
next one, and ``proceed`` leaves it.
Nothing here knows whether screens, line prompts or nobody at all is asking.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from wizard.model.exit_codes import Exit
from wizard.model.flow import Move, To

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.finding import Finding
    from wizard.model.secret import Secret
    from wizard.model.session import Listener, Session
    from wizard.setup.flow import FlowState


@dataclass(frozen=True, slots=True)
class Field:
    """One answer of the draft to ask for. ``set`` takes whatever was typed; judging it is ``problems``' business."""

    key: str
    """The answer's key, as in the answers file: ``server.host``."""
    label: str
    get: Callable[[Draft], str]
    set: Callable[[Draft, str], Draft]
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """Values with their names, where only these can be chosen."""
    from_page: bool = False
    """Whether Postal's page answers it: it is shown on demand only."""
    enters: bool = False
    """Whether another value makes it another step, so to say: it is entered again, and looks up what it needs."""


@dataclass(frozen=True, slots=True)
class SecretField:
    """One secret of the session to ask for: never shown, never saved. A blank answer keeps the one that is there."""

    key: str
    label: str
    get: Callable[[Session], Secret | None]
    set: Callable[[Session, Secret | None], Session]
    hint: str = ""
    keeps: bool = True
    """Whether a blank answer keeps the present one."""
    remark: Callable[[str], str] = field(default=lambda _typed: "")
    """What to say of what was typed, without quoting it; empty: nothing."""


AnyField: TypeAlias = Field | SecretField


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one answer, in a sentence that says what to do."""

    field: str
    """The answer's key; the field on the screen has the same name."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of a step, not started yet."""

    run: Callable[[Listener], Coroutine[Any, Any, list[Finding]]]
    about: Callable[[FlowState], object]
    """What they are about: a finding counts only while this gives the same value."""
    automatic: bool = False
    """Whether they run without a press: they log in nowhere and send nothing."""
    question: str = ""
    """Asked before they run, default no; empty: nothing is asked."""
    closed: str = ""
    """Why they cannot run now; empty: they can."""
    verb: str = "check"


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together, under a title."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines to read, over the step."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What an action came to. The state has been changed already; this is what there is to show."""

    findings: tuple[Finding, ...] = ()
    sentences: tuple[str, ...] = ()
    page: Page | None = None
    move: Move | None = None
    """Where to go now; None: stay."""
    exit: Exit | None = None
    """The exit code that this speaks for, where it is not 0."""


Given: TypeAlias = Mapping[str, "str | Secret"]
"""What was asked for, by the fields' keys; a pasted block under ``block``."""
NOTHING: Final[Given] = {}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done now."""

    id: str
    key: str
    """The key that acts, the same in every front end."""
    name: str
    """What it does, as a verb with its object."""
    run: Callable[[FlowState, Given, Listener], Coroutine[Any, Any, Result]]
    why: str = ""
    """One sentence on what it is good for."""
    closed: str = ""
    """Why it cannot be done now; empty: it can."""
    question: str = ""
    """Asked first, default no; empty: nothing is asked."""
    asks: tuple[OfferField, ...] = ()
    """What has to be given."""
    block: str = ""
    """The prompt of a block to paste; empty: none."""
    secret_block: bool = False
    """Whether the block may hold a key, and is not shown."""
    choice: bool = False
    """Whether it is one of the step's choices, for a menu, and not a side action."""
    note: str = ""
    """For a choice: a few words behind its name."""
    direct: bool = False
    """Whether any text that does not name a key answers it: it has one field."""
    on_leave: bool = False
    """Whether it is asked about when the step is left without it."""


@dataclass(frozen=True, slots=True)
class OfferField:
    """One value that an offer needs."""

    key: str
    label: str
    default: str = ""
    hint: str = ""
    secret: bool = False
    optional: bool = False
    """Whether a blank is an answer: the default, or the secret that is there already."""


class Passage(StrEnum):
    """Whether the step may be left for the next."""

    OPEN = "open"
    ASK = "ask"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Gate:
    """The word for continuing."""

    passage: Passage = Passage.OPEN
    sentence: str = ""
    """The question (default no), or the reason why it is closed."""
    ids: tuple[str, ...] = ()
    """The checks that the question is about, worst first."""
    exit: Exit = Exit.DONE
    """For a closed gate, and for a question that gets a no: the exit code of ``apply``."""
    step: str | None = None
    """For a closed gate: the step where it can be opened."""


OPEN: Final = Gate()


async def _nothing(_state: FlowState, _on_event: Listener) -> Result:
    return Result()


async def _next(_state: FlowState, _on_event: Listener) -> Result:
    return Result(move=Move(To.NEXT))


@dataclass(frozen=True, slots=True)
class Step:
    """One step; a front end holds no ``if`` about what is in it."""

    key: str
    title: str
    """One or two words, for the line of steps."""
    question: str
    """The step's title on its own page; ``asked`` is what a front end shows."""
    hint: str = ""
    """Where in Postal, Infisical or the project the answer is found."""
    fields: Callable[[FlowState], tuple[AnyField, ...]] = field(default=lambda _state: ())
    problems: Callable[[FlowState], list[Problem]] = field(default=lambda _state: [])
    checks: Callable[[FlowState], Checks | None] = field(default=lambda _state: None)
    enter: Callable[[FlowState, Listener], Coroutine[Any, Any, Result]] = field(default=_nothing)
    """What is looked up once when the step is entered."""
    lines: Callable[[FlowState], list[str]] = field(default=lambda _state: [])
    offers: Callable[[FlowState], tuple[Offer, ...]] = field(default=lambda _state: ())
    gate: Callable[[FlowState], Gate] = field(default=lambda _state: OPEN)
    proceed: Callable[[FlowState, Listener], Coroutine[Any, Any, Result]] = field(default=_next)
    """What continuing does, once the gate is open or its question got a yes."""
    onward: Callable[[FlowState], str] = field(default=lambda _state: "continues")
    """What continuing does, in words that follow the name of a key; empty: nothing, because the gate is closed."""
    worth_showing: Callable[[list[Finding]], list[Finding]] = field(default=lambda findings: findings)
    """Which findings get a row."""
    heading: Callable[[FlowState], str] | None = None
    """The title where it depends on what happened."""
    sections: Callable[[FlowState], list[Section]] | None = None
    """The step's lines in parts, for a front end that can set them apart; ``lines`` has them one after the other."""

    def asked(self, state: FlowState) -> str:
        """Return the step's title on its own page for what is known now."""
        return self.question if self.heading is None else self.heading(state)


def flat(sections: Iterable[Section]) -> list[str]:
    """Return the lines of *sections* one after the other, each part behind its title and a blank line."""
    lines: list[str] = []
    for section in sections:
        lines += [*([""] if lines else []), *([f"{section.title}:"] if section.title else []), *section.lines]
    return lines


def offer(step: Step, state: FlowState, name: str) -> Offer | None:
    """Return the offer with the id *name* as it is now, None where the step does not make it."""
    return next((one for one in step.offers(state) if one.id == name), None)


async def perform(
    step: Step, state: FlowState, name: str, on_event: Listener, given: Given = NOTHING, *, confirmed: bool = False
) -> Result:
    """Carry out the offer *name*: its guard, its question and what it asks for are looked at here, for every door."""
    one = offer(step, state, name)
    if one is None:
        return Result(sentences=("That cannot be done now.",), exit=Exit.FAILED)
    if one.closed:
        return Result(sentences=(one.closed,), exit=Exit.FAILED)
    if one.question and not confirmed:
        return Result(sentences=("Nothing was done: you did not confirm it.",), exit=Exit.FAILED)
    missing = [each.label for each in one.asks if not each.optional and not given.get(each.key)]
    if missing:
        return Result(sentences=(f"Missing: {', '.join(missing)}.",), exit=Exit.USAGE)
    return await one.run(state, given, on_event)
