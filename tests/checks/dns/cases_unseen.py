"""Zones written from the rules alone, before looking at the code: each border from both sides, and faults together."""

from __future__ import annotations

from typing import Final

from tests.checks.dns.keys import ED25519, RSA_1024, RSA_1024_OTHER, RSA_2048
from tests.checks.dns.zones import IP4, IP6, KEY, NAME, SELECTOR, TOKEN, Case, Records, dkim, dmarc, spf, txt

_INCLUDE: Final = "include:spf.postal.test"
_OTHER: Final = "a:mx.postal.test"
"""Counts, matches no sending IP, and is no void in either address family."""
_FAIL: Final = {"spf_from": "fail"}
_WARN: Final = {"spf_from": "warn"}
_VIEW: Final = {"postal_view": "warn"}
_NOT_POSTALS: Final = {"alignment": "warn", "postal_view": "warn"}
_BAD_KEY: Final = {"dkim": "fail", "alignment": "warn", "postal_view": "warn"}
_REPORTS: Final = "rua=mailto:a@{domain}"
_LONG_KEY: Final = f"v=DKIM1; t=s; h=sha256; p={RSA_2048};"
_WIDE: Final = "203.0.113"


def _spf(what: str, record: str, expect: dict[str, str], *more: str) -> Case:
    return Case(f"unseen SPF: {what}", {"spf": spf(record), "more": list(more)}, expect)


def _key(what: str, value: str, expect: dict[str, str], pasted: str = KEY) -> Case:
    return Case(f"unseen key: {what}", {"dkim": dkim(value)}, expect, {"dkim_value": pasted})


def _key_from(what: str, expect: dict[str, str], *records: str, shown: str = "", pasted: str = KEY) -> Case:
    """A key that stands elsewhere than *dkim* would put it, or in another form."""
    return Case(f"unseen key: {what}", {"dkim": list(records)}, expect, {"dkim_value": pasted}, shown=shown)


def _dmarc(what: str, value: str, verdict: str, *more: str) -> Case:
    return Case(f"unseen DMARC: {what}", {"dmarc": dmarc(value), "more": list(more)}, {"dmarc": verdict})


def _hosts(name: str, number: int) -> list[str]:
    """Write an MX record set of *number* hosts with both addresses; none is a sending IP."""
    hosts = [line for n in range(number) for line in (f"h{n} A {_WIDE}.{n}", f"h{n} AAAA 2001:db8:1::{n}")]
    return [*(f"{name} MX 10 h{n}" for n in range(number)), *hosts]


def _path(what: str, expect: dict[str, str], *rp: str) -> Case:
    """The return path leads to a host of another installation, with the records *rp*, in the same zone."""
    records: Records = {"psrp": "psrp CNAME inst", "more": list(rp)}
    return Case(f"unseen installation: {what}", records, expect, {"return_path_target": "inst.{domain}"})


