"""After "accepted": what became of this very mail, asked of Postal's API.

What the received mail's headers say is the part of ``wizard.checks.received``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from typing import TYPE_CHECKING, Final

from wizard.model.codes import Code
from wizard.model.details import Arrival
from wizard.model.finding import Finding, Verdict, granted
from wizard.postal import api, held, web_ui

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.model.draft import Draft
    from wizard.model.secret import Secret
    from wizard.model.session import MessageIds, Session
    from wizard.postal.held import Held

WAIT: Final = 60.0
"""Seconds for which the unattended question waits for a mail that Postal has not tried to deliver yet."""
_PAUSES: Final = (1.0, 2.0, 3.0, 5.0)
"""Seconds between two questions; the last one is repeated."""
_FAILED: Final = frozenset({"Held", "HoldCancelled", "HardFail", "Bounced"})
_UNNAMED: Final = {
    "Held": Code.ARRIVAL_HELD,
    "HoldCancelled": Code.ARRIVAL_HOLD_CANCELLED,
    "HardFail": Code.ARRIVAL_HARD_FAIL,
    "SoftFail": Code.ARRIVAL_SOFT_FAIL,
}
"""A status whose reason is not known -> its code."""
NEW_KEY: Final = frozenset({Code.ARRIVAL_KEY_INVALID, Code.ARRIVAL_KEY_UNUSABLE})
"""What another API key alone helps against."""
_ADDRESS: Final = frozenset(
    {
        Code.ARRIVAL_NOT_HTTPS,
        Code.ARRIVAL_UNREACHABLE,
        Code.ARRIVAL_HTTP_STATUS,
        Code.ARRIVAL_NOT_POSTAL,
        Code.ARRIVAL_TOO_SLOW,
    }
)


def web_address(draft: Draft, session: Session) -> str:
    """Return where Postal's web interface is, or the best guess: it answers to its own name alone."""
    if session.web_address or draft.server.web_url:
        return session.web_address or draft.server.web_url
    host = draft.domain.helo or draft.server.host
    return f"https://{host}" if host else "https://"


async def arrival(
    draft: Draft, session: Session, message_id: str, wait_seconds: float = WAIT, findings: Iterable[Finding] = ()
) -> Finding:
    """Judge what became of the message with *message_id*, and wait for it up to *wait_seconds* while it is Pending.

    A skip without an API key in *session*, without an address of the web interface, or without a message. *findings*
    are those of the sending: they name the mail server, for the paths in remedies.
    """
    address = session.web_address or draft.server.web_url
    if session.api_key is None:
        return Finding.skip(
            Code.ARRIVAL_NOT_ASKED, "Postal's API", "Postal was not asked about the test mail: there is no API key.",
            remedy="Give server.web_url, and the key of a credential of type API with --postal-api-key-fd N.",
        )  # fmt: skip
    if not address:
        return Finding.skip(
            Code.ARRIVAL_NO_VALUE, "Postal's API",
            "Postal was not asked about the test mail: the address of its web interface is not known.",
            remedy="Write server.web_url into the answers file: what the browser shows before /org, such as "
            "https://postal.example.com.",
        )  # fmt: skip
    if not message_id:
        return Finding.skip(
            Code.ARRIVAL_NOT_REACHED,
            "Postal's API",
            "No test mail was accepted, so there is nothing to ask Postal about.",
        )
    found = list(findings)
    started = time.monotonic()
    finding = _too_slow(message_id, granted(found), wait_seconds)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_seconds):
            for turn in itertools.count():
                finding = await state(address, session.api_key, message_id, found, ids=session.message_ids)
                if finding.code is not Code.ARRIVAL_PENDING:
                    break
                await asyncio.sleep(_PAUSES[min(turn, len(_PAUSES) - 1)])
    return finding.timed(time.monotonic() - started)


def _too_slow(message_id: str, server: str | None, seconds: float) -> Finding:
    return Finding.unknown(
        Code.ARRIVAL_TOO_SLOW, message_id, f"Postal's web interface did not answer within {seconds:.0f} s.",
        remedy=_remedy(Code.ARRIVAL_TOO_SLOW, server), proven_from="postal",
    )  # fmt: skip


