"""After "accepted": what became of this very mail, asked of Postal's API.

What the received mail's headers say is the part of ``wizard.checks.received``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard import diagnosis
from wizard.model.finding import Finding, Verdict
from wizard.postal import api as postal_api
from wizard.postal import server as postal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.draft import Draft
    from wizard.model.secret import Secret
    from wizard.model.session import Session

STATE: Final = "state"
"""The check that asks Postal's API."""
_WAITING: Final = frozenset({"Pending", "SoftFail"})
_LATER: Final = "Ask again in a minute"


def web_address(draft: Draft, session: Session) -> str:
    """Return the best guess at where Postal's web interface is: it answers to its own name alone."""
    if session.web_address:
        return session.web_address
    host = draft.domain.helo or draft.server.host
    return f"https://{host}" if host else "https://"


async def state(address: str, key: Secret, message_id: str, found: Iterable[Finding] = ()) -> Finding:
    """Judge what became of the message with *message_id*; *found* tells which mail server it is about.

    The key is in no text of it, though Postal's own error echoes it.
    """
    server = _granted(found)
    try:
        told = await postal_api.find(address, key, message_id)
    except postal_api.StateUnknownError as error:
        remedy = (
            f"An API key is made at {postal.place('new_credential', server)}: Type API. Without one: n lists causes."
        )
        return Finding(STATE, message_id, Verdict.UNKNOWN, str(error), remedy=remedy)
    evidence = (
        f"message {told.id} of this mail server: {told.status}",
        *([f"its last delivery: {told.details}"] if told.details else []),
        *([f"the recipient's server said: {told.output}"] if told.output else []),
    )
    if told.status in {"Sent", "Processed"}:
        said = told.details.rstrip(".") or told.status
        words = f"Postal handed the mail over ({said}): look into the recipient's spam folder."
        return Finding(STATE, message_id, Verdict.PASS, words, evidence)
    causes = diagnosis.diagnose(told.details or _WORDS.get(told.status, "")).standing
    verdict = Verdict.WARN if told.status in _WAITING else Verdict.FAIL
    if not causes:
        return Finding(
            STATE, message_id, verdict, f"Postal has it as {told.status}: {told.details or 'it says no more'}.",
            evidence, f"Open the message at {postal.place('messages', server)}: its deliveries say why.",
        )  # fmt: skip
    cause = causes[0]
    remedy = f"{_LATER}; if it stays so: {cause.remedy}" if told.status == "Pending" else cause.remedy
    return Finding(
        STATE, message_id, verdict, f"Postal has it as {told.status}: {_clause(cause.cause)}", evidence, remedy
    )


_WORDS: Final = {"Pending": "No delivery attempts yet.", "Bounced": '"status":"Bounced"'}
"""A status that needs no delivery to be understood -> what ``diagnosis`` knows it by."""


def _clause(sentence: str) -> str:
    """Return a sentence to stand behind a colon."""
    return sentence if sentence[1:2].isupper() or sentence.startswith("Postal") else sentence[:1].lower() + sentence[1:]


def _granted(found: Iterable[Finding]) -> str | None:
    told = (getattr(finding.detail, "granted", None) for finding in found if finding.check == "auth")
    return next((str(name) for name in told if name), None)
