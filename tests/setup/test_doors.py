"""One step, one behaviour: every front end leads through the same steps, and every offer has the same guard at each."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import pytest

from tests.effort import one_in
from tests.screens.conftest import Driven, Rehearse, driven, rehearse
from tests.setup.offers import STATES
from wizard.model.exit_codes import Exit
from wizard.model.flow import STEP_KEYS
from wizard.model.session import nobody
from wizard.plain import app as plain
from wizard.setup import order
from wizard.setup.flow import FlowState
from wizard.setup.step import Offer, Result, Step, perform
from wizard.setup.steps import done
from wizard.system.output import Out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from wizard.model.flow import Move

__all__ = ["rehearse"]

OURS: Final = ("EMAIL_URL=", "DEFAULT_FROM_EMAIL=")
CLOSED: Final = "Closed for a reason."
QUESTION: Final = "Shall this be done?"


class Typed:
    """Standard input that gives a line when it is asked for: what is typed may depend on what has happened."""

    def __init__(self, lines: Sequence[str | Callable[[], str]]) -> None:
        self.lines = list(lines)

    def readline(self) -> str:
        if not self.lines:
            return ""
        line = self.lines.pop(0)
        return f"{line if isinstance(line, str) else line()}\n"

    def isatty(self) -> bool:
        return False


@dataclass
class Story:
    """What one run did, as far as it must be the same through every front end."""

    steps: list[tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]] = field(default_factory=list)
    """Each step that was left: its key, codes and verdicts of what was found, ids of the offers."""
    keys: dict[str, str] = field(default_factory=dict)
    file: tuple[str, ...] = ()
    """The lines of the `.env` that were written, without key and port; all others are as they were."""
    exit: int = -1
    confirmed: frozenset[str] = frozenset()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Story]:
    """Record into the last of these what every run does."""
    stories: list[Story] = []
    take = FlowState.take

    def recorded(state: FlowState, move: Move) -> str | None:
        found = tuple(sorted((str(one.code), one.verdict.value) for one in state.findings(state.key)))
        offers = tuple(one.id for one in order.step(state.key).offers(state))
        stories[-1].steps.append((state.key, found, offers))
        return take(state, move)

    monkeypatch.setattr(FlowState, "take", recorded)
    return stories


def ended(story: Story, state: FlowState, code: int, *secrets: str) -> Story:
    """Fill *story* with how the run ended."""
    text = (state.session.directory / ".env").read_text()
    (backup,) = [one.read_text() for one in state.journal.home.rglob("backups/env-*") if one.suffix != ".json"]
    assert [line for line in backup.splitlines() if line not in text.splitlines() and not line.startswith(OURS)] == []
    for secret in secrets:
        text = text.replace(secret, "<key>")
    story.file = tuple(
        re.sub(r"127\.0\.0\.1:\d+", "<server>", line) for line in text.splitlines() if line.startswith(OURS)
    )
    story.exit, story.confirmed = code, state.confirmed
    if state.receipt is not None:
        story.keys = {key: one.value for key, one in state.receipt.keys.items()}
    return story


async def resting(it: Driven) -> None:
    """Wait until nothing runs any more."""
    await it.until(lambda: not [one for one in it.app.workers if not one.is_finished])
    await it.pilot.pause()


def by_lines(state: FlowState, typed: Sequence[str | Callable[[], str]]) -> int:
    return plain.run(state, Out(sys.stdout, sys.stderr), cast("TextIO", Typed(typed)))


async def set_up_by_keys(state: FlowState) -> int:
    async with driven(state) as it:
        for step in ("start", "server"):
            await it.at(step)
            await resting(it)
            await it.press("enter")
        for step in ("credential", "sender", "target"):
            await it.at(step)
            await resting(it)
            if step == "credential":
                await it.press("enter")
                await resting(it)
            await it.press("enter")
        await it.at("test_mail")
        await resting(it)
        await it.press("enter")
        await it.until(lambda: state.code and it.flow.is_checked("test_mail"))
        await resting(it)
        await it.type(state.code)
        await it.until(lambda: "arrived" in state.confirmed)
        await resting(it)
        for step in ("test_mail", "review", "done"):
            await it.at(step)
            await resting(it)
            await it.press("enter")
        await it.until(lambda: it.app.return_code is not None)
    return int(it.app.return_code or 0)


async def rotate_by_keys(state: FlowState, new: str) -> int:
    async with driven(state) as it:
        await it.at("start")
        await resting(it)
        await it.press("down", "enter")
        await it.at("credential")
        await resting(it)
        await it.type(new)
        await it.press("enter")
        await it.until(lambda: state.is_checked("credential"))
        await resting(it)
        await it.press("enter")
        for step in ("review", "done"):
            await it.at(step)
            await resting(it)
            await it.press("enter")
        await it.until(lambda: it.app.return_code is not None)
    return int(it.app.return_code or 0)


SET_UP_LINES: Final = {
    "start": ["1"],
    "server": ["", "", "", ""],
    "credential": ["", "", ""],
    "sender": ["", "", ""],
    "target": ["", "", ""],
}


@pytest.mark.slow
class TestOneScript:
    """What one operator does, through the screens and by lines."""

    def test_a_set_up_is_the_same_from_start_to_done(
        self, rehearse: Rehearse, told: list[Story], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        lines, screens = Story(), Story()
        state = rehearse("good")
        secret = str(rehearse.info["smtp_key"])
        told.append(lines)
        typed: list[Any] = [line for step in SET_UP_LINES.values() for line in step]
        typed += ["", "y", lambda: state.code, "", "", "", "n"]
        ended(lines, state, by_lines(state, typed), secret)

        other = Rehearse(tmp_path / "screens", rehearse.stack)
        state = other("good")
        told.append(screens)
        code = asyncio.run(set_up_by_keys(state))
        ended(screens, state, code, str(other.info["smtp_key"]))

        assert [step for step, _, _ in lines.steps] == [
            "start", "server", "credential", "sender", "target", "test_mail", "review", "done"
        ]  # fmt: skip
        assert lines.steps == screens.steps
        assert set(lines.keys) == {"EMAIL_URL", "DEFAULT_FROM_EMAIL"}
        assert "<key>" in lines.file[0] + lines.file[1]
        assert lines == screens

    def test_a_rotation_is_the_same_from_start_to_done(
        self, rehearse: Rehearse, told: list[Story], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        lines, screens = Story(), Story()
        state, new = rotating(rehearse)
        told.append(lines)
        typed = ["2", "", new, "", "", ""]
        ended(lines, state, by_lines(state, typed), new, rehearse.info["old_smtp_key"])

        other = Rehearse(tmp_path / "screens", rehearse.stack)
        state, new = rotating(other)
        told.append(screens)
        code = asyncio.run(rotate_by_keys(state, new))
        ended(screens, state, code, new, other.info["old_smtp_key"])

        assert [step for step, _, _ in lines.steps] == ["start", "credential", "review", "done"]
        assert lines.steps == screens.steps
        assert lines.keys["EMAIL_URL"] == "changed"
        assert lines == screens


def rotating(rehearse: Rehearse) -> tuple[FlowState, str]:
    """Return a state whose `.env` has the old key, and the new one."""
    state = rehearse("good")
    old, new = str(rehearse.info["old_smtp_key"]), str(rehearse.info["smtp_key"])
    url = f"EMAIL_URL=smtp://shop%2Fapps:{old}@{rehearse.info['smtp']}"
    path = state.session.directory / ".env"
    path.write_text(f"# kept\n{url}\nDEFAULT_FROM_EMAIL={state.draft.app.from_}\n")
    state.session = replace(state.session, key=None)
    return state, new


# Every offer, at every door


def made(step: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[FlowState, Offer]]:
    """Return every offer of *step* with a state that makes it."""
    monkeypatch.setattr("wizard.targets.env_file.location.mounted", lambda _path: True)
    offers: dict[str, tuple[FlowState, Offer]] = {}
    for number, build in enumerate(STATES[step]):
        directory = path / f"{step}{number}"
        directory.mkdir()
        state = build(directory)
        state.key = step
        for one in order.step(step).offers(state):
            offers.setdefault(one.id, (state, one))
    return offers


def test_the_states_make_every_offer_that_the_steps_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wizard.diagnosis import CHOICES

    for step in STATES:
        source = Path(sys.modules[type(order.step(step)).__module__].__file__ or "")
        source = source.parent / "steps" / f"{step}.py"
        written = set(re.findall(r'Offer\(\s*"(\w+)"', source.read_text(encoding="utf-8")))
        if step == "troubleshoot":
            written |= {key for key, _ in CHOICES}
        assert written
        assert set(made(step, tmp_path, monkeypatch)) == written, step
    without = {key for key in STEP_KEYS if key not in STATES}
    assert without == {"server"}
    assert order.step("server").offers(STATES["sender"][0](tmp_path)) == ()


def test_what_is_closed_or_asked_about_is_so_in_the_states_that_call_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The offers that change what was written, give something away or delete something ask first."""
    asked = {
        "start": {"forget_kept"},
        "target": {"overwrite", "use_domain"},
        "done": {"roll_back", "keep_values", "keep_client", "running", "delete_backup"},
    }
    for step in STATES:
        offers = made(step, tmp_path, monkeypatch)
        assert {name for name, (_, one) in offers.items() if one.question} == asked.get(step, set()), step
    done_states = {build.__name__: build for build in STATES["done"]}
    (tmp_path / "x").mkdir()
    closed = [one for one in order.step("done").offers(done_states["unchanged"](tmp_path / "x")) if one.closed]
    assert [one.id for one in closed] == ["roll_back"]
    mail_states = {build.__name__: build for build in STATES["test_mail"]}
    closed = [one for one in order.step("test_mail").offers(mail_states["no_recipient"](tmp_path / "x")) if one.closed]
    assert [one.id for one in closed] == ["inside"]


