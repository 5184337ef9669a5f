"""What is offered once Infisical has the settings: to keep what a later run needs, and to let go of it again.

Every front end asks these questions, each no by default, and shows the sentences that come of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model import infisical
from wizard.model.draft import InfisicalTarget
from wizard.model.finding import granted
from wizard.postal import web_ui
from wizard.state import client_secret, keyring, previous_values
from wizard.state.directory import StateError
from wizard.system.environment import secret_from_environment

if TYPE_CHECKING:
    from datetime import datetime

    from wizard.setup.flow import FlowState

KEEP_VALUES: Final = (
    "Keep the values from before in your keyring until you confirm that mail arrives, "
    f"{keyring.KEPT_DAYS} days at most?"
)
KEEP_CLIENT: Final = "Keep Infisical's client secret in your keyring for the next run?"
TITLE: Final = "Let go of the values from before"
LET_GO: Final = "Does mail arrive with the new settings, so that the values from before may go?"


def values_to_keep(state: FlowState) -> bool:
    """Whether something in Infisical was replaced that only this process can put back."""
    from wizard.targets.infisical import records as infisical_records

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
    """Keep the client secret where that was wanted; let go of kept values that the writing made useless."""
    target, said = state.draft.target, []
    if state.receipt is None or not isinstance(target, InfisicalTarget):
        return []
    since = previous_values.kept_since(target, state.journal)
    if values_to_keep(state) and since is not None and not state.kept_values:
        await previous_values.forget(target, state.journal)
    if state.keep_secret and state.session.client_secret is not None:
        said.append(await client_secret.keep(target, state.journal, state.session.client_secret))
        state.keep_secret = False
    return said


async def keep_values(state: FlowState) -> str:
    """Keep the values from before, on the operator's word; return a sentence on what became of it."""
    target = state.draft.target
    assert state.receipt is not None
    assert isinstance(target, InfisicalTarget)
    try:
        answer = await previous_values.keep(target, state.journal, state.receipt)
        reason = answer.reason
    except StateError as error:
        reason = str(error)
    else:
        if answer.works:
            state.kept_values = True
            return "The values from before are kept; `postal-wizard rollback --answers FILE` puts them back."
    return (
        f"The values from before are not kept: {reason[:1].lower()}{reason[1:]} After this run only Infisical's own "
        "version history has them."
    )


async def kept_since(state: FlowState) -> datetime | None:
    """Return since when values from before are kept for the walk's target; what is too old goes now."""
    target = state.draft.target
    return await previous_values.forget_old(target, state.journal) if isinstance(target, InfisicalTarget) else None


async def let_go(state: FlowState) -> str:
    """Let go of the values from before: mail arrives with the new ones. Return what the operator does now."""
    target = state.draft.target
    assert isinstance(target, InfisicalTarget)
    answer = await previous_values.forget(target, state.journal)
    if not answer.works:
        return f"The values from before are still in your keyring: {answer.reason[:1].lower()}{answer.reason[1:]}"
    return f"The values from before are gone from your keyring. {revoke(state)}"


async def put_back(state: FlowState) -> None:
    """Let go of the values from before: they stand in Infisical again."""
    target = state.draft.target
    if state.kept_values and isinstance(target, InfisicalTarget):
        state.kept_values = False
        await previous_values.forget(target, state.journal)


def revoke(state: FlowState) -> str:
    """Return the sentence that the old key may go, with its place in Postal where Postal has told it."""
    return f"The old key may be revoked in Postal now: {web_ui.place('credentials', granted(state.all_findings))}"