_FOUR_ONLY: Final = [f"four{n} A {_WIDE}.{n}" for n in range(3)]
_SPF_CASES: Final = (
    _spf("9 terms evaluated", f"v=spf1 {' '.join([_OTHER] * 8)} {_INCLUDE} ~all", {}),
    _spf("10 terms evaluated", f"v=spf1 {' '.join([_OTHER] * 9)} {_INCLUDE} ~all", _WARN),
    _spf("11 terms evaluated", f"v=spf1 {' '.join([_OTHER] * 10)} {_INCLUDE} ~all", _FAIL),
    _spf("1 term evaluated, 10 in the tree", f"v=spf1 {_INCLUDE} {' '.join([_OTHER] * 9)} ~all", {}),
    _spf("1 term evaluated, 11 in the tree", f"v=spf1 {_INCLUDE} {' '.join([_OTHER] * 10)} ~all", _WARN),
    _spf(
        "each kind of term once, and four more",
        "v=spf1 include:no.{domain} a:mx.postal.test mx:rp.postal.test ptr:other.test exists:gone.{domain} "
        f"{' '.join([_OTHER] * 4)} redirect=spf.postal.test",
        {**_WARN, **_VIEW},
        txt("no", "v=spf1 -all"),
    ),
    _spf(
        "each kind of term once, and five more",
        "v=spf1 include:no.{domain} a:mx.postal.test mx:rp.postal.test ptr:other.test exists:gone.{domain} "
        f"{' '.join([_OTHER] * 5)} redirect=spf.postal.test",
        {**_FAIL, **_VIEW},
        txt("no", "v=spf1 -all"),
    ),
    _spf("one void", f"v=spf1 a:v1.{{domain}} {_INCLUDE} ~all", {}),
    _spf("two voids", f"v=spf1 a:v1.{{domain}} a:v2.{{domain}} {_INCLUDE} ~all", _WARN),
    _spf("three voids", f"v=spf1 a:v1.{{domain}} a:v2.{{domain}} a:v3.{{domain}} {_INCLUDE} ~all", _FAIL),
    _spf(
        "three voids for IPv6 alone",
        f"v=spf1 a:four0.{{domain}} a:four1.{{domain}} a:four2.{{domain}} {_INCLUDE} ~all",
        _FAIL,
        *_FOUR_ONLY,
    ),
    _spf(
        "two voids for IPv6 alone", f"v=spf1 a:four0.{{domain}} a:four1.{{domain}} {_INCLUDE} ~all", _WARN, *_FOUR_ONLY
    ),
    _spf("three voids behind the match", f"v=spf1 {_INCLUDE} a:v1.{{domain}} a:v2.{{domain}} a:v3.{{domain}} -all", {}),
    _spf(
        "voids inside an include",
        f"v=spf1 include:v.{{domain}} {_INCLUDE} -all",
        _FAIL,
        txt("v", "v=spf1 a:g1 a:g2 mx:g3 -all"),
    ),
    _spf("mx of ten hosts", f"v=spf1 mx:many.{{domain}} {_INCLUDE} ~all", {}, *_hosts("many", 10)),
    _spf("mx of eleven hosts", f"v=spf1 mx:many.{{domain}} {_INCLUDE} ~all", _FAIL, *_hosts("many", 11)),
    _spf("an include of text that is no SPF", f"v=spf1 include:t.{{domain}} {_INCLUDE} -all", _FAIL, txt("t", "hello")),
    _spf("an include in capitals", "V=SPF1 INCLUDE:SPF.POSTAL.TEST ~ALL", _VIEW),
    _spf(
        "an included record in capitals", f"v=spf1 include:up.{{domain}} {_INCLUDE} -all", {}, txt("up", "V=SPF1 -ALL")
    ),
    _spf(
        "a loop of two", f"v=spf1 include:l.{{domain}} {_INCLUDE} -all", _FAIL, txt("l", "v=spf1 include:{domain} -all")
    ),
    _spf(
        "an include that is a CNAME loop",
        f"v=spf1 include:l1.{{domain}} {_INCLUDE} -all",
        _FAIL,
        "l1 CNAME l2",
        "l2 CNAME l1",
    ),
    _spf("a redirect to nothing", "v=spf1 redirect=gone.{domain}", {**_FAIL, **_VIEW}),
    _spf(
        "IPv6 nibbles by a macro",
        "v=spf1 exists:%{ir}.%{v}.ok.{domain} -all",
        _VIEW,
        "25.2.0.192.in-addr.ok A 127.0.0.2",
        f"{'.'.join('20010db8000000000000000000000025'[::-1])}.ip6.ok A 127.0.0.2",
    ),
    _spf("a macro for explanations alone", f"v=spf1 {_INCLUDE} exists:%{{c}}.{{domain}} ~all", _FAIL),
    _spf("a syntax error beside a name nobody answers for", f"v=spf1 include:x.nowhere {_INCLUDE} foo ~all", _FAIL),
    _spf("?all", f"v=spf1 {_INCLUDE} ?all", _WARN),
    _spf("a blank in front", f" v=spf1 {_INCLUDE} ~all", _WARN),
    _spf("commas", f"v=spf1,{_INCLUDE},~all", _WARN),
    _spf("a dash that is none", f"v=spf1 {_INCLUDE} \u2013all", _FAIL),
    _spf(
        "forty other texts, over TCP",
        f"v=spf1 {_INCLUDE} ~all",
        {},
        *(txt("@", f"{n:03} {'x' * 200}") for n in range(40)),
    ),
    Case("unseen SPF: strings joined", {"spf": '@ TXT "v=spf1 include:spf.po" "stal.test ~all"'}),
    Case("unseen SPF: strings that want a blank", {"spf": '@ TXT "v=spf1" "include:spf.postal.test ~all"'}, _WARN),
    Case("unseen SPF: v=spf10 beside the record", {"more": txt("@", "v=spf10 -all")}),
    Case(
        "unseen SPF: a mx and an apex without IPv6",
        {
            "spf": spf(f"v=spf1 a mx {_INCLUDE} ~all"),
            "more": ["@ A 203.0.113.9", "@ MX 20 four0", "@ MX 30 four1", *_FOUR_ONLY],
        },
        _FAIL,
        code="spf_from.permerror",
        shown="3/2 voids",
    ),
    Case("unseen SPF: only IPv4 leaves", {"spf": spf(f"v=spf1 ip4:{IP4} -all")}, _VIEW, {"sending_ips": (IP4,)}),
    Case(
        "unseen SPF: only IPv6 leaves",
        {"spf": spf(f"v=spf1 ip4:{IP4} -all")},
        {**_WARN, **_VIEW},
        {"sending_ips": (IP6,)},
    ),
)

