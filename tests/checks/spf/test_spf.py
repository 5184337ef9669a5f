"""SPF beyond the verdict: what matched, what was counted, who is to blame, what is asked and how often."""

from __future__ import annotations

from typing import Final

import pytest

from tests.checks.spf.spf_zone import HELO, judged, record
from wizard.checks.spf.evaluate import evaluate
from wizard.checks.spf.record import select
from wizard.model.spf import Void

FOUR: Final = "192.0.2.25"
SIX: Final = "2001:db8::25"


class TestTheMatch:
    def test_the_term_and_the_includes_walked_to_it_are_told(self) -> None:
        entries = record(
            "v=spf1 include:one.example -all",
            one_example__TXT="v=spf1 redirect=two.example",
            two_example__TXT="v=spf1 +IP4:192.0.2.0/24 ?all",
        )
        evaluation = judged(entries, FOUR)
        assert evaluation.match == "+IP4:192.0.2.0/24"
        assert evaluation.path == ("include:one.example", "redirect=two.example", "+IP4:192.0.2.0/24")
        assert evaluation.record == "v=spf1 include:one.example -all"
        assert (evaluation.result, evaluation.terms, evaluation.voids) == ("pass", 2, ())

    def test_the_qualifier_of_the_include_decides_not_that_inside(self) -> None:
        entries = record("v=spf1 -include:one.example ?all", one_example__TXT="v=spf1 +all")
        assert judged(entries, FOUR).result == "fail"

    def test_no_match_is_neutral_without_a_term(self) -> None:
        evaluation = judged(record("v=spf1 ip4:203.0.113.1"), FOUR)
        assert (evaluation.result, evaluation.match, evaluation.path) == ("neutral", "", ())

    def test_no_record_is_none(self) -> None:
        assert judged({}, FOUR).result == "none"

    @pytest.mark.parametrize("domain", ["localhost", "", "a..example.com", "x" * 64 + ".example.com", "[192.0.2.1]."])
    def test_a_malformed_domain_is_none_without_a_question(self, domain: str) -> None:
        evaluation = evaluate(domain.removesuffix("."), FOUR, sender=f"a@{domain}", helo=HELO, replies={})
        if domain.startswith("["):  # a domain literal has four labels: asking does no harm
            assert evaluation.needed == {("[192.0.2.1]", "TXT")}
        else:
            assert (evaluation.result, evaluation.needed) == ("none", frozenset())

    def test_only_the_lookups_up_to_the_match_count(self) -> None:
        entries = record("v=spf1 a ip4:192.0.2.0/24 mx exists:x.example.com -all", example_com__A="203.0.113.1")
        assert judged(entries, FOUR).terms == 1


class TestTheRecord:
    def test_450_characters_are_fine(self) -> None:
        text = "v=spf1 " + " ".join(f"ip4:203.0.113.{at}" for at in range(100, 125)) + " ip4:192.0.2.25 -all"
        assert 450 < len(text) < 512
        assert judged(record(text), FOUR).result == "pass"

    @pytest.mark.parametrize("text", ["V=SPF1 ALL", "v=spf1 iP4:192.0.2.25", "v=spf1  A:One.Example -all  "])
    def test_names_are_case_insensitive(self, text: str) -> None:
        assert judged(record(text, one_example__A=FOUR), FOUR).result == "pass"

    @pytest.mark.parametrize("text", [b"v=spf10 -all", b"v=spf1\t-all", b"xv=spf1 -all", b" v=spf1", b"v=spf1\n", b""])
    def test_other_texts_are_no_spf_records(self, text: bytes) -> None:
        assert select([text, b"v=spf1", b"V=SPF1 a"]) == [b"v=spf1", b"V=SPF1 a"]

    def test_two_records_are_a_permerror_that_says_so(self) -> None:
        evaluation = judged(record(["v=spf1 a", "v=spf1 mx", "other"]), FOUR)
        assert (evaluation.result, evaluation.problem) == (
            "permerror",
            "example.com has 2 SPF records, one is allowed",
        )

    @pytest.mark.parametrize(
        ("term", "said"),
        [
            ("a:192.0.2.1", "an address belongs in ip4, not in a"),
            ("ipv4:192.0.2.1", "no such mechanism (it is ip4)"),
            ("redirect:x.example", "no such mechanism (it is a modifier: redirect=)"),
            ("ip4:192.0.2.1/33", "/33 is not a prefix length from 0 to 32"),
            ("ip4:192.0.2.300", "not an IPv4 address"),
            ("ip6:fe80::1%eth0", "not an IPv6 address"),
            ("include", "the name is missing"),
            ("exists:x.example/24", "the name must have two labels at least and end in a top-level label or a macro"),
            ("all:x", "nothing may follow all"),
            ("ptr/24", "/24 is not allowed after ptr"),
            ("a:%{x}.example", "%{x} is not a macro"),
            ("a:%{c}.example", "%{c} is allowed in explanation texts only"),
            ("moo=%", "a % must be followed by {, %, _ or -"),
            ("-\u2013all", "only visible ASCII characters are allowed"),
        ],
    )
    def test_a_syntax_error_behind_the_match_is_a_permerror_that_names_the_term(self, term: str, said: str) -> None:
        evaluation = judged(record(f"v=spf1 +all {term}"), FOUR)
        shown = term.encode().decode("ascii", "backslashreplace")
        assert evaluation.result == "permerror"
        assert evaluation.problem == f"example.com has a syntax error: {shown}: {said}"
        assert [node.state for node in evaluation.tree.terms] == ["not reached", "error"]

    @pytest.mark.parametrize("pair", ["redirect=a.example redirect=a.example", "exp=a.example EXP=b.example"])
    def test_redirect_and_exp_may_stand_there_once(self, pair: str) -> None:
        assert "is there twice" in judged(record(f"v=spf1 {pair} -all"), FOUR).problem

    def test_a_redirect_is_ignored_where_all_stands(self) -> None:
        evaluation = judged(record("v=spf1 redirect=gone.example -all"), FOUR)
        assert (evaluation.result, evaluation.terms) == ("fail", 0)


