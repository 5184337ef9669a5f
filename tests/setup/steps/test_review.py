"""The gate before the one writing: closed, asked first, or open; the same for every front end."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.setup.states import connected, found, granted, state
from wizard.checks import registry
from wizard.model.codes import Code
from wizard.model.exit_codes import Exit
from wizard.model.finding import Finding
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.model.session import nobody
from wizard.plain import app as plain
from wizard.setup import configuration, services
from wizard.setup.flow import ARRIVED, FlowState
from wizard.setup.proofs import EVERYTHING
from wizard.setup.step import Passage
from wizard.setup.steps import done, review
from wizard.state import known_values
from wizard.system.output import Out
from wizard.targets import Change, Copy, KeyState, Plan, Present, Receipt, StoppedWritingError

if TYPE_CHECKING:
    from pathlib import Path

PLAN: Plan[object] = Plan("env", ".env", (Change("EMAIL_URL", KeyState.CHANGED, "a", "b"),), private=None)
SAME: Plan[object] = Plan("env", ".env", (Change("EMAIL_URL", KeyState.UNCHANGED, "a", "a"),), private=None)
FAIL = Finding.fail(Code.DKIM_MISSING, "x", "Not published.", remedy="x")
UNKNOWN = Finding.unknown(Code.SPF_FROM_LOOKUP_FAILED, "x", "Silent.", remedy="x")
EQUAL = Finding.ok(Code.CONTAINER_EQUAL, "web", "The running web has the chosen settings.")
OTHER = Finding.fail(Code.CONTAINER_OTHER_KEY, "web", "The running web has another key.", remedy="Run docker.")
UNASKED = Finding.skip(Code.CONTAINER_NO_ACCESS, "docker", "Not checked: no docker.")
PENDING = Finding.unknown(Code.ARRIVAL_PENDING, "<id>", "Pending.", remedy="x")


def ready(path: Path) -> FlowState:
    """Return a state with which everything is right and checked."""
    one = state(path)
    found(one, "credential", connected(), granted())
    one.found(configuration.RECORD, [], configuration.about)
    one.plan = PLAN
    return one


def test_it_is_open_where_all_was_checked_and_nothing_is_open(tmp_path: Path) -> None:
    assert review.gate(ready(tmp_path)).passage is Passage.OPEN


@pytest.mark.parametrize(("finding", "code"), [(FAIL, Exit.FAILED), (UNKNOWN, Exit.UNKNOWN)])
def test_a_fail_or_an_unknown_is_asked_about_by_name(tmp_path: Path, finding: Finding, code: Exit) -> None:
    one = ready(tmp_path)
    found(one, "sender", finding)
    gate = review.gate(one)
    assert (gate.passage, gate.exit) == (Passage.ASK, code)
    assert registry.name(finding.check) in gate.sentence
    assert gate.ids == (str(finding.check),)


def test_an_arrival_that_nobody_knows_of_stops_nothing(tmp_path: Path) -> None:
    one = ready(tmp_path)
    found(one, "test_mail", PENDING)
    assert review.gate(one).passage is Passage.OPEN


@pytest.mark.parametrize("name", ["server", "credential", "configuration"])
def test_what_was_never_checked_with_these_answers_is_asked_about(tmp_path: Path, name: str) -> None:
    one = state(tmp_path)
    one.plan = PLAN
    if name != "server":
        found(one, "server", connected())
    if name != "credential":
        found(one, "credential", granted())
    if name != "configuration":
        one.found(configuration.RECORD, [], configuration.about)
    gate = review.gate(one)
    assert gate.passage is Passage.ASK
    assert gate.ids == (name,)


def test_a_missing_answer_closes_it_and_names_the_step(tmp_path: Path) -> None:
    one = ready(tmp_path)
    one.draft = replace(one.draft, server=replace(one.draft.server, host=""))
    gate = review.gate(one)
    assert (gate.passage, gate.step, gate.exit) == (Passage.CLOSED, "server", Exit.USAGE)


def test_a_target_that_refuses_closes_it(tmp_path: Path) -> None:
    one = ready(tmp_path)
    one.plan, one.refusal = None, "It is a directory."
    gate = review.gate(one)
    assert (gate.passage, gate.exit) == (Passage.CLOSED, Exit.UNWRITTEN)
    assert "It is a directory." in gate.sentence


class TestRotation:
    """What a rotation refuses."""

    def test_a_new_key_that_is_not_proven_closes_it(self, tmp_path: Path) -> None:
        one = ready(tmp_path)
        one.kind, one.stored = Flow.ROTATE, Secret("Zyxwvutsrq9876543210Lkjh")
        one.records.pop("credential")
        found(one, "server", connected())
        assert review.gate(one).passage is Passage.CLOSED

    @pytest.mark.parametrize(
        "typed", ["Abcdefghij0123456789Wxyz", "ABCDEFGHIJ0123456789WXYZ", "abcdefghij0123456789wxyz"]
    )
    def test_the_key_that_is_there_is_refused_as_postal_compares_keys(self, tmp_path: Path, typed: str) -> None:
        one = ready(tmp_path)
        one.kind, one.stored = Flow.ROTATE, Secret("Abcdefghij0123456789Wxyz")
        one.session = replace(one.session, key=Secret(typed))
        gate = review.gate(one)
        assert (gate.passage, gate.step) == (Passage.CLOSED, "credential")
        assert "the key that GlitchTip has already" in gate.sentence

    def test_no_key_is_refused_and_says_where_one_is_made(self, tmp_path: Path) -> None:
        one = ready(tmp_path)
        one.kind, one.stored = Flow.ROTATE, Secret("Abcdefghij0123456789Wxyz")
        one.session = replace(one.session, key=None)
        gate = review.gate(one)
        assert gate.passage is Passage.CLOSED
        assert "Make a new credential in Postal first" in gate.sentence


async def test_a_plan_without_a_change_writes_nothing_and_leads_to_no_done(tmp_path: Path) -> None:
    one = ready(tmp_path)
    one.plan = SAME
    result = await review.STEP.proceed(one, nobody)
    assert result.move is not None
    assert result.move.to.value == "leave"
    assert one.receipt is None
    assert "nothing was written" in " ".join(one.farewell)


class TestNothingToWrite:
    """Nothing is asked about a writing; whether GlitchTip runs with the settings is said by what was seen."""

    def left(self, path: Path, *seen: Finding) -> FlowState:
        one = ready(path)
        one.plan = SAME
        one.found(configuration.RECORD, seen, configuration.about)
        return one

    @pytest.mark.parametrize(
        ("seen", "words"),
        [
            (EQUAL, "web runs with these settings and reaches the server"),
            (OTHER, "The running web has another key. Run docker."),
            (UNASKED, "Whether GlitchTip runs with these settings was not seen here."),
        ],
    )
    async def test_it_says_what_was_seen_of_the_containers_on_the_page_and_at_the_end(
        self, seen: Finding, words: str, tmp_path: Path
    ) -> None:
        one = self.left(tmp_path, seen)
        assert words in " ".join(review.lines(one))
        await review.STEP.proceed(one, nobody)
        assert words in " ".join(one.farewell)
        assert ("with these settings and" in " ".join(one.farewell)) is (seen is EQUAL)

    async def test_what_the_last_step_saw_before_is_over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        one = self.left(tmp_path)
        found(one, "done", Finding.skip(Code.CONTAINER_BEFORE_RESTART, "web", "It waits for its restart."))

        async def seen(*_arguments: object, **_options: object) -> list[Finding]:
            return [EQUAL]

        monkeypatch.setattr("wizard.checks.container.check", seen)
        await configuration.judge(one, nobody)
        assert services.without_writing(one) == ("web runs with these settings and reaches the server.",)

    async def test_everything_is_proven_only_with_all_five(self, tmp_path: Path) -> None:
        one = self.left(tmp_path, EQUAL)
        found(one, "test_mail", Finding.ok(Code.SENDER_ACCEPTED, "x", "Accepted."))
        one.confirmed = frozenset({ARRIVED})
        await review.STEP.proceed(one, nobody)
        assert EVERYTHING not in one.farewell
        headers = (Code.RECEIVED_DMARC_PASS, Code.RECEIVED_THIS_MAIL)
        found(one, "test_mail", *(Finding.ok(code, str(code), "So it is.") for code in headers))
        await review.STEP.proceed(one, nobody)
        assert EVERYTHING in one.farewell

    def test_nobody_is_asked_whether_to_write_anyway(self, tmp_path: Path) -> None:
        assert review.gate(self.left(tmp_path, OTHER)).passage is Passage.OPEN

    def test_a_missing_answer_still_closes_it(self, tmp_path: Path) -> None:
        one = self.left(tmp_path, EQUAL)
        one.draft = replace(one.draft, server=replace(one.draft.server, host=""))
        assert review.gate(one).passage is Passage.CLOSED

    async def test_postal_s_values_are_kept_for_later_checks(self, tmp_path: Path) -> None:
        one = self.left(tmp_path, EQUAL)
        one.draft = replace(one.draft, domain=replace(one.draft.domain, dkim_selector="postal-a1b2c3"))
        await review.STEP.proceed(one, nobody)
        assert one.draft.target is not None
        kept = known_values.recall(one.draft.target, directory=tmp_path, home=one.journal.home)
        assert kept is not None
        assert kept.domain.dkim_selector == "postal-a1b2c3"


async def test_a_change_request_that_was_approved_meanwhile_leaves_nothing_unwritten(tmp_path: Path) -> None:
    one = ready(tmp_path)
    one.plan = SAME
    one.receipt = Receipt("infisical", "prod", {"EMAIL_URL": KeyState.AWAITING_APPROVAL}, private=None)
    one.found(configuration.RECORD, [EQUAL], configuration.about)
    before = one.exit
    await review.STEP.proceed(one, nobody)
    assert (before, one.exit) == (Exit.UNWRITTEN, Exit.DONE)
    assert "web runs with these settings and reaches the server." in one.farewell


def test_the_line_prompts_take_enter_as_no_at_the_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = state(tmp_path)
    (tmp_path / ".env").write_text("A=1\n")
    found(one, "credential", connected(), granted())
    found(one, "sender", FAIL)
    one.key = "review"
    code = plain.run(one, Out(sys.stdout, sys.stderr), io.StringIO("\n\nq\n"))
    said = capsys.readouterr().err
    assert "Not right: DKIM key. Write anyway? [y/N]" in " ".join(said.split())
    assert (code, one.receipt) == (Exit.LEFT, None)
    assert (tmp_path / ".env").read_text() == "A=1\n"


class Stopping:
    """A target whose writing is stopped."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def read(self, keys: tuple[str, ...]) -> dict[str, Present]:
        return {key: Present(Secret("before")) for key in keys}

    async def apply(self, _plan: Plan[object]) -> Receipt[object]:
        raise self.error


