"""Whoever has had the log before it was pasted, and however it is pasted: the first cause stays the same."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Final

import pytest

from tests.diagnosis.logs import docker
from tests.diagnosis.reported import REPORTED
from wizard.diagnosis import diagnose

if TYPE_CHECKING:
    from collections.abc import Callable


def each(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def json_file(text: str) -> str:
    """Each line as docker's json-file driver keeps it."""
    return "".join(
        json.dumps({"log": f"{line}\n", "stream": "stderr", "time": "2026-11-24T08:00:00.1Z"}) + "\n"
        for line in text.splitlines()
    )


WRAPPINGS: Final[dict[str, Callable[[str], str]]] = {
    "docker compose logs -t": lambda text: docker(text, "worker-1", stamp=True),
    "journalctl": lambda text: each(text, "Nov 24 08:00:00 host docker[812]: "),
    "journalctl -o short-iso": lambda text: each(text, "2026-11-24T08:00:00+0100 host glitchtip-web-1[812]: "),
    "containerd": lambda text: each(text, "2026-11-24T08:00:00.000000000Z stderr F "),
    "a panel's stamp": lambda text: each(text, "11/24/2026 5:50:01 PM"),
    "json-file": json_file,
    "a quotation": lambda text: each(text, "> "),
    "a code block": lambda text: each(text, "    "),
    "HTML": lambda text: f"<pre>{html.escape(text)}</pre>",
    "a question": lambda text: f"Hi, since yesterday no mail is sent. The log:\n\n{text}\n\nAny idea? Thanks!\n",
    "Windows": lambda text: text.replace("\n", "\r\n"),
}
BARE: Final = [text for _, _, text in REPORTED if "  | " not in text and "\x1b" not in text]
"""Those that nothing has wrapped yet."""


def first(text: str) -> str:
    standing = diagnose(text).standing
    return standing[0].key if standing else "-"


@pytest.fixture(scope="module")
def bare() -> dict[str, str]:
    """Each text and its first cause."""
    return {text: first(text) for text in BARE}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_the_first_cause_stays(name: str, bare: dict[str, str]) -> None:
    assert len(bare) > 150
    wrap = WRAPPINGS[name]
    assert [(key, now, text[:80]) for text, key in bare.items() if (now := first(wrap(text))) != key] == []
