"""After "accepted": what became of this very mail, asked of Postal's API and of GlitchTip's own containers.

What the received mail's headers say is the part of ``wizard.checks.received``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard import diagnosis
from wizard.glitchtip import sendtestemail
from wizard.glitchtip.mail_log import email_lines
from wizard.model.finding import Finding, Verdict
from wizard.model.untrusted import Untrusted
from wizard.postal import api as postal_api
from wizard.postal import server as postal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.draft import Draft
    from wizard.model.secret import Secret
    from wizard.model.session import Session

STATE: Final = "state"
"""The check that asks Postal's API."""
INSIDE: Final = "inside"
"""The check that lets GlitchTip send by itself."""
_LINES: Final = 12
"""Lines of the logs that stand in a finding, the newest."""
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


async def inside(draft: Draft, session: Session) -> list[Finding]:
    """Let GlitchTip send a mail from each of its containers and judge each; one ``skip`` where there is none.

    Needs a recipient in *draft*.
    """
    assert draft.test_mail is not None
    done = await sendtestemail.send(draft, session, draft.test_mail.recipient.strip())
    if isinstance(done, str):
        return [Finding(INSIDE, "docker", Verdict.SKIP, f"Not sent from inside: {done}; the verdicts are the host's.")]
    return [_sent(each, done) for each in done.sent]


def _sent(sent: sendtestemail.Sent, done: sendtestemail.Sending) -> Finding:
    last = [Untrusted(line) for line in email_lines(sent.text)[-1:]]
    log = tuple(line for line in done.log if _is_of(sent.service, line))[-_LINES:]
    evidence = (*last, *(f"log  {line}" for line in log))
    name = Untrusted(sent.service, 60)
    if sent.accepted:
        words = f"GlitchTip's own test mail from {name} was accepted, so its settings and its way out are right."
        return Finding(INSIDE, sent.service, Verdict.PASS, words, evidence)
    if sent.accepted is None:
        return Finding(
            INSIDE, sent.service, Verdict.UNKNOWN, f"From {name} no answer came in time, and the mail may be queued.",
            evidence, "Look at Postal's Messages before sending again; EMAIL_TIMEOUT ends such a wait.",
        )  # fmt: skip
    causes = diagnosis.diagnose(sent.text).standing or diagnosis.diagnose(done.text).standing
    if not causes:
        return Finding(
            INSIDE, sent.service, Verdict.FAIL, f"GlitchTip's own test mail from {name} failed.", evidence,
            f"Read what it says: docker compose exec -T {name} python manage.py sendtestemail ADDRESS",
        )  # fmt: skip
    words = f"GlitchTip's own test mail from {name} failed: {_clause(causes[0].cause)}"
    return Finding(INSIDE, sent.service, Verdict.FAIL, words, evidence, causes[0].remedy)


def _is_of(service: str, line: str) -> bool:
    prefix = line.partition("|")[0].strip()
    return prefix == service or prefix.startswith((f"{service}-", f"{service}_")) or f"-{service}-" in prefix


def _clause(sentence: str) -> str:
    """Return a sentence to stand behind a colon."""
    return sentence if sentence[1:2].isupper() or sentence.startswith("Postal") else sentence[:1].lower() + sentence[1:]


def _granted(found: Iterable[Finding]) -> str | None:
    told = (getattr(finding.detail, "granted", None) for finding in found if finding.check == "auth")
    return next((str(name) for name in told if name), None)
