"""The recorded exchanges with a genuine Infisical (build of 2024-10, API v3), masked: ``exchanges.json``, by name.

Series: b login and tokens · c folders, secrets, names, values · d batch, imports, versions · e, f approvals and 429 ·
g paths and headers · h duplicates and probes · i snapshot, import, revoke.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

PROJECT: Final = "dee161f6-adfa-4822-8de0-e9c5cb10abc3"
OTHER_PROJECT: Final = "d3e88d10-01ab-47bf-93fb-bbed3df40f69"
SLUG: Final = "glitchtip-stack"
WIZARD: Final = "90d01a44-5cc5-4bc2-a51d-54512e6d6223"
"""The client id of the identity that the recording was made with."""
LOGIN: Final = "/api/v1/auth/universal-auth/login"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    name: str
    method: str
    target: str
    authorization: str
    content_type: str
    length: int
    body: Any
    status: int
    headers: dict[str, str]
    answer: Any

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def error(self) -> str:
        return str(self.answer.get("error", "")) if isinstance(self.answer, dict) else ""

    @property
    def number(self) -> str:
        """Series and number, such as ``b001``."""
        return self.name.partition("_")[0]


def load() -> dict[str, Exchange]:
    """Return all exchanges in their order."""
    table = json.loads(Path(__file__).with_name("exchanges.json").read_text(encoding="utf-8"))
    return {name: _exchange(name, pair["request"], pair["response"]) for name, pair in table.items()}


def _exchange(name: str, request: dict[str, Any], response: dict[str, Any]) -> Exchange:
    headers = request["headers"]
    return Exchange(
        name,
        request["method"],
        request["path"],
        headers.get("authorization", ""),
        headers.get("content-type", ""),
        int(headers.get("content-length", 0)),
        request["body"],
        response["status"],
        response["headers"],
        response["body"],
    )


EXCHANGES: Final = load()
