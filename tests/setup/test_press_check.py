"""The press of Check: asked for from the sender to the last step, until it is known to be pressed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.checks.dns.fake import fake
from tests.checks.dns.test_delivered import ROWS, draft, of, stored
from tests.checks.dns.zone_server import Zones
from tests.setup.states import state
from wizard.checks.dns.names import PRESS
from wizard.model.codes import Check, Code
from wizard.model.finding import needs_check_pressed
from wizard.model.session import nobody
from wizard.setup import order
from wizard.setup.step import perform
from wizard.setup.steps import sender
from wizard.targets import KeyState, Receipt

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.model.finding import Finding
    from wizard.setup.flow import FlowState

ASKED = f"WARN {PRESS[0].upper()}{PRESS[1:]}"
RIGHT_ZONE = ROWS[0]


async def judged(one: FlowState) -> dict[str, Finding]:
    checks = sender.STEP.checks(one)
    assert checks is not None
    one.found("sender", await checks.run(nobody), checks.about)
    return {finding.check: finding for finding in one.findings("sender")}


def asking(one: FlowState) -> set[str]:
    """Return the steps that ask for the press: in their lines, or in the row of what is not right."""
    steps = ("sender", "test_mail", "review", "done")
    asked = {key for key in steps if any(line.startswith(ASKED) for line in order.step(key).lines(one))}
    rows = [found for found in one.open_findings if needs_check_pressed([found]) and found.remedy]
    return asked | {"sender"} if rows else asked


async def test_it_is_in_sight_at_four_steps_until_the_operator_has_pressed_it(tmp_path: Path) -> None:
    zones = [RIGHT_ZONE[key].replace("192.0.2.53", "127.0.0.1") for key in ("zone", "installation_zone")]
    one = state(tmp_path)
    one.draft = replace(one.draft, app=draft().app, domain=draft().domain)
    one.receipt = Receipt("env", ".env", {"EMAIL_URL": KeyState.CHANGED}, private=None)
    (tmp_path / ".env").write_text("A=1\n")
    assert asking(one) == set()
    async with fake(Zones(zones)) as server:
        one.session = replace(one.session, resolver=server.address, authoritative_port=server.address[1])
        assert (await judged(one))["alignment"].code is Code.ALIGNMENT_PRESS_CHECK
        await order.step("test_mail").enter(one, nobody)
        assert asking(one) == {"sender", "test_mail", "review", "done"}

        result = await perform(sender.STEP, one, "pressed", nobody)
    assert result.sentences == ("Noted. Postal signs by the records as they are now.",)
    assert one.draft.domain.checked_in_postal is True
    found = {finding.check: finding for finding in one.findings("sender")}
    assert found["alignment"].code is Code.ALIGNMENT_ALIGNED
    assert of(found).world == "checked"
    assert Check.PTR in found
    assert asking(one) == set()
    assert "pressed" not in {offer.id for offer in sender.STEP.offers(one)}


async def test_a_stored_status_that_is_older_than_the_records_is_dropped_by_the_press(tmp_path: Path) -> None:
    zones = [RIGHT_ZONE[key].replace("192.0.2.53", "127.0.0.1") for key in ("zone", "installation_zone")]
    one = state(tmp_path)
    status = {**stored(RIGHT_ZONE), "stored_dkim": "missing"}
    one.draft = replace(one.draft, app=draft().app, domain=replace(draft().domain, **status))
    async with fake(Zones(zones)) as server:
        one.session = replace(one.session, resolver=server.address, authoritative_port=server.address[1])
        assert of(await judged(one)).world == "stored"
        assert asking(one) >= {"sender", "test_mail"}
        await perform(sender.STEP, one, "pressed", nobody)
    assert of({finding.check: finding for finding in one.findings("sender")}).world == "checked"
    assert asking(one) == set()
