"""A flow that runs against the rehearsal's servers."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.model import infisical
from wizard.model.draft import InfisicalTarget
from wizard.model.resolver import parse_resolver
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.setup.flow import FlowState
from wizard.state import answers_file, kept_proofs
from wizard.state.journal import Journal
from wizard.targets.infisical import cli_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.model.draft import Draft
    from wizard.model.world import World

_CA: Final = "SSL_CERT_FILE"
_AGE: Final = timedelta(days=30)
"""How long ago the pretend set-up was made that a rotation follows."""


def rehearsed(info: Mapping[str, Any], world: World | None = None) -> FlowState:
    """Return the flow of a rehearsal from what it says of itself; *world* lets its steps change it."""
    from wizard.rehearsal.containers import PretendContainers  # start-up: 4 ms

    path = Path(info["answers"])
    if "ca_file" in info:
        # The rehearsal's own CA, trusted as GlitchTip's settings make it trust a private one.
        os.environ[_CA] = info["ca_file"]
    # Infisical's own, offered as a real one would be; and the operator's real one is out of reach meanwhile.
    in_infisical = answers_file.load(Path(info["answers_infisical"]))
    assert isinstance(in_infisical.target, InfisicalTarget)
    for name in infisical.SECRETS:
        os.environ.pop(name, None)
    os.environ |= cli_settings.variables(in_infisical.target)
    session = Session(
        directory=path.parent,
        key=Secret(info["smtp_key"]),
        client_secret=Secret(info["client_secret"]) if info.get("client_secret") else None,
        resolver=parse_resolver(info["dns"]),
        authoritative_port=info["authoritative_port"],
        rehearsal=True,
        api_key=Secret(info["api_key"]),
        web_address=info["http"],
        mailbox=str(info.get("sink", "")),
        world=world,
    )
    draft = in_infisical if info.get("in_infisical") else answers_file.load(path)
    accounts = (draft.test_mail.recipient,) if draft.test_mail is not None else ()
    session = replace(session, containers=PretendContainers(draft, session, accounts, info.get("began_with")))
    journal = Journal.beside(path.parent, path.parent / "state" / "postal-wizard")
    if info.get("sends_as"):
        _remember(journal, draft, str(info["sends_as"]))
    return FlowState(draft, session, journal)


def again(state: FlowState, world: World) -> None:
    """Let *state* begin with what *world* rehearses now, as if the program had just been started."""
    from wizard.rehearsal.containers import PretendContainers  # start-up: 4 ms
    from wizard.rehearsal.files import CA_FILE  # start-up: with the former

    before = state.session.containers
    if isinstance(before, PretendContainers):
        before.stop()
    if os.environ.get(_CA) == str(state.session.directory / CA_FILE):
        del os.environ[_CA]
    fresh, dry_run = rehearsed(world.info, world), state.dry_run
    for field in fields(FlowState):
        setattr(state, field.name, getattr(fresh, field.name))
    state.dry_run = dry_run


def _remember(journal: Journal, draft: Draft, granted: str) -> None:
    """Keep the proofs of the set-up that a rotation follows."""
    from wizard.rehearsal.files import SENDER  # start-up: 2 ms

    server = f"{draft.server.host}:{draft.server.port}"
    about = (SENDER, server, granted)
    kept_proofs.keep(journal, ("from", "receivers", "arrival"), about, datetime.now(UTC) - _AGE)
