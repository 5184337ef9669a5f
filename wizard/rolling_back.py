"""Roll-back from a later process: the old key is proven before it is put back, and only over values that are ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard import email_url, walk
from wizard.draft import Credential, Draft, EnvTarget, Server
from wizard.exits import Exit
from wizard.finding import Verdict
from wizard.targets import Refused, Uncertain

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.finding import Finding
    from wizard.journal import Journal
    from wizard.session import Session

_HISTORY = (
    "Infisical keeps the values before: project, the secret, Version history. The wizard itself keeps none past its "
    "own run, unless a keyring holds it."
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the roll-back ended: 0 done, 1 refused, 2 impossible, 4 uncertain."""

    exit: Exit
    said: tuple[str, ...]


async def run(draft: Draft, session: Session, journal: Journal) -> Ended:
    """Put back the values that the last writing to the draft's target replaced."""
    target = draft.target
    if not isinstance(target, EnvTarget):
        return Ended(Exit.USAGE, (f"This cannot be rolled back from here. {_HISTORY}",))
    from wizard.targets import env_backups, env_file

    path = session.path(target.path)
    state = walk.state_of(target, session, journal)
    try:
        old = _old_url(path, state)
        if old is not None:
            refusal = await _unproven(old, draft, session)
            if refusal is not None:
                return Ended(Exit.FAILED, (refusal, "Nothing was changed."))
        receipt = env_file.restore(path, state)
    except env_backups.NoBackup as error:
        return Ended(Exit.USAGE, (str(error),))
    except Refused as error:
        return Ended(Exit.FAILED, (str(error), "Nothing was changed."))
    except Uncertain as error:
        return Ended(Exit.UNWRITTEN, (str(error), *(f"{key}: {state.value}" for key, state in error.keys.items())))
    keys = ", ".join(f"{key} {state.value}" for key, state in receipt.keys.items())
    return Ended(Exit.DONE, (f"Rolled back {receipt.place}: {keys}.", "Now on the host: docker compose up -d"))


def _old_url(path: Path, state: Path) -> str | None:
    """Return the EMAIL_URL that would come back, None where there was none. Raises Refused."""
    from wizard.targets import dotenv_judge
    from wizard.targets.env_backups import Backups, NoBackup

    entries = Backups(state, path).newest_first()
    if not entries:
        raise NoBackup(f"There is no backup of {path.name} to roll back to: nothing was written, or it was confirmed.")
    raw = entries[0].old()
    return dotenv_judge.last_values(raw).get("EMAIL_URL") if raw is not None else None


async def _unproven(url: str, draft: Draft, session: Session) -> str | None:
    """Log in once with the old key; return why it must not come back, None where Postal grants it."""
    from wizard.checks import smtp

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
        return f"The old key is no longer good: {auth.summary}"
    first = next((finding for finding in found if finding.verdict in {Verdict.FAIL, Verdict.UNKNOWN}), None)
    return f"The old key could not be proven{f': {first.summary}' if first else ''}."
