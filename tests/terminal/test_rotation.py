"""Rotation in a real terminal: the new key is proven before anything is replaced; every failure keeps the old one."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.effort import one_in
from tests.terminal.driver import Terminal
from tests.terminal.test_commands import Served, end, serve
from wizard.model import answers
from wizard.model.draft import Draft, EnvTarget, InfisicalTarget
from wizard.model.flow import Flow
from wizard.rehearsal.infisical.server import Answer, Server, Store
from wizard.state import answers_file
from wizard.state.journal import Journal, Saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOLDER = ("prod", "/glitchtip/application")
FROM = "glitchtip@shop.example"
WRONG = "Wrong0Key00000000000Test"
DOWN, ESCAPE, QUIT = "\x1b[B", "\x1b", "\x11"


class Failing(Server):
    """An Infisical that can go down at a request, before or after that request took effect."""

    def __init__(self) -> None:
        super().__init__(Store())
        self.down_at: Callable[[str, str], bool] = lambda method, target: False
        self.after = False
        self.down = threading.Event()

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        if self.down.is_set():
            return None
        if self.down_at(method, target):
            self.down.set()
            if self.after:
                super().answer(method, target, authorization, body)
            return None
        return super().answer(method, target, authorization, body)


@dataclass
class Place:
    """A working set-up with an old key that is still good, and the words that start a wizard for it."""

    kind: str
    served: Served
    words: list[str]
    infisical: Failing | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def new_key(self) -> str:
        return str(self.served.info["smtp_key"])

    @property
    def old_key(self) -> str:
        return str(self.served.info["old_smtp_key"])

    def url(self, key: str, smtp: str | None = None) -> str:
        return f"smtp://shop%2Fapps:{key}@{smtp or self.served.info['smtp']}"

    def hold(self, url: str) -> None:
        """Let GlitchTip have *url*."""
        if self.infisical is None:
            self.served.env_file.write_text(f"# kept\nEMAIL_URL={url}\nDEFAULT_FROM_EMAIL={FROM}\n")
        else:
            self.infisical.store.put(*FOLDER, "EMAIL_URL", url)
            self.infisical.store.put(*FOLDER, "DEFAULT_FROM_EMAIL", FROM)

    @property
    def held(self) -> str | None:
        """The EMAIL_URL that GlitchTip has."""
        if self.infisical is not None:
            return self.infisical.store.value(*FOLDER, "EMAIL_URL")
        lines = self.served.env_file.read_text().splitlines()
        return next(line.removeprefix("EMAIL_URL=") for line in lines if line.startswith("EMAIL_URL="))

    def started(self, *more: str) -> Terminal:
        return Terminal(*more, *self.words, env=self.env, rows=50)


@pytest.fixture(params=one_in(2, ["env", "infisical"]))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    served = serve(tmp_path / "rehearsal")
    made = Place(request.param, served, ["--env-file", str(served.env_file), *served.network])
    if request.param == "infisical":
        server = Failing()
        server.start()
        store, draft = server.store, answers_file.load(served.answers)
        target = InfisicalTarget(server.url, store.project_slug, *FOLDER, store.client_id)
        path = served.answers.with_name("told.toml")
        # Server, credential and From are those that GlitchTip has; the answers only name the place.
        path.write_text(answers.dumps(Draft(app=draft.app, target=target)))
        made.words = ["--answers", str(path), *served.network]
        made.infisical = server
        made.env = {"INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET": store.client_secret}
    made.hold(made.url(made.old_key))
    yield made
    if made.infisical is not None:
        made.infisical.stop()
    end(served)


def shows_no_secret(terminal: Terminal, place: Place) -> bool:
    secrets = [place.new_key, place.old_key, *place.env.values()]
    return not any(secret.encode() in terminal.bytes for secret in secrets)


REVIEW = "print the change and leave"
"""What the review offers, in every front end."""
DONE = "roll back"
NOT_PROVEN = "The new key is not proven: GlitchTip keeps the old one."
KEEP_IT = "Keep the old key until every service that sends mail runs with the new one."
FIRST = "Make a new credential in Postal first"


def leave_done(terminal: Terminal, place: Place) -> None:
    """Finish, with a no to what is asked on leaving; a `.env` has a backup, and nothing is asked before it can go."""
    terminal.press("\r")
    if place.kind == "infisical":
        terminal.wait_for("Keep the old values in your keyring")
        terminal.press("n\r" if "[y/N]" in terminal.text else "n")


class TestLinePrompts:
    def to_the_key(self, terminal: Terminal) -> None:
        terminal.wait_for("Which? [1]")
        terminal.press("2\r")
        terminal.wait_for("User name")
        terminal.wait_for("[shop/apps]:")
        terminal.press("\r")
        terminal.wait_for("New key, not shown (of the credential made for this):")

    def give(self, terminal: Terminal, key: str) -> None:
        """Give *key*, and go on whatever was found."""
        self.to_the_key(terminal)
        terminal.press(f"{key}\r")
        terminal.wait_for("r asks and checks again")
        terminal.press("\r")

    def to_the_review(self, terminal: Terminal, place: Place) -> None:
        self.give(terminal, place.new_key)
        terminal.wait_for(REVIEW)
        terminal.wait_for("r checks again")

    def test_a_proven_key_is_shown_beside_the_old_one_written_and_explained(self, place: Place) -> None:
        with place.started("--plain") as terminal:
            self.to_the_review(terminal, place)
            assert "- EMAIL_URL=smtp://shop%2Fapps:••••••••@" in terminal.text
            assert "+ EMAIL_URL=smtp://shop%2Fapps:••••••••@" in terminal.text
            assert "new key" in terminal.text
            assert place.held == place.url(place.old_key)
            terminal.press("\r")
            terminal.wait_for(DONE)
            assert "docker compose up -d web worker" in terminal.text.replace("\n", "")
            assert KEEP_IT in terminal.words
            assert "may revoke" not in terminal.words
            leave_done(terminal, place)
            assert terminal.end() == 0
        assert place.held == place.url(place.new_key)
        assert shows_no_secret(terminal, place)

    def test_a_wrong_key_writes_nothing_and_the_old_one_stays(self, place: Place) -> None:
        with place.started("--plain") as terminal:
            self.give(terminal, WRONG)
            terminal.wait_for("FAIL")
            terminal.wait_for(NOT_PROVEN)
            terminal.wait_for("r checks again")
            terminal.press("\r")
            terminal.wait_for("then check the login")
            terminal.press("q\r")
            assert terminal.end() == 10
        assert place.held == place.url(place.old_key)
        assert WRONG.encode() not in terminal.bytes

    @pytest.mark.full
    def test_with_postal_down_nothing_is_written(self, place: Place) -> None:
        down = place.url(place.old_key, "127.0.0.1:9")
        place.hold(down)
        with place.started("--plain") as terminal:
            self.give(terminal, place.new_key)
            terminal.wait_for(NOT_PROVEN)
            terminal.wait_for("r checks again")
            terminal.press("\r")
            terminal.wait_for("then check the login")
            terminal.press("q\r")
            assert terminal.end() == 10
        assert place.held == down

    @pytest.mark.full
    def test_neither_a_blank_nor_the_key_that_is_there_is_taken(self, place: Place) -> None:
        with place.started("--plain") as terminal:
            self.to_the_key(terminal)
            terminal.press("\r")
            terminal.wait_for(f"Type the new key. {FIRST}")
            # Postal compares without letter case: this is the same key, and no other one.
            for seen, same in enumerate((place.old_key, place.old_key.swapcase(), f" {place.old_key} "), 1):
                terminal.press(f"{same}\r")
                terminal.until(
                    lambda seen=seen: terminal.count("This is the key that GlitchTip has already.") == seen,  # type: ignore[misc]  # a default
                    "the same key is not refused",
                )
            assert terminal.count(FIRST) == 4
            terminal.press("q\r")
            assert terminal.end() == 10
        assert place.held == place.url(place.old_key)
        assert shows_no_secret(terminal, place)

    @pytest.mark.parametrize("at", one_in(3, ["review", "start", "credential"]))
    def test_leaving_anywhere_before_the_writing_keeps_the_old_key(self, place: Place, at: str) -> None:
        with place.started("--plain") as terminal:
            if at == "review":
                self.to_the_review(terminal, place)
                terminal.press("<\r")
                terminal.wait_for("r checks again: <")
                terminal.wait_for("[shop/apps]: ")
            elif at == "credential":
                self.to_the_key(terminal)
            else:
                terminal.wait_for("Which? [1]")
            terminal.press("q\r")
            assert terminal.end() == 10
        assert place.held == place.url(place.old_key)

    def test_rolling_back_at_once_asks_and_puts_the_old_key_back(self, place: Place) -> None:
        with place.started("--plain") as terminal:
            self.to_the_review(terminal, place)
            terminal.press("\r")
            terminal.wait_for(DONE)
            terminal.press("b\r")
            terminal.wait_for("Put the previous values back? [y/N]")
            terminal.press("\r")
            terminal.settle()
            assert place.held == place.url(place.new_key)
            terminal.press("b\r")
            terminal.until(lambda: terminal.count("Put the previous values back? [y/N]") == 2, "asked once")
            terminal.press("y\r")
            terminal.wait_for("Rolled back")
            terminal.press("\r")
            assert terminal.end() == 0
        assert place.held == place.url(place.old_key)


@pytest.mark.slow
class TestPrefill:
    """What the official CLI's settings say is in the target's fields; a file's domain only after a yes."""

    ID = "dee161f6-adfa-4822-8de0-e9c5cb10abc3"

    def answer_the_place(self, terminal: Terminal, secret: str = "") -> None:
        """Keep what Infisical's questions propose, but for the client secret."""
        for question in ("URL (", "Project (", "Environment (", "Folder (", "Client id ("):
            terminal.wait_for(question)
            terminal.press("\r")
        terminal.wait_for("Client secret, not shown")
        terminal.press(f"{secret}\r")
        for question in ("Plain http", "Copy (", "CA file (", "k   keep the secret"):
            terminal.wait_for(question)
            terminal.press("\r")

    def at_the_target(self, terminal: Terminal) -> None:
        terminal.wait_for("Continue with the draft")
        terminal.settle()
        terminal.press("\r")
        terminal.wait_for("◉ Target")
        terminal.settle()
        terminal.press(DOWN)

    def url(self, terminal: Terminal) -> str:
        return next(line for line in terminal.text.splitlines() if line.lstrip(" │").startswith("URL"))

    def left_at_the_target(self, directory: Path, told: dict[str, str]) -> list[str]:
        (directory / ".infisical.json").write_text(json.dumps(told))
        path = directory / ".env"
        Journal.beside(directory).save(Saved(Draft(target=EnvTarget()), "target", Flow.SET_UP))
        reading, writing = os.pipe()
        os.write(writing, b"Some0Key0000000000000000")
        os.close(writing)
        os.set_inheritable(reading, True)
        return ["--env-file", str(path), "--password-fd", str(reading)]

    @pytest.mark.parametrize("yes", one_in(2, [True, False]))
    @pytest.mark.full
    def test_the_domain_of_a_file_is_asked_about_before_it_is_in_the_field(self, tmp_path: Path, yes: bool) -> None:
        told = {"workspaceId": self.ID, "defaultEnvironment": "prod", "domain": "https://secrets.example.com"}
        with Terminal(*self.left_at_the_target(tmp_path, told), rows=40) as terminal:
            self.at_the_target(terminal)
            terminal.wait_for(self.ID)
            terminal.settle()
            assert "https://secrets.example.com" not in self.url(terminal)
            terminal.press("u")
            terminal.wait_for(".infisical.json names https://secrets.example.com as Infisical")
            terminal.press("y" if yes else "n")
            terminal.wait_for("Infisical is https://secrets.example.com now" if yes else "Enter next")
            terminal.settle()
            assert ("https://secrets.example.com" in self.url(terminal)) is yes
            assert any("Environment" in line and "prod" in line for line in terminal.text.splitlines())

    @pytest.mark.full
    def test_a_rehearsal_offers_its_own_infisical_and_never_the_operator_s(self, tmp_path: Path) -> None:
        real = {"INFISICAL_DOMAIN": "https://real.example.com", "INFISICAL_TOKEN": "realtoken"}
        with Terminal("demo", "--plain", "--directory", str(tmp_path / "demo"), env=real, rows=60) as terminal:
            terminal.wait_for("Which? [1]")
            terminal.press("1\r")
            for question in ("Host (", "Port (", "TLS [", "Enter continues", "User name (", "Key, not shown"):
                terminal.wait_for(question)
                terminal.press("\r")
            terminal.wait_for("EMAIL_URL   smtp://")
            for question in ("Enter continues", "From (", "From domain ("):
                terminal.wait_for(question)
                terminal.press("\r")
            terminal.wait_for("o asks for all values")
            terminal.press("\r")
            terminal.wait_for("Kind [")
            terminal.press("2\r")
            self.answer_the_place(terminal)
            terminal.wait_for("To (")
            terminal.press("-\r")
            terminal.wait_for("paste its headers")
            terminal.press("\r")
            terminal.wait_for(REVIEW)
            assert "glitchtip, prod, /glitchtip/application" in terminal.text
            terminal.press("\r")
            terminal.wait_for("pretend I ran it")
            assert b"EMAIL_URL created" in terminal.bytes
        assert b"real.example.com" not in terminal.bytes


