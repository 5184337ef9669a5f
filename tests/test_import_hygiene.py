"""The core is proven free of the screens at run time: what a command needs, and nothing more, is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FRONT_END = ("textual", "rich", "screens")

RUN = """
import sys
sys.argv = ["postal-wizard", *sys.argv[1:]]
from wizard.cli.main import main
try:
    main()
except SystemExit:
    pass
import json
sys.__stderr__.write("\\nLOADED " + json.dumps(sorted(sys.modules)) + "\\n")
"""


def loaded_by(*arguments: str, given: bytes = b"") -> set[str]:
    """Run the command in a fresh interpreter and return the names of the modules that it loaded."""
    import json

    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        input=given,
        capture_output=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "COVERAGE_PROCESS_START": ""},
        check=False,
    )
    line = next(line for line in reversed(done.stderr.decode().splitlines()) if line.startswith("LOADED "))
    return set(json.loads(line.removeprefix("LOADED ")))


def fronts(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in FRONT_END}


ANSWERS = """schema = 1
[app]
from = "g@example.com"
[server]
host = "127.0.0.1"
port = 9
[credential]
username = "a/b"
[target]
kind = "env"
"""


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["--help"], b""),
        (["check", "--answers", "ANSWERS", "--only", "smtp,config", "--json"], b""),
        (["apply", "--answers", "ANSWERS", "--password-fd", "0"], b"a" * 24),
        (["url", "encode", "--username", "a/b", "--host", "h.example", "--port", "25"], b"a" * 24),
        (["url", "explain"], b"smtp://a%2Fb:c@h.example:25"),
        (["demo", "--list"], b""),
        (["answers"], b"acme/glitchtip"),
        (["troubleshoot", "-"], b"ConnectionRefusedError: [Errno 111] Connection refused"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_no_command_loads_a_front_end(arguments: list[str], given: bytes, tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text(ANSWERS)
    modules = loaded_by(*[str(answers) if word == "ANSWERS" else word for word in arguments], given=given)
    assert "wizard.cli.main" in modules
    assert not fronts(modules)


def test_help_loads_nothing_heavy() -> None:
    heavy = {"dns", "httpx", "cryptography", "yaml", "keyring", "asyncio", "smtplib", "ssl", "dotenv", "idna"}
    assert not heavy & loaded_by("--help")


def test_the_proof_can_fail() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import screens.app, sys; print('textual' in sys.modules)"],
        capture_output=True, timeout=60, cwd=ROOT, check=False, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr
