"""An Infisical on loopback, of either generation: what the wizard asks of one, answered as the recorded servers did."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from wizard.rehearsal.infisical.routes import handle
from wizard.rehearsal.infisical.rows import BROKEN, Answer, Row
from wizard.rehearsal.infisical.store import LARGEST, Generation, Store

__all__ = ["Answer", "Generation", "Row", "Server", "Store", "body_of"]


def body_of(raw: bytes, content_type: str) -> Any:
    """Return what the server makes of a request's body: JSON, a form's fields, a text, None, or BROKEN."""
    if len(raw) > LARGEST:
        return BROKEN
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode("utf-8", "replace")))
    if not content_type.startswith("application/json"):
        return raw.decode("utf-8", "replace") if raw else None
    try:
        return json.loads(raw)
    except ValueError:
        return BROKEN


class Server:
    """A store behind HTTP on 127.0.0.1, in a thread of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.headers: dict[str, str] = {}
        """What each answer carries beside the usual, such as Retry-After."""
        self._lock = threading.Lock()
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._httpd.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._httpd.server_address[1]}"

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self._httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Stop and free the port."""
        self._httpd.shutdown()
        self._httpd.server_close()

    def answer(self, method: str, target: str, authorization: str, body: Any) -> Answer | None:
        """Answer one request; None closes the connection without a word. Tests put their faults in here."""
        with self._lock:
            return handle(self.store, method, target, authorization, body)

    def _handler(server: Server) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes: 40 ms a request otherwise

            def _respond(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = body_of(self.rfile.read(length), self.headers.get("content-type", ""))
                answered = server.answer(self.command, self.path, self.headers.get("authorization", ""), body)
                if answered is None:
                    self.close_connection = True
                    return
                status, content = answered
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json; charset=utf-8")
                self.send_header("content-length", str(len(data)))
                for name, text in server.headers.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = _respond  # noqa: N815  # http.server's names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
                """Say nothing: a request line may hold what a log should not."""

        return Handler
