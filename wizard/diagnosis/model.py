"""What a diagnosis is made of: signs of a text, causes, the rules that prove or exclude it, and the ranked outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wizard.model.finding import Verdict
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.diagnosis.log_parsing import Line
    from wizard.model.codes import Check, Code
    from wizard.model.finding import Finding

Facts: TypeAlias = Mapping[str, str]
"""What was taken out of a text by its shape: ``code``, ``stage``, ``address``, ``domain``, ``line``, ``variable``..."""

Weight: TypeAlias = Literal["root", "failure", "noise"]
"""``root``: nothing runs until it is repaired; ``noise``: mail works in spite of it."""


class State(StrEnum):
    """How sure it is."""

    PROVEN = "proven"
    """A check that was run says so."""
    LIKELY = "likely"
    """The text says so in words that mean this and little else."""
    POSSIBLE = "possible"
    """The text fits, and fits others as well."""
    EXCLUDED = "excluded"
    """A check that was run rules it out."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing seen in the text, where it was, and the little that was taken from it."""

    key: str
    weight: Weight = "failure"
    place: int = 0
    """Number of its line: later is newer."""
    service: str = ""
    """The container that said it, where docker compose's prefix named one."""
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """Words that mean a sign, in whatever line they are; the named groups of the pattern become facts."""

    sign: str
    pattern: re.Pattern[str]
    weight: Weight


def row(sign: str, pattern: str, weight: Weight = "failure") -> Row:
    """Return a row; *pattern* is a regular expression."""
    return Row(sign, re.compile(pattern), weight)


def first(rows: Iterable[Row], line: Line) -> Sign | None:
    """Return the sign of the first of *rows* that *line* fits."""
    for one in rows:
        if (match := one.pattern.search(line.text)) is not None:
            facts = {name: value for name, value in match.groupdict().items() if value}
            return Sign(one.sign, one.weight, line.place, line.service, facts)
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    """What of a finding settles a cause: its code, or that its check passed or failed."""

    state: Literal[State.PROVEN, State.EXCLUDED]
    codes: frozenset[Code] = frozenset()
    passed: frozenset[Check] = frozenset()
    """Checks of which a pass settles it, whatever its code."""
    failed: frozenset[Check] = frozenset()
    """Checks of which a fail settles it, whatever its code."""
    alone: bool = True
    """Whether the finding alone names the cause; False: only the best of the causes that the text points to."""

    def fits(self, finding: Finding) -> bool:
        """Whether *finding* is one that settles it."""
        if finding.code in self.codes:
            return True
        return (finding.verdict is Verdict.PASS and finding.check in self.passed) or (
            finding.verdict is Verdict.FAIL and finding.check in self.failed
        )

    @property
    def checks(self) -> frozenset[Check]:
        """The checks that can settle it."""
        return self.passed | self.failed | {code.check for code in self.codes}


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause with its remedy; in both texts ``{code}`` is a fact, ``{held}`` for a place in Postal's UI."""

    key: str
    sentence: str
    remedy: str
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Lead:
    """From a sign to one of its causes."""

    cause: str
    score: int
    """How likely this cause is given the sign, 0 to 100; 0: the sign itself rules it out."""
    why: str
    """What of the sign points there, or rules it out; facts in braces."""
    given: tuple[tuple[str, str], ...] = ()
    """Facts and regular expressions that all must match for this lead to count."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A cause with how sure it is. Every text in it is inert."""

    key: str
    cause: str
    state: State
    evidence: str
    remedy: str
    check: str = ""
    """The id of the check that says so; empty: the text does."""

    def __post_init__(self) -> None:
        for name, width in (("cause", CAUSE_WIDTH), ("evidence", _LONGEST), ("remedy", REMEDY_WIDTH)):
            object.__setattr__(self, name, Untrusted(getattr(self, name), width))

    def proof(self, name: Callable[[str], str]) -> str:
        """Return the evidence behind the check that gave it; *name* says what people call a check."""
        return f"{name(self.check)}: {self.evidence}" if self.check else self.evidence


CAUSE_WIDTH: Final = 140
EVIDENCE_WIDTH: Final = 110
REMEDY_WIDTH: Final = 320
"""With the labels these make a block of at most 600 characters; ``render`` cuts the evidence."""
_LONGEST: Final = 400
"""Characters of evidence that a front end with room shows."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Causes, the first one the best named; the excluded ones come last."""

    causes: tuple[Ranked, ...] = ()
    checked: bool = False
    """Whether findings of checks had a say."""
    aside: str = ""
    """What of the text was left aside as other people's doing; empty where nothing was."""

    @property
    def standing(self) -> tuple[Ranked, ...]:
        """The causes that are not excluded, best first."""
        return tuple(ranked for ranked in self.causes if ranked.state is not State.EXCLUDED)

    @property
    def excluded(self) -> tuple[Ranked, ...]:
        """The causes that something rules out."""
        return tuple(ranked for ranked in self.causes if ranked.state is State.EXCLUDED)
