"""``troubleshoot -`` as scripts use it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tracemalloc

import pytest

from tests.diagnosis.logs import NOISE, docker, mail
from wizard.setup.steps.troubleshoot import newest

KEY = docker(mail("smtplib.SMTPAuthenticationError: (535, b'Invalid credential')", "login", "auth"))


def run(text: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "wizard", "troubleshoot", "-", *options],
        input=text.encode("utf-8", "surrogateescape"),
        capture_output=True,
        timeout=30,
        check=False,
    )


def test_the_cause_comes_first_on_stdout() -> None:
    done = run(NOISE + KEY)
    assert done.returncode == 0
    assert done.stdout.startswith(b"1  Postal knows no SMTP credential")
    assert b"\n2  " in done.stdout
    assert done.stdout.index(b"\n2  ") < done.stdout.index(b"\nExcluded\n")
    assert done.stderr == b""


def test_with_json_there_is_one_object() -> None:
    done = run(KEY, "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["schema"], found["causes"][0]["state"]) == (1, "likely")


def test_what_nobody_knows_is_said_and_exits_3() -> None:
    done = run(NOISE)
    assert (done.returncode, done.stdout) == (3, b"Nothing recognised\n")


def test_bytes_that_are_no_text_do_no_harm() -> None:
    done = run("\udcff\udc80\x00\x1b[2J" * 1_000 + "\n" + KEY)
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout


class TestNewest:
    def test_of_more_than_is_kept_the_newest_lines_stay_whole(self) -> None:
        lines = [b"line %06d\n" % number for number in range(100_000)]
        text, skipped = newest(io.BytesIO(b"".join(lines)), most=300_000)
        assert text.startswith(b"line ")
        assert text.endswith(b"line 099999\n")
        assert 299_000 <= len(text) <= 300_000
        assert skipped == 12 * 100_000 - len(text)

    @pytest.mark.parametrize("size", [0, 1, 299_999, 300_000])
    def test_nothing_is_left_out_of_what_fits(self, size: int) -> None:
        assert newest(io.BytesIO(b"x" * size), most=300_000) == (bytearray(b"x" * size), 0)

    def test_one_line_without_end_is_cut(self) -> None:
        text, skipped = newest(io.BytesIO(b"x" * 1_000_000), most=300_000)
        assert (len(text), skipped) == (300_000, 700_000)

    def test_it_holds_little_more_than_it_keeps(self) -> None:
        class Endless(io.RawIOBase):
            left = 400

            def read(self, size: int = -1) -> bytes:
                self.left -= 1
                return b"y" * size if self.left else b""

        tracemalloc.start()
        newest(Endless(), most=1_000_000)  # type: ignore[arg-type]  # it reads, which is all that is asked
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 10_000_000


def test_of_a_log_without_end_the_newest_failure_is_named_and_the_rest_is_said_to_be_left_out() -> None:
    old = docker(mail("ConnectionRefusedError: [Errno 111] Connection refused", "_get_socket"))
    done = run(old + NOISE * (17 * 1024 * 1024 // len(NOISE)) + KEY)
    assert done.returncode == 0
    assert done.stdout.startswith(b"1  Postal knows no SMTP credential")
    assert re.search(rb"first [12]\.\d MiB were left out", done.stderr)
