"""Line prompts about what an Infisical target needs of a run before, and about what a later one may need.

What is asked after the writing is optional: an input that ends there means no, for the settings are written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard import drift, found_here, infisical_conventions, keeping, running, side_by_side
from wizard.draft import InfisicalTarget
from wizard.prompts import Back, Left

if TYPE_CHECKING:
    from wizard.out import Out
    from wizard.prompts import Prompts
    from wizard.walk import Walk


def in_force(walk: Walk, ask: Prompts, out: Out) -> bool:
    """Take everything but the key from the settings in force, asking for what is missing; say whether that worked."""
    take_kept_secret(walk, out)
    if found_here.asks_for_place(walk):
        ask_place(walk, ask, out)
    while True:
        told = running.run(found_here.rotating(walk))
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
    said = running.run(found_here.with_kept_secret(walk))
    if said:
        out.say(said)


def conventional(walk: Walk, ask: Prompts, out: Out) -> InfisicalTarget:
    """Return what the official CLI's conventions tell; a domain of the file only where it was confirmed."""
    found = infisical_conventions.found(walk.session.directory)
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
    out.say(*side_by_side.lines(running.run(drift.table(walk.draft, walk.session, writer))))


def after_writing(walk: Walk, ask: Prompts, out: Out) -> None:
    """Offer to keep the values from before, and the client secret, for a later run."""
    out.say(*running.run(keeping.after_writing(walk)))
    try:
        if keeping.values_to_keep(walk) and ask.yes(keeping.KEEP_VALUES):
            out.say(running.run(keeping.keep_values(walk)))
        if keeping.secret_to_keep(walk) and ask.yes(keeping.KEEP_CLIENT):
            walk.keep_secret = True
            out.say(*running.run(keeping.after_writing(walk)))
    except (Back, Left):
        return


def let_go(walk: Walk, ask: Prompts, out: Out) -> None:
    """Let go of the values from before where mail arrives with the new ones."""
    if ask.yes(keeping.LET_GO):
        out.say(running.run(keeping.let_go(walk)))
