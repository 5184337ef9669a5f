"""Line prompts about what an Infisical target needs of a run before, and about what a later one may need.

What is asked after the writing is optional: an input that ends there means no, for the settings are written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model.draft import InfisicalTarget
from wizard.plain.prompts import Back, Left
from wizard.rollout import drift, drift_table
from wizard.setup.steps import done as done_step
from wizard.setup.steps import start as start_step
from wizard.system import event_loop
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from wizard.plain.prompts import Prompts
    from wizard.setup.flow import Walk
    from wizard.system.output import Out


def in_force(walk: Walk, ask: Prompts, out: Out) -> bool:
    """Take everything but the key from the settings in force, asking for what is missing; say whether that worked."""
    take_kept_secret(walk, out)
    if start_step.asks_for_place(walk):
        ask_place(walk, ask, out)
    while True:
        told = event_loop.run(start_step.rotating(walk))
        if not isinstance(told, str):
            walk.draft, walk.session = told
            return True
        out.say(f"There is nothing to rotate: {told}")
        if not isinstance(walk.draft.target, InfisicalTarget) or not ask.yes("Ask for Infisical's place again?"):
            return False
        ask_place(walk, ask, out)


def ask_place(walk: Walk, ask: Prompts, out: Out) -> None:
    """Ask where in Infisical the settings are, and for the client secret."""
    if not isinstance(walk.draft.target, InfisicalTarget):
        walk.draft = replace(walk.draft, target=conventional(walk, ask, out))
    ask.ask_all("infisical", "target")
    take_kept_secret(walk, out)
    ask.ask_client_secret()


def take_kept_secret(walk: Walk, out: Out) -> None:
    """Take the client secret from the keyring where an earlier run kept it there, and say so."""
    said = event_loop.run(start_step.with_kept_secret(walk))
    if said:
        out.say(said)


def conventional(walk: Walk, ask: Prompts, out: Out) -> InfisicalTarget:
    """Return what the official CLI's conventions tell; a domain of the file only where it was confirmed."""
    found = cli_settings.found(walk.session.directory)
    out.say(*found.said)
    if found.domain_from_file and ask.yes(found.question):
        return found.target
    return found.unconfirmed()


def say_drift(walk: Walk, out: Out) -> None:
    """Say where the settings are the same, where they differ, and what cannot be read."""
    if not drift.is_worthwhile(walk.draft, walk.session):
        return
    out.say("Looking at every place that has the settings ...")
    writer = walk.writer() if isinstance(walk.draft.target, InfisicalTarget) else None
    out.say(*drift_table.lines(event_loop.run(drift.table(walk.draft, walk.session, writer))))


def after_writing(walk: Walk, ask: Prompts, out: Out) -> None:
    """Offer to keep the values from before, and the client secret, for a later run."""
    out.say(*event_loop.run(done_step.after_writing(walk)))
    try:
        if done_step.values_to_keep(walk) and ask.yes(done_step.KEEP_VALUES):
            out.say(event_loop.run(done_step.keep_values(walk)))
        if done_step.secret_to_keep(walk) and ask.yes(done_step.KEEP_CLIENT):
            walk.keep_secret = True
            out.say(*event_loop.run(done_step.after_writing(walk)))
    except (Back, Left):
        return


def let_go(walk: Walk, ask: Prompts, out: Out) -> None:
    """Let go of the values from before where mail arrives with the new ones."""
    if ask.yes(done_step.LET_GO):
        out.say(event_loop.run(done_step.let_go(walk)))