@pytest.mark.parametrize("place", ["infisical"], indirect=True)
class TestInfisical:
    def test_one_login_serves_the_whole_rotation_and_its_token_is_revoked(self, place: Place) -> None:
        assert place.infisical is not None
        with place.started("--plain") as terminal:
            terminal.wait_for("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET of the environment is used")
            TestLinePrompts().to_the_review(terminal, place)
            terminal.press("\r")
            terminal.wait_for(DONE)
            assert f"--projectId={place.infisical.store.project_id}" in terminal.text.replace("\n", "")
            leave_done(terminal, place)
            assert terminal.end() == 0
        assert [path for _, path in place.infisical.store.log].count("/api/v1/auth/universal-auth/login") == 1
        assert place.infisical.store.tokens == set()

    @pytest.mark.parametrize("after", one_in(2, [True, False]))
    def test_when_it_goes_down_while_it_writes_the_state_is_named_and_never_taken_for_written(
        self, place: Place, after: bool
    ) -> None:
        server = place.infisical
        assert server is not None
        server.after = after
        server.down_at = lambda method, _target: method == "PATCH"
        with place.started("--plain") as terminal:
            TestLinePrompts().to_the_review(terminal, place)
            terminal.press("\r")
            terminal.wait_for("EMAIL_URL: uncertain")
            terminal.press("q\r")
            assert terminal.end() == 4
            assert terminal.shows("EMAIL_URL uncertain")  # wherever the answer was typed, and the line is wrapped
            assert "DEFAULT_FROM_EMAIL" in terminal.text
        assert place.held == place.url(place.new_key if after else place.old_key)

    def test_when_it_is_down_before_the_review_nothing_is_written(self, place: Place) -> None:
        server = place.infisical
        assert server is not None
        with place.started("--plain") as terminal:
            terminal.wait_for("Which? [1]")
            terminal.press("2\r")
            terminal.wait_for("User name")
            server.down.set()
            terminal.press("\r")
            terminal.wait_for("New key, not shown")
            terminal.press(f"{place.new_key}\r")
            terminal.wait_for("r asks and checks again")
            terminal.press("\r")
            terminal.wait_for("Nothing can be written: The connection to Infisical broke off")
            terminal.wait_for("r checks again")
            terminal.press("\r")
            terminal.wait_for("Nothing was written: The connection to Infisical broke off")
            terminal.press("q\r")
            assert terminal.end() == 10
        assert place.held == place.url(place.old_key)

    @pytest.mark.full
    def test_without_an_email_url_there_is_nothing_to_rotate(self, place: Place) -> None:
        assert place.infisical is not None
        place.infisical.store.rows.clear()
        with place.started("--plain") as terminal:
            terminal.wait_for("Which? [1]")
            terminal.press("2\r")
            terminal.wait_for("There is nothing to rotate: Infisical holds no EMAIL_URL")
            terminal.press("q\r")
            assert terminal.end() == 10

    def test_a_missing_client_secret_is_asked_for_before_any_login_and_serves_the_rotation(self, place: Place) -> None:
        server = place.infisical
        assert server is not None
        secret = place.env.pop("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET")
        assert "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET" not in os.environ
        with place.started("--plain") as terminal:
            terminal.wait_for("Which? [1]")
            terminal.press("2\r")
            terminal.wait_for("Kind [")
            terminal.press("\r")
            TestPrefill().answer_the_place(terminal, secret)
            terminal.wait_for("[shop/apps]:")
            terminal.press("\r")
            terminal.wait_for("New key, not shown (of the credential made for this):")
            terminal.press(f"{place.new_key}\r")
            terminal.wait_for("r asks and checks again")
            terminal.press("\r")
            terminal.wait_for(REVIEW)
            terminal.press("\r")
            terminal.wait_for(DONE)
            leave_done(terminal, place)
            terminal.wait_for("Keep Infisical's client secret")
            terminal.press("\r")
            assert terminal.end() == 0
            assert secret.encode() not in terminal.bytes
        assert place.held == place.url(place.new_key)
        assert [path for _, path in server.store.log].count("/api/v1/auth/universal-auth/login") == 1

    @pytest.mark.full
    def test_a_client_secret_that_is_refused_can_be_typed_again(self, place: Place) -> None:
        server = place.infisical
        assert server is not None
        secret = place.env["INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"]
        place.env["INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"] = "Wrong0Client0Secret"
        with place.started("--plain") as terminal:
            terminal.wait_for("Which? [1]")
            terminal.press("2\r")
            terminal.wait_for("Infisical refuses the login")
            terminal.wait_for("Kind [")
            terminal.press("\r")
            TestPrefill().answer_the_place(terminal, secret)
            terminal.wait_for("[shop/apps]:")
            terminal.press("q\r")
            assert terminal.end() == 10
        assert [path for _, path in server.store.log].count("/api/v1/auth/universal-auth/login") == 2
        assert place.held == place.url(place.old_key)


