"""What a rehearsal adds to the steps, tried on a world without servers; the real one is in tests/rehearsal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from tests.setup.offers import STATES, accepted
from tests.setup.states import found, state
from wizard.model.codes import Code
from wizard.model.finding import Finding
from wizard.model.flow import STEP_KEYS
from wizard.model.secret import Secret
from wizard.model.session import nobody
from wizard.model.world import Fix, Group, Scenario, WorldError
from wizard.setup import order
from wizard.setup.step import offer, perform

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.setup.flow import FlowState

WRONG_KEY = Scenario("wrong-key", "the key decides", "Set up from the beginning")
IN_POSTAL = Fix("pretend I did this in Postal", "A credential is made.", frozenset({"auth"}))
IN_DNS = Fix(
    "pretend I did this in DNS", "The record is published.", frozenset({"dkim"}), domain=(("checked_in_postal", True),)
)
AT_START = Fix("pretend I made one", "It is made.", at=frozenset({"start"}))
REFUSED = Finding.fail(Code.AUTH_INVALID_CREDENTIAL, "shop/apps", "Refused.")
NO_RECORD = Finding.warn(Code.DKIM_MISSING, "shop.example", "There is no record.")


@dataclass
class World:
    """A world that only notes what it is asked for."""

    fixes: tuple[Fix, ...] = (IN_POSTAL, IN_DNS)
    scenario: Scenario = WRONG_KEY
    groups: tuple[Group, ...] = (Group("credential", "Credential", "keys that Postal refuses", (WRONG_KEY,)),)
    info: dict[str, Any] = field(default_factory=dict)
    inbox: list[bytes] = field(default_factory=list)
    fails: str = ""
    keeps: bool = False

    async def fix(self, fix: Fix) -> Secret | None:
        if self.fails:
            raise WorldError(self.fails)
        self.fixes = tuple(one for one in self.fixes if one != fix)
        return Secret("ANewKey0000000000000000A") if fix == IN_POSTAL else None

    async def rehearse(self, name: str) -> None:
        raise WorldError(self.fails or name)

    async def mails(self) -> list[bytes]:
        return self.inbox


def within(one: FlowState, world: World, step: str = "start") -> FlowState:
    one.session, one.key = replace(one.session, world=world), step
    return one


@pytest.mark.parametrize("key", sorted(STATES))
def test_without_a_world_a_step_is_as_it_is(key: str, tmp_path: Path) -> None:
    one = STATES[key][0](tmp_path)
    bare = import_module(f"wizard.setup.steps.{key}").STEP
    dressed = order.step(key)
    assert [each.id for each in dressed.offers(one)] == [each.id for each in bare.offers(one)]
    assert dressed.lines(one) == bare.lines(one)
    assert dressed.asked(one) == bare.asked(one)


class TestTheStart:
    async def test_it_says_what_a_rehearsal_is_and_what_to_try_first(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World())
        step = order.step("start")
        await step.enter(one, nobody)
        words = " ".join(" ".join(step.lines(one)).split())
        assert "rehearsal Postal, DNS, Infisical and host are pretend here" in words
        assert "scenario wrong-key: the key decides" in words
        assert "try first Set up from the beginning" in words
        assert "m pretends that you did its remedy" in words

    async def test_the_menu_leads_from_groups_to_scenarios_and_back(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World())
        step = order.step("start")

        async def choose(name: str) -> list[str]:
            await perform(step, one, name, nobody)
            return [f"{each.id}: {each.note}" for each in step.offers(one) if each.choice]

        own = [each.id for each in step.offers(one) if each.choice]
        assert own[-1] == "scenarios"
        assert await choose("scenarios") == ["group_credential: keys that Postal refuses", "no_scenario: "]
        assert step.asked(one) == "Which kind of scenario?"
        assert await choose("group_credential") == ["wrong-key: the key decides", "groups: "]
        assert step.asked(one) == "Which scenario?"
        assert await choose("groups") == ["group_credential: keys that Postal refuses", "no_scenario: "]
        await choose("no_scenario")
        assert [each.id for each in step.offers(one) if each.choice] == own

    async def test_a_scenario_that_cannot_start_says_why_and_changes_nothing(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World(fails="It cannot start."))
        draft, step = one.draft, order.step("start")
        for name in ("scenarios", "group_credential"):
            await perform(step, one, name, nobody)
        result = await perform(step, one, "wrong-key", nobody)
        assert (result.sentences, result.move) == (("It cannot start.",), None)
        assert one.draft == draft


@pytest.mark.parametrize(("keeps", "becomes"), [(True, "is saved"), (False, "ends, and its draft with it")])
def test_leaving_says_what_becomes_of_the_draft(keeps: bool, becomes: str, tmp_path: Path) -> None:
    assert becomes in within(state(tmp_path), World(keeps=keeps)).left_early
    assert state(tmp_path).left_early == "Left early; the draft is saved."


class TestPretending:
    async def test_the_worst_row_is_fixed_first_and_then_the_next(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World(), "credential")
        found(one, "credential", NO_RECORD, REFUSED)
        step = order.step("credential")
        names = []
        while (each := offer(step, one, "pretend_fix")) is not None:
            names.append((each.key, each.name))
            result = await perform(step, one, each.id, nobody)
        assert names == [("m", "pretend I did this in Postal"), ("m", "pretend I did this in DNS")]
        assert result.sentences == ("Pretended: The record is published.",)
        assert one.session.key == Secret("ANewKey0000000000000000A")
        assert one.draft.domain.checked_in_postal is True

    def test_nothing_is_offered_where_nothing_is_wrong(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World())
        for key in STEP_KEYS:
            assert offer(order.step(key), one, "pretend_fix") is None

    def test_what_no_check_shows_is_offered_at_its_step(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World(fixes=(AT_START,)))
        assert [key for key in STEP_KEYS if offer(order.step(key), one, "pretend_fix")] == ["start"]

    def test_a_refused_target_counts_as_wrong(self, tmp_path: Path) -> None:
        rights = Fix("pretend I did this in Infisical", "It may write.", frozenset({"target"}))
        one = within(state(tmp_path), World(fixes=(rights,)))
        one.refusal = "The identity lacks a permission."
        assert [key for key in STEP_KEYS if offer(order.step(key), one, "pretend_fix")] == ["test_mail", "review"]

    async def test_a_world_that_is_gone_says_so(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World(fails="The servers have ended."), "credential")
        found(one, "credential", REFUSED)
        result = await perform(order.step("credential"), one, "pretend_fix", nobody)
        assert result.sentences == ("The servers have ended.",)
        assert one.session.key != Secret("ANewKey0000000000000000A")


class TestTheMailbox:
    async def test_it_is_empty_until_something_arrives(self, tmp_path: Path) -> None:
        world = World()
        one = within(accepted(tmp_path), world, "test_mail")
        result = await perform(order.step("test_mail"), one, "mailbox", nobody)
        assert result.page is not None
        assert result.page.lines == ("The mailbox of you@example.net is empty: no mail has arrived.",)

    async def test_it_shows_the_newest_mail_as_text_that_no_terminal_acts_on(self, tmp_path: Path) -> None:
        mail = b"From: a@shop.example\r\nSubject: \x1b[2Jcode ABC234\r\n\r\nthe code is \x1b]0;x\x07ABC234\r\n"
        one = within(accepted(tmp_path), World(inbox=[mail, b"Subject: older\r\n\r\n"]), "test_mail")
        result = await perform(order.step("test_mail"), one, "mailbox", nobody)
        assert result.page is not None
        text = "\n".join(result.page.lines)
        assert "1 new mail for you@example.net; 1 older." in text
        assert "the code is" in text
        assert "\x1b" not in text
        assert "older\n" not in text

    def test_nobody_looks_into_it_before_a_mail_was_sent(self, tmp_path: Path) -> None:
        one = within(state(tmp_path), World(), "test_mail")
        assert offer(order.step("test_mail"), one, "mailbox") is None
