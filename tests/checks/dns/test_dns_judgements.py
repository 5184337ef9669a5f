"""DNS judgements on hand-made answers: what needs no server to be wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.checks.dns.answers import DRAFT, LOST, ZONE, no_servers, table
from tests.checks.dns.keys import RSA_1024
from wizard.checks.dns import (
    alignment,
    dkim,
    dmarc,
    dmarc_policy,
    domain,
    mx_and_ptr,
    postal_view,
    return_path,
    spf_from,
    spf_mailfrom,
    worlds,
)
from wizard.checks.dns.names import ascii_name, zone_of
from wizard.checks.dns.propagation import Version, settle
from wizard.checks.dns.resolver import Answer, Ask, Outcome
from wizard.checks.dns.verdict_on_alignment import judge
from wizard.checks.dns.worlds import Signing
from wizard.model.codes import Code
from wizard.model.details import Leg, Triangle
from wizard.model.draft import App, Domain, Draft
from wizard.model.finding import Finding, Verdict, stale_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

PASS, WARN, FAIL, UNKNOWN, SKIP = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.UNKNOWN, Verdict.SKIP


CODES = {
    PASS: Code.DKIM_EQUAL,
    WARN: Code.DKIM_TESTING,
    FAIL: Code.DKIM_MISSING,
    UNKNOWN: Code.DKIM_LOOKUP_FAILED,
}
SETTLED: Any = {"stale": Code.DKIM_STALE, "split": Code.DKIM_NOT_EVERYWHERE}


async def given(versions: tuple[Version, ...]) -> tuple[Version, ...]:
    return versions


class TestNames:
    def test_an_internationalised_domain_is_idna_2008_and_shown_in_both_forms(self) -> None:
        zone = zone_of(Draft(app=App(from_="a@Straße.example")))
        assert zone.domain == "xn--strae-oqa.example"
        assert zone.shown == "straße.example (xn--strae-oqa.example)"

    @pytest.mark.parametrize("name", ["a..b", "a" * 64 + ".test", "-.".join(["ab"] * 90), "a b.test", "ﷺ。\u0378.test"])
    def test_a_name_that_cannot_exist_is_a_sentence(self, name: str) -> None:
        with pytest.raises(ValueError, match=r"it|label"):
            ascii_name(name)

    def test_the_return_path_is_derived_and_its_prefix_completed(self) -> None:
        assert ZONE.psrp == "psrp.example.com"
        short = replace(DRAFT, domain=replace(DRAFT.domain, return_path="bounce"))
        assert zone_of(short).psrp == "bounce.example.com"

    def test_the_path_in_postals_interface_has_the_credentials_server(self) -> None:
        assert ZONE.setup_path == "/org/acme/servers/mail/domains"

    def test_a_selector_may_be_pasted_with_what_follows_it(self) -> None:
        told = replace(DRAFT, domain=replace(DRAFT.domain, dkim_selector="postal-x1._domainkey.example.com"))
        assert zone_of(told).dkim_name == "postal-x1._domainkey.example.com"

    def test_a_record_outside_the_domain_keeps_its_full_name(self) -> None:
        assert ZONE.record("rp.example.net", "MX", "10 mx").relative == "rp.example.net."
        assert ZONE.record("example.com", "MX", "10 mx").relative == "@"
        assert ZONE.record("notexample.com", "MX", "10 mx").relative == "notexample.com."

    async def test_a_domain_that_cannot_exist_fails_unasked(self) -> None:
        zone = zone_of(Draft(domain=Domain(name="exa mple.com")))
        found = await domain.domain(zone, table(all=LOST))
        assert found.code is Code.DOMAIN_INVALID_NAME
        assert found.verdict is FAIL


class TestTheTreeWalk:
    def test_asks_every_level_and_the_top_level_too(self) -> None:
        assert dmarc_policy.levels("a.b.test") == ["a.b.test", "b.test", "test"]

    def test_asks_eight_questions_at_most(self) -> None:
        found = dmarc_policy.levels(".".join("abcdefghijk"))
        assert found[:2] == ["a.b.c.d.e.f.g.h.i.j.k", "e.f.g.h.i.j.k"]
        assert len(found) == 8
        assert found[-1] == "k"

    @pytest.mark.parametrize(
        ("records", "organisation", "state"),
        [
            ({"_dmarc__b__test_TXT": ["v=DMARC1; p=reject"]}, "b.test", "inherited"),
            ({"_dmarc__test_TXT": ["v=DMARC1; p=reject; psd=y"]}, "b.test", "inherited"),
            (
                {"_dmarc__a__b__test_TXT": ["v=DMARC1; p=none; psd=n"], "_dmarc__b__test_TXT": ["v=DMARC1; p=reject"]},
                "a.b.test",
                "own",
            ),
            (
                {"_dmarc__a__b__test_TXT": ["v=DMARC1; p=none"], "_dmarc__b__test_TXT": ["v=DMARC1; p=reject"]},
                "b.test",
                "own",
            ),
            ({"_dmarc__b__test_TXT": ["v=DMARC1; p=none", "v=DMARC1; p=none"]}, "b.test", "several"),
            ({}, "b.test", "none"),
            ({"_dmarc__a__b__test_TXT": LOST}, "b.test", "failed"),
            ({"_dmarc__b__test_TXT": LOST}, "b.test", "failed"),
            ({"_dmarc__test_TXT": LOST}, "b.test", "none"),
            ({"_dmarc__b__test_TXT": ["v=DMARC1; p=reject"], "_dmarc__test_TXT": LOST}, "b.test", "inherited"),
        ],
    )
    async def test_finds_organisation_and_record(self, records: Any, organisation: str, state: str) -> None:
        walked = await dmarc_policy.walk(table(**records), "a.b.test")
        assert walked.organisation == organisation
        assert walked.applies[0] == state

    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("v=DMARC1; p=reject", True),
            ("V = DMARC1 ;p=reject", True),
            ("v=DMARC1", True),
            ("v=DMARC1 p=reject", True),
            ("v=DMARC10; p=reject", False),
            ("v=dmarc1; p=reject", False),
            (" v=DMARC1; p=reject", False),
            ("p=reject; v=DMARC1", False),
        ],
    )
    def test_tells_records_from_other_texts(self, text: str, read: bool) -> None:
        assert (dmarc_policy.parse("a.test", text) is not None) is read

    @pytest.mark.parametrize(
        ("text", "verdict"),
        [
            ("v=DMARC1; P=Reject; RUA=MAILTO:a@EXAMPLE.com!10m", PASS),
            ("v=DMARC1; p=reject; rua=https://x.test, mailto:a@reports.example.com", PASS),
            ("v=DMARC1; p=; rua=mailto:a@example.com", WARN),
            ("v=DMARC1; p=bogus", FAIL),
            ("v=DMARC1 p=reject; rua=mailto:a@example.com", FAIL),
            ("v=DMARC1; p=reject; rua=mailto:a@lost.test", UNKNOWN),
            ("v=DMARC1; p=none; rua=mailto:a@lost.test", WARN),
        ],
    )
    async def test_is_judged_by_the_record_it_finds(self, text: str, verdict: Verdict) -> None:
        ask = table(**{"_dmarc__example__com_TXT": [text], "example.com._report._dmarc.lost.test_TXT": LOST})
        assert (await dmarc.check(ZONE, ask, no_servers)).verdict is verdict


class TestAlignment:
    LEGS = ("aligned", "not aligned", "unknown", "not given")
    SIGNED = Signing("checked", own_key=True, psrp=True, why="because")

    @pytest.mark.parametrize(
        ("key", "mail", "verdict"),
        [
            *(("aligned", other, PASS) for other in LEGS),
            *(("not given", other, SKIP) for other in LEGS),
            ("not aligned", "aligned", WARN),
            ("not aligned", "not aligned", FAIL),
            ("not aligned", "unknown", UNKNOWN),
            ("not aligned", "not given", SKIP),
            ("unknown", "aligned", WARN),
            ("unknown", "not aligned", UNKNOWN),
            ("unknown", "unknown", UNKNOWN),
            ("unknown", "not given", UNKNOWN),
        ],
    )
    def test_is_judged_by_both_legs(self, key: Any, mail: Any, verdict: Verdict) -> None:
        legs = (Leg("a.test", key, "words", key="domain.dkim_value"), Leg("b.test", mail, "words", key="domain.helo"))
        found = judge(ZONE, self.SIGNED, Triangle("example.com", *legs), None)
        assert found.verdict is verdict
        assert bool(found.remedy) is (verdict is not PASS)

    @pytest.mark.parametrize(
        ("checked", "never", "code"),
        [
            ("aligned", "aligned", Code.ALIGNMENT_EITHER_WAY),
            ("aligned", "not aligned", Code.ALIGNMENT_PRESS_CHECK),
            ("aligned", "unknown", Code.ALIGNMENT_PRESS_CHECK),
            ("not aligned", "not aligned", Code.ALIGNMENT_NEITHER),
            ("not aligned", "aligned", Code.ALIGNMENT_NEITHER),
            ("unknown", "not aligned", Code.ALIGNMENT_LOOKUP_FAILED),
        ],
    )
    def test_is_judged_in_both_worlds_where_nobody_knows_which_holds(
        self, checked: Any, never: Any, code: Code
    ) -> None:
        signed = replace(self.SIGNED, world="unknown", press_check=True)
        spf = Leg("b.test", "not aligned", "words")
        found = judge(
            ZONE, signed, Triangle("a", Leg("a", checked, ""), spf), Triangle("a", Leg("r", never, ""), spf, "never")
        )
        assert found.code is code

    async def judged(self, ask: Ask, key: Verdict, mail: Verdict, zone: Any = ZONE, own_key: bool = True) -> Finding:
        async def mailfrom(name: str) -> Finding:
            return Finding.of(mail, Code.SPF_MAILFROM_NONE, name, "lost")

        signed = replace(self.SIGNED, own_key=own_key)
        return await alignment.check(zone, ask, signed, Finding.of(key, Code.DKIM_MISSING, "k", ""), mailfrom)

    async def test_a_domain_without_dmarc_is_judged_relaxed(self) -> None:
        assert (await self.judged(table(), FAIL, PASS)).verdict is WARN

    async def test_aspf_s_leaves_the_envelope_sender_out(self) -> None:
        ask = table(_dmarc__example__com_TXT=["v=DMARC1; p=none; aspf=s"])
        assert (await self.judged(ask, FAIL, PASS)).verdict is FAIL
        assert (await self.judged(ask, UNKNOWN, UNKNOWN)).verdict is UNKNOWN

    async def test_a_key_that_postal_uses_and_receivers_cannot_verify_has_no_fallback(self) -> None:
        zone = replace(ZONE, rp="rp.postal.example.com")
        ask = table(**{"postal._domainkey.rp.postal.example.com_TXT": ["v=DKIM1; p=" + RSA_1024]})
        assert (await self.judged(ask, FAIL, FAIL, zone)).code is Code.ALIGNMENT_NEITHER

    async def test_the_fallback_key_counts_only_where_it_is_published_and_shares_the_organisation(self) -> None:
        zone = replace(ZONE, rp="rp.postal.example.com")
        key = "v=DKIM1; p=" + RSA_1024
        dmarc_record = {"_dmarc__example__com_TXT": ["v=DMARC1; p=none"]}
        name = "postal._domainkey.rp.postal.example.com_TXT"

        async def verdict(records: dict[str, Any], at: Any = zone) -> Verdict:
            return (await self.judged(table(**records), PASS, FAIL, at, own_key=False)).verdict

        assert await verdict({**dmarc_record, name: [key]}) is PASS
        assert await verdict({name: [key]}) is PASS
        assert await verdict(dmarc_record) is FAIL
        assert await verdict({**dmarc_record, name: ["v=DKIM1; p="]}) is FAIL
        assert await verdict({**dmarc_record, name: LOST}) is UNKNOWN
        strict = {"_dmarc__example__com_TXT": ["v=DMARC1; p=none; adkim=s"], name: [key]}
        assert await verdict(strict) is FAIL
        foreign = {"postal._domainkey.rp.postal.example.net_TXT": [key]}
        assert await verdict({**dmarc_record, **foreign}, ZONE) is FAIL

    async def test_receivers_by_the_public_suffix_list_are_named_where_they_differ(self) -> None:
        zone = replace(ZONE, rp="rp.postal.example.com")
        records = {
            "_dmarc__postal__example__com_TXT": ["v=DMARC1; p=none; psd=n"],
            "_dmarc__example__com_TXT": ["v=DMARC1; p=none"],
            "postal._domainkey.rp.postal.example.com_TXT": ["v=DKIM1; p=" + RSA_1024],
        }
        found = await self.judged(table(**records), FAIL, FAIL, zone, own_key=False)
        assert found.verdict is FAIL
        assert any("RFC 7489" in line for line in found.evidence)

    async def test_name_servers_that_disagree_on_what_postal_compares_leave_it_to_chance(self) -> None:
        signed = replace(self.SIGNED, split=True)
        legs = (Leg("a", "aligned", ""), Leg("b", "aligned", ""))
        found = judge(ZONE, signed, Triangle("a", *legs), None)
        assert (found.verdict, found.code) == (WARN, Code.ALIGNMENT_SERVERS_DISAGREE)


class TestSettling:
    """One record, the resolver's answer beside those of the name servers."""

    @staticmethod
    async def judge(answer: Answer) -> Finding:
        verdicts = {b"right": PASS, b"mild": WARN, b"wrong": FAIL}
        verdict = UNKNOWN if answer.failed else verdicts[answer.values[0]] if answer.values else FAIL
        return Finding.of(verdict, CODES[verdict], "a.test", f"judged {verdict.value}", remedy="fix it")

    @staticmethod
    def answer(text: str) -> Answer:
        if text in {"none", "lost", "late"}:
            outcome: Outcome = "nodata" if text == "none" else "failed"
            return Answer("a.test", "TXT", outcome, ttl=7, authoritative=text == "none", late=text == "late")
        return Answer("a.test", "TXT", "answer", (text.encode(),), ttl=7, authoritative=text != "lame")

    @pytest.mark.parametrize(
        ("own", "servers", "verdict", "code"),
        [
            ("right", [], PASS, Code.DKIM_EQUAL),
            ("right", ["right", "right"], PASS, Code.DKIM_EQUAL),
            ("wrong", ["wrong", "wrong"], FAIL, Code.DKIM_MISSING),
            ("none", ["right", "right"], WARN, Code.DKIM_STALE),
            ("wrong", ["right"], WARN, Code.DKIM_STALE),
            ("right", ["none", "none"], FAIL, Code.DKIM_MISSING),
            ("right", ["right", "none"], WARN, Code.DKIM_NOT_EVERYWHERE),
            ("none", ["right", "none"], WARN, Code.DKIM_NOT_EVERYWHERE),
            ("wrong", ["mild", "none"], FAIL, Code.DKIM_MISSING),
            ("right", ["lost", "lame"], PASS, Code.DKIM_EQUAL),
            ("right", ["lost", "right"], PASS, Code.DKIM_EQUAL),
            ("none", ["lost", "right"], WARN, Code.DKIM_STALE),
            ("lost", ["right", "right"], UNKNOWN, Code.DKIM_LOOKUP_FAILED),
            ("none", ["late", "late"], UNKNOWN, Code.DKIM_LOOKUP_FAILED),
            ("none", ["late", "none"], FAIL, Code.DKIM_MISSING),
            ("none", ["late", "right"], WARN, Code.DKIM_STALE),
            ("none", ["late", "lost"], FAIL, Code.DKIM_MISSING),
            ("none", [], FAIL, Code.DKIM_MISSING),
            ("right", ["late"], PASS, Code.DKIM_EQUAL),
            ("wrong", ["late"], FAIL, Code.DKIM_MISSING),
        ],
    )
    async def test_gives_one_verdict(self, own: str, servers: list[str], verdict: Verdict, code: Code) -> None:
        versions = tuple(
            Version(f"ns{at}.test", ("192.0.2.1", 53), answer, answer)
            for at, answer in enumerate(map(self.answer, servers))
        )
        found = await settle(self.answer(own), given(versions), self.judge, **SETTLED)
        assert (found.verdict, found.code) == (verdict, code)
        assert stale_seconds([found]) == (7 if own != "lost" and self.behind(own, servers) else None)
        assert bool(found.remedy)

    @staticmethod
    def behind(own: str, servers: list[str]) -> bool:
        """Whether all servers that count agree against the resolver."""
        counting = {one for one in servers if one not in {"lost", "late", "lame"}}
        return len(counting) == 1 and counting != {own}

    async def test_a_weakness_that_only_the_resolver_saw_says_whose_word_it_is(self) -> None:
        async def mild(answer: Answer) -> Finding:
            return Finding.warn(Code.DMARC_ABSENT, "a.test", "There is none.", remedy="Publish it.")

        late = Answer("a.test", "TXT", "failed", words="192.0.2.1 did not answer in time", late=True)
        by_time = {}
        for name, one in (("late", late), ("in time", self.answer("none"))):
            versions = (Version("ns1.test", ("192.0.2.1", 53), one, one),)
            by_time[name] = await settle(self.answer("none"), given(versions), mild, **SETTLED)
        assert {found.verdict for found in by_time.values()} == {WARN}
        assert "So says this resolver alone" in by_time["late"].summary
        assert by_time["in time"].summary == "There is none."

    async def test_a_server_that_says_nothing_is_named(self) -> None:
        silent = Answer("a.test", "TXT", "failed", words="192.0.2.1 did not answer in time")
        versions = (Version("ns1.test", ("192.0.2.1", 53), silent, silent),)
        found = await settle(self.answer("right"), given(versions), self.judge, **SETTLED)
        assert "ns1.test (192.0.2.1): 192.0.2.1 did not answer in time" in found.evidence


