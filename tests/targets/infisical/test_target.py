"""The Infisical target against a server of each generation: what it writes, reads back, undoes and says."""

from __future__ import annotations

import asyncio
import http.server
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.watch import Watch
from wizard.model.draft import InfisicalTarget
from wizard.model.secret import MASK, Secret
from wizard.model.session import Session
from wizard.rehearsal.infisical.server import Answer, Server, Store
from wizard.targets import KeyState, Refused
from wizard.targets.infisical import http as http_module
from wizard.targets.infisical.errors import ApiError
from wizard.targets.infisical.location import normalised, problem_with_path
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENVIRONMENT, PATH = "prod", "/glitchtip/application"
OLD_URL = "smtp://old%2Fserver:OldOldOldOldOldOldOldOld@h.example:25"
NEW_URL = "smtp://org%2Fserver:NewNewNewNewNewNewNewNew@h.example:25"
OLD_FROM, NEW_FROM = "old@example.com", "GlitchTip <new@example.com>"
NEW: dict[str, str | Secret] = {"DEFAULT_FROM_EMAIL": NEW_FROM, "EMAIL_URL": Secret(NEW_URL)}


class Faulty(Server):
    """A server whose answer to the n-th request that matches can be broken, before or after it took effect."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.fault: Callable[[int, str, str], str | Answer | None] = lambda number, method, target: None
        """From number, method and target of a request to ``before``, ``after``, ``close``, an answer, or None."""
        self.number = 0
        self.hang = threading.Event()

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        self.number += 1
        fault = self.fault(self.number, method, target)
        if fault == "close":
            return None
        if isinstance(fault, tuple):
            return fault
        answered = super().answer(method, target, authorization, body) if fault != "before" else None
        if fault in {"before", "after"}:
            self.hang.wait(5)
            return None
        return answered


@pytest.fixture(params=["v3", "v4"])
def server(request: pytest.FixtureRequest) -> Iterator[Faulty]:
    running = Faulty(Store(generation=request.param))
    running.start()
    yield running
    running.hang.set()
    running.stop()


def target_of(server: Server, **changed: Any) -> Infisical:
    store = server.store
    told = InfisicalTarget(server.url, store.project_slug, ENVIRONMENT, PATH, store.client_id)
    return Infisical(replace(told, **changed), Session(client_secret=Secret(store.client_secret)))


def seed(server: Server) -> None:
    server.store.put(ENVIRONMENT, PATH, "EMAIL_URL", OLD_URL)
    server.store.put(ENVIRONMENT, PATH, "DEFAULT_FROM_EMAIL", OLD_FROM)


def held(server: Server) -> tuple[str | None, str | None]:
    store = server.store
    return store.value(ENVIRONMENT, PATH, "DEFAULT_FROM_EMAIL"), store.value(ENVIRONMENT, PATH, "EMAIL_URL")


class TestWriting:
    async def test_into_a_project_without_the_folder_both_are_created(self, server: Faulty) -> None:
        target = target_of(server)
        plan = await target.plan(NEW)
        assert [change.state for change in plan.changes] == [KeyState.CREATED, KeyState.CREATED]
        assert held(server) == (None, None)
        receipt = await target.apply(plan)
        await target.close()
        assert receipt.keys == {"DEFAULT_FROM_EMAIL": KeyState.CREATED, "EMAIL_URL": KeyState.CREATED}
        assert held(server) == (NEW_FROM, NEW_URL)
        assert server.store.tokens == set()
        assert len(server.store.log) <= 20

    async def test_what_is_equal_is_left_alone(self, server: Faulty) -> None:
        server.store.put(ENVIRONMENT, PATH, "EMAIL_URL", NEW_URL)
        server.store.put(ENVIRONMENT, PATH, "DEFAULT_FROM_EMAIL", NEW_FROM)
        target = target_of(server)
        receipt = await target.apply(await target.plan(NEW))
        await target.close()
        assert set(receipt.keys.values()) == {KeyState.UNCHANGED}
        assert not [method for method, _ in server.store.log if method == "PATCH"]

    async def test_the_from_goes_first_and_the_url_last(self, server: Faulty) -> None:
        seed(server)
        target = target_of(server)
        await target.apply(await target.plan({"EMAIL_URL": Secret(NEW_URL), "DEFAULT_FROM_EMAIL": NEW_FROM}))
        await target.close()
        written = [path.rpartition("/")[2] for method, path in server.store.log if method == "PATCH"]
        assert written == ["DEFAULT_FROM_EMAIL", "EMAIL_URL"]

    async def test_the_plan_shows_no_key(self, server: Faulty) -> None:
        seed(server)
        target = target_of(server)
        plan = await target.plan(NEW)
        await target.close()
        shown = repr(plan) + "".join(f"{change.before}{change.after}" for change in plan.changes)
        assert MASK in shown
        assert "OldOld" not in shown
        assert "NewNew" not in shown

    async def test_one_login_serves_reading_planning_applying_and_undoing(self, server: Faulty) -> None:
        seed(server)
        target = target_of(server)
        await target.apply(await target.plan(NEW))
        await target.roll_back()
        await target.close()
        assert sum(path.endswith("/login") for _, path in server.store.log) == 1
        assert held(server) == (OLD_FROM, OLD_URL)

    async def test_undoing_a_creation_removes_it(self, server: Faulty) -> None:
        target = target_of(server)
        await target.apply(await target.plan(NEW))
        await target.roll_back()
        await target.close()
        assert held(server) == (None, None)

    async def test_undo_is_refused_when_the_value_is_no_longer_ours(self, server: Faulty) -> None:
        seed(server)
        target = target_of(server)
        await target.apply(await target.plan(NEW))
        server.store.put(ENVIRONMENT, PATH, "EMAIL_URL", "smtp://somebody:else@h.example:25")
        with pytest.raises(Refused, match="no longer"):
            await target.roll_back()
        await target.close()
        assert held(server) == (NEW_FROM, "smtp://somebody:else@h.example:25")

    async def test_a_secret_that_changed_since_it_was_read_is_not_overwritten(self, server: Faulty) -> None:
        seed(server)
        target = target_of(server)
        plan = await target.plan(NEW)
        server.store.put(ENVIRONMENT, PATH, "EMAIL_URL", "smtp://somebody:else@h.example:25")
        with pytest.raises(Refused, match="changed in Infisical"):
            await target.apply(plan)
        await target.close()
        assert held(server) == (OLD_FROM, "smtp://somebody:else@h.example:25")

    async def test_a_project_may_be_named_by_its_id(self, server: Faulty) -> None:
        target = target_of(server, project=server.store.project_id)
        await target.apply(await target.plan(NEW))
        await target.close()
        assert held(server) == (NEW_FROM, NEW_URL)

    async def test_an_imported_secret_is_said_to_be_overridden(self, server: Faulty) -> None:
        server.store.put(ENVIRONMENT, "/shared", "EMAIL_URL", OLD_URL)
        server.store.put(ENVIRONMENT, PATH, "OTHER", "x")
        server.store.imports[(ENVIRONMENT, PATH)] = [(ENVIRONMENT, "/shared")]
        target = target_of(server)
        plan = await target.plan(NEW)
        await target.close()
        assert any("import from prod:/shared" in fact for fact in plan.facts)

    async def test_a_token_in_place_of_a_login_is_used_and_not_revoked(self, server: Faulty) -> None:
        server.store.tokens.add("eyJtoken")
        told = InfisicalTarget(server.url, server.store.project_slug, ENVIRONMENT, PATH)
        target = Infisical(told, Session(token=Secret("eyJtoken")))
        await target.apply(await target.plan(NEW))
        await target.close()
        assert server.store.tokens == {"eyJtoken"}
        assert held(server) == (NEW_FROM, NEW_URL)


class TestRefusals:
    async def test_an_approval_policy_is_announced_with_its_change_request(self, server: Faulty) -> None:
        seed(server)
        server.store.protected.add((ENVIRONMENT, PATH))
        target = target_of(server)
        receipt = await target.apply(await target.plan(NEW))
        await target.close()
        assert set(receipt.keys.values()) == {KeyState.AWAITING_APPROVAL}
        assert not receipt.written
        assert any("approval-" in fact for fact in receipt.facts)
        assert held(server) == (OLD_FROM, OLD_URL)

    async def test_a_hidden_value_is_never_taken_for_one(self, server: Faulty) -> None:
        if server.store.generation == "v3":
            server.store.generation = "v4"
        seed(server)
        server.store.hidden = True
        target = target_of(server)
        with pytest.raises(Refused):
            await target.plan(NEW)
        await target.close()
        assert held(server) == (OLD_FROM, OLD_URL)

    @pytest.mark.parametrize(
        ("environment", "words"), [("Production", "is prod meant"), ("PROD", "is prod meant"), ("nope", "dev, staging")]
    )
    async def test_an_environment_is_judged_by_the_project_s_list(
        self, server: Faulty, environment: str, words: str
    ) -> None:
        target = target_of(server, environment=environment)
        with pytest.raises(Refused, match=words):
            await target.plan(NEW)
        await target.close()

    async def test_a_wrong_client_secret_is_tried_once_however_often_it_is_asked(self, server: Faulty) -> None:
        told = InfisicalTarget(server.url, "glitchtip", ENVIRONMENT, PATH, server.store.client_id)
        target = Infisical(told, Session(client_secret=Secret("wrongwrongwrong")))
        for _ in range(3):
            with pytest.raises(Refused):
                await target.plan(NEW)
        await target.close()
        assert sum(path.endswith("/login") for _, path in server.store.log) == 1

    async def test_a_stranger_to_the_project_is_told_to_be_added(self, server: Faulty) -> None:
        server.store.member = False
        target = target_of(server)
        with pytest.raises(Refused, match="Add the identity to the project"):
            await target.plan(NEW)
        await target.close()

    async def test_a_role_that_may_only_read_changes_nothing(self, server: Faulty) -> None:
        seed(server)
        server.store.read_only = True
        target = target_of(server)
        plan = await target.plan(NEW)
        with pytest.raises(Refused, match="permission"):
            await target.apply(plan)
        await target.close()
        assert held(server) == (OLD_FROM, OLD_URL)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_a_redirect_is_an_error_and_the_other_port_hears_nothing(self, status: int) -> None:
        on_event: list[str] = []

        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                on_event.append(self.path)

            do_POST = do_GET  # noqa: N815  # http.server's name

        other = http.server.HTTPServer(("127.0.0.1", 0), Other)

        class Redirecting(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("location", f"http://127.0.0.1:{other.server_address[1]}{self.path}")
                self.send_header("content-length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815  # http.server's name

            def log_message(self, *args: object) -> None:
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Redirecting) as httpd, other:
            threads = [threading.Thread(target=each.serve_forever, daemon=True) for each in (httpd, other)]
            for thread in threads:
                thread.start()
            told = InfisicalTarget(f"http://127.0.0.1:{httpd.server_address[1]}", "p", ENVIRONMENT, PATH, "c")
            target = Infisical(told, Session(client_secret=Secret("secretsecret")))
            with pytest.raises(Refused, match=f"redirects \\({status}\\)"):
                await target.plan(NEW)
            await target.close()
            for each in (httpd, other):
                each.shutdown()
        assert on_event == []

    async def test_a_silent_server_ends_at_the_deadline_and_cancels_at_once(
        self, server: Faulty, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(http_module, "DEADLINE", 0.3)
        server.fault = lambda number, method, target: "before"
        target = target_of(server)
        watch = Watch()
        with pytest.raises(Refused, match="did not answer"):
            await target.plan(NEW)
        assert watch.seconds < 1
        monkeypatch.setattr(http_module, "DEADLINE", 10.0)
        asked = asyncio.create_task(target.plan(NEW))
        await asyncio.sleep(0.1)
        asked.cancel()
        watch = Watch()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert watch.seconds < 0.5
        await target.close()


class TestUrl:
    @pytest.mark.parametrize(
        ("told", "base"),
        [
            ("https://secrets.example.com", "https://secrets.example.com"),
            (" https://secrets.example.com/ ", "https://secrets.example.com"),
            ("https://secrets.example.com/api/", "https://secrets.example.com"),
            ("https://secrets.example.com:8443/api", "https://secrets.example.com:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://[fd00::7]:8443", "https://[fd00::7]:8443"),
        ],
    )
    def test_it_is_normalised_as_the_cli_does(self, told: str, base: str) -> None:
        assert normalised(told, allow_http=False) == base

    @pytest.mark.parametrize(
        "told",
        ["", "secrets.example.com", "ftp://x", "http://secrets.example.com", "https://u:p@secrets.example.com",
         "https://secrets.example.com/login", "https://secrets.example.com?x=1", "https://[", "https://x:99999"],
    )  # fmt: skip
    def test_anything_else_is_refused(self, told: str) -> None:
        with pytest.raises(ApiError):
            normalised(told, allow_http=False)

    @pytest.mark.parametrize("path", ["/", "/a", "/glitchtip/application", "/a_b/c-d"])
    def test_folders_are_taken(self, path: str) -> None:
        assert problem_with_path(path) is None

    @pytest.mark.parametrize("path", ["", "a", "/a/", "//a", "/a b", "/a/../b", "/ä", "/a\n"])
    def test_folders_that_servers_misread_are_refused(self, path: str) -> None:
        assert problem_with_path(path) is not None