_KEY_CASES: Final = (
    _key("2048 bits", _LONG_KEY, {}, _LONG_KEY),
    _key("2048 published, 1024 pasted", _LONG_KEY, _BAD_KEY),
    _key_from(
        "in odd strings",
        {},
        f'{NAME} TXT "{_LONG_KEY[:7]}" "{_LONG_KEY[7:200]}" "" "{_LONG_KEY[200:]}"',
        pasted=_LONG_KEY,
    ),
    _key_from("at the doubled name", _BAD_KEY, txt(f"{NAME}.{{domain}}", KEY), shown=f"{NAME}.{{domain}}.{{domain}}"),
    _key_from("without _domainkey", _BAD_KEY, txt(SELECTOR, KEY)),
    _key_from("behind a dangling CNAME", _BAD_KEY, f"{NAME} CNAME nokey.hosted.test."),
    _key_from("in a CNAME loop", _BAD_KEY, f"{NAME} CNAME l2", f"l2 CNAME {NAME}"),
    _key_from("by a wildcard", {}, txt("*._domainkey", KEY)),
    _key_from("a blank that does not break is no blank", _BAD_KEY, f'{NAME} TXT "v=DKIM1;\\194\\160p={RSA_1024}"'),
    _key("semicolons escaped by the panel", KEY.replace(";", "\\;"), _BAD_KEY),
    _key("quotes typed between its strings", f'"{KEY[:100]}" "{KEY[100:]}"', _BAD_KEY),
    _key("p= missing", "v=DKIM1; t=s; h=sha256;", _BAD_KEY),
    _key("p= of blanks", "v=DKIM1; t=s; p= ;", _BAD_KEY),
    _key("tags in capitals", f"V=DKIM1; P={RSA_1024}", _BAD_KEY),
    _key("its end cut off", f"v=DKIM1; p={RSA_1024[:-8]}", _BAD_KEY),
    _key("k=rsa beside a key that is not", f"v=DKIM1; k=rsa; p={ED25519}", _BAD_KEY),
    _key("t=y among others", KEY.replace("t=s", "t=s:y"), {"dkim": "warn", **_NOT_POSTALS}),
    _key("t=y beside another key", f"v=DKIM1; t=y; p={RSA_1024_OTHER}", _BAD_KEY),
    _key("h= empty", f"v=DKIM1; h=; p={RSA_1024}", _BAD_KEY),
    _key("s= for two services", f"v=DKIM1; s=tlsrpt : email; p={RSA_1024}", _NOT_POSTALS),
    _key("pasted as a zone file has it", KEY, {}, f'"{KEY[:90]}" "{KEY[90:]}"'),
    Case(
        "unseen key: missing, and aspf=s",
        {"dkim": None, "dmarc": dmarc(f"v=DMARC1; p=reject; aspf=s; {_REPORTS}")},
        {**_BAD_KEY, "alignment": "fail"},
    ),
    Case(
        "unseen key: missing, and no return path",
        {"dkim": None, "psrp": None},
        {**_BAD_KEY, "alignment": "fail", "return_path": "warn"},
    ),
)

