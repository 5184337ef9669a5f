"""Wordings from public threads and providers' pages: the true cause first, and never one that the words deny."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import pytest

from tests.diagnosis.found import FOUND, NOT_ABOUT_MAIL, SAID
from tests.diagnosis.reported import REPORTED
from wizard.diagnosis import State, as_text, diagnose

if TYPE_CHECKING:
    from collections.abc import Callable


def first(text: str) -> str:
    standing = diagnose(text).standing
    return standing[0].key if standing else "-"


@pytest.mark.parametrize(("source", "key", "text"), FOUND, ids=[row[0] for row in FOUND])
def test_the_true_cause_comes_first(source: str, key: str, text: str) -> None:
    found = diagnose(text)
    assert [ranked.key for ranked in found.standing][:1] == [key]
    assert len(as_text(found).partition("\n\n")[0]) <= 600


FULL = [row for row in FOUND if row[1].endswith("-full") and "mailbox" not in row[1]]


@pytest.mark.parametrize("text", [row[2] for row in FULL], ids=[row[0] for row in FULL])
def test_a_full_disk_sends_nobody_to_the_login_and_loses_no_queued_mail(text: str) -> None:
    shown = as_text(diagnose(text))
    assert "df -h" in shown
    assert "EMAIL_URL" not in shown.partition("\n\n")[0]
    assert "delete no queued mail" in shown or "delete nothing" in shown


@pytest.mark.parametrize(("key", "text"), SAID)
def test_a_report_without_an_error_gets_a_next_step(key: str, text: str) -> None:
    found = diagnose(text)
    assert found.standing[0].key == key
    assert {ranked.state for ranked in found.causes} == {State.POSSIBLE}


def test_the_first_step_shows_where_the_mail_stops() -> None:
    shown = as_text(diagnose("glitchtip does not send emails")).partition("\n\n")[0]
    assert "sendtestemail" in shown
    assert "Messages" in shown
    assert "postal-wizard check --env-file .env" in shown


@pytest.mark.parametrize("text", NOT_ABOUT_MAIL)
def test_a_report_of_something_else_is_not_taken_for_mail(text: str) -> None:
    assert diagnose(text).causes == ()


# Broken lines


def cut(text: str, width: int) -> str:
    """Break *text* as a terminal does: anywhere, at its width."""
    return "".join(
        f"{line[at : at + width]}\n" for line in text.splitlines() for at in range(0, max(1, len(line)), width)
    )


def trimmed(text: str) -> str:
    """The same, copied without the blanks at the lines' ends."""
    return "".join(f"{line.rstrip()}\n" for line in cut(text, 80).splitlines())


def folded(text: str) -> str:
    """Break *text* as mail programs do: at blanks."""
    lines = (
        textwrap.wrap(line, 76, break_long_words=False, break_on_hyphens=False) or [""] for line in text.splitlines()
    )
    return "".join(f"{line}\n" for several in lines for line in several)


BREAKS: Final[dict[str, tuple[Callable[[str], str], int]]] = {
    "80 columns": (lambda text: cut(text, 80), 0),
    "80 columns, without blanks at the end": (trimmed, 0),
    "120 columns": (lambda text: cut(text, 120), 1),
    "97 columns": (lambda text: cut(text, 97), 8),
    "a mail program": (folded, 12),
}
"""How lines are broken, and of how many of the texts less is then known."""
BEHIND_POSTAL: Final = ("delivery-", "held-", "postal-", "relay-login", "database-", "worker-database")


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_line_leads_to_the_same_cause(name: str) -> None:
    broken, most = BREAKS[name]
    texts = [text for _, _, text in (*REPORTED, *FOUND)]
    changed = [(was, now) for text in texts if (now := first(broken(text))) != (was := first(text))]
    assert len(changed) <= most, changed
    # What a delivery met never becomes GlitchTip's fault, and Postal is never taken for another server.
    assert [
        each
        for each in changed
        if each[0].startswith(BEHIND_POSTAL) != each[1].startswith((*BEHIND_POSTAL, "-")) and each[1] != "-"
    ] == []
    assert "not-postal" not in {now for _, now in changed}


@pytest.mark.parametrize("said", ["(535, b'Invalid credential')", "(535, b'5.7.8 Invalid credential')"])
@pytest.mark.parametrize("before", ["", "glitchtip-worker-1  | "])
def test_wherever_postals_refusal_of_a_key_is_cut_it_is_not_called_another_servers(before: str, said: str) -> None:
    line = f"{before}smtplib.SMTPAuthenticationError: {said}"
    for width in range(len(before) + 38, len(line)):
        assert first(cut(line, width)) in {"wrong-key", "-"}, width


def test_lines_of_one_width_that_are_whole_stay_apart() -> None:
    """Web servers write many such lines, and a mail's failure behind one is a line of its own."""
    visits = "".join(
        f'10.0.4.{n} - - [24/Nov/2026:08:01:0{n} +0000] "POST /api/1/envelope/?sentry_key=0123456789 HTTP/1.1" 200 2\n'
        for n in range(1, 6)
    )
    assert diagnose(visits).causes == ()
    for said, key in (
        ("550 5.1.1 User unknown in virtual mailbox table", "delivery-recipient"),
        ("smtplib.SMTPDataError: (530, b'From/Sender name is not valid')", "from-unverified"),
        (
            "ConnectionRefusedError: [Errno 111] Connection refused\nin django/core/mail/backends/smtp.py",
            "nothing-listens",
        ),
    ):
        assert first(f"{visits}{said}\n{visits}") == key


def test_a_failure_to_send_says_more_than_the_setting_of_a_pasted_compose_file() -> None:
    sample = "services:\n  web:\n    environment:\n      EMAIL_URL: consolemail://\n"
    failed = "smtplib.SMTPAuthenticationError: (535, b'Invalid credential')\n"
    assert first(failed + sample) == first(sample + failed) == "wrong-key"
