"""The whole run against a good network, a silent one, a hostile one and none at all."""

from __future__ import annotations

import asyncio
import itertools
import time
import tracemalloc
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import dns.message
import dns.rcode
import pytest

from tests.checks.dns.cases import CASES
from tests.checks.dns.conftest import free_port
from tests.checks.dns.fake import delayed, fake, question, reply
from tests.checks.dns.test_zones import draft_of
from tests.checks.dns.zones import Case, domain_of
from tests.watch import Watch
from wizard.checks.dns import run as dns_checks
from wizard.checks.dns.run import IDS, check
from wizard.model.codes import Code
from wizard.model.draft import Draft
from wizard.model.finding import Finding, Verdict
from wizard.model.session import Progress, Session

if TYPE_CHECKING:
    from tests.checks.dns.conftest import Network

GOOD_CASE = Case("good")
LATENCY = 0.1  # the forwarder shares the machine: a round must stand out from what it takes


def session_of(network: Network) -> Session:
    return Session(resolver=network.resolver, authoritative_port=network.authoritative_port)


class TestOnAGoodZone:
    @pytest.mark.parametrize(("checked", "most"), [(True, 22), (None, 25), (False, 25)])
    async def test_questions_and_rounds_stay_within_the_budget(
        self, many_zones: Network, checked: bool | None, most: int
    ) -> None:
        port, resolver = free_port(), ("127.0.0.1", free_port())
        pairs = [
            (resolver, many_zones.resolver),
            *((one, (one[0], many_zones.authoritative_port)) for one in (("127.0.0.1", port), ("127.0.0.2", port))),
        ]
        draft = draft_of(GOOD_CASE, domain_of(0))
        draft = replace(draft, domain=replace(draft.domain, checked_in_postal=checked))
        took = []
        async with delayed(pairs, LATENCY) as asked:
            for _ in range(5):  # the machine may be busy; the fastest run tells the rounds
                asked.clear()
                watch = Watch()
                findings = await check(draft, Session(resolver=resolver, authoritative_port=port))
                took.append(watch.seconds)
                verdicts = {finding.verdict for finding in findings if finding.check != "alignment" or checked}
                assert checked is False or verdicts == {Verdict.PASS}
                assert set(asked.values()) == {1}
                to = Counter(server for server, _, _ in asked)
                assert 10 < to[many_zones.resolver] <= most
                assert 0 < to[("127.0.0.1", many_zones.authoritative_port)] <= 4
                assert 0 < to[("127.0.0.2", many_zones.authoritative_port)] <= 4
        assert min(took) < 4 * LATENCY  # a fourth round would take that long

    async def test_each_finding_is_told_once_and_progress_ends_complete(self, many_zones: Network) -> None:
        on_event: list[object] = []
        findings = await check(draft_of(GOOD_CASE, domain_of(0)), session_of(many_zones), on_event.append)
        assert [one.check for one in findings] == [*IDS[:-2], "ptr", "ptr", "postal_view"]
        assert sorted(map(id, findings)) == sorted(id(one) for one in on_event if isinstance(one, Finding))
        last = [one for one in on_event if isinstance(one, Progress)][-1]
        assert last.done == last.of > 10

    async def test_only_the_checks_asked_for_are_told(self, many_zones: Network) -> None:
        only = frozenset({"alignment", "mx"})
        findings = await check(draft_of(GOOD_CASE, domain_of(0)), session_of(many_zones), only=only)
        assert [(one.check, one.verdict) for one in findings] == [("alignment", "pass"), ("mx", "pass")]

    async def test_a_check_alone_asks_only_what_it_needs(self, many_zones: Network) -> None:
        resolver = ("127.0.0.1", free_port())
        async with delayed([(resolver, many_zones.resolver)], 0.0) as asked:
            session = Session(resolver=resolver, authoritative_port=many_zones.authoritative_port)
            await check(draft_of(GOOD_CASE, domain_of(0)), session, only=frozenset({"mx"}))
        assert {kind for _, _, kind in asked} <= {"SOA", "NS", "MX", "A"}

    async def test_unreachable_name_servers_change_no_verdict(self, many_zones: Network) -> None:
        session = Session(resolver=many_zones.resolver, authoritative_port=free_port())
        findings = await check(draft_of(GOOD_CASE, domain_of(0)), session)
        assert {finding.verdict for finding in findings} == {Verdict.PASS}
        key = next(finding for finding in findings if finding.check == "dkim")
        assert len([line for line in key.evidence if "connection refused" in line]) == 2

    async def test_a_key_that_only_the_resolver_lacks_is_unknown_where_the_name_servers_answer_too_late(
        self, many_zones: Network
    ) -> None:
        at = next(number for number, case in enumerate(CASES) if case.records.get("dkim", "") is None)
        draft = draft_of(CASES[at], domain_of(at))
        found = {}
        for seconds in (0.0, 1.5):
            port = free_port()
            pairs = [((ip, port), (ip, many_zones.authoritative_port)) for ip in ("127.0.0.1", "127.0.0.2")]
            async with delayed(pairs, seconds):
                session = Session(resolver=many_zones.resolver, authoritative_port=port)
                findings = await check(draft, session, lifetime=0.7)
            found[seconds] = {str(one.check): one for one in findings}
        assert found[0.0]["dkim"].code is Code.DKIM_MISSING
        late = found[1.5]
        assert late["dkim"].code is Code.DKIM_LOOKUP_FAILED
        assert "may be published by now" in late["dkim"].summary
        assert late["dkim"].record is not None
        assert late["postal_view"].verdict is Verdict.UNKNOWN
        assert late["alignment"].code in {Code.ALIGNMENT_LOOKUP_FAILED, Code.ALIGNMENT_SPF_ONLY}
        assert Verdict.FAIL not in {one.verdict for one in late.values()}

    async def test_the_record_to_paste_has_both_forms(self, many_zones: Network) -> None:
        findings = await check(draft_of(GOOD_CASE, domain_of(0)), session_of(many_zones))
        record = next(finding.record for finding in findings if finding.check == "return_path")
        assert record is not None
        assert (record.name, record.relative, record.type) == ("psrp.case00.test.", "psrp", "CNAME")
        assert record.value == "rp.postal.test."


