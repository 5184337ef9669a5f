"""DMARC records as receivers read them, and the tree walk that finds them (RFC 9989 4.10)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import unquote

from wizard.checks.dns.near_miss import flaw

if TYPE_CHECKING:
    from collections.abc import Collection

    from wizard.checks.dns.resolver import Answer, Ask

STRICTNESS: Final = {"none": 0, "quarantine": 1, "reject": 2}
_MOST_URIS: Final = 10
_VERSION: Final = re.compile(r"[vV][ \t]*=[ \t]*DMARC1(?![^ \t;])")
_ANY_VERSION: Final = re.compile(r"v[ \t]*=[ \t]*dmarc1?(?![0-9a-z])", re.IGNORECASE)
_POLICY_TAG: Final = re.compile(r"\s*(?:dmarc1?[ \t]*;|(?:p|sp|rua|ruf|adkim|aspf|pct)[ \t]*=)", re.IGNORECASE)
_MAILTO: Final = re.compile(r"mailto:([^\s!@]+@[^\s!@?/]+)(![0-9]+[kmgt]?)?(\?.*)?", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s!@:,]{1,64}@[^\s!@?/,]{1,255}")
_BLANK: Final = " \t\r\n"
"""What may be around tags and values (RFC 9989 4.7); any other blank is part of them."""
_PERCENT: Final = re.compile(r"\d{1,3}")
_WALK: Final = 8
"""RFC 9989 4.10: a longer name is asked itself, then its last seven labels and upwards."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One DMARC record, its tags read as a receiver does: unknown ones ignored, bad ones at their defaults."""

    domain: str
    text: str
    tags: dict[str, str] = field(default_factory=dict)
    again: tuple[tuple[str, str], ...] = ()
    """Tags that were there before, and their values; the first one counts."""
    strays: tuple[str, ...] = ()
    """What is between its semicolons and is not a tag."""

    def _choice(self, tag: str, choices: tuple[str, ...], default: str) -> str:
        value = self.tags.get(tag, "").lower()
        return value if value in choices else default

    @property
    def twice(self) -> tuple[str, ...]:
        """Tags that it has more than once: some receivers take the whole record as invalid."""
        return tuple(dict.fromkeys(tag for tag, _ in self.again))[:_MOST_URIS]

    @property
    def stated(self) -> str:
        """The p= tag, empty where it is missing or has no valid value."""
        return self._choice("p", tuple(STRICTNESS), "")

    @property
    def p(self) -> str:
        """The policy for the record's own domain."""
        return self.stated or "none"

    @property
    def sp(self) -> str:
        """The policy for subdomains that exist."""
        return self._choice("sp", tuple(STRICTNESS), self.p)

    @property
    def np(self) -> str:
        """The policy for subdomains that do not exist."""
        return self._choice("np", tuple(STRICTNESS), self.sp)

    @property
    def psd(self) -> str:
        """``y``: a public suffix; ``n``: an organisational domain by its own statement."""
        return self._choice("psd", ("y", "n", "u"), "u")

    @property
    def testing(self) -> bool:
        """Whether t=y asks receivers to be one step milder."""
        return self._choice("t", ("y", "n"), "n") == "y"

    @property
    def percent(self) -> int:
        """The pct= of RFC 7489, which receivers of that age still read."""
        value = self.tags.get("pct", "")
        return int(value) if _PERCENT.fullmatch(value) and int(value) <= 100 else 100

    @property
    def strict_dkim(self) -> bool:
        """Whether adkim=s."""
        return self._choice("adkim", ("r", "s"), "r") == "s"

    @property
    def strict_spf(self) -> bool:
        """Whether aspf=s."""
        return self._choice("aspf", ("r", "s"), "r") == "s"

    @property
    def reports(self) -> tuple[tuple[str, str], ...]:
        """Where aggregate reports go: each URI as written, and its address."""
        matched = (_MAILTO.fullmatch(uri.strip()) for uri in self._uris)
        return tuple((one[0], unquote(one[1])) for one in matched if one)

    @property
    def rua(self) -> tuple[str, ...]:
        """The addresses that aggregate reports go to."""
        return tuple(address for _, address in self.reports)

    @property
    def lost(self) -> tuple[str, ...]:
        """What was meant as report addresses and cannot be read as such, because a comma or mailto: is missing."""
        unread = (uri.strip() for uri in self._uris if "@" in uri and not _MAILTO.fullmatch(uri.strip()))
        return (*unread, *(stray for stray in self.strays if "@" in stray))[:_MOST_URIS]

    @property
    def _uris(self) -> list[str]:
        return self.tags.get("rua", "").split(",")[:_MOST_URIS]

    @property
    def usable(self) -> bool:
        """Whether it makes receivers do anything (RFC 9989 4.10.1)."""
        return bool(self.stated or self.rua)


def parse(domain: str, text: str) -> Policy | None:
    """Read a TXT record; None where it is not a DMARC record at all."""
    if not _VERSION.match(text):
        return None
    version, *parts = text.split(";")
    found: dict[str, str] = {}
    again: list[tuple[str, str]] = []
    strays: list[str] = []
    for part in parts if version.partition("=")[2].strip(_BLANK) == "DMARC1" else ():
        name, equals, value = part.partition("=")
        name = name.strip(_BLANK).lower()
        if not equals:
            strays += [name] if name else []
        elif name in found:
            again.append((name, value.strip(_BLANK)))
        else:
            found[name] = value.strip(_BLANK)
    return Policy(domain, text, found, tuple(again), tuple(strays))