KEYS = {"DEFAULT_FROM_EMAIL": KeyState.CHANGED, "EMAIL_URL": KeyState.CHANGED}


async def test_of_a_writing_that_is_stopped_each_key_has_a_state_which_is_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = ready(tmp_path)
    copy = Copy("exported.env", {"EMAIL_URL": KeyState.NOT_WRITTEN})
    error = StoppedWritingError("It was stopped.", KEYS | {"EMAIL_URL": KeyState.UNCERTAIN}, copy)
    monkeypatch.setattr(FlowState, "writer", lambda _self: Stopping(error))
    result = await review.STEP.proceed(one, nobody)
    assert result.sentences == (
        "It was stopped.",
        "  DEFAULT_FROM_EMAIL: changed",
        "  EMAIL_URL: uncertain",
        "  EMAIL_URL in exported.env: not written",
    )
    (words,) = done.last_words(one)
    assert words.startswith("The writing is uncertain: DEFAULT_FROM_EMAIL changed, EMAIL_URL uncertain, ")
    assert words.endswith("EMAIL_URL in exported.env not written.")
    assert (one.receipt, one.exit) == (None, Exit.UNWRITTEN)


async def test_what_had_come_to_its_end_when_it_was_stopped_is_written_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = ready(tmp_path)
    receipt: Receipt[object] = Receipt("env", ".env", KEYS, private=None)
    error = StoppedWritingError("It was stopped, and had come to its end.", KEYS, receipt=receipt)
    monkeypatch.setattr(FlowState, "writer", lambda _self: Stopping(error))
    result = await review.STEP.proceed(one, nobody)
    assert result.sentences[0] == "It was stopped, and had come to its end."
    assert one.receipt is receipt
    assert one.uncertain == {}
    assert one.replaced is not None
    title, now = done.last_words(one)
    assert title == "Settings written."
    assert "docker compose" in now


def test_what_is_not_known_is_not_called_wrong_and_one_cause_is_one_row(tmp_path: Path) -> None:
    one = ready(tmp_path)
    silent = (UNKNOWN, Finding.unknown(Code.DKIM_LOOKUP_FAILED, "x", "Silent.", remedy="x"))
    found(one, "sender", *silent)
    last = review.sections(one)[-1]
    assert (last.title, last.lines) == ("Not known", ("?    SPF (From), DKIM key, at the step sender: Silent.",))
    found(one, "sender", FAIL, UNKNOWN)
    last = review.sections(one)[-1]
    assert last.title == "Not right, and not known"
    assert last.lines == (
        "FAIL DKIM key, at the step sender: Not published.",
        "?    SPF (From), at the step sender: Silent.",
    )
