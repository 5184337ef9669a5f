"""The Help page and the list of credentials: host, port, user name, keys, and which credential holds its mail."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from wizard.model.validation import POSTAL_KEY
from wizard.postal.page_text import HOST, USERNAME

_HOST_LABELS: Final = frozenset({"smtp server address"})
_PORT_LABELS: Final = frozenset({"port"})
_USER_LABELS: Final = frozenset({"username"})
_KINDS: Final = {"SMTP": "SMTP", "API": "API", "SMTP-IP": "IP", "IP": "IP"}
_HOLDING: Final = ("holding",)
_TRANSLATED_HOLDING: Final = (
    "halten", "haltend", "zurückhalten", "en attente", "retenu", "retención", "retenido", "in attesa", "trattenuto",
    "retido", "retenção", "vasthouden",
)  # fmt: skip
_USED: Final = re.compile(r"not been used yet|used .{1,60} ago", re.IGNORECASE)
_ROW: Final = re.compile(
    r"(SMTP-IP|SMTP|API|IP) (.{1,200}?) ([A-Za-z0-9]{24}|[0-9a-f.:]+(?:/\d{1,3})?)(?: .*)?", re.IGNORECASE
)
_WORD: Final = re.compile(r"[A-Z]?[a-zäöüß]+|[A-Z]+")
"""A long word of a page, which a generated key of 24 letters and digits is not."""
_NEAR: Final = 8
"""Lines from the host to the user name of the Help page, at most."""


@dataclass(frozen=True, slots=True)
class Help:
    """What the Help page says."""

    host: str = ""
    port: int | None = None
    username: str = ""
    key: str = ""
    """Of the first SMTP credential of the server; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One credential of the list."""

    kind: str
    """``SMTP``, ``API`` or ``IP``; empty for a key that was pasted alone."""
    name: str
    key: str
    holding: bool


def read_help(lines: list[str]) -> Help:
    """Return what the Help page in *lines* says: by its labels, else by the order of host, port and user name."""
    user_at = next((at for at, line in enumerate(lines) if USERNAME.fullmatch(line) and _is_user(lines, at)), None)
    port_at = _behind(lines, _PORT_LABELS, r"\d{1,5}")
    host_at = _behind(lines, _HOST_LABELS, r"[\w.:-]{1,253}")
    if user_at is not None and port_at is None:
        port_at = _last(lines, max(0, user_at - 6), user_at, r"\d{1,5}")
    if port_at is not None and host_at is None and user_at is not None:
        host_at = _last(lines, max(0, port_at - 3), port_at, HOST.pattern)
    if port_at is not None and host_at is None:
        port_at = None
    port = int(lines[port_at]) if port_at is not None else 0
    username = lines[user_at] if user_at is not None else ""
    key = next((line for line in lines[user_at + 1 : user_at + 4] if is_key(line)), "") if user_at is not None else ""
    host = lines[host_at].rstrip(".").lower() if host_at is not None else ""
    return Help(host, port if 0 < port < 65536 else None, username, key)


def _is_user(lines: list[str], at: int) -> bool:
    """Whether the line has a user name's place and not merely its shape, as ``messages/minute`` has."""
    if len(lines) == 1 or (at and lines[at - 1].casefold() in _USER_LABELS):
        return True
    port = _last(lines, max(0, at - 6), at, r"\d{1,5}")
    return port is not None and _last(lines, max(0, at - _NEAR), port, HOST.pattern) is not None


def _behind(lines: list[str], labels: frozenset[str], shape: str) -> int | None:
    """Return where the line behind one of *labels* is, if it has the *shape*."""
    for at in range(1, len(lines)):
        if lines[at - 1].casefold() in labels and re.fullmatch(shape, lines[at], re.IGNORECASE):
            return at
    return None


def _last(lines: list[str], start: int, end: int, shape: str) -> int | None:
    return next((at for at in range(end - 1, start - 1, -1) if re.fullmatch(shape, lines[at], re.IGNORECASE)), None)


def read_list(lines: list[str]) -> list[Row]:
    """Return the credentials that *lines* list, each as type, name and key in this order."""
    holding = _HOLDING if any(map(_USED.search, lines)) else (*_HOLDING, *_TRANSLATED_HOLDING)
    found: list[Row] = []
    at = 0
    while at < len(lines):
        row, taken = _row(lines, at, holding)
        if row is not None:
            found.append(row)
        at += taken
    return found


def loose_keys(lines: list[str]) -> list[Row]:
    """Return the keys that are a line of their own, whatever the lines around them are."""
    return [Row("", "", line, holding=False) for line in lines if is_key(line)]


def is_key(line: str) -> bool:
    """Whether *line* is a credential's key and nothing else."""
    return POSTAL_KEY.fullmatch(line) is not None and not _WORD.fullmatch(line)


def _row(lines: list[str], at: int, holding: tuple[str, ...]) -> tuple[Row | None, int]:
    """Return the credential that begins at *at*, None where none does, and how many lines it took."""
    kind = _KINDS.get(lines[at].upper())
    if kind is not None:
        # The label may have become a line of its own between the name and the key.
        for length in (3, 4):
            rest = lines[at + 1 : at + length]
            if len(rest) == length - 1 and _fits(kind, rest[-1]) and (length == 3 or rest[1].casefold() in holding):
                name, held = _without_label(" ".join(rest[:-1]), holding)
                return Row(kind, name, rest[-1], held), length
        return None, 1
    whole = _ROW.fullmatch(lines[at])
    if whole is not None and _fits(_KINDS[whole[1].upper()], whole[3]):
        name, held = _without_label(whole[2], holding)
        return Row(_KINDS[whole[1].upper()], name, whole[3], held), 1
    return None, 1


def _without_label(name: str, holding: tuple[str, ...]) -> tuple[str, bool]:
    """Return *name* without the label behind it, and whether it had one."""
    for label in holding:
        if name.casefold().endswith(f" {label}"):
            return name[: -len(label) - 1].strip(), True
    return name, False


def _fits(kind: str, key: str) -> bool:
    if kind != "IP":
        return POSTAL_KEY.fullmatch(key) is not None
    try:
        ipaddress.ip_network(key, strict=False)
    except ValueError:
        return False
    return True
