"""Roll-back from a later process: the old key is proven before it is put back, and only over values that are ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wizard.email_url import url as email_url
from wizard.model.draft import Credential, Draft, InfisicalTarget, Server
from wizard.model.exit_codes import Exit
from wizard.model.finding import Verdict
from wizard.model.secret import plaintext
from wizard.setup import flow
from wizard.state import client_secret, previous_values
from wizard.targets import NothingToRollBackError, Refused, UncertainError

if TYPE_CHECKING:
    from wizard.model.finding import Finding
    from wizard.model.session import Session
    from wizard.state.journal import Journal
    from wizard.state.previous_values import Kept
    from wizard.targets import Receipt, TargetWriter

_HISTORY: Final = (
    "Infisical keeps the values before by itself: the project, the secret, Version history. The wizard keeps them past "
    "its own run in a keyring alone, and only where that was wanted."
)


@dataclass(frozen=True, slots=True)
class RollbackOutcome:
    """How the roll-back ended: 0 done, 1 refused, 2 impossible, 3 the old key could not be told, 4 uncertain."""

    exit: Exit
    said: tuple[str, ...]


async def run(draft: Draft, session: Session, journal: Journal) -> RollbackOutcome:
    """Put back the values that the last writing to the draft's target replaced."""
    target = draft.target
    assert target is not None
    earlier: Kept | None = None
    if isinstance(target, InfisicalTarget):
        kept = await previous_values.recall(target, journal)
        if isinstance(kept, str):
            return RollbackOutcome(Exit.USAGE, (f"This cannot be rolled back from here: {kept}", _HISTORY))
        earlier = kept
        if session.client_secret is None and session.token is None:
            recalled = await client_secret.recall(target, journal, unmarked=True)
            if recalled.secret is None:
                missing = "Infisical's client secret is missing: give it by --client-secret-fd N."
                return RollbackOutcome(Exit.USAGE, (f"{recalled.said} {missing}".strip(),))
            session = replace(session, client_secret=recalled.secret)
    writer = flow.writer(target, session, journal)
    try:
        return await _roll_back(writer, earlier, draft, session, journal)
    except NothingToRollBackError as error:
        return RollbackOutcome(Exit.USAGE, (str(error),))
    except Refused as error:
        return RollbackOutcome(Exit.FAILED, (str(error), "Nothing was changed."))
    except UncertainError as error:
        states = tuple(f"{key}: {state.value}" for key, state in error.keys.items())
        return RollbackOutcome(Exit.UNWRITTEN, (str(error), *states))
    finally:
        await writer.close()


async def _roll_back(
    writer: TargetWriter, earlier: Kept | None, draft: Draft, session: Session, journal: Journal
) -> RollbackOutcome:
    from wizard.rollout import restart
    from wizard.targets.infisical.target import infisical_of

    infisical = infisical_of(writer)
    if infisical is not None and earlier is not None:
        infisical.remember(earlier)
    old = (await writer.previous()).values.get("EMAIL_URL")
    unproven = await _unproven(plaintext(old), draft, session) if old is not None else None
    if unproven is not None:
        return unproven
    receipt = await writer.roll_back()
    if isinstance(draft.target, InfisicalTarget):
        await previous_values.forget(draft.target, journal)
    return _done(receipt, *restart.lines(draft, session, infisical.known if infisical is not None else None))


def _done(receipt: Receipt[object], *told: str) -> RollbackOutcome:
    keys = ", ".join(f"{key} {state.value}" for key, state in receipt.keys.items())
    return RollbackOutcome(Exit.DONE, (f"Rolled back {receipt.place}: {keys}.", *receipt.facts, *told))


async def _unproven(url: str, draft: Draft, session: Session) -> RollbackOutcome | None:
    """Log in once with the old key; return the end where it must not come back, None where Postal grants it."""
    from wizard.checks.smtp import run as smtp

    try:
        parts = email_url.parse(url)
    except email_url.CredentialError:
        return None  # such as consolemail://: there is no key in it to prove
    before = replace(
        draft,
        server=Server(parts.host, parts.port, draft.server.tls),
        credential=Credential(parts.username),
        test_mail=None,
    )
    found: list[Finding] = await smtp.check(before, replace(session, key=parts.key))
    auth = next((finding for finding in found if finding.check == "auth"), None)
    if auth is not None and auth.verdict is Verdict.PASS:
        return None
    if auth is not None and auth.verdict is Verdict.FAIL:
        return RollbackOutcome(Exit.FAILED, (f"The old key is no longer good: {auth.summary}", "Nothing was changed."))
    first = next((finding for finding in found if finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN}), None)
    why = f": {first.summary}" if first else "."
    return RollbackOutcome(
        Exit.UNKNOWN, (f"Whether the old key is still good cannot be told{why}", "Nothing was changed.")
    )
