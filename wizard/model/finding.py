"""What a check found: one verdict about one subject, with its evidence and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from wizard.model.codes import DNS, Code
from wizard.model.details import Login, Published, Triangle
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wizard.model.details import Detail

RECORD_WIDTH: Final = 4096
"""A record to paste is shown whole: a 2048-bit DKIM key has 410 characters."""


class Verdict(StrEnum):
    """The five words, the same on every surface. ``unknown`` is neither good nor bad news."""

    PASS = "pass"  # noqa: S105  # a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIP = "skip"

    @property
    def word(self) -> str:
        """The word in front of a row: meaning never rests on colour."""
        return _WORDS[self]


_WORDS: Final = {
    Verdict.PASS: "OK",
    Verdict.WARN: "WARN",
    Verdict.FAIL: "FAIL",
    Verdict.UNKNOWN: "?",
    Verdict.SKIP: "-",
}
_WORST_FIRST: Final = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Record:
    """A DNS record to publish, in the two forms that DNS panels take."""

    name: str
    """The full name with its final dot."""
    relative: str
    """The name relative to the From domain; ``@`` for the domain itself."""
    type: str
    value: str

    def __post_init__(self) -> None:
        for name in ("name", "relative", "type", "value"):
            object.__setattr__(self, name, Untrusted(getattr(self, name), RECORD_WIDTH))

    def as_json(self) -> dict[str, str]:
        """Return the ``record`` object of the contract."""
        return {"name": self.name, "relative": self.relative, "type": self.type, "value": self.value}


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict about one subject. Every text in it is made inert here, whatever a server put into it."""

    check: str
    """The check's id, from the contract."""
    subject: str
    """What was judged: a name, an address, a file."""
    verdict: Verdict
    summary: str
    """One sentence: current value, wanted value, consequence."""
    evidence: tuple[str, ...] = ()
    remedy: str = ""
    """What to do next; empty only where nothing is to be done."""
    seconds: float = 0.0
    record: Record | None = None
    detail: Detail | None = field(default=None, compare=False, repr=False)
    """What a front end may draw (an SPF tree, a dialogue, an alignment triangle); never part of the JSON."""
    code: Code | None = None
    """The outcome for programs: what rules, remedies and tests match."""
    proven_from: str | None = None
    """``host``, ``dns``, ``postal``, ``mail``, ``infisical`` or ``container NAME``; None for a skip. Without it, the
    usual place of the check."""

    @classmethod
    def ok(cls, code: Code, subject: str, summary: str, evidence: Sequence[str] = (), **more: Any) -> Finding:
        """Return a pass: *summary* names what was proven."""
        return cls.of(Verdict.PASS, code, subject, summary, evidence, **more)

    @classmethod
    def warn(cls, code: Code, subject: str, summary: str, evidence: Sequence[str] = (), **more: Any) -> Finding:
        """Return a warning: mail flows, with a weakness that *summary* names and *remedy* ends."""
        return cls.of(Verdict.WARN, code, subject, summary, evidence, **more)

    @classmethod
    def fail(cls, code: Code, subject: str, summary: str, evidence: Sequence[str] = (), **more: Any) -> Finding:
        """Return a proven fault."""
        return cls.of(Verdict.FAIL, code, subject, summary, evidence, **more)

    @classmethod
    def unknown(cls, code: Code, subject: str, summary: str, evidence: Sequence[str] = (), **more: Any) -> Finding:
        """Return a finding that could be judged neither way."""
        return cls.of(Verdict.UNKNOWN, code, subject, summary, evidence, **more)

    @classmethod
    def skip(cls, code: Code, subject: str, summary: str, evidence: Sequence[str] = (), **more: Any) -> Finding:
        """Return what does not apply, or was not looked at."""
        return cls.of(Verdict.SKIP, code, subject, summary, evidence, **more)

    @classmethod
    def of(
        cls,
        verdict: Verdict,
        code: Code,
        subject: str,
        summary: str,
        evidence: Sequence[str] = (),
        *,
        remedy: str = "",
        record: Record | None = None,
        detail: Detail | None = None,
        proven_from: str | None = None,
        seconds: float = 0.0,
    ) -> Finding:
        """Return a finding whose *verdict* is decided beside its code."""
        return cls(
            code.check, subject, verdict, summary, tuple(evidence), remedy, seconds, record, detail, code, proven_from
        )

    def __post_init__(self) -> None:
        if self.verdict is Verdict.SKIP:
            object.__setattr__(self, "proven_from", None)
        elif self.proven_from is None:
            object.__setattr__(self, "proven_from", "dns" if self.check in DNS else "host")
        else:
            object.__setattr__(self, "proven_from", Untrusted(self.proven_from, 80))
        object.__setattr__(self, "subject", Untrusted(self.subject))
        object.__setattr__(self, "summary", Untrusted(self.summary, 500))
        object.__setattr__(self, "remedy", Untrusted(self.remedy, 800))
        object.__setattr__(self, "evidence", tuple(Untrusted(line) for line in self.evidence))

    def as_json(self) -> dict[str, Any]:
        """Return the finding as the contract's ``findings`` object."""
        found: dict[str, Any] = {
            "check": str(self.check),
            "code": str(self.code or f"{self.check}.{self.verdict}"),
            "subject": self.subject,
            "verdict": self.verdict.value,
            "summary": self.summary,
            "evidence": list(self.evidence),
            "remedy": self.remedy,
            "seconds": round(self.seconds, 3),
        }
        if self.proven_from is not None:
            found["proven_from"] = self.proven_from
        if self.record is not None:
            found["record"] = self.record.as_json()
        return found

    def timed(self, seconds: float) -> Finding:
        """Return the same finding with the time it took."""
        return replace(self, seconds=seconds)


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict in the order fail, unknown, warn, pass; skip does not count (none left: pass)."""
    seen = {finding.verdict for finding in findings}
    return next((verdict for verdict in _WORST_FIRST if verdict in seen), Verdict.PASS)


KEY_UNKNOWN: Final = frozenset({Code.AUTH_INVALID_CREDENTIAL, Code.AUTH_DENIED})
"""What says that Postal knows no such key: any other failed login says something about the server, or nothing."""
KEY_REFUSED: Final = KEY_UNKNOWN | {Code.AUTH_OTHER_SERVER, Code.AUTH_REFUSED}
"""What says that a server refused this login; the rest never came to the key."""


def granted(findings: Iterable[Finding]) -> str | None:
    """Return the ``org/server`` that Postal granted the key for, None where no AUTH has passed or it did not say."""
    auth = next((found for found in findings if found.check == "auth" and found.verdict is Verdict.PASS), None)
    return auth.detail.granted if auth is not None and isinstance(auth.detail, Login) else None


def stale_seconds(findings: Iterable[Finding]) -> float | None:
    """Return the seconds until the first old answer leaves the resolver's cache; None where it holds none."""
    held = [one.detail.stale for one in findings if isinstance(one.detail, Published) and one.detail.stale is not None]
    return min(held, default=None)


def needs_check_pressed(findings: Iterable[Finding]) -> bool:
    """Whether somebody has yet to press *Check my records are correct* in Postal, as far as the DNS checks know.

    True where the records are right and Postal does not sign by them, or is not known to. False without an
    ``alignment`` finding among *findings*, and while the key is not right: then that comes first.
    """
    triangles = (finding.detail for finding in findings if isinstance(finding.detail, Triangle))
    return any(triangle.press_check for triangle in triangles)
