"""One connection to Infisical: nothing leaks into a header, nothing grows, nothing hangs, and the token is revoked."""

from __future__ import annotations

import asyncio
import gzip
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.watch import Watch
from wizard.model.draft import InfisicalTarget
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal.infisical.server import Answer, Server, Store
from wizard.targets import KeyState, Refused, StoppedWritingError, UncertainError
from wizard.targets.infisical import http as http_module
from wizard.targets.infisical.api import InfisicalApi
from wizard.targets.infisical.errors import ApiError
from wizard.targets.infisical.http import Connection
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ("prod", "/glitchtip/application")
VALUES: dict[str, str | Secret] = {
    "DEFAULT_FROM_EMAIL": "new@example.com",
    "EMAIL_URL": Secret("smtp://org%2Fserver:NewNewNewNewNewNewNewNew@h.example:25"),
}
ROOT = Path(__file__).parents[3]


class Raw:
    """A peer that answers every connection with the same bytes; None: with silence."""

    def __init__(self, answer: bytes | None) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open: list[socket.socket] = []

    def __enter__(self) -> Raw:  # noqa: PYI034  # there is no class below it
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        for each in self._open:
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(peer)
            peer.recv(65536)
            if self._answer is not None:
                try:
                    peer.sendall(self._answer)
                    peer.close()
                except OSError:
                    pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(Store())
    running.start()
    yield running
    running.stop()


def target_of(server: Server) -> Infisical:
    told = InfisicalTarget(server.url, "glitchtip", *FOLDER, server.store.client_id)
    return Infisical(told, Session(client_secret=Secret(server.store.client_secret)))


def test_httpx_is_imported_when_the_first_request_is_made_and_not_before() -> None:
    modules = "wizard.targets.infisical.target, wizard.cli.commands, wizard.setup.order"
    code = f"import sys, {modules}; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "a b", "tökén", "a\0b", "eyJ\n"])
def test_a_token_that_would_break_out_of_its_header_is_refused_without_being_quoted(token: str) -> None:
    api = InfisicalApi("http://127.0.0.1:9")
    with pytest.raises(ApiError) as caught:
        api.use_token(Secret(token))
    assert not token.strip() or token not in str(caught.value)
    assert not api.logged_in


@pytest.mark.parametrize("secret", ["", "  \n", "a\r\nb", "gehéim", "a\0b"])
async def test_a_client_secret_that_is_no_text_is_refused_before_anything_is_sent(secret: str, server: Server) -> None:
    api = InfisicalApi(server.url)
    with pytest.raises(ApiError, match="client secret"):
        await api.login("id", Secret(secret))
    assert server.store.log == []


@pytest.mark.parametrize(
    "url", ["https://a b", "https://a%0d%0aHost:x", "https://ex{}ample", "https://a\x7fb", "http://-"]
)
def test_a_host_that_is_no_host_is_refused(url: str) -> None:
    with pytest.raises(ApiError):
        InfisicalApi(url, allow_http=True)


async def failing(answer: bytes | None, words: str) -> None:
    with Raw(answer) as peer:
        connection = Connection(peer.url, None)
        with pytest.raises(ApiError, match=words):
            await connection.call("GET", "/api/status")
        await connection.close()


async def test_a_compressed_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)
    await failing(head + bomb, "compressed")


async def test_an_endless_answer_is_cut_off() -> None:
    await failing(b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 3_000_000, "larger than 1 MiB")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 500_000, "web page or a proxy"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\xff\xfe\x00\x01", "web page or a proxy"),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>", "web page or a proxy"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{", "broke off"),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000, "broke off"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "broke off"),
        (b"", "broke off"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "web page or a proxy"),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\n<html/>", "web page or a proxy"),
        (b'HTTP/1.1 400 No\r\ncontent-length: 29\r\n\r\n{"message":[{"path":5},7,[]]}', "web page or a proxy"),
    ],
)  # fmt: skip
async def test_what_is_no_answer_of_infisical_is_said_to_be_none(answer: bytes, words: str) -> None:
    await failing(answer, words)


async def test_a_page_in_place_of_a_secret_is_never_taken_for_its_absence() -> None:
    with Raw(b"HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\n<html/>") as peer:
        api = InfisicalApi(peer.url)
        with pytest.raises(ApiError):
            await api.get({"environment": "prod"}, "EMAIL_URL")
        await api.close()


async def test_a_name_that_is_not_found_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    connection = Connection("https://nowhere.example", None)
    with pytest.raises(ApiError, match="cannot be resolved"):
        await connection.call("GET", "/api/status")


async def test_a_resolver_that_never_answers_ends_in_time_and_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    hang = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hang.wait(30))
    monkeypatch.setattr(http_module, "DEADLINE", 0.4)
    connection = Connection("https://nowhere.example", None)
    watch = Watch()
    with pytest.raises(ApiError, match="no answer in time"):
        await connection.call("GET", "/api/status")
    assert watch.seconds < 1
    hang.set()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "SSL_CERT_FILE"])
