"""What is asked inside GlitchTip's container, by its own Python from standard input: no copy, and no ``nc``.

The script itself is ``probe_script.py``. It returns one line of JSON. A setting never leaves the container: what does
is the HMAC of each of its parts, under a key that is used once.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FROM: Final = "DEFAULT_FROM_EMAIL"
PARTS: Final = ("user name", "key", "host", "port")
"""The parts of EMAIL_URL that are compared: two spellings of the same settings are the same settings."""

_ASKED: Final = 'ASKED = "{}"\n'
"""The line of the script that the question takes the place of."""


@cache
def script() -> str:
    """Return the text of ``probe_script.py`` as it lies beside this file."""
    return resources.files("wizard.glitchtip").joinpath("probe_script.py").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Question:
    """One asking of one container."""

    host: str = ""
    """The mail server to connect to from inside; empty: only the settings are looked at."""
    port: int = 25
    once: str = field(default_factory=lambda: secrets.token_hex(32))
    """The key of the HMACs, in hexadecimal: made for this asking, and forgotten with it."""
    mark: str = field(default_factory=lambda: f"POSTAL-WIZARD-{secrets.token_hex(8)}")
    """What the answer's line begins with. Nothing that an image prints by itself can know it."""

    @property
    def script(self) -> bytes:
        """What goes to the container's Python on standard input."""
        asked = json.dumps({"once": self.once, "mark": self.mark, "host": self.host, "port": self.port})
        before, found, after = script().partition(_ASKED)
        assert found, "the script has lost its question"
        return f"{before}ASKED = {asked!a}\n{after}".encode()


@dataclass(frozen=True, slots=True)
class Told:
    """The answer, reduced to the types it should have: a container may say anything."""

    python: str = "?"
    source: str = "?"
    """``exec``, or the process whose environment was read."""
    names: tuple[str, ...] = ()
    """The mail settings that are set there; never their values."""
    files: Mapping[str, str] = field(default_factory=dict)
    """By setting: ``read`` from its _FILE, with a ``newline`` at its end, ``unreadable`` or ``ignored``."""
    is_set: bool = False
    """Whether EMAIL_URL is set and not empty: GlitchTip's own question (settings.py)."""
    scheme: str = ""
    """EMAIL_URL's, if django-environ knows it; ``unknown``, ``unreadable``, or ``variables`` where EMAIL_HOST stands
    in its place."""
    tls: str = "none"
    """none, starttls, implicit or both."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """HMAC by part; a part that is not set is missing."""
    stage: str = ""
    """How far the connection came: resolve, connect, greeting, ehlo or done."""
    error: str = ""
    """The exception's class where it came no further."""
    errno: int | None = None
    address: str = ""
    banner: str = ""
    ehlo: str = ""
    seconds: float = 0.0


def read(stdout: bytes, question: Question) -> Told | None:
    """Return what the probe told, None where it did not come to that."""
    mark = question.mark.encode() + b" "
    line = next((line for line in reversed(stdout.splitlines()) if line.startswith(mark)), None)
    if line is None:
        return None
    try:
        told = json.loads(line[len(mark) :])
    except (ValueError, RecursionError):
        return None
    return _told(told) if isinstance(told, dict) else None


def _told(told: dict[str, Any]) -> Told:
    def text(name: str, default: str = "") -> str:
        value = told.get(name, default)
        return value if isinstance(value, str) else default

    def texts(name: str) -> dict[str, str]:
        value = told.get(name)
        pairs = value.items() if isinstance(value, dict) else ()
        return {key: said for key, said in pairs if isinstance(said, str)}

    names, errno, seconds = told.get("names"), told.get("errno"), told.get("seconds")
    return Told(
        python=text("python", "?"),
        source=text("source", "?"),
        names=tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else (),
        files=texts("files"),
        is_set=told.get("set") is True,
        scheme=text("scheme"),
        tls=text("tls", "none"),
        digests=texts("digests"),
        stage=text("stage"),
        error=text("error"),
        errno=errno if isinstance(errno, int) else None,
        address=text("address"),
        banner=text("banner"),
        ehlo=text("ehlo"),
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
    )
