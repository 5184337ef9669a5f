"""Diagnosis as data: from an error, a log or findings to ranked causes, each with its remedy.

Nothing of the text is ever repeated: what is taken from it are codes, stages and names of a known shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.diagnosis.model import Diagnosis, Ranked, State
from wizard.diagnosis.rank import CAUSES, choice, rank
from wizard.diagnosis.render import SEND_INSTEAD, as_json, as_text
from wizard.diagnosis.repair_step import step_of
from wizard.diagnosis.signs import read
from wizard.diagnosis.symptom_menu import CHOICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.finding import Finding

__all__ = [
    "CAUSES",
    "CHOICES",
    "SEND_INSTEAD",
    "Diagnosis",
    "Ranked",
    "State",
    "as_json",
    "as_text",
    "diagnose",
    "read",
    "step_of",
]


def diagnose(
    text: str | bytes | bytearray | None, findings: Sequence[Finding] = (), symptom: str | None = None
) -> Diagnosis:
    """Rank the causes of what *text* shows, of what *findings* found, and of the chosen *symptom* (a key of CHOICES).

    A symptom only counts where the text says nothing. Never raises, whatever the text.
    """
    signs, facts = read(text) if text else ([], {})
    if not signs and symptom is not None:
        signs = choice(symptom)
    return rank(signs, findings, facts)
