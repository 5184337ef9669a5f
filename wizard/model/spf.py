"""What an SPF evaluation comes to: the verdict for one sending address, its counts, and the tree of terms behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Key: TypeAlias = tuple[str, str]
"""A question: the name (lower case, absolute, without its final dot) and the type (TXT, A, AAAA, MX or PTR)."""
Result: TypeAlias = Literal["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"]
State: TypeAlias = Literal["matched", "no match", "not reached", "void", "error"]


@dataclass(frozen=True, slots=True)
class Void:
    """A look-up that found nothing, with the term that is to blame (RFC 7208 4.6.4)."""

    term: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class TermNode:
    """One term of a record as it fared in the evaluation."""

    text: str
    """As written; bytes that are not ASCII as ``\\xNN``."""
    mechanism: str
    """The mechanism's or modifier's name in lower case."""
    qualifier: str
    """``+ - ~ ?``, also where it was left out; empty for a modifier."""
    counts_lookup: bool
    """Whether it counts towards the 10 terms that may query DNS."""
    state: State
    """``void``: no match, and one of its look-ups found nothing."""
    child: Node | None = None
    """The record an include or redirect led to."""


@dataclass(frozen=True, slots=True)
class Node:
    """One record of the tree: the name it is published at, its terms in the order of evaluation."""

    domain: str
    terms: tuple[TermNode, ...] = ()
    """Mechanisms as written, then modifiers, ``redirect`` last, for so they are evaluated (RFC 7208 6.1)."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The verdict for one sending IP, and how it came about."""

    result: Result | None
    """None while ``needed`` is not empty."""
    needed: frozenset[Key]
    """Questions whose replies are still needed: ask them all at once, add them, call again."""
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
    """For permerror and temperror: one sentence without its full stop, what and where."""
    tree: Node
