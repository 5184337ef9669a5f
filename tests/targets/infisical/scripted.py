"""A server of the stand-in's store that gives a recorded answer, headers and all, to one kind of request."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from tests.targets.infisical.recorded import LOGIN, PROJECT, SLUG, WIZARD, Exchange
from wizard.rehearsal.infisical.routes import handle
from wizard.rehearsal.infisical.server import Store, body_of

if TYPE_CHECKING:
    from collections.abc import Callable


def kind(method: str, path: str) -> str:
    """Return what the wizard would call a request: login, project, folders, folder, list, get, create and so on."""
    known = {
        ("GET", "/api/status"): "status",
        ("GET", "/api/v4/secrets"): "probe",
        ("POST", LOGIN): "login",
        ("POST", "/api/v1/auth/token/revoke"): "revoke",
        ("GET", "/api/v1/folders"): "folders",
        ("POST", "/api/v1/folders"): "folder",
        ("GET", "/api/v3/secrets/raw"): "list",
    }
    if (method, path) in known:
        return known[method, path]
    if method == "GET" and path.startswith(("/api/v1/workspace/", "/api/v2/workspace/")) and path.count("/") == 4:
        return "project"
    if path.startswith("/api/v3/secrets/raw/"):
        return {"GET": "get", "POST": "create", "PATCH": "update", "DELETE": "delete"}.get(method, "other")
    return "other"


class Scripted:
    """The first request of ``exchange``'s kind gets its answer, while ``armed``; the store answers the others."""

    def __init__(self, exchange: Exchange | None) -> None:
        self.store = Store(generation="v3", client_id=WIZARD, project_id=PROJECT, project_slug=SLUG)
        self.exchange = exchange
        self.at = kind(exchange.method, exchange.path) if exchange else ""
        """The kind of request that gets the answer."""
        self.armed = True
        self.every = False
        """Whether each of them gets it."""
        self.served = 0
        self.kinds: list[str] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.answers: list[tuple[int, Any]] = []
        """Of the store, in the order of its requests."""
        self._httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self._httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._httpd.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()

    @property
    def logins(self) -> int:
        return self.kinds.count("login")

    def _answer(self, method: str, target: str, authorization: str, body: Any) -> tuple[int, dict[str, str], Any]:
        asked = kind(method, urlsplit(target).path)
        self.kinds.append(asked)
        self.requests.append((method, target, body))
        script = self.exchange
        if script is None or not self.armed or asked != self.at:
            status, answer = handle(self.store, method, target, authorization, body)
            self.answers.append((status, answer))
            return status, {}, answer
        self.armed = self.every
        self.served += 1
        headers = {name: text for name, text in script.headers.items() if not name.startswith("content-")}
        had_effect = asked in {"login", "folder", "create", "update", "delete", "revoke"}
        if script.status == 200 and had_effect and "approval" not in script.answer:
            # A recorded token is masked, so the store's own stands in for it.
            status, answer = handle(self.store, method, target, authorization, body)
            return status, headers, answer if asked == "login" else script.answer
        return script.status, headers, script.answer


def _handler(
    answer: Callable[[str, str, str, Any], tuple[int, dict[str, str], Any]],
) -> type[http.server.BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _respond(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            body = body_of(raw, self.headers.get("content-type", ""))
            with lock:
                status, headers, content = answer(self.command, self.path, self.headers.get("authorization", ""), body)
            data = json.dumps(content).encode()
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _respond  # noqa: N815  # http.server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
            """Say nothing."""

    return Handler
