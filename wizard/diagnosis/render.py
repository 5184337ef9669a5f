"""A diagnosis as the contract has it: numbered blocks and a line ``Excluded``, or one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wizard.diagnosis.model import EVIDENCE_WIDTH
from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.diagnosis.model import Diagnosis, Ranked

NOTHING: Final = "Nothing recognised"
SEND_INSTEAD: Final = (
    "Send the whole last traceback instead, from docker compose logs --since 30m web worker, down to its last "
    "line. If there is no error but no mail, send the message's deliveries in Postal (Messages, Outgoing, the "
    "message), or postal logs smtp at the second of the attempt."
)
"""What tells more where nothing was recognised; for people, so it belongs to stderr or a screen."""
_NO_CHECKS: Final = "nothing yet: give --env-file .env or --answers FILE, and the checks that can exclude causes run"
_NOTHING_EXCLUDED: Final = "nothing"


def as_text(diagnosis: Diagnosis, name: Callable[[str], str] = str) -> str:
    """Return the blocks ``1  CAUSE``, ``2  CAUSE``..., then ``Excluded`` and what rules each out.

    *name* says what people call a check.
    """
    if not diagnosis.causes:
        return NOTHING
    blocks = [block(number, ranked, name) for number, ranked in enumerate(diagnosis.standing, 1)]
    said = [f"   {ranked.cause} ({_cut(ranked.proof(name))})" for ranked in diagnosis.excluded]
    if not diagnosis.checked:
        said.append(f"   {_NO_CHECKS}")
    elif not said:
        said.append(f"   {_NOTHING_EXCLUDED}")
    aside = [f"Ignored\n   {diagnosis.aside}"] if diagnosis.aside else []
    return "\n\n".join([*blocks, "\n".join(["Excluded", *said]), *aside])


def block(number: int, ranked: Ranked, name: Callable[[str], str]) -> str:
    """Return one cause, how it is known, and its remedy."""
    evidence = _cut(ranked.proof(name))
    return f"{number}  {ranked.cause}\n   {ranked.state.value.capitalize()}: {evidence}\n   {ranked.remedy}"


def _cut(evidence: str) -> str:
    return Untrusted(evidence, EVIDENCE_WIDTH)


def as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return the contract's object."""
    return {
        "schema": 1,
        "causes": [
            {
                "code": ranked.key,
                "cause": ranked.cause,
                "state": ranked.state.value,
                "evidence": _cut(ranked.proof(str)),
                "remedy": ranked.remedy,
            }
            for ranked in diagnosis.causes
        ],
    }
