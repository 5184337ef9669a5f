"""Zones on the borders of the rules: spellings that are right though odd, and those that are wrong though near."""

from __future__ import annotations

from typing import Final

from tests.checks.dns.zones import IP4, KEY, NAME, TOKEN, Case, Records, dkim, dmarc, spf, txt

_BAD_KEY: Final = {"dkim": "fail", "alignment": "warn", "postal_view": "warn"}
_VIEW: Final = {"postal_view": "warn"}
_NOT_POSTALS: Final = {"alignment": "warn", "postal_view": "warn"}
"""Receivers accept the key, Postal's own check does not: SPF alone aligns."""
_WEAK: Final = {"spf_from": "warn"}
_WRONG: Final = {"spf_from": "fail"}
_TAGS: Final = "v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}; "
_INCLUDE: Final = "include:spf.postal.test"
_EXISTS: Final = "exists:%{{i}}.ok.{domain}"


def _spf(what: str, record: str, expect: dict[str, str], *more: str, four: bool = False) -> Case:
    """One SPF record, and what it leads to; *four*: no mail leaves by IPv6."""
    records: Records = {"spf": spf(record), "more": list(more)}
    return Case(f"SPF: {what}", records, expect, {"sending_ips": (IP4,)} if four else {})


def _key(what: str, old: str, new: str, expect: dict[str, str]) -> Case:
    assert old in KEY
    return Case(f"a key with {what}", {"dkim": dkim(KEY.replace(old, new))}, expect)


def _dmarc(what: str, record: str, verdict: str = "pass") -> Case:
    return Case(f"DMARC: {what}", {"dmarc": dmarc(record)}, {"dmarc": verdict})


_MX_TEN: Final = [
    *(f"@ MX {n} m{n}" for n in range(10)),
    *(f"m{n} A 198.51.100.{n + 1}" for n in range(9)),
    f"m9 A {IP4}",
]

