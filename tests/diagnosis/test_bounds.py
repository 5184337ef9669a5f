"""Whatever is piped in costs little time and memory, and no regular expression grows faster than its input."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
import subprocess
import sys
import time
from typing import Any

import pytest

import wizard.diagnosis
from tests.effort import one_in
from wizard.diagnosis import delivery, dialogue, exception_rows, exceptions, log_lines, log_parsing, messages
from wizard.diagnosis.signs import read
from wizard.postal import refusal_words, refusals

MEGABYTES = 16
SECONDS, MEMORY_MB = 3.0, 60
_CHILD = """
import runpy, sys, time
sys.argv = ["wizard", "troubleshoot", "-"]
try:
    runpy.run_module("wizard", run_name="__main__", alter_sys=True)
except SystemExit:
    pass
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("MEASURED", time.process_time(), peak, file=sys.stderr)
"""

_RANDOM = random.Random(7)
HOSTILE: dict[str, str] = {
    "one letter": "a",
    "blanks": " ",
    "line ends": "\n",
    "short lines": "a\n",
    "frames": '  File "/x/smtplib.py", line 3, in send\n    self.send()\n',
    "tracebacks that never end": "Traceback (most recent call last):\n",
    "replies": "550 5.7.1 Error smtp x\n",
    "exceptions": 'smtplib.SMTPDataError: (451, b"x")\n',
    "half exceptions": 'Error: Error: Error: SMTPError: (550, b"x\n',
    "escapes": "\x1b[31m\x1b]",
    "deliveries": "component=worker Net::SMTPFatalError: 550 x <a@psrp.a.b> \n",
    "Postal's log": "DEBUG  => 535 Invalid credential trace_id=AQCTZAQN component=smtp-server\n",
    "tags": "</<a ",
    "replies without a class": '(450, b"(451, b"',
    "replies to many": '{"a@b": (450, b"x"',
    "settings": 'The "x" variable is not set. EMAIL_PORT=465 EMAIL_URL=smtp://a@b:465\n',
    "metrics": 'postal_smtp_server_client_errors{"',
    "mail that is no error": "smtp mail EMAIL Postal delivery credential certificate Errno\n",
    "all of it": "".join(_RANDOM.choice('Error File "\n\t550 -<>=[](){}:;smtp') for _ in range(1 << 16)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_it_is_read_in_a_moment(name: str) -> None:
    text = HOSTILE[name] * ((1 << 20) // len(HOSTILE[name]))
    began = time.process_time()
    read(text)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("name", ["replies", "half exceptions", "mail that is no error", "all of it"])
@pytest.mark.slow
@pytest.mark.full  # seconds can be asserted on a quiet machine alone
def test_sixteen_megabytes_cost_at_most_three_seconds_and_sixty_megabytes(name: str) -> None:
    wide = "\N{GRINNING FACE}".encode()  # one such character makes Python's text four times as large
    log = wide + (HOSTILE[name].encode() * (MEGABYTES * 1024**2 // len(HOSTILE[name])))
    done = subprocess.run([sys.executable, "-c", _CHILD], input=log, capture_output=True, timeout=60, check=False)
    found = re.search(rb"MEASURED ([\d.]+) (\d+)", done.stderr)
    assert found is not None, done.stderr[-500:]
    assert float(found[1]) <= SECONDS
    assert int(found[2]) / 1024 <= MEMORY_MB


FILLERS: dict[str, str] = {
    "a web server": 'web-1  | 10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET /api/0/issues/?page={}" 200 512\n',
    "a worker that sends": "worker-1 | [INFO] celery.worker: Task apps.alerts.send_mail[{}] received\n",
    "JSON": '{{"log":"INFO request {} done\\n","stream":"stdout","time":"2026-11-20T10:00:00Z"}}\n',
    "Postal": "2026-11-20 10:00:00 postal smtp-server[1]: trace_id=AB{} Client connected ip=203.0.113.9\n",
}
"""Lines of logs that say nothing of a fault, each with its number."""
DEEP: dict[str, str] = {
    "wrong-key": (
        "worker-1  | Traceback (most recent call last):\n"
        'worker-1  |   File "/usr/lib/python3.13/smtplib.py", line 669, in auth\n'
        "worker-1  |     raise SMTPAuthenticationError(code, resp)\n"
        "worker-1  | smtplib.SMTPAuthenticationError: (535, b'Invalid credential')\n"
    ),
    "nothing-listens": (
        'worker-1  |   File "/usr/lib/python3.13/socket.py", line 836, in create_connection\n'
        "worker-1  |     sock.connect(sa)\n"
        "worker-1  | ConnectionRefusedError: [Errno 111] Connection refused\n"
    ),
}


@pytest.mark.parametrize("place", [0.03, 0.5, 0.9])
@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize("cause", DEEP)
@pytest.mark.slow
def test_a_cause_deep_in_sixteen_megabytes_is_found(cause: str, filler: str, place: float) -> None:
    count = MEGABYTES * 1024**2 // len(FILLERS[filler])
    lines = [FILLERS[filler].format(number) for number in range(count)]
    lines.insert(int(count * place), DEEP[cause])
    began = time.process_time()
    found = wizard.diagnosis.diagnose("".join(lines).encode())
    assert time.process_time() - began < SECONDS
    assert found.causes[0].key == cause


def test_of_two_causes_in_the_middle_the_newer_one_counts() -> None:
    lines = [FILLERS["a web server"].format(number) for number in range(80_000)]
    lines.insert(60_000, DEEP["nothing-listens"])
    lines.insert(20_000, DEEP["wrong-key"])
    assert wizard.diagnosis.diagnose("".join(lines)).causes[0].key == "nothing-listens"


def patterns() -> dict[str, re.Pattern[str]]:
    """Return every regular expression of the diagnosis, and of the words of refusals, by where it is."""
    found: dict[str, re.Pattern[str]] = {}

    def add(where: str, value: Any, deep: int = 0) -> None:
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            found[where] = value
        elif isinstance(value, dict) and deep < 3:
            for key, each in value.items():
                add(f"{where}[{key}]", each, deep + 1)
        elif isinstance(value, tuple | list | frozenset) and deep < 3:
            for number, each in enumerate(value):
                add(f"{where}[{number}]", each, deep + 1)
        elif hasattr(value, "__slots__") and deep < 3 and type(value).__module__.startswith("wizard."):
            for slot in type(value).__slots__:
                each = getattr(value, slot, None)
                if slot == "message" and isinstance(each, str):
                    each = re.compile(each)
                add(f"{where}.{slot}", each, deep + 1)

    modules = [
        importlib.import_module(f"wizard.diagnosis.{each.name}")
        for each in pkgutil.iter_modules(wizard.diagnosis.__path__)
    ]
    for module in (*modules, refusals, refusal_words):
        for name, value in vars(module).items():
            if not name.startswith("__"):
                add(f"{module.__name__.rpartition('.')[2]}.{name}", value)
    for name, words in dialogue._POSTAL_ONLY:
        found[f"dialogue.{name} {words[:12]}"] = re.compile(words)
    for row in exception_rows.ROWS:
        found[f"kinds {row.kinds[:40]}"] = re.compile(row.kinds)
    return found


PATTERNS = patterns()


def test_the_patterns_of_every_module_are_measured() -> None:
    modules = {where.partition(".")[0] for where in PATTERNS}
    assert {
        "delivery",
        "dialogue",
        "exception_rows",
        "exceptions",
        "log_lines",
        "log_parsing",
        "messages",
        "signs",
        "speakers",
    } <= modules
    assert len(PATTERNS) > 250
    assert all((delivery, exceptions, log_lines, log_parsing, messages))


def hostile_to(pattern: str) -> list[str]:
    """Return short texts of which many in a row may cost *pattern* much: its own words, blanks, what it repeats."""
    words = [word for word in re.findall(r"[A-Za-z0-9_.:@/ -]{3,40}", pattern) if word.strip()]
    return [
        " ",
        "a",
        "A",
        "0",
        "a.",
        ".",
        "a ",
        "\\",
        '"',
        "<",
        "[",
        "(",
        "-",
        "é",
        *words[:6],
        *(f"{word} " for word in words[:3]),
    ]


SMALL, LARGE = 4_000, 16_000
GROWTH = 3.0
"""How much more than four times the time four times the text may cost."""
NOISE_S = 0.004
"""Seconds below which a clock tells nothing."""


def _cost(pattern: re.Pattern[str], text: str) -> float:
    began = time.process_time()
    pattern.search(text)
    return time.process_time() - began


def grows(pattern: re.Pattern[str]) -> str:
    """Return the text whose cost grows faster than its length, empty where there is none."""
    for seed in hostile_to(pattern.pattern):
        text = seed * (LARGE // len(seed))
        large = min(_cost(pattern, text) for _ in range(2))
        if large < 0.01:
            continue  # too fast to be quadratic at this length
        small = min(_cost(pattern, text[:SMALL]) for _ in range(3))
        if large > max(NOISE_S, small) * (LARGE / SMALL) * GROWTH:
            return f"{seed!r}: {small:.4f} s, then {large:.4f} s"
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("where", one_in(4, PATTERNS))
def test_it_grows_no_faster_than_its_text(where: str) -> None:
    assert grows(PATTERNS[where]) == ""


@pytest.mark.parametrize("pattern", [r"\s+#"])
def test_what_does_grow_faster_is_seen(pattern: str) -> None:
    assert grows(re.compile(pattern)) != ""
