"""The servers of one rehearsal together: what the wizard's own DNS checks make of each scenario."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.message
import dns.query
import pytest

from wizard.checks.dns import run as checks
from wizard.model.finding import Verdict
from wizard.model.session import Session, nobody
from wizard.rehearsal.scenarios import state
from wizard.rehearsal.servers import Servers
from wizard.state import answers_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wizard.model.finding import Finding


@asynccontextmanager
async def running(scenario: str, directory: Path) -> AsyncIterator[dict[str, Any]]:
    servers = Servers(state(scenario), directory)
    try:
        yield await servers.start()
    finally:
        await servers.stop()


async def findings(scenario: str, directory: Path) -> list[Finding]:
    async with running(scenario, directory) as info:
        host, _, port = info["dns"].rpartition(":")
        path = Path(info["answers"])
        session = Session(path.parent, resolver=(host, int(port)), authoritative_port=info["authoritative_port"])
        return list(await checks.check(answers_file.load(path), session, nobody))


def verdicts(found: list[Finding]) -> dict[str, Verdict]:
    return {one.check: one.verdict for one in found if one.verdict is not Verdict.PASS}


@pytest.mark.parametrize("scenario", ["good", "subdomain", "starttls"])
async def test_every_dns_check_passes_where_dns_is_not_the_matter(scenario: str, tmp_path: Path) -> None:
    found = await findings(scenario, tmp_path)
    assert len(found) >= 12
    assert verdicts(found) == {}


@pytest.mark.parametrize(
    ("scenario", "check", "verdict"),
    [
        ("unverified", "ownership", Verdict.WARN),
        ("dkim-missing", "dkim", Verdict.FAIL),
        ("dkim-wrong", "dkim", Verdict.FAIL),
        ("dkim-doubled", "dkim", Verdict.FAIL),
        ("no-spf", "spf_mailfrom", Verdict.FAIL),
        ("two-spf", "spf_from", Verdict.FAIL),
        ("no-return-path", "return_path", Verdict.WARN),
        ("spreading", "dkim", Verdict.WARN),
    ],
)
async def test_a_fault_in_dns_is_found(scenario: str, check: str, verdict: Verdict, tmp_path: Path) -> None:
    assert verdicts(await findings(scenario, tmp_path))[check] is verdict


@pytest.mark.slow
async def test_a_silent_dns_makes_nothing_but_unknown(tmp_path: Path) -> None:
    found = await findings("dns-silent", tmp_path)
    assert {one.verdict for one in found} == {Verdict.UNKNOWN}


def answers_at(port: int) -> bool:
    try:
        dns.query.udp(dns.message.make_query("shop.example", "SOA"), "127.0.0.1", 0.3, port)
    except dns.exception.Timeout:
        return False
    return True


@pytest.mark.parametrize(
    ("scenario", "resolver", "authoritative"),
    [("good", True, True), ("resolver-silent", False, True), ("dns-silent", False, False), ("dns-slow", False, False)],
)
async def test_each_server_answers_or_not(scenario: str, resolver: bool, authoritative: bool, tmp_path: Path) -> None:
    async with running(scenario, tmp_path) as info:
        ports = (int(info["dns"].rpartition(":")[2]), info["authoritative_port"])
        seen = [await asyncio.to_thread(answers_at, port) for port in ports]
    assert seen == [resolver, authoritative]
