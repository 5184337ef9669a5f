"""Short ways to write down which outcome of a check proves a cause, supports it, or rules it out.

Rules name codes and verdicts, never words: any sentence of a finding may change without changing a diagnosis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.model import Rule, State

if TYPE_CHECKING:
    from wizard.model.codes import Check, Code


def proven(*codes: Code) -> Rule:
    """Return a rule for outcomes that mean this cause and no other."""
    return Rule(State.PROVEN, frozenset(codes))


def fails(*checks: Check) -> Rule:
    """Return the same for any fail of these checks."""
    return Rule(State.PROVEN, failed=frozenset(checks))


def upholds(*codes: Code) -> Rule:
    """Return a rule for outcomes of several causes: it proves the best of those that the text points to."""
    return Rule(State.PROVEN, frozenset(codes), alone=False)


def upheld_by(*checks: Check) -> Rule:
    """Return the same for any fail of these checks."""
    return Rule(State.PROVEN, failed=frozenset(checks), alone=False)


def excluded(*codes: Code) -> Rule:
    """Return a rule for outcomes that rule the cause out."""
    return Rule(State.EXCLUDED, frozenset(codes))


def passes(*checks: Check) -> Rule:
    """Return the same for a pass of one of these checks."""
    return Rule(State.EXCLUDED, passed=frozenset(checks))
