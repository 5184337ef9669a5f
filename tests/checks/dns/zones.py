"""How a zone of the test network is written, and the zones that are the same for all cases.

``GOOD`` is a zone with nothing wrong. A case changes single records of it by their key, for both name servers or for
the second alone, and states the verdicts that differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tests.checks.dns.keys import RSA_1024

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
    code: str = ""
    """An outcome that some finding must have."""
    shown: str = ""
    """A value (a name, a count) that some finding must show."""
    domain: str = ""
    """Judged instead of the zone's own name."""

    def verdicts(self) -> dict[str, str]:
        return ALL_PASS | self.expect


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

CHANGING: Final = "later.test", "gone.test", "halfway.test", "watched.test"
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
