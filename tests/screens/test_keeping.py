"""An Infisical set-up in the screens: what is asked, what is kept in the keyring, and all places side by side."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from tests.effort import one_in
from wizard.model.draft import Draft, EnvTarget, InfisicalTarget
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal.infisical.server import Server, Store
from wizard.setup.flow import FlowState
from wizard.state import keyring as keyrings
from wizard.state import previous_values
from wizard.state.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.screens.conftest import Driven, Opener, Rehearse

pytestmark = pytest.mark.slow

FOLDER = ("prod", "/glitchtip/application")
LOGIN = ("POST", "/api/v1/auth/universal-auth/login")


class Keyring:
    """A keyring in memory in place of the operator's; ``reason``: why it refuses."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}
        self.reason = ""
        self.asked = 0

    def answer(self, value: Secret | None = None) -> keyrings.Answer:
        self.asked += 1
        return keyrings.Answer(not self.reason, self.reason, value=None if self.reason else value)

    async def probe(self, **_: object) -> keyrings.Answer:
        return self.answer()

    async def get(self, name: str, **_: object) -> keyrings.Answer:
        return self.answer(self.kept.get(name))

    async def put(self, name: str, secret: Secret, **_: object) -> keyrings.Answer:
        if not self.reason:
            self.kept[name] = secret
        return self.answer()

    async def forget(self, name: str, **_: object) -> keyrings.Answer:
        if not self.reason:
            self.kept.pop(name, None)
        return self.answer()


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring()
    for name in ("probe", "get", "put", "forget"):
        monkeypatch.setattr(keyrings, name, getattr(made, name))
    return made


@pytest.fixture
def infisical() -> Iterator[Server]:
    server = Server(Store())
    server.start()
    yield server
    server.stop()


@dataclass(frozen=True)
class Rotation:
    """A set-up in force in Infisical, for which nobody has given the client secret; called, it begins a run."""

    draft: Draft
    session: Session
    home: Path
    key: str
    """The new key, as an operator would paste it."""
    runs: Iterator[int] = field(default_factory=itertools.count)

    def __call__(self) -> FlowState:
        return FlowState(self.draft, self.session, Journal(self.home, f"run {next(self.runs)}"))


@pytest.fixture
def rotation(rehearse: Rehearse, infisical: Server, monkeypatch: pytest.MonkeyPatch) -> Rotation:
    flow = rehearse("good")
    for name in ("DOMAIN", "PROJECT_ID", "ENVIRONMENT", "SECRET_PATH", "UNIVERSAL_AUTH_CLIENT_ID"):
        monkeypatch.delenv(f"INFISICAL_{name}", raising=False)
    store, told, key = infisical.store, flow.draft, flow.session.key
    assert key is not None
    host, port, name = told.server.host, told.server.port, "shop%2Fapps"
    old_key = rehearse.info["old_smtp_key"]
    store.put(*FOLDER, "EMAIL_URL", f"smtp://{name}:{old_key}@{host}:{port}")
    store.put(*FOLDER, "DEFAULT_FROM_EMAIL", told.app.from_)
    target = InfisicalTarget(infisical.url, store.project_slug, *FOLDER, store.client_id)
    session = replace(flow.session, key=None, client_secret=None)
    return Rotation(Draft(app=told.app, target=target), session, flow.journal.home, key.reveal())


async def see(it: Driven, text: str) -> None:
    """Wait for *text*, wherever its lines are wrapped."""
    await it.see(text)


async def to_the_credential(it: Driven, secret: str) -> None:
    await it.press("down", "enter")
    await it.at("target")
    await it.until(lambda: it.app.focused is not None and it.app.focused.id == "target-client_secret")
    await it.type(secret)
    await it.press("enter")
    await it.at("credential")


async def to_done(it: Driven, key: str) -> None:
    await it.until(lambda: it.app.focused is not None and it.app.focused.id == "credential-key")
    await it.type(key)
    await it.press("enter")
    await see(it, "OK Login")
    await it.go("review")
    await see(it, "Nothing has been written yet")
    await it.press("enter")
    await it.at("done")


