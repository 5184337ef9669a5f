"""One SPF record: picked from the TXT records of a name and parsed into terms (RFC 7208 4.5, 4.6, 5, 6 and 12)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from wizard.checks.spf.macro import MacroError, MacroString, domain_spec, macro_string

if TYPE_CHECKING:
    from collections.abc import Iterable

LOOKUP_TERMS: Final = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
"""The terms that query DNS and are limited to 10 (RFC 7208 4.6.4)."""
SHOWN: Final = 80
"""Characters of a term in a sentence."""

_MECHANISMS: Final = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
_HINTS: Final = {
    "ip": "it is ip4 or ip6",
    "ipv4": "it is ip4",
    "ipv6": "it is ip6",
    "prt": "it is ptr",
    "redirect": "it is a modifier: redirect=",
    "exp": "it is a modifier: exp=",
    "v": "the version is there once, at the beginning",
}
_VERSION: Final = re.compile(rb"v=spf1(?: |\Z)", re.IGNORECASE)
_VISIBLE: Final = re.compile(rb"[\x21-\x7e]*\Z")
_MODIFIER: Final = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=")
_NAME: Final = re.compile(r"[^:/]*")
_FOUR_PARTS: Final = re.compile(r"[0-9.]+\Z")


@dataclass(frozen=True, slots=True)
class Term:
    """One mechanism or modifier."""

    text: str
    """As written; bytes that are not ASCII as ``\\xNN``."""
    qualifier: str
    """``+ - ~ ?``; empty for a modifier."""
    name: str
    """In lower case."""
    spec: MacroString = ()
    """The domain-spec; empty: the domain that the record is published at."""
    prefix: tuple[int, int] = (32, 128)
    """Lengths that are compared, IPv4 and IPv6."""
    network: ipaddress.IPv4Address | ipaddress.IPv6Address | None = None
    """The address of ``ip4`` and ``ip6``."""
    problem: str = ""
    """Why it is not a valid term."""

    @property
    def counts(self) -> bool:
        """Whether it queries DNS, so that only 10 such terms are allowed."""
        return self.name in LOOKUP_TERMS

    @property
    def shown(self) -> str:
        """The text as it fits into a sentence."""
        return self.text if len(self.text) <= SHOWN else self.text[: SHOWN - 3] + "..."


@dataclass(frozen=True, slots=True)
class Record:
    """A parsed record."""

    text: str
    terms: tuple[Term, ...]
    """Mechanisms as written, then the modifiers, ``redirect`` last: the order of evaluation (RFC 7208 6.1)."""
    problem: str
    """The first syntax error; empty if there is none."""
    reached: tuple[Term, ...]
    """The valid terms that can have an effect: none behind an ``all``, no modifier but ``redirect``."""


def select(texts: Iterable[bytes]) -> list[bytes]:
    """Return the SPF records among TXT records (RFC 7208 4.5)."""
    return [text for text in texts if _VERSION.match(text)]


@lru_cache(maxsize=64)
def parse(raw: bytes) -> Record:
    """Parse a record that ``select`` found; faults are kept in it, none is raised."""
    mechanisms: list[Term] = []
    modifiers: list[Term] = []
    redirects: list[Term] = []
    problem = ""
    seen: set[str] = set()
    for piece in raw.split(b" ")[1:]:
        if not piece:
            continue
        term = _term(piece)
        if term.name in {"redirect", "exp"} and not term.qualifier:
            if term.name in seen and not term.problem:
                term = replace(term, problem=f"{term.name}= is there twice")
            seen.add(term.name)
        problem = problem or (f"{term.shown}: {term.problem}" if term.problem else "")
        (mechanisms if term.qualifier else redirects if term.name == "redirect" else modifiers).append(term)
    reached = _reached(mechanisms, redirects)
    return Record(raw.decode("ascii", "backslashreplace"), (*mechanisms, *modifiers, *redirects), problem, reached)


def _reached(mechanisms: list[Term], redirects: list[Term]) -> tuple[Term, ...]:
    reached: list[Term] = []
    for term in mechanisms + redirects[:1]:
        if not term.problem:
            reached.append(term)
            if term.name == "all":
                break
    return tuple(reached)


@lru_cache(maxsize=4096)
def _term(piece: bytes) -> Term:
    text = piece.decode("ascii", "backslashreplace")
    modifier = _MODIFIER.match(text)
    if modifier:
        name = modifier[1].lower()
        bare = Term(text, "", name)
    else:
        qualifier = text[0] if text[0] in "+-~?" else "+"
        rest = text[1:] if text[0] in "+-~?" else text
        match = _NAME.match(rest)
        name = (match[0] if match else "").lower()
        bare = Term(text, qualifier, name)
    if not _VISIBLE.match(piece):
        return replace(bare, problem="only visible ASCII characters are allowed")
    try:
        return _modifier(bare, text[modifier.end() :]) if modifier else _mechanism(bare, rest[len(name) :])
    except ValueError as error:  # MacroError and our own below
        return replace(bare, problem=str(error))


def _modifier(bare: Term, value: str) -> Term:
    if bare.name in {"redirect", "exp"}:
        return replace(bare, spec=domain_spec(value))
    macro_string(value)  # an unknown modifier is ignored, but its syntax counts (RFC 7208 12)
    return bare


def _mechanism(bare: Term, rest: str) -> Term:
    name = bare.name
    if name not in _MECHANISMS:
        hint = "an address needs ip4: before it" if _FOUR_PARTS.match(name) else _HINTS.get(name, "")
        raise ValueError(f"no such mechanism ({hint})" if hint else "no such mechanism")
    if name in {"ip4", "ip6"}:
        return _network(bare, rest)
    if name in {"a", "mx"}:
        rest, four, six = _dual_prefix(rest)
        bare = replace(bare, prefix=(_prefix(four, 32), _prefix(six, 128)))
    if name == "all" or not rest:
        if rest:
            raise ValueError("nothing may follow all")
        if name in {"include", "exists"}:
            raise ValueError("the name is missing")
        return bare
    if not rest.startswith(":"):
        raise ValueError(f"{rest[:20]} is not allowed after {name}")
    try:
        return replace(bare, spec=domain_spec(rest[1:]))
    except MacroError:
        if name == "a" and _FOUR_PARTS.match(rest[1:]):
            raise ValueError("an address belongs in ip4, not in a") from None
        raise


def _network(bare: Term, rest: str) -> Term:
    address, slash, length = rest[1:].partition("/")
    if not rest.startswith(":") or not address:
        raise ValueError("the address is missing")
    four = bare.name == "ip4"
    try:
        network = ipaddress.IPv4Address(address) if four else ipaddress.IPv6Address(address)
    except ValueError:
        network = None
    if "," in address:
        raise ValueError(f"each address needs an {bare.name}: of its own, with a blank in between")
    if network is None or "%" in address:
        raise ValueError(f"not an IPv{4 if four else 6} address")
    prefix = _prefix(length if slash else None, network.max_prefixlen)
    return replace(bare, network=network, prefix=(prefix, prefix))


def _dual_prefix(rest: str) -> tuple[str, str | None, str | None]:
    """Split ``/24//64`` off the end."""
    four = six = None
    head, mark, tail = rest.rpartition("//")
    if mark and tail.isdigit():
        rest, six = head, tail
    head, mark, tail = rest.rpartition("/")
    if mark and tail.isdigit():
        rest, four = head, tail
    return rest, four, six


def _prefix(digits: str | None, most: int) -> int:
    if digits is None:
        return most
    good = digits.isdigit() and len(digits) <= 3 and (digits == "0" or digits[0] != "0") and int(digits) <= most
    if not good:
        raise ValueError(f"/{digits[:20]} is not a prefix length from 0 to {most}")
    return int(digits)
