"""Whether GlitchTip runs with the new settings, the command that makes it, and whether the old key may go.

What is known of that is what the containers said when they were looked at, or the operator's word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.checks.registry import Proof
from wizard.email_url import url as email_url
from wizard.model.codes import Check, Code
from wizard.model.containers import Restartable
from wizard.model.draft import InfisicalTarget
from wizard.model.finding import Verdict, granted
from wizard.model.secret import Secret, plaintext
from wizard.postal import web_ui
from wizard.postal.key import same_key
from wizard.rollout import restart
from wizard.setup import places, proofs

if TYPE_CHECKING:
    from wizard.model.finding import Finding
    from wizard.model.session import Listener
    from wizard.setup.flow import FlowState

_KEY: Final = "done"
"""The step whose findings the containers' are."""
_COPY: Final = "old copy"
"""Under this key ``FlowState.facts`` has what is said of a copy that the next start would read."""
CONFIRMED: Final = "running"
"""What ``confirmed`` holds once the operator says that the containers run with the new key."""


def about(state: FlowState) -> object:
    """Return what the comparison inside the containers is about."""
    return (state.draft, state.session.key, state.receipt)


def found(state: FlowState) -> list[Finding]:
    """Return the container findings of this run, one a service that sends."""
    return [one for one in state.findings(_KEY) if one.check == Check.CONTAINER]


async def look(state: FlowState, on_event: Listener) -> list[Finding]:
    """Compare the containers with the new settings, and keep what was found."""
    from wizard.checks import container  # start-up: 180 ms

    before, subject = {(one.subject, one.code) for one in found(state)}, about(state)
    findings = await container.check(state.draft, state.session, on_event, replaced=state.replaced)
    state.found(_KEY, findings, about, subject=subject)
    read_copy(state)
    if {(one.subject, one.code) for one in found(state)} != before:
        # They run with something else than at the last look: the comparison of all places must not say otherwise.
        await places.look(state, log_in=True)
    return findings


async def recreate(state: FlowState) -> None:
    """Recreate the rehearsal's containers with what the target holds now; real ones the wizard never touches."""
    containers = state.session.containers
    if isinstance(containers, Restartable):
        await containers.restart(state.values() if isinstance(state.draft.target, InfisicalTarget) else None)
        await places.look(state, log_in=True)


def waits(state: FlowState) -> bool:
    """Whether the containers are worth another look: they can be asked, and do not all run with the new settings."""
    seen = found(state)
    before = {Code.CONTAINER_BEFORE_RESTART}
    asked = any(one.verdict is not Verdict.SKIP or one.code in before for one in seen)
    return asked and not all(one.verdict is Verdict.PASS for one in seen)


def all_run_with_new_key(state: FlowState) -> bool:
    """Whether every service that sends runs with the new key, or the operator says so where docker cannot be asked."""
    seen = found(state)
    if any(one.verdict is not Verdict.SKIP for one in seen):
        return bool(seen) and all(one.verdict is Verdict.PASS for one in seen)
    return CONFIRMED in state.confirmed


def nothing_left(state: FlowState) -> str:
    """Return that every service was seen with the new settings; empty where one was not, or none could be asked.

    With it comes what the next start would take back.
    """
    seen = found(state)
    if not seen or any(one.verdict is not Verdict.PASS for one in seen):
        return ""
    names = ", ".join(str(one.subject) for one in seen)
    running = f"{names} {'runs' if len(seen) == 1 else 'run'} with the new settings."
    old = state.facts.get(_COPY, [])
    return f"{running} {old[0]}" if old else f"Nothing is left to do: {running}"


def read_copy(state: FlowState) -> None:
    """Note whether an exported copy of Infisical still has another EMAIL_URL than was written, as a sentence."""
    from wizard.checks.config import exported  # start-up: 15 ms
    from wizard.glitchtip import compose_env  # the same

    state.facts.pop(_COPY, None)
    stale = [one for one in exported.judge(state.draft, state.session) if one.code is Code.COMPOSE_STALE_COPY]
    if not stale:
        return
    there = compose_env.read(state.session.path(stale[0].subject), {}).entries.get("EMAIL_URL")
    written = state.values()["EMAIL_URL"]
    if there is None or not isinstance(written, Secret) or there.value != plaintext(written):
        state.facts[_COPY] = [f"{stale[0].summary} {stale[0].remedy}"]


def is_something_left(state: FlowState) -> bool:
    """Whether the command has still to be run: settings were written, and not every service was seen with them."""
    return state.receipt is not None and not nothing_left(state)


def without_writing(state: FlowState) -> tuple[str, ...]:
    """Return what is known of GlitchTip where there was nothing to write: whether it runs with what is there.

    What fails comes with its remedy; where no container could be asked, it says so and names the command.
    """
    shown = proofs.of_state(state)[Proof.GLITCHTIP]
    if shown.standing is proofs.Standing.PROVEN:
        return (f"{shown.sentence}.",)
    seen = [one for one in state.all_findings if one.check == Check.CONTAINER]
    wrong = [one for one in seen if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN}]
    if wrong:
        return tuple(f"{one.summary} {one.remedy}".strip() for one in wrong)
    line = command(state)
    then = f"If it does not: {line}" if line else restart.find(state.draft, state.session).because
    return ("Whether GlitchTip runs with these settings was not seen here.", then)


def command(state: FlowState) -> str | None:
    """Return the one command of this project that makes GlitchTip read the settings; None: no project was found."""
    return restart.command(state.draft, state.session, state.known, receipt=state.receipt)


def replaced_another_key(state: FlowState) -> bool:
    """Whether the EMAIL_URL that this run replaced held another key of the same Postal server."""
    url = state.replaced.email_url if state.replaced is not None else None
    if url is None or state.session.key is None:
        return False
    try:
        old = email_url.parse(plaintext(url))
    except email_url.CredentialError:
        return False
    server = state.draft.server
    same_server = (old.host.lower(), old.port) == (server.host.lower(), server.port)
    return same_server and granted(state.all_findings) is not None and not same_key(old.key, state.session.key)


def may_revoke(state: FlowState) -> bool:
    """Whether "you may revoke the old key" may be said (design.md section 6)."""
    return (
        state.receipt is not None
        and state.receipt.complete
        and replaced_another_key(state)
        and state.key_is_proven
        and all_run_with_new_key(state)
    )


def revoke(state: FlowState) -> str:
    """Return the sentence that the old key may go, with its page in Postal."""
    page = web_ui.place("credentials", granted(state.all_findings))
    return f"You may revoke the old key in Postal now: {page}. Other programs may use it too: check that first."