class TestAFailedLookUp:
    """``unknown`` is kept apart: no failure of a server becomes anybody's fault."""

    @pytest.mark.parametrize(
        "check",
        [
            lambda ask: dkim.check(ZONE, ask, no_servers),
            lambda ask: dmarc.check(ZONE, ask, no_servers),
            lambda ask: return_path.check(ZONE, ask, no_servers),
            lambda ask: spf_from.check(ZONE, ask, no_servers),
            lambda ask: spf_mailfrom.at(ZONE, ask, ZONE.psrp, ""),
            lambda ask: mx_and_ptr.mx(ZONE, ask),
            lambda ask: mx_and_ptr.rp_mx(ZONE, ask, ZONE.psrp, ZONE.rp),
            lambda ask: domain.ownership(replace(ZONE, ownership="postal-verification x"), ask, no_servers),
            lambda ask: domain.domain(ZONE, ask),
        ],
    )
    async def test_is_unknown_and_says_why(self, check: Callable[[Ask], Any]) -> None:
        found = await check(table(all=LOST))
        assert found.verdict is UNKNOWN
        assert LOST[1] in found.summary
        assert found.remedy

    async def test_of_one_mx_host_leaves_a_proven_weakness_standing(self) -> None:
        records: dict[str, Any] = {
            "example__com_MX": [(10, "a.test"), (20, "b.test"), (30, "c.test")],
            "a__test_A": ["192.0.2.1"],
            "b__test_A": LOST,
            "b__test_AAAA": LOST,
        }
        assert (await mx_and_ptr.mx(ZONE, table(**records))).verdict is WARN
        both = records | {"c__test_A": ["192.0.2.2"]}
        assert (await mx_and_ptr.mx(ZONE, table(**both))).verdict is UNKNOWN

    async def test_of_the_soa_is_not_made_good_by_name_servers(self) -> None:
        ask = table(example__com_SOA=LOST, example__com_NS=["ns1.example.com"])
        assert (await domain.domain(ZONE, ask)).verdict is UNKNOWN

    async def test_of_the_cname_leaves_the_envelope_unknown(self) -> None:
        ask = table(**{"psrp__example__com_CNAME": LOST, "rp.postal.example.net_TXT": ["v=spf1 +all"]})
        signed = await worlds.signing(ZONE, ask, no_servers)
        assert signed.psrp is None
        found = await spf_mailfrom.check(ZONE, ask, signed)
        assert (found.verdict, found.code) == (UNKNOWN, Code.SPF_MAILFROM_LOOKUP_FAILED)


