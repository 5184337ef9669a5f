"""Records that are there but not quite: each kind in several spellings, judged by a real question to a server."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.dns import findings_of
from tests.checks.dns.keys import RSA_1024, RSA_2048
from tests.checks.dns.zones import txt
from wizard.checks.dns import dkim_key, dmarc_policy, spf_from
from wizard.checks.dns.near_miss import difference, flaw, named
from wizard.model.codes import Code
from wizard.model.draft import App, Domain, Draft
from wizard.model.finding import Verdict

if TYPE_CHECKING:
    from wizard.model.finding import Finding

KEY: Final = f"v=DKIM1; t=s; h=sha256; p={RSA_1024};"
LONG: Final = f"v=DKIM1; t=s; h=sha256; p={RSA_2048};"
NAME: Final = "postal-Ab12cD._domainkey"
TOKEN: Final = "postal-verification Zx81Qm4TnB6cVr2Ls9Wk3Ht7Yp5Gd0Jf"  # a pretend token
GOOD: Final = {
    "spf": txt("@", "v=spf1 include:spf.postal.test ~all"),
    "own": txt("@", TOKEN),
    "mx": "@ MX 10 mx.postal.test.",
    "dkim": txt(NAME, KEY),
    "psrp": "psrp CNAME rp.postal.test.",
    "dmarc": txt("_dmarc", "v=DMARC1; p=quarantine; rua=mailto:d@shop.test"),
}
DOMAIN: Final = Domain(
    spf_include="spf.postal.test",
    return_path="psrp.shop.test",
    return_path_target="rp.postal.test",
    dkim_selector="postal-Ab12cD",
    dkim_value=KEY,
    ownership=TOKEN,
    sending_ips=("192.0.2.25",),
    helo="postal.test",
    checked_in_postal=True,
)


@dataclass(frozen=True)
class Near:
    """One change of the good zone, the outcome, and what a finding of that outcome must show."""

    what: str
    code: Code
    records: dict[str, str]
    shows: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


def dmarc(what: str, value: str, code: Code, *shows: str) -> Near:
    return Near(f"DMARC {what}", code, {"dmarc": txt("_dmarc", value)}, shows)


def dkim(what: str, value: str, code: Code, *shows: str, values: str = KEY) -> Near:
    return Near(f"DKIM {what}", code, {"dkim": txt(NAME, value)}, shows, {"dkim_value": values})


def spf(what: str, value: str, code: Code, *shows: str) -> Near:
    return Near(f"SPF {what}", code, {"spf": txt("@", value)}, shows)


POLICY: Final = "v=DMARC1; p=reject; rua=mailto:d@shop.test"
MALFORMED: Final = Code.DMARC_MALFORMED
BLANKS: Final = (
    dmarc("with a tab in front", f"\t{POLICY}", MALFORMED, "begins with a tab", "character 1"),
    dmarc("with a blank that does not break in front", f"\u00a0{POLICY}", MALFORMED, "U+00A0"),
    dmarc("with a mark of byte order in front", f"\ufeff{POLICY}", MALFORMED, "U+FEFF"),
    dmarc("with two blanks in front", f"  {POLICY}", MALFORMED, "begins with a blank"),
    spf("with a blank in front", " v=spf1 include:spf.postal.test ~all", Code.SPF_FROM_MALFORMED, "a blank"),
    spf("with a tab in front", "\tv=spf1 include:spf.postal.test ~all", Code.SPF_FROM_MALFORMED, "a tab"),
    dkim("with a zero-width blank in front", f"\u200b{KEY}", Code.DKIM_LEADING_BLANK, "U+200B"),
)
QUOTES: Final = (
    dmarc("in quotes", f'"{POLICY}"', MALFORMED, "quotes typed in", "a quotation mark"),
    dmarc("in curly quotes", f"\u201c{POLICY}\u201d", MALFORMED, "U+201C"),
    spf("in quotes", '"v=spf1 include:spf.postal.test ~all"', Code.SPF_FROM_MALFORMED, "a quotation mark"),
    dkim("in quotes", f'"{KEY}"', Code.DKIM_QUOTES_TYPED, "character 1"),
    dkim("in single quotes", f"'{KEY}'", Code.DKIM_QUOTES_TYPED, "an apostrophe"),
    dkim("with a quote at its end", f'{KEY[:-1]}"', Code.DKIM_QUOTES_TYPED, "a quotation mark"),
    dkim(
        "of two strings typed as one",
        f'{LONG[:200]}" "{LONG[200:]}',
        Code.DKIM_QUOTES_TYPED,
        "character 201",
        values=LONG,
    ),
    Near("ownership in quotes", Code.OWNERSHIP_ALTERED, {"own": txt("@", f'"{TOKEN}"')}, ("a quotation mark",)),
)
BACKSLASHES: Final = (
    dmarc("with backslashes", POLICY.replace(";", "\\;"), MALFORMED, "character 9"),
    dmarc("with a backslash in front", f"\\{POLICY}", MALFORMED, "a backslash"),
    dkim("with one backslash", KEY.replace(";", "\\;", 1), Code.DKIM_BACKSLASHES_TYPED, "character 8"),
    dkim("with escaped equals signs", KEY.replace("=", "\\=", 1), Code.DKIM_BACKSLASHES_TYPED, "character 2"),
    dkim("with backslashes in its key", KEY.replace("/", "\\/"), Code.DKIM_BACKSLASHES_TYPED, "a backslash"),
    dkim("with escaped quotes", f'\\"{KEY}\\"', Code.DKIM_QUOTES_TYPED, "a quotation mark"),
    Near(
        "ownership with a backslash",
        Code.OWNERSHIP_ALTERED,
        {"own": txt("@", TOKEN.replace(" ", "\\ "))},
        ("backslash",),
    ),
)
DOUBLED: Final = (
    Near("DKIM at the doubled name", Code.DKIM_DOUBLED_NAME, {"dkim": txt(f"{NAME}.shop.test", KEY)}, ("Ab12cD",)),
    Near("DMARC at the doubled name", Code.DMARC_DOUBLED_NAME, {"dmarc": txt("_dmarc.shop.test", POLICY)}),
    Near(
        "SPF at the doubled name",
        Code.SPF_FROM_DOUBLED_NAME,
        {"spf": txt("shop.test", "v=spf1 include:spf.postal.test")},
    ),
    Near(
        "return path at the doubled name",
        Code.RETURN_PATH_DOUBLED_NAME,
        {"psrp": "psrp.shop.test CNAME rp.postal.test."},
    ),
    Near("ownership at the doubled name", Code.OWNERSHIP_MISPLACED, {"own": txt("shop.test", TOKEN)}),
)
MISPLACED: Final = (
    Near("DKIM without _domainkey", Code.DKIM_MISPLACED, {"dkim": txt("postal-Ab12cD", KEY)}, ("._domainkey",)),
    Near("DMARC at the domain itself", Code.DMARC_MISPLACED, {"dmarc": txt("@", POLICY)}, ("_dmarc",)),
    Near("return path at rp", Code.RETURN_PATH_MISPLACED, {"psrp": "rp CNAME rp.postal.test."}, ("rp.shop.test",)),
    Near("return path without a final dot", Code.RETURN_PATH_DOUBLED_TARGET, {"psrp": "psrp CNAME rp.postal.test"}),
    Near("ownership at its prefix", Code.OWNERSHIP_MISPLACED, {"own": txt("postal-verification", TOKEN)}),
    Near(
        "MX without a final dot",
        Code.MX_DEAD_HOSTS,
        {"mx": "@ MX 10 mx.postal.test"},
        ("a dot at its end",),
        {"mx": ("mx.postal.test",)},
    ),
)
COMMAS: Final = (
    spf(
        "of two addresses with a comma", "v=spf1 ip4:192.0.2.25,192.0.2.26 -all", Code.SPF_FROM_PERMERROR, "of its own"
    ),
    spf("of a bare address", "v=spf1 ip4:192.0.2.25 192.0.2.26 -all", Code.SPF_FROM_PERMERROR, "needs ip4: before"),
    spf("of a bare network", "v=spf1 192.0.2.0/24 -all", Code.SPF_FROM_PERMERROR, "needs ip4: before"),
    spf("of an address in a", "v=spf1 a:192.0.2.25 -all", Code.SPF_FROM_PERMERROR, "belongs in ip4"),
    spf("of two IPv6 addresses", "v=spf1 ip6:2001:db8::1,2001:db8::2 -all", Code.SPF_FROM_PERMERROR, "of its own"),
)
WILDCARDS: Final = (
    Near("DKIM by a wildcard text", Code.DKIM_WILDCARD, {"dkim": txt("*", "hello")}),
    Near("DKIM by a wildcard below _domainkey", Code.DKIM_WILDCARD, {"dkim": txt("*._domainkey", "v=DKIM1; p=")}),
    Near("DKIM by a wildcard of another key", Code.DKIM_WILDCARD, {"dkim": txt("*._domainkey", LONG[:-40])}),
    Near("return path by a wildcard address", Code.RETURN_PATH_WILDCARD, {"psrp": "* A 192.0.2.80"}),
    Near("return path by a wildcard MX", Code.RETURN_PATH_WILDCARD, {"psrp": "* MX 10 mx.postal.test."}),
    Near("return path by a wildcard CNAME", Code.RETURN_PATH_WILDCARD, {"psrp": "* CNAME smtp.postal.test."}),
)
TWICE: Final = (
    dmarc("with rua twice", f"{POLICY}; rua=mailto:e@shop.test", Code.DMARC_TAG_TWICE, "rua="),
    dmarc("with p twice", f"{POLICY}; p=none", Code.DMARC_TAG_TWICE, "p="),
    dmarc("with pct twice in two cases", f"{POLICY}; pct=100; PCT=100", Code.DMARC_TAG_TWICE, "pct="),
    dmarc(
        "with an address behind a semicolon", f"{POLICY}; mailto:e@shop.test", Code.DMARC_LOST_ADDRESS, "e@shop.test"
    ),
    dmarc("with an address behind a blank", f"{POLICY} mailto:e@shop.test", Code.DMARC_LOST_ADDRESS, "e@shop.test"),
    dmarc("with a second address without mailto", f"{POLICY},e@shop.test", Code.DMARC_LOST_ADDRESS, "e@shop.test"),
    dkim("with t twice", KEY.replace("t=s;", "t=s; t=s;"), Code.DKIM_TAG_TWICE, "t="),
    dkim("with v twice", f"{KEY} v=DKIM1", Code.DKIM_TAG_TWICE, "v="),
    Near(
        "DMARC beside a text without its version",
        Code.DMARC_ENFORCED,
        {"dmarc": txt("_dmarc", POLICY), "more": txt("_dmarc", "p=reject; rua=mailto:x@shop.test")},
        ("has no v=DMARC1",),
    ),
)
VIEW: Final = Code.POSTAL_VIEW_WILL_OBJECT
LETTERS: Final = (
    dkim("without blanks, for Postal", KEY.replace("; ", ";"), VIEW, "character 9: is 't', should be a blank"),
    dkim("with t=y, for Postal", KEY.replace("t=s", "t=y"), VIEW, "is 'y', should be 's'"),
    dkim("with a blank in its key, for Postal", KEY.replace("MIG", "MI G"), VIEW, "is a blank, should be 'G'"),
    dkim("without its hash, for Postal", KEY.replace("h=sha256; ", ""), VIEW, "is 'p', should be 'h'"),
    dkim("with a note behind it, for Postal", f"{KEY} n=x;", VIEW, "5 characters follow"),
)
VERSIONS: Final = (
    dmarc("in small letters", POLICY.lower(), MALFORMED, "v=dmarc1"),
    dmarc("with its version behind p", f"p=reject; {POLICY}", MALFORMED, "first"),
    dmarc("without a version", POLICY.removeprefix("v=DMARC1; "), MALFORMED, "no v=DMARC1"),
    spf("with a comma behind its version", "v=spf1,include:spf.postal.test,~all", Code.SPF_FROM_MALFORMED, "a comma"),
    spf("with text in front", "spf: v=spf1 include:spf.postal.test ~all", Code.SPF_FROM_MALFORMED, "begin with"),
)
LATE: Final = f"{RSA_1024[:100]}{'b' if RSA_1024[100] == 'a' else 'a'}{RSA_1024[101:]}"
DIFFERENT: Final = (
    dkim("with a letter changed early", KEY.replace("MIG", "MIg"), Code.DKIM_BROKEN, "is 'g', should be 'G'"),
    dkim("with a letter changed late", f"v=DKIM1; p={LATE}", Code.DKIM_OTHER_KEY, "^ character 101"),
    dkim("cut short", KEY[:100], Code.DKIM_NOT_BASE64, "it ends here"),
    dkim("with an ellipsis in its middle", f"{KEY[:80]}\u2026{KEY[90:]}", Code.DKIM_NOT_BASE64, "U+2026"),
    dkim("with a long dash", KEY.replace("v=", "v\u2013", 1), Code.DKIM_MALFORMED, "U+2013"),
    Near("ownership of another domain", Code.OWNERSHIP_ANOTHER, {"own": txt("@", TOKEN[:-1] + "X")}, ("is 'X'",)),
)
OPEN: Final = (
    spf("with all IPv4", "v=spf1 include:spf.postal.test ip4:0.0.0.0/0 -all", Code.SPF_FROM_OPEN_TO_ALL, "0.0.0.0/0"),
    spf("with all IPv6", "v=spf1 include:spf.postal.test ip6:::/0 -all", Code.SPF_FROM_OPEN_TO_ALL, "ip6:::/0"),
    spf("with a/0", "v=spf1 include:spf.postal.test a/0 -all", Code.SPF_FROM_OPEN_TO_ALL, "a/0"),
    Near(
        "SPF with +all in an include behind the match",
        Code.SPF_FROM_OPEN_TO_ALL,
        {"spf": txt("@", "v=spf1 include:spf.postal.test include:o.shop.test -all"), "o": txt("o", "v=spf1 +all")},
        ("+all at o.shop.test",),
    ),
    Near(
        "SPF with all IPv4 in an include of an include",
        Code.SPF_FROM_OPEN_TO_ALL,
        {
            "spf": txt("@", "v=spf1 include:spf.postal.test include:o.shop.test -all"),
            "o": txt("o", "v=spf1 include:p.shop.test -all"),
            "p": txt("p", "v=spf1 ip4:0.0.0.0/0 -all"),
        },
        ("ip4:0.0.0.0/0 at p.shop.test",),
    ),
)
RP: Final = {"return_path_target": "rp.postal.example.com"}
SPF: Final = {"spf_include": "spf.postal.example.com"}


def sample(what: str, code: Code, values: dict[str, Any], **records: str) -> Near:
    return Near(f"Postal's sample {what}", code, records, ("postal.yml",), values)


DEFAULTS: Final = (
    sample("return path", Code.RETURN_PATH_POSTAL_DEFAULTS, RP),
    sample("envelope", Code.SPF_MAILFROM_POSTAL_DEFAULTS, RP),
    sample("bounces", Code.RP_MX_POSTAL_DEFAULTS, {"return_path_target": "RP.postal.example.com."}),
    sample("include", Code.SPF_FROM_POSTAL_DEFAULTS, SPF, spf=txt("@", "v=spf1 -all")),
    sample("include and no record", Code.SPF_FROM_POSTAL_DEFAULTS, SPF, spf=""),
    sample("MX", Code.POSTAL_VIEW_POSTAL_DEFAULTS, {"mx": ("mx1.postal.example.com",)}),
)
ALL: Final = (
    *BLANKS, *QUOTES, *BACKSLASHES, *DOUBLED, *MISPLACED, *COMMAS,
    *WILDCARDS, *TWICE, *LETTERS, *VERSIONS, *DIFFERENT, *OPEN, *DEFAULTS,
)  # fmt: skip


def zone(records: dict[str, str]) -> str:
    lines = (
        "$ORIGIN shop.test.",
        "$TTL 60",
        "@ IN SOA ns1.rig.test. host.rig.test. 1 3600 600 86400 30",
        "@ IN NS ns1.rig.test.",
        "@ IN A 192.0.2.80",
    )
    return "\n".join([*lines, *filter(None, (GOOD | records).values()), ""])


async def judged(near: Near) -> list[Finding]:
    draft = Draft(app=App(from_="a@shop.test"), domain=replace(DOMAIN, **near.values))
    return await findings_of(zone(near.records), draft)


@pytest.mark.parametrize("near", ALL, ids=[near.what for near in ALL])
async def test_is_named_with_what_is_wrong(near: Near) -> None:
    found = await judged(near)
    named_so = [finding for finding in found if finding.code is near.code]
    assert named_so, [(str(finding.code), finding.summary) for finding in found if finding.verdict is not Verdict.PASS]
    text = "\n".join([named_so[0].summary, *named_so[0].evidence, named_so[0].remedy])
    assert [one for one in near.shows if one not in text] == [], text


@pytest.mark.parametrize("near", DEFAULTS, ids=[near.what for near in DEFAULTS])
async def test_postals_sample_names_never_become_a_record_to_paste(near: Near) -> None:
    records = [finding.record for finding in await judged(near) if finding.record is not None]
    assert not [record for record in records if "postal.example.com" in record.value + record.name]


async def test_the_good_zone_has_none_of_these() -> None:
    found = await judged(Near("good", Code.DOMAIN_EXISTS, {}))
    assert {finding.verdict for finding in found} == {Verdict.PASS}


@pytest.mark.parametrize(
    "kind",
    [
        BLANKS,
        QUOTES,
        BACKSLASHES,
        DOUBLED,
        MISPLACED,
        COMMAS,
        WILDCARDS,
        TWICE,
        LETTERS,
        VERSIONS,
        DIFFERENT,
        OPEN,
        DEFAULTS,
    ],
)
def test_each_kind_has_five_spellings_and_more(kind: tuple[Near, ...]) -> None:
    assert len({near.what for near in kind}) == len(kind) >= 5


@given(st.text(max_size=90), st.text(max_size=90))
def test_a_difference_shows_both_texts_at_the_character_that_differs(one: str, other: str) -> None:
    is_line, should_line, mark = difference(one, other)
    at = mark.index("^")
    if one and other and one[0] != other[0]:
        assert at == len("should be  ")
    assert is_line[:at].removeprefix("is        ") == should_line[:at].removeprefix("should be ")
    assert all(line.isprintable() for line in (is_line, should_line))


@given(st.text(max_size=60))
def test_what_is_cleaned_has_no_flaw_left(text: str) -> None:
    typed = flaw(text)
    if typed is not None:
        assert text[typed.at] == typed.character
        assert flaw(typed.cleaned) is None or flaw(typed.cleaned).kind == "blank"  # type: ignore[union-attr]  # not None


@given(st.characters())
def test_every_character_has_a_name_that_can_be_seen(character: str) -> None:
    assert named(character).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        " " * 60_000 + "x",
        "x" + " " * 60_000 + "x",
        "\u200b " * 30_000 + "x",
        '"' + " " * 60_000 + "x",
        '" ' * 30_000,
        "\\" * 60_000,
        "v" + " " * 60_000,
        "v " * 30_000,
        "v=" + " " * 60_000 + "x",
        "v=DMARC1;" + " ;" * 30_000,
        "v=DMARC1; rua=" + "mailto:a@" * 7_000,
        "v=DMARC1; rua=" + "@," * 30_000,
        "=;" * 30_000,
        "p=" + "A" * 60_000 + "\u2026",
    ],
    ids=lambda text: repr(text[:14]),
)
def test_the_longest_text_costs_a_moment(text: str) -> None:
    begun = time.process_time()
    flaw(text)
    spf_from.near_miss(text)
    dmarc_policy.near_miss(text)
    policy = dmarc_policy.parse("shop.test", text)
    assert policy is None or len(policy.rua) <= 10
    with contextlib.suppress(dkim_key.BadKeyError):
        dkim_key.key_of(text)
    assert len(difference(text, KEY)) == 3
    assert time.process_time() - begun < 0.5