def repaired(policy: Policy, *, inherited: bool = False, refused: Collection[str] = ()) -> str:
    """Return the record with its faults put right and every other tag as it is, but for what nobody can type.

    It becomes strict only where reports come already: without them nobody knows whose mail would suffer. *inherited*:
    it applies to a subdomain. *refused*: report addresses whose domain does not agree.
    """
    uris = [uri for uri, address in policy.reports if address not in refused]
    lost = [*policy.lost, *(value for tag, value in policy.again if tag == "rua")]
    uris += [f"mailto:{found}" for found in _ADDRESS.findall(" ".join(lost)) if found not in {*policy.rua, *refused}]
    p = policy.p if STRICTNESS[policy.p] or not policy.rua else "quarantine"
    tags = {"p": p, **policy.tags} | {"p": p, "rua": ",".join(uris) or f"mailto:postmaster@{policy.domain}"}
    gone = {"t"} if policy.testing else set()
    if policy.percent < 100:
        gone.add("pct")
    if inherited:
        gone |= {tag for tag in ("sp", "np") if STRICTNESS.get(tags.get(tag, "").lower(), 2) < STRICTNESS[p]}
    kept = (f"{tag}={value}" for tag, value in tags.items() if tag not in gone)
    return "; ".join(["v=DMARC1", *(text for text in kept if text.isascii() and text.isprintable())])


def first_record(domain: str, text: str = "") -> str:
    """Return the record to begin with at *domain*; *text*: what was meant as one, whose tags are kept."""
    tags = _ANY_VERSION.sub("", text, count=1).lstrip(_BLANK + ";:,")
    return repaired(parse(domain, f"v=DMARC1; {tags}") or Policy(domain, ""))


def near_miss(text: str) -> str:
    """Return why receivers ignore a TXT record that was meant as a DMARC record; empty where it was not, or is one."""
    if _VERSION.match(text):
        return ""
    typed = flaw(text)
    if typed is not None and _VERSION.match(typed.cleaned):
        return typed.words
    version = _ANY_VERSION.search(text)
    if version is not None:
        if version.start() == 0:
            return f"begins with {version[0]}, which should be v=DMARC1 in capitals"
        return "does not begin with v=DMARC1: that tag has to be the first"
    return "has no v=DMARC1, which has to be its first tag" if _POLICY_TAG.match(text) else ""


def records(answer: Answer) -> list[Policy]:
    """Return the DMARC records among the TXT records at a ``_dmarc`` name."""
    domain = answer.name.removeprefix("_dmarc.")
    texts = (value.decode("utf-8", "surrogateescape") for value in answer.values if isinstance(value, bytes))
    return [policy for text in texts if (policy := parse(domain, text)) is not None]


def levels(domain: str) -> list[str]:
    """Return the domains whose ``_dmarc`` names the tree walk asks, the longest first, the top level last."""
    labels = domain.split(".")
    start = 1 if len(labels) <= _WALK else len(labels) - _WALK + 1
    return [domain, *(".".join(labels[at:]) for at in range(start, len(labels)))]


@dataclass(frozen=True, slots=True)
class Walk:
    """The tree walk from one domain."""

    start: str
    answers: tuple[Answer, ...]
    """In the order of ``levels``."""

    @property
    def valid(self) -> list[Policy]:
        """The levels that have one usable record, the longest first, up to one that ends the walk."""
        found = []
        for answer in self.answers:
            here = records(answer)
            if len(here) == 1 and here[0].usable:
                found.append(here[0])
                if here[0].psd == "n" or (here[0].psd == "y" and here[0].domain != self.start):
                    break
        return found

    @property
    def organisation(self) -> str:
        """The organisational domain (RFC 9989 4.10.2); without any record, the one of the public suffix list."""
        found = self.valid
        if not found:
            return by_suffix_list(self.start)
        last = found[-1]
        if last.psd == "y" and last.domain != self.start:
            below = len(last.domain.split(".")) + 1
            return ".".join(self.start.split(".")[-below:])
        return last.domain

    @property
    def applies(self) -> tuple[Literal["own", "inherited", "none", "several", "empty", "failed"], Policy | None]:
        """What a receiver finds for the start: its own record, else the organisation's, else the public suffix's."""
        own, *above = self.answers
        if own.failed:
            return "failed", None
        here = records(own)
        if here:
            return _state(here, "own")
        if found := self.valid:
            organisation = [policy for policy in found if policy.domain == self.organisation]
            return "inherited", (organisation or found[-1:])[0]
        for answer in above:
            if found := records(answer):
                return _state(found, "inherited")
        lost = [answer.name for answer in above if answer.failed]
        if lost:  # a public suffix is asked by receivers of RFC 9989 alone: for the others there is no record
            registered = f".{by_suffix_list(self.start)}"
            lost = [name for name in lost if name.endswith(registered)]
        return ("failed" if lost else "none"), None


def _state(
    found: list[Policy], where: Literal["own", "inherited"]
) -> tuple[Literal["own", "inherited", "several", "empty"], Policy]:
    if len(found) > 1:
        return "several", found[0]
    return (where if found[0].usable else "empty"), found[0]


def by_suffix_list(domain: str) -> str:
    """Return the organisational domain as receivers of RFC 7489 find it, by the public suffix list."""
    return str(_suffixes().privatesuffix(domain) or domain)


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # late: the list takes a while to load

    return PublicSuffixList()


def forget_suffixes() -> None:
    """Give the list's memory back, some 2 MiB, until it is needed again."""
    _suffixes.cache_clear()


async def walk(ask: Ask, domain: str) -> Walk:
    """Ask every level at once."""
    answers = await asyncio.gather(*(ask(f"_dmarc.{level}", "TXT") for level in levels(domain)))
    return Walk(domain, tuple(answers))