class TestOnASilentNetwork:
    @pytest.mark.slow
    async def test_every_verdict_is_unknown_in_time(self) -> None:
        async with fake(lambda _query, _tcp: None) as server:
            watch = Watch()
            findings = await check(draft_of(GOOD_CASE, "hole.test"), Session(resolver=server.address))
            took = watch.seconds
        assert {finding.verdict for finding in findings} == {Verdict.UNKNOWN}
        assert {finding.check for finding in findings} == set(IDS)
        assert took < 5.5
        assert all("did not answer in time" in finding.summary for finding in findings if finding.check == "dkim")

    async def test_cancelling_ends_at_once(self) -> None:
        async with fake(lambda _query, _tcp: None) as server:
            run = asyncio.create_task(check(draft_of(GOOD_CASE, "hole.test"), Session(resolver=server.address)))
            await server.until_asked(10)
            watch = Watch()
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            assert watch.seconds < 0.5
            assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    async def test_a_slow_resolver_is_not_a_silent_one(self, many_zones: Network) -> None:
        resolver = ("127.0.0.1", free_port())
        async with delayed([(resolver, many_zones.resolver)], 0.3):
            session = Session(resolver=resolver, authoritative_port=many_zones.authoritative_port)
            findings = await check(draft_of(GOOD_CASE, domain_of(0)), session, lifetime=1.0)
        assert {finding.verdict for finding in findings} == {Verdict.PASS}


class TestWithoutAResolver:
    async def test_every_verdict_is_unknown_and_says_why_in_one_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wizard.checks.dns.resolver.system_resolvers", lambda: ())
        findings = await check(draft_of(GOOD_CASE, "none.test"), Session())
        assert {finding.verdict for finding in findings} == {Verdict.UNKNOWN}
        assert all(
            "no resolver is configured" in finding.summary for finding in findings if finding.check != "alignment"
        )

    async def test_and_without_a_domain_every_check_names_its_key(self) -> None:
        findings = await check(Draft(), Session())
        assert [finding.check for finding in findings] == list(IDS)
        assert all(finding.verdict is Verdict.SKIP and "app.from" in finding.remedy for finding in findings)
        assert all(str(finding.code) == f"{finding.check}.no_value" for finding in findings)


def _hostile(query: dns.message.Message, tcp: bool) -> list[bytes]:
    wire = _ugly(*question(query))
    if not tcp and len(wire) > 1232:
        return [truncated_of(query)]
    return [query.id.to_bytes(2, "big") + wire[2:]]