@pytest.mark.slow
class TestScreens:
    def to_the_key(self, terminal: Terminal) -> None:
        terminal.wait_for("Rotate the credential")
        terminal.settle()
        terminal.press(DOWN)
        terminal.settle(0.2)
        terminal.press("\r")
        terminal.wait_for("User name")
        # The cursor stands in the key's field.
        terminal.wait_for("New key")
        terminal.settle(0.2)

    def to_the_review(self, terminal: Terminal, key: str) -> None:
        self.to_the_key(terminal)
        terminal.press(f"{key}\r")
        terminal.wait_for("OK Login")
        terminal.settle()
        terminal.go_on()
        terminal.wait_for("Nothing has been written yet")

    def test_a_proven_key_is_shown_beside_the_old_one_written_and_explained(self, place: Place) -> None:
        with place.started() as terminal:
            self.to_the_review(terminal, place.new_key)
            terminal.wait_for("- EMAIL_URL=smtp://shop%2Fapps:••••••••@")
            terminal.wait_for("+ EMAIL_URL=smtp://shop%2Fapps:••••••••@")
            assert "new key" in terminal.text
            assert place.held == place.url(place.old_key)
            terminal.press("\r")
            terminal.wait_for("written and read back")
            assert place.held == place.url(place.new_key)
            terminal.wait_for("docker compose up -d")
            terminal.wait_for(KEEP_IT)
            assert "may revoke" not in terminal.words
            terminal.settle()
            leave_done(terminal, place)
            assert terminal.end() == 0
        assert shows_no_secret(terminal, place)
        if place.infisical is not None:
            assert place.infisical.store.tokens == set()

    @pytest.mark.full
    def test_a_wrong_key_reaches_no_writing(self, place: Place) -> None:
        with place.started() as terminal:
            self.to_the_key(terminal)
            terminal.press(f"{WRONG}\r")
            terminal.wait_for("FAIL Login")
            terminal.settle()
            terminal.go_on()
            terminal.wait_for(NOT_PROVEN)
            terminal.go_on()
            terminal.settle()
            assert place.held == place.url(place.old_key)
            terminal.press(QUIT)
            terminal.wait_for("the key is not")
            terminal.press(QUIT)
            assert terminal.end() == 10
        assert place.held == place.url(place.old_key)

    @pytest.mark.full
    def test_with_postal_down_nothing_is_written(self, place: Place) -> None:
        down = place.url(place.old_key, "127.0.0.1:9")
        place.hold(down)
        with place.started() as terminal:
            self.to_the_key(terminal)
            terminal.press(f"{place.new_key}\r")
            terminal.wait_for("FAIL Connection")
            terminal.settle()
            terminal.go_on()
            terminal.wait_for(NOT_PROVEN)
            terminal.press(f"{QUIT}{QUIT}")
            assert terminal.end() == 10
        assert place.held == down

    @pytest.mark.parametrize("at", one_in(3, ["review", "start", "credential"]))
    @pytest.mark.full
    def test_leaving_anywhere_before_the_writing_keeps_the_old_key(self, place: Place, at: str) -> None:
        with place.started() as terminal:
            if at == "start":
                terminal.wait_for("Rotate the credential")
                terminal.settle()
            elif at == "credential":
                self.to_the_key(terminal)
            else:
                self.to_the_review(terminal, place.new_key)
            if at != "start":
                terminal.press(ESCAPE)
                terminal.wait_for("User name" if at == "review" else "Rotate the credential")
                terminal.settle()
            terminal.press(QUIT)
            if at == "review":
                terminal.wait_for("the key is not")
                terminal.press(QUIT)
            assert terminal.end() == 10
        assert place.held == place.url(place.old_key)
        if place.infisical is not None:
            assert place.infisical.store.tokens == set()

    @pytest.mark.full
    def test_leaving_after_the_writing_ends_well_with_the_new_key(self, place: Place) -> None:
        with place.started() as terminal:
            self.to_the_review(terminal, place.new_key)
            terminal.press("\r")
            terminal.wait_for("written and read back")
            terminal.settle()
            terminal.press(QUIT)
            assert terminal.end() == 0
        assert place.held == place.url(place.new_key)

    @pytest.mark.parametrize("place", ["infisical"], indirect=True)
    @pytest.mark.parametrize("after", one_in(2, [True, False]))
    @pytest.mark.full
    def test_when_infisical_goes_down_while_it_writes_the_state_is_named(self, place: Place, after: bool) -> None:
        server = place.infisical
        assert server is not None
        server.after = after
        server.down_at = lambda method, _target: method == "PATCH"
        with place.started() as terminal:
            self.to_the_review(terminal, place.new_key)
            terminal.press("\r")
            terminal.wait_for("EMAIL_URL: uncertain")
            terminal.press(QUIT)
            terminal.wait_for("the key is not")
            terminal.press(QUIT)
            assert terminal.end() == 4
            assert terminal.shows("EMAIL_URL uncertain")  # wherever the answer was typed, and the line is wrapped
        assert place.held == place.url(place.new_key if after else place.old_key)
