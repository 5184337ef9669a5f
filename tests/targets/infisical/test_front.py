"""What is in front of Infisical, and what is given in a wrong place: login pages, gateways, proxies, tokens, names."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.targets.infisical.test_connection import Raw
from tests.targets.infisical.test_target import ENVIRONMENT, NEW, PATH, Faulty, held, target_of
from wizard.model import infisical
from wizard.model.draft import InfisicalTarget
from wizard.model.secret import Secret, redact
from wizard.model.session import Session
from wizard.rehearsal.infisical.server import Store
from wizard.targets import Refused
from wizard.targets.infisical.errors import of_redirect
from wizard.targets.infisical.proxy import proxy_for
from wizard.targets.infisical.target import Infisical
from wizard.targets.infisical.tls import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "AccessSecretAccessSecret"


@pytest.fixture
def server() -> Iterator[Faulty]:
    running = Faulty(Store())
    running.start()
    yield running
    running.hang.set()
    running.stop()


async def refusal(target: Infisical) -> str:
    with pytest.raises(Refused) as refused:
        await target.plan(NEW)
    await target.close()
    return str(refused.value)


def lone(url: str) -> Infisical:
    """Return a target of a server that is no Infisical."""
    return Infisical(InfisicalTarget(url, "p", "prod", "/", "c"), Session(client_secret=Secret("s" * 12)))


class TestHeaders:
    def test_they_are_read_as_the_cli_writes_them_and_each_value_is_a_secret(self) -> None:
        found = infisical.custom_headers({infisical.CUSTOM_HEADERS: f"CF-Access-Client-Id=me Access-Secret={SECRET}"})
        assert list(found) == ["CF-Access-Client-Id", "Access-Secret"]
        assert found["Access-Secret"].reveal() == SECRET
        assert SECRET not in redact(f"x {SECRET} y")

    @pytest.mark.parametrize("text", ["", "nothing", "Authorization=x", "Host=evil", "A=\x00", "Bäd=x", "=x"])
    def test_what_is_no_header_of_ours_to_send_is_passed_over(self, text: str) -> None:
        assert infisical.custom_headers({infisical.CUSTOM_HEADERS: text}) == {}

    async def test_they_go_with_every_request_and_their_values_are_not_shown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(infisical.CUSTOM_HEADERS, f"CF-Access-Client-Secret={SECRET}")
        heard: list[str] = []

        class Hearing(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.headers.get("CF-Access-Client-Secret", ""))
                self.send_error(403)

            def log_message(self, *args: object) -> None:
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hearing) as httpd:
            threading.Thread(target=httpd.serve_forever, daemon=True).start()
            words = await refusal(lone(f"http://127.0.0.1:{httpd.server_address[1]}"))
            httpd.shutdown()
        assert heard == [SECRET]
        assert SECRET not in words

    async def test_a_plan_names_them(self, server: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(infisical.CUSTOM_HEADERS, f"CF-Access-Client-Secret={SECRET}")
        target = target_of(server)
        plan = await target.plan(NEW)
        await target.close()
        assert "INFISICAL_CUSTOM_HEADERS of the environment is used: CF-Access-Client-Secret" in plan.facts
        assert SECRET not in repr(plan)


class TestRedirects:
    BASE = "https://secrets.example.com"

    @pytest.mark.parametrize(
        "location",
        ["https://team.cloudflareaccess.com/cdn-cgi/access/login", "https://login.example.com", "//other.example/"],
    )
    def test_to_another_host_is_a_login_page_in_front_and_never_a_url_to_use(self, location: str) -> None:
        error = of_redirect(302, location, self.BASE)
        assert "login page in front" in str(error)
        assert "INFISICAL_CUSTOM_HEADERS" in str(error)
        assert "Use that URL" not in str(error)
        assert error.maybe
        assert not error.answered

    def test_from_http_to_https_of_the_same_host_names_the_scheme(self) -> None:
        error = of_redirect(301, "https://secrets.example.com/api/status", "http://secrets.example.com")
        assert "Give the URL with https://" in str(error)

    def test_to_another_path_is_something_in_front(self) -> None:
        assert "in front of Infisical's API" in str(of_redirect(302, "/login", self.BASE))

    @pytest.mark.parametrize("location", ["", "http://[", "https://x:y@z:99999999/"])
    def test_whatever_it_says_is_a_sentence(self, location: str) -> None:
        assert "redirects (302)" in str(of_redirect(302, location, self.BASE))


class TestWrongPlaces:
    async def test_a_client_secret_given_as_a_token_is_said_and_not_sent(self, server: Faulty) -> None:
        told = InfisicalTarget(server.url, server.store.project_slug, ENVIRONMENT, PATH)
        words = await refusal(Infisical(told, Session(token=Secret(server.store.client_secret))))
        assert "64 hexadecimal digits" in words
        assert "--client-secret-fd" in words
        assert server.store.client_secret not in words
        assert not [path for _, path in server.store.log if "projects" in path]

    @pytest.mark.parametrize("token", ["eyJhbGciOiJIUzI1NiJ9.x.y", "st.0123456789abcdef"])
    async def test_a_token_given_as_a_client_secret_costs_no_login(self, token: str, server: Faulty) -> None:
        told = InfisicalTarget(server.url, server.store.project_slug, ENVIRONMENT, PATH, server.store.client_id)
        target = Infisical(told, Session(client_secret=Secret(token)))
        words = await refusal(target)
        assert "give it as INFISICAL_TOKEN" in words
        assert not [path for _, path in server.store.log if path.endswith("/login")]

    async def test_a_missing_client_secret_is_never_looked_for_in_postal(self, server: Faulty) -> None:
        told = InfisicalTarget(server.url, server.store.project_slug, ENVIRONMENT, PATH, server.store.client_id)
        for secret in (None, Secret(""), Secret("  ")):
            words = await refusal(Infisical(told, Session(client_secret=secret)))
            assert "client secret" in words
            assert "Postal" not in words

    async def test_a_display_name_is_said_to_be_no_slug(self, server: Faulty) -> None:
        words = await refusal(target_of(server, project="GlitchTip Production"))
        assert "display name" in words
        assert "display name" not in await refusal(target_of(server, project="another-slug"))

    async def test_a_token_from_an_address_that_is_not_trusted_is_said_so(self, server: Faulty) -> None:
        server.store.token_trusted = False
        words = await refusal(target_of(server))
        assert "access token's trusted IPs" in words

    async def test_what_is_not_known_before_the_writing_is_a_fact_and_no_refusal(self, server: Faulty) -> None:
        server.store.read_only = True
        target = target_of(server)
        plan = await target.plan(NEW)
        assert any("only the writing shows" in fact for fact in plan.facts)
        await target.close()
        assert held(server) == (None, None)

    async def test_an_identity_without_any_right_is_refused_before_the_mail(self, server: Faulty) -> None:
        server.store.no_access = True
        assert "lacks a permission" in await refusal(target_of(server))


class TestProxy:
    @pytest.mark.parametrize(
        ("environ", "base", "variable"),
        [
            ({"HTTPS_PROXY": "http://p:3128"}, "https://a.example", "HTTPS_PROXY"),
            ({"https_proxy": "http://p:3128", "HTTPS_PROXY": "http://q:1"}, "https://a.example", "https_proxy"),
            ({"ALL_PROXY": "p:3128"}, "https://a.example", "ALL_PROXY"),
            ({"HTTP_PROXY": "http://p:3128"}, "https://a.example", None),
            ({"ALL_PROXY": "http://p:3128"}, "http://127.0.0.1:80", None),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.example"}, "https://a.example", None),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, "https://a.example", None),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "b.example"}, "https://ab.example", "HTTPS_PROXY"),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://a.example", None),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "https://10.1.2.3:8443", None),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "https://11.1.2.3", "HTTPS_PROXY"),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "fd00::/8"}, "https://[fd00::7]:8443", None),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "nonsense/99"}, "https://a.example", "HTTPS_PROXY"),
        ],
    )
    def test_it_is_chosen_as_curl_and_go_do(self, environ: dict[str, str], base: str, variable: str | None) -> None:
        found = proxy_for(base, environ)
        assert (found.variable if found is not None else None) == variable

    async def test_a_dead_one_is_named_as_the_proxy_and_its_password_is_not_shown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@127.0.0.1:{port}")
        target = lone("https://secrets.example")
        words = await refusal(target)
        assert f"The proxy 127.0.0.1:{port}, which HTTPS_PROXY names, cannot be reached" in words
        assert SECRET not in words

    async def test_one_that_refuses_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with Raw(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n") as peer:
            monkeypatch.setenv("HTTPS_PROXY", peer.url)
            target = lone("https://secrets.example")
            assert "of HTTPS_PROXY refuses the way" in await refusal(target)


class TestTrust:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    def names(self, made: ssl.SSLContext) -> int:
        return len(made.get_ca_certs())

    def test_certifi_s_store_is_trusted_and_the_system_s_with_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        assert self.names(context(None)) > 100
        assert context(None).verify_mode is ssl.CERT_REQUIRED

    def test_the_ca_of_ssl_cert_file_and_that_of_the_target_are_added(
        self, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = tmp_path / "one.pem", tmp_path / "other.pem"
        authority.cert_pem.write_to_path(str(one))
        trustme.CA(organization_name="other").cert_pem.write_to_path(str(other))
        monkeypatch.setenv("SSL_CERT_FILE", str(one))
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        issued = {str(each["issuer"]) for each in context(str(other)).get_ca_certs()}
        assert any("trustme" in issuer for issuer in issued)
        assert any("other" in issuer for issuer in issued)
        assert len(issued) > 50

    async def test_a_server_of_the_system_s_own_ca_is_trusted(
        self, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(path))
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        running = Faulty(Store())
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(made)
        running._httpd.socket = made.wrap_socket(running._httpd.socket, server_side=True)
        running.url = running.url.replace("http://", "https://")
        running.start()
        target = target_of(running)
        assert (await target.apply(await target.plan(NEW))).written
        await target.close()
        running.stop()
