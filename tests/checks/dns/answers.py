"""Hand-made DNS answers, and a zone to judge by them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from wizard.checks.dns.names import zone_of
from wizard.checks.dns.resolver import Answer, Ask
from wizard.model.draft import App, Credential, Domain, Draft

if TYPE_CHECKING:
    from wizard.checks.dns.propagation import Version

DRAFT = Draft(
    app=App(from_="glitchtip@example.com"),
    credential=Credential(username="acme/mail"),
    domain=Domain(
        return_path_target="rp.postal.example.net",
        spf_include="spf.postal.example.net",
        dkim_selector="postal-a1b2c3",
        dkim_value="v=DKIM1; p=AAAA;",
        sending_ips=("192.0.2.25",),
        helo="helo.example.net",
    ),
)
ZONE = zone_of(DRAFT)
LOST = ("!", "it did not answer")


def table(**records: Any) -> Ask:
    """Answer from a table ``name_TYPE=values``; dots in names are written ``__``. What is not there does not exist."""
    known = {key.replace("__", "."): value for key, value in records.items()}

    async def ask(name: str, kind: str, /) -> Answer:
        value = known.get(f"{name}_{kind}", known.get("all"))
        await asyncio.sleep(0)
        if value is None:
            return Answer(name, kind, "nxdomain", ttl=30)
        if value == LOST:
            return Answer(name, kind, "failed", words=LOST[1])
        values = tuple(one.encode() if kind == "TXT" else one for one in value)
        return Answer(name, kind, "answer" if values else "nodata", values, ttl=60)

    return ask


async def no_servers(_name: str, _kind: str) -> tuple[Version, ...]:
    return ()
