"""Short ways to write down what proves or excludes a cause."""

from __future__ import annotations

from wizard.diagnosis.model import Proof, State
from wizard.model.finding import Verdict

FAIL, WARN, PASS = (Verdict.FAIL,), (Verdict.WARN,), (Verdict.PASS,)
BAD = (Verdict.FAIL, Verdict.UNKNOWN)


def proven(check: str, words: str = "", verdicts: tuple[Verdict, ...] = FAIL) -> Proof:
    """Return a proof by a finding that is not as it should be."""
    return Proof(State.PROVEN, check, verdicts, words)


def upholds(check: str, words: str = "", verdicts: tuple[Verdict, ...] = FAIL) -> Proof:
    """Return a proof that holds only for what the text points to already: the finding has many causes."""
    return Proof(State.PROVEN, check, verdicts, words, alone=False)


def excluded(check: str, words: str = "", verdicts: tuple[Verdict, ...] = PASS) -> Proof:
    """Return what rules a cause out: most often a check that passed."""
    return Proof(State.EXCLUDED, check, verdicts, words)