async def state(
    address: str,
    key: Secret,
    message_id: str,
    findings: Iterable[Finding] = (),
    *,
    ids: MessageIds | None = None,
) -> Finding:
    """Ask once what became of the message with *message_id*; the key is in no text of the finding.

    *ids* is what earlier questions have shown of the server's messages, such as ``Session.message_ids``.
    """
    server = granted(findings)
    try:
        message = await api.find(address, key, message_id, ids)
    except api.StateUnknownError as error:
        verdict = Verdict.FAIL if error.code is Code.ARRIVAL_SUSPENDED else Verdict.UNKNOWN
        return Finding.of(
            verdict, error.code, message_id, str(error), remedy=_remedy(error.code, server), proven_from="postal"
        )
    return _judged(message, message_id, server)


def _judged(message: api.MessageState, message_id: str, server: str | None) -> Finding:
    evidence = (
        f"message {message.id} of this mail server: {message.status}",
        *([f"its last delivery: {message.details}"] if message.details else []),
        *([f"the other side said: {message.output}"] if message.output else []),
    )
    detail = Arrival(message.id, message.status)
    if message.status == "Sent":
        words = message.details.rstrip(".") or "its status is Sent"
        return Finding.ok(
            Code.ARRIVAL_SENT, message_id,
            f"Postal sent the mail: {words}. Look for it in the recipient's inbox, then in the spam folder.",
            evidence, detail=detail, proven_from="postal",
        )  # fmt: skip
    why = held.reason(message.status, message.details, message.output)
    verdict = Verdict.FAIL if message.status in _FAILED else Verdict.UNKNOWN
    code = why.code if why is not None else _UNNAMED.get(message.status, Code.ARRIVAL_OTHER)
    return Finding.of(
        verdict, code, message_id, _summary(message, why), evidence,
        remedy=_release(message, why, server), detail=detail, proven_from="postal",
    )  # fmt: skip


def _summary(message: api.MessageState, why: Held | None) -> str:
    if message.status == "HoldCancelled":
        return "Postal dropped the mail: the hold expired, or somebody cancelled it."
    if why is None:
        words = message.details.rstrip(".")
        return f"Postal shows the mail as {message.status}{f': {words}' if words else ', and says no more'}."
    said = f' It said: "{message.output}".' if message.output and message.status == "HardFail" else ""
    return f"Postal shows the mail as {message.status}: {_clause(why.cause)}.{said}"


def _release(message: api.MessageState, why: Held | None, server: str | None) -> str:
    shown = web_ui.message(message.id, server)
    if message.status == "HoldCancelled":
        return f"Send a new test mail. The reason is at {shown}."
    if why is None:
        return f"Open the message at {shown}: its deliveries say why."
    other = "" if why.tab == "messages" else f" The page for it: {web_ui.place(why.tab, server)}."
    return f"{why.release} The message: {shown}.{other}"


def _clause(sentence: str) -> str:
    """Return a sentence to put behind a colon."""
    return sentence if sentence.startswith("Postal") else sentence[:1].lower() + sentence[1:]


def _remedy(code: Code, server: str | None) -> str:
    """Return what to do where the API gave no state."""
    if code is Code.ARRIVAL_SUSPENDED:
        return (
            f"Have an admin of Postal end the suspension: {web_ui.place('advanced', server)}. Then press Release on "
            f"what was held: {web_ui.place('held', server)}."
        )
    if code in NEW_KEY:
        return f"Make a credential of type API at {web_ui.place('new_credential', server)}, and give its key."
    if code is Code.ARRIVAL_TLS:
        return (
            "Use the host name that the certificate is for. If a private CA signed it, install that CA's "
            "certificate on this host, or name its file in SSL_CERT_FILE."
        )
    if code in _ADDRESS:
        return (
            "Give the address that the browser shows before /org, with https://. Or look for the mail at "
            f"{web_ui.place('messages', server)}."
        )
    if code is Code.ARRIVAL_NONE_MET:
        return (
            f"Look for the mail at {web_ui.place('messages', server)}. If that page lists messages, the wizard "
            "cannot find this one by its number: open it there, its deliveries say what happened."
        )
    if code is Code.ARRIVAL_NOT_FOUND:
        return (
            f"Look for the mail at {web_ui.place('messages', server)}. If it is there, the API key belongs to "
            "another mail server, or many newer messages have come in."
        )
    return f"Look for the mail at {web_ui.place('messages', server)}."
