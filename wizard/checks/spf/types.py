"""What goes into the SPF evaluator, and what a walk without a sending address finds; verdicts are in ``model.spf``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Reply:
    """The final answer to one question; CNAMEs are already followed."""

    status: Literal["answer", "empty", "nxdomain", "error"]
    """``empty``: NOERROR without such records; ``error``: SERVFAIL, REFUSED, time-out and the like."""
    values: tuple[Any, ...] = ()
    """TXT: bytes, strings joined. A, AAAA: str. MX: (preference, host). PTR: host. Hosts without the final dot."""

    @property
    def void(self) -> bool:
        """Whether the look-up found nothing (RFC 7208 4.6.4)."""
        return self.status in {"empty", "nxdomain"} or (self.status == "answer" and not self.values)


@dataclass(frozen=True, slots=True)
class Whole:
    """The tree walked without an IP, also behind a match."""

    terms: int
    """Terms in the whole tree that query DNS; those behind an ``all`` never do (RFC 7208 5.1)."""
    problem: str
    """The first fault found, one sentence without its full stop; empty if there is none."""