@cache  # making such an answer takes longer than judging it
def _ugly(name: str, kind: str) -> bytes:
    """Answer everything with 51 kB of TXT, 200 hosts, escapes and bytes that are no UTF-8."""
    query = dns.message.make_query(name, kind)
    ugly = r"\027]0;x\007\255\254[/]" + "v=spf1 include:%{s}" + "A" * 200
    texts = {
        "TXT": [f'"v=DMARC1; v=DKIM1; v=spf1 {at} " ' + f'"{ugly}" ' * 2 for at in range(100)],
        "MX": [f"{at} {name}{at}.{name}." for at in range(200)],
        "NS": [f"ns{at}.\\027[31m.{name}." for at in range(200)],
        "PTR": [rf"h\027{at}.\000.test." for at in range(200)],
        "CNAME": [r"\027[2J.\255.test."],
        "A": ["192.0.2.1"],
        "AAAA": ["2001:db8::1"],
    }.get(kind, [])
    answer = reply(query)
    if texts:
        answer.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *texts))
    return answer.to_wire(max_size=65535)


def truncated_of(query: dns.message.Message) -> bytes:
    answer = reply(query)
    answer.flags |= dns.flags.TC
    return answer.to_wire()


class TestOnAHostileNetwork:
    async def test_time_and_memory_are_bounded_and_the_text_is_inert(self) -> None:
        async with fake(_hostile) as server:
            session = Session(resolver=server.address, authoritative_port=server.address[1])
            await check(draft_of(GOOD_CASE, "evil.test"), session)  # fills the server's cache
            tracemalloc.start()
            try:
                start = time.process_time()
                findings = await check(draft_of(GOOD_CASE, "evil.test"), session)
                took = time.process_time() - start
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        assert {finding.check for finding in findings} == set(IDS)
        assert took < 4  # of CPU: the machine may be busy
        assert peak < 20 * 2**20
        text = repr([finding.as_json() for finding in findings])
        assert "\x1b" not in "".join(line for finding in findings for line in (finding.summary, *finding.evidence))
        assert len(text) < 200_000

    @pytest.mark.parametrize("chain", [20, 5])
    async def test_a_long_cname_chain_at_every_name_is_survived(self, chain: int) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            name, kind = question(query)
            if kind == "CNAME":
                return [reply(query, (name, "CNAME", f"x.{name[:200]}.")).to_wire()]
            hops = [name, *(f"{at}.hop.test" for at in range(chain))]
            records = [(one, "CNAME", f"{two}.") for one, two in itertools.pairwise(hops)]
            return [reply(query, *records).to_wire()]

        async with fake(handler) as server:
            findings = await check(draft_of(GOOD_CASE, "chain.test"), Session(resolver=server.address), lifetime=2)
        assert {finding.check for finding in findings} == set(IDS)
        assert not {Verdict.PASS} & {
            finding.verdict for finding in findings if finding.check in {"dkim", "return_path"}
        }

    @pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
    async def test_an_error_for_every_question_leaves_everything_unknown(self, rcode: dns.rcode.Rcode) -> None:
        async with fake(lambda query, _: [reply(query, rcode=rcode).to_wire()]) as server:
            findings = await check(draft_of(GOOD_CASE, "error.test"), Session(resolver=server.address))
        assert {finding.verdict for finding in findings} == {Verdict.UNKNOWN}
        assert len(findings) == len(IDS) + 1


class TestOnANetworkOfOddPackets:
    @pytest.mark.parametrize("opcode", [4, 5, 15], ids=["notify", "update", "none that there is"])
    async def test_an_answer_to_another_operation_leaves_everything_unknown(self, opcode: int) -> None:
        def handler(query: dns.message.Message, _tcp: bool) -> list[bytes]:
            wire = bytearray(reply(query).to_wire())
            wire[2] = wire[2] & 0x87 | opcode << 3
            return [bytes(wire)]

        async with fake(handler) as server:
            findings = await check(draft_of(GOOD_CASE, "odd.test"), Session(resolver=server.address), lifetime=2)
        assert {finding.verdict for finding in findings} == {Verdict.UNKNOWN}
        assert {str(finding.code).partition(".")[2] for finding in findings} == {"lookup_failed"}


def test_the_ids_are_those_of_the_contract() -> None:
    assert " ".join(dns_checks.IDS) == (
        "domain ownership spf_from spf_mailfrom dkim dmarc alignment return_path rp_mx mx ptr postal_view"
    )
