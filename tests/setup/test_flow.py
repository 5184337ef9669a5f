"""The state of a run: findings count for the answers they are about, and moves follow the flow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.setup.states import OTHER_KEY, granted, state
from wizard.model.codes import Code
from wizard.model.draft import App, InfisicalTarget
from wizard.model.finding import Finding
from wizard.model.flow import Flow, Move, To
from wizard.model.secret import Secret
from wizard.model.session import MessageIds
from wizard.setup.steps import credential, sender, server, test_mail

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

DKIM = Finding.ok(Code.DKIM_EQUAL, "x", "Equal.")


def test_another_from_drops_what_the_sender_step_found(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.found("sender", [DKIM], sender.about)
    assert one.findings("sender") == (DKIM,)
    one.draft = replace(one.draft, app=App(from_="other@other.example"))
    assert one.findings("sender") == ()
    assert one.all_findings == []
    assert not one.is_checked("sender")


def test_another_key_drops_the_login_and_the_same_one_brings_it_back(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.found("credential", [granted()], credential.about)
    before = one.session
    one.session = replace(one.session, key=Secret(OTHER_KEY))
    assert not one.key_is_proven
    one.session = before
    assert one.key_is_proven


def test_another_server_drops_login_and_mail(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.found("credential", [granted()], credential.about)
    one.found("test_mail", [granted()], test_mail.about)
    one.draft = replace(one.draft, server=replace(one.draft.server, port=2525))
    assert one.all_findings == []


def test_the_later_step_s_finding_about_the_same_counts(tmp_path: Path) -> None:
    one = state(tmp_path)
    fail = Finding.fail(Code.AUTH_INVALID_CREDENTIAL, "shop/apps", "Refused.", remedy="x")
    one.found("credential", [fail], credential.about)
    one.found("test_mail", [granted()], test_mail.about)
    assert one.all_findings == [granted()]
    assert one.key_is_proven


def test_a_jump_comes_back_to_where_it_was_made(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.kind, one.key = Flow.TROUBLESHOOT, "troubleshoot"
    assert one.take(Move(To.GOTO, "sender")) == "sender"
    assert one.take(Move(To.NEXT)) == "troubleshoot"


def test_every_step_is_saved_with_its_draft_and_never_the_key(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.take(Move(To.NEXT))
    saved = one.journal.load()
    assert saved is not None
    assert (saved.step, saved.draft) == ("server", one.draft)
    assert one.session.key is not None
    files = [path.read_text() for path in one.journal.directory.rglob("*") if path.is_file()]
    assert files
    assert not any(one.session.key.reveal() in text for text in files)


def test_the_steps_of_the_server_are_checked_by_themselves_and_those_of_the_key_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    one = state(tmp_path)
    for step, automatic in (
        (server.STEP, True),
        (sender.STEP, True),
        (credential.STEP, False),
        (test_mail.STEP, False),
    ):
        checks = step.checks(one)
        assert checks is not None
        assert checks.automatic is automatic


def test_another_secret_or_token_of_infisical_gets_another_writer_and_the_same_one_logs_in_once(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.draft = replace(one.draft, target=InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/"))
    one.session = replace(one.session, token=Secret("a token"))
    first = one.writer()
    assert one.writer() is first
    one.session = replace(one.session, token=Secret("another token"))
    second = one.writer()
    assert second is not first
    one.session = replace(one.session, token=None, client_secret=Secret("a client secret"))
    assert one.writer() not in {first, second}
    one.session = replace(one.session, message_ids=MessageIds(7), api_key=Secret("a key of type API"))
    assert one.writer() is one.writer()


async def test_the_writers_of_earlier_answers_are_closed_at_the_end(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.draft = replace(one.draft, target=InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/"))
    closed: list[object] = []
    for token in ("one", "two"):
        one.session = replace(one.session, token=Secret(token))
        writer = one.writer()

        async def close(made: object = writer) -> None:
            closed.append(made)

        writer.close = close  # type: ignore[method-assign]  # what is counted here
    await one.close()
    assert len(closed) == 2


def test_what_was_changed_on_the_way_from_a_cause_is_said_to_be_unwritten(tmp_path: Path) -> None:
    one = state(tmp_path)
    one.take(Move(To.GOTO, "troubleshoot", Flow.TROUBLESHOOT))
    one.take(Move(To.GOTO, "credential"))
    assert one.take(Move(To.BACK)) == "troubleshoot"
    assert one.message == ""
    one.take(Move(To.GOTO, "credential"))
    one.session = replace(one.session, key=Secret(OTHER_KEY))
    assert one.take(Move(To.NEXT)) == "troubleshoot"
    assert "not written yet" in one.message