class TestReverseNames:
    @pytest.mark.parametrize(
        ("records", "verdict"),
        [
            ({"p_PTR": ["helo.example.net"], "helo.example.net_A": ["192.0.2.25"]}, PASS),
            ({"p_PTR": ["x.test", "helo.example.net"], "helo.example.net_A": ["192.0.2.25"]}, PASS),
            ({"p_PTR": ["x.test"], "x.test_A": ["192.0.2.25"]}, WARN),
            ({"p_PTR": ["helo.example.net"], "helo.example.net_A": ["192.0.2.9"]}, FAIL),
            ({"p_PTR": ["helo.example.net"]}, FAIL),
            ({"p_PTR": []}, FAIL),
            ({}, FAIL),
            ({"p_PTR": LOST}, UNKNOWN),
            ({"p_PTR": ["helo.example.net"], "helo.example.net_A": LOST}, UNKNOWN),
            (
                {"p_PTR": ["x.test", "helo.example.net"], "x.test_A": ["192.0.2.25"], "helo.example.net_A": LOST},
                UNKNOWN,
            ),
        ],
    )
    async def test_are_judged_with_their_way_back(self, records: dict[str, Any], verdict: Verdict) -> None:
        asked = table(**{key.replace("p_PTR", "25.2.0.192.in-addr.arpa_PTR"): value for key, value in records.items()})
        (found,) = await mx_and_ptr.ptr(ZONE, asked)
        assert found.verdict is verdict
        assert found.subject == "192.0.2.25"

    async def test_of_something_that_is_no_address_are_not_judged(self) -> None:
        (found,) = await mx_and_ptr.ptr(replace(ZONE, ips=("mail.example",)), table())
        assert (found.verdict, found.code) == (SKIP, Code.PTR_NO_VALUE)
        assert "domain.sending_ips" in found.remedy


