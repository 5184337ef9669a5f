"""What is kept for a later run: what is offered once Infisical has the settings, and what needs no question.

Every front end asks the questions, each no by default, and shows the sentences that come of them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wizard.model import infisical
from wizard.model.details import Arrival
from wizard.model.draft import InfisicalTarget
from wizard.setup import proofs
from wizard.state import client_secret, kept_proofs, keyring, known_values, previous_values
from wizard.state.directory import StateError
from wizard.system.environment import secret_from_environment
from wizard.targets.infisical import records as infisical_records

if TYPE_CHECKING:
    from wizard.setup.flow import FlowState

KEEP_VALUES: Final = (
    f"Keep the old values in your keyring until you confirm that mail arrives, {keyring.KEPT_DAYS} days at most?"
)
KEEP_CLIENT: Final = "Keep Infisical's client secret in your keyring for the next run?"
TITLE: Final = "Delete the kept old values"
DELETE: Final = "Does mail arrive with the new settings? Then the old values can be deleted from your keyring."


def values_to_keep(state: FlowState) -> bool:
    """Whether something in Infisical was replaced that only this process can put back."""
    if state.receipt is None or not isinstance(state.draft.target, InfisicalTarget):
        return False
    return infisical_records.replaced(state.receipt) is not None


def secret_to_keep(state: FlowState) -> bool:
    """Whether a client secret proved good that the next run would have to ask for."""
    target, secret = state.draft.target, state.session.client_secret
    if state.receipt is None or secret is None or not isinstance(target, InfisicalTarget):
        return False
    given = secret_from_environment(infisical.CLIENT_SECRET)
    from_environment = given is not None and given[1] == secret
    return not (state.session.rehearsal or from_environment or client_secret.is_kept(target, state.journal))


async def after_writing(state: FlowState) -> list[str]:
    """Keep the client secret where the operator asked for that; delete kept values that the writing made useless."""
    sentences: list[str] = []
    target = state.draft.target
    if state.receipt is None or not isinstance(target, InfisicalTarget):
        return []
    since = previous_values.kept_since(target, state.journal)
    if values_to_keep(state) and since is not None and not state.kept_values:
        await previous_values.forget(target, state.journal)
    if state.keep_secret and state.session.client_secret is not None:
        sentences.append(await client_secret.keep(target, state.journal, state.session.client_secret))
        state.keep_secret = False
    return sentences


async def keep_values(state: FlowState) -> str:
    """Keep the old values, on the operator's word; return a sentence on what became of it."""
    target = state.draft.target
    if state.receipt is None or not isinstance(target, InfisicalTarget):
        return "There are no old values to keep."
    try:
        answer = await previous_values.keep(target, state.journal, state.receipt)
        reason = answer.reason
    except StateError as error:
        reason = str(error)
    else:
        if answer.works:
            state.kept_values = True
            return 'The old values are kept. "postal-wizard rollback --answers FILE" puts them back.'
    return (
        f"The old values are not kept: {reason[:1].lower()}{reason[1:]} After this run only Infisical's own version "
        "history has them."
    )


async def kept_since(state: FlowState) -> datetime | None:
    """Return since when old values are kept for the target; what is too old is deleted now."""
    target = state.draft.target
    return await previous_values.forget_old(target, state.journal) if isinstance(target, InfisicalTarget) else None


async def delete(state: FlowState) -> str:
    """Delete the kept old values: mail arrives with the new ones. Return a sentence on what became of it."""
    target = state.draft.target
    if not isinstance(target, InfisicalTarget):
        return "There are no kept values."
    answer = await previous_values.forget(target, state.journal)
    if not answer.works:
        return f"The old values are still in your keyring: {answer.reason[:1].lower()}{answer.reason[1:]}"
    state.kept_values = False
    return "The old values are deleted from your keyring."


async def put_back(state: FlowState) -> None:
    """Delete the kept old values: Infisical has them again."""
    target = state.draft.target
    if state.kept_values and isinstance(target, InfisicalTarget):
        state.kept_values = False
        await previous_values.forget(target, state.journal)


def for_later(state: FlowState) -> tuple[str, ...]:
    """Keep Postal's values and the proofs of this run for later checks and rotations; a sentence where that fails."""
    if state.draft.target is None:
        return ()
    now = datetime.now(UTC)
    try:
        newest = state.session.message_ids.newest
        answered = any(isinstance(one.detail, Arrival) for one in state.all_findings)
        web_url = state.session.web_address if answered else ""
        values = known_values.of_draft(state.draft, newest, state.session.status_when, web_url)
        known_values.keep(state.draft.target, values, now, directory=state.session.directory, home=state.journal.home)
        proven = [name for name, one in proofs.keepable(state).items() if one is proofs.Standing.PROVEN]
        kept_proofs.keep(state.journal, proven, proofs.about(state), now)
    except StateError as error:
        return (str(error),)
    return ()
