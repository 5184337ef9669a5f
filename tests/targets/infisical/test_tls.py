"""Infisical over TLS: a private CA is trusted by its file alone, and nothing is sent to a peer that proves nothing."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from wizard.model.draft import InfisicalTarget
from wizard.model.secret import Secret
from wizard.model.session import Session
from wizard.rehearsal.infisical.server import Server, Store
from wizard.targets import Refused
from wizard.targets.infisical.target import Infisical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = ("prod", "/glitchtip/application")
VALUES: dict[str, str | Secret] = {"DEFAULT_FROM_EMAIL": "new@example.com"}
CA = trustme.CA()


@contextmanager
def served(name: str = "127.0.0.1") -> Iterator[Server]:
    server = Server(Store())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(name).configure_cert(context)
    server._httpd.socket = context.wrap_socket(server._httpd.socket, server_side=True)
    server._httpd.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is no news
    server.url = server.url.replace("http://", "https://")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def target_of(server: Server, *, ca_file: str | None = None, url: str = "") -> Infisical:
    told = InfisicalTarget(url or server.url, "glitchtip", *FOLDER, server.store.client_id, ca_file)
    return Infisical(told, Session(client_secret=Secret(server.store.client_secret)))


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    CA.cert_pem.write_to_path(str(path))
    return str(path)


async def test_a_private_ca_is_trusted_by_its_file(ca_file: str) -> None:
    with served() as server:
        target = target_of(server, ca_file=ca_file)
        assert (await target.apply(await target.plan(VALUES))).written
        await target.close()
        assert server.store.tokens == set()


async def test_without_the_file_nothing_is_sent_and_the_way_out_is_named() -> None:
    with served() as server:
        target = target_of(server)
        with pytest.raises(Refused, match="ca_file"):
            await target.plan(VALUES)
        await target.close()
        assert server.store.log == []


async def test_a_certificate_for_another_name_is_said_so(ca_file: str) -> None:
    with served("other.example") as server:
        target = target_of(server, ca_file=ca_file)
        with pytest.raises(Refused, match="another name"):
            await target.plan(VALUES)
        await target.close()
        assert server.store.log == []


async def test_https_where_http_is_spoken_is_named() -> None:
    server = Server(Store())
    server.start()
    target = target_of(server, url=server.url.replace("http://", "https://"))
    with pytest.raises(Refused, match="does not speak TLS"):
        await target.plan(VALUES)
    await target.close()
    server.stop()
    assert server.store.log == []


async def test_http_where_tls_is_spoken_is_named() -> None:
    with served() as server:
        target = target_of(server, url=server.url.replace("https://", "http://"))
        with pytest.raises(Refused, match="speaks TLS"):
            await target.plan(VALUES)
        await target.close()
        assert server.store.log == []