class TestTheLimits:
    def test_postals_own_suggestion_is_a_permerror_for_ipv6_alone(self) -> None:
        entries = record(
            "v=spf1 a mx include:spf.postal.example ~all",
            example_com__A="203.0.113.1",
            example_com__MX=[(10, "mx1.example.com"), (20, "MX2.example.com.")],
            mx1_example_com__A="203.0.113.2",
            mx2_example_com__A=["203.0.113.3"],
            spf_postal_example__TXT="v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 -all",
        )
        assert judged(entries, FOUR).result == "pass"
        evaluation = judged(entries, SIX)
        assert evaluation.result == "permerror"
        assert evaluation.voids == (
            Void("a", "example.com", "AAAA"),
            Void("mx", "mx1.example.com", "AAAA"),
            Void("mx", "mx2.example.com", "AAAA"),
        )
        assert evaluation.problem.endswith("and that is the third look-up to find nothing, 2 are allowed")

    def test_the_same_question_that_finds_nothing_counts_each_time(self) -> None:
        assert len(judged(record("v=spf1 a a ?all"), FOUR).voids) == 2
        assert judged(record("v=spf1 a a a ?all"), FOUR).result == "permerror"

    def test_the_eleventh_term_is_named(self) -> None:
        evaluation = judged(record(f"v=spf1 {'a:x.example ' * 11} -all", x_example__A="203.0.113.1"), FOUR)
        assert evaluation.result == "permerror"
        assert evaluation.problem == ("a:x.example at example.com is the 11th term that queries DNS, 10 are allowed")

    @pytest.mark.parametrize(("size", "result"), [(10, "pass"), (11, "permerror")])
    def test_an_mx_may_have_ten_hosts(self, size: int, result: str) -> None:
        hosts = [(at, f"h{at}.example.com") for at in range(size)]
        entries = record("v=spf1 mx -all") | {f"{host} A": FOUR for _, host in hosts} | {"example.com MX": hosts}
        evaluation = judged(entries, FOUR)
        assert evaluation.result == result
        assert ("has 11 MX records" in evaluation.problem) == (size == 11)

    @pytest.mark.parametrize(("place", "result"), [(9, "pass"), (10, "fail")])
    def test_of_the_names_of_the_sending_ip_ten_are_looked_at(self, place: int, result: str) -> None:
        names = [f"h{at}.example.net" for at in range(11)]
        names[place] = "h.example.com"
        entries = record("v=spf1 ptr -all") | {f"{name} A": FOUR for name in names}
        entries["25.2.0.192.in-addr.arpa PTR"] = names
        assert judged(entries, FOUR).result == result

    @pytest.mark.parametrize("term", ["include:example.com", "redirect=EXAMPLE.com.", "include:%{d}"])
    def test_a_loop_is_called_a_loop(self, term: str) -> None:
        evaluation = judged(record(f"v=spf1 {term}"), FOUR)
        assert evaluation.result == "permerror"
        assert evaluation.problem == f"{term} at example.com is a loop: it leads back to example.com"


class TestErrorsOfDns:
    @pytest.mark.parametrize("question", ["example.com TXT", "one.example TXT", "example.com A", "x.example A"])
    def test_a_look_up_without_an_answer_is_a_temperror(self, question: str) -> None:
        entries = record(
            "v=spf1 a include:one.example exists:x.example -all",
            example_com__A="203.0.113.1",
            one_example__TXT="v=spf1 -all",
        )
        evaluation = judged(entries | {question: None}, FOUR)
        name, kind = question.split()
        assert evaluation.result == "temperror"
        assert evaluation.problem.endswith(f"the {kind} look-up of {name} got no usable answer")

    def test_it_does_not_matter_where_it_is_not_needed(self) -> None:
        entries = record("v=spf1 ip4:192.0.2.25 a mx -all") | {"example.com A": None, "example.com MX": None}
        assert judged(entries, FOUR).result == "pass"

    def test_an_include_without_a_record_is_a_permerror(self) -> None:
        evaluation = judged(record("v=spf1 include:gone.example -all"), FOUR)
        assert evaluation.result == "permerror"
        assert evaluation.problem == (
            "include:gone.example at example.com leads to gone.example, which has no SPF record"
        )
        assert evaluation.voids == (Void("include:gone.example", "gone.example", "TXT"),)
