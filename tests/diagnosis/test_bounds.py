"""Whatever is piped in costs little time and memory; tests/faults measures each regular expression."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import wizard.diagnosis
from tests.effort import each_once, one_in
from wizard.diagnosis.signs import read

if TYPE_CHECKING:
    from collections.abc import Callable

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
@pytest.mark.parametrize("name", one_in(5, HOSTILE))
def test_a_megabyte_of_it_is_read_in_a_moment(name: str) -> None:
    text = HOSTILE[name] * ((1 << 20) // len(HOSTILE[name]))
    began = time.process_time()
    read(text)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("name", ["replies", "half exceptions", "mail that is no error", "all of it"])
@pytest.mark.slow
@pytest.mark.full  # seconds can be asserted on a quiet machine alone
def test_sixteen_megabytes_cost_at_most_three_seconds_and_sixty_megabytes(
    name: str, reached: Callable[..., None]
) -> None:
    wide = "\N{GRINNING FACE}".encode()  # one such character makes Python's text four times as large
    log = wide + (HOSTILE[name].encode() * (MEGABYTES * 1024**2 // len(HOSTILE[name])))
    done = subprocess.run([sys.executable, "-c", _CHILD], input=log, capture_output=True, timeout=60, check=False)
    found = re.search(rb"MEASURED ([\d.]+) (\d+)", done.stderr)
    assert found is not None, done.stderr[-500:]
    reached(most_seconds_of_16_MB=float(found[1]), most_MB=int(found[2]) / 1024)
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
@pytest.mark.parametrize(("filler", "cause"), each_once(FILLERS, DEEP))
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
