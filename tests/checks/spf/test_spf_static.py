"""What SPF asks, how often, what its whole tree holds, and what a hostile one costs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.checks.spf.spf_zone import HELO, SENDER, answer, judged, record, settle, zone
from wizard.checks.spf.evaluate import evaluate
from wizard.checks.spf.record import parse
from wizard.checks.spf.survey import prefetch, whole

if TYPE_CHECKING:
    from wizard.checks.spf.types import Reply
    from wizard.model.spf import Key

FOUR: Final = "192.0.2.25"
SIX: Final = "2001:db8::25"


class TestQuestions:
    def test_the_first_question_is_for_the_record_alone(self) -> None:
        assert prefetch("Example.com.", [FOUR], sender=SENDER, helo=HELO, replies={}) == {("example.com", "TXT")}

    def test_everything_independent_is_asked_in_one_round_for_the_families_in_use(self) -> None:
        replies = zone(
            record("v=spf1 a mx:m.example exists:%{ir}.x.example a:%{h} include:one.example ptr ~all a:never.example")
        )
        wanted = prefetch("example.com", [FOUR, "192.0.2.26"], sender=SENDER, helo=HELO, replies=replies)
        assert wanted == {
            ("example.com", "A"),
            ("m.example", "MX"),
            ("25.2.0.192.x.example", "A"),
            ("26.2.0.192.x.example", "A"),
            (HELO, "A"),
            ("one.example", "TXT"),
            ("25.2.0.192.in-addr.arpa", "PTR"),
            ("26.2.0.192.in-addr.arpa", "PTR"),
        }
        both = prefetch("example.com", [FOUR, SIX], sender=SENDER, helo=HELO, replies=replies)
        assert {("example.com", "A"), ("example.com", "AAAA"), (HELO, "AAAA")} <= both

    @pytest.mark.parametrize("depth", range(9))
    def test_an_include_chain_of_depth_d_costs_d_and_one_rounds(self, depth: int) -> None:
        entries = record("v=spf1 include:r1.example a -all" if depth else "v=spf1 ip4:192.0.2.25 -all")
        entries |= {f"r{at}.example TXT": f"v=spf1 include:r{at + 1}.example -all" for at in range(1, depth)}
        entries |= {f"r{depth}.example TXT": "v=spf1 ip4:192.0.2.25 -all"} if depth else {}
        replies = zone(entries)
        evaluation, rounds = settle(lambda key: answer(replies, key), FOUR)
        assert (evaluation.result, evaluation.terms) == ("pass", depth)
        assert rounds <= depth + 1

    def test_after_the_survey_the_evaluation_asks_nothing_more(self) -> None:
        entries = record(
            "v=spf1 mx exists:%{p}.x.example include:one.example -all",
            example_com__MX=[(1, "m.example")],
            m_example__A="203.0.113.1",
            m_example__AAAA="2001:db8::1",
            one_example__TXT="v=spf1 ptr -all",
        )
        held = zone(entries)
        replies: dict[Key, Reply] = {}
        rounds = 0
        while wanted := prefetch("example.com", [FOUR, SIX], sender=SENDER, helo=HELO, replies=replies):
            replies |= {key: answer(held, key) for key in wanted}
            rounds += 1
        assert rounds == 3
        for ip in (FOUR, SIX):
            assert evaluate("example.com", ip, sender=SENDER, helo=HELO, replies=replies).needed == frozenset()

    def test_loops_end_and_a_broad_tree_is_asked_sixty_questions_at_most(self) -> None:
        loop = "v=spf1 include:example.com " + " ".join(f"include:w%d{at}.example" for at in range(9))
        entries = record(loop.replace("%d", "")) | {
            f"w{at}.example TXT": loop.replace("%d", str(at)) for at in range(999)
        }
        held = zone(entries)
        replies: dict[Key, Reply] = {}
        while wanted := prefetch("example.com", [FOUR], sender=SENDER, helo=HELO, replies=replies):
            replies |= {key: answer(held, key) for key in wanted}
        assert len(replies) == 60
        assert "is a loop" in whole("example.com", held).problem


class TestTheWholeTree:
    def test_terms_behind_a_match_count_and_those_behind_all_do_not(self) -> None:
        replies = zone(
            record(
                "v=spf1 ip4:192.0.2.25 a include:one.example include:one.example mx -all a:x.example redirect=y.x",
                one_example__TXT="v=spf1 exists:%{i}.x.example ptr redirect=two.example",
                two_example__TXT="v=spf1 -all",
            )
        )
        found = whole("example.com", replies)
        assert (found.terms, found.problem) == (10, "")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("v=spf1 moo -all", "one.example has a syntax error: moo: no such mechanism"),
            (
                "v=spf1 include:example.com",
                "include:example.com at one.example is a loop: it leads back to example.com",
            ),
            ("v=spf1 redirect=b.x", "redirect=b.x at one.example leads to b.x, which has no SPF record"),
            (["v=spf1 -all", "v=spf1 a"], "one.example has 2 SPF records, one is allowed"),
            ([], "include:one.example at example.com leads to one.example, which has no SPF record"),
        ],
    )
    def test_faults_behind_a_match_are_found(self, text: Any, problem: str) -> None:
        entries = record("v=spf1 ip4:192.0.2.25 include:one.example -all", one_example__TXT=text, b_x__TXT=[])
        assert judged(entries, FOUR).result == "pass"
        assert whole("example.com", zone(entries)).problem == problem

    def test_a_tree_that_branches_tenfold_at_every_level_is_walked_once_a_name(self) -> None:
        entries = record("v=spf1 " + "include:l1.example " * 10)
        entries |= {f"l{at}.example TXT": "v=spf1 " + f"include:l{at + 1}.example " * 10 for at in range(1, 12)}
        assert whole("example.com", zone(entries)).terms == sum(10**at for at in range(1, 13))

    @pytest.mark.parametrize("more", [{}, {"one_example__TXT": None}])
    def test_a_missing_or_failed_reply_is_no_problem_of_the_record(self, more: dict[str, Any]) -> None:
        found = whole("example.com", zone(record("v=spf1 include:one.example -all", **more)))
        assert (found.terms, found.problem) == (1, "")

    def test_a_target_that_depends_on_the_sender_counts_without_being_followed(self) -> None:
        assert whole("example.com", zone(record("v=spf1 include:%{l}.x.example -all"))).terms == 1


class TestTime:
    def test_a_usual_zone_takes_less_than_five_milliseconds(self) -> None:
        entries = record(
            "v=spf1 a mx include:one.example include:two.example ~all",
            example_com__A="203.0.113.1",
            example_com__AAAA="2001:db8:1::1",
            example_com__MX=[(10, "m.example")],
            m_example__A="203.0.113.2",
            m_example__AAAA="2001:db8:1::2",
            one_example__TXT="v=spf1 " + " ".join(f"ip4:198.51.100.{at}" for at in range(30)) + " -all",
            two_example__TXT="v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 -all",
        )
        replies = zone(entries)

        def once() -> float:
            parse.cache_clear()
            begun = time.process_time()
            for ip in (FOUR, SIX):
                assert evaluate("example.com", ip, sender=SENDER, helo=HELO, replies=replies).result == "pass"
            assert not prefetch("example.com", [FOUR, SIX], sender=SENDER, helo=HELO, replies=replies)
            return time.process_time() - begun

        assert min(once() for _ in range(5)) < 0.005

    @pytest.mark.parametrize(
        "text",
        [
            "v=spf1 " + "ip4:203.0.113.1 " * 3200,
            "v=spf1 " + "a " * 25000,
            "v=spf1 exists:" + "%{l1r-+}" * 6000,
            "v=spf1 exists:" + "%{" * 25000,
            "v=spf1 a:" + "a." * 25000 + "com",
            "v=spf1 a:" + "-" * 51000 + "/" * 300,
            "v=spf1 moo=" + "%%" * 25000,
            "v=spf1 a/" + "1" * 51000,
            "v=spf1 exists:%{d" + "9" * 51000 + "}.x.example",
            "v=spf1 " + " " * 51000 + "-all",
            "v=spf1 ip6:" + ":" * 51000,
        ],
        ids=lambda text: text[:24],
    )
    def test_a_record_of_51_kilobytes_costs_a_moment(self, text: str) -> None:
        held = zone(record(text, example_com__A="203.0.113.1"))
        begun = time.process_time()
        evaluation, _ = settle(lambda key: answer(held, key), FOUR, sender="a-b-c" * 12 + "@example.com")
        assert whole("example.com", held).terms >= 0
        assert evaluation.result is not None
        assert time.process_time() - begun < 1.0

    def test_a_tree_of_long_records_costs_a_moment(self) -> None:
        onward = " ".join(f"include:w{at}.example" for at in range(10))
        entries = record("v=spf1 " + onward)
        for at in range(40):
            onward = " ".join(f"include:w{at * 10 + below}.example" for below in range(10))
            texts = " ".join(f"a:x{at}-{term}.example" for term in range(2500))
            entries[f"w{at}.example TXT"] = f"v=spf1 {onward} {texts}"
        held = zone(entries)
        begun = time.process_time()
        assert settle(lambda key: answer(held, key), FOUR)[0].result == "permerror"
        assert whole("example.com", held).terms > 10000
        assert time.process_time() - begun < 5

    def test_two_hundred_records_cost_a_moment(self) -> None:
        held = zone({"example.com TXT": ["v=spf1 " + "a " * 2000] * 200})
        begun = time.process_time()
        assert settle(lambda key: answer(held, key), FOUR)[0].result == "permerror"
        assert time.process_time() - begun < 0.5
