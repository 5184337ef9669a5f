"""The scripts that run inside GlitchTip's containers: how a question gets into one, and its answer out of the output.

A script is a file beside this one that uses the standard library alone. Its question takes the place of one line;
its answer is one line of JSON behind a mark that nothing else in the container can know.
"""

from __future__ import annotations

import json
import secrets
from functools import cache
from importlib import resources
from typing import Any, Final

_ASKED: Final = 'ASKED = "{}"\n'


def new_mark() -> str:
    """Return what an answer's line begins with: made for one question, so that no image prints it by chance."""
    return f"POSTAL-WIZARD-{secrets.token_hex(8)}"


@cache
def text(name: str) -> str:
    """Return the script called *name* as it lies beside this file."""
    return resources.files("wizard.glitchtip").joinpath(name).read_text("utf-8")


def asking(name: str, question: dict[str, Any]) -> bytes:
    """Return the script called *name* with *question* in it, for standard input; *question* must have ``mark``."""
    before, found, after = text(name).partition(_ASKED)
    assert found, f"{name} has lost its question"
    return f"{before}ASKED = {json.dumps(question)!a}\n{after}".encode()


def answer(stdout: bytes, mark: str) -> dict[str, Any] | None:
    """Return what a script said, None where it did not come to that. Any type may be in it: a container may lie."""
    begins = mark.encode() + b" "
    line = next((line for line in reversed(stdout.splitlines()) if line.startswith(begins)), None)
    if line is None:
        return None
    try:
        found = json.loads(line[len(begins) :])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