class TestTheClientSecret:
    @pytest.mark.full
    async def test_a_missing_one_is_asked_for_on_its_screen_and_one_login_serves_the_rotation(
        self, opened: Opener, rotation: Rotation, infisical: Server, keyring: Keyring
    ) -> None:
        async with opened(flow=rotation()) as it:
            assert infisical.store.log == []
            await to_the_credential(it, infisical.store.client_secret)
            await to_done(it, rotation.key)
            assert rotation.key in (infisical.store.value(*FOLDER, "EMAIL_URL") or "")
        assert infisical.store.log.count(LOGIN) == 1
        # Nobody asked for it.
        assert keyring.asked == 0

    @pytest.mark.full
    async def test_blank_is_a_problem_where_none_is_stored_and_esc_leads_to_the_start(
        self, opened: Opener, rotation: Rotation, infisical: Server
    ) -> None:
        async with opened(flow=rotation()) as it:
            await it.press("down", "enter")
            await it.at("target")
            await it.press("enter")
            await see(it, "The client secret is missing")
            await it.press("escape")
            await it.at("start")
        assert infisical.store.log == []

    @pytest.mark.full
    async def test_a_wrong_one_is_said_and_another_can_be_typed(
        self, opened: Opener, rotation: Rotation, infisical: Server
    ) -> None:
        async with opened(flow=rotation()) as it:
            await it.press("down", "enter")
            await it.at("target")
            await it.type("Wrong0Client0Secret")
            await it.press("enter")
            await see(it, "There is nothing to rotate: Infisical refuses the login")
            # The same again is not sent: three failures lock the identity.
            await it.press("enter")
            await see(it, "seconds ago")
            assert infisical.store.log.count(LOGIN) == 1
            await it.type(infisical.store.client_secret)
            await it.press("enter")
            await it.at("credential")
        assert infisical.store.log.count(LOGIN) == 2

    @pytest.mark.full
    async def test_kept_by_a_choice_it_serves_the_next_run_which_asks_for_none(
        self, opened: Opener, rotation: Rotation, infisical: Server, keyring: Keyring
    ) -> None:
        async with opened(flow=rotation(), size=(80, 70)) as it:
            await it.press("down", "enter")
            await it.at("target")
            await it.type(infisical.store.client_secret)
            await it.press("tab", "k")
            await see(it, "Your keyring keeps it once Infisical has taken it.")
            assert keyring.kept == {}
            await it.press("enter")
            await it.at("credential")
            await to_done(it, rotation.key)
            await see(it, "client secret is kept in your keyring")
        assert list(keyring.kept.values()) == [Secret(infisical.store.client_secret)]
        async with opened(flow=rotation()) as it:
            await it.press("down", "enter")
            await it.at("credential")
        assert infisical.store.log.count(LOGIN) == 2

    @pytest.mark.parametrize("reason", one_in(2, ["The keyring is locked.", "This machine has no keyring."]))
    @pytest.mark.full
    async def test_a_keyring_that_does_not_work_is_one_sentence_and_the_walk_goes_on(
        self, opened: Opener, rotation: Rotation, infisical: Server, keyring: Keyring, reason: str
    ) -> None:
        keyring.reason = reason
        async with opened(flow=rotation()) as it:
            await it.press("down", "enter")
            await it.at("target")
            await it.type(infisical.store.client_secret)
            await it.press("tab", "k")
            await see(it, f"It cannot be kept: {reason[0].lower()}{reason[1:]}")
            await it.press("enter")
            await it.at("credential")

    @pytest.mark.full
    async def test_a_refused_plan_leads_to_the_place_and_back(
        self, opened: Opener, rotation: Rotation, infisical: Server
    ) -> None:
        async with opened(flow=rotation()) as it:
            await to_the_credential(it, infisical.store.client_secret)
            infisical.store.hidden = True
            await it.until(lambda: it.app.focused is not None and it.app.focused.id == "credential-key")
            await it.type(rotation.key)
            await it.press("enter")
            await see(it, "OK Login")
            await it.go("review")
            await see(it, "Nothing can be written")
            assert "o change Infisical's place or secret" in it.keys
            infisical.store.hidden = False
            await it.press("o")
            await it.at("target")
            await it.press("enter")
            await it.at("review")
            await see(it, "Nothing has been written yet")


