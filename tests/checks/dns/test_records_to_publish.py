"""A record that is offered to be published: published as it is, its fault is gone, and nobody's mail is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.checks.dns.test_near_misses import ALL, Near, judged
from tests.checks.dns.zones import txt
from wizard.model.codes import Check, Code
from wizard.model.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

OFFICE: Final = "include:office.shop.test"

SENT_FROM: Final = txt("office", "v=spf1 ip4:198.51.100.1 ~all")


def spf(*texts: str) -> Near:
    return Near("SPF", Code.SPF_FROM_SEVERAL, {"spf": "\n".join([*(txt("@", text) for text in texts), SENT_FROM])})


def of(check: Check, found: Iterable[Finding]) -> Finding:
    return next(one for one in found if one.check is check)


def published(near: Near, record: str, value: str) -> Near:
    name = {"spf": "@", "dmarc": "_dmarc"}[record]
    return Near(near.what, near.code, near.records | {record: txt(name, value)}, values=near.values)


async def shown(near: Near, check: Check = Check.SPF_FROM) -> str:
    record = of(check, await judged(near)).record
    assert record is not None
    return record.value


KEPT: Final = [
    one
    for one in ALL
    if set(one.records) in ({"spf"}, {"dmarc"})
    and one.code.check in {Check.SPF_FROM, Check.DMARC}
    and one.code is not Code.SPF_FROM_POSTAL_DEFAULTS  # nothing that the domain publishes helps
]


@pytest.mark.parametrize("near", KEPT, ids=[one.what for one in KEPT])
async def test_what_is_published_as_it_is_shown_is_right_then(near: Near) -> None:
    (record,) = near.records
    value = await shown(near, near.code.check)
    after = of(near.code.check, await judged(published(near, record, value)))
    milder = {Code.DMARC_NOT_ENFORCED} if record == "dmarc" else set()
    assert after.verdict is Verdict.PASS or after.code in milder, (near.records, value, after.summary)


@pytest.mark.parametrize(
    ("texts", "should_be"),
    [
        ((f"v=spf1 {OFFICE} ~all", "v=spf1 include:spf.postal.test ~all"), f"include:spf.postal.test {OFFICE} ~all"),
        ((f"v=spf1; {OFFICE} ~all",), f"include:spf.postal.test {OFFICE} ~all"),
        ((f'"v=spf1 {OFFICE} ~all"',), f"include:spf.postal.test {OFFICE} ~all"),
        ((f"spf: v=spf1 {OFFICE} ~all",), f"include:spf.postal.test {OFFICE} ~all"),
        ((f"v=spf1 ip4:198.51.100.300 {OFFICE} -all",), f"include:spf.postal.test {OFFICE} -all"),
        ((f"v=spf1 ip4:0.0.0.0/0 {OFFICE} -all",), f"include:spf.postal.test {OFFICE} -all"),
        ((f"v=spf1 {OFFICE} +all",), f"include:spf.postal.test {OFFICE} ~all"),
        ((f"v=spf1 a mx {OFFICE} ~all",), f"include:spf.postal.test a mx {OFFICE} ~all"),
        ((f"v=spf1 include:nothing.shop.test {OFFICE} ~all",), f"include:spf.postal.test {OFFICE} ~all"),
    ],
)
async def test_what_others_send_by_is_kept(texts: tuple[str, ...], should_be: str) -> None:
    assert await shown(spf(*texts)) == f"v=spf1 {should_be}"


async def test_a_record_at_the_doubled_name_is_moved_with_what_others_send_by() -> None:
    doubled = txt("shop.test.shop.test.", f"v=spf1 {OFFICE} include:spf.postal.test -all")
    near = Near("", Code.SPF_FROM_DOUBLED_NAME, {"spf": doubled})
    assert await shown(near) == f"v=spf1 include:spf.postal.test {OFFICE} -all"


async def test_what_is_left_out_is_named() -> None:
    found = of(Check.SPF_FROM, await judged(spf(f"v=spf1 ip4:198.51.100.300 {OFFICE} -all")))
    assert "The record below leaves out ip4:198.51.100.300." in found.remedy


async def test_the_term_that_is_one_too_many_is_kept() -> None:
    terms = " ".join([*(f"a:{number}.shop.test" for number in range(8)), "mx", "a", OFFICE])
    near = spf(f"v=spf1 {terms} -all")
    hosts = [f"{number} A 198.51.100.{number + 10}" for number in range(8)]
    near.records["mx"] = "\n".join(["@ MX 10 mx.office.shop.test.", "mx.office A 198.51.100.2", *hosts])
    found = of(Check.SPF_FROM, await judged(near))
    assert found.code is Code.SPF_FROM_PERMERROR, found.summary
    assert found.record is not None
    assert found.record.value == f"v=spf1 include:spf.postal.test {terms} -all"
    assert "leaves out" not in found.remedy
    assert "12 terms query DNS" in found.remedy


async def test_a_record_that_postals_include_takes_over_the_limit_says_so() -> None:
    present = "v=spf1 " + " ".join(f"a:{number}.shop.test" for number in range(10)) + " -all"
    found = of(Check.SPF_FROM, await judged(spf(present)))
    assert found.record is not None
    assert found.record.value.startswith("v=spf1 include:spf.postal.test a:0.shop.test")
    assert "With the record below 11 terms query DNS, and 10 are allowed" in found.remedy
    within = of(Check.SPF_FROM, await judged(spf(present.replace("a:9.shop.test", "ip4:198.51.100.9"))))
    assert "query DNS, and" not in within.remedy


@pytest.mark.parametrize(
    ("text", "should_be"),
    [
        # Strict only where reports come: before that nobody knows whose mail would suffer.
        ("v=DMARC1; p=none", "v=DMARC1; p=none; rua=mailto:postmaster@shop.test"),
        ("v=DMARC1; p=none; rua=mailto:d@shop.test", "v=DMARC1; p=quarantine; rua=mailto:d@shop.test"),
        ("v=DMARC1; p=reject; adkim=s", "v=DMARC1; p=reject; adkim=s; rua=mailto:postmaster@shop.test"),
        (
            "v=DMARC1; p=reject; pct=50; t=y; fo=1; rua=mailto:d@shop.test",
            "v=DMARC1; p=reject; fo=1; rua=mailto:d@shop.test",
        ),
        (
            "v=DMARC1; p=reject; rua=mailto:d@shop.test,e@shop.test",
            "v=DMARC1; p=reject; rua=mailto:d@shop.test,mailto:e@shop.test",
        ),
        (
            "v=DMARC1; p=reject; rua=mailto:d@shop.test; rua=mailto:e@shop.test!10m, f@shop.test; p=none",
            "v=DMARC1; p=reject; rua=mailto:d@shop.test,mailto:e@shop.test,mailto:f@shop.test",
        ),
        (
            "v=DMARC1; p=none; x=\x1b[31mred; fo=1; y=\u202e; rua=mailto:d@shop.test mailto:e@shop.test f@shop.test",
            "v=DMARC1; p=none; fo=1; rua=mailto:d@shop.test,mailto:e@shop.test,mailto:f@shop.test",
        ),
        ("v=DMARC1; x=y", "v=DMARC1; p=none; x=y; rua=mailto:postmaster@shop.test"),
        ("DMARC1; p=reject; rua=mailto:d@shop.test", "v=DMARC1; p=reject; rua=mailto:d@shop.test"),
        ("p=reject; v=DMARC1; rua=mailto:d@shop.test", "v=DMARC1; p=reject; rua=mailto:d@shop.test"),
        ("v=DMARC; p=reject; sp=none; rua=mailto:d@shop.test", "v=DMARC1; p=reject; sp=none; rua=mailto:d@shop.test"),
    ],
)
async def test_a_dmarc_record_keeps_its_tags(text: str, should_be: str) -> None:
    assert await shown(Near("", Code.DMARC_ABSENT, {"dmarc": txt("_dmarc", text)}), Check.DMARC) == should_be


async def test_a_domain_without_dmarc_begins_with_reports() -> None:
    should_be = "v=DMARC1; p=none; rua=mailto:postmaster@shop.test"
    assert await shown(Near("", Code.DMARC_ABSENT, {"dmarc": ""}), Check.DMARC) == should_be


async def test_a_dmarc_record_at_the_wrong_name_is_moved_as_it_is() -> None:
    text = "v=DMARC1; p=reject; rua=mailto:d@shop.test; aspf=s"
    for name in ("_dmarc.shop.test.shop.test.", "@"):
        assert await shown(Near("", Code.DMARC_ABSENT, {"dmarc": txt(name, text)}), Check.DMARC) == text


@pytest.mark.parametrize(
    ("mx", "should_be"),
    [
        ("@ MX 10 mx.office.test.\n@ MX 20 gone.office.test.", None),
        ("@ MX 10 gone.office.test.", None),
        ("@ MX 0 .", None),
        ("", None),
        ("@ MX 10 mx.postal.test", "10 mx.postal.test."),
        ("@ MX 10 mx.postal.example.com", None),  # a sample name that Postal ships
    ],
)
async def test_mail_to_the_domain_is_never_led_to_postal(mx: str, should_be: str | None) -> None:
    names = ("mx.postal.test", "mx.postal.example.com")
    found = of(Check.MX, await judged(Near("", Code.MX_ABSENT, {"mx": mx}, values={"mx": names})))
    assert (found.record.value if found.record is not None else None) == should_be
    assert found.verdict is not Verdict.PASS


@pytest.mark.parametrize(
    ("texts", "code", "should_be"),
    [
        (("v=spf1 a:mail.shop.test ~all", "v=spf1 -all"), Code.SPF_MAILFROM_SEVERAL, "a:mail.shop.test ~all"),
        (("v=spf1 ip4:198.51.100.7 -all",), Code.SPF_MAILFROM_NOT_AUTHORISED, "ip4:198.51.100.7 -all"),
        (("v=spf1 ip4:198.51.100.300 a ~all",), Code.SPF_MAILFROM_PERMERROR, "a ~all"),
        ((), Code.SPF_MAILFROM_NONE, "~all"),
    ],
)
async def test_the_installation_keeps_what_its_other_hosts_send_by(
    texts: tuple[str, ...], code: Code, should_be: str
) -> None:
    host = "\n".join(["rp A 192.0.2.1", "rp MX 10 rp", *(txt("rp", text) for text in texts)])
    near = Near("", code, {"psrp": "psrp CNAME rp", "rp": host}, values={"return_path_target": "rp.shop.test"})
    found = of(Check.SPF_MAILFROM, await judged(near))
    assert found.record is not None
    assert (found.code, found.record.value) == (code, f"v=spf1 ip4:192.0.2.25 {should_be}")
