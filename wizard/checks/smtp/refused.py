"""What a refusal means for the check that met it: Postal's own words, then the words of any server, then the stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model.codes import Check, Code
from wizard.model.finding import Verdict
from wizard.postal import server as postal
from wizard.postal.refusals import TEMPORARY, refusal

if TYPE_CHECKING:
    from wizard.checks.smtp.client import Reply


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reply comes to."""

    verdict: Verdict
    code: Code
    meaning: str
    """A clause that follows the quoted reply."""
    remedy: str


def judged(check: Check, verb: postal.Stage, reply: Reply, server: str | None = None) -> Judgement:
    """Judge *reply* to *verb*, which is not the one that lets the dialogue continue.

    *server* is ``org/server``, for the places that a remedy names. A 4xx is unknown, unless its words name a thing
    that waiting does not change.
    """
    known = postal.meaning(verb, reply.code, reply.text)
    waits = Verdict.UNKNOWN if 400 <= reply.code < 500 else Verdict.FAIL
    other = _other(check, verb, reply.code)
    if known is None:
        return Judgement(Verdict.FAIL, other, "no mail server answers like that here", _NO_ANSWER)
    family = refusal(reply.code, reply.text)
    # A family that a check cannot meet has no code there: a login refused in other words is judged by its stage, and
    # so is a plain "later".
    code = _code(check, family.suffix) if family is not None and family.suffix != TEMPORARY else None
    if not known.postal and family is not None and code is not None:
        return Judgement(waits if family.waits else Verdict.FAIL, code, family.meaning, family.remedy)
    return Judgement(waits, _code(check, known.outcome) or other, known.meaning, known.fix(server))


_NO_ANSWER: Final = "Check host and port: they must lead to Postal's SMTP server."
_DECLARED: Final = frozenset(Code)


def _code(check: Check, outcome: str) -> Code | None:
    value = f"{check}.{outcome}"
    return Code(value) if value in _DECLARED else None


def _other(check: Check, verb: postal.Stage, code: int) -> Code:
    """Return the code of a refusal that nothing more is known about."""
    match check:
        case Check.GREETING if verb == "EHLO":
            return Code.GREETING_EHLO_REFUSED
        case Check.GREETING:
            return Code.GREETING_BUSY if 400 <= code < 500 else Code.GREETING_CLIENT_REFUSED
        case Check.TLS:
            return Code.TLS_REFUSED
    return Code(f"{check}.refused")