class TestPostalsView:
    """A key that receivers find and Postal does not."""

    @pytest.mark.parametrize(
        ("key", "verdict"),
        [
            (Answer("k", "TXT", "answer", (b"v=DKIM1; p=AAAA;",), authoritative=True), PASS),
            (Answer("k", "TXT", "nodata"), WARN),
            (Answer("k", "TXT", "nodata", chain=("key.example.net",), authoritative=True), WARN),
            (Answer("k", "TXT", "failed", words="lost"), PASS),
        ],
        ids=["in the zone", "behind a delegation", "behind a CNAME", "silence"],
    )
    async def test_ends_at_the_zones_own_servers(self, key: Answer, verdict: Verdict) -> None:
        records = {
            "example__com_TXT": ["v=spf1 include:spf.postal.example.net ~all"],
            "postal-a1b2c3._domainkey.example.com_TXT": ["v=DKIM1; p=AAAA;"],
        }
        ask = table(**records)

        async def versions(name: str, kind: str) -> tuple[Version, ...]:
            raw = key if "_domainkey" in name else replace(await ask(name, kind), authoritative=True)
            return (Version("ns1.test", ("192.0.2.1", 53), raw, raw),)

        found = await postal_view.check(ZONE, ask, versions)
        assert found.verdict is verdict
        assert any("delegation" in line for line in found.evidence) is (verdict is WARN)
