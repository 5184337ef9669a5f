"""What became of one message, read from Postal's HTTP API (app/controllers/legacy_api, version 3.3.6).

SMTP tells no id and the API has no search; ids are whole numbers that grow per mail server, so the newest are looked
for from a known one on. The API key is optional, kept in memory, and never in an error: Postal's own error echoes it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wizard.foreign import Foreign

if TYPE_CHECKING:
    import httpx

    from wizard.secret import Secret

DEADLINE: Final = 10.0
LARGEST: Final = 1_048_576
_POWERS: Final = 24
"""Marks are set at powers of two, and at three times them, up to some 25 million messages."""
_BACKWARDS: Final = 20


class StateUnknown(Exception):  # noqa: N818  # says what is
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
        raise StateUnknown("The API key is empty or holds a character that no key has.")
    wanted = message_id.strip("<>")
    headers = {"X-Server-API-Key": key.reveal(), "Content-Type": "application/json"}
    try:
        async with (
            asyncio.timeout(DEADLINE),
            httpx.AsyncClient(
                base_url=url.rstrip("/"), headers=headers, follow_redirects=False, trust_env=url.startswith("https:")
            ) as client,
        ):
            newest = await _newest(client)
            for number in range(newest, max(0, newest - _BACKWARDS), -1):
                message = await _message(client, number)
                details = message.get("details") if message else None
                if isinstance(details, dict) and details.get("message_id") == wanted:
                    return await _state(client, number, message or {})
    except TimeoutError:
        raise StateUnknown("Postal's web server did not answer in time.") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        # By class alone: the text of an error may hold a header.
        raise StateUnknown("Postal's web server cannot be reached at this URL.") from None
    raise StateUnknown(
        f"Among the newest {_BACKWARDS} messages of this key's server there is none with this Message-ID."
    )


async def _newest(client: httpx.AsyncClient) -> int:
    """Return the greatest id that exists, 0 where none is found.

    The oldest may be pruned, so marks all over the scale are tried first; above the greatest that exists, halving.
    """
    marks = sorted({mark for power in range(_POWERS) for mark in (1 << power, 3 << power)})
    there = [mark for mark in marks if await _message(client, mark) is not None]
    if not there:
        return 0
    low, high = there[-1], next((mark for mark in marks if mark > there[-1]), there[-1] * 2)
    while high - low > 1:
        middle = (low + high) // 2
        if await _message(client, middle) is not None:
            low = middle
        else:
            high = middle
    return low


async def _state(client: httpx.AsyncClient, number: int, message: dict[str, Any]) -> MessageState:
    status = message.get("status") if isinstance(message.get("status"), dict) else {}
    assert isinstance(status, dict)
    deliveries = await _call(client, "deliveries", {"id": number})
    last = deliveries[-1] if isinstance(deliveries, list) and deliveries and isinstance(deliveries[-1], dict) else {}
    return MessageState(
        number,
        Foreign(status.get("status", "?"), 40),
        Foreign(last.get("details") or "", 200),
        Foreign(last.get("output") or "", 200),
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
                raise StateUnknown("The answer is larger than 1 MiB: is this Postal?")
    if response.status_code != 200:
        raise StateUnknown(f"Postal's web server answered with status {response.status_code}: is the host name right?")
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        raise StateUnknown("A web page answered and not Postal's API: check the URL.") from None
    data = answer.get("data") if isinstance(answer, dict) else None
    if isinstance(answer, dict) and answer.get("status") == "success":
        return data
    code = data.get("code") if isinstance(data, dict) else None
    if code == "MessageNotFound":
        return None
    raise StateUnknown(_REFUSALS.get(str(code), "Postal's API refused the question."))


_REFUSALS: Final = {
    "AccessDenied": "Postal's API wants a key: make a credential of type API at the server, Credentials.",
    "InvalidServerAPIKey": "Postal does not know this API key: it must be of type API, at the same server.",
    "ServerSuspended": "The mail server has been suspended.",
}
