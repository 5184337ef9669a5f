"""Server: where Postal listens. Each address tried, the greeting read, TLS verified; nothing logs in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wizard.model import validation
from wizard.setup.fields import IMPOSSIBLE_PORT, found, set_host, set_port
from wizard.setup.step import Checks, Field, Problem, Step

if TYPE_CHECKING:
    from wizard.model.draft import Draft
    from wizard.model.finding import Finding
    from wizard.model.session import Event, Listener
    from wizard.setup.flow import FlowState

KEY: Final = "server"


def _set_tls(draft: Draft, typed: str) -> Draft:
    wants = typed.strip().lower() in {"starttls", "tls", "yes", "y"}
    return replace(draft, server=replace(draft.server, tls="starttls" if wants else "none"))


FIELDS: Final = (
    Field(f"{KEY}.host", "Host", lambda draft: draft.server.host, set_host, "Postal's SMTP server"),
    Field(
        f"{KEY}.port",
        "Port",
        lambda draft: "" if draft.server.port in {None, IMPOSSIBLE_PORT} else str(draft.server.port),
        set_port,
        "25, unless Postal's deployment says otherwise",
    ),
    Field(
        f"{KEY}.tls",
        "TLS",
        lambda draft: draft.server.tls,
        _set_tls,
        choices=(("none", "none"), ("starttls", "STARTTLS")),
    ),
)


def problems(state: FlowState) -> list[Problem]:
    """Return what is wrong with host and port."""
    server = state.draft.server
    return found(
        server__host=validation.problem_with_host(server.host), server__port=validation.problem_with_port(server.port)
    )


def _checks(state: FlowState) -> Checks:
    async def run(on_event: Listener) -> list[Finding]:
        from wizard.checks import proposals  # start-up: 30 ms
        from wizard.checks.smtp import run as smtp  # start-up: 80 ms

        events: list[Event] = []

        def listen(event: Event) -> None:
            events.append(event)
            on_event(event)

        findings = await smtp.check(state.draft, state.session, listen, until="tls")
        state.proposal = proposals.from_dialogue(events)
        return findings

    return Checks(run, lambda now: now.draft.server, automatic=True)


STEP: Final = Step(
    KEY,
    "Server",
    "Where does Postal listen?",
    "Postal's page Help shows host and port; the port may differ outside its container.",
    fields=lambda _state: FIELDS,
    problems=problems,
    checks=_checks,
)
