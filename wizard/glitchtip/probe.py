"""What is asked inside GlitchTip's container, by its own Python from standard input: no copy, and no ``nc``.

The script itself is ``probe_script.py``. It returns one line of JSON. A setting never leaves the container: what does
is the HMAC of each of its parts, under a key that is used once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from wizard.glitchtip import inside_scripts
from wizard.model.numbers import as_float

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT: Final = "probe_script.py"
FROM: Final = "DEFAULT_FROM_EMAIL"
PARTS: Final = ("user name", "key", "host", "port")
"""The parts of EMAIL_URL that are compared: two spellings of the same settings are the same settings."""


@dataclass(frozen=True, slots=True)
class Question:
    """One asking of one container."""

    host: str = ""
    """The mail server to connect to from inside; empty: only the settings are looked at."""
    port: int = 25
    once: str = field(default_factory=lambda: secrets.token_hex(32))
    """The key of the HMACs, in hexadecimal: made for this asking, and forgotten with it."""
    mark: str = field(default_factory=inside_scripts.new_mark)
    """What the answer's line begins with."""

    @property
    def script(self) -> bytes:
        """What goes to the container's Python on standard input."""
        asked = {"once": self.once, "mark": self.mark, "host": self.host, "port": self.port}
        return inside_scripts.asking(SCRIPT, asked)


@dataclass(frozen=True, slots=True)
class Probed:
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
    """EMAIL_URL's, if django-environ knows it; ``unknown``, ``unreadable``, or ``variables`` where EMAIL_HOST takes
    its place."""
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
    seconds: float = 0.0


def read(stdout: bytes, question: Question) -> Probed | None:
    """Return what the probe answered, None where it did not come to that."""
    answer = inside_scripts.answer(stdout, question.mark)
    return None if answer is None else _probed(answer)


def _probed(answer: dict[str, Any]) -> Probed:
    def text(name: str, default: str = "") -> str:
        value = answer.get(name, default)
        return value if isinstance(value, str) else default

    def texts(name: str) -> dict[str, str]:
        value = answer.get(name)
        pairs = value.items() if isinstance(value, dict) else ()
        return {key: said for key, said in pairs if isinstance(said, str)}

    names, errno = answer.get("names"), answer.get("errno")
    return Probed(
        python=text("python", "?"),
        source=text("source", "?"),
        names=tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else (),
        files=texts("files"),
        is_set=answer.get("set") is True,
        scheme=text("scheme"),
        tls=text("tls", "none"),
        digests=texts("digests"),
        stage=text("stage"),
        error=text("error"),
        errno=errno if isinstance(errno, int) else None,
        address=text("address"),
        banner=text("banner"),
        seconds=as_float(answer.get("seconds")),
    )