_DMARC_CASES: Final = (
    _dmarc("nothing behind its version", "v=DMARC1", "fail"),
    _dmarc("only tags that nobody knows", "v=DMARC1; foo=bar", "fail"),
    _dmarc("no p, a rua", f"v=DMARC1; {_REPORTS}", "warn"),
    _dmarc("no p, no rua", "v=DMARC1; adkim=s", "fail"),
    _dmarc("pct=99", f"v=DMARC1; p=reject; pct=99; {_REPORTS}", "warn"),
    _dmarc("pct=100", f"v=DMARC1; p=reject; pct=100; {_REPORTS}", "pass"),
    _dmarc("pct=101 counts as none", f"v=DMARC1; p=reject; pct=101; {_REPORTS}", "pass"),
    _dmarc("its version behind p", f"p=reject; v=DMARC1; {_REPORTS}", "warn"),
    _dmarc("v=DMARC10", f"v=DMARC10; p=reject; {_REPORTS}", "warn"),
    _dmarc("a rua without mailto", "v=DMARC1; p=reject; rua=a@{domain}", "warn"),
    _dmarc("one rua of two without consent", f"v=DMARC1; p=reject; {_REPORTS},mailto:a@hosted.test", "warn"),
    _dmarc("a consent of another version", "v=DMARC1; p=reject; rua=mailto:a@nospf.test", "warn"),
    _dmarc("two, one of them empty", f"v=DMARC1; p=reject; {_REPORTS}", "fail", dmarc("v=DMARC1")),
    _dmarc("beside other texts", f"v=DMARC1; p=reject; {_REPORTS}", "pass", dmarc("hello"), dmarc("v=DMARC2; p=none")),
    _dmarc("a blank that does not break", f"v=DMARC1;\u00a0p=reject; {_REPORTS}", "warn"),
    Case("unseen DMARC: behind a dangling CNAME", {"dmarc": "_dmarc CNAME gone"}, {"dmarc": "warn"}),
)