@dataclass
class Guarded:
    """A step with one offer, the real one but for its guard, and a count of how often it was carried out."""

    state: FlowState
    offer: Offer
    step: Step
    ran: list[dict[str, Any]] = field(default_factory=list)


def guarded(
    step: str,
    offers: dict[str, tuple[FlowState, Offer]],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    screen: bool = False,
    **guard: str,
) -> Guarded:
    """Put a step in the place of *step* that offers *name* alone, guarded by *guard*."""
    state, real = offers[name]
    ran: list[dict[str, Any]] = []

    async def run(_state: FlowState, given: Any, _on_event: Any) -> Result:
        ran.append(dict(given))
        return Result(sentences=("It was done.",))

    one = replace(real, run=run, closed=guard.get("closed", ""), question=guard.get("question", ""))
    # A menu is never empty: a choice has another one behind it.
    others = (Offer("other", "", "another choice", run, choice=True),) if one.choice and name == "repair" else ()
    fields = order.step(step).fields if screen else _no_fields
    front = Step(
        step,
        "Made",
        "Made?",
        enter=_nothing,
        fields=fields,
        offers=lambda _state: (*others, one),
        lines=lambda _state: ["a line"],
    )
    monkeypatch.setattr(order, "step", lambda _key: front)
    return Guarded(state, one, front, ran)


