"""What the prompts say of themselves: help on the present question, what Enter does, and what was left out."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.setup.offers import waiting
from tests.setup.states import KEY, OTHER_KEY, connected, found, granted, state
from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.plain import app as plain
from wizard.plain.prompts import Prompts
from wizard.setup import configuration
from wizard.setup.step import Gate, Passage
from wizard.setup.steps import done, review, test_mail
from wizard.system.output import Out
from wizard.targets import Change, KeyState, Plan

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.setup.flow import FlowState

PLAN: Plan[object] = Plan("env", ".env", (Change("EMAIL_URL", KeyState.CHANGED, "a", "b"),), private=None)
SAME: Plan[object] = Plan("env", ".env", (Change("EMAIL_URL", KeyState.UNCHANGED, "a", "a"),), private=None)


def said(one: FlowState, typed: str, capsys: pytest.CaptureFixture[str]) -> str:
    plain.run(one, Out(sys.stdout, sys.stderr), io.StringIO(typed))
    return " ".join(capsys.readouterr().err.split())


def ready(path: Path) -> FlowState:
    one = state(path)
    found(one, "server", connected())
    found(one, "credential", granted())
    one.found(configuration.RECORD, [], configuration.about)
    one.plan = PLAN
    return one


class TestHelp:
    """``?`` explains the question that is asked, and its keys."""

    def test_a_field_is_explained_with_its_keys(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        one = state(tmp_path)
        one.key = "server"
        text = said(one, "\n?\nq\n", capsys)
        assert "some deployments choose 2525" in text
        assert "Mail to them never reaches Postal" not in text
        assert "Enter keeps the value in brackets, - clears it, < goes back, q leaves." in text

    def test_a_menu_is_explained_with_its_step(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = said(state(tmp_path), "?\nq\n", capsys)
        assert "Choose what you want to do." in text
        assert "Type a number; Enter takes the one in brackets." in text

    def test_postals_pages_have_the_path_of_the_granted_mail_server(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        one = state(tmp_path)
        found(one, "credential", granted("acme/mail"))
        one.key = "credential"
        assert "/org/acme/servers/mail/help/outgoing" in said(one, "?\nq\n", capsys)


def test_a_question_says_what_enter_means(capsys: pytest.CaptureFixture[str]) -> None:
    ask = Prompts(Out(sys.stdout, sys.stderr), io.StringIO("?\n\n"))
    assert ask.yes("Write anyway?") is False
    text = capsys.readouterr().err
    assert text.startswith("Write anyway? [y/N] (Enter means no)")
    assert "y means yes, Enter means no" in text


class TestOnward:
    """Enter says what it does."""

    @pytest.mark.parametrize(("plan", "dry", "words"), [
        (PLAN, False, "writes it"), (PLAN, True, "prints it and leaves"), (SAME, False, "leaves"),
    ])  # fmt: skip
    def test_the_review_says_whether_it_writes(self, tmp_path: Path, plan: Plan[object], dry: bool, words: str) -> None:
        one = ready(tmp_path)
        one.plan, one.dry_run = plan, dry
        assert review.STEP.onward(one) == words

    def test_a_closed_review_promises_nothing(self, tmp_path: Path) -> None:
        one = ready(tmp_path)
        one.plan, one.refusal = None, "It cannot be written."
        assert review.STEP.onward(one) == ""
        one.draft = replace(one.draft, server=replace(one.draft.server, host=""))
        assert review.STEP.onward(one) == "goes to what is missing"

    def test_the_other_steps_continue_and_the_last_finishes(self, tmp_path: Path) -> None:
        assert test_mail.STEP.onward(state(tmp_path)) == "continues"
        assert done.STEP.onward(state(tmp_path)) == "finishes"


def test_blanks_around_a_key_are_left_out_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain._Plain, "_check", lambda *_: None)
    one = state(tmp_path, key=OTHER_KEY)
    one.key = "credential"
    text = said(one, f"\n  {KEY} \nq\n", capsys)
    assert "The blanks around the key are left out." in text
    assert one.session.key == Secret(KEY)


def test_nothing_but_blanks_keeps_the_key_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = state(tmp_path)
    one.key = "credential"
    said(one, "\n   \nq\n", capsys)
    assert one.session.key == Secret(KEY)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ABCDEF", "This is not the code of the newest test mail. Its subject has the code."),
        ("ABCD", "A code has 6 characters, and this has 4."),
    ],
)
async def test_a_wrong_code_is_told_from_a_short_one(tmp_path: Path, typed: str, sentence: str) -> None:
    one = state(tmp_path)
    one.code = "ZZZZZZ"
    result = await test_mail._take_code(one, {"code": typed}, lambda _event: None)
    assert result.sentences == (sentence,)


def test_two_lines_in_one_field_are_refused(tmp_path: Path) -> None:
    from wizard.setup.steps import server

    one = state(tmp_path)
    one.draft = server.FIELDS[0].set(one.draft, "smtp.a.example\nsmtp.b.example")
    assert [problem.sentence for problem in server.problems(one)] == [
        "The host has more than one line: paste only the name."
    ]


def test_a_step_in_between_has_no_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = state(tmp_path)
    one.kind, one.key = Flow.ROTATE, "target"
    assert "In between: Target." in said(one, "q\n", capsys)


class TestWrongInput:
    """What is wrong is said, and is no default for the next try."""

    def test_a_wrong_port_is_not_offered_again(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        one = state(tmp_path)
        one.key = "server"
        port = one.draft.server.port
        text = said(one, "\n99999\nabc\n-\nq\n", capsys)
        assert text.count(f"deployment says otherwise) [{port}]:") == 4
        assert text.count("must be a number from 1 to 65535") == 2
        assert one.draft.server.port == port

    def test_a_wrong_key_is_not_kept(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        one = state(tmp_path)
        one.key = "credential"
        said(one, "\nclé\nq\n", capsys)
        assert one.session.key == Secret(KEY)

    @pytest.mark.parametrize("typed", ["7", "start tls"])
    def test_a_choice_that_is_not_there_is_refused(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], typed: str
    ) -> None:
        one = state(tmp_path)
        one.key, one.draft = "server", replace(one.draft, server=replace(one.draft.server, tls="starttls"))
        text = said(one, f"\n\n{typed}\nq\n", capsys)
        assert "1 none 2 STARTTLS TLS [2]: Type a number from 1 to 2. TLS [2]:" in text
        assert one.draft.server.tls == "starttls"


def test_nothing_in_brackets_means_no_brackets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = state(tmp_path)
    one.key, one.draft = "sender", replace(one.draft, app=replace(one.draft.app, from_=""))
    text = said(one, "?\nq\n", capsys)
    assert "[]" not in text
    assert "Enter leaves it empty, < goes back, q leaves." in text


def test_no_question_is_broken_within_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    ask = Prompts(Out(sys.stdout, sys.stderr), io.StringIO("\n"))
    ask.value("From (an address)", f"{'GlitchTip ' * 7}<g@e.example>")
    first, second = capsys.readouterr().err.splitlines()
    assert len(first) < 80
    assert second == "GlitchTip <g@e.example>]: "


def test_a_step_that_says_its_findings_in_its_parts_has_no_rows_of_them_besides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = ready(tmp_path)
    finding = Finding.fail(Code.COMPOSE_NOT_FROM_TARGET, "worker", "Not there.")
    one.found(configuration.RECORD, [finding], configuration.about)
    front = plain._Plain(one, Out(sys.stdout, sys.stderr), Prompts(Out(sys.stdout, sys.stderr), io.StringIO()))
    front._check(review.STEP)
    assert "Not there" not in capsys.readouterr().err
    front._say_lines(review.STEP)
    assert capsys.readouterr().err.count("Not there") == 1


def test_a_no_is_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asking = replace(review.STEP, gate=lambda _state: Gate(Passage.ASK, "Write anyway?"))
    out = Out(sys.stdout, sys.stderr)
    assert plain._Plain(ready(tmp_path), out, Prompts(out, io.StringIO("\n")))._proceed(asking) is None
    assert capsys.readouterr().err.endswith("(Enter means no) Nothing was done: you did not confirm it.\n")


def test_left_at_done_the_command_to_run_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = waiting(tmp_path)
    one.key = "done"
    assert "Settings written." in said(one, "q\n", capsys).rpartition("checks again:")[2]


@pytest.mark.parametrize(
    ("key", "words"), [("server", "r asks and checks again:"), ("test_mail", "r asks and sends again:")]
)
def test_r_says_whether_it_checks_or_sends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, key: str, words: str
) -> None:
    monkeypatch.setattr(plain._Plain, "_check", lambda *_: None)
    one = ready(tmp_path)
    one.key = key
    assert words in said(one, "\n\n\nq\n", capsys)
