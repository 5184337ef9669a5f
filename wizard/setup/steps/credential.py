"""Credential: one AUTH a press, what Postal grants, and the EMAIL_URL that comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.email_url import url as email_url
from wizard.model import validation
from wizard.model.finding import Verdict, granted
from wizard.model.flow import Flow
from wizard.model.secret import Secret, plaintext
from wizard.model.untrusted import Untrusted
from wizard.postal.key import same_key
from wizard.postal.web_ui import place
from wizard.setup.fields import found, text
from wizard.setup.pasting import take_page
from wizard.setup.step import Checks, Offer, Problem, Result, SecretField, Step

if TYPE_CHECKING:
    from wizard.model.finding import Finding
    from wizard.model.session import Listener, Session
    from wizard.setup.flow import FlowState
    from wizard.setup.step import Given

KEY: Final = "credential"
_PASTE: Final = "Paste an EMAIL_URL, or one of Postal's pages Help or Credentials, selected whole in the browser."


def _take_key(session: Session, key: Secret | None) -> Session:
    """Take a key; blanks around it are not part of it (Postal's keys are letters and digits)."""
    return replace(session, key=Secret(key.reveal().strip()) if key is not None else None)


def _remark(typed: str) -> str:
    """Return what is left out of a typed key: blanks around it."""
    return "The blanks around the key are left out." if typed != typed.strip() else ""


_USERNAME: Final = text(KEY, "username", "User name", "org/server, on Postal's page Help")
_SECRET: Final = SecretField(
    f"{KEY}.key", "Key", lambda session: session.key, _take_key, "of type SMTP", remark=_remark
)
FIELDS: Final = (_USERNAME, _SECRET)
_NEW: Final = replace(_SECRET, label="New key", hint="of the credential made for this", keeps=False)


def problems(state: FlowState) -> list[Problem]:
    """Return what is wrong with user name and key; a rotation takes neither no key nor the one that is there."""
    key = state.session.key
    wrong = validation.problem_with_key(key.reveal() if key is not None else "")
    if state.kind is Flow.ROTATE and (key is None or (state.stored is not None and same_key(key, state.stored))):
        wrong = "Type the new key." if key is None else "This is the key that GlitchTip has already."
        where = place("new_credential", granted(state.all_findings))
        wrong += f" Make a new credential in Postal first, of type SMTP: {where}."
    return found(
        credential__username=validation.problem_with_username(state.draft.credential.username), credential__key=wrong
    )


def about(state: FlowState) -> object:
    """Return what a login is about."""
    return (state.draft.server, state.draft.credential, state.session.key)


def _checks(state: FlowState) -> Checks:
    async def run(on_event: Listener) -> list[Finding]:
        from wizard.checks.smtp import run as smtp  # start-up: 80 ms

        return await smtp.check(state.draft, state.session, on_event)

    return Checks(run, about)


def other_name(state: FlowState) -> str:
    """Return the org/server that Postal granted the key for, where the user name is another; else empty."""
    name = Untrusted(granted(state.findings(KEY)) or "", 80)
    return name if name != state.draft.credential.username else ""


def url_lines(state: FlowState) -> list[str]:
    """Return the EMAIL_URL masked, and what became of special characters."""
    key, draft = state.session.key, state.draft
    if key is None or draft.server.port is None or not draft.credential.username:
        return []
    try:
        url = email_url.build(draft.credential.username, key.reveal(), draft.server.host, draft.server.port)
    except email_url.CredentialError as error:
        return [str(error)]
    # Of the key only how many: which ones it has is a part of it.
    became = [f"{was} became {code}" for was, code in email_url.encoded_characters(draft.credential.username)]
    special = len(email_url.encoded_characters(key.reveal()))
    if special:
        became.append(f"in the key {special} kind{'s' * (special > 1)} of special character encoded")
    return [f"EMAIL_URL   {email_url.masked(url)}", *([f"{'':<12}{', '.join(became)}"] if became else [])]


def key_facts(typed: str) -> tuple[str, str]:
    """Return what can be said of a key that is being typed: a hint with its length, and a warning or nothing."""
    key = typed.strip()
    warnings = [_remark(typed), *email_url.warnings(key)] if key else []
    return (f"{len(key)} character{'s' * (len(key) != 1)}" if key else "", " ".join(filter(None, warnings)))


async def _use_granted(state: FlowState, _given: Given, _on_event: Listener) -> Result:
    name = other_name(state)
    state.draft = replace(state.draft, credential=replace(state.draft.credential, username=name))
    return Result(sentences=(f"The user name is {name} now; check again to prove it.",))


async def _paste(state: FlowState, given: Given, _on_event: Listener) -> Result:
    pasted = plaintext(given["block"])
    return _take_url(state, pasted) if "://" in pasted else take_page(state, pasted)


def _take_url(state: FlowState, pasted: str) -> Result:
    """Take an EMAIL_URL, encoded or not."""
    try:
        parts = email_url.parse(pasted)
    except email_url.CredentialError as error:
        return Result(sentences=(str(error),))
    state.session = replace(state.session, key=parts.key)
    server = replace(state.draft.server, host=parts.host, port=parts.port)
    if state.kind is Flow.ROTATE and server != state.draft.server:
        kept = state.draft.server
        moved = f"The URL names {parts.host}:{parts.port}; a rotation keeps {kept.host}:{kept.port}."
    else:
        moved = ""
        state.draft = replace(state.draft, server=server)
    state.draft = replace(state.draft, credential=replace(state.draft.credential, username=parts.username))
    taken = f"Taken: {parts.host}:{parts.port}, user name {parts.username}, a key of {len(parts.key)} characters."
    return Result(sentences=tuple(line for line in (parts.guessed or "", taken, moved) if line))


def _offers(state: FlowState) -> tuple[Offer, ...]:
    paste = Offer("paste", "f4", "paste a URL or page", _paste, block=_PASTE, secret_block=True)
    name = other_name(state)
    if not name:
        return (paste,)
    wrong = any(one.check == "username" and one.verdict is Verdict.WARN for one in state.findings(KEY))
    why = "GlitchTip's first login of every mail fails until then." if wrong else ""
    return (Offer("use_granted", "u", f"use {name} as user name", _use_granted, why=why), paste)


STEP: Final = Step(
    KEY,
    "Credential",
    "Which key may GlitchTip use?",
    "Postal: your mail server, Credentials, type SMTP. Help shows the user name.",
    fields=lambda state: (_USERNAME, _NEW if state.kind is Flow.ROTATE else _SECRET),
    problems=problems,
    checks=_checks,
    lines=url_lines,
    offers=_offers,
)
