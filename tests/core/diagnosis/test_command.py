"""``troubleshoot -`` as scripts use it."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.core.diagnosis.logs import NOISE, docker, mail

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
