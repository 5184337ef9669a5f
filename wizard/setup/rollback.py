"""The one roll-back, for screens, line prompts and the command: the old key is proven before it is put back.

What is put back is what the newest backup of the `.env` holds, or Infisical's previous values while they are still
ours; the outcome says what the target holds afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.email_url import readers
from wizard.email_url import url as email_url
from wizard.model.draft import Credential, Draft, InfisicalTarget, Server
from wizard.model.exit_codes import Exit
from wizard.model.finding import KEY_REFUSED, Verdict
from wizard.model.secret import plaintext
from wizard.rollout import restart
from wizard.setup import writing
from wizard.state import client_secret, previous_values
from wizard.targets import NothingToRollBackError, Refused, UncertainError
from wizard.targets.infisical.target import infisical_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from wizard.model.finding import Finding
    from wizard.model.secret import Secret
    from wizard.model.session import Session
    from wizard.state.journal import Journal
    from wizard.state.previous_values import Kept
    from wizard.targets import Receipt, TargetWriter
    from wizard.targets.infisical.records import InfisicalFacts

_HISTORY: Final = (
    "Infisical keeps the previous values itself: open the project, the secret, then Version history. After its run the "
    "wizard keeps them only in a keyring, and only if you asked for that."
)
_UNCHANGED: Final = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class RollbackOutcome:
    """How the roll-back ended: 0 done, 1 refused, 2 impossible, 3 the old key could not be judged, 4 uncertain."""

    exit: Exit
    sentences: tuple[str, ...]
    receipt: Receipt[object] | None = None
    """What was put back; None where nothing was."""


async def run(
    draft: Draft, session: Session, journal: Journal, *, writer: TargetWriter | None = None
) -> RollbackOutcome:
    """Put back the values that the last writing to the draft's target replaced.

    *writer*: the one of this very run, which has them in memory; a later process finds them in the newest backup, or
    for Infisical in the keyring.
    """
    target = draft.target
    if target is None:
        return RollbackOutcome(Exit.USAGE, ("There is no target to roll back.",))
    if writer is not None:
        return await _in_words(_roll_back(writer, None, draft, session, journal))
    earlier: Kept | None = None
    if isinstance(target, InfisicalTarget):
        kept = await previous_values.recall(target, journal)
        if isinstance(kept, str):
            return RollbackOutcome(Exit.USAGE, (f"This cannot be rolled back from here: {kept}", _HISTORY))
        earlier = kept
        if session.client_secret is None and session.token is None:
            recalled = await client_secret.recall(target, journal, unmarked=True)
            if recalled.secret is None:
                missing = "Infisical's client secret is missing: give it with --client-secret-fd N."
                return RollbackOutcome(Exit.USAGE, (f"{recalled.message} {missing}".strip(),))
            session = replace(session, client_secret=recalled.secret)
    made = writing.writer(target, session, journal)
    try:
        return await _in_words(_roll_back(made, earlier, draft, session, journal))
    finally:
        await made.close()


async def _in_words(work: Coroutine[Any, Any, RollbackOutcome]) -> RollbackOutcome:
    try:
        return await work
    except NothingToRollBackError as error:
        return RollbackOutcome(Exit.USAGE, (str(error),))
    except Refused as error:
        return RollbackOutcome(Exit.FAILED, (str(error), _UNCHANGED))
    except UncertainError as error:
        states = (f"{key}: {state.value.replace('_', ' ')}" for key, state in error.keys.items())
        return RollbackOutcome(Exit.UNWRITTEN, (str(error), *states))


async def _roll_back(
    writer: TargetWriter, earlier: Kept | None, draft: Draft, session: Session, journal: Journal
) -> RollbackOutcome:
    infisical = infisical_of(writer)
    if infisical is not None and earlier is not None:
        infisical.remember(earlier)
    old = (await writer.previous()).get("EMAIL_URL")
    unproven = await _unproven(old, draft, session) if old is not None else None
    if unproven is not None:
        return unproven
    receipt = await writer.roll_back()
    mute = without_mail(old)
    if isinstance(draft.target, InfisicalTarget):
        await previous_values.forget(draft.target, journal)
    done = _done(receipt, draft, session, infisical.known if infisical is not None else None)
    return replace(done, sentences=(*done.sentences, mute)) if mute and receipt.written else done


def _done(receipt: Receipt[object], draft: Draft, session: Session, known: InfisicalFacts | None) -> RollbackOutcome:
    """Say what the target holds now, which is what its own reading back found."""
    keys = ", ".join(f"{key} {state.value.replace('_', ' ')}" for key, state in receipt.keys.items())
    if receipt.awaits_approval:
        sentence = f"{receipt.location}: a change request was opened; nothing has changed until it is approved."
        return RollbackOutcome(Exit.UNWRITTEN, (sentence, *receipt.facts), receipt)
    if not receipt.written:
        return RollbackOutcome(Exit.FAILED, (f"{receipt.location} holds the earlier values already: {keys}.",), receipt)
    lines = restart.lines(draft, session, known, receipt) + restart.notes(draft, session, known, receipt)
    return RollbackOutcome(Exit.DONE, (f"Rolled back {receipt.location}: {keys}.", *receipt.facts, *lines), receipt)


def without_mail(earlier: str | Secret | None) -> str:
    """Return the sentence that GlitchTip sends no mail with the *earlier* EMAIL_URL; empty: it would, or has none."""
    url = "" if earlier is None else plaintext(earlier)
    backend = readers.glitchtip(url).backend if url else None
    if backend in {None, "smtp"}:
        return ""
    return f"GlitchTip sends no mail with the earlier EMAIL_URL, {urlsplit(url).scheme}://."


async def prove_key(url: str | Secret, draft: Draft, session: Session) -> Finding | None:
    """Log in once with the key of *url*; return what says most about it, None where *url* has no key to prove."""
    from wizard.checks.smtp import run as smtp  # start-up: 80 ms

    try:
        parts = email_url.parse(plaintext(url))
    except email_url.CredentialError:
        return None  # such as consolemail://
    before = replace(
        draft,
        server=Server(parts.host, parts.port, draft.server.tls),
        credential=Credential(parts.username),
        test_mail=None,
    )
    findings: list[Finding] = await smtp.check(before, replace(session, key=parts.key))
    auth = next((one for one in findings if one.check == "auth" and one.verdict is not Verdict.SKIP), None)
    if auth is not None:
        return auth
    return next((one for one in findings if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN}), None)


async def _unproven(url: str | Secret, draft: Draft, session: Session) -> RollbackOutcome | None:
    """Return the end where the old key must not come back, None where Postal grants it or there is none in *url*."""
    proof = await prove_key(url, draft, session)
    if proof is None or (proof.check == "auth" and proof.verdict is Verdict.PASS):
        return None
    if proof.check == "auth" and proof.verdict is Verdict.FAIL:
        what = "The old key no longer works" if proof.code in KEY_REFUSED else "The old settings do not work"
        return RollbackOutcome(Exit.FAILED, (f"{what}: {proof.summary}", _UNCHANGED))
    why = f"It is not known whether the old key still works: {proof.summary}"
    return RollbackOutcome(Exit.UNKNOWN, (why, _UNCHANGED))
