"""Zones as data: what stands in each, and the verdict of every check on it.

``GOOD`` is a zone with nothing wrong. A case changes single records of it by their key, for both name servers or for
the second alone, and states the verdicts that differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tests.network.dns.keys import ED25519, RSA_512, RSA_1024, RSA_1024_OTHER, RSA_2048

Records: TypeAlias = "dict[str, str | list[str] | None]"

IP4: Final = "192.0.2.25"
IP6: Final = "2001:db8::25"
TOKEN: Final = "postal-verification Zx81Qm4TnB6cVr2Ls9Wk3Ht7Yp5Gd0Jf"
KEY: Final = f"v=DKIM1; t=s; h=sha256; p={RSA_1024};"
SELECTOR: Final = "postal-a1b2c3"
NAME: Final = f"{SELECTOR}._domainkey"


def txt(name: str, value: str) -> str:
    """Write a TXT record as a zone file wants it: strings of 250 characters, quotes escaped."""
    value = value.replace("\\", "\\\\").replace('"', '\\"')
    parts = [value[at : at + 250] for at in range(0, len(value), 250)] or [""]
    return f"{name} TXT " + " ".join(f'"{part}"' for part in parts)


def spf(value: str) -> str:
    return txt("@", value)


def dkim(value: str) -> str:
    return txt(NAME, value)


def dmarc(value: str) -> str:
    return txt("_dmarc", value)


GOOD: Final[Records] = {
    "spf": spf("v=spf1 include:spf.postal.test ~all"),
    "own": txt("@", TOKEN),
    "mx": "@ MX 10 mx.postal.test.",
    "dkim": dkim(KEY),
    "psrp": "psrp CNAME rp.postal.test.",
    "dmarc": dmarc("v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}"),
}
_UPPER: Final = "domain", "ownership", "spf_from", "spf_mailfrom", "dkim", "dmarc"
_LOWER: Final = "alignment", "return_path", "rp_mx", "mx", "ptr", "postal_view"
ALL_PASS: Final = dict.fromkeys((*_UPPER, *_LOWER), "pass")


@dataclass(frozen=True)
class Case:
    what: str
    records: Records = field(default_factory=dict)
    expect: dict[str, str] = field(default_factory=dict)
    draft: dict[str, object] = field(default_factory=dict)
    second: Records | None = None
    """Changes on the second name server alone."""
    said: str = ""
    """What some finding must say."""
    domain: str = ""
    """Judged instead of the zone's own name."""

    def verdicts(self) -> dict[str, str]:
        return ALL_PASS | self.expect


NO_KEY: Final = {"dkim": "fail", "alignment": "warn", "postal_view": "warn"}
NO_PSRP: Final = {"return_path": "warn"}
NO_TAGS = "v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}; "


def bad_key(value: str | None, what: str, said: str = "") -> Case:
    return Case(what, {"dkim": None if value is None else dkim(value)}, NO_KEY, said=said)


