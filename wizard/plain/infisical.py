"""Line prompts about what an Infisical target needs of a run before, and about what a later one may need.

What is asked after the writing is optional: an input that ends there means no, for the settings are written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.draft import InfisicalTarget
from wizard.plain.prompts import BackError, LeaveError
from wizard.rollout import drift, drift_table
from wizard.setup.steps import done as done_step
from wizard.setup.steps import start as start_step
from wizard.system import event_loop
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from wizard.plain.prompts import Prompts
    from wizard.setup.flow import FlowState
    from wizard.system.output import Out


def in_force(flow: FlowState, ask: Prompts, out: Out) -> bool:
    """Take everything but the key from the settings in force, asking for what is missing; say whether that worked."""
    take_kept_secret(flow, out)
    if start_step.asks_for_place(flow):
        ask_place(flow, ask, out)
    while True:
        told = event_loop.run(start_step.rotating(flow))
        if not isinstance(told, str):
            flow.draft, flow.session = told
            return True
        out.say(f"There is nothing to rotate: {told}")
        if not isinstance(flow.draft.target, InfisicalTarget) or not ask.yes("Ask for Infisical's place again?"):
            return False
        ask_place(flow, ask, out)


def ask_place(flow: FlowState, ask: Prompts, out: Out) -> None:
    """Ask where in Infisical the settings are, and for the client secret."""
    if not isinstance(flow.draft.target, InfisicalTarget):
        flow.draft = replace(flow.draft, target=conventional(flow, ask, out))
    ask.ask_all("infisical", "target")
    take_kept_secret(flow, out)
    ask.ask_client_secret()


def take_kept_secret(flow: FlowState, out: Out) -> None:
    """Take the client secret from the keyring where an earlier run kept it there, and say so."""
    said = event_loop.run(start_step.with_kept_secret(flow))
    if said:
        out.say(said)


def conventional(flow: FlowState, ask: Prompts, out: Out) -> InfisicalTarget:
    """Return what the official CLI's conventions tell; a domain of the file only where it was confirmed."""
    found = cli_settings.found(flow.session.directory)
    out.say(*found.said)
    if found.domain_from_file and ask.yes(found.question):
        return found.target
    return found.unconfirmed()


def say_drift(flow: FlowState, out: Out) -> None:
    """Say where the settings are the same, where they differ, and what cannot be read."""
    if not drift.is_worthwhile(flow.draft, flow.session):
        return
    out.say("Looking at every place that has the settings ...")
    writer = flow.writer() if isinstance(flow.draft.target, InfisicalTarget) else None
    out.say(*drift_table.lines(event_loop.run(drift.table(flow.draft, flow.session, writer))))


def after_writing(flow: FlowState, ask: Prompts, out: Out) -> None:
    """Offer to keep the values from before, and the client secret, for a later run."""
    out.say(*event_loop.run(done_step.after_writing(flow)))
    try:
        if done_step.values_to_keep(flow) and ask.yes(done_step.KEEP_VALUES):
            out.say(event_loop.run(done_step.keep_values(flow)))
        if done_step.secret_to_keep(flow) and ask.yes(done_step.KEEP_CLIENT):
            flow.keep_secret = True
            out.say(*event_loop.run(done_step.after_writing(flow)))
    except (BackError, LeaveError):
        return


def let_go(flow: FlowState, ask: Prompts, out: Out) -> None:
    """Let go of the values from before where mail arrives with the new ones."""
    if ask.yes(done_step.LET_GO):
        out.say(event_loop.run(done_step.let_go(flow)))
