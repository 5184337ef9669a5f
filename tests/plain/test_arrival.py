"""Line prompts after "accepted", and troubleshooting by them: the same ways as on the screens."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import pytest

from wizard.model.flow import Flow
from wizard.plain import app as plain
from wizard.rehearsal import lifetime
from wizard.setup.rehearsed import rehearsed
from wizard.system.output import Out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wizard.setup.flow import FlowState

HEADERS = "Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\nSubject: x\n.\n"


@pytest.fixture
def said(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Saying]:
    monkeypatch.setenv("PATH", str(tmp_path))
    saying = Saying(tmp_path, capsys)
    yield saying
    saying.stop()


class Saying:
    """Runs the prompts from a step on, with answers typed ahead."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._directory = directory
        self._capsys = capsys
        self._running: list[lifetime.Rehearsal] = []

    def stop(self) -> None:
        for running in self._running:
            running.stop()

    def __call__(
        self, step: str, scenario: str, typed: str | Sequence[str | Callable[[FlowState], str]]
    ) -> tuple[int, str]:
        running = lifetime.start(scenario, self._directory / "rehearsal")
        self._running.append(running)
        flow = rehearsed(running.info)
        flow.key = step
        flow.kind = Flow.TROUBLESHOOT if step == "troubleshoot" else Flow.SET_UP
        stdin = io.StringIO(typed) if isinstance(typed, str) else cast("TextIO", Typed(flow, list(typed)))
        code = plain.run(flow, Out(sys.stdout, sys.stderr), stdin)
        return code, " ".join(self._capsys.readouterr().err.split())


class Typed:
    """Standard input whose lines are made when they are read: they may depend on what has happened."""

    def __init__(self, flow: FlowState, made: list[str | Callable[[FlowState], str]]) -> None:
        self.flow, self.made = flow, made
        self.waiting: list[str] = []

    def readline(self) -> str:
        if not self.waiting and self.made:
            one = self.made.pop(0)
            text = one if isinstance(one, str) else one(self.flow)
            self.waiting = text.splitlines() or [""]
        return f"{self.waiting.pop(0)}\n" if self.waiting else ""

    def isatty(self) -> bool:
        return False


def test_the_api_says_what_postal_holds_the_mail_for(said: Saying) -> None:
    _, text = said("test_mail", "development", "\ny\nf5\n\n\na\n\n")
    assert "FAIL Arrival" in text
    assert "Postal shows the mail as Held: the mail server is in Development mode" in text
    assert text.index("Postal was asked: ") < text.index("The most likely first")


def test_headers_are_judged_and_the_containers_asked(said: Saying) -> None:
    _, text = said("test_mail", "good", f"\ny\nf4\n{HEADERS}f6\n\n")
    assert "have no Message-ID, so they prove nothing about the test mail" in text
    assert "No mail was sent from web" in " ".join(text.split())


def test_a_mail_that_lost_its_signature_on_the_way_is_said_to_have_none(said: Saying) -> None:
    def arrived(flow: FlowState) -> str:
        newest = max(Path(flow.session.mailbox).glob("*.eml")).read_text()
        head = re.sub(r"(?m)^DKIM-Signature:.*\n(?:[ \t].*\n)*", "", newest.partition("\n\n")[0] + "\n")
        assert "Message-ID: <" in head
        assert "Received: " in head
        return re.sub(r"\bdkim=pass\b[^;]*", "dkim=none", head)

    _, text = said("test_mail", "good", ["", "y", "f4", arrived, ".", ""])
    assert "FAIL Headers, at the step test mail: The mail arrived without a DKIM signature." in text
    assert "Postal signs every mail: check that GlitchTip sends through it." in text


def test_a_wrong_code_proves_nothing_and_the_right_one_is_still_taken(said: Saying) -> None:
    _, text = said("test_mail", "good", "\ny\nAAAAAA\n\n")
    assert "This is not the code of the newest test mail." in text
    assert "its code came back" not in text


@pytest.mark.parametrize("typed", ["²", "9" * 5_000, "٣"])
def test_a_digit_that_is_not_one_of_the_choices_is_asked_again(said: Saying, typed: str) -> None:
    code, text = said("troubleshoot", "suspended", f"{typed}\n\n")
    assert "Type a number from 1 to" in text
    assert code in {0, 10}


def test_a_symptom_is_chosen_by_its_number(said: Saying) -> None:
    code, text = said("troubleshoot", "suspended", "5\n")
    assert "What do you see?" in text
    assert "proven: " in text
    assert "go to the step that fixes it" in text
    # The causes are numbered too: the question is between them and its choices.

    assert text.index("proven: ") < text.rindex("What do you see? 1 Paste")
    assert code == 0


def test_the_way_leads_to_the_step_that_repairs_and_back(said: Saying) -> None:
    code, text = said("troubleshoot", "wrong-key", "1\n535 Invalid credential\n.\n7\n\n\n\n1\nhello\n.\n")
    assert text.index("go to the step that fixes it: credential") < text.index("User name")
    assert text.rindex("Nothing recognised") > text.index("User name")
    assert code == 0