CASES: Final = (
    Case("a good zone"),
    Case("a good zone with mail from IPv4 alone", draft={"sending_ips": (IP4,)}),
    # The From domain's SPF
    Case("no SPF record", {"spf": None}, {"spf_from": "warn", "postal_view": "warn"}),
    Case(
        "an SPF record at the doubled name",
        {"spf": txt("{domain}", "v=spf1 include:spf.postal.test ~all")},
        {"spf_from": "warn", "postal_view": "warn"},
        said="it stands at {domain}.{domain}",
    ),
    Case(
        "two SPF records",
        {"spf": [spf("v=spf1 include:spf.postal.test ~all"), spf("v=spf1 -all")]},
        {"spf_from": "fail"},
        said="2 SPF records",
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
        said="10 of 10",
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
        said="11 in the whole tree",
    ),
    Case("one void", {"spf": spf("v=spf1 a:none.{domain} include:spf.postal.test ~all")}),
    Case(
        "two voids",
        {"spf": spf("v=spf1 a:none.{domain} a:nil.{domain} include:spf.postal.test ~all")},
        {"spf_from": "warn"},
        said="a:nil",
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
        said="over IPv6",
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
    bad_key(None, "no key"),
    bad_key("v=DKIM1; p=", "a revoked key", "revokes"),
    bad_key(f"v=DKIM1; p={RSA_1024_OTHER}", "another key", "another key"),
    bad_key(f"v=DKIM1; p={RSA_1024[:-30]}", "half a key"),
    bad_key(f"v=DKIM1; p={RSA_1024[:50]}*{RSA_1024[51:]}", "a key that is not base64", "after 50 characters"),
    bad_key(f'"v=DKIM1; p={RSA_1024}"', "a key with quotes typed in", "quotes"),
    bad_key(f"v=DKIM1; k=ed25519; p={ED25519}", "a key of another kind"),
    bad_key(f"v=DKIM1; p={ED25519}", "an Ed25519 key said to be RSA"),
    bad_key(f"v=DKIM1; h=sha1; p={RSA_1024}", "a key without sha256"),
    bad_key(f"v=DKIM1; s=tlsrpt; p={RSA_1024}", "a key not for e-mail"),
    bad_key(f"p={RSA_1024}; v=DKIM1", "a version that is not first"),
    bad_key(f"v=DKIM2; p={RSA_1024}", "another version"),
    bad_key("some other text", "another text at the key's name"),
    Case(
        "a key of 512 bits",
        {"dkim": dkim(f"v=DKIM1; p={RSA_512}")},
        {"dkim": "fail", "alignment": "warn"},
        draft={"dkim_value": f"v=DKIM1; p={RSA_512};"},
        said="512 bits",
    ),
    Case(
        "two keys",
        {"dkim": [dkim(KEY), dkim(f"v=DKIM1; p={RSA_1024_OTHER}")]},
        NO_KEY,
        said="2 TXT records",
    ),
    Case("the key at the doubled name", {"dkim": txt(f"{NAME}.{{domain}}", KEY)}, NO_KEY, said="appends the domain"),
    Case("a key for testing", {"dkim": dkim(KEY.replace("t=s", "t=y:s"))}, {"dkim": "warn", "postal_view": "warn"}),
    Case(
        "a key with other spacing",
        {"dkim": dkim(f"v=DKIM1;k=rsa;p={RSA_1024[:60]} {RSA_1024[60:]}")},
        {"postal_view": "warn"},
    ),
    Case(
        "a key of 2048 bits in two strings",
        {"dkim": dkim(f"v=DKIM1; t=s; h=sha256; p={RSA_2048};")},
        draft={"dkim_value": f"v=DKIM1; t=s; h=sha256; p={RSA_2048};"},
        said="2048 bits",
    ),
    Case(
        "a key behind a CNAME",
        {"dkim": f"{NAME} CNAME key.hosted.test."},
        {"postal_view": "warn"},
        said="key.hosted.test",
    ),
    Case("a key behind a CNAME loop", {"dkim": [f"{NAME} CNAME l1", "l1 CNAME l2", "l2 CNAME l1"]}, NO_KEY),
    Case(
        "a key on one name server alone",
        {},
        {"dkim": "warn", "postal_view": "warn"},
        second={"dkim": None},
        said="not yet on every",
    ),
    # The return path
    Case("no return path", {"psrp": None}, NO_PSRP),
    Case(
        "a return path elsewhere",
        {"psrp": "psrp CNAME rp.hosted.test."},
        {"return_path": "fail", "postal_view": "warn"},
    ),
    Case(
        "a return path to nowhere",
        {"psrp": "psrp CNAME gone.hosted.test."},
        {"return_path": "fail", "postal_view": "warn"},
        said="does not exist",
    ),
    Case(
        "a return path by two hops",
        {"psrp": ["psrp CNAME hop", "hop CNAME rp.postal.test."]},
        {"return_path": "warn", "postal_view": "warn"},
    ),
    Case(
        "a return path in a loop",
        {"psrp": ["psrp CNAME l1", "l1 CNAME psrp"]},
        {"return_path": "fail", "postal_view": "warn"},
    ),
    Case(
        "a bare address in place of the return path",
        {"psrp": "psrp A 198.51.100.1"},
        {"return_path": "fail"},
        said="bare",
    ),
    Case(
        "full records in place of the return path",
        {"psrp": ["psrp MX 10 mx.postal.test.", txt("psrp", "v=spf1 include:spf.postal.test ~all"), f"psrp A {IP4}"]},
        NO_PSRP,
    ),
    Case(
        "a return path at the doubled name",
        {"psrp": "psrp.{domain} CNAME rp.postal.test."},
        NO_PSRP,
        said="appends the domain",
    ),
    Case(
        "a return path on one name server alone",
        {},
        {"return_path": "warn", "postal_view": "warn", "spf_mailfrom": "pass"},
        second={"psrp": "psrp CNAME rp.hosted.test."},
        said="not yet on every",
    ),
    Case("no return path and no key", {"psrp": None, "dkim": None}, {**NO_KEY, **NO_PSRP, "alignment": "fail"}),
    Case(
        "a return path under aspf=s, and no key",
        {"dkim": None, "dmarc": dmarc(NO_TAGS + "aspf=s")},
        {**NO_KEY, "alignment": "fail"},
    ),
    # DMARC
    Case("no DMARC record", {"dmarc": None}, {"dmarc": "warn"}),
    Case(
        "DMARC at the doubled name",
        {"dmarc": txt("_dmarc.{domain}", "v=DMARC1; p=reject")},
        {"dmarc": "warn"},
        said="appends",
    ),
    Case("DMARC with p=none", {"dmarc": dmarc("v=DMARC1; p=none; rua=mailto:d@{domain}")}, {"dmarc": "warn"}),
    Case("DMARC with a rua and no p", {"dmarc": dmarc("v=DMARC1; rua=mailto:d@{domain}")}, {"dmarc": "warn"}),
    Case("DMARC without rua", {"dmarc": dmarc("v=DMARC1; p=reject")}, {"dmarc": "warn"}),
    Case("DMARC with a bad rua", {"dmarc": dmarc("v=DMARC1; p=reject; rua=d@{domain}")}, {"dmarc": "warn"}),
    Case("DMARC with t=y", {"dmarc": dmarc(NO_TAGS + "t=y")}, {"dmarc": "warn"}),
    Case("DMARC with pct", {"dmarc": dmarc(NO_TAGS + "pct=50")}, {"dmarc": "warn"}),
    Case("DMARC with bad optional tags", {"dmarc": dmarc(NO_TAGS + "sp=bogus; pct=x; adkim=q; nonsense")}),
    Case("DMARC with a weak sp of its own", {"dmarc": dmarc(NO_TAGS + "sp=none")}),
    Case(
        "DMARC with a foreign rua that agrees",
        {"dmarc": dmarc("v=DMARC1; p=reject; rua=mailto:d@agrees.test")},
        said="agrees to it",
    ),
    Case(
        "DMARC with a foreign rua that does not",
        {"dmarc": dmarc("v=DMARC1; p=reject; rua=mailto:d@hosted.test")},
        {"dmarc": "warn"},
    ),
    Case("two DMARC records", {"dmarc": [dmarc("v=DMARC1; p=none"), dmarc("v=DMARC1; p=reject")]}, {"dmarc": "fail"}),
    Case("DMARC with nothing usable", {"dmarc": dmarc("v=DMARC1; nonsense=1")}, {"dmarc": "fail"}),
    Case("DMARC beside another text", {"dmarc": [dmarc(NO_TAGS), dmarc("other")]}),
    Case(
        "a subdomain that inherits DMARC",
        {
            "sub": [
                txt("sub", TOKEN),
                txt("sub", "v=spf1 include:spf.postal.test ~all"),
                "sub MX 10 mx.postal.test.",
                txt(f"{NAME}.sub", KEY),
                "psrp.sub CNAME rp.postal.test.",
            ]
        },
        domain="sub.{domain}",
        said="inherited from {zone}",
    ),
    Case(
        "a subdomain that inherits a weaker sp",
        {
            "dmarc": dmarc(NO_TAGS + "sp=none"),
            "sub": [
                txt("sub", TOKEN),
                txt("sub", "v=spf1 include:spf.postal.test ~all"),
                "sub MX 10 mx.postal.test.",
                txt(f"{NAME}.sub", KEY),
                "psrp.sub CNAME rp.postal.test.",
            ],
        },
        {"dmarc": "warn"},
        domain="sub.{domain}",
    ),
    # Ownership and MX
    Case("no ownership record", {"own": None}, {"ownership": "warn"}),
    Case("another token", {"own": txt("@", "postal-verification " + "x" * 32)}, {"ownership": "fail"}),
    Case(
        "the token at the prefix's own name",
        {"own": txt("postal-verification", TOKEN)},
        {"ownership": "warn"},
        said="Move it",
    ),
    Case("no MX", {"mx": None}, {"mx": "warn"}),
    Case("a null MX", {"mx": "@ MX 0 ."}, {"mx": "warn"}),
    Case("an MX that is a CNAME", {"mx": ["@ MX 10 m", "m CNAME mx.postal.test."]}, {"mx": "warn"}),
    Case("one MX host of two without address", {"mx": ["@ MX 10 mx.postal.test.", "@ MX 20 none"]}, {"mx": "warn"}),
    Case("no MX host with an address", {"mx": "@ MX 10 none"}, {"mx": "fail"}),
    Case("an MX of others", {"mx": ["@ MX 10 m", "m A 198.51.100.3"]}),
    # The installation
    Case(
        "a return-path host without SPF",
        {"psrp": "psrp CNAME rp.nospf.test."},
        {"spf_mailfrom": "fail"},
        draft={"return_path_target": "rp.nospf.test"},
    ),
    Case(
        "a return-path host with an address and no MX",
        {"psrp": "psrp CNAME rp.nomx.test."},
        {"rp_mx": "warn"},
        draft={"return_path_target": "rp.nomx.test"},
    ),
    Case(
        "a return-path host that does not exist",
        {"psrp": "psrp CNAME rp.gone.hosted.test."},
        {"rp_mx": "fail", "spf_mailfrom": "fail", "return_path": "fail"},
        draft={"return_path_target": "rp.gone.hosted.test"},
    ),
    Case(
        "a fallback key that aligns, in a set-up under one domain",
        {
            "dkim": None,
            "rp": [
                "rp MX 10 mx.postal.test.",
                txt("rp", "v=spf1 include:spf.postal.test -all"),
                txt("postal._domainkey.rp", KEY),
            ],
            "psrp": "psrp CNAME rp",
        },
        {**NO_KEY, "alignment": "pass"},
        draft={"return_path_target": "rp.{domain}"},
    ),
    Case(
        "the same under adkim=s",
        {
            "dkim": None,
            "rp": [
                "rp MX 10 mx.postal.test.",
                txt("rp", "v=spf1 include:spf.postal.test -all"),
                txt("postal._domainkey.rp", KEY),
            ],
            "psrp": "psrp CNAME rp",
            "dmarc": dmarc(NO_TAGS + "adkim=s"),
        },
        {**NO_KEY, "alignment": "warn"},
        draft={"return_path_target": "rp.{domain}"},
    ),
    # Reverse names
    Case("another HELO name", {}, {"ptr": "warn"}, draft={"helo": "other.postal.test"}),
    Case(
        "no reverse name",
        {},
        {"ptr": "fail", "spf_from": "warn", "spf_mailfrom": "fail"},
        draft={"sending_ips": ("192.0.2.99",)},
    ),
    Case("a reverse name that does not lead back", {}, {"ptr": "fail"}, draft={"sending_ips": ("192.0.2.26",)}),
    # What was not told
    Case(
        "no key pasted",
        {},
        {"dkim": "skip", "alignment": "skip", "postal_view": "skip"},
        draft={"dkim_value": ""},
        said="domain.dkim_value",
    ),
    Case(
        "no return-path host told",
        {},
        {"spf_mailfrom": "skip", "return_path": "skip", "rp_mx": "skip", "postal_view": "skip"},
        draft={"return_path_target": ""},
        said="domain.return_path_target",
    ),
    Case(
        "no sending addresses told",
        {},
        {"spf_from": "skip", "spf_mailfrom": "skip", "ptr": "skip"},
        draft={"sending_ips": ()},
        said="domain.sending_ips",
    ),
    Case("no HELO name told", {}, {"ptr": "skip"}, draft={"helo": ""}, said="domain.helo"),
    Case("no ownership text pasted", {}, {"ownership": "skip"}, draft={"ownership": ""}),
    # The domain
    Case(
        "a domain that does not exist",
        {},
        {
            "domain": "fail",
            "ownership": "warn",
            "spf_from": "fail",
            "spf_mailfrom": "skip",
            "dkim": "fail",
            "dmarc": "fail",
            "alignment": "fail",
            "return_path": "fail",
            "rp_mx": "skip",
            "mx": "fail",
            "postal_view": "warn",
        },
        domain="nothing-here.{domain}",
    ),
    Case(
        "a zone that its servers refuse",
        {},
        dict.fromkeys(ALL_PASS, "unknown") | {"ptr": "pass"},
        domain="refused.example",
    ),
)

SHARED: Final = {
    "test": ["@ A 192.0.2.1"],
    "postal.test": [
        "@ A 192.0.2.25",
        f"helo A {IP4}",
        f"helo AAAA {IP6}",
        "mx A 192.0.2.30",
        "mx AAAA 2001:db8::30",
        "rp MX 10 mx",
        f"rp A {IP4}",
        f"rp AAAA {IP6}",
        txt("rp", "v=spf1 a mx include:spf.postal.test ~all"),
        txt("postal._domainkey.rp", KEY),
        txt("spf", f"v=spf1 ip4:{IP4} ip4:192.0.2.26 ip6:{IP6} -all"),
        txt("nested", "v=spf1 include:spf.postal.test -all"),
    ],
    "hosted.test": [txt("key", KEY), "rp A 198.51.100.4", "rp MX 10 rp", txt("rp", "v=spf1 a -all")],
    "nospf.test": ["rp MX 10 mx.postal.test."],
    "nomx.test": [f"rp A {IP4}", txt("rp", "v=spf1 include:spf.postal.test -all")],
    "agrees.test": [txt("*._report._dmarc", "v=DMARC1")],
    "2.0.192.in-addr.arpa": ["25 PTR helo.postal.test.", "26 PTR helo.postal.test."],
    "8.b.d.0.1.0.0.2.ip6.arpa": ["5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR helo.postal.test."],
}
"""Zones that are the same for every case: the Postal installation, and others that cases lead to."""

CHANGING: Final = "later.test", "gone.test", "halfway.test"
"""Zones that a test changes while it runs: they begin without a key."""


def domain_of(at: int) -> str:
    return f"case{at:02}.test"


def zone_text(domain: str, records: Records, serial: int, negative_ttl: int = 30) -> str:
    """Return the zone file of one case."""
    lines = [
        f"$ORIGIN {domain}.",
        "$TTL 60",
        f"@ SOA ns1.{domain}. hostmaster.{domain}. {serial} 3600 600 86400 {negative_ttl}",
        "@ NS ns1",
        "@ NS ns2",
        "ns1 A 127.0.0.1",
        "ns2 A 127.0.0.2",
    ]
    for value in records.values():
        lines += [] if value is None else [value] if isinstance(value, str) else value
    return "\n".join(line.replace("{domain}", domain) for line in lines).replace("{{", "{").replace("}}", "}") + "\n"