async def test_a_variable_of_the_environment_that_is_wrong_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "nonsense://x" if name == "HTTPS_PROXY" else "/nonexistent/ca.pem")
    connection = Connection("https://127.0.0.1:9", None)
    with pytest.raises(ApiError, match=f"{name}|cannot be reached"):
        await connection.call("GET", "/api/status")
    await connection.close()


async def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate")
    connection = Connection("https://127.0.0.1:9", str(path))
    with pytest.raises(ApiError, match="CA file"):
        await connection.call("GET", "/api/status")


class Silencing(Server):
    """A server that can fall silent, and counts what it hears then."""

    silent_from: str | None = None
    heard_since = 0

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.hang, self.fell_silent = threading.Event(), threading.Event()

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        if self.silent_from is not None and (self.heard_since or method == self.silent_from):
            self.heard_since += 1
            self.fell_silent.set()
            self.hang.wait(5)
            return None
        return super().answer(method, target, authorization, body)


async def test_the_token_is_revoked_after_a_failure_too(server: Server) -> None:
    server.store.read_only = True
    target = target_of(server)
    with pytest.raises(Refused):
        await target.apply(await target.plan(VALUES))
    assert len(server.store.tokens) == 1
    await target.close()
    assert server.store.tokens == set()


async def test_a_server_that_fell_silent_is_not_waited_for_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "DEADLINE", 0.3)
    running = Silencing(Store())
    running.start()
    try:
        target = target_of(running)
        plan = await target.plan(VALUES)
        running.silent_from = "POST"
        with pytest.raises((Refused, UncertainError)):
            await target.apply(plan)
        watch = Watch()
        await target.close()
        assert watch.seconds < 1
    finally:
        running.hang.set()
        running.stop()


async def test_a_cancelled_writing_ends_soon_though_the_server_is_silent_and_says_where_each_key_is() -> None:
    running = Silencing(Store())
    running.start()
    try:
        target = target_of(running)
        plan = await target.plan(VALUES)
        running.silent_from = "POST"
        writing = asyncio.create_task(target.apply(plan))
        assert await asyncio.to_thread(running.fell_silent.wait, 5)
        watch = Watch()
        writing.cancel()
        with pytest.raises(StoppedWritingError) as stopped:
            await writing
        await target.close()
        assert watch.seconds < 2
        assert stopped.value.keys == dict.fromkeys(VALUES, KeyState.NOT_WRITTEN)
        assert not stopped.value.written
    finally:
        running.hang.set()
        running.stop()


class Losing(Server):
    """A server whose answers to the first *lose* PATCHes never come; they had an effect or not."""

    lose = 1
    with_effect = False
    patches = 0

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        if method != "PATCH":
            return super().answer(method, target, authorization, body)
        self.patches += 1
        if self.patches > self.lose:
            return super().answer(method, target, authorization, body)
        if self.with_effect:
            super().answer(method, target, authorization, body)
        return None


@pytest.mark.parametrize(("lose", "with_effect", "patches"), [(1, False, 3), (2, False, 4), (1, True, 2)])
async def test_a_lost_change_is_looked_after_and_sent_again_where_it_had_no_effect(
    lose: int, with_effect: bool, patches: int
) -> None:
    running = Losing(Store())
    running.lose, running.with_effect = lose, with_effect
    running.store.put(*FOLDER, "EMAIL_URL", "smtp://a:b@h.example:25")
    running.store.put(*FOLDER, "DEFAULT_FROM_EMAIL", "old@example.com")
    running.start()
    try:
        target = target_of(running)
        receipt = await target.apply(await target.plan(VALUES))
        await target.close()
        assert set(receipt.keys.values()) == {KeyState.CHANGED}
        assert running.patches == patches
        assert running.store.value(*FOLDER, "DEFAULT_FROM_EMAIL") == "new@example.com"
    finally:
        running.stop()


async def test_a_change_that_is_lost_three_times_is_uncertain(server: Server) -> None:
    running = Losing(Store())
    running.lose = 99
    running.store.put(*FOLDER, "EMAIL_URL", "smtp://a:b@h.example:25")
    running.start()
    try:
        target = target_of(running)
        with pytest.raises(UncertainError, match="may still land") as caught:
            await target.apply(await target.plan({"EMAIL_URL": VALUES["EMAIL_URL"]}))
        await target.close()
        assert caught.value.keys == {"EMAIL_URL": KeyState.UNCERTAIN}
        assert running.patches == http_module.TRIES
    finally:
        running.stop()


async def test_the_same_refused_login_is_possible_again_once_the_lock_s_window_is_over(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = target_of(server)
    right, server.store.client_secret = server.store.client_secret, "another"
    with pytest.raises(Refused, match="refuses the login"):
        await target.plan(VALUES)
    server.store.client_secret = right
    with pytest.raises(Refused, match=r"refused this login \d+ seconds ago"):
        await target.plan(VALUES)
    later = time.monotonic() + 32
    monkeypatch.setattr("wizard.targets.infisical.access.time.monotonic", lambda: later)
    assert (await target.plan(VALUES)).changes
    assert sum(path.endswith("/login") for _, path in server.store.log) == 2
    monkeypatch.undo()
    await target.close()