def _no_fields(_state: FlowState) -> tuple[()]:
    return ()


async def _nothing(*_: Any) -> Result:
    return Result()


NAMES: Final = [
    ("start", ("set_up", "rotate", "troubleshoot", "check", "resume", "forget_kept", "places")),
    ("credential", ("use_granted", "paste")),
    ("sender", ("paste", "use_proposed", "pressed")),
    ("target", ("use_domain", "copy", "keep_secret", "overwrite")),
    ("test_mail", ("code", "in_spam", "seen", "not_arrived", "ask_postal", "inside", "headers")),
    ("review", ("dry_run", "place", "pretend")),
    ("done", ("roll_back", "keep_values", "keep_client", "pretend", "running", "delete_backup", "places", "guide")),
    ("troubleshoot", ("paste", "logs", "repair")),
]
EACH: Final = [(step, name) for step, names in NAMES for name in names]


class TestEveryOffer:
    """The guard of each, at each door: closed, it says why and does nothing; after a no it does nothing."""

    @pytest.mark.parametrize(("step", "name"), EACH)
    async def test_perform_looks_at_the_guard(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, name: str
    ) -> None:
        offers = made(step, tmp_path, monkeypatch)
        given = {one.key: "x" for one in offers[name][1].asks} | {"block": "x"}
        it = guarded(step, offers, name, monkeypatch, closed=CLOSED)
        result = await perform(it.step, it.state, name, nobody, given, confirmed=True)
        assert (result.sentences, result.exit, it.ran) == ((CLOSED,), Exit.FAILED, [])
        it = guarded(step, offers, name, monkeypatch, question=QUESTION)
        result = await perform(it.step, it.state, name, nobody, given)
        assert (result.exit, it.ran) == (Exit.FAILED, [])
        assert result.sentences[0].startswith("Nothing was done")
        result = await perform(it.step, it.state, name, nobody, given, confirmed=True)
        assert len(it.ran) == 1
        result = await perform(it.step, it.state, "another", nobody, given, confirmed=True)
        assert (result.exit, len(it.ran)) == (Exit.FAILED, 1)

    @pytest.mark.parametrize(("step", "name"), EACH)
    def test_the_line_prompts_look_at_the_guard(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str, name: str
    ) -> None:
        offers = made(step, tmp_path, monkeypatch)
        it = guarded(step, offers, name, monkeypatch, closed=CLOSED)
        asks_on_leaving = it.offer.on_leave
        typed = (
            "ABC234"
            if it.offer.direct
            else ("1" if it.offer.choice and name != "repair" else it.offer.key or it.offer.id)
        )
        by_lines(it.state, [typed, *([""] if asks_on_leaving else []), "q"])
        said = capsys.readouterr().err
        assert it.ran == []
        assert (CLOSED in said) or it.offer.direct
        assert QUESTION not in said
        if it.offer.direct:
            return  # no direct offer has a question: it is answered by what is typed
        it = guarded(step, offers, name, monkeypatch, question=QUESTION)
        by_lines(it.state, [typed, "", "q"])
        assert QUESTION in capsys.readouterr().err
        assert it.ran == []
        answers = ["x"] * len(it.offer.asks) + (["x", "."] if it.offer.block else [])
        by_lines(it.state, [typed, "y", *answers, "q"])
        assert len(it.ran) == 1

    @pytest.mark.slow
    @pytest.mark.parametrize(("step", "name"), one_in(6, EACH))
    async def test_the_screen_looks_at_the_guard(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, name: str
    ) -> None:
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        offers = made(step, tmp_path, monkeypatch)
        it = guarded(step, offers, name, monkeypatch, screen=True, closed=CLOSED)
        async with opened(it) as closed:
            await act(closed, it)
            if not it.offer.direct:
                await closed.see(CLOSED)
            assert closed.step == step
            assert it.ran == []
        if it.offer.direct:
            return
        it = guarded(step, offers, name, monkeypatch, screen=True, question=QUESTION)
        async with opened(it) as asked:
            await act(asked, it)
            await asked.see(QUESTION)
            await asked.press("enter")
            await asked.at(step)
            assert it.ran == []
            await act(asked, it)
            await asked.see(QUESTION)
            await asked.press("y")
            await give(asked, it)
            await asked.until(lambda: it.ran)
        assert len(it.ran) == 1


