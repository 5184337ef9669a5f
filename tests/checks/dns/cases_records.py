"""Zones and their verdicts: the From domain's SPF, and the key."""

from __future__ import annotations

from typing import Final

from tests.checks.dns.keys import ED25519, RSA_512, RSA_1024, RSA_1024_OTHER, RSA_2048
from tests.checks.dns.zones import IP4, IP6, KEY, NAME, Case, dkim, spf, txt

NO_KEY: Final = {"dkim": "fail", "alignment": "warn", "postal_view": "warn"}
NOT_POSTALS: Final = {"alignment": "warn", "postal_view": "warn"}
"""Receivers accept the key, Postal's own check does not: it signs with the fallback key, and SPF alone aligns."""


def bad_key(value: str | None, what: str, code: str) -> Case:
    return Case(what, {"dkim": None if value is None else dkim(value)}, NO_KEY, code=f"dkim.{code}")


RECORD_CASES: Final = (
    Case("a good zone"),
    Case("a good zone with mail from IPv4 alone", draft={"sending_ips": (IP4,)}),
    # The From domain's SPF
    Case("no SPF record", {"spf": None}, {"spf_from": "warn", "postal_view": "warn"}),
    Case(
        "an SPF record at the doubled name",
        {"spf": txt("{domain}", "v=spf1 include:spf.postal.test ~all")},
        {"spf_from": "warn", "postal_view": "warn"},
        code="spf_from.doubled_name",
        shown="{domain}.{domain}",
    ),
    Case(
        "two SPF records",
        {"spf": [spf("v=spf1 include:spf.postal.test ~all"), spf("v=spf1 -all")]},
        {"spf_from": "fail"},
        code="spf_from.several",
    ),
    Case(
        "an SPF record of others",
        {"spf": spf("v=spf1 ip4:198.51.100.1 -all")},
        {"spf_from": "warn", "postal_view": "warn"},
    ),
    Case("SPF by ip4 and ip6", {"spf": spf(f"v=spf1 ip4:{IP4} ip6:{IP6} -all")}, {"postal_view": "warn"}),
    Case("SPF by a nested include", {"spf": spf("v=spf1 include:nested.postal.test -all")}, {"postal_view": "warn"}),
    Case("SPF in upper case", {"spf": spf("V=SPF1 INCLUDE:SPF.postal.test ~ALL")}, {"postal_view": "warn"}),
    Case("+all", {"spf": spf("v=spf1 include:spf.postal.test +all")}, {"spf_from": "fail"}),
    Case("a bare all", {"spf": spf("v=spf1 all")}, {"spf_from": "fail", "postal_view": "warn"}),
    Case("?all", {"spf": spf("v=spf1 include:spf.postal.test ?all")}, {"spf_from": "warn"}),
    Case(
        "an SPF syntax error after the match",
        {"spf": spf("v=spf1 include:spf.postal.test ipv4:192.0.2.1 -all")},
        {"spf_from": "fail"},
    ),
    Case(
        "an SPF include of itself",
        {"spf": spf("v=spf1 include:{domain} -all")},
        {"spf_from": "fail", "postal_view": "warn"},
    ),
    Case(
        "an SPF include of no record",
        {"spf": spf("v=spf1 include:nothing.{domain} include:spf.postal.test -all")},
        {"spf_from": "fail"},
    ),
    Case(
        "an SPF redirect to no record",
        {"spf": spf("v=spf1 redirect=nothing.{domain}")},
        {"spf_from": "fail", "postal_view": "warn"},
    ),
    Case(
        "an SPF redirect to Postal",
        {"spf": spf("v=spf1 redirect=spf.postal.test")},
        {"postal_view": "warn"},
    ),
    Case(
        "ten SPF terms",
        {
            "spf": spf("v=spf1 " + " ".join(["a"] * 9) + " include:spf.postal.test ~all"),
            "a": ["@ A 198.51.100.7", "@ AAAA 2001:db8:1::7"],
        },
        {"spf_from": "warn"},
        code="spf_from.near_term_limit",
        shown="10 of 10",
    ),
    Case(
        "eleven SPF terms",
        {
            "spf": spf("v=spf1 " + " ".join(["a"] * 10) + " include:spf.postal.test ~all"),
            "a": ["@ A 198.51.100.7", "@ AAAA 2001:db8:1::7"],
        },
        {"spf_from": "fail"},
    ),
    Case(
        "more than ten SPF terms in the whole tree, the match before them",
        {"spf": spf("v=spf1 include:spf.postal.test " + " ".join(["a"] * 10) + " ~all")},
        {"spf_from": "warn"},
        code="spf_from.near_term_limit",
        shown="11 in the whole tree",
    ),
    Case("one void", {"spf": spf("v=spf1 a:none.{domain} include:spf.postal.test ~all")}),
    Case(
        "two voids",
        {"spf": spf("v=spf1 a:none.{domain} a:nil.{domain} include:spf.postal.test ~all")},
        {"spf_from": "warn"},
        code="spf_from.near_void_limit",
        shown="a:nil",
    ),
    Case(
        "three voids",
        {"spf": spf("v=spf1 a:none.{domain} a:nil.{domain} a:no.{domain} include:spf.postal.test ~all")},
        {"spf_from": "fail"},
    ),
    Case(
        "Postal's own suggestion where nothing has an AAAA",
        {
            "spf": spf("v=spf1 a mx include:spf.postal.test ~all"),
            "a": "@ A 198.51.100.7",
            "mx": ["@ MX 10 mx1", "@ MX 20 mx2", "mx1 A 198.51.100.8", "mx2 A 198.51.100.9"],
        },
        {"spf_from": "fail"},
        draft={"mx": ()},
        code="spf_from.permerror",
        shown="over IPv6",
    ),
    Case(
        "eleven MX hosts in one SPF mx",
        {
            "spf": spf("v=spf1 mx include:spf.postal.test ~all"),
            "mx": [f"@ MX {n} mx.postal.test." for n in range(1)]
            + [f"@ MX 10 m{n}" for n in range(10)]
            + [f"m{n} A 198.51.100.{n}" for n in range(10)],
        },
        {"spf_from": "fail"},
    ),
    Case(
        "an SPF macro",
        {"spf": spf("v=spf1 exists:%{{i}}.allowed.postal.test include:spf.postal.test -all")},
    ),
    # The key
    bad_key(None, "no key", "missing"),
    bad_key("v=DKIM1; p=", "a revoked key", "revoked"),
    bad_key(f"v=DKIM1; p={RSA_1024_OTHER}", "another key", "other_key"),
    bad_key(f"v=DKIM1; p={RSA_1024[:-30]}", "half a key", "not_base64"),
    bad_key(f"v=DKIM1; p={RSA_1024[:-32]}", "a key without its end", "broken"),
    bad_key(f"v=DKIM1; p={RSA_1024[:50]}*{RSA_1024[51:]}", "a key that is not base64", "not_base64"),
    bad_key(f'"v=DKIM1; p={RSA_1024}"', "a key with quotes typed in", "quotes_typed"),
    bad_key(f"v=DKIM1; k=ed25519; p={ED25519}", "a key of another kind", "wrong_type"),
    bad_key(f"v=DKIM1; p={ED25519}", "an Ed25519 key said to be RSA", "wrong_type"),
    bad_key(f"v=DKIM1; h=sha1; p={RSA_1024}", "a key without sha256", "wrong_hash"),
    bad_key(f"v=DKIM1; s=tlsrpt; p={RSA_1024}", "a key not for e-mail", "wrong_service"),
    bad_key(f"p={RSA_1024}; v=DKIM1", "a version that is not first", "wrong_version"),
    bad_key(f"v=DKIM2; p={RSA_1024}", "another version", "wrong_version"),
    bad_key("some other text", "another text at the key's name", "malformed"),
    Case(
        "a key of 512 bits",
        {"dkim": dkim(f"v=DKIM1; p={RSA_512}")},
        {"dkim": "fail", "alignment": "warn"},
        draft={"dkim_value": f"v=DKIM1; p={RSA_512};"},
        code="dkim.too_short",
        shown="512 bits",
    ),
    Case(
        "two keys",
        {"dkim": [dkim(KEY), dkim(f"v=DKIM1; p={RSA_1024_OTHER}")]},
        NO_KEY,
        code="dkim.several",
    ),
    Case("the key at the doubled name", {"dkim": txt(f"{NAME}.{{domain}}", KEY)}, NO_KEY, code="dkim.doubled_name"),
    Case("a key for testing", {"dkim": dkim(KEY.replace("t=s", "t=y:s"))}, {"dkim": "warn", **NOT_POSTALS}),
    Case(
        "a key with other spacing",
        {"dkim": dkim(f"v=DKIM1;k=rsa;p={RSA_1024[:60]} {RSA_1024[60:]}")},
        NOT_POSTALS,
    ),
    Case(
        "a key of 2048 bits in two strings",
        {"dkim": dkim(f"v=DKIM1; t=s; h=sha256; p={RSA_2048};")},
        draft={"dkim_value": f"v=DKIM1; t=s; h=sha256; p={RSA_2048};"},
        shown="2048 bits",
    ),
    Case(
        "a key behind a CNAME",
        {"dkim": f"{NAME} CNAME key.hosted.test."},
        NOT_POSTALS,
        shown="key.hosted.test",
    ),
    Case("a key behind a CNAME loop", {"dkim": [f"{NAME} CNAME l1", "l1 CNAME l2", "l2 CNAME l1"]}, NO_KEY),
    Case(
        "a key on one name server alone",
        {},
        {"dkim": "warn", "alignment": "warn", "postal_view": "warn"},
        second={"dkim": None},
        code="dkim.not_everywhere",
    ),
)
