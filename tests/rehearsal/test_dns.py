"""The rehearsal's DNS, asked with dnspython."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from tests.watch import Watch
from wizard.rehearsal.dns import zone
from wizard.rehearsal.dns.server import Dns, Manner
from wizard.rehearsal.dns.zone import Row
from wizard.rehearsal.scenarios import state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOLD = zone.told("v=DKIM1; t=s; h=sha256; p=right;", "postal-AbC123", "0" * 32)
RESOLVER = Manner(recursive=True)
AUTHORITATIVE = Manner(recursive=False)


def rows(name: str = "good") -> list[Row]:
    return zone.rows(state(name), TOLD, installation_dkim="v=DKIM1; p=installation;", other_dkim="v=DKIM1; p=other;")


@asynccontextmanager
async def served(known: list[Row], manner: Manner = RESOLVER) -> AsyncIterator[Dns]:
    server = Dns(known, manner)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def ask(
    server: Dns, name: str, kind: str, *, tcp: bool = False, edns: bool = True, seconds: float = 3
) -> dns.message.Message:
    query = dns.message.make_query(name, kind, use_edns=0 if edns else False, payload=1232)
    send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    host, port = server.address
    return await send(query, host, port=port, timeout=seconds)


def texts(reply: dns.message.Message) -> set[str]:
    return {
        b"".join(record.strings).decode() if record.rdtype == dns.rdatatype.TXT else record.to_text()
        for group in reply.answer
        for record in group
    }


class TestAGoodZone:
    @pytest.mark.parametrize(
        ("name", "kind", "wanted"),
        [
            ("shop.example", "NS", {"ns1.shop.example.", "ns2.shop.example."}),
            ("ns2.shop.example", "A", {"127.0.0.1"}),
            (
                "shop.example",
                "TXT",
                {"v=spf1 a mx include:spf.postal.shop.example ~all", f"postal-verification {'0' * 32}"},
            ),
            ("POSTAL-abc123._domainkey.Shop.example", "TXT", {"v=DKIM1; t=s; h=sha256; p=right;"}),
            ("_dmarc.shop.example", "TXT", {"v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example"}),
            ("shop.example", "MX", {"10 mx.postal.shop.example."}),
            ("mx.postal.shop.example", "A", {"192.0.2.26"}),
            ("rp.postal.shop.example", "MX", {"10 mx.postal.shop.example."}),
            ("25.2.0.192.in-addr.arpa", "PTR", {"postal.shop.example."}),
            ("postal.shop.example", "A", {"192.0.2.25"}),
            ("spf.postal.shop.example", "TXT", {"v=spf1 ip4:192.0.2.25 ~all"}),
            ("postal._domainkey.rp.postal.shop.example", "TXT", {"v=DKIM1; p=installation;"}),
        ],
    )
    async def test_holds_what_a_good_set_up_needs(self, name: str, kind: str, wanted: set[str]) -> None:
        async with served(rows()) as server:
            assert texts(await ask(server, name, kind)) == wanted

    async def test_follows_the_return_path_to_what_stands_at_its_target(self) -> None:
        async with served(rows()) as server:
            reply = await ask(server, "psrp.shop.example", "TXT")
        assert texts(reply) == {"rp.postal.shop.example.", "v=spf1 a mx include:spf.postal.shop.example ~all"}


class TestSayingNo:
    async def test_nxdomain_carries_the_soa_with_the_negative_ttl(self) -> None:
        async with served(rows()) as server:
            reply = await ask(server, "nothing.shop.example", "A")
        assert reply.rcode() == dns.rcode.NXDOMAIN
        assert reply.authority[0].rdtype == dns.rdatatype.SOA
        assert (reply.authority[0].ttl, reply.authority[0][0].minimum) == (30, 30)

    @pytest.mark.parametrize("name", ["ns1.shop.example", "_domainkey.shop.example"])
    async def test_a_name_with_other_records_or_names_below_is_nodata(self, name: str) -> None:
        async with served(rows()) as server:
            reply = await ask(server, name, "MX")
        assert reply.rcode() == dns.rcode.NOERROR
        assert not reply.answer
        assert reply.authority[0].name.to_text() == "shop.example."

    async def test_the_resolver_knows_that_other_names_do_not_exist(self) -> None:
        async with served(rows()) as server:
            reply = await ask(server, "_dmarc.example", "TXT")
        assert reply.rcode() == dns.rcode.NXDOMAIN

    async def test_the_authoritative_server_refuses_other_zones(self) -> None:
        async with served(rows(), AUTHORITATIVE) as server:
            assert (await ask(server, "elsewhere.example", "A")).rcode() == dns.rcode.REFUSED
            ours = await ask(server, "shop.example", "SOA")
        assert ours.flags & dns.flags.AA
        assert not ours.flags & dns.flags.RA


class TestLargeAnswers:
    LONG = Row("long.shop.example", "TXT", "x" * 2000)
    MIDDLE = Row("middle.shop.example", "TXT", "x" * 700)

    async def test_are_cut_over_udp_and_whole_over_tcp(self) -> None:
        async with served([*rows(), self.LONG]) as server:
            cut = await ask(server, "long.shop.example", "TXT")
            whole = await ask(server, "long.shop.example", "TXT", tcp=True)
        assert cut.flags & dns.flags.TC
        assert not cut.answer
        assert texts(whole) == {"x" * 2000}

    async def test_depend_on_edns(self) -> None:
        async with served([*rows(), self.MIDDLE]) as server:
            with_edns = await ask(server, "middle.shop.example", "TXT")
            without = await ask(server, "middle.shop.example", "TXT", edns=False)
        assert texts(with_edns) == {"x" * 700}
        assert without.flags & dns.flags.TC


class TestManners:
    async def test_a_silent_server_answers_neither_over_udp_nor_over_tcp(self) -> None:
        async with served(rows(), replace(RESOLVER, drop=True)) as server:
            for tcp in (False, True):
                with pytest.raises(dns.exception.Timeout):
                    await ask(server, "shop.example", "A", tcp=tcp, seconds=0.3)

    async def test_a_slow_server_answers_late_and_many_at_once(self) -> None:
        async with served(rows(), replace(RESOLVER, delay=0.3)) as server:
            watch = Watch()
            replies = await asyncio.gather(*(ask(server, "shop.example", "A") for _ in range(20)))
        assert len(replies) == 20
        assert watch.all_seconds >= 0.3
        assert watch.seconds < 2

    async def test_a_spreading_record_is_absent_at_the_resolver_with_a_countdown(self) -> None:
        name = "postal-abc123._domainkey.shop.example"
        hidden = zone.hidden(state("spreading"), TOLD)
        known = rows("spreading")
        async with (
            served(known, replace(RESOLVER, hidden=hidden)) as resolver,
            served(known, AUTHORITATIVE) as authoritative,
        ):
            held = await ask(resolver, name, "TXT")
            own = await ask(authoritative, name, "TXT")
            resolver._since -= 31
            later = await ask(resolver, name, "TXT")
        assert held.rcode() == dns.rcode.NXDOMAIN
        assert 0 < held.authority[0].ttl <= 30
        assert texts(own) == texts(later) == {"v=DKIM1; t=s; h=sha256; p=right;"}


class TestScenarios:
    @pytest.mark.parametrize(
        ("scenario", "name", "kind", "wanted"),
        [
            ("unverified", "shop.example", "TXT", {"v=spf1 a mx include:spf.postal.shop.example ~all"}),
            ("dkim-missing", "postal-abc123._domainkey.shop.example", "TXT", set()),
            ("dkim-wrong", "postal-abc123._domainkey.shop.example", "TXT", {"v=DKIM1; p=other;"}),
            ("dkim-doubled", "postal-abc123._domainkey.shop.example", "TXT", set()),
            (
                "dkim-doubled",
                "postal-abc123._domainkey.shop.example.shop.example",
                "TXT",
                {"v=DKIM1; t=s; h=sha256; p=right;"},
            ),
            ("no-spf", "shop.example", "TXT", {f"postal-verification {'0' * 32}"}),
            ("no-spf", "psrp.shop.example", "TXT", {"rp.postal.shop.example."}),
            (
                "two-spf",
                "rp.postal.shop.example",
                "TXT",
                {"v=spf1 a mx include:spf.postal.shop.example ~all", "v=spf1 ip4:198.51.100.7 ~all"},
            ),
            ("no-return-path", "psrp.shop.example", "CNAME", set()),
        ],
    )
    async def test_change_what_their_sentence_says(self, scenario: str, name: str, kind: str, wanted: set[str]) -> None:
        async with served(rows(scenario)) as server:
            assert texts(await ask(server, name, kind)) == wanted