def test_the_cases_are_every_offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for step, names in NAMES:
        offers = made(step, tmp_path, monkeypatch)
        if step == "troubleshoot":
            # Its symptoms are choices of one kind, made by one function.
            offers = {key: value for key, value in offers.items() if key in {"paste", "logs", "repair"}}
        assert set(names) == set(offers)
        for _, one in offers.values():
            assert not (one.direct and one.question), one.id


@asynccontextmanager
async def opened(it: Guarded) -> AsyncIterator[Driven]:
    """Show the step of a guarded offer."""
    it.state.key = it.step.key
    async with driven(it.state, size=(80, 40)) as shown:
        await shown.until(lambda: shown.step)
        await resting(shown)
        yield shown


async def act(shown: Driven, it: Guarded) -> None:
    """Press what carries the offer out."""
    if it.offer.direct:
        await shown.type("ABC234")
    elif it.offer.choice:
        if it.offer.id != "repair" and shown.flow.diagnosis is not None:
            await shown.press("escape")  # from the causes back to the symptoms
        await shown.press("enter")
    elif not it.offer.key:
        assert shown.app.step_screen is not None
        shown.app.step_screen.take(it.offer)  # the palette has it, and what is closed is not in there
    else:
        shown.app.screen.set_focus(None)
        await shown.press(it.offer.key)


