"""Run SMTP cases: ``python -m tests.cases.smtp FOLDER [MODE ...]``.

FOLDER has ``smtpd.py PORT MODE``, a scripted server on loopback; without a MODE, every one that the script compares its
mode with is run. Each is checked with a test mail: what is not a pass or a skip is printed, and what the diagnosis
makes of it. Exit code 1 if a mode could not be run or nothing at all was found in it.
"""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from wizard.checks.smtp import run as smtp
from wizard.diagnosis import diagnose
from wizard.model.draft import App, Credential, Draft, Server, TestMail
from wizard.model.finding import Verdict
from wizard.model.secret import Secret
from wizard.model.session import Session

LIMITS = smtp.Limits(wake=1.0, to_rcpt=4.0, data=4.0)


def modes(script: str) -> list[str]:
    """Return the modes that *script* knows, in their order."""
    compared = re.findall(r"mode\s*[!=]=\s*\"(\w+)\"|mode\s*(?:not )?in\s*\(([^)]*)\)", script)
    names = [name for one, several in compared for name in [one, *re.findall(r"\w+", several)] if name]
    return list(dict.fromkeys(names))


def show(folder: Path, wanted: list[str]) -> bool:
    """Print what is found in each mode; tell whether something was."""
    script = folder / "smtpd.py"
    names = wanted or modes(script.read_text("utf-8"))
    good = sum(_show_one(script, name) for name in names) == len(names)
    print(f"\n{len(names)} modes")
    return good and bool(names)


def _show_one(script: Path, mode: str) -> bool:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen([sys.executable, str(script), str(port), mode])
    try:
        _wait_for(port)
        draft = Draft(
            App(from_="GlitchTip <glitchtip@example.com>"),
            Server("127.0.0.1", port),
            Credential("org/server"),
            test_mail=TestMail("ops@example.net"),
        )
        session = Session(key=Secret("Key24LettersAndDigits00x"))
        findings = asyncio.run(smtp.check(draft, session, send=True, limits=LIMITS))
    finally:
        server.kill()
        server.wait()
    print(f"\n{mode}")
    found = [one for one in findings if one.verdict not in {Verdict.PASS, Verdict.SKIP}]
    for one in found:
        print(f"  {one.verdict.word:4} {one.code}: {one.summary}\n       → {one.remedy}")
    standing = diagnose(None, findings).standing
    print(f"  cause: {standing[0].key}: {standing[0].cause}" if standing else "  no cause")
    return bool(found)


def _wait_for(port: int) -> None:
    """Wait until the server listens; the connection that shows it is one that the script may well drop."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # a script that tells nobody when it listens
    raise TimeoutError(f"nothing listens on {port}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(not show(Path(sys.argv[1]), sys.argv[2:]))
