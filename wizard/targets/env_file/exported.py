"""Whether a ``.env`` looks like what ``infisical export --format=dotenv`` writes: a copy that goes stale.

The CLI writes each secret as ``KEY='value'``, without escapes (glitchtip.md section 4); several folders may be joined
in one file. Values are not looked at: whether they are Infisical's own is known only once both were read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.targets import Refused
from wizard.targets.env_file import location

if TYPE_CHECKING:
    from pathlib import Path

_LINE: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*='[^']*'")
_EMAIL_URL: Final = b"EMAIL_URL="


def looks_exported(path: Path) -> bool:
    """Whether every line of the file at *path* is as the CLI writes it, and EMAIL_URL is among them."""
    try:
        raw = location.look(path).raw
    except Refused:
        return False
    lines = [line for line in (raw or b"").splitlines() if line.strip() and not line.startswith(b"#")]
    return any(line.startswith(_EMAIL_URL) for line in lines) and all(_LINE.fullmatch(line) for line in lines)