async def give(shown: Driven, it: Guarded) -> None:
    """Give what the offer asks for, once it is confirmed."""
    for number, _ in enumerate(it.offer.asks):
        await shown.until(lambda: not shown.step)
        await shown.pilot.press("x")
        await shown.press("tab" if number + 1 < len(it.offer.asks) else "enter")
    if it.offer.block:
        await shown.until(lambda: not shown.step)
        await shown.press("x", it.offer.key if it.offer.key == "f4" else "f4")


# Roll back


REVOKED: Final = "Revoked0Key0000000000000"


async def replaced_a_dead_key(rehearse: Rehearse) -> FlowState:
    """Return a state at `done`, which has replaced a key that Postal takes no more."""
    from wizard.setup.steps import review

    state = rehearse("good")
    path = state.session.directory / ".env"
    path.write_text(f"EMAIL_URL=smtp://shop%2Fapps:{REVOKED}@{rehearse.info['smtp']}\n")
    await review.STEP.enter(state, nobody)
    result = await review.STEP.proceed(state, nobody)
    assert result.move is not None
    assert state.receipt is not None
    assert state.receipt.written
    state.key = "done"
    return state


@pytest.mark.slow
class TestRollBack:
    """A key that Postal takes no more does not come back, whichever door is used."""

    async def test_by_perform(self, rehearse: Rehearse) -> None:
        state = await replaced_a_dead_key(rehearse)
        path = state.session.directory / ".env"
        before = path.read_bytes()
        result = await perform(done.STEP, state, "roll_back", nobody)
        assert (result.exit, path.read_bytes()) == (Exit.FAILED, before)
        result = await perform(done.STEP, state, "roll_back", nobody, confirmed=True)
        assert result.exit == Exit.FAILED
        assert "The old key no longer works" in result.sentences[0]
        assert path.read_bytes() == before

    def test_by_lines(self, rehearse: Rehearse, capsys: pytest.CaptureFixture[str]) -> None:
        state = asyncio.run(replaced_a_dead_key(rehearse))
        path = state.session.directory / ".env"
        before = path.read_bytes()
        by_lines(state, ["b", "", "b", "y", "q"])
        said = capsys.readouterr().err
        assert said.count("Put the previous values back") == 2
        assert said.count("The old key no longer works") == 1
        assert path.read_bytes() == before

    async def test_on_the_screen(self, rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        state = await replaced_a_dead_key(rehearse)
        path = state.session.directory / ".env"
        before = path.read_bytes()
        async with driven(state, size=(80, 40)) as it:
            await it.at("done")
            await resting(it)
            await it.press("b")
            await it.see("Put the previous values back")
            await it.press("n")
            await it.at("done")
            await resting(it)
            assert "no longer works" not in it.text
            await it.press("b", "y")
            await it.see("The old key no longer works")
        assert path.read_bytes() == before

    async def test_by_the_command(self, rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
        state = await replaced_a_dead_key(rehearse)
        path = state.session.directory / ".env"
        before = path.read_bytes()
        from wizard.setup import rollback

        outcome = await rollback.run(state.draft, state.session, state.journal)
        assert outcome.exit == Exit.FAILED
        assert "The old key no longer works" in outcome.sentences[0]
        assert path.read_bytes() == before
