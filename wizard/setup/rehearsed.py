"""A flow that runs against the rehearsal's servers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from wizard.model import infisical
from wizard.model.draft import InfisicalTarget
from wizard.model.resolver import parse_resolver
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.setup.flow import FlowState
from wizard.state import answers_file
from wizard.state.journal import Journal
from wizard.targets.infisical import cli_settings


def rehearsed(info: dict[str, Any]) -> FlowState:
    """Return the walk of a rehearsal from what it says of itself."""
    from wizard.rehearsal.containers import PretendContainers  # start-up: 4 ms

    path = Path(info["answers"])
    if "ca_file" in info:
        # The rehearsal's own CA, trusted as GlitchTip's settings make it trust a private one.
        os.environ["SSL_CERT_FILE"] = info["ca_file"]
    # Infisical's own, offered as a real one would be; and the operator's real one is out of reach meanwhile.
    offered = answers_file.load(Path(info["answers_infisical"])).target
    assert isinstance(offered, InfisicalTarget)
    for name in infisical.SECRETS:
        os.environ.pop(name, None)
    os.environ |= cli_settings.variables(offered)
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
    )
    draft = answers_file.load(path)
    accounts = (draft.test_mail.recipient,) if draft.test_mail is not None else ()
    session = replace(session, containers=PretendContainers(draft, session, accounts))
    home = path.parent / "state" / "postal-wizard"
    return FlowState(draft, session, Journal.beside(path.parent, home))
