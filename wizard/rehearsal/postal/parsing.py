"""How Postal reads what a client sends: addresses, base64, names that count as equal, a From that counts as valid."""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wizard.rehearsal.state import State

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")


def from_is_valid(state: State, headers: dict[str, list[str]]) -> bool:
    """Tell whether every From (or, where allowed, every Sender) is of a verified domain (app/models/server.rb)."""
    names = ["from", "sender"] if state.allow_sender else ["from"]
    return any(all(_is_verified(state, value) for value in headers.get(name, [""])) for name in names)


def _is_verified(state: State, value: str) -> bool:
    address = re.sub(r"\(.+?\)", "", re.sub(r">.*", "", re.sub(r".*<", "", value))).strip()
    local, at, domain = address.partition("@")
    if not local or not at or not domain:
        return False
    return domain.lower() in {name.lower() for name in state.verified}


def path_of(line: str, verb: str) -> str:
    """Return the address of MAIL FROM or RCPT TO as Postal cuts it out: the last ``<`` up to the first ``>``."""
    rest = re.sub(rf"{verb}\s*:\s*", "", line, flags=re.IGNORECASE)
    return re.sub(r">.*", "", re.sub(r".*<", "", rest)).strip()


def decoded(line: bytes) -> bytes:
    """Decode base64 as Ruby's decode64 does: what is not base64 is skipped, padding may be missing."""
    core = _NOT_BASE64.sub(b"", line.partition(b"=")[0])
    if len(core) % 4 == 1:
        core = core[:-1]
    return base64.b64decode(core + b"=" * (-len(core) % 4))


def collated(text: str) -> str:
    """Return *text* as MariaDB's utf8mb4_general_ci compares it: case, accents and final blanks do not count."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.casefold().rstrip(" ")