_INSTALLED: Final = [f"inst A {IP4}", f"inst AAAA {IP6}", "inst MX 10 mx.postal.test."]
_OTHER_CASES: Final = (
    _path("right", {}, *_INSTALLED, txt("inst", f"v=spf1 {_INCLUDE} -all")),
    _path(
        "10 terms are no weakness there",
        {},
        *_INSTALLED,
        txt("inst", f"v=spf1 {' '.join([_OTHER] * 9)} {_INCLUDE} -all"),
    ),
    _path(
        "11 terms",
        {"spf_mailfrom": "fail"},
        *_INSTALLED,
        txt("inst", f"v=spf1 {' '.join([_OTHER] * 10)} {_INCLUDE} -all"),
    ),
    _path(
        "its include is gone", {"spf_mailfrom": "fail"}, *_INSTALLED, txt("inst", "v=spf1 include:gone.{domain} -all")
    ),
    _path("neutral", {"spf_mailfrom": "fail"}, *_INSTALLED, txt("inst", f"v=spf1 ?{_INCLUDE}")),
    _path("IPv4 alone", {"spf_mailfrom": "fail"}, *_INSTALLED, txt("inst", f"v=spf1 ip4:{IP4} -all")),
    _path(
        "an MX that leads nowhere",
        {"rp_mx": "fail"},
        *_INSTALLED[:2],
        "inst MX 10 gone",
        txt("inst", f"v=spf1 {_INCLUDE} -all"),
    ),
    _path("an address in IPv6 and no MX", {"rp_mx": "warn"}, _INSTALLED[1], txt("inst", f"v=spf1 {_INCLUDE} -all")),
    _path("neither", {"rp_mx": "fail"}, txt("inst", f"v=spf1 {_INCLUDE} -all")),
    _path("dangling", {"return_path": "fail", "spf_mailfrom": "fail", "rp_mx": "fail"}),
    Case(
        "unseen installation: its key carries mail of the same organisation",
        {
            "dkim": None,
            "psrp": "psrp CNAME inst",
            "more": [*_INSTALLED, txt("inst", f"v=spf1 {_INCLUDE} -all"), txt("postal._domainkey.inst", KEY)],
        },
        {**_BAD_KEY, "alignment": "pass"},
        {"return_path_target": "inst.{domain}"},
    ),
    Case(
        "unseen installation: and does not under adkim=s",
        {
            "dkim": None,
            "psrp": "psrp CNAME inst",
            "dmarc": dmarc(f"v=DMARC1; p=reject; adkim=s; {_REPORTS}"),
            "more": [*_INSTALLED, txt("inst", f"v=spf1 {_INCLUDE} -all"), txt("postal._domainkey.inst", KEY)],
        },
        _BAD_KEY,
        {"return_path_target": "inst.{domain}"},
    ),
    Case("unseen: bare AAAA at the return path", {"psrp": f"psrp AAAA {IP6}"}, {"return_path": "fail"}),
    Case("unseen: MX in a CNAME loop", {"mx": ["@ MX 10 l1", "l1 CNAME l2", "l2 CNAME l1"]}, {"mx": "fail"}),
    Case("unseen: MX behind a dangling CNAME", {"mx": ["@ MX 10 m", "m CNAME gone"]}, {"mx": "fail"}),
    Case("unseen: MX with IPv6 alone", {"mx": ["@ MX 10 m", "m AAAA 2001:db8::7"]}),
    Case("unseen: MX that is an IPv6 address", {"mx": "@ MX 10 2001:db8::1."}, {"mx": "fail"}),
    Case("unseen: one of Postal's two MX", {}, _VIEW, {"mx": ("mx.postal.test", "mx2.postal.test")}),
    Case("unseen: a token in two strings", {"own": '@ TXT "postal-verification " "Zx81Qm4TnB6cVr2Ls9Wk3Ht7Yp5Gd0Jf"'}),
    Case("unseen: a token in small letters", {"own": txt("@", TOKEN.lower())}, {"ownership": "fail"}),
    Case("unseen: HELO pasted in capitals with a dot", {}, {}, {"helo": "Helo.Postal.Test."}),
    Case(
        "unseen: a name server that is a CNAME, one without address",
        {"more": ["@ NS nsc", "nsc CNAME ns1", "@ NS nsnone"]},
    ),
    Case("unseen: wildcard texts everywhere", {"more": txt("*", "v=spf1 -all")}),
    Case("unseen: wildcard texts in place of the key", {"more": txt("*", "v=spf1 -all"), "dkim": None}, _BAD_KEY),
    Case("unseen: a backslash in the selector", {}, _BAD_KEY, {"dkim_selector": "postal\\-a1b2c3"}),
    Case(
        "unseen: two of everything, and the key revoked",
        {"more": [txt("@", "v=spf1 -all"), dmarc("v=DMARC1; p=none")], "dkim": dkim("v=DKIM1; p=")},
        {**_BAD_KEY, **_FAIL, "dmarc": "fail"},
    ),
)

UNSEEN_CASES: Final = (*_SPF_CASES, *_KEY_CASES, *_DMARC_CASES, *_OTHER_CASES)