BORDER_CASES: Final = (
    # RFC 7208: terms
    _spf("a macro that matches", f"v=spf1 {_EXISTS} {_INCLUDE} ~all", {}, f"{IP4}.ok A 127.0.0.2", four=True),
    _spf("a macro that matches nothing, one void", f"v=spf1 {_EXISTS} {_INCLUDE} ~all", {}, four=True),
    _spf("a macro letter that there is not", f"v=spf1 exists:%{{{{q}}}}.x {_INCLUDE} ~all", _WRONG, four=True),
    _spf("exp= is for the refused alone", f"v=spf1 {_INCLUDE} -all exp=why.{{domain}}", {}),
    _spf("two exp=", f"v=spf1 {_INCLUDE} -all exp=why.{{domain}} exp=b.{{domain}}", _WRONG),
    _spf("two redirect=", "v=spf1 redirect=spf.postal.test redirect=spf.postal.test", {**_WRONG, **_VIEW}),
    _spf("a redirect= that all makes idle", f"v=spf1 {_INCLUDE} -all redirect=nothing.{{domain}}", {}),
    _spf("a modifier that nobody knows", f"v=spf1 {_INCLUDE} foo=bar -all", {}),
    _spf("a mechanism that nobody knows", f"v=spf1 {_INCLUDE} foo -all", _WRONG),
    _spf("blanks in a row and at the end", f"v=spf1  {_INCLUDE}   ~all  ", {}),
    _spf("another version", f"v=spf10 {_INCLUDE} ~all", _WEAK),
    _spf("a final dot", "v=spf1 include:spf.postal.test. ~all", {}),
    _spf("a blank after the colon", "v=spf1 include: spf.postal.test ~all", _WRONG),
    _spf("33 bits", f"v=spf1 {_INCLUDE} ip4:192.0.2.0/33 ~all", _WRONG),
    _spf("the whole world by prefix", "v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all", {**_WRONG, **_VIEW}),
    _spf("IPv6 forgotten", f"v=spf1 ip4:{IP4} -all", {**_WEAK, **_VIEW}),
    _spf("a neutral include", f"v=spf1 ?{_INCLUDE} -all", _WEAK),
    _spf("refused before it is included", f"v=spf1 -ip4:{IP4} {_INCLUDE} ~all", _WEAK),
    _spf("no all", f"v=spf1 {_INCLUDE}", {}),
    _spf("ptr", "v=spf1 ptr:postal.test ~all", _VIEW),
    _spf("a with two prefixes", "v=spf1 a/24//64 -all", _VIEW, "@ A 192.0.2.200", "@ AAAA 2001:db8::99"),
    _spf("an include behind a CNAME", "v=spf1 include:alias.{domain} ~all", _VIEW, "alias CNAME spf.postal.test."),
    _spf(
        "an include of two records",
        f"v=spf1 include:two.{{domain}} {_INCLUDE} ~all",
        _WRONG,
        txt("two", "v=spf1 -all"),
        txt("two", "v=spf1 ~all"),
    ),
    _spf(
        "an include that ends in softfail is no match",
        f"v=spf1 include:soft.{{domain}} {_INCLUDE} -all",
        {},
        txt("soft", "v=spf1 ~all"),
    ),
    _spf("a name that begins as Postal's", "v=spf1 include:spf.postal.test.evil.{domain} ~all", _WRONG),
    Case("SPF: ten MX hosts in one mx", {"spf": spf("v=spf1 mx -all"), "mx": _MX_TEN}, _VIEW, {"sending_ips": (IP4,)}),
    _spf("+ALL in capitals", "v=spf1 +ALL", {**_WRONG, **_VIEW}),
    _spf(
        "450 characters in two strings",
        f"v=spf1 {' '.join(f'ip4:198.51.100.{n}' for n in range(1, 24))} {_INCLUDE} ~all",
        {},
    ),
    # RFC 6376 3.6.1
    _key("its v= behind another tag", "v=DKIM1; t=s;", "t=s; v=DKIM1;", _BAD_KEY),
    _key("no v=", "v=DKIM1; ", "", _NOT_POSTALS),
    _key("v=DKIM2", "DKIM1", "DKIM2", _BAD_KEY),
    _key("sha256 among its hashes", "h=sha256", "h=sha1:sha256", _NOT_POSTALS),
    _key("sha1 alone", "h=sha256", "h=sha1", _BAD_KEY),
    _key("another service", "t=s", "t=s; s=tlsrpt", _BAD_KEY),
    _key("s=email", "t=s", "t=s; s=email", _NOT_POSTALS),
    _key("s=*", "t=s", "t=s; s=*", _NOT_POSTALS),
    _key("a blank inside its base64", "p=MIG", "p=MI G", _NOT_POSTALS),
    _key("a tag twice", "t=s;", "t=s; p=AAAA;", _BAD_KEY),
    Case("a key without its last semicolon", {"dkim": dkim(KEY.rstrip(";"))}),
    Case("a key with notes", {"dkim": dkim(f"{KEY} n=note; x=1;")}, _NOT_POSTALS),
    Case("another text beside the key", {"dkim": [dkim(KEY), txt(NAME, "hello")]}, _BAD_KEY),
    # RFC 9989
    _dmarc("p in capitals", "v=DMARC1; p=REJECT; rua=mailto:d@{domain}"),
    _dmarc("a p that there is not, beside a rua", "v=DMARC1; p=bogus; rua=mailto:d@{domain}", "warn"),
    _dmarc("a p that there is not, and no rua", "v=DMARC1; p=bogus", "fail"),
    _dmarc("v in small letters is no record", "v=dmarc1; p=reject; rua=mailto:d@{domain}", "warn"),
    _dmarc("reports to a name below", "v=DMARC1; p=reject; rua=mailto:d@reports.{domain}"),
    _dmarc("a size behind the address", "v=DMARC1; p=reject; rua=mailto:d@{domain}!10m"),
    _dmarc("blanks around each sign", "v = DMARC1 ; p = reject ; rua = mailto:d@{domain}"),
    _dmarc("np=none of its own", f"{_TAGS}np=none"),
    _dmarc("aspf=s beside a key that aligns", f"{_TAGS}aspf=s"),
    _dmarc("adkim=s beside the domain's own key", f"{_TAGS}adkim=s"),
    Case("DMARC behind a CNAME", {"dmarc": ["_dmarc CNAME _dm", txt("_dm", f"{_TAGS}")]}),
    # Return path, MX, ownership
    Case("a return path by a wildcard", {"psrp": "* CNAME rp.postal.test."}),
    Case("a return path in capitals", {"psrp": "psrp CNAME RP.Postal.Test."}),
    Case("a wildcard one level too low", {"psrp": "*.psrp CNAME rp.postal.test."}, {"return_path": "warn"}),
    Case(
        "an MX that is an address", {"mx": "@ MX 10 192.0.2.1."}, {"mx": "fail"}, code="mx.dead_hosts", shown="RFC 1035"
    ),
    Case("a token with something behind it", {"own": txt("@", f"{TOKEN} x")}, {"ownership": "fail"}),
    Case("a token between blanks", {"own": txt("@", f" {TOKEN} ")}),
    Case("an old token beside the right one", {"own": [txt("@", f"postal-verification {'y' * 32}"), txt("@", TOKEN)]}),
)
