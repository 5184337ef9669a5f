"""The record to publish: Postal passes by it, and everybody who passed before still does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.spf.spf_zone import answer, record, settle, zone
from wizard.checks.spf.repair import repaired

if TYPE_CHECKING:
    from collections.abc import Sequence

POSTAL: Final = "192.0.2.25"
INCLUDE: Final = "include:spf.postal.example"
OTHERS: Final = {
    "spf_postal_example__TXT": f"v=spf1 ip4:{POSTAL} -all",
    "spf_office_example__TXT": "v=spf1 ip4:198.51.100.1 ~all",
    "spf_news_example__TXT": "v=spf1 ip4:198.51.100.2 -all",
    "example_com__A": "198.51.100.3",
    "example_com__MX": [(1, "mx.example.com")],
    "mx_example_com__A": "198.51.100.4",
}
SENDERS: Final = (*(f"198.51.100.{number}" for number in range(1, 8)), POSTAL, "203.0.113.9")


def made(*texts: str, without: Sequence[str] = ()) -> str:
    return repaired([text.encode() for text in texts], [INCLUDE], without).text


def result(texts: list[str], ip: str) -> str | None:
    replies = zone(record(texts, **OTHERS))
    return settle(lambda key: answer(replies, key), ip)[0].result


@pytest.mark.parametrize(
    ("texts", "should_be"),
    [
        ([], f"v=spf1 {INCLUDE} ~all"),
        (["v=spf1"], f"v=spf1 {INCLUDE} ~all"),
        (["v=spf1 a mx -all"], f"v=spf1 {INCLUDE} a mx -all"),
        (["v=spf1 include:spf.office.example", "v=spf1 a ~all"], f"v=spf1 {INCLUDE} include:spf.office.example a ~all"),
        (["v=spf1 a -all", "v=spf1 mx -all"], f"v=spf1 {INCLUDE} a mx -all"),
        (["v=spf1 a -all", "v=spf1 mx ~all"], f"v=spf1 {INCLUDE} a mx ~all"),
        (["v=spf1 a +all"], f"v=spf1 {INCLUDE} a ~all"),
        (["v=spf1 a all"], f"v=spf1 {INCLUDE} a ~all"),
        (["v=spf1 -all a"], f"v=spf1 {INCLUDE} a -all"),
        (["v=spf1 redirect=spf.office.example"], f"v=spf1 {INCLUDE} redirect=spf.office.example"),
        (
            ["v=spf1 redirect=spf.office.example", "v=spf1 a -all"],
            f"v=spf1 {INCLUDE} a include:spf.office.example -all",
        ),
        (["v=spf1 a INCLUDE:spf.Postal.example ~all"], f"v=spf1 {INCLUDE} a ~all"),
        (["v=spf1 a exp=why.example.com -all"], f"v=spf1 {INCLUDE} a -all exp=why.example.com"),
    ],
)
def test_it_is_one_record_with_all_that_is_there(texts: list[str], should_be: str) -> None:
    assert made(*texts) == should_be


def test_what_cannot_be_read_is_left_out_and_named() -> None:
    one = repaired([b"v=spf1 ipv4:192.0.2.1 a include:nowhere.example"], [INCLUDE], ["include:nowhere.example"])
    assert (one.text, one.left_out) == (f"v=spf1 {INCLUDE} a ~all", ("ipv4:192.0.2.1", "include:nowhere.example"))


TERMS: Final = st.sampled_from(
    ["a", "mx", "include:spf.office.example", "include:spf.news.example", "ip4:198.51.100.5", "ip4:198.51.100.6/31"]
)
ENDS: Final = st.sampled_from(["", "~all", "-all", "?all", "redirect=spf.office.example"])
RECORDS: Final = st.builds(
    lambda terms, end: " ".join(["v=spf1", *terms, *filter(None, [end])]), st.lists(TERMS, max_size=5), ENDS
)


@given(st.lists(RECORDS, min_size=1, max_size=3))
def test_postal_passes_and_so_does_everybody_who_passed_by_one_of_them(texts: list[str]) -> None:
    one = made(*texts)
    assert result([one], POSTAL) == "pass"
    for ip in SENDERS:
        if any(result([text], ip) == "pass" for text in texts):
            assert result([one], ip) == "pass", (texts, one, ip)
    assert result([one], "203.0.113.9") != "pass"
