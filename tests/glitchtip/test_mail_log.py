"""Of a container's log, the lines about e-mail and nothing else."""

from __future__ import annotations

import pytest

from tests.watch import Watch
from wizard import diagnosis
from wizard.glitchtip.mail_log import MOST, WIDTH, email_lines

TRACEBACK = """\
web-1     | ERROR 2026-01-02 10:00:00 Internal Server Error: /_allauth/browser/v1/auth/password/request
web-1     | Traceback (most recent call last):
web-1     |   File "/usr/local/lib/python3.13/site-packages/django/core/handlers/exception.py", line 55, in inner
web-1     |     response = get_response(request)
worker-1  | INFO task ingest_event succeeded for project shop-secret
web-1     |   File "/usr/local/lib/python3.13/smtplib.py", line 341, in connect
web-1     |     self.sock = self._get_socket(host, port, self.timeout)
web-1     | ConnectionRefusedError: [Errno 111] Connection refused
web-1     | GET /api/0/organizations/shop-secret/ 200
"""


class TestKept:
    def test_a_traceback_stays_whole_though_services_interleave(self) -> None:
        kept = email_lines(TRACEBACK)
        assert kept[1].endswith("Traceback (most recent call last):")
        assert kept[-1] == "web-1     | ConnectionRefusedError: [Errno 111] Connection refused"
        assert len(kept) == 7
        assert diagnosis.diagnose("\n".join(kept)).causes == diagnosis.diagnose(TRACEBACK).causes

    def test_a_chained_traceback_stays_together(self) -> None:
        text = (
            "Traceback (most recent call last):\n  File \"x.py\", line 1, in f\nKeyError: 'a'\n\n"
            "During handling of the above exception, another exception occurred:\n\n"
            'Traceback (most recent call last):\n  File "/django/core/mail/message.py", line 1, in g\nValueError: b\n'
            "unrelated\n"
        )
        kept = email_lines(text)
        assert "KeyError: 'a'" in kept
        assert kept[-1] == "ValueError: b"

    @pytest.mark.parametrize(
        "line",
        [
            "Subject: Password Reset E-mail", "smtplib.SMTPServerDisconnected: please run connect() first",
            "sendtestemail failed", "EMAIL_URL is not set", "Task apps.alerts.email.send_email_notification succeeded",
        ],
    )  # fmt: skip
    def test_what_speaks_of_mail(self, line: str) -> None:
        assert email_lines(f"web-1  | {line}\n") == [f"web-1  | {line}"]

    @pytest.mark.parametrize(
        "line",
        [
            "GET /api/0/projects/ 200",
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'shop-secret'",
            "Mailand",
            "",
        ],
    )
    def test_what_does_not(self, line: str) -> None:
        assert email_lines(line) == []


class TestMasked:
    @pytest.mark.parametrize(
        "line",
        [
            "EMAIL_URL=smtp://shop%2Fapps:c4nary@h:25",
            "invalid smtp://u:c4nary@x@h:25/",
            "email: ValueError: Port could not be cast to integer value as 'c4nary'",
            'email: ValueError: Port could not be cast to integer value as "c4nary\' c4nary"',
            "email: ValueError: netloc 'u:c4nary\uff20h' contains invalid characters under NFKC normalization",
        ],
    )
    def test_a_credential_that_is_not_ours_is_masked_too(self, line: str) -> None:
        (kept,) = email_lines(line)
        assert "c4nary" not in kept
        assert "••••••••" in kept

    def test_the_cause_is_still_told(self) -> None:
        (kept,) = email_lines("email: ValueError: Port could not be cast to integer value as 'c4nary'")
        assert diagnosis.diagnose(kept).causes
        (tail,) = email_lines("email: ValueError: Port could not be cast to integer value as '2525 '")
        assert tail.endswith("'2525 '")


class TestBounds:
    def test_escapes_are_inert(self) -> None:
        (kept,) = email_lines("smtp \x1b[2J\x1b]52;c;AAAA\x07 \udcff\n")
        assert kept.isprintable()

    @pytest.mark.parametrize(
        "text",
        [
            "smtp " + "A" * 10_000_000,
            "smtp://" * 300_000,
            "web-1 | smtp\n" * 200_000,
            "Traceback (most recent call last):\n" + "  File smtp\n" * 300_000,
            "smtp Port could not be cast to integer value as " * 50_000,
            "\n" * 1_000_000,
            "a" * 60 + " " * 1_000_000 + "|",
        ],
    )
    def test_huge_logs_take_no_time_and_give_few_lines(self, text: str) -> None:
        watch = Watch()
        kept = email_lines(text)
        assert watch.seconds < 2
        assert len(kept) <= MOST
        assert all(len(line) <= WIDTH for line in kept)
