"""The RFC 7208 test-suite, fetched once per environment: ``python -m tests.checks.spf.rfc7208``.

It is in pyspf's source distribution alone. It is kept below the environment, so that no test run fetches it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

RELEASE: Final = "2.0.14"
MEMBER: Final = f"pyspf-{RELEASE}/test/rfc7208-tests.yml"
SHA256: Final = "901f561a6e2b1c1590a40a61b1ac7601226fd7045a7aae591a4d25421358d6f9"
KEPT: Final = Path(sys.prefix) / "share" / "postal-wizard-tests"


class UnfetchedError(Exception):
    """The suite is not here and cannot be fetched; the message says what was tried."""


def text() -> bytes:
    """Return the suite, fetched where it is not here yet. Raises UnfetchedError."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"rfc7208-tests-{RELEASE}.yml"
    with (KEPT / "lock").open("w") as lock:  # two workers of one run
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(_fetched())
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise UnfetchedError(f"{path} is not the suite that was reviewed: delete it")
    return raw


def _fetched() -> bytes:
    # An environment may be without pip; the interpreter that it was made from has it.
    own = importlib.util.find_spec("pip") is not None
    python = sys.executable if own else str(getattr(sys, "_base_executable", sys.executable))
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "pyspf", "-d", folder]
        command.append(f"pyspf=={RELEASE}")
        ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        archives = sorted(Path(folder).glob("pyspf-*.tar.gz"))
        if ran.returncode or not archives:
            raise UnfetchedError(f"`{' '.join(command)}` gave {ran.returncode}: {ran.stderr.strip()[-300:]}")
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise UnfetchedError(f"{MEMBER} is not in {archives[0].name}")
            return member.read()


if __name__ == "__main__":
    print(f"{len(text())} bytes in {KEPT}")
