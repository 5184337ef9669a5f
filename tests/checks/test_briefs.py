"""The few words of a row: every outcome has its own, they fit, and genuine findings read well."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.checks import test_received as headers
from tests.checks.config.test_codes import RIGHT, judged, write
from tests.checks.dns import test_delivered as delivered
from tests.checks.smtp.test_verdicts import against
from wizard.checks import received
from wizard.checks.briefs import MOST_CELLS, MOST_WORDS, NAMED, NEEDS, WORDS, brief
from wizard.checks.registry import name
from wizard.model.codes import Code
from wizard.model.details import Login, PageStatus, Published, ServiceRows
from wizard.model.draft import App, Draft
from wizard.model.finding import Finding, Verdict
from wizard.rehearsal import scenarios
from wizard.system.ascii import columns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CODES: Final = list(Code)
DNS_ROWS: Final = {row["name"]: row for row in delivered.ROWS}


def fits(text: str) -> bool:
    return (
        2 <= len(text.split()) <= MOST_WORDS
        and sum(map(columns, text)) <= MOST_CELLS
        and not text.endswith((".", ":", ","))
    )


def rows(findings: Iterable[Finding]) -> list[str]:
    """Return the rows as an operator reads them: verdict word, human name, words."""
    return [f"{one.verdict.word:<5}{name(one.check):<19}{brief(one)}" for one in findings]


class TestTheTable:
    @pytest.mark.parametrize("code", CODES, ids=[str(code) for code in CODES])
    def test_every_outcome_has_words_that_fit_and_do_not_repeat_the_name(self, code: Code) -> None:
        words = WORDS[code]
        assert fits(words)
        assert not re.search(rf"\b{re.escape(name(code.check))}\b", words, re.IGNORECASE)
        assert str(code) not in words

    def test_what_a_check_needs_fits_too(self) -> None:
        assert [words for words in NEEDS.values() if not fits(words)] == []

    def test_no_two_outcomes_of_a_check_have_the_same_words(self) -> None:
        counted = Counter((code.check, words) for code, words in WORDS.items())
        assert [one for one, times in counted.items() if times > 1] == []

    def test_a_pattern_names_only_what_a_finding_can_give(self) -> None:
        known = {"subject", "server", "seconds", "allowed", "missed", "signed", "envelope", "row", "orange"}
        assert {field for pattern in NAMED.values() for field in re.findall(r"{(\w*)}", pattern)} == known


class TestGenuineFindings:
    async def test_of_a_domain_that_is_right_name_what_was_proven(self) -> None:
        row = DNS_ROWS["00-good"]
        found = await delivered.judged(row, delivered.draft(**delivered.stored(row)))
        assert rows(found.values()) == [
            "OK   Domain             acme.example exists",
            "OK   Domain proof       published at acme.example",
            "OK   SPF (From)         acme.example allows 192.0.2.25",
            "OK   SPF (envelope)     psrp.acme.example allows 192.0.2.25",
            "OK   DKIM key           published as Postal shows it",
            "OK   DMARC              policy is enforced, with reports",
            "OK   DMARC result       passes by DKIM, signed as acme.example",
            "OK   Return path        psrp.acme.example leads to Postal",
            "OK   Bounce address MX  its mail host has an address",
            "OK   MX                 acme.example has a mail host",
            "FAIL Reverse name       not published for 192.0.2.25",
            "OK   Postal's page      every record is right there",
        ]

    @pytest.mark.parametrize(
        ("zone", "check", "words"),
        [
            ("30-dkim-doubled-name", "dkim", "published with the domain twice"),
            ("30-dkim-doubled-name", "postal_view", 'says "DKIM Missing"'),
            ("97-stale-ok-both-removed", "postal_view", 'will soon say "DKIM Missing"'),
            ("12-spf-minus-all-first", "spf_from", "acme.example does not allow 192.0.2.25"),
            ("22-dkim-wrong-key", "alignment", "passes only by SPF, at psrp.acme.example"),
            ("40-psrp-missing", "return_path", "not published"),
        ],
    )
    async def test_of_a_recorded_zone_say_what_is_wrong(self, zone: str, check: str, words: str) -> None:
        row = DNS_ROWS[zone]
        found = await delivered.judged(row, delivered.draft(**delivered.stored(row)))
        assert brief(found[check]) == words

    async def test_every_recorded_zone_has_rows_that_fit(self) -> None:
        for row in delivered.ROWS:
            found = await delivered.judged(row, delivered.draft(**delivered.stored(row)))
            assert [one for one in found.values() if not fits(brief(one))] == []

    async def test_without_postals_values_name_the_one_that_is_missing(self) -> None:
        sparse = Draft(app=App(from_="GlitchTip <glitchtip@acme.example>"))
        found = await delivered.judged(DNS_ROWS["00-good"], sparse)
        assert {check: brief(one) for check, one in found.items() if one.verdict is Verdict.SKIP} == {
            "ownership": "needs the text that Postal shows",
            "spf_from": "needs the sending addresses",
            "spf_mailfrom": "needs Postal's return-path host",
            "dkim": "needs the selector that Postal shows",
            "alignment": "needs the selector that Postal shows",
            "return_path": "needs Postal's return-path host",
            "rp_mx": "needs Postal's return-path host",
            "ptr": "needs the sending addresses",
            "postal_view": "needs Postal's SPF host",
        }

    async def test_of_the_dialogue_name_address_and_mail_server(self) -> None:
        findings, _postal = await against(scenarios.state("good"), send=True)
        assert [re.sub(r":\d+$", ":PORT", row) for row in rows(findings)] == [
            "-    Address            given as a number",
            "OK   Connection         127.0.0.1: port open",
            "OK   Greeting           Postal answers at 127.0.0.1:PORT",
            "OK   Encryption         none, on a private network",
            "OK   Login              Postal takes the key: shop/apps",
            "OK   User name          shop/apps works at first try",
            "OK   Recipient          you@example.net is accepted",
            "OK   Test mail          accepted from glitchtip@shop.example",
        ]

    async def test_of_a_refused_key_say_so_and_what_was_not_reached(self) -> None:
        findings, _postal = await against(scenarios.state("good"), key="Aa0Bb1Cc2Dd3Ee4Ff5Gg6Hh7")
        assert rows(findings)[4:6] == [
            "FAIL Login              Postal refuses the key",
            "-    User name          not reached",
        ]

    async def test_of_the_project_name_the_service_and_the_variable(self, tmp_path: Path) -> None:
        write(tmp_path, *RIGHT, "EMAIL_HOST: smtp.example.com", "EMAIL_HOST_FILE: /run/secrets/host")
        found = {one.check: brief(one) for one in await judged(tmp_path)}
        assert found["compose"] == "web: gets EMAIL_URL and DEFAULT_FROM_EMAIL"
        assert re.search(r"\bEMAIL_HOST", found["environment"])
        assert found["git"] == "nothing for it to publish"

    def test_of_a_received_mail_say_who_signed_it(self) -> None:
        assert rows(received.judge(headers.GOOD, headers.DRAFT)) == [
            "OK   Headers            DKIM: example.com signed, verified",
            "OK   Headers            SPF: passed",
            "OK   Headers            DMARC: passed",
            "OK   Headers            return path at the own domain",
            "OK   Headers            way: no hop was slow",
        ]


class TestValues:
    def test_what_does_not_fit_leaves_the_words_alone(self) -> None:
        long = "a-very-long-label-of-a-domain.in-a-long-zone.example"
        assert brief(Finding.ok(Code.DOMAIN_EXISTS, long, "x")) == "exists in the DNS"
        assert (
            brief(Finding.ok(Code.DOMAIN_EXISTS, "例え.例え.例え.例え.例え.例え.例え.例え", "x")) == "exists in the DNS"
        )

    def test_a_value_that_is_not_known_leaves_the_words_alone(self) -> None:
        granted = Finding.ok(Code.AUTH_GRANTED, "a/b", "x", detail=Login(None, "a/b", "PLAIN"))
        assert brief(granted) == "the key is accepted"
        assert brief(Finding.warn(Code.DKIM_STALE, "x.example", "x")) == "published, resolver has old answer"
        assert brief(Finding.warn(Code.POSTAL_VIEW_OBJECTS, "x", "x", detail=PageStatus(()))) == "objects to a record"
        assert brief(Finding.warn(Code.ENVIRONMENT_DEAD, "web", "x", detail=ServiceRows(()))) == (
            "web: a variable is never read"
        )

    def test_an_old_answer_has_its_seconds(self) -> None:
        stale = Finding.warn(Code.DKIM_STALE, "x.example", "x", detail=Published(stale=299.6))
        assert brief(stale) == "published, old answer for 300 s"

    def test_nothing_that_a_terminal_acts_on_is_in_a_row(self) -> None:
        login = Login("a\x1b[2J/b", "u", "PLAIN")
        assert brief(Finding.ok(Code.AUTH_GRANTED, "u", "x", detail=login)) == r"Postal takes the key: a\x1b[2J/b"
        assert "\x1b" not in brief(Finding.fail(Code.CONTAINER_EXITED, "we\x1bb", "x"))

    def test_a_value_with_braces_stays_as_it_is(self) -> None:
        assert brief(Finding.ok(Code.DOMAIN_EXISTS, "{server}.example", "x")) == "{server}.example exists"

    def test_docker_is_not_taken_for_a_service(self) -> None:
        assert brief(Finding.skip(Code.CONTAINER_NO_ACCESS, "docker", "x")) == "no permission to ask docker"


class TestWithoutACode:
    @pytest.mark.parametrize(
        ("summary", "words"),
        [
            ("The port is closed: nothing listens there.", "The port is closed"),
            ("Wrong, as a whole.", "Wrong, as a whole"),
            ("The resolver gave no answer that anybody could have used", "The resolver gave no answer that…"),
            ("Unbelievably longwinded characterisations, everywhere", "Unbelievably longwinded characterisations"),
            ("Unbelievably longwinded characterisations everywhere", "Unbelievably longwinded characterisations…"),
            ("Counterrevolutionaries of internationalisation itself", "Counterrevolutionaries of…"),
            ("x" * 60, "x" * 43 + "…"),
            ("Wrong.", "Wrong"),
        ],
    )
    def test_the_summarys_first_clause_is_cut_at_a_word(self, summary: str, words: str) -> None:
        found = Finding("dkim", "x.example", Verdict.FAIL, summary)
        assert brief(found) == words
