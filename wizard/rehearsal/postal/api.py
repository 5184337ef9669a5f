"""Postal's HTTP API, as far as a wizard asks it: a message and its deliveries (app/controllers/legacy_api)."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from wizard.rehearsal.postal.listening import Listening
from wizard.rehearsal.postal.parsing import collated
from wizard.rehearsal.postal.sink import HOLD_DAYS

if TYPE_CHECKING:
    import asyncio

    from wizard.rehearsal.postal.sink import Mail, Sink
    from wizard.rehearsal.state import State

_PATHS: Final = ("/api/v1/messages/message", "/api/v1/messages/deliveries")
_LARGEST: Final = 1 << 20
"""Octets of a request's body."""
_EXPANSIONS: Final = ("status", "details")
_DAY: Final = 86_400


class Api(Listening):
    """One listening HTTP server over the mails of *sink*. Postal says 200 whatever the matter; ``status`` tells."""

    def __init__(self, state: State, sink: Sink) -> None:
        super().__init__()
        self.state = state
        self._sink = sink

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await self._respond(reader))
        await writer.drain()

    async def _respond(self, reader: asyncio.StreamReader) -> bytes:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, _, rest = head[0].partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _LARGEST:
            return _response(413, b"")
        body = await reader.readexactly(int(length))
        if method not in {"GET", "POST"} or path not in _PATHS:
            return _response(404, b"")
        try:
            answer = self.answer(path, headers.get("x-server-api-key", ""), body)
        except (ValueError, TypeError):
            return _response(500, b"")
        whole = {"status": answer[0], "time": 0.003, "flags": {}, "data": answer[1]}
        return _response(200, json.dumps(whole, separators=(",", ":")).encode())

    def answer(self, path: str, key: str, body: bytes) -> tuple[str, Any]:
        """Return Postal's status and data. Raises ValueError or TypeError where Postal answers HTTP 500."""
        if not key:
            return _error("AccessDenied", message="Must be authenticated as a server.")
        if not self._knows(key):
            words = "The API token provided in X-Server-API-Key was not valid."
            return _error("InvalidServerAPIKey", message=words, token=key)
        if self.state.suspended:
            return _error("ServerSuspended")
        asked = json.loads(body or b"{}")
        number = asked.get("id") if isinstance(asked, dict) else None
        if number is None:
            return "parameter-error", {"message": "`id` parameter is required but is missing"}
        if not isinstance(number, int):
            raise TypeError("Postal fails on an id that is not a number")
        mail = next((mail for mail in self._sink.mails if mail.id == number), None)
        if mail is None:
            return _error("MessageNotFound", message="No message found matching provided ID", id=number)
        if path.endswith("deliveries"):
            return "success", _deliveries(mail)
        expansions = asked.get("_expansions") or []
        return "success", _message(mail, _EXPANSIONS if expansions is True else expansions)

    def _knows(self, key: str) -> bool:
        known = [self.state.api_key, *([self.state.key] if self.state.key_is == "API" else [])]
        return collated(key) in {collated(one) for one in known}


def _error(code: str, **said: Any) -> tuple[str, dict[str, Any]]:
    return "error", {**said, "code": code}


def _message(mail: Mail, expansions: list[str] | tuple[str, ...]) -> dict[str, Any]:
    message: dict[str, Any] = {"id": mail.id, "token": mail.token}
    if "status" in expansions:
        message["status"] = {
            "status": mail.status,
            "last_delivery_attempt": mail.timestamp if mail.outcome.attempted else None,
            "held": mail.held,
            "hold_expiry": mail.timestamp + HOLD_DAYS * _DAY if mail.held else None,
        }
    if "details" in expansions:
        message["details"] = {
            "rcpt_to": mail.rcpt_to,
            "mail_from": mail.mail_from,
            "subject": mail.header("Subject"),
            "message_id": mail.header("Message-ID").strip("<>"),
            "timestamp": mail.timestamp,
            "direction": "outgoing",
            "size": str(len(mail.raw)),
            "bounce": False,
            "bounce_for_id": 0,
            "tag": None,
            "received_with_ssl": 1 if mail.with_tls else None,
        }
    return message


def _deliveries(mail: Mail) -> list[dict[str, Any]]:
    if not mail.outcome.attempted:
        return []
    output = mail.outcome.output
    answered = output is not None and output[:3].isdigit()
    return [
        {
            "id": mail.id,
            "status": mail.status,
            "details": mail.outcome.details,
            "output": output,
            "sent_with_ssl": False,
            # What is held is not tried, and has no log; what met no server took no time.
            "log_id": None if mail.held else mail.token[:8].upper(),
            "time": 0.04 if answered else None,
            "timestamp": mail.timestamp,
        }
    ]


def _response(status: int, body: bytes) -> bytes:
    words = {200: "OK", 404: "Not Found", 413: "Content Too Large", 500: "Internal Server Error"}
    kind = "application/json; charset=utf-8" if status == 200 else "text/html"
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    head = (
        f"HTTP/1.1 {status} {words[status]}\r\nDate: {date}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
