"""Macro strings of SPF: their grammar and their expansion (RFC 7208 section 7).

Parsing is one pass over the text and expansion looks at no more than a name can hold, so a hostile record costs no more
than its length.
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

LETTERS: Final = "slodipvh"
"""Allowed in records; ``c``, ``r`` and ``t`` belong to explanation texts alone (RFC 7208 7.2)."""
DELIMITERS: Final = ".-+,/_="
NAME_LENGTH: Final = 253
LABEL_LENGTH: Final = 63

_ESCAPES: Final = {"%": "%", "_": " ", "-": "%20"}


class MacroError(ValueError):
    """The text is not a macro string; the message says why."""


@dataclass(frozen=True, slots=True)
class Macro:
    """One ``%{...}``."""

    letter: str
    """In lower case."""
    keep: int
    """How many right-hand parts stay; 0 keeps all."""
    reverse: bool
    delimiters: str
    """Empty: none given."""
    escape: bool
    """The letter was upper case: the value is URL-escaped."""

    def expand(self, value: str) -> str:
        """Return what *value* becomes; parts are rejoined by dots (RFC 7208 7.3)."""
        if self.keep or self.reverse or self.delimiters:
            splitters = self.delimiters or "."
            parts = value.translate(
                {ord(splitter): "." for splitter in splitters if splitter != "."} | _hide(splitters)
            )
            pieces = parts.split(".")
            if self.reverse:
                pieces.reverse()
            value = ".".join(pieces[-self.keep :]).replace("\0", ".")
        return urllib.parse.quote(value, safe="~") if self.escape else value


MacroString: TypeAlias = tuple["str | Macro", ...]


def _hide(splitters: str) -> dict[int, str]:
    """Keep dots out of the way where they do not split."""
    return {} if "." in splitters else {ord("."): "\0"}


def macro_string(text: str) -> MacroString:
    """Parse visible ASCII *text*; raises ``MacroError``."""
    return _parse(text)[0]


def domain_spec(text: str) -> MacroString:
    """Parse *text* as a macro string that ends in a macro or a top-level label; raises ``MacroError``."""
    if not text:
        raise MacroError("the name is missing")
    parts, start = _parse(text)
    if start == len(text):
        return parts
    _, dot, label = text[start:].removesuffix(".").rpartition(".")
    if not dot or not _top_label(label):
        raise MacroError("the name must have two labels at least and end in a top-level label or a macro")
    return parts


def _parse(text: str) -> tuple[MacroString, int]:
    """Return the parts and where the text behind the last macro starts."""
    parts: list[str | Macro] = []
    start = 0
    while (at := text.find("%", start)) >= 0:
        if at > start:
            parts.append(text[start:at])
        following = text[at + 1 : at + 2]
        if following == "{":
            end = text.find("}", at)
            if end < 0:
                raise MacroError("%{ is never closed by }")
            parts.append(_macro(text[at + 2 : end]))
            start = end + 1
        elif following in _ESCAPES:
            parts.append(_ESCAPES[following])
            start = at + 2
        else:
            raise MacroError("a % must be followed by {, %, _ or -")
    if start < len(text):
        parts.append(text[start:])
    return tuple(parts), start


def _top_label(label: str) -> bool:
    bare = label.replace("-", "")
    return bare.isalnum() and not label.isdigit() and not label.startswith("-") and not label.endswith("-")


def _macro(body: str) -> Macro:
    """Parse what is between the braces: letter, digits, ``r``, delimiters."""
    letter = body[:1].lower()
    if not letter or letter not in LETTERS:
        if letter and letter in "crt":
            raise MacroError(f"%{{{body[:20]}}} is allowed in explanation texts only")
        raise MacroError(f"%{{{body[:20]}}} is not a macro")
    rest = body[1:].lstrip("0123456789")
    digits = body[1 : len(body) - len(rest)]
    reverse = rest[:1] in {"r", "R"}
    delimiters = rest[1:] if reverse else rest
    if delimiters.strip(DELIMITERS):
        raise MacroError(f"%{{{body[:20]}}} has something else than digits, r and delimiters ({DELIMITERS})")
    significant = digits.lstrip("0")
    if digits and not significant:
        raise MacroError(f"%{{{body[:20]}}} keeps 0 parts")
    keep = int(significant[:4] or 0)  # no value has 1000 parts, and int() refuses thousands of digits
    return Macro(letter, keep, reverse, delimiters, escape=body[0].isupper())


def needs(parts: MacroString) -> frozenset[str]:
    """Return the letters of the macros in *parts*."""
    return frozenset(part.letter for part in parts if isinstance(part, Macro))


def values(sender: str, helo: str, ip: Address) -> dict[str, str]:
    """Return the values of ``s l o i v h``; ``d`` and ``p`` depend on the record at hand."""
    local, _, origin = (sender or helo).rpartition("@")
    local = local or "postmaster"
    four = ip.version == 4
    return {
        "s": f"{local}@{origin}",
        "l": local,
        "o": origin,
        "i": str(ip) if four else ".".join(ip.exploded.replace(":", "")),
        "v": "in-addr" if four else "ip6",
        "h": helo,
    }


def name_of(parts: MacroString, given: Mapping[str, str]) -> str:
    """Expand *parts* to a name: lower case, no final dot, left labels dropped until it fits (RFC 7208 7.3)."""
    pieces: list[str] = []
    length = 0
    for part in reversed(parts):
        piece = part if isinstance(part, str) else part.expand(given[part.letter])
        pieces.append(piece)
        length += len(piece)
        if length > NAME_LENGTH + 1:
            break  # what is further left would be cut off
    name = "".join(reversed(pieces)).removesuffix(".").lower()
    if len(name) > NAME_LENGTH and "." in name[-NAME_LENGTH - 1 :]:
        name = name[-NAME_LENGTH - 1 :].partition(".")[2]
    return name


def best_name(names: Sequence[str], domain: str) -> str:
    """Return what ``%{p}`` is: of the confirmed *names* *domain* itself, else one below it, else any (RFC 7208 7.3)."""
    if domain in names:
        return domain
    below = (name for name in names if name.endswith("." + domain))
    return next(below, names[0] if names else "unknown")


def plain(host: str) -> str:
    """Return *host* as questions have it: lower case, without the final dot."""
    return host.removesuffix(".").lower()


def address(ip: str) -> Address:
    """Parse a sending IP; an IPv4-mapped one is IPv4 (RFC 7208 5). Raises ``ValueError``."""
    parsed = ipaddress.ip_address(ip.partition("%")[0])
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else parsed


def is_name(name: str) -> bool:
    """Whether DNS can be asked for *name*; RFC 7208 4.3 and 4.8 treat any other as not existing."""
    return (
        0 < len(name) <= NAME_LENGTH
        and name.isascii()
        and name.isprintable()
        and all(0 < len(label) <= LABEL_LENGTH for label in name.split("."))
    )
