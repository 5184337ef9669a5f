"""Zones and their verdicts: return path, DMARC, the installation, reverse names, what was not told."""

from __future__ import annotations

from typing import Final

from tests.checks.dns.cases_records import NO_KEY
from tests.checks.dns.zones import ALL_PASS, IP4, KEY, NAME, TOKEN, Case, dmarc, txt

NO_PSRP: Final = {"return_path": "warn"}
NO_TAGS = "v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}; "

OTHER_CASES: Final = (
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
        code="return_path.dangling",
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
        code="return_path.bare_address",
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
        code="return_path.doubled_name",
    ),
    Case(
        "a return path on one name server alone",
        {},
        {"return_path": "warn", "alignment": "warn", "postal_view": "warn", "spf_mailfrom": "pass"},
        second={"psrp": "psrp CNAME rp.hosted.test."},
        code="return_path.not_everywhere",
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
        code="dmarc.doubled_name",
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
        code="dmarc.enforced",
        shown="agrees.test",
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
        shown="inherited from {zone}",
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
        code="ownership.misplaced",
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
    # What was not given
    Case(
        "no key pasted",
        {},
        {"dkim": "skip", "alignment": "skip", "postal_view": "skip"},
        draft={"dkim_value": ""},
        code="alignment.no_value",
        shown="domain.dkim_value",
    ),
    Case(
        "no return-path host given",
        {},
        {"spf_mailfrom": "skip", "return_path": "skip", "rp_mx": "skip", "postal_view": "skip"},
        draft={"return_path_target": ""},
        code="rp_mx.no_value",
        shown="domain.return_path_target",
    ),
    Case(
        "no sending addresses given",
        {},
        {"spf_from": "skip", "spf_mailfrom": "skip", "ptr": "skip"},
        draft={"sending_ips": ()},
        code="spf_mailfrom.no_value",
        shown="domain.sending_ips",
    ),
    Case("no HELO name given", {}, {"ptr": "skip"}, draft={"helo": ""}, code="ptr.no_value", shown="domain.helo"),
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
