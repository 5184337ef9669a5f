"""pyspf, asked over a zone in a dict."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

from tests.checks.spf.spf_zone import HELO, SENDER, answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wizard.checks.spf.types import Reply
    from wizard.model.spf import Key

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its doc strings hold escapes that newer Pythons warn of
    spf: Any = importlib.import_module("spf")


def pyspf(replies: Mapping[Key, Reply], ip: str, sender: str = SENDER, helo: str = HELO) -> Any:
    """Run pyspf over the zone; its ``query``, with ``verdict`` added."""

    def look_up(name: str, kind: str, *_: object) -> Iterator[tuple[tuple[str, str], Any]]:
        reply = answer(replies, (name.lower(), kind))
        if reply.status == "error":
            raise spf.TempError("DNS timeout")
        for value in reply.values:
            yield (name, kind), ((value,) if kind == "TXT" else value)

    kept, spf.DNSLookup = spf.DNSLookup, look_up
    try:
        query = spf.query(i=ip, s=sender, h=helo, strict=True)
        query.verdict = query.check()[0]
    finally:
        spf.DNSLookup = kept
    return query
