"""What is found about answers that are changed before it is found counts for neither the old nor the new ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.setup.states import granted, state
from wizard.checks import arrival, container, inside
from wizard.checks.config import run as config
from wizard.checks.dns import run as dns
from wizard.model.codes import Code
from wizard.model.details import Delivery
from wizard.model.draft import TestMail
from wizard.model.finding import Finding
from wizard.model.secret import Secret
from wizard.model.session import nobody
from wizard.setup import configuration, places, services
from wizard.setup.step import perform
from wizard.setup.steps import sender, test_mail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from types import ModuleType

    from wizard.setup.flow import FlowState

ACCEPTED = Finding.ok(
    Code.SENDER_ACCEPTED, "you@example.net", "Accepted.", detail=Delivery("<one@shop.example>", 0.1, 0.1)
)
SENT = Finding.ok(Code.ARRIVAL_SENT, "one@shop.example", "Sent.")
RUNS = Finding.ok(Code.CONTAINER_EQUAL, "web", "It runs with these settings.")
INSIDE = Finding.ok(Code.INSIDE_ACCEPTED, "web", "Accepted.")
SIGNED = Finding.ok(Code.ALIGNMENT_ALIGNED, "shop.example", "DKIM carries it.")


async def by_postal(one: FlowState) -> None:
    one.found(test_mail.KEY, [granted(), ACCEPTED], test_mail.about)
    given: dict[str, str | Secret] = {"web_url": "https://postal.example", "api_key": Secret("k" * 24)}
    await perform(test_mail.STEP, one, "ask_postal", nobody, given, confirmed=True)


async def from_inside(one: FlowState) -> None:
    one.found(test_mail.KEY, [granted(), ACCEPTED], test_mail.about)
    await perform(test_mail.STEP, one, "inside", nobody, confirmed=True)


async def by_signature(one: FlowState) -> None:
    one.found(sender.KEY, [], sender.about)
    await sender.judge_by_signature(one, nobody)


CASES: list[tuple[ModuleType, str, Finding, Callable[[FlowState], Awaitable[object]]]] = [
    (arrival, "state", SENT, by_postal),
    (inside, "inside", INSIDE, from_inside),
    (dns, "check", SIGNED, by_signature),
    (container, "check", RUNS, lambda one: services.look(one, nobody)),
    (config, "check", RUNS, lambda one: configuration.judge(one, nobody)),
]


def changed(one: FlowState) -> None:
    """Answer everything otherwise."""
    draft = one.draft
    one.draft = replace(
        draft,
        app=replace(draft.app, from_="Other <other@shop.example>"),
        test_mail=TestMail("other@example.net"),
    )


@pytest.mark.parametrize("is_changed", [False, True])
@pytest.mark.parametrize(("module", "name", "finding", "ask"), CASES)
async def test_it_counts_for_the_answers_it_was_asked_about(
    module: ModuleType,
    name: str,
    finding: Finding,
    ask: Callable[[FlowState], Awaitable[object]],
    is_changed: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = state(tmp_path)
    asked = 0

    async def found(*_given: Any, **_more: Any) -> Any:
        nonlocal asked
        asked += 1
        if is_changed:
            changed(one)
        return finding if module is arrival else [finding]

    monkeypatch.setattr(container, "check", found)  # the configuration asks for both
    monkeypatch.setattr(module, name, found)
    monkeypatch.setattr(places, "look", found)
    await ask(one)
    assert asked
    assert (finding in one.all_findings) is not is_changed