class TestTheValuesFromBefore:
    @pytest.mark.full
    async def test_they_are_kept_by_a_key_and_let_go_in_a_later_run(
        self, opened: Opener, rotation: Rotation, infisical: Server, keyring: Keyring
    ) -> None:
        async with opened(flow=rotation()) as it:
            await to_the_credential(it, infisical.store.client_secret)
            await to_done(it, rotation.key)
            assert "k keep the old values" in it.acting
            assert keyring.kept == {}
            await it.press("k")
            await see(it, "until you confirm that mail arrives")
            await it.press("y")
            await see(it, "The old values are kept")
            assert "k keep the old values" not in it.acting
            await it.press("enter")
            await it.until(lambda: it.app.return_code == 0)
        assert [name for name in keyring.kept if name.startswith("previous")]
        async with opened(flow=rotation()) as it:
            await see(it, "Delete the kept old values")
            await it.press("down", "down", "down", "down", "enter")
            await it.press("y")
            await see(it, "The old values are deleted from your keyring.")
            await it.until(lambda: "Delete the kept" not in it.text)
        assert keyring.kept == {}

    @pytest.mark.full
    async def test_rolled_back_at_once_they_are_kept_no_longer(
        self, opened: Opener, rotation: Rotation, infisical: Server, keyring: Keyring
    ) -> None:
        before = infisical.store.value(*FOLDER, "EMAIL_URL")
        flow = rotation()
        async with opened(flow=flow) as it:
            await to_the_credential(it, infisical.store.client_secret)
            await to_done(it, rotation.key)
            await it.press("k", "y")
            await see(it, "The old values are kept")
            await it.press("b", "y")
            await see(it, "Rolled back")
        assert infisical.store.value(*FOLDER, "EMAIL_URL") == before
        assert keyring.kept == {}
        assert isinstance(flow.draft.target, InfisicalTarget)
        assert previous_values.kept_since(flow.draft.target, flow.journal) is None

    @pytest.mark.full
    async def test_a_keyring_that_takes_nothing_is_said_in_a_sentence(
        self, opened: Opener, rotation: Rotation, infisical: Server, keyring: Keyring
    ) -> None:
        keyring.reason = "The keyring did not answer within 3 seconds; it may be locked."
        async with opened(flow=rotation()) as it:
            await to_the_credential(it, infisical.store.client_secret)
            await to_done(it, rotation.key)
            await it.press("k", "y")
            await see(it, "are not kept: the keyring did not answer within 3 seconds")
            await it.press("enter", "n")
            await it.until(lambda: it.app.return_code == 0)


class TestAllPlaces:
    async def test_the_start_says_in_a_line_what_differs_and_shows_the_places_by_a_key(
        self, opened: Opener, rotation: Rotation, infisical: Server
    ) -> None:
        flow = rotation()
        flow.session = replace(flow.session, client_secret=Secret(infisical.store.client_secret))
        async with opened(flow=flow) as it:
            await see(it, "were not read in Infisical")
            assert infisical.store.log == []
            await it.command("Show all places")
            await see(it, "All places that have the settings")
            rows = [line.split() for line in it.lines]
            assert ["Infisical", "reference", "reference"] in rows
            assert [".env", "differs", "differs"] in rows
        assert infisical.store.log.count(LOGIN) == 1
        assert infisical.store.tokens == set()

    async def test_what_cannot_be_read_is_never_told_as_equal(
        self, opened: Opener, rotation: Rotation, infisical: Server
    ) -> None:
        async with opened(flow=rotation()) as it:
            await see(it, "were not read in Infisical")
        assert infisical.store.log == []

    async def test_nothing_is_compared_where_nothing_is_set_up(self, opened: Opener, tmp_path: Path) -> None:
        flow = FlowState(Draft(target=EnvTarget()), Session(tmp_path, rehearsal=True), Journal(tmp_path, "x"))
        async with opened(flow=flow) as it:
            await see(it, "nothing yet")
            await it.until(lambda: not [worker for worker in it.app.workers if not worker.is_finished])
            assert "all places" not in it.text

    @pytest.mark.full
    async def test_done_says_it_after_the_writing(self, opened: Opener, rotation: Rotation, infisical: Server) -> None:
        async with opened(flow=rotation(), size=(80, 70)) as it:
            await to_the_credential(it, infisical.store.client_secret)
            await to_done(it, rotation.key)
            await see(it, "differ in .env, container web")
            logins = infisical.store.log.count(LOGIN)
            await it.command("Show all places")
            await see(it, "All places that have the settings")
            rows = [line.split() for line in it.lines]
            assert ["docker-compose.yml", "web", "passed", "on", "passed", "on"] in rows
            assert infisical.store.log.count(LOGIN) == logins


async def test_the_conventions_of_the_official_cli_are_shown_at_the_start(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFISICAL_DOMAIN", "https://secrets.example.com")
    monkeypatch.setenv("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "s3cret" * 6)
    (tmp_path / ".infisical.json").write_text(json.dumps({"workspaceId": "an-id", "domain": "https://other.example"}))
    below = tmp_path / "below"
    below.mkdir()
    async with opened(flow=FlowState(Draft(target=EnvTarget()), Session(below), Journal(tmp_path, "x"))) as it:
        await see(it, "INFISICAL_DOMAIN=https://secrets.example.com")
        text = it.words
        assert "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET" in text
        assert ".infisical.json in " in text
        assert "s3cret" not in text
