"""States that make every offer of every step, for the tests of their guards; no server and no network."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tests.setup.states import OTHER_KEY, aligned, found, granted, state
from wizard.checks.proposals import Proposal
from wizard.diagnosis import Diagnosis, Ranked, State
from wizard.glitchtip.replaced import Replaced
from wizard.model.codes import Code
from wizard.model.details import Delivery, Triangle
from wizard.model.draft import EnvTarget, InfisicalTarget
from wizard.model.finding import Finding
from wizard.model.flow import Flow
from wizard.model.secret import Secret
from wizard.rehearsal.containers import PretendContainers
from wizard.setup import services
from wizard.state.journal import Saved
from wizard.targets import Change, KeyState, Plan, Receipt
from wizard.targets.infisical import records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wizard.setup.flow import FlowState

FOLDER: Final = InfisicalTarget("https://secrets.example.com", "glitchtip", "prod", "/glitchtip/application", "client")
PLAN: Final[Plan[object]] = Plan("env", ".env", (Change("EMAIL_URL", KeyState.CHANGED, "a", "b"),), private=None)


def url(key: str) -> Secret:
    return Secret(f"smtp://shop%2Fapps:{key}@smtp.shop.example:25")


def start(path: Path) -> FlowState:
    one = state(path)
    one.journal.save(Saved(replace(one.draft, target=EnvTarget("other.env")), "server", Flow.SET_UP))
    one.facts |= {"start.kept": ["2026-11-20"], "places": ["One sentence.", "one row"]}
    return one


def credential(path: Path) -> FlowState:
    one = state(path)
    found(one, "credential", granted("shop/other"))
    return one


def sender(path: Path) -> FlowState:
    one = state(path)
    one.draft = replace(
        one.draft, app=replace(one.draft.app, from_=""), domain=replace(one.draft.domain, name="shop.example")
    )
    return one


def proposed(path: Path) -> FlowState:
    """Return a state without a From, whose page and whose connection propose values."""
    one = sender(path)
    one.proposal = Proposal(("192.0.2.25",), "postal.shop.example", ("Postal was reached at 192.0.2.25.",))
    return one


def unknown_in_postal(path: Path) -> FlowState:
    """Return a state whose connection proposes values, and of which nobody knows whether Check was pressed."""
    one = state(path)
    one.proposal = Proposal(("192.0.2.25",), "postal.shop.example", ("Postal was reached at 192.0.2.25.",))
    triangle = aligned("unknown").detail
    assert isinstance(triangle, Triangle)
    press = Finding.warn(
        Code.ALIGNMENT_PRESS_CHECK, "shop.example", "It aligns once Check is pressed.", remedy="Press it.",
        detail=replace(triangle, press_check=True),
    )  # fmt: skip
    found(one, "sender", press)
    return one


def mounted(path: Path) -> FlowState:
    """Return a state whose `.env` is a mount point, as the caller has made the program believe."""
    (path / ".env").write_text("A=1\n")
    return state(path)


def infisical(path: Path) -> FlowState:
    told = {"workspaceId": "an-id", "defaultEnvironment": "prod", "domain": "https://secrets.example.com"}
    (path / ".infisical.json").write_text(json.dumps(told))
    (path / ".env").write_text("SECRET_KEY='x'\nEMAIL_URL='smtp://u:k@h:25'\n")
    one = state(path)
    one.draft = replace(one.draft, target=replace(FOLDER, url=""))
    return one


def accepted(path: Path) -> FlowState:
    one = state(path)
    one.code = "ABC234"
    detail = Delivery("<1@shop.example>", 0.1, 0.05)
    found(one, "test_mail", Finding.ok(Code.SENDER_ACCEPTED, "glitchtip@shop.example", "Accepted.", detail=detail))
    return one


def sent(path: Path) -> FlowState:
    """Return a state whose test mail was sent by Postal, as its API says."""
    one = accepted(path)
    found(
        one,
        "test_mail",
        Finding.ok(Code.ARRIVAL_SENT, "<1@shop.example>", "Postal sent the mail.", proven_from="postal"),
    )
    return one


def no_recipient(path: Path) -> FlowState:
    one = state(path)
    one.draft = replace(one.draft, test_mail=None)
    return one


def planned(path: Path) -> FlowState:
    one = state(path)
    one.plan = PLAN
    return one


def there_already(path: Path) -> FlowState:
    """Return a rehearsal with nothing to write, whose pretend containers run with another key."""
    one = planned(path)
    one.plan = Plan("env", ".env", (Change("EMAIL_URL", KeyState.UNCHANGED, "a", "a"),), private=None)
    one.session = replace(one.session, containers=PretendContainers(one.draft, one.session))
    other = Finding.fail(Code.CONTAINER_OTHER_KEY, "web", "It has another key.", remedy="Run docker.")
    one.found("review", [other], lambda _state: True)
    return one


def refused(path: Path) -> FlowState:
    one = state(path)
    one.draft = replace(one.draft, target=FOLDER)
    one.refusal = "Infisical refuses the login."
    return one


def written(path: Path) -> FlowState:
    """Return a rotation that is written, in a project whose containers cannot be asked."""
    one = state(path)
    one.kind = Flow.ROTATE
    found(one, "credential", granted())
    one.receipt = Receipt("env", ".env", {"EMAIL_URL": KeyState.CHANGED}, private=None)
    one.replaced = Replaced(url(OTHER_KEY), None, datetime.now(UTC))
    one.facts["places"] = ["One sentence.", "one row"]
    skip = Finding.skip(Code.CONTAINER_NO_ACCESS, "web", "Docker cannot be asked.")
    one.found("done", [skip], lambda _state: True)
    return one


def running(path: Path) -> FlowState:
    one = written(path)
    one.confirmed |= {services.CONFIRMED}
    return one


def waiting(path: Path) -> FlowState:
    """Return a rehearsal whose pretend containers run with the old key still."""
    one = written(path)
    one.session = replace(one.session, containers=PretendContainers(one.draft, one.session))
    skip = Finding.skip(Code.CONTAINER_BEFORE_RESTART, "web", "It runs with the previous settings.")
    one.found("done", [skip], lambda _state: True)
    return one


def unchanged(path: Path) -> FlowState:
    one = written(path)
    one.receipt = Receipt("env", ".env", {"EMAIL_URL": KeyState.UNCHANGED}, private=None)
    return one


def written_in_infisical(path: Path) -> FlowState:
    one = written(path)
    one.draft = replace(one.draft, target=FOLDER)
    one.session = replace(one.session, client_secret=Secret("a client secret of Universal Auth"))
    one.receipt = Receipt(
        "infisical", "prod", {"EMAIL_URL": KeyState.CHANGED}, private=records.ReplacedSecrets({}, {}, {})
    )
    return one


def diagnosed(path: Path) -> FlowState:
    one = state(path)
    cause = Ranked("user-slash", "The key is wrong.", State.PROVEN, "535", "Type another.")
    one.diagnosis = Diagnosis((cause,), checked=True)
    return one


STATES: Final[dict[str, tuple[Callable[[Path], FlowState], ...]]] = {
    "start": (start,),
    "credential": (credential,),
    "sender": (sender, proposed, unknown_in_postal),
    "target": (mounted, infisical),
    "test_mail": (accepted, sent, no_recipient),
    "review": (planned, refused, there_already),
    "done": (written, running, waiting, unchanged, written_in_infisical, state),
    "troubleshoot": (diagnosed,),
}
"""By step, states that together make every offer that it has; the server step has none."""
