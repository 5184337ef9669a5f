"""What became of one message, asked of Postal's HTTP API (app/controllers/legacy_api of 3.3.6).

Postal answers 200 to everything and says in its JSON what it means. The API key is in no error and no log: the answer
to a key that Postal does not know repeats it.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.model.codes import Code
from wizard.model.numbers import as_float
from wizard.model.session import MessageIds
from wizard.model.untrusted import Untrusted
from wizard.postal.api_search import Search

if TYPE_CHECKING:
    import httpx

    from wizard.model.secret import Secret

TIMEOUT: Final = 20.0
"""Seconds for all calls of one question: some 40 turns over a slow line."""
MAX_BYTES: Final = 1_048_576
_CONNECTIONS: Final = 8


class StateUnknownError(Exception):
    """The state could not be read; the message is one sentence without the key, ``code`` its outcome."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class MessageState:
    """One message as Postal has it."""

    id: int
    status: str
    """Pending, Sent, SoftFail, HardFail, Held, HoldCancelled, Bounced, Error or Processed."""
    details: str
    """The text of its last delivery; empty where there was none."""
    output: str
    """What the recipient's server said, or why there was no connection; empty where Postal has nothing."""


async def find(url: str, key: Secret, message_id: str, ids: MessageIds | None = None) -> MessageState:
    """Return the state of the message with *message_id* (with or without angle brackets). Raises StateUnknownError.

    *ids* is what earlier questions have shown, and is added to: a message that was found once costs two calls, and
    with the newest number known only what came since is searched.
    """
    import httpx

    known = MessageIds() if ids is None else ids
    _refuse_key(key)
    if not url.startswith("https://") and not stays_here(url):
        raise StateUnknownError(
            Code.ARRIVAL_NOT_HTTPS,
            "The API key would cross the network in plain text: give the address of Postal's web interface with "
            "https://.",
        )
    try:
        async with asyncio.timeout(TIMEOUT), _client(url, key) as client:
            return await _find(client, message_id.strip().strip("<>"), known)
    except TimeoutError:
        raise StateUnknownError(
            Code.ARRIVAL_TOO_SLOW, f"Postal's web interface did not answer within {TIMEOUT:.0f} s."
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise _unreachable(error) from None


def _refuse_key(key: Secret) -> None:
    if not key.reveal().isascii() or not key.reveal().isprintable() or not key.reveal().strip():
        raise StateUnknownError(
            Code.ARRIVAL_KEY_UNUSABLE, "The API key is empty or has a character that no key of Postal has."
        )


def _client(url: str, key: Secret) -> httpx.AsyncClient:
    import httpx

    remote = url.startswith("https:")
    return httpx.AsyncClient(
        base_url=url.strip().rstrip("/"),
        headers={"X-Server-API-Key": key.reveal(), "Content-Type": "application/json"},
        follow_redirects=False,
        # The system's authorities and SSL_CERT_FILE: a private CA is installed there and not in httpx's own list.
        verify=ssl.create_default_context() if remote else False,
        trust_env=remote,
        limits=httpx.Limits(max_connections=_CONNECTIONS),
    )


async def _find(client: httpx.AsyncClient, message_id: str, ids: MessageIds) -> MessageState:
    number = ids.by_message_id.get(message_id)
    message = await _message(client, number) if number is not None else None
    if number is None or message is None or not is_about(message, message_id):
        ids.by_message_id.pop(message_id, None)
        sent = _time_of(message_id)
        search = Search(
            lambda one: _message(client, one),
            lambda found: is_about(found, message_id),
            lambda found: sent is not None and _time(found) > sent,
        )
        number, message = await search.run(ids.newest)
        ids.newest = search.newest or ids.newest
        if not ids.newest:
            raise StateUnknownError(
                Code.ARRIVAL_NONE_MET,
                f"Postal's API knows none of the {search.asked} message numbers that the wizard asked for: the "
                "API key's mail server has no messages, or keeps only its newest few of very many.",
            )
    if number is None or message is None:
        raise StateUnknownError(
            Code.ARRIVAL_NOT_FOUND,
            "Postal's API shows no message with this Message-ID among the newest of the mail server that the API key "
            "belongs to.",
        )
    ids.by_message_id[message_id] = number
    ids.newest = max(ids.newest, number)
    return await _state(client, number, message)


def is_about(message: dict[str, Any], message_id: str) -> bool:
    """Whether *message* has this Message-ID, which Postal keeps without its brackets."""
    details = message.get("details")
    return isinstance(details, dict) and details.get("message_id") == message_id


def _time(message: dict[str, Any]) -> float:
    """Return when Postal added *message*, in seconds since the epoch; 0 where it does not say."""
    details = message.get("details")
    when = details.get("timestamp") if isinstance(details, dict) else None
    return as_float(when)


def _time_of(message_id: str) -> float | None:
    """Return when a mail was made, which Python writes into its Message-ID (email.utils.make_msgid); None otherwise."""
    matched = re.match(r"(\d{12})\.\d+\.\d+@", message_id)
    return int(matched[1]) / 100 if matched else None


def stays_here(url: str) -> bool:
    """Whether *url* is plain http to this very host."""
    try:
        host = urlsplit(url).hostname or ""
        return url.startswith("http://") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _unreachable(error: Exception) -> StateUnknownError:
    """Return what went wrong, by classes alone: the text of an error may hold a header."""
    cause: BaseException | None = error
    for _ in range(8):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = Untrusted(cause.verify_message, 120).rstrip(".")
            return StateUnknownError(
                Code.ARRIVAL_TLS,
                f"The certificate of Postal's web interface was refused ({why}), so the API key was not sent.",
            )
        if isinstance(cause, ssl.SSLError):
            return StateUnknownError(
                Code.ARRIVAL_TLS,
                "Postal's web interface answers, but not with TLS as https needs it, so the API key was not sent.",
            )
        cause = (cause.__cause__ or cause.__context__) if cause is not None else None
    return StateUnknownError(Code.ARRIVAL_UNREACHABLE, "Postal's web interface cannot be reached at this address.")


async def _state(client: httpx.AsyncClient, number: int, message: dict[str, Any]) -> MessageState:
    status = message.get("status")
    word = status.get("status", "?") if isinstance(status, dict) else "?"
    deliveries = await _call(client, "deliveries", {"id": number})
    # The oldest comes first.
    last = deliveries[-1] if isinstance(deliveries, list) and deliveries and isinstance(deliveries[-1], dict) else {}
    return MessageState(
        number, Untrusted(word, 40), Untrusted(last.get("details") or "", 400), Untrusted(last.get("output") or "", 200)
    )


async def _message(client: httpx.AsyncClient, number: int) -> dict[str, Any] | None:
    """Return message *number*, None where there is none."""
    found = await _call(client, "message", {"id": number, "_expansions": ["status", "details"]})
    if found is None:
        return None
    if not isinstance(found, dict) or found.get("id") != number:
        raise _not_postal()
    return found


async def _call(client: httpx.AsyncClient, method: str, body: dict[str, Any]) -> Any:
    """Return ``data`` of a success, None for MessageNotFound. Raises StateUnknownError for every other answer."""
    async with client.stream("POST", f"/api/v1/messages/{method}", json=body) as response:
        raw = bytearray()
        async for part in response.aiter_bytes():
            raw += part
            if len(raw) > MAX_BYTES:
                raise _not_postal()
    if response.status_code != 200:
        raise StateUnknownError(
            Code.ARRIVAL_HTTP_STATUS,
            f"Postal's API always answers with HTTP status 200; {_who(response.status_code)} {response.status_code}.",
        )
    answer = _answer(raw)
    data = answer["data"]
    if answer["status"] == "success":
        return data
    code = data.get("code") if isinstance(data, dict) else None
    if code == "MessageNotFound":
        return None
    if isinstance(code, str) and code in _REFUSALS:
        raise StateUnknownError(*_REFUSALS[code])
    raise StateUnknownError(
        Code.ARRIVAL_API_REFUSED, f"Postal's API refused the question ({Untrusted(code or answer['status'], 40)})."
    )


def _answer(raw: bytearray) -> dict[str, Any]:
    """Return Postal's own answer; a gateway's JSON lacks what each of Postal's has."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        raise _not_postal() from None
    if (
        not isinstance(answer, dict)
        or answer.get("status") not in ("success", "error", "parameter-error")  # it may be a dict
        or not isinstance(answer.get("time"), int | float)
        or not isinstance(answer.get("flags"), dict)
        or "data" not in answer
    ):
        raise _not_postal()
    return answer


def _not_postal() -> StateUnknownError:
    return StateUnknownError(
        Code.ARRIVAL_NOT_POSTAL,
        "What answered at this address is not Postal's API: a web page or a gateway. Nothing is known about the mail.",
    )


def _who(status: int) -> str:
    if 300 <= status < 400:
        return "this address redirects with"
    return "the web server in front of it answered" if status >= 500 else "this address answered"


_REFUSALS: Final = {
    "AccessDenied": (Code.ARRIVAL_KEY_MISSING, "The API key did not reach Postal: a proxy in front of it dropped it."),
    "InvalidServerAPIKey": (
        Code.ARRIVAL_KEY_INVALID,
        "Postal does not know this API key: it must be the key of a credential of type API.",
    ),
    "ServerSuspended": (
        Code.ARRIVAL_SUSPENDED,
        "The mail server is suspended: Postal delivers nothing from it and does not say what happens to its messages.",
    ),
}
"""Postal's error codes (lib/postal and app/controllers/legacy_api/base_controller.rb)."""
