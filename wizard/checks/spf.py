"""SPF as RFC 7208 has it, sans-IO: say which questions are wanted, take the replies, evaluate.

No socket is opened here. ``prefetch`` names every question worth asking now, ``evaluate`` judges one sending IP with the
replies known so far, ``whole`` walks the tree without an IP. A caller asks, adds the replies and calls again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Key: TypeAlias = tuple[str, str]
"""A question: the name (lower case, absolute, without its final dot) and the type (TXT, A, AAAA, MX or PTR)."""
Result: TypeAlias = Literal["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"]
State: TypeAlias = Literal["matched", "no match", "not reached", "void", "error"]


@dataclass(frozen=True, slots=True)
class Reply:
    """The final answer to one question; CNAMEs are already followed."""

    status: Literal["answer", "empty", "nxdomain", "error"]
    """``empty``: NOERROR without such records; ``error``: SERVFAIL, REFUSED, time-out and the like."""
    values: tuple[Any, ...] = ()
    """TXT: bytes, strings joined. A, AAAA: str. MX: (preference, host). PTR: host. Hosts without the final dot."""


@dataclass(frozen=True, slots=True)
class Void:
    """A look-up that gave nothing, with the term that is to blame (RFC 7208 4.6.4)."""

    term: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class TermNode:
    """One term of a record as it fared in the evaluation."""

    text: str
    mechanism: str
    qualifier: str
    counts_lookup: bool
    state: State
    child: Node | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One record of the tree: the name it stands at, its text, its terms in the order of evaluation."""

    domain: str
    record: str
    terms: tuple[TermNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The verdict for one sending IP, and how it came about."""

    result: Result | None
    """None while ``wanted`` is not empty."""
    wanted: frozenset[Key]
    """Questions whose replies are needed to go on: ask them all at once, add them, call again."""
    domain: str
    ip: str
    record: str
    """The text of the record at ``domain``; empty if there is none."""
    match: str
    """The term that matched, as written; empty if none did."""
    path: tuple[str, ...]
    """The includes and redirects walked to the match, and the match itself."""
    terms: int
    """Terms evaluated up to the match that query DNS; 10 are allowed."""
    voids: tuple[Void, ...]
    problem: str
    """For permerror and temperror: one sentence, what and where."""
    tree: Node


@dataclass(frozen=True, slots=True)
class Whole:
    """The tree walked without an IP, also behind a match."""

    terms: int
    """Terms in the whole tree that query DNS."""
    problem: str
    """The first fault found; empty if there is none."""
    incomplete: bool
    """Some reply was missing or an error, so more may be found."""


def evaluate(
    domain: str, ip: str, *, sender: str, helo: str, replies: Mapping[Key, Reply], receiver: str = "unknown"
) -> Evaluation:
    """Judge mail of the envelope sender *sender* from *ip* by the SPF record of *domain*."""
    raise NotImplementedError


def prefetch(
    domain: str, ips: Iterable[str], *, sender: str, helo: str, replies: Mapping[Key, Reply]
) -> frozenset[Key]:
    """Return every question that the evaluation for any of *ips* could want next; empty when nothing is left to ask."""
    raise NotImplementedError


def whole(domain: str, replies: Mapping[Key, Reply]) -> Whole:
    """Walk the whole tree at *domain* as far as *replies* reach."""
    raise NotImplementedError
