"""What became of one message, read from Postal's HTTP API (app/controllers/legacy_api, version 3.3.6).

SMTP tells no id and the API has no search; ids are whole numbers that grow per mail server, so the newest are looked
for from a known one on. The API key is optional, kept in memory, and never in an error: Postal's own error echoes it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.model.untrusted import Untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from wizard.model.secret import Secret

DEADLINE: Final = 10.0
LARGEST: Final = 1_048_576
_POWERS: Final = 24
"""Marks are set at powers of two, and at three times them, up to some 25 million messages."""
_BACKWARDS: Final = 20
_AT_ONCE: Final = 8
"""Questions at once, on as many connections."""


class StateUnknownError(Exception):
    """The state could not be read; the message is one sentence without the key."""


@dataclass(frozen=True, slots=True)
class MessageState:
    """One message as Postal has it."""

    id: int
    status: str
    """Pending, Sent, SoftFail, HardFail, Held, HoldCancelled, Bounced, Error or Processed."""
    details: str
    """The text of its last delivery; empty where there was none."""
    output: str
    """What the recipient's server said."""


async def find(url: str, key: Secret, message_id: str) -> MessageState:
    """Return the state of the message with *message_id* (angle brackets or not). Raises StateUnknown."""
    import httpx

    if not key.reveal().isascii() or not key.reveal().isprintable() or not key.reveal():
        raise StateUnknownError("The API key is empty or holds a character that no key has.")
    if not url.startswith("https://") and not _stays_here(url):
        raise StateUnknownError(
            "The API key would cross the network in plain text: give Postal's web address with https://."
        )
    wanted = message_id.strip("<>")
    headers = {"X-Server-API-Key": key.reveal(), "Content-Type": "application/json"}
    try:
        async with (
            asyncio.timeout(DEADLINE),
            httpx.AsyncClient(
                base_url=url.strip().rstrip("/"),
                headers=headers,
                follow_redirects=False,
                trust_env=url.startswith("https:"),
                limits=httpx.Limits(max_connections=_AT_ONCE),
            ) as client,
        ):
            newest = await _newest(client)
            numbers = range(newest, max(0, newest - _BACKWARDS), -1)
            for number, message in (await _messages(client, numbers)).items():
                details = message.get("details")
                if isinstance(details, dict) and details.get("message_id") == wanted:
                    return await _state(client, number, message)
    except TimeoutError:
        raise StateUnknownError("Postal's web server did not answer in time.") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        # By class alone: the text of an error may hold a header.
        raise StateUnknownError("Postal's web server cannot be reached at this URL.") from None
    raise StateUnknownError(
        f"Among the newest {_BACKWARDS} messages of this key's server there is none with this Message-ID."
    )


def _stays_here(url: str) -> bool:
    """Whether what goes to *url* leaves this host not at all."""
    try:
        host = urlsplit(url).hostname or ""
        return url.startswith("http://") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


async def _newest(client: httpx.AsyncClient) -> int:
    """Return the greatest id that exists, 0 where none is found.

    The oldest may be pruned, so marks all over the scale are tried first; above the greatest that exists, the rest is
    narrowed down, a handful of questions at once: over a slow line each round costs a turn.
    """
    marks = sorted({mark for power in range(_POWERS) for mark in (1 << power, 3 << power)})
    there = await _messages(client, marks)
    if not there:
        return 0
    low = max(there)
    high = next((mark for mark in marks if mark > low), low * 2)
    while high - low > 1:
        step = max(1, (high - low) // _AT_ONCE)
        between = range(low + step, high, step)
        found = await _messages(client, between)
        low = max(found, default=low)
        high = next((number for number in between if number > low), high)
    return low


async def _messages(client: httpx.AsyncClient, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return those of the messages *numbers* that exist, in that order."""
    wanted = list(numbers)
    asked = [asyncio.create_task(_message(client, number)) for number in wanted]
    try:
        found = await asyncio.gather(*asked)
    finally:
        for task in asked:
            task.cancel()
    return {number: message for number, message in zip(wanted, found, strict=True) if message is not None}


async def _state(client: httpx.AsyncClient, number: int, message: dict[str, Any]) -> MessageState:
    status = message.get("status") if isinstance(message.get("status"), dict) else {}
    assert isinstance(status, dict)
    deliveries = await _call(client, "deliveries", {"id": number})
    last = deliveries[-1] if isinstance(deliveries, list) and deliveries and isinstance(deliveries[-1], dict) else {}
    return MessageState(
        number,
        Untrusted(status.get("status", "?"), 40),
        Untrusted(last.get("details") or "", 200),
        Untrusted(last.get("output") or "", 200),
    )


async def _message(client: httpx.AsyncClient, number: int) -> dict[str, Any] | None:
    """Return message *number*, None where there is none."""
    found = await _call(client, "message", {"id": number, "_expansions": ["status", "details"]})
    return found if isinstance(found, dict) else None


async def _call(client: httpx.AsyncClient, method: str, body: dict[str, Any]) -> Any:
    """Return ``data`` of a success, None for MessageNotFound; Postal answers 200 to everything."""
    async with client.stream("POST", f"/api/v1/messages/{method}", json=body) as response:
        raw = bytearray()
        async for part in response.aiter_bytes():
            raw += part
            if len(raw) > LARGEST:
                raise StateUnknownError("The answer is larger than 1 MiB: is this Postal?")
    if response.status_code != 200:
        raise StateUnknownError(
            f"Postal's web server answered with status {response.status_code}: is the host name right?"
        )
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        raise StateUnknownError("A web page answered and not Postal's API: check the URL.") from None
    data = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(answer, dict) and answer.get("status") == "success":
        return data
    code = data.get("code") if isinstance(data, dict) else None
    if code == "MessageNotFound":
        return None
    raise StateUnknownError(_REFUSALS.get(str(code), "Postal's API refused the question."))


_REFUSALS: Final = {
    "AccessDenied": "Postal's API wants a key: make a credential of type API at the server, Credentials.",
    "InvalidServerAPIKey": "Postal does not know this API key: it must be of type API, at the same server.",
    "ServerSuspended": "The mail server has been suspended.",
}
