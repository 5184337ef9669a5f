"""Which world holds, by which source, and how Postal signs in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.checks.dns.answers import DRAFT, LOST, ZONE, table
from wizard.checks.dns import worlds
from wizard.checks.dns.names import zone_of
from wizard.checks.dns.propagation import Version
from wizard.checks.dns.resolver import Answer
from wizard.model.details import Signature

if TYPE_CHECKING:
    from wizard.checks.dns.names import Zone
    from wizard.checks.dns.propagation import Versions
    from wizard.checks.dns.resolver import Ask

KEY = "postal-a1b2c3._domainkey.example.com"
RIGHT: dict[str, Any] = {
    f"{KEY}_TXT": ["v=DKIM1; p=AAAA;"],
    "psrp.example.com_CNAME": ["rp.postal.example.net"],
    "example.com_TXT": ["v=spf1 -all"],
}
OWN = Signature("example.com", "postal-a1b2c3", "psrp.example.com")
FALLBACK = Signature("rp.postal.example.net", "postal", "rp.postal.example.net")


def servers(*asks: Ask) -> Versions:
    """Name servers that answer with authority, each from a table of its own."""

    async def versions(name: str, kind: str) -> tuple[Version, ...]:
        answers = [replace(await ask(name, kind), authoritative=True) for ask in asks]
        return tuple(Version("ns", ("192.0.2.1", 53 + at), one, one) for at, one in enumerate(answers))

    return versions


async def signing(zone: Zone, records: dict[str, Any] = RIGHT) -> worlds.Signing:
    ask = table(**records)
    return await worlds.signing(zone, ask, servers(ask))


@pytest.mark.parametrize(
    ("changes", "world", "own_key", "psrp", "press"),
    [
        ({}, "unknown", True, True, True),
        ({"checked": True}, "checked", True, True, False),
        ({"checked": False}, "never", False, False, True),
        ({"stored_dkim": "ok", "stored_return_path": "ok"}, "stored", True, True, False),
        ({"stored_dkim": "invalid", "stored_return_path": "ok"}, "stored", False, True, True),
        ({"stored_dkim": "ok", "stored_return_path": "missing"}, "stored", True, False, True),
        ({"stored_dkim": "ok", "checked": False}, "stored", True, True, False),
        ({"stored_spf": "ok"}, "stored", True, True, False),
        ({"signature": OWN, "stored_dkim": "missing"}, "received", True, True, False),
        ({"signature": FALLBACK, "stored_dkim": "ok", "checked": True}, "received", False, False, True),
        ({"signature": Signature("other.example", "s1", ""), "checked": True}, "checked", True, True, False),
        ({"signature": Signature("", "", "rp.postal.example.net"), "checked": True}, "checked", True, False, True),
    ],
)
async def test_the_best_source_there_is_decides(
    changes: dict[str, Any], world: str, own_key: bool, psrp: bool, press: bool
) -> None:
    signed = await signing(replace(ZONE, **changes))
    assert (signed.world, signed.own_key, signed.psrp, signed.press_check) == (world, own_key, psrp, press)
    assert signed.why


async def test_check_need_not_be_pressed_while_the_key_is_not_right() -> None:
    wrong = RIGHT | {f"{KEY}_TXT": ["v=DKIM1;p=AAAA;"]}
    for checked in (None, False):
        signed = await signing(replace(ZONE, checked=checked), wrong)
        assert not signed.press_check


async def test_a_delegated_domainkey_zone_is_missing_for_postal_so_it_signs_with_its_fallback_key() -> None:
    ask = table(**RIGHT)

    async def versions(name: str, kind: str) -> tuple[Version, ...]:
        answer = await ask(name, kind)
        referral = Answer(name, kind, "nodata")  # what a server of the zone above says: neither records nor authority
        raw = referral if "_domainkey" in name else replace(answer, authoritative=True)
        return (Version("ns", ("192.0.2.1", 53), raw, raw),)

    signed = await worlds.signing(replace(ZONE, checked=True), ask, versions)
    assert (signed.own_key, signed.psrp) == (False, True)


async def test_servers_that_disagree_are_told_from_those_that_agree() -> None:
    good, bad = table(**RIGHT), table(**(RIGHT | {f"{KEY}_TXT": []}))
    zone = replace(ZONE, checked=True)
    assert (await worlds.signing(zone, good, servers(good, bad))).split
    assert not (await worlds.signing(zone, good, servers(good, good))).split
    assert not (await worlds.signing(replace(ZONE, checked=False), good, servers(good, bad))).split


async def test_a_look_up_that_failed_leaves_only_its_own_part_unknown() -> None:
    signed = await signing(replace(ZONE, checked=True), RIGHT | {f"{KEY}_TXT": LOST})
    assert (signed.own_key, signed.psrp) == (None, True)
    assert LOST[1] in signed.key_problem
    assert not signed.path_problem


def test_the_fallback_signature_gives_the_return_path_host_where_no_page_was_pasted() -> None:
    unpasted = replace(DRAFT, domain=replace(DRAFT.domain, return_path_target=""))
    assert zone_of(unpasted).rp == ""
    assert zone_of(unpasted, FALLBACK).rp == "rp.postal.example.net"
    assert zone_of(unpasted, OWN).rp == ""
