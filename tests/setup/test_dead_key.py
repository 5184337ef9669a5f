"""The emergency: GlitchTip's key is dead already. Mail is down, there is nothing to roll back to, on to the new key."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from tests.screens.conftest import Rehearse, rehearse
from tests.setup.states import state
from tests.setup.test_doors import REVOKED, Typed
from wizard.model.codes import Code
from wizard.model.exit_codes import Exit
from wizard.model.finding import Finding
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.model.session import nobody
from wizard.plain import app as plain
from wizard.setup import rollback, rotation
from wizard.setup.step import offer
from wizard.setup.steps import credential, done, review
from wizard.system.output import Out

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from wizard.setup.flow import FlowState

__all__ = ["rehearse"]

DOWN = "Postal refuses the key that GlitchTip has: its mail is down until the new key runs."


def with_dead_key(rehearse: Rehearse, scenario: str = "good") -> FlowState:
    """Return a rehearsal whose `.env` has a key that nobody knows any more."""
    state = rehearse(scenario)
    url = f"smtp://shop%2Fapps:{REVOKED}@{rehearse.info['smtp']}"
    (state.session.directory / ".env").write_text(
        f"EMAIL_URL={url}\nDEFAULT_FROM_EMAIL='GlitchTip <glitchtip@shop.example>'\n"
    )
    return state


@pytest.mark.slow
class TestADeadKey:
    def test_the_prompts_say_so_at_once_and_lead_straight_to_the_new_key(
        self, rehearse: Rehearse, capsys: pytest.CaptureFixture[str]
    ) -> None:
        one = with_dead_key(rehearse)
        typed = ["2", "", rehearse.info["smtp_key"], "", "", "b", ""]
        code = plain.run(one, Out(sys.stdout, sys.stderr), cast("TextIO", Typed(typed)))
        said = " ".join(capsys.readouterr().err.split())
        assert DOWN in said
        assert "Step 4 of 4: Done" in said
        assert "roll back" not in said.partition("Step 4 of 4: Done")[2]
        assert "That is not one of the keys." in said  # b, which rolls back elsewhere
        assert code == Exit.DONE
        assert one.receipt is not None
        assert one.receipt.written

    async def test_no_roll_back_is_offered_on_the_last_step(self, rehearse: Rehearse) -> None:
        one = with_dead_key(rehearse)
        await rotation.begin(one)
        assert one.message == DOWN
        one.kind = Flow.ROTATE
        one.session = replace(one.session, key=Secret(rehearse.info["smtp_key"]))
        checks = credential.STEP.checks(one)
        assert checks is not None
        one.found(credential.KEY, await checks.run(nobody), checks.about)
        await review.STEP.enter(one, nobody)
        await review.STEP.proceed(one, nobody)
        assert one.receipt is not None
        assert offer(done.STEP, one, "roll_back") is None

    async def test_another_server_s_refusal_is_not_called_postal_s(self, rehearse: Rehearse) -> None:
        one = with_dead_key(rehearse, "not-postal")
        await rotation.begin(one)
        assert "GlitchTip's present login fails" in one.message
        assert DOWN not in one.message
        assert one.old_key_refused == ""


@pytest.mark.parametrize(
    ("finding", "code", "words"),
    [
        (
            Finding.fail(Code.AUTH_INVALID_CREDENTIAL, "x", "535.", remedy="x"),
            Exit.FAILED,
            "The old key no longer works",
        ),
        (Finding.fail(Code.AUTH_OTHER_SERVER, "x", "5.7.8.", remedy="x"), Exit.FAILED, "The old key no longer"),
        (Finding.fail(Code.AUTH_NOT_OFFERED, "x", "No AUTH.", remedy="x"), Exit.FAILED, "The old settings do not work"),
        (Finding.unknown(Code.AUTH_TEMPORARY, "x", "454.", remedy="x"), Exit.UNKNOWN, "It is not known whether"),
        (Finding.fail(Code.CONNECT_REFUSED, "x", "Refused.", remedy="x"), Exit.UNKNOWN, "It is not known whether"),
    ],
    ids=lambda value: str(getattr(value, "code", "")),
)
async def test_a_roll_back_says_of_the_old_key_what_was_seen(
    finding: Finding, code: Exit, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def seen(*_arguments: object) -> list[Finding]:
        return [finding]

    monkeypatch.setattr("wizard.checks.smtp.run.check", seen)
    one = state(tmp_path)
    url = "EMAIL_URL=smtp://shop%2Fapps:%s@smtp.shop.example:25\n"
    (tmp_path / ".env").write_text(url.replace("%s", REVOKED))
    plan = await one.writer().plan(one.values())
    await one.writer().apply(plan)
    written = (tmp_path / ".env").read_bytes()
    outcome = await rollback.run(one.draft, one.session, one.journal, writer=one.writer())
    assert (outcome.exit, outcome.receipt) == (code, None)
    assert outcome.sentences[0].startswith(words)
    assert (tmp_path / ".env").read_bytes() == written


MUTE = "GlitchTip sends no mail with the earlier EMAIL_URL, consolemail://."


async def test_a_roll_back_to_what_sends_no_mail_says_so_before_and_after(tmp_path: Path) -> None:
    one = state(tmp_path)
    (tmp_path / ".env").write_text("EMAIL_URL=consolemail://\nDEFAULT_FROM_EMAIL=a@shop.example\n")
    await review.STEP.enter(one, nobody)
    await review.STEP.proceed(one, nobody)
    offered = offer(done.STEP, one, "roll_back")
    assert offered is not None
    assert offered.question == f"{MUTE} Put the previous values back?"
    outcome = await rollback.run(one.draft, one.session, one.journal)
    assert outcome.exit == Exit.DONE
    assert outcome.sentences[-1] == MUTE
    assert (tmp_path / ".env").read_text().startswith("EMAIL_URL=consolemail://\n")


@pytest.mark.parametrize("earlier", [None, "", "smtp://a:b@smtp.shop.example:25", "$MAIL_URL", "nonsense"])
def test_nothing_is_said_of_what_sends_mail_or_cannot_be_read(earlier: str | None) -> None:
    assert rollback.without_mail(earlier) == ""
